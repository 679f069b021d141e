// Small integers and 16-bit floats by kernels: maps convert in registers,
// reductions and scans by way of wide types, as exact as the loops.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import { TUNING } from "../../src/cpu/tuning.ts";
import type { Strided } from "../../src/tensor/device.ts";
import {
  BFLOAT16,
  BOOL,
  type DTypeInfo,
  FLOAT16,
  INT16,
  INT32,
  INT64,
  INT8,
  UINT8,
} from "../../src/tensor/dtype.ts";
import { call, type Expr, input, isCondition } from "../../src/tensor/expr.ts";
import { kernelOf, LAYOUTS, makeRandom, result, strided } from "./operands.ts";

/** Sends calls to kernels, or to loops only. */
function withKernels<T>(kernels: boolean, compute: () => T): T {
  const saved = { ...TUNING };
  const least = kernels ? 1 : Infinity;
  try {
    Object.assign(TUNING, {
      mapLeast: least,
      reduceLeast: least,
      indexLeast: least,
      stageLeast: least,
      threadLeast: 64,
    });
    return compute();
  } finally {
    Object.assign(TUNING, saved);
  }
}

/** Runs on both paths with the same contents of `out` and compares all of its memory. */
function sameMap(
  body: Expr,
  arity: number,
  compute: DTypeInfo,
  operands: readonly Strided[],
  out: Strided,
  name: string,
): void {
  const { data, base, length } = out.storage as CpuStorage;
  const before = data.slice(base, base + length) as Float32Array;
  const kernel = kernelOf(arity, body);
  const [a, b = null, c = null] = operands as [Strided, Strided?, Strided?];
  const [kernels, loops] = [true, false].map((on) => {
    (data as Float32Array).set(before, base);
    let failure = "";
    withKernels(on, () => {
      try {
        cpu.map(kernel, compute, out, a, b, c, []);
      } catch (error) {
        failure = String(error);
      }
    });
    return { values: data.slice(base, base + length), failure };
  }) as [
    { values: Float32Array; failure: string },
    { values: Float32Array; failure: string },
  ];
  assertEquals(kernels.failure, loops.failure, name);
  if (loops.failure !== "") return;
  for (let k = 0; k < length; k++) {
    const [p, q] = [kernels.values[k], loops.values[k]];
    if (!Object.is(p, q)) assertEquals(p, q, `${name} at ${k}`);
  }
}

const x = input(0);
const y = input(1);

const FLOAT_BODIES: readonly Expr[] = [
  call("add", x, y),
  call("sub", call("mul", x, y), x),
  call("div", x, y),
  call("neg", x),
  call("sqrt", call("abs", x)),
  call("floor", x),
  call("round", call("mul", x, y)),
  call("max", x, y),
  call("copysign", x, y),
  call("lt", x, y),
  call("select", call("ge", x, y), x, call("add", y, 1)),
];

const SHAPES = [[1], [3], [4], [33], [40], [1003], [5, 33], [3, 4, 7]];

for (const info of [FLOAT16, BFLOAT16]) {
  Deno.test(`kernels compute with ${info.name} as the loops do`, () => {
    const random = makeRandom(info.code);
    for (const body of FLOAT_BODIES) {
      for (const shape of SHAPES) {
        const layouts = shape.length === 1
          ? LAYOUTS.filter((l) => l !== "row" && l !== "column")
          : LAYOUTS;
        const operands = [0, 1].map(() =>
          strided(info, shape, layouts[random(layouts.length)]!, random)
        );
        const type = isCondition(body) ? BOOL : info;
        const out = result(type, shape, random);
        const name = `${JSON.stringify(body).slice(0, 60)} [${shape}]`;
        sameMap(body, 2, info, operands, out, name);
      }
    }
  });
}

/** Whole numbers and halves: every sum of them is exact. */
function exact(
  info: DTypeInfo,
  shape: readonly number[],
  random: (below: number) => number,
) {
  const count = shape.reduce((a, b) => a * b, 1);
  const [low, high] = info.category === 0
    ? [0, 2]
    : info.name === "uint8"
    ? [0, 256]
    : info.category === 2
    ? [-64, 64]
    : info.bytes === 1
    ? [-128, 128]
    : [-32768, 32768];
  const list = Array.from(
    { length: count },
    () => low + random(high - low),
  );
  const scale = info.category === 2 ? 0.5 : 1;
  return dg.tensor(list.map((v) => v * scale), { dtype: info.name }).reshape(
    shape.slice(),
  );
}

