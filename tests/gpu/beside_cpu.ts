// What the GPU computes beside what the CPU computes: operands of every
// geometry, and how far apart the results may be.

import type { Device } from "../../src/tensor/device.ts";
import { hostDevice } from "../../src/tensor/device.ts";
import {
  BFLOAT16,
  BOOL,
  type DTypeInfo,
  FLOAT16,
  FLOAT32,
  INT16,
  INT32,
  INT8,
  UINT8,
} from "../../src/tensor/dtype.ts";
import type { Expr } from "../../src/tensor/expr.ts";
import { makeTensor } from "../../src/tensor/fields.ts";
import { emptyTensor } from "../../src/tensor/op.ts";
import { contiguousStrides, type Shape } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isDense } from "../../src/tensor/view.ts";
import { tensorOf, valuesOf } from "../conformance/tensors.ts";
import { bound, type Precision } from "../cpu/error_bound.ts";
import { HAS_FLOAT16 } from "./gpu_test_case.ts";

/** The element types of the GPU; float16 where it has it. */
export const GPU_TYPES: readonly DTypeInfo[] = [
  FLOAT32,
  INT32,
  BOOL,
  UINT8,
  INT8,
  INT16,
  BFLOAT16,
  ...(HAS_FLOAT16 ? [FLOAT16] : []),
];

/** How a tensor lies in its memory. */
export type Form = "dense" | "gaps" | "transposed" | "later";

/** A copy of a tensor of the host on a device, lying as asked for. */
export function placed(device: Device, x: Tensor, form: Form): Tensor {
  const { shape, info, count } = x;
  const dense = contiguousStrides(shape);
  const strides = form === "gaps"
    ? dense.map((n) => 2 * n)
    : form === "transposed"
    ? contiguousStrides(shape.toReversed()).toReversed()
    : dense;
  const offset = form === "gaps" || form === "later" ? 3 : 0;
  const length = Math.max(1, 2 * count + 3);
  const storage = device.allocate(info, length);
  const out = makeTensor(
    storage,
    info,
    shape,
    strides,
    offset,
    count,
    isDense(shape, strides),
  );
  device.copy(out, x);
  return out;
}

/** One element of a 0-d tensor repeated by strides of zero, on a device. */
export function stretched(device: Device, x: Tensor, shape: Shape): Tensor {
  return placed(device, x, "later").expand(shape);
}

/** Elements of the host as the GPU gives them back. */
export function backHome(x: Tensor): Tensor {
  const out = emptyTensor(hostDevice(), x.info, x.shape);
  x.storage.device.copy(out, x);
  return out;
}

/** Units of the last place by which our functions may be off: measured over all of float32. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["erf", 4],
  ["erfinv", 6],
  ["erfc", 7],
  // They have zeros away from 0, around which the error is one of the argument.
  ["lgamma", 16],
  ["digamma", 16],
  ["polygamma", 16],
  ["i0", 5],
  ["i0e", 4],
  ["i1", 5],
  ["i1e", 4],
  ["j0", 7],
  ["j1", 5],
  ["y0", 5],
  ["y1", 5],
  ["k0", 7],
  ["k0e", 8],
  ["k1", 4],
  ["k1e", 4],
  ["erfcx", 6],
  ["ndtr", 8],
  ["logNdtr", 7],
  ["ndtri", 4],
  ["zeta", 6],
  // Series and fractions of many terms.
  ["gammainc", 14],
  ["gammaincc", 14],
]);
const USUAL_UNITS = 3;

function unitsOf(expr: Expr): number {
  if (expr.kind !== "call") return USUAL_UNITS;
  return Math.max(UNITS.get(expr.fn) ?? 0, ...expr.args.map(unitsOf));
}

function hasExtremes(expr: Expr): boolean {
  return expr.kind === "call" &&
    (expr.fn === "min" || expr.fn === "max" || expr.args.some(hasExtremes));
}

/**
 * Whether the GPU's result is one that correct arithmetic may give: the exact
 * bits where an expression has no functions but arithmetic, else within the
 * errors of its functions, carried along; narrow types round at the end.
 */
export function isCorrect(
  body: Expr,
  inputs: readonly number[],
  params: readonly number[],
  info: DTypeInfo,
  found: number,
): boolean {
  const precision: Precision = {
    round: Math.fround,
    relative: 2 ** -23,
    least: 2 ** -149,
    units: unitsOf(body),
  };
  const { value, error } = bound(body, inputs, params, precision);
  if (error === Infinity) return true;
  // Which of two zeros is the larger one is left open, by PyTorch too.
  if (found === 0 && value === 0 && hasExtremes(body)) return true;
  const [low, high] = valuesOf(
    tensorOf([value - error, value + error], [2], info),
  ) as [number, number];
  return Object.is(found, low) || Object.is(found, high) ||
    (low <= found && found <= high && found !== 0);
}
