// Addition, subtraction and multiplication. One record per op, the function
// that users call below it. Rules call methods, so that op files need not
// import each other.

import { checkRealFactor } from "../arguments.ts";
import { IN0, IN1 } from "../../grad/node.ts";
import { BOOL } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { defineMap, map2, mapInto2 } from "../map_op.ts";
import { checkFits } from "../number_range.ts";
import { isTensorOperand, type Operand, resultInfo, toTensor } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode add}, {@linkcode sub} and {@linkcode rsub}. */
export interface AlphaOptions {
  /** Factor of the second operand; 1 where not given. */
  readonly alpha?: number | boolean;
}

const ALPHA = ["alpha"];

/** Reads `alpha`, which must suit the type of the result. */
function alphaOf(
  fn: string,
  x: Operand,
  y: Operand,
  options: AlphaOptions,
): number {
  checkOptions(options, ALPHA, fn);
  const { alpha = 1 } = options;
  if (alpha === 1) return alpha;
  checkRealFactor(fn, "alpha", alpha);
  const a = toTensor(x, y);
  const info = resultInfo(a, toTensor(y, a));
  if (typeof alpha === "boolean") {
    if (info.category !== 0) {
      throw new RuntimeError(
        "Boolean alpha only supported for Boolean results.",
      );
    }
    return Number(alpha);
  }
  if (Number.isInteger(alpha)) {
    if (info.category === 0) return Number(alpha !== 0);
    checkFits(alpha, info);
    return alpha;
  }
  if (info.category < 2) {
    throw new RuntimeError(
      "For integral input tensors, argument alpha must not be a floating point number.",
      `the result is ${info.name}; convert an operand with float() first`,
    );
  }
  return alpha;
}

const ADD = defineMap({
  name: "add",
  arity: 2,
  kernel: (x, y) => call("add", x, y),
  vjps: [(g) => g, (g) => g],
  samples: [[1, 2], [-3, 0.5]],
});

const ADD_SCALED = defineMap({
  name: "add",
  arity: 2,
  kernel: (x, y) => call("add", x, call("mul", param(0), y)),
  vjps: [(g) => g, (g, _n, [alpha]) => g.mul(alpha!)],
  samples: [[1, 2], [-3, 0.5]],
  params: [2.5],
});

/**
 * Adds two tensors: `x + alpha * y`. Shapes broadcast, types promote. See `torch.add`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(dg.add(x, 10).tolist(), [11, 12]);
 * assertEquals(x.add(x, { alpha: 2 }).tolist(), [3, 6]);
 * ```
 */
export function add(x: Operand, y: Operand, options?: AlphaOptions): Tensor {
  if (options !== undefined) {
    const alpha = alphaOf("add", x, y, options);
    if (alpha !== 1) return map2(ADD_SCALED, x, y, [alpha]);
  }
  return map2(ADD, x, y);
}

/** Adds to `x` in place; see {@linkcode add}. */
export function add_(x: Tensor, y: Operand, options?: AlphaOptions): Tensor {
  if (options !== undefined) {
    const alpha = alphaOf("add_", x, y, options);
    if (alpha !== 1) return mapInto2(ADD_SCALED, x, y, [alpha]);
  }
  return mapInto2(ADD, x, y);
}

const SUB = defineMap({
  name: "sub",
  arity: 2,
  kernel: (x, y) => call("sub", x, y),
  vjps: [(g) => g, (g) => g.neg()],
  samples: [[1, 2], [-3, 0.5]],
});

const SUB_SCALED = defineMap({
  name: "sub",
  arity: 2,
  kernel: (x, y) => call("sub", x, call("mul", param(0), y)),
  vjps: [(g) => g, (g, _n, [alpha]) => g.mul(-alpha!)],
  samples: [[1, 2], [-3, 0.5]],
  params: [2.5],
});

function isBool(x: Operand): boolean {
  return isTensorOperand(x) ? x.info === BOOL : typeof x === "boolean";
}