const REDUCTIONS: Record<string, (x: dg.Tensor, dim?: number) => dg.Tensor> = {
  sum: (x, dim) => dim === undefined ? x.sum() : x.sum(dim),
  amax: (x, dim) => dim === undefined ? x.amax() : x.amax(dim),
  amin: (x, dim) => dim === undefined ? x.amin() : x.amin(dim),
  all: (x, dim) => dim === undefined ? x.all() : x.all(dim),
  any: (x, dim) => dim === undefined ? x.any() : x.any(dim),
  countNonzero: (x, dim) =>
    dim === undefined ? x.countNonzero() : x.countNonzero(dim),
  prod: (x, dim) =>
    dim === undefined
      ? x.clone().remainder(3).prod()
      : x.remainder(2).prod(dim),
  argmax: (x, dim) => dim === undefined ? x.argmax() : x.argmax(dim),
  argmin: (x, dim) => dim === undefined ? x.argmin() : x.argmin(dim),
  cumsum: (x, dim) =>
    dim === undefined ? x.reshape(-1).cumsum(0) : x.cumsum(dim),
  cummax: (x, dim) =>
    dim === undefined ? x.reshape(-1).cummax(0).values : x.cummax(dim).indices,
};

for (const info of [BOOL, UINT8, INT8, INT16, FLOAT16, BFLOAT16]) {
  Deno.test(`kernels reduce and scan ${info.name} as the loops do`, () => {
    const random = makeRandom(40 + info.code);
    for (const shape of [[40], [2000], [40000], [70, 33], [3, 50, 9]]) {
      const all = exact(info, shape, random);
      for (const [name, reduce] of Object.entries(REDUCTIONS)) {
        if (info === BOOL && name.startsWith("arg")) continue;
        if (info === BOOL && name === "prod") continue;
        const views = shape.length === 1
          ? [all, all.narrow(0, 3, shape[0]! - 3)]
          : [all, all.transpose(0, 1), all.narrow(-1, 1, shape.at(-1)! - 2)];
        for (const view of views) {
          for (const dim of [undefined, 0, -1]) {
            const [a, b] = [true, false].map((on) =>
              withKernels(on, () => {
                const out = reduce(view, dim);
                return [out.dtype, out.shape, out.typedArray()] as const;
              })
            );
            assertEquals(
              a,
              b,
              `${name} of ${info.name} [${view.shape}] ${dim}`,
            );
          }
        }
      }
    }
  });
}

Deno.test("products of 16-bit floats are rounded from float32", () => {
  const random = makeRandom(6);
  for (const info of [FLOAT16, BFLOAT16]) {
    const a = exact(info, [40, 30], random).div(64);
    const b = exact(info, [30, 50], random).div(64);
    const [p, q] = [true, false].map((on) =>
      withKernels(on, () => a.matmul(b))
    ) as [dg.Tensor, dg.Tensor];
    assertEquals(p.dtype, info.name);
    assert(dg.allclose(p.to("float32"), q.to("float32"), { rtol: 1e-2 }));
  }
});

const INTEGER_BODIES: readonly Expr[] = [
  call("truncDiv", x, y),
  call("floorDiv", x, y),
  call("fmod", x, y),
  call("remainder", x, y),
  call("pow", x, y),
  call("shiftLeft", x, y),
  call("shiftRight", x, y),
  call("min", x, y),
  call("max", x, y),
  call("abs", call("sub", x, y)),
  call("bitXor", x, call("bitNot", y)),
  call("add", call("remainder", x, 7), call("floorDiv", y, -3)),
  call("pow", x, 3),
];

const DIVIDES = new Set(["truncDiv", "floorDiv", "fmod", "remainder"]);

for (const info of [UINT8, INT8, INT16, INT32, INT64]) {
  Deno.test(`kernels divide, shift and raise ${info.name} as the loops do`, () => {
    const random = makeRandom(60 + info.code);
    const big = info === INT64;
    const edges = big
      ? [
        -(2n ** 63n),
        2n ** 63n - 1n,
        -1n,
        0n,
        1n,
        2n,
        -7n,
        63n,
        64n,
        2n ** 53n + 1n,
      ]
      : [info.min, info.max, -1, 0, 1, 2, -7, 31, 32, 100];
    for (const body of INTEGER_BODIES) {
      for (
        const shape of [[1], [3], [4], [5], [33], [1003], [5, 33], [3, 4, 7]]
      ) {
        for (const zeros of [false, true]) {
          const layouts = shape.length === 1
            ? LAYOUTS.filter((l) => l !== "row" && l !== "column")
            : LAYOUTS;
          const operands = [0, 1].map((k) => {
            const s = strided(
              info,
              shape,
              layouts[random(layouts.length)]!,
              random,
            );
            const { data, base, length } = s.storage as CpuStorage;
            const fn = body.kind === "call" ? body.fn : "";
            for (let i = 0; i < length; i++) {
              let value = random(3) === 0
                ? edges[random(edges.length)]!
                : big
                ? BigInt(random(2000) - 1000)
                : random(200) - 100;
              const isZero = Number(value) === 0;
              if (k === 1 && DIVIDES.has(fn) && isZero && !zeros) {
                value = big ? 3n : 3;
              }
              (data as BigInt64Array)[base + i] = value as bigint;
            }
            return s;
          });
          const out = result(info, shape, random);
          const name = `${
            JSON.stringify(body).slice(0, 60)
          } [${shape}] ${zeros}`;
          sameMap(body, 2, info, operands, out, name);
        }
      }
    }
  });
}
