// Packing: strips of a matrix, copied so that a product reads them from one
// end to the other. It absorbs transposes and every other stride, and fills
// strips that are cut off with zeros.

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

/**
 * A function that packs one strip of `width` vectors, an even number, interleaved:
 * (to, from, lane stride, step stride, lanes, steps), strides in bytes.
 */
export function packFunction(type: FloatType, width: number): FunctionBuilder {
  const f = new FunctionBuilder(new Array<number>(6).fill(I32));
  const [to, from, lane, step, lanes, steps] = [0, 1, 2, 3, 4, 5];
  f.get(lanes).i32(width).op("i32.eq").get(lane).i32(type.bytes).op("i32.eq")
    .op("i32.and").if();
  copySteps(f, type, width, to, from, step, steps);
  f.else();
  f.get(lanes).i32(width).op("i32.eq").get(step).i32(type.bytes).op("i32.eq")
    .op("i32.and").if();
  turnSteps(f, type, width, to, from, lane, steps);
  f.else();
  copyLanes(f, type, width);
  f.end().end();
  return f;
}

/** The elements of a step lie side by side. */
function copySteps(
  f: FunctionBuilder,
  { bytes }: FloatType,
  width: number,
  to: number,
  from: number,
  step: number,
  steps: number,
): void {
  const size = width * bytes;
  repeat(f, steps, () => {
    for (let at = 0; at < size; at += 16) {
      const half = size - at < 16;
      f.get(to).get(from).memory(half ? "f64.load" : "v128.load", at)
        .memory(half ? "f64.store" : "v128.store", at);
    }
    advance(f, to, num(size));
    advance(f, from, step);
  });
}

/** The elements of a lane lie side by side: they are transposed in registers. */
function turnSteps(
  f: FunctionBuilder,
  { bytes, scalar }: FloatType,
  width: number,
  to: number,
  from: number,
  lane: number,
  steps: number,
): void {
  const size = width * bytes;
  const perVector = 16 / bytes;
  const rows = locals(f, width, I32);
  const v = locals(f, 4, V128);
  const t = locals(f, 4, V128);
  const count = f.local(I32);
  rows.forEach((row, r) => {
    if (r === 0) f.get(from).set(row);
    else f.get(rows[r - 1]!).get(lane).op("i32.add").set(row);
  });
  const mix = (x: number, y: number, bytes: number[], z: number) =>
    f.get(x).get(y).shuffle(bytes).set(z);
  const store = (vector: number, at: number) =>
    f.get(to).get(vector).memory("v128.store", at);
  f.get(steps).i32(perVector).op("i32.div_u").set(count);
  repeat(f, count, () => {
    for (let r = 0; r < width; r += perVector) {
      const some = Math.min(perVector, width - r);
      for (let i = 0; i < some; i++) {
        f.get(rows[r + i]!).memory("v128.load").set(v[i]!);
      }
      const [v0, v1, v2, v3] = v as [number, number, number, number];
      const [t0, t1, t2, t3] = t as [number, number, number, number];
      const at = r * bytes;
      if (bytes === 8) {
        mix(v0, v1, LOW_64, t0);
        mix(v0, v1, HIGH_64, t1);
        store(t0, at);
        store(t1, at + size);
        continue;
      }
      mix(v0, v1, LOW, t0);
      mix(v0, v1, HIGH, t1);
      if (some === 4) {
        mix(v2, v3, LOW, t2);
        mix(v2, v3, HIGH, t3);
        mix(t0, t2, LOW_64, v0);
        mix(t0, t2, HIGH_64, v1);
        mix(t1, t3, LOW_64, v2);
        mix(t1, t3, HIGH_64, v3);
        v.forEach((vector, i) => store(vector, at + i * size));
      } else {
        [t0, t0, t1, t1].forEach((vector, i) =>
          f.get(to).get(vector)
            .memoryLane("v128.store64_lane", i % 2, at + i * size)
        );
      }
    }
    advance(f, to, num(perVector * size));
    for (const row of rows) advance(f, row, num(16));
  });
  f.get(steps).i32(perVector).op("i32.rem_u").set(count);
  repeat(f, count, () => {
    rows.forEach((row, r) =>
      f.get(to).get(row).memory(`${scalar}.load`)
        .memory(`${scalar}.store`, r * bytes)
    );
    advance(f, to, num(size));
    for (const row of rows) advance(f, row, num(bytes));
  });
}

/** Any strides, lane by lane, and zeros where there is no lane. */
function copyLanes(
  f: FunctionBuilder,
  { bytes, scalar }: FloatType,
  width: number,
): void {
  const [to, from, lane, step, lanes, steps] = [0, 1, 2, 3, 4, 5];
  const put = f.local(I32);
  const take = f.local(I32);
  const count = f.local(I32);
  const number = f.local(I32);
  f.i32(width).set(number);
  repeat(f, number, () => {
    f.get(to).set(put).get(steps).set(count);
    f.get(lanes).i32(0).op("i32.gt_s").if();
    f.get(from).set(take);
    repeat(f, count, () => {
      f.get(put).get(take).memory(`${scalar}.load`).memory(`${scalar}.store`);
      advance(f, put, num(width * bytes));
      advance(f, take, step);
    });
    advance(f, from, lane);
    f.else();
    repeat(f, count, () => {
      f.get(put)[scalar](0).memory(`${scalar}.store`);
      advance(f, put, num(width * bytes));
    });
    f.end();
    advance(f, lanes, num(-1));
    advance(f, to, num(bytes));
  });
}
