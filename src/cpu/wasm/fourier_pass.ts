// The passes of a Fourier transform as functions of a kernel: see
// fourier/passes.ts for what they compute. A vector is one complex number of
// float64 or those of two lines of float32, which have the same factors, so that
// nothing but the turn by a quarter mixes lanes.

import { constantsOf } from "../fourier/passes.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import { add, advance, assign, define, mul, num, push } from "./gemm_code.ts";
import { type FloatType, locals, multiplyAdd } from "./gemm_tile.ts";

/** Bytes of a vector. */
export const VECTOR = 16;

/** Lanes of a vector that holds `even` and `odd` lanes by turns. */
export function alternating(
  { bytes }: FloatType,
  even: number,
  odd: number,
): Float32Array | Float64Array {
  return bytes === 8
    ? Float64Array.of(even, odd)
    : Float32Array.of(even, odd, even, odd);
}

/** Bytes of a shuffle that takes, of each complex number, this lane and that one. */
export function lanesOf(
  { bytes }: FloatType,
  even: number,
  odd: number,
): number[] {
  return Array.from({ length: 16 }, (_, i) => {
    const lane = Math.floor(i / bytes) % 2 === 0 ? even : odd;
    return i - i % (2 * bytes) + lane * bytes + i % bytes;
  });
}

/** Pushes a number turned by a quarter: the halves change places, and `mask` flips a sign. */
export function turn(
  f: FunctionBuilder,
  type: FloatType,
  x: number,
  mask: number,
): void {
  f.get(x).get(x).shuffle(lanesOf(type, 1, 0)).get(mask).simd("v128.xor");
}

/** A factor: cosine and sine, each in all lanes. */
export interface Factor {
  /** The cosine. */
  readonly c: number;
  /** The sine. */
  readonly s: number;
}

/** Variables for a factor. */
export function factorLocals(f: FunctionBuilder): Factor {
  return { c: f.local(V128), s: f.local(V128) };
}

/** Loads the factor at an address. */
export function loadFactor(
  f: FunctionBuilder,
  { bytes, splat }: FloatType,
  at: number,
  index: number,
  { c, s }: Factor,
): void {
  f.get(at).memory(splat, 2 * bytes * index).set(c);
  f.get(at).memory(splat, 2 * bytes * index + bytes).set(s);
}

/** `x = c * x + s * turn(x)`. */
export function multiplyBy(
  f: FunctionBuilder,
  type: FloatType,
  { c, s }: Factor,
  x: number,
  spare: number,
  mask: number,
): void {
  turn(f, type, x, mask);
  f.set(spare);
  f.get(c).get(x).simd(`${type.vector}.mul`).set(x);
  multiplyAdd(f, type, s, spare, x);
}

/** Additions of vectors in variables. */
function adder(f: FunctionBuilder, { vector }: FloatType) {
  return {
    sum: (x: number, y: number, out: number) =>
      void f.get(x).get(y).simd(`${vector}.add`).set(out),
    difference: (x: number, y: number, out: number) =>
      void f.get(x).get(y).simd(`${vector}.sub`).set(out),
  };
}

/** Variables of a transform of length `radix`: its elements, which become the results, and others. */
interface Variables {
  readonly a: readonly number[];
  readonly spare: readonly number[];
  readonly mask: number;
}

/** Returns where the results are. */
type Transform = (
  f: FunctionBuilder,
  type: FloatType,
  v: Variables,
) => readonly number[];

const two: Transform = (f, type, { a, spare }) => {
  const { sum, difference } = adder(f, type);
  const [x, y] = a as [number, number];
  const t = spare[0]!;
  sum(x, y, t);
  difference(x, y, y);
  return [t, y];
};

const four: Transform = (f, type, { a, spare, mask }) => {
  const { sum, difference } = adder(f, type);
  const [x, y, z, u] = a as [number, number, number, number];
  const t = spare[0]!;
  const s = spare[1]!;
  sum(x, z, t);
  difference(x, z, x);
  sum(y, u, s);
  difference(y, u, y);
  turn(f, type, y, mask);
  f.set(y);
  sum(t, s, z);
  difference(t, s, t);
  sum(x, y, s);
  difference(x, y, x);
  return [z, s, t, x];
};

