// Packing by tables: strips of a matrix whose element (lane, step) lies at
// `base + lanes[lane] + steps[step]`, such as the windows of an image. Where
// neighbours in the matrix are neighbours in memory, vectors are copied.

import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import { advance, num, repeat } from "./gemm_code.ts";
import { type FloatType, locals } from "./gemm_tile.ts";

/** Bytes of the lower halves of two vectors of 32-bit lanes, alternating. */
const LOW = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
/** As {@linkcode LOW} for the upper halves. */
const HIGH = LOW.map((byte) => byte + 8);
/** The lower 64 bits of two vectors. */
const LOW_64 = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
/** The upper 64 bits of two vectors. */
const HIGH_64 = LOW_64.map((byte) => byte + 8);

/** Steps that are written out where lanes are copied. */
const UNROLL = 8;

/** Pushes whether `count` entries of a table lie `bytes` apart. */
export function pushNeighbours(
  f: FunctionBuilder,
  table: number,
  count: number,
  bytes: number,
): void {
  if (count % 4 !== 0) {
    f.i32(1);
    for (let i = 1; i < count; i++) {
      f.get(table).memory("i32.load", 4 * i);
      f.get(table).memory("i32.load", 4 * (i - 1)).op("i32.sub");
      f.i32(bytes).op("i32.eq").op("i32.and");
    }
    return;
  }
  for (let at = 0; at < count; at += 4) {
    const distances = Int32Array.from([0, 1, 2, 3], (i) => (at + i) * bytes);
    f.get(table).memory("v128.load", 4 * at);
    f.get(table).memory("v128.load32_splat").simd("i32x4.sub");
    f.get(f.hoisted(distances)).simd("i32x4.eq").simd("i32x4.all_true");
    if (at > 0) f.op("i32.and");
  }
}

/**
 * A function that packs one strip of `width` lanes, interleaved:
 * (to, base, lanes, steps, number of steps). Lanes that do not exist repeat
 * one that does, in the table.
 */
export function packByTable(type: FloatType, width: number): FunctionBuilder {
  const f = new FunctionBuilder(new Array<number>(5).fill(I32));
  const [to, base, lanes, steps, count] = [0, 1, 2, 3, 4];
  const lane = locals(f, width, I32);
  const step = f.local(I32);
  const groups = f.local(I32);
  const v = locals(f, 4, V128);
  const t = locals(f, 4, V128);
  const { bytes } = type;
  const size = width * bytes;
  const perVector = 16 / bytes;
  const loadStep = (at = 0) =>
    f.get(steps).memory("i32.load", 4 * at).set(step);

  lane.forEach((address, l) =>
    f.get(base).get(lanes).memory("i32.load", 4 * l).op("i32.add").set(address)
  );
  /** Copies `piece` bytes at a time, of lanes that are neighbours. */
  const copyPieces = (piece: 8 | 16, single: boolean): void => {
    const kind = piece === 16 ? "v128" : "f64";
    const some = (number: number): void => {
      for (let i = 0; i < number; i++) {
        loadStep(i);
        for (let at = 0; at < size; at += piece) {
          const from = lane[single ? 0 : at / bytes]!;
          f.get(to).get(from).get(step).op("i32.add");
          f.memory(`${kind}.load`, single ? at : 0);
          f.memory(`${kind}.store`, i * size + at);
        }
      }
      advance(f, to, num(number * size));
      advance(f, steps, num(4 * number));
    };
    f.get(count).i32(UNROLL).op("i32.div_u").set(groups);
    repeat(f, groups, () => some(UNROLL));
    f.get(count).i32(UNROLL).op("i32.rem_u").set(count);
    repeat(f, count, () => some(1));
  };
  if (size % 16 === 0) {
    pushNeighbours(f, lanes, width, bytes);
    f.if();
    copyPieces(16, true);
    f.else();
    if (bytes === 4) {
      // Pairs, where an even number of windows ends within the strip.
      f.i32(1);
      for (let l = 0; l < width; l += 2) {
        f.get(lane[l + 1]!).get(lane[l]!).op("i32.sub").i32(bytes);
        f.op("i32.eq").op("i32.and");
      }
      f.if();
      copyPieces(8, false);
      f.else();
    }
  }
  const gather = (at: number) => {
    loadStep(at);
    lane.forEach((address, l) =>
      moveOne(f, type, to, address, step, l, 0, at * size)
    );
  };
  f.get(count).i32(perVector).op("i32.div_u").set(groups);
  repeat(f, groups, () => {
    pushNeighbours(f, steps, perVector, bytes);
    f.if();
    loadStep();
    turn(f, type, to, lane, step, v, t);
    f.else();
    for (let i = 0; i < perVector; i++) gather(i);
    f.end();
    advance(f, to, num(perVector * size));
    advance(f, steps, num(4 * perVector));
  });
  f.get(count).i32(perVector).op("i32.rem_u").set(count);
  repeat(f, count, () => {
    gather(0);
    advance(f, to, num(size));
    advance(f, steps, num(4));
  });
  if (size % 16 === 0) f.end();
  if (size % 16 === 0 && bytes === 4) f.end();
  return f;
}

/** Copies one element of a lane, `ahead` bytes after the step. */
function moveOne(
  f: FunctionBuilder,
  { scalar, bytes }: FloatType,
  to: number,
  lane: number,
  step: number,
  place: number,
  ahead: number,
  at: number,
): void {
  f.get(to).get(lane).get(step).op("i32.add").memory(`${scalar}.load`, ahead)
    .memory(`${scalar}.store`, at + place * bytes);
}

/** Packs as many neighbouring steps as a vector has elements, transposed in registers. */
function turn(
  f: FunctionBuilder,
  type: FloatType,
  to: number,
  lane: readonly number[],
  step: number,
  v: readonly number[],
  t: readonly number[],
): void {
  const { bytes } = type;
  const size = lane.length * bytes;
  const perVector = 16 / bytes;
  const mix = (x: number, y: number, order: readonly number[], z: number) =>
    f.get(x).get(y).shuffle(order).set(z);
  const whole = lane.length - lane.length % perVector;
  const [v0, v1, v2, v3] = v as [number, number, number, number];
  const [t0, t1, t2, t3] = t as [number, number, number, number];
  for (let r = 0; r < whole; r += perVector) {
    for (let i = 0; i < perVector; i++) {
      f.get(lane[r + i]!).get(step).op("i32.add").memory("v128.load")
        .set(v[i]!);
    }
    if (bytes === 8) {
      mix(v0, v1, LOW_64, t0);
      mix(v0, v1, HIGH_64, t1);
    } else {
      mix(v0, v1, LOW, t0);
      mix(v0, v1, HIGH, t1);
      mix(v2, v3, LOW, t2);
      mix(v2, v3, HIGH, t3);
      mix(t0, t2, LOW_64, v0);
      mix(t0, t2, HIGH_64, v1);
      mix(t1, t3, LOW_64, v2);
      mix(t1, t3, HIGH_64, v3);
    }
    const done = bytes === 8 ? t : v;
    for (let i = 0; i < perVector; i++) {
      f.get(to).get(done[i]!).memory("v128.store", i * size + r * bytes);
    }
  }
  for (let l = whole; l < lane.length; l++) {
    for (let i = 0; i < perVector; i++) {
      moveOne(f, type, to, lane[l]!, step, l, i * bytes, i * size);
    }
  }
}
