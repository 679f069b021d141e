// Elementwise kernels in WebAssembly against the JavaScript loops, which are
// the oracle: random expressions on every layout, bit for bit.

import { assert, assertEquals } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import { runMap } from "../../src/cpu/map_loop.ts";
import { ARGUMENTS } from "../../src/cpu/memory.ts";
import { type Kind, kindOf } from "../../src/cpu/spelling.ts";
import { allocate, type CpuStorage } from "../../src/cpu/storage.ts";
import { wasmMap } from "../../src/cpu/wasm/map_call.ts";
import { compileMap } from "../../src/cpu/wasm/map_kernel.ts";
import { BUILDS, divides } from "../../src/cpu/wasm/vector_print.ts";
import { FLOAT32_MATH } from "../../src/cpu/wasm/vector_math.ts";
import {
  kernelOf,
  type Layout,
  LAYOUTS,
  makeRandom,
  MAP_TYPES,
  PARAMS,
  type Random,
  result,
  strided,
} from "./operands.ts";
import type { MapKernel, Strided } from "../../src/tensor/device.ts";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  INT32,
  INT64,
} from "../../src/tensor/dtype.ts";
import {
  call,
  constant,
  type Expr,
  type Fn,
  input,
  isCondition,
  param,
} from "../../src/tensor/expr.ts";
import { withLimits } from "../conformance/paths.ts";

const ARITY: Partial<Record<Fn, number>> = {
  neg: 1,
  abs: 1,
  sqrt: 1,
  floor: 1,
  ceil: 1,
  trunc: 1,
  round: 1,
  signbit: 1,
  bitNot: 1,
  not: 1,
  select: 3,
};

/** What is exact in both: everything but the functions of vector_math.ts. */
function exactFunctions(kind: Kind, conditions: boolean): Fn[] {
  return (Object.keys(BUILDS[kind]) as Fn[]).filter((fn) =>
    !(fn in FLOAT32_MATH) && isCondition(call(fn)) === conditions
  );
}

/** A random expression; some of its nodes are used more than once. */
function randomTree(
  kind: Kind,
  arity: number,
  depth: number,
  random: Random,
): Expr {
  const numbers: Expr[] = [param(0), param(1), constant(3), constant(-2)];
  const conditions: Expr[] = [];
  for (let k = 0; k < arity; k++) {
    const x = input(k);
    numbers.push(x, x, x);
  }
  const number = (): Expr => numbers[random(numbers.length)]!;
  const condition = (): Expr =>
    conditions[random(conditions.length)] ?? call("lt", number(), number());
  for (let k = 0; k < depth; k++) {
    const asks = random(4) === 0;
    const names = exactFunctions(kind, asks);
    const fn = names[random(names.length)]!;
    const logic = fn === "and" || fn === "or" || fn === "not";
    const args = Array.from(
      { length: ARITY[fn] ?? 2 },
      (_, i) => logic || fn === "select" && i === 0 ? condition() : number(),
    );
    (asks ? conditions : numbers).push(call(fn, ...args));
  }
  return random(4) === 0 ? condition() : numbers.at(-1)!;
}

function copyOf(x: Strided): Strided {
  const from = x.storage as CpuStorage;
  const storage = allocate(cpu, x.info, from.length);
  for (let i = 0; i < from.length; i++) {
    (storage.data as Float32Array)[storage.base + i] =
      (from.data as Float32Array)[from.base + i]!;
  }
  return { ...x, storage };
}

function contents(x: Strided): (number | bigint)[] {
  const { data, base, length } = x.storage as CpuStorage;
  return Array.from({ length }, (_, i) => data[base + i]!);
}

function same(a: Strided, b: Strided, what: string): void {
  const p = contents(a);
  const q = contents(b);
  const at = p.findIndex((value, i) => !Object.is(value, q[i]));
  if (at < 0) return;
  throw new Error(`${what}: at ${at} ${p[at]} in WASM, ${q[at]} in JavaScript`);
}

function compare(
  kernel: MapKernel,
  info: DTypeInfo,
  out: Strided,
  inputs: readonly Strided[],
  what: string,
): void {
  const [a, b, c] = [inputs[0]!, inputs[1] ?? null, inputs[2] ?? null];
  const js = copyOf(out);
  let throws = false;
  try {
    runMap(kernel, info, js, a, b, c, PARAMS);
  } catch {
    throws = true;
  }
  const served = wasmMap(kernel, info, out, a, b, c, PARAMS);
  if (served) {
    assert(!throws, `${what}: a failure was not noticed`);
    same(out, js, what);
  } else {
    // A division by zero, even one whose result is not chosen, is the loops'.
    assert(divides(kernel.body, kindOf(info)), `${what}: not served`);
  }
}

function withLeast(body: () => void): void {
  withLimits({ mapLeast: 0 }, body);
}

/** Around the width of a vector and of the unrolled loop. */
const SIZES = [
  ...Array.from({ length: 40 }, (_, k) => k + 1),
  63,
  64,
  65,
  1000,
];

