// float64 functions within 4 units of the last place on both paths, at the
// arguments where loops or kernels were farthest off in scans of many thousand.
// bounds.json has the correctly rounded values; make_bounds_goldens.py made it.

import { assert, assertEquals } from "@std/assert";
import { runMap } from "../../src/cpu/map_loop.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import { wasmMap } from "../../src/cpu/wasm/map_call.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { FLOAT64 } from "../../src/tensor/dtype.ts";
import { call, type Expr, type Fn, input } from "../../src/tensor/expr.ts";
import golden from "../goldens/bounds.json" with { type: "json" };
import { kernelOf, makeRandom, result } from "./operands.ts";

const TABLE: Record<string, number[][]> = golden;
/** So many elements at least, a size that kernels serve. */
const LEAST = 256;

/** `polygamma3` is polygamma of order 3. */
function bodyOf(name: string): Expr {
  const [, fn, order] = /^([a-z]+)(\d*)$/.exec(name)!;
  if (order !== "") return call(fn as Fn, Number(order), input(0));
  return call(fn as Fn, input(0));
}

/** Values of a tensor, as the array that holds them. */
function view({ storage, offset }: Strided, n: number): Float64Array {
  const { data, base } = storage as CpuStorage;
  return (data as Float64Array).subarray(base + offset, base + offset + n);
}

function ulps(got: number, exact: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -1022);
  return Math.abs(got - exact) / 2 ** (exponent - 52);
}

for (const [name, rows] of Object.entries(TABLE)) {
  Deno.test(`${name}: float64 within 4 ulp where it was worst`, () => {
    const n = Math.max(LEAST, rows.length);
    const random = makeRandom(3);
    const [x, out] = [1, 2].map(() => result(FLOAT64, [n], random)) as [
      Strided,
      Strided,
    ];
    const row = (i: number) => rows[i % rows.length] as [number, number];
    view(x, n).set(Array.from({ length: n }, (_, i) => row(i)[0]));
    const kernel = kernelOf(1, bodyOf(name));
    for (const path of ["kernel", "loop"]) {
      if (path === "loop") runMap(kernel, FLOAT64, out, x, null, null, []);
      else assert(wasmMap(kernel, FLOAT64, out, x, null, null, []));
      const bad = Array.from(view(out, n)).flatMap((got, i) => {
        const [at, exact] = row(i);
        const off = ulps(got, exact);
        return off <= 4 ? [] : [`${path} at ${at}: ${off} ulp`];
      });
      assertEquals(bad.slice(0, 10), []);
    }
  });
}
