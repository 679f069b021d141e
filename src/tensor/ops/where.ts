// Choosing between two tensors by a mask. The other ops' rules call it where a
// gradient is masked; it imports none of them.

import { record } from "../../grad/history.ts";
import { IN2 } from "../../grad/node.ts";
import { BOOL, INT64, UINT8 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call } from "../expr.ts";
import { defineKernel } from "../kernel_op.ts";
import { defineMap } from "../map_op.ts";
import { isWhole } from "../number_operand.ts";
import { checkFits } from "../number_range.ts";
import {
  commonDeviceOf,
  emptyTensor,
  isTensorOperand,
  mapInput,
  NO_PARAMS,
  type Operand,
  resultInfo,
  scalarTensor,
  toTensor,
} from "../op.ts";
import { broadcastShapes, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** What a device computes, the mask being converted to the type of the values. */
const SELECT = defineMap({
  name: "select",
  arity: 3,
  kernel: (mask, x, y) => call("select", call("ne", mask, 0), x, y),
  samples: [[1, 2, 3], [0, 2, 3]],
});

/** The shape of two operands; most often they have the same. */
function together(p: Shape, q: Shape): Shape {
  return p === q || sameShape(p, q) ? p : broadcastShapes(p, q);
}

function choose(mask: Tensor, x: Tensor, y: Tensor): Tensor {
  const info = resultInfo(x, y);
  const shape = together(together(mask.shape, x.shape), y.shape);
  const { device } = x.storage;
  const target = mask.storage.device === device && y.storage.device === device
    ? device
    : commonDeviceOf([mask, x, y]);
  const out = emptyTensor(target, info, shape);
  target.map(
    SELECT.kernel,
    info,
    out,
    mapInput(target, mask, info),
    mapInput(target, x, info),
    mapInput(target, y, info),
    NO_PARAMS,
  );
  return out;
}

const WHERE = defineKernel<null>({
  name: "where",
  forward: ([x, y, mask]) => choose(mask!, x!, y!),
  vjps: [
    (g, n) => where(n.input(2), g, 0),
    (g, n) => where(n.input(2), 0, g),
    null,
  ],
  saves: [IN2, IN2, 0],
});

/**
 * Takes the element of `x` where the mask is true, that of `y` elsewhere. All
 * three broadcast; `x` and `y` may be numbers. See `torch.where`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, -2, 3]);
 * assertEquals(dg.where(x.gt(0), x, 0).tolist(), [1, 0, 3]);
 * assertEquals(x.where(x.gt(0), -1).tolist(), [1, -1, 3]);
 * const [positions] = dg.where(x.gt(0));
 * assertEquals(positions!.tolist(), [0, 2]);
 * ```
 */
export function where(condition: Tensor, x: Operand, y: Operand): Tensor;
/** Finds the elements that are not zero: a vector of indices for each dimension. */
export function where(condition: Tensor): Tensor[];
export function where(
  condition: Tensor,
  x?: Operand,
  y?: Operand,
): Tensor | Tensor[] {
  if (x === undefined || y === undefined) {
    if (x === y) return condition.nonzero({ asTuple: true });
    throw new TypeError("where() takes a mask alone or a mask and two values");
  }
  if (condition.info !== BOOL && condition.info !== UINT8) {
    throw new RuntimeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.info.scalarName}`,
      "make a mask with a comparison, for example condition.ne(0)",
    );
  }
  if (typeof x !== "object" && typeof y !== "object") {
    const [a, b] = twoNumbers(x, y);
    return choose(condition, a, b);
  }
  checkBeside(x, y);
  checkBeside(y, x);
  const a = toTensor(x, y);
  const b = toTensor(y, a);
  const out = choose(condition, a, b);
  record(WHERE, [a, b, condition], out, null);
  return out;
}

/** Fails for an integer that does not fit beside a tensor of integers. */
function checkBeside(value: Operand, x: Operand): void {
  if (typeof value === "object" || !isTensorOperand(x)) return;
  if (x.info.category === 1 && isWhole(value)) checkFits(value, x.info);
}

/** Two plain numbers: integers stay integers, as in Python. */
function twoNumbers(
  x: number | boolean | bigint,
  y: number | boolean | bigint,
): [Tensor, Tensor] {
  if (typeof x === "boolean" && typeof y === "boolean") {
    return [scalarTensor(x, BOOL), scalarTensor(y, BOOL)];
  }
  if (isWhole(x) && isWhole(y)) {
    return [scalarTensor(x, INT64), scalarTensor(y, INT64)];
  }
  return [toTensor(Number(x), 0), toTensor(Number(y), 0)];
}