/** Spare variables: results of the pairs, then sum and difference of one pair. */
function odd(radix: number): Transform {
  const pairs = (radix - 1) / 2;
  const { cosines, sines } = constantsOf(radix);
  return (f, type, { a, spare, mask }) => {
    const { sum, difference } = adder(f, type);
    const [t, first] = spare as [number, number];
    const results = spare.slice(2);
    f.get(a[0]!).set(first);
    for (let k = 1; k <= pairs; k++) {
      const x = a[k]!;
      const y = a[radix - k]!;
      difference(x, y, t);
      sum(x, y, x);
      f.get(t).set(y);
      sum(first, x, first);
    }
    const out: number[] = [first];
    for (let j = 1; j <= pairs; j++) {
      const c = results[2 * j - 2]!;
      const s = results[2 * j - 1]!;
      f.get(a[0]!).set(c);
      for (let k = 1; k <= pairs; k++) {
        const index = j * k % radix;
        const low = Math.min(index, radix - index);
        const cosine = f.hoisted(
          alternating(type, cosines[low]!, cosines[low]!),
        );
        multiplyAdd(f, type, cosine, a[k]!, c);
        const sine = f.hoisted(alternating(type, sines[low]!, sines[low]!));
        const y = a[radix - k]!;
        if (k === 1) f.get(sine).get(y).simd(`${type.vector}.mul`).set(s);
        else if (index === low) multiplyAdd(f, type, sine, y, s);
        else {
          f.get(s).get(sine).get(y).simd(`${type.vector}.mul`);
          f.simd(`${type.vector}.sub`).set(s);
        }
      }
      turn(f, type, s, mask);
      f.set(t);
      difference(c, t, s);
      sum(c, t, c);
      out[j] = c;
      out[radix - j] = s;
    }
    return out;
  };
}

/**
 * The pass of a radix: `pass(from, to, rest, side, factors, mask)`, where `mask`
 * is that of {@linkcode turn}.
 */
export function buildPass(radix: number, type: FloatType): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32, I32, I32, V128]);
  const [from, to, rest, side, factors, mask] = [0, 1, 2, 3, 4, 5] as const;
  const transform = radix === 2 ? two : radix === 4 ? four : odd(radix);
  const spares = radix === 2 ? 1 : radix === 4 ? 2 : radix + 1;
  const v: Variables = {
    a: locals(f, radix, V128),
    spare: locals(f, spares, V128),
    mask,
  };
  const loose = f.local(V128);
  const ws = Array.from({ length: radix - 1 }, () => factorLocals(f));
  const step = define(f, mul(side, num(VECTOR)));
  const part = define(f, mul(step, rest));
  // Where the elements and the results of a transform lie, from its first.
  const reads = v.a.map((_, k) => k < 2 ? part : define(f, mul(part, num(k))));
  const writes = v.a.map((_, k) => k < 2 ? step : define(f, mul(step, num(k))));
  const one = (weighted: boolean) => {
    v.a.forEach((x, k) => {
      push(f, k === 0 ? from : add(from, reads[k]!));
      f.memory("v128.load").set(x);
    });
    transform(f, type, v).forEach((x, k) => {
      if (weighted && k > 0) multiplyBy(f, type, ws[k - 1]!, x, loose, mask);
      push(f, k === 0 ? to : add(to, writes[k]!)).get(x).memory("v128.store");
    });
  };
  // Addresses reach beyond what is positive.
  const below = (limit: number) => f.get(from).get(limit).op("i32.lt_u");
  const end = f.local(I32);
  const all = define(f, add(from, part));
  const skipped = define(f, mul(step, num(radix - 1)));
  const group = (weighted: boolean) => {
    assign(f, end, add(from, step));
    f.loop();
    one(weighted);
    advance(f, from, num(VECTOR));
    advance(f, to, num(VECTOR));
    below(end).brIf(0).end();
    advance(f, to, skipped);
  };
  const weigh = () => {
    advance(f, factors, num(2 * type.bytes * (radix - 1)));
    ws.forEach((w, k) => loadFactor(f, type, factors, k, w));
  };
  // The first group's factors are ones.
  group(false);
  below(all).if();
  f.get(side).i32(1).op("i32.eq").if().loop();
  weigh();
  one(true);
  advance(f, from, num(VECTOR));
  advance(f, to, num(VECTOR * radix));
  below(all).brIf(0).end().else().loop();
  weigh();
  group(true);
  below(all).brIf(0).end().end().end();
  return f;
}
