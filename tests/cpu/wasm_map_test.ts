// Elementwise kernels in WebAssembly against the JavaScript loops, which are
// the oracle: random expressions on every layout, bit for bit where both round
// each step, and within 2 ulp of the exact value for functions like exp.

import { assert, assertEquals } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import { runMap } from "../../src/cpu/map_loop.ts";
import { ARGUMENTS } from "../../src/cpu/memory.ts";
import { type Kind, kindOf } from "../../src/cpu/spelling.ts";
import { allocate, type CpuStorage } from "../../src/cpu/storage.ts";
import { TUNING } from "../../src/cpu/tuning.ts";
import { wasmMap } from "../../src/cpu/wasm/map_call.ts";
import { compileMap } from "../../src/cpu/wasm/map_kernel.ts";
import { BUILDS } from "../../src/cpu/wasm/vector_print.ts";
import { FLOAT32_MATH } from "../../src/cpu/wasm/vector_math.ts";
import type { MapKernel, Strided } from "../../src/tensor/device.ts";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  INT8,
  UINT8,
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

/** A small generator, so that every run sees the same cases. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = state + 0x6d2b79f5 | 0;
    let x = Math.imul(state ^ state >>> 15, state | 1);
    x ^= x + Math.imul(x ^ x >>> 7, x | 61);
    return Math.floor(((x ^ x >>> 14) >>> 0) / 2 ** 32 * below);
  };
}

type Random = (below: number) => number;

const FLOATS = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  1.5,
  3,
  1e-42,
  -1e-45,
  3e38,
  1e-20,
  16777217,
  -7.75,
];
const INTEGERS = [0, 1, -1, 2, 3, 127, -128, 255, 32767, 2147483647, -5];

function fillRandom(x: CpuStorage, info: DTypeInfo, random: Random): void {
  for (let i = 0; i < x.length; i++) {
    const pool = info.category === 2 ? FLOATS : INTEGERS;
    const value = info.category === 0
      ? random(2)
      : info.category === 2 && random(3) > 0
      ? (random(20001) - 10000) / 1024
      : pool[random(pool.length)]!;
    if (info === INT64) (x.data as BigInt64Array)[x.base + i] = BigInt(value);
    else (x.data as Float32Array)[x.base + i] = value;
  }
}

/** How an operand of some shape is laid out. */
type Layout =
  | "dense"
  | "single"
  | "row"
  | "column"
  | "transposed"
  | "stepped"
  | "backwards";

const LAYOUTS: readonly Layout[] = [
  "dense",
  "single",
  "row",
  "column",
  "transposed",
  "stepped",
  "backwards",
];

function strided(
  info: DTypeInfo,
  shape: readonly number[],
  layout: Layout,
  random: Random,
): Strided {
  const own = layout === "single"
    ? []
    : layout === "row"
    ? shape.slice(-1)
    : layout === "column"
    ? [...shape.slice(0, -1), 1]
    : shape.slice();
  const order = own.map((_, d) => d);
  if (layout === "transposed") order.reverse();
  const strides = own.map(() => 0);
  let size = layout === "stepped" ? 3 : 1;
  for (const d of order.reverse()) {
    strides[d] = size;
    size *= own[d]!;
  }
  let offset = random(5);
  if (layout === "backwards" && own.length > 0) {
    const last = own.length - 1;
    offset += strides[last]! * (own[last]! - 1);
    strides[last] = -strides[last]!;
  }
  const storage = allocate(cpu, info, size + offset + 40);
  fillRandom(storage, info, random);
  const count = own.reduce((a, b) => a * b, 1);
  const dense = layout !== "transposed" && layout !== "stepped" &&
    layout !== "backwards";
  return { storage, info, shape: own, strides, offset, count, dense };
}

let kernels = 100000;

function kernelOf(arity: number, body: Expr): MapKernel {
  return { id: kernels++, arity, body };
}

const CONDITIONS: readonly Fn[] = [
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
  "not",
  "signbit",
];

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
    !(fn in FLOAT32_MATH) && CONDITIONS.includes(fn) === conditions
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

const PARAMS = [2.75, -3];

function compare(
  kernel: MapKernel,
  info: DTypeInfo,
  out: Strided,
  inputs: readonly Strided[],
  what: string,
): void {
  const [a, b, c] = [inputs[0]!, inputs[1] ?? null, inputs[2] ?? null];
  const js = copyOf(out);
  runMap(kernel, info, js, a, b, c, PARAMS);
  assert(wasmMap(kernel, info, out, a, b, c, PARAMS), `${what}: not served`);
  same(out, js, what);
}

function withLeast(body: () => void): void {
  const { mapLeast } = TUNING;
  TUNING.mapLeast = 0;
  try {
    body();
  } finally {
    TUNING.mapLeast = mapLeast;
  }
}

const TYPES = [FLOAT32, FLOAT64, INT32, INT64, BOOL, UINT8, INT8, INT16];

/** Around the width of a vector and of the unrolled loop. */
const SIZES = [
  ...Array.from({ length: 40 }, (_, k) => k + 1),
  63,
  64,
  65,
  1000,
];

/** A dense result with room around it, in the shared memory whatever its size. */
function result(
  info: DTypeInfo,
  shape: readonly number[],
  random: Random,
): Strided {
  const out = strided(info, shape, "dense", random);
  assert((out.storage as CpuStorage).pointer > 0);
  return out;
}

for (const info of TYPES) {
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
    for (const info of TYPES) {
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
  const lgamma = kernelOf(1, call("lgamma", input(0)));
  assertEquals(wasmMap(lgamma, FLOAT32, out, x, null, null, []), false);
  const divided = kernelOf(2, call("floorDiv", input(0), input(0)));
  const whole = strided(INT32, [100], "dense", random);
  assertEquals(wasmMap(divided, INT32, whole, whole, whole, null, []), false);
});

/** Units of the last place of float32 between a result and the exact value. */
function ulps(got: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity;
  if (got === 0 && rounded === 0) return Infinity;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126);
  return Math.abs(got - exact) / 2 ** (exponent - 23);
}

/** All magnitudes and the special values. */
function magnitudes(random: Random, count: number): number[] {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  return Array.from({ length: count }, (_, i) => {
    if (i < FLOATS.length) return Math.fround(FLOATS[i]!);
    if (i % 3 === 0) return Math.fround((random(2 ** 30) / 2 ** 29 - 1) * 20);
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
