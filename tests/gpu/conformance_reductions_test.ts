// Every reduction on the GPU gives what it gives on the CPU: all element types,
// all geometries, long and short rows, special values.

import type { Device } from "@dinograd/dinograd";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  INT32,
} from "../../src/tensor/dtype.ts";
import { OPS } from "../../src/tensor/op.ts";
import { reduce, type ReduceOp } from "../../src/tensor/reduce_op.ts";
import { countElements, type Dims } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { refuses, valuesFor } from "../conformance/reduce_checks.ts";
import { tensorOf, valuesOf } from "../conformance/tensors.ts";
import { backHome, type Form, GPU_TYPES, placed } from "./beside_cpu.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/**
 * How far off each result may be: sums and products of floats are added in
 * trees of float32, where the CPU adds in float64. Sums of `n` elements are
 * rounded as often as the tree is deep, products of them for each, and results
 * in narrow types once more.
 */
function slack(op: ReduceOp, x: Tensor, dims: Dims | null, n: number) {
  const { step } = op.kernel;
  const extreme = step.kind === "call" && /^(min|max|and|or)$/.test(step.fn);
  const sizes = reduce(op, x.info === BOOL ? x : x.abs(), dims);
  if (extreme || sizes.info.category !== 2) return null;
  const depth = op.name === "prod" ? n : Math.log2(Math.max(n, 1));
  const roundings = 6 + depth;
  const last = sizes.info.bytes === 4
    ? 0
    : sizes.info.name === "float16"
    ? 2 ** -10
    : 2 ** -7;
  return valuesOf(sizes).map((size) =>
    Math.abs(size) * (roundings * 2 ** -24 + last) + 2 ** -126
  );
}

function check(
  op: ReduceOp,
  gpu: Device,
  x: Tensor,
  form: Form,
  dims: Dims | null,
  what: string,
): void {
  const want = reduce(op, x, dims);
  const got = backHome(reduce(op, placed(gpu, x, form), dims));
  const where = `${op.name} over ${
    JSON.stringify(dims)
  } of ${x.info.name} [${x.shape}], ${form}, ${what}`;
  if (String(got.shape) !== String(want.shape)) {
    throw new Error(`${where}: [${got.shape}], expected [${want.shape}]`);
  }
  const type = want.info.name === "int64" ? "int32" : want.info.name;
  if (got.info.name !== type) {
    throw new Error(`${where}: ${got.info.name}, expected ${type}`);
  }
  const found = valuesOf(got);
  const expected = valuesOf(want);
  const n = x.count / Math.max(want.count, 1);
  const room = slack(op, x, dims, n);
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i]!;
    if (Object.is(found[i], value) || found[i] === value) continue;
    const far = Math.abs(found[i]! - value);
    if (room !== null && far <= room[i]!) continue;
    throw new Error(`${where}: element ${i} is ${found[i]}, expected ${value}`);
  }
}

/** Numbers of which sums of thousands are neither huge nor exact. */
function wave(count: number, info: DTypeInfo): number[] {
  return Array.from(
    { length: count },
    (_, i) =>
      info.category === 2
        ? 1 + Math.sin(3.7 * i) / 2000
        : info === BOOL
        ? Number(i % 7 !== 3)
        : i % 11 === 5
        ? 2
        : 1,
  );
}

for (const op of OPS.filter((op): op is ReduceOp => op.family === "reduce")) {
  gpuTest(
    `conformance on the GPU: ${op.name} (reduction ${op.kernel.id})`,
    (gpu) => {
      for (const info of GPU_TYPES) {
        if (refuses(op, info)) continue;
        const shape = [3, 4, 5];
        const values = valuesFor(op, info, countElements(shape));
        const x = tensorOf(values, shape, info);
        check(op, gpu, x, "dense", null, "all");
        check(op, gpu, x, "gaps", 1, "one dimension");
        if (info !== FLOAT32 && info !== INT32) continue;
        for (const dims of [0, -1, [0, 2], [0, 1, 2]]) {
          for (const form of ["dense", "gaps", "transposed"] as const) {
            check(op, gpu, x, form, dims, "geometry");
          }
        }
        const lengths: [number[], Dims | null][] = [
          [[1030], null],
          [[2, 515], 0],
          [[2, 515], 1],
          [[515, 2], 0],
          [[40_000], null],
          [[2, 20_000], 1],
          [[20_000, 2], 0],
          [[2000, 3], 0],
          [[3, 2000], 0],
        ];
        // A product of so many is 0 or infinite, or wraps.
        const many = op.name.includes("prod") ? lengths.slice(0, 2) : lengths;
        for (const [shape, dims] of many) {
          const long = tensorOf(
            wave(countElements(shape), info),
            shape,
            info,
          );
          check(op, gpu, long, "dense", dims, "long");
        }
        check(op, gpu, tensorOf([2], [], info), "later", null, "0-d");
        if (op.needsElements) continue;
        check(op, gpu, tensorOf([], [0, 3], info), "dense", 1, "no rows");
        check(op, gpu, tensorOf([], [0, 3], info), "dense", 0, "empty rows");
        check(op, gpu, tensorOf([], [0, 3], info), "dense", null, "empty");
      }
      if (refuses(op, FLOAT32)) return;
      for (const special of [NaN, Infinity, -Infinity, -0]) {
        const values = [1, special, -2, 3];
        const x = tensorOf(values, [2, 2], FLOAT32);
        for (const dims of [null, 0, 1]) {
          check(op, gpu, x, "dense", dims, String(special));
        }
        const long = wave(9000, FLOAT32).with(7000, special);
        check(
          op,
          gpu,
          tensorOf(long, [9000], FLOAT32),
          "dense",
          null,
          `${special} among many`,
        );
      }
    },
  );
}

countGpuTests("reductions");
