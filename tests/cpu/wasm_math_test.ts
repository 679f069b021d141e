// Functions of vectors, such as exp: float32 within 2 ulp of the exact value on
// all magnitudes, float64 within 5 of what the loops have (which may be off by
// one itself), and special values as the JavaScript loops give them.

import { assert, assertEquals } from "@std/assert";
import { runMap } from "../../src/cpu/map_loop.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import { wasmMap } from "../../src/cpu/wasm/map_call.ts";
import { FLOAT32_MATH, FLOAT64_MATH } from "../../src/cpu/wasm/vector_math.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { type DTypeInfo, FLOAT32, FLOAT64 } from "../../src/tensor/dtype.ts";
import { call, type Expr, type Fn, input } from "../../src/tensor/expr.ts";
import {
  FLOATS,
  kernelOf,
  makeRandom,
  type Random,
  result,
} from "./operands.ts";

/** Units of the last place between a result and the exact value. */
function ulps(got: number, exact: number, isDouble: boolean): number {
  const rounded = isDouble ? exact : Math.fround(exact);
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity;
  if (got === 0 && rounded === 0) return Infinity;
  const [least, digits] = isDouble ? [-1022, 52] : [-126, 23];
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), least);
  return Math.abs(got - exact) / 2 ** (exponent - digits);
}

/** Functions of two arguments. */
const OF_TWO: ReadonlySet<Fn> = new Set<Fn>([
  ...["pow", "hypot", "atan2", "fmod", "remainder", "floorDiv"] as const,
]);

/** Functions that every path computes to the last bit. */
const EXACT: ReadonlySet<Fn> = new Set<Fn>(["fmod", "remainder", "floorDiv"]);

/** Magnitudes of float64, what exp can take, and usual numbers; these alone in the second half. */
function doubles(random: Random, count: number): number[] {
  const bits = new Uint32Array(2);
  const double = new Float64Array(bits.buffer);
  return Array.from({ length: count }, (_, i) => {
    if (i < FLOATS.length) return FLOATS[i]!;
    const part = random(2 ** 30) / 2 ** 29 - 1 + random(2 ** 30) / 2 ** 60;
    if (i % 4 === 0 || i >= count / 2) return part * 20;
    if (i % 4 === 1) return part * 1500;
    bits[0] = random(2 ** 32);
    bits[1] = random(2 ** 32);
    return double[0]!;
  });
}

/** All magnitudes and the special values; in the second half usual numbers alone, which kernels take another way. */
function magnitudes(random: Random, count: number): number[] {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  return Array.from({ length: count }, (_, i) => {
    if (i < FLOATS.length) return Math.fround(FLOATS[i]!);
    if (i % 3 === 0 || i >= count / 2) {
      return Math.fround((random(2 ** 30) / 2 ** 29 - 1) * 20);
    }
    bits[0] = random(2 ** 32);
    return float[0]!;
  });
}

/** Functions that left of zero are differences of larger numbers, whose errors stay. */
const REFLECTED: ReadonlySet<Fn> = new Set<Fn>([
  ...["lgamma", "digamma", "polygamma"] as const,
]);

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

function bodyOf(fn: Fn, order: number): Expr {
  if (OF_TWO.has(fn)) return call(fn, input(0), input(1));
  if (fn === "polygamma") return call(fn, order, input(0));
  return call(fn, input(0));
}

