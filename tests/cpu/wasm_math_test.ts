// Functions of float32 vectors, such as exp: within 2 ulp of the exact value on
// all magnitudes, and special values as the JavaScript loops give them.

import { assert, assertEquals } from "@std/assert";
import { runMap } from "../../src/cpu/map_loop.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import { wasmMap } from "../../src/cpu/wasm/map_call.ts";
import { FLOAT32_MATH } from "../../src/cpu/wasm/vector_math.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { type DTypeInfo, FLOAT32, FLOAT64 } from "../../src/tensor/dtype.ts";
import { call, type Fn, input } from "../../src/tensor/expr.ts";
import {
  FLOATS,
  kernelOf,
  makeRandom,
  type Random,
  result,
} from "./operands.ts";

/** Units of the last place of float32 between a result and the exact value. */
function ulps(got: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity;
  if (got === 0 && rounded === 0) return Infinity;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126);
  return Math.abs(got - exact) / 2 ** (exponent - 23);
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

for (const fn of Object.keys(FLOAT32_MATH) as Fn[]) {
  Deno.test(`${fn}: float32 within 2 ulp, special values exact`, () => {
    const random = makeRandom(11);
    const two = fn === "pow" || fn === "hypot";
    const body = two ? call(fn, input(0), input(1)) : call(fn, input(0));
    const kernel = kernelOf(two ? 2 : 1, body);
    const n = 4000;
    const xs = magnitudes(random, n);
    // Special values meet each other at first.
    const ys = magnitudes(random, n).map((y, i) => {
      if (i < FLOATS.length ** 2) {
        xs[i] = Math.fround(FLOATS[i % FLOATS.length]!);
        return Math.fround(FLOATS[Math.floor(i / FLOATS.length)]!);
      }
      return i % 4 ? Math.fround(random(2000) / 100 - 10) : y;
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
    const got = run(FLOAT32, true);
    const exact = run(FLOAT64, false);
    const bad = xs.flatMap((x, i) =>
      ulps(got[i]!, exact[i]!) <= 2
        ? []
        : [`${fn}(${x}${two ? `, ${ys[i]}` : ""}) = ${got[i]}, not ${exact[i]}`]
    );
    assertEquals(bad.slice(0, 10), []);
  });
}
