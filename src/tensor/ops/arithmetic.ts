// Addition, multiplication and their kin. One record per op, the function that
// users call below it. Rules call methods, so that op files need not import
// each other.

import { IN0, IN1 } from "../../grad/node.ts";
import { call, param } from "../expr.ts";
import { defineMap, map2, mapInto2 } from "../map_op.ts";
import type { Operand } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

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

/** Options of {@linkcode add} and {@linkcode sub}. */
export interface AlphaOptions {
  /** Factor of the second operand; 1 where not given. */
  readonly alpha?: number;
}

const ALPHA = ["alpha"];

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
    checkOptions(options, ALPHA, "add");
    const { alpha = 1 } = options;
    if (alpha !== 1) return map2(ADD_SCALED, x, y, [alpha]);
  }
  return map2(ADD, x, y);
}

/** Adds to `x` in place; see {@linkcode add}. */
export function add_(x: Tensor, y: Operand, options?: AlphaOptions): Tensor {
  if (options !== undefined) {
    checkOptions(options, ALPHA, "add_");
    const { alpha = 1 } = options;
    if (alpha !== 1) return mapInto2(ADD_SCALED, x, y, [alpha]);
  }
  return mapInto2(ADD, x, y);
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

const DIV = defineMap({
  name: "div",
  arity: 2,
  float: true,
  kernel: (x, y) => call("div", x, y),
  vjps: [
    (g, n) => g.div(n.input(1)),
    (g, n) => g.mul(n.input(0).div(n.input(1)).div(n.input(1))).mul(-1),
  ],
  saves: [IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5]],
});

/**
 * Divides two tensors; integers give floats. See `torch.div`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.div(dg.tensor([1, 2]), 2).tolist(), [0.5, 1]);
 * ```
 */
export function div(x: Operand, y: Operand): Tensor {
  return map2(DIV, x, y);
}