/** Compares a kernel with the loops in float64; `left` is how far it may be off left of zero. */
function check(
  fn: Fn,
  info: DTypeInfo,
  most: number,
  order = 0,
  left = most,
): void {
  const isDouble = info === FLOAT64;
  const random = makeRandom(11);
  const two = OF_TWO.has(fn);
  const body = bodyOf(fn, order);
  const kernel = kernelOf(two ? 2 : 1, body);
  const n = 4000;
  // In the middle between its poles polygamma is the difference of two such.
  const terms = factorial(order) * 2 ** (order + 1);
  const slack = REFLECTED.has(fn) ? 1e-14 * terms : 0;
  const values = isDouble ? doubles : magnitudes;
  const round = isDouble ? (x: number) => x : Math.fround;
  const xs = values(random, n);
  // Special values meet each other at first.
  const ys = values(random, n).map((y, i) => {
    if (i < FLOATS.length ** 2) {
      xs[i] = round(FLOATS[i % FLOATS.length]!);
      return round(FLOATS[Math.floor(i / FLOATS.length)]!);
    }
    return i % 4 ? round(random(2000) / 100 - 10) : y;
  });
  const make = (info: DTypeInfo, values: number[]): Strided => {
    const out = result(info, [n], random);
    const { data, base } = out.storage as CpuStorage;
    values.forEach((value, i) =>
      (data as Float32Array)[base + out.offset + i] = value
    );
    return out;
  };
  const run = (info: DTypeInfo, wasm: boolean): Float32Array => {
    const [a, b] = [make(info, xs), two ? make(info, ys) : null];
    const out = result(info, [n], random);
    if (wasm) assert(wasmMap(kernel, info, out, a, b, null, []));
    else runMap(kernel, info, out, a, b, null, []);
    const { data, base } = out.storage as CpuStorage;
    const start = base + out.offset;
    return data.subarray(start, start + n) as Float32Array;
  };
  const got = run(info, true);
  const exact = run(FLOAT64, false);
  const bad = xs.flatMap((x, i) =>
    ulps(got[i]!, exact[i]!, isDouble) <= (x < 0 ? left : most) ||
      (x < 0 && Math.abs(got[i]! - exact[i]!) < slack)
      ? []
      : [`${fn}(${x}${two ? `, ${ys[i]}` : ""}) = ${got[i]}, not ${exact[i]}`]
  );
  assertEquals(bad.slice(0, 10), []);
}

for (const fn of Object.keys(FLOAT32_MATH) as Fn[]) {
  Deno.test(`${fn}: float32 within 2 ulp, special values exact`, () => {
    check(fn, FLOAT32, EXACT.has(fn) ? 0.5 : 2);
  });
}

for (const fn of Object.keys(FLOAT64_MATH) as Fn[]) {
  Deno.test(`${fn}: float64 within 5 ulp of JavaScript, special values exact`, () => {
    check(fn, FLOAT64, EXACT.has(fn) ? 0 : 5);
  });
}

for (const order of [1, 2, 3, 8, 10, 20]) {
  Deno.test(`polygamma of order ${order}: as the loops have it`, () => {
    check("polygamma", FLOAT32, 2, order);
    check("polygamma", FLOAT64, 5, order, 12);
  });
}

const ASSUMING = ["exp", "tanh", "sin", "cos", "log"] as const;
const BODIES = new Map<string, Expr>([
  ...ASSUMING.map((fn) => [fn, call(fn, input(0))] as const),
  ["1 + exp", call("add", 1, call("exp", input(0)))],
]);

for (const [name, body] of BODIES) {
  Deno.test(`${name}: in place, where some of several vectors are not plain`, () => {
    const random = makeRandom(5);
    const kernel = kernelOf(1, body);
    const n = 259;
    const x = result(FLOAT32, [n], random);
    const out = result(FLOAT32, [n], random);
    const view = ({ storage, offset }: Strided) => {
      const { data, base } = storage as CpuStorage;
      return (data as Float32Array).subarray(base + offset, base + offset + n);
    };
    const odd = [NaN, Infinity, -90, 1e6, -0, 3e-45, 15.5, 16.3, 17];
    const values = Array.from({ length: n }, (_, i) => {
      return i % 29 === 7 ? odd[(i - 7) / 29]! : random(1000) / 250;
    });
    view(x).set(values);
    assert(wasmMap(kernel, FLOAT32, out, x, null, null, []));
    const apart = Array.from(view(out));
    assert(wasmMap(kernel, FLOAT32, x, x, null, null, []));
    assertEquals(Array.from(view(x)), apart);
    // Without the odd ones the others are the same: none depends on its neighbours.
    view(out).set(values.map((value, i) => i % 29 === 7 ? 1 : value));
    assert(wasmMap(kernel, FLOAT32, x, out, null, null, []));
    const plain = Array.from(view(x), (y, i) => i % 29 === 7 ? apart[i]! : y);
    assertEquals(plain, apart);
  });
}
