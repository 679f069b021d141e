// Elements chosen by a bool mask that broadcasts to the tensor.

import { checkReal } from "../complex_value.ts";
import { IN1 } from "../../grad/node.ts";
import { anywhere } from "../batching.ts";
import { BOOL, type DTypeInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr, param } from "../expr.ts";
import { firstPositions, positionsOf } from "../index_range.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMap, map2, map3, mapInto2, mapInto3 } from "../map_op.ts";
import { checkFits } from "../number_range.ts";
import { type Complex, isComplexNumber } from "../complex_number.ts";
import { complexScalar, emptyTensor, toDense } from "../op.ts";
import { broadcastShapes, countElements } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

function choose(mask: Expr, then: Expr, otherwise: Expr): Expr {
  return call("select", call("ne", mask, 0), then, otherwise);
}

const MASKED_FILL = defineMap({
  name: "maskedFill",
  arity: 2,
  kernel: (x, mask) => choose(mask, param(0), x),
  vjps: [(g, n) => g.maskedFill(n.input(1), 0), null],
  saves: [IN1],
  samples: [[2, 0], [3, 1]],
  params: [-1.5],
});

const MASKED_FILL_TENSOR = defineMap({
  name: "maskedFill",
  node: "MaskedFillBackward1",
  arity: 3,
  kernel: (x, mask, value) => choose(mask, value, x),
  vjps: [
    (g, n) => g.maskedFill(n.input(1), 0),
    null,
    (g, n) => g.where(n.input(1), 0).sum(),
  ],
  saves: [IN1, 0, IN1],
  samples: [[2, 0, 5], [3, 1, 5]],
});

/** What {@linkcode maskedFill} stores: a number or a 0-d tensor. */
export type MaskValue = number | boolean | Complex | Tensor;

/**
 * Fills the elements where `mask` (bool, broadcast) is true with a number or a
 * 0-d tensor. See `torch.masked_fill`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3]);
 * const mask = dg.tensor([true, false, true]);
 * assertEquals(dg.maskedFill(x, mask, -1).tolist(), [-1, 2, -1]);
 * ```
 */
export function maskedFill(
  x: Tensor,
  mask: Tensor,
  value: MaskValue,
): Tensor {
  if (isComplexNumber(value)) {
    return maskedFill(x, mask, complexScalar(value, x.info));
  }
  checkFill(x, mask, value);
  // PyTorch names the mask first where the shapes do not fit.
  broadcastShapes(mask.shape, x.shape);
  return typeof value === "object"
    ? map3(MASKED_FILL_TENSOR, x, mask, value.to(x.dtype))
    : map2(MASKED_FILL, x, mask, [fitted(value, x.info)]);
}