for (const info of MAP_TYPES) {
  Deno.test(`random expressions of ${info.name}, every size`, () => {
    const random = makeRandom(info.code + 1);
    const kind = kindOf(info);
    withLeast(() => {
      for (const n of SIZES) {
        const arity = 1 + random(3);
        const kernel = kernelOf(arity, randomTree(kind, arity, 6, random));
        const out = isCondition(kernel.body) ? BOOL : info;
        const inputs = Array.from(
          { length: arity },
          () => strided(info, [n], random(4) ? "dense" : "single", random),
        );
        const what = `${n} elements of ${JSON.stringify(kernel.body)}`;
        compare(kernel, info, result(out, [n], random), inputs, what);
      }
    });
  });

  Deno.test(`random layouts of ${info.name}`, () => {
    const random = makeRandom(info.code + 100);
    const kind = kindOf(info);
    withLeast(() => {
      for (let k = 0; k < 60; k++) {
        const rank = 1 + random(4);
        const shape = Array.from(
          { length: rank },
          () => 1 + random(rank === 2 ? 40 : 9),
        );
        const arity = 1 + random(3);
        const kernel = kernelOf(arity, randomTree(kind, arity, 3, random));
        const info2 = isCondition(kernel.body) ? BOOL : info;
        const layouts = Array.from(
          { length: arity },
          () => LAYOUTS[random(LAYOUTS.length)]!,
        );
        const inputs = layouts.map((layout) =>
          strided(info, shape, layout, random)
        );
        const places: Layout[] = ["dense", "transposed", "stepped"];
        const out = strided(
          info2,
          shape,
          places[Math.max(random(5) - 2, 0)]!,
          random,
        );
        const what = `[${shape}] ${layouts}: ${JSON.stringify(kernel.body)}`;
        compare(kernel, info, out, inputs, what);
      }
    });
  });
}

Deno.test("every exact function gives the same bits", () => {
  const random = makeRandom(7);
  withLeast(() => {
    for (const info of MAP_TYPES) {
      const kind = kindOf(info);
      for (const conditions of [false, true]) {
        for (const fn of exactFunctions(kind, conditions)) {
          const [x, y] = [input(0), input(1)];
          const mask = call("lt", x, y);
          const args = fn === "select"
            ? [mask, x, y]
            : fn === "and" || fn === "or"
            ? [mask, call("eq", x, 1)]
            : fn === "not"
            ? [mask]
            : ARITY[fn] === 1
            ? [x]
            : [x, y];
          const kernel = kernelOf(2, call(fn, ...args));
          const out = result(
            isCondition(kernel.body) ? BOOL : info,
            [500],
            random,
          );
          const inputs = [0, 1].map(() =>
            strided(info, [500], "dense", random)
          );
          compare(kernel, info, out, inputs, `${fn} of ${info.name}`);
        }
      }
    }
  });
});

Deno.test("an input may be the result itself", () => {
  const random = makeRandom(3);
  withLeast(() => {
    for (const layout of ["dense", "transposed", "stepped"] as const) {
      const x = strided(FLOAT32, [37, 5], layout, random);
      const y = strided(FLOAT32, [5], "dense", random);
      const js = copyOf(x);
      const kernel = kernelOf(2, call("sub", input(1), input(0)));
      runMap(kernel, FLOAT32, js, js, y, null, []);
      assert(wasmMap(kernel, FLOAT32, x, x, y, null, []));
      same(x, js, layout);
    }
  });
});

Deno.test("kernels may be split anywhere", () => {
  const random = makeRandom(5);
  const kernel = kernelOf(2, call("sin", call("add", input(0), input(1))));
  withLeast(() => {
    for (const layout of ["dense", "row", "column", "transposed"] as const) {
      const shape = [13, 17];
      const x = strided(FLOAT32, shape, "dense", random);
      const y = strided(FLOAT32, shape, layout, random);
      const out = result(FLOAT32, shape, random);
      const parts = copyOf(out);
      assert(wasmMap(kernel, FLOAT32, out, x, y, null, []));
      const hasRows = layout !== "dense";
      const mode = { dense: 0, row: 0, column: 1, transposed: 2 }[layout];
      const code = compileMap(kernel, FLOAT32, [0, 0, mode], hasRows);
      for (let k = 0; k < 20; k++) {
        // The arguments of the call with the other result still lie there.
        assert(wasmMap(kernel, FLOAT32, parts, x, y, null, []));
        const { data, base } = parts.storage as CpuStorage;
        (data as Float32Array).fill(
          0,
          base + parts.offset,
          base + parts.offset + 221,
        );
        const [p, q] = [random(222), random(222)].sort((a, b) => a - b);
        code.run(ARGUMENTS, q!, 221);
        code.run(ARGUMENTS, 0, p!);
        code.run(ARGUMENTS, p!, q!);
        const at = (out.storage as CpuStorage).base + out.offset;
        const whole = (out.storage as CpuStorage).data.subarray(at, at + 221);
        assertEquals(
          data.subarray(base + parts.offset, base + parts.offset + 221),
          whole,
        );
      }
    }
  });
});

Deno.test("what cannot be printed goes to JavaScript", () => {
  const random = makeRandom(9);
  const x = strided(FLOAT32, [100], "dense", random);
  const out = result(FLOAT32, [100], random);
  // Its order must be the same for all elements.
  const polygamma = kernelOf(1, call("polygamma", input(0), input(0)));
  assertEquals(wasmMap(polygamma, FLOAT32, out, x, null, null, []), false);
  const divided = kernelOf(2, call("floorDiv", input(0), input(0)));
  const whole = strided(INT32, [100], "dense", random);
  assertEquals(wasmMap(divided, INT32, whole, whole, whole, null, []), false);
});

Deno.test("integers of 64 bits take numbers given at the call as a cast does", () => {
  const random = makeRandom(13);
  withLeast(() => {
    const kernel = kernelOf(1, call("add", input(0), param(0)));
    for (const value of [1e300, -1e300, NaN, 2 ** 62, 2.9, -2.9, 2 ** 40]) {
      for (const info of [INT64, INT32]) {
        const x = strided(info, [50], "dense", random);
        const out = result(info, [50], random);
        const js = copyOf(out);
        runMap(kernel, info, js, x, null, null, [value]);
        assert(wasmMap(kernel, info, out, x, null, null, [value]));
        same(out, js, `${value} in ${info.name}`);
      }
    }
  });
});