/** Subtraction is not defined for masks. */
function checkNoMask(x: Operand, y: Operand): void {
  const p = isBool(x);
  const q = isBool(y);
  if (!p && !q) return;
  throw p && q
    ? new RuntimeError(
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logicalXor()` operator instead.",
    )
    : new RuntimeError(
      "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logicalNot()` operator instead.",
    );
}

/**
 * Subtracts: `x - alpha * y`. Shapes broadcast, types promote; bool is refused.
 * See `torch.sub`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(dg.sub(x, 10).tolist(), [-9, -8]);
 * assertEquals(dg.sub(1, x).tolist(), [0, -1]);
 * ```
 */
export function sub(x: Operand, y: Operand, options?: AlphaOptions): Tensor {
  checkNoMask(x, y);
  if (options !== undefined) {
    const alpha = alphaOf("sub", x, y, options);
    if (alpha !== 1) return map2(SUB_SCALED, x, y, [alpha]);
  }
  return map2(SUB, x, y);
}

/** Subtracts from `x` in place; see {@linkcode sub}. */
export function sub_(x: Tensor, y: Operand, options?: AlphaOptions): Tensor {
  checkNoMask(x, y);
  if (options !== undefined) {
    const alpha = alphaOf("sub_", x, y, options);
    if (alpha !== 1) return mapInto2(SUB_SCALED, x, y, [alpha]);
  }
  return mapInto2(SUB, x, y);
}

const RSUB = defineMap({
  name: "rsub",
  arity: 2,
  kernel: (x, y) => call("sub", y, call("mul", param(0), x)),
  vjps: [
    (g, _n, [alpha]) => alpha === 1 ? g.neg() : g.mul(-alpha!),
    (g) => g,
  ],
  samples: [[1, 2], [-3, 0.5]],
  params: [2.5],
});

/** As {@linkcode RSUB} from a plain number, which PyTorch records under another name. */
const RSUB_NUMBER = { ...RSUB, node: "RsubBackward1" };

/**
 * Subtracts the other way round: `y - alpha * x`. See `torch.rsub`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.rsub(dg.tensor([1, 2]), 10).tolist(), [9, 8]);
 * ```
 */
export function rsub(
  x: Tensor,
  y: Operand,
  options: AlphaOptions = {},
): Tensor {
  checkNoMask(x, y);
  const alpha = alphaOf("rsub", x, y, options);
  return map2(typeof y === "object" ? RSUB : RSUB_NUMBER, x, y, [alpha]);
}

const MUL = defineMap({
  name: "mul",
  arity: 2,
  kernel: (x, y) => call("mul", x, y),
  vjps: [(g, n) => g.mul(n.input(1)), (g, n) => g.mul(n.input(0))],
  saves: [IN1, IN0],
  samples: [[1, 2], [-3, 0.5]],
});

/**
 * Multiplies two tensors. Shapes broadcast, types promote. See `torch.mul`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.mul(dg.tensor([1, 2]), 3).tolist(), [3, 6]);
 * ```
 */
export function mul(x: Operand, y: Operand): Tensor {
  return map2(MUL, x, y);
}

/** Multiplies `x` in place; see {@linkcode mul}. */
export function mul_(x: Tensor, y: Operand): Tensor {
  return mapInto2(MUL, x, y);
}

/**
 * The same as {@linkcode sub}. See `torch.subtract`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.subtract(dg.tensor([3, 2]), 1).tolist(), [2, 1]);
 * ```
 */
export function subtract(
  x: Operand,
  y: Operand,
  options?: AlphaOptions,
): Tensor {
  return sub(x, y, options);
}

/** The same as {@linkcode sub_}. */
export function subtract_(
  x: Tensor,
  y: Operand,
  options?: AlphaOptions,
): Tensor {
  return sub_(x, y, options);
}

/**
 * The same as {@linkcode mul}. See `torch.multiply`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.multiply(dg.tensor([3, 2]), 2).tolist(), [6, 4]);
 * ```
 */
export function multiply(x: Operand, y: Operand): Tensor {
  return mul(x, y);
}

/** The same as {@linkcode mul_}. */
export function multiply_(x: Tensor, y: Operand): Tensor {
  return mul_(x, y);
}