function checkFill(
  x: Tensor,
  mask: Tensor,
  value: number | boolean | Tensor,
): void {
  if (mask.info !== BOOL) {
    throw new RuntimeError(
      `maskedFill_ only supports boolean masks, but got mask with dtype ${mask.info.cName}`,
      'convert it with to("bool")',
    );
  }
  if (typeof value !== "object") checkFits(value, x.info);
  else if (value.shape.length > 0) {
    throw new RuntimeError(
      `maskedFill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
      "where() and maskedScatter() take a value per element",
    );
  } else checkReal(value, x.info);
}

/** The number that an element type makes of a value. */
function fitted(value: number | boolean, info: DTypeInfo): number {
  const number = Number(value);
  if (info.category >= 2) return number;
  return info.category === 1 ? Math.trunc(number) : Number(number !== 0);
}

/** Fills elements in place; see {@linkcode maskedFill}. */
export function maskedFill_(
  x: Tensor,
  mask: Tensor,
  value: MaskValue,
): Tensor {
  if (isComplexNumber(value)) {
    return maskedFill_(x, mask, complexScalar(value, x.info));
  }
  checkFill(x, mask, value);
  return typeof value === "object"
    ? mapInto3(MASKED_FILL_TENSOR, x, mask, value.to(x.dtype))
    : mapInto2(MASKED_FILL, x, mask, [fitted(value, x.info)]);
}

function requireMask(name: string, mask: Tensor): void {
  if (mask.info === BOOL) return;
  throw new RuntimeError(
    name === "maskedSelect"
      ? "maskedSelect: expected BoolTensor for mask"
      : `maskedScatter_ only supports boolean masks, but got mask with dtype ${mask.info.cName}`,
    'convert it with to("bool")',
  );
}

const MASKED_SELECT = defineKernel<null>({
  name: "maskedSelect",
  forward: ([x, mask]) => {
    const { device } = x!.storage;
    const shape = broadcastShapes(x!.shape, mask!.shape);
    const where = positionsOf(mask!.expand(shape));
    const out = emptyTensor(device, x!.info, where.shape);
    const flat = toDense(x!.expand(shape)).reshape(-1);
    device.gather(out, flat, 0, where);
    return out;
  },
  vjps: [
    (g, n) => {
      const mask = n.input(1);
      const shape = broadcastShapes(n.inputShape(0), mask.shape);
      return g.newZeros(shape).maskedScatter(mask, g);
    },
    null,
  ],
  saves: [IN1],
});

/**
 * Picks the elements where `mask` (bool) is true, as a vector; both broadcast.
 * See `torch.masked_select`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * const mask = dg.tensor([true, false]);
 * assertEquals(dg.maskedSelect(x, mask).tolist(), [1, 3]);
 * ```
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  requireMask("maskedSelect", mask);
  broadcastShapes(mask.shape, x.shape);
  return run(MASKED_SELECT, [x, mask], null);
}

/** How many true elements are before each, or 0. */
function ranks(mask: Tensor): Tensor {
  return mask.reshape(-1).cumsum(0).sub(1).clamp({ min: 0 });
}

/** Replaces masked elements without knowing where they are: vmap's samples differ. */
function byRank(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  const rank = ranks(mask);
  if (anywhere(mask.sum().gt(source.count))) throw tooFew("more", source);
  if (source.count === 0) return x;
  const all = source.reshape(-1).gather(
    0,
    rank.clamp({ max: source.count - 1 }),
  );
  return all.reshape(x.shape).where(mask, x);
}

function tooFew(wanted: number | string, source: Tensor): RuntimeError {
  return new RuntimeError(
    "Number of elements of source < number of ones in mask",
    `the mask has ${wanted} true elements, the source ${source.count} elements`,
  );
}

const MASKED_SCATTER = defineKernel<null>({
  name: "maskedScatter",
  forward: ([x, mask, source]) => {
    const shape = broadcastShapes(x!.shape, mask!.shape);
    const out = x!.expand(shape).clone();
    if (mask!.storage.device.lift !== undefined) {
      return byRank(out, mask!.expand(shape), source!);
    }
    const where = positionsOf(mask!.expand(shape));
    if (source!.count < where.count) {
      throw tooFew(where.count, source!);
    }
    const flat = toDense(source!).reshape(-1);
    x!.storage.device.scatter(out.reshape(-1), 0, where, flat, "set");
    return out;
  },
  vjps: [
    (g, n) => g.maskedFill(n.input(1), 0),
    null,
    (g, n) => {
      const mask = n.input(1);
      if (mask.storage.device.lift !== undefined) {
        const own = g.maskedFill(mask.logicalNot(), 0).reshape(-1);
        const rank = ranks(mask.expand(g.shape));
        const shape = n.inputShape(2);
        const none = g.newZeros([Math.max(countElements(shape), own.numel())]);
        return none.scatterAdd(0, rank, own)
          .narrow(0, 0, countElements(shape)).reshape(shape);
      }
      const used = g.maskedSelect(mask);
      const shape = n.inputShape(2);
      const all = g.newZeros([countElements(shape)]);
      return all.indexAdd(0, firstPositions(used), used).reshape(shape);
    },
  ],
  saves: [IN1, 0, IN1],
});

/**
 * Replaces the elements where `mask` (bool, broadcast) is true by the elements
 * of `source` in order. See `torch.masked_scatter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const mask = dg.tensor([true, false, true]);
 * const y = dg.maskedScatter(dg.zeros(3), mask, dg.tensor([7, 8]));
 * assertEquals(y.tolist(), [7, 0, 8]);
 * ```
 */
export function maskedScatter(
  x: Tensor,
  mask: Tensor,
  source: Tensor,
): Tensor {
  if (x.info !== source.info) {
    throw new RuntimeError(
      `maskedScatter: expected self and source to have same dtypes but got${x.info.scalarName} and ${source.info.scalarName}`,
      `convert the source with to("${x.dtype}")`,
    );
  }
  requireMask("maskedScatter", mask);
  return run(MASKED_SCATTER, [x, mask, source], null);
}

/** Replaces elements in place; see {@linkcode maskedScatter}. */
export function maskedScatter_(
  x: Tensor,
  mask: Tensor,
  source: Tensor,
): Tensor {
  return inplace(x, [source], (x) => maskedScatter(x, mask, source));
}
