// Which type two operands are computed in.

import { deviceOf } from "../device.ts";
import {
  BOOL,
  complexInfo,
  defaultDtypeInfo,
  type DType,
  INT64,
} from "../dtype.ts";
import { isComplexNumber } from "../complex_number.ts";
import {
  commonDevice,
  isTensorOperand,
  numberTensor,
  type Operand,
  resultInfo,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** A number as PyTorch sees one: an integer where it is whole. */
function plain(x: Exclude<Operand, Tensor>): Tensor {
  const info = isComplexNumber(x)
    ? complexInfo(defaultDtypeInfo())
    : typeof x === "boolean"
    ? BOOL
    : typeof x === "bigint" || Number.isInteger(x)
    ? INT64
    : defaultDtypeInfo();
  const out = numberTensor(0, info);
  out.wrapped = true;
  return out;
}

/**
 * The type that an op on two operands computes in: tensors with dimensions
 * count before 0-d ones, and those before plain numbers. See
 * `torch.result_type`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2], { dtype: "int32" });
 * assertEquals(dg.resultType(x, 2), "int32");
 * assertEquals(dg.resultType(x, 2.5), "float32");
 * ```
 */
export function resultType(x: Operand, y: Operand): DType {
  const a = isTensorOperand(x) ? x : plain(x);
  const b = isTensorOperand(y) ? y : plain(y);
  const info = resultInfo(a, b);
  if (info !== INT64) return info.name;
  // A GPU has int32 where the host has int64.
  const device = a.wrapped && b.wrapped
    ? deviceOf(undefined)
    : commonDevice(a, b);
  return device.indexInfo.name;
}
