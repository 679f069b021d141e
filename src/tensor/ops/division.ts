// Division, true and rounded, and remainders. Dividing integers by zero is an
// error unless the result is a float.

import { IN0, IN1 } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { call } from "../expr.ts";
import { defineMap, map2, mapInto2, type MapOp } from "../map_op.ts";
import { notDifferentiable } from "../not_differentiable.ts";
import { type Operand, ZERO_VJP } from "../op.ts";
import { refuseBool } from "../refusal.ts";
import { checkOptions } from "../shape.ts";
import { slopeRule } from "../slope_op.ts";
import type { Tensor } from "../tensor.ts";

const DIV = defineMap({
  name: "div",
  arity: 2,
  float: true,
  kernel: (x, y) => call("div", x, y),
  vjps: [
    (g, n) => g.div(n.input(1)),
    slopeRule(
      "div",
      [IN0, IN1],
      (g, x, y) =>
        call("mul", call("neg", g), call("div", call("div", x!, y!), y!)),
      (g, n) => {
        const y = n.input(1);
        return g.neg().mul(n.input(0).div(y).div(y));
      },
    ),
  ],
  saves: [IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5]],
});

const DIV_FLOOR = defineMap({
  name: "div",
  node: "DivBackward2",
  arity: 2,
  check: refuseBool("div_floor_cpu"),
  kernel: (x, y) => call("floorDiv", x, y),
  vjps: [ZERO_VJP, ZERO_VJP],
  samples: [[1, 2], [-3, 0.7]],
});

const DIV_TRUNC = defineMap({
  name: "div",
  node: "DivBackward2",
  arity: 2,
  check: refuseBool("div_trunc_cpu"),
  kernel: (x, y) => call("truncDiv", x, y),
  vjps: [ZERO_VJP, ZERO_VJP],
  samples: [[1, 2], [-3, 0.7]],
});

/** Options of {@linkcode div}. */
export interface DivOptions {
  /** Rounds the quotient down or to zero; integers then stay integers. */
  readonly roundingMode?: "floor" | "trunc" | null;
}

const KEYS = ["roundingMode"];

function divOp(fn: string, options: DivOptions): MapOp {
  checkOptions(options, KEYS, fn);
  const { roundingMode = null } = options;
  if (roundingMode === null) return DIV;
  if (roundingMode === "floor") return DIV_FLOOR;
  if (roundingMode === "trunc") return DIV_TRUNC;
  throw new RuntimeError(
    `div expected roundingMode to be one of None, 'trunc', or 'floor' but found '${roundingMode}'`,
  );
}

/**
 * Divides two tensors; integers give floats unless the quotient is rounded.
 * See `torch.div`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([7, -7]);
 * assertEquals(x.div(2).tolist(), [3.5, -3.5]);
 * assertEquals(x.div(2, { roundingMode: "floor" }).tolist(), [3, -4]);
 * ```
 */
export function div(x: Operand, y: Operand, options?: DivOptions): Tensor {
  return map2(options === undefined ? DIV : divOp("div", options), x, y);
}

/** Divides `x` in place; see {@linkcode div}. */
export function div_(x: Tensor, y: Operand, options?: DivOptions): Tensor {
  return mapInto2(options === undefined ? DIV : divOp("div_", options), x, y);
}

/**
 * The same as {@linkcode div}. See `torch.divide`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.divide(dg.tensor([3, 1]), 2).tolist(), [1.5, 0.5]);
 * ```
 */
export function divide(x: Operand, y: Operand, options?: DivOptions): Tensor {
  return div(x, y, options);
}

/** The same as {@linkcode div_}. */
export function divide_(x: Tensor, y: Operand, options?: DivOptions): Tensor {
  return div_(x, y, options);
}

/**
 * Divides without rounding. See `torch.true_divide`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.trueDivide(dg.tensor([3, 1]), 2).tolist(), [1.5, 0.5]);
 * ```
 */
export function trueDivide(x: Operand, y: Operand): Tensor {
  return map2(DIV, x, y);
}

/** Divides in place; see {@linkcode trueDivide}. */
export function trueDivide_(x: Tensor, y: Operand): Tensor {
  return mapInto2(DIV, x, y);
}

const FLOOR_DIVIDE = notDifferentiable(DIV_FLOOR, "floorDivide");

/**
 * Divides and rounds down; integers stay integers. It has no derivative; use
 * `div` with a rounding mode where a gradient of zero is wanted. See
 * `torch.floor_divide`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.floorDivide(dg.tensor([7, -7]), 2).tolist(), [3, -4]);
 * ```
 */
export function floorDivide(x: Operand, y: Operand): Tensor {
  return map2(FLOOR_DIVIDE, x, y);
}

/** Divides and rounds down in place; see {@linkcode floorDivide}. */
export function floorDivide_(x: Tensor, y: Operand): Tensor {
  return mapInto2(FLOOR_DIVIDE, x, y);
}

const REMAINDER = defineMap({
  name: "remainder",
  node: "RemainderBackward1",
  arity: 2,
  check: refuseBool("remainder_cpu"),
  kernel: (x, y) => call("remainder", x, y),
  vjps: [
    (g) => g,
    (g, n) =>
      g.neg().mul(n.input(0).div(n.input(1), { roundingMode: "floor" })),
  ],
  saves: [0, IN0 | IN1],
  samples: [[5, 2], [-3, 0.7]],
});

/** As {@linkcode REMAINDER} by a plain number, which PyTorch records under another name. */
const REMAINDER_NUMBER = { ...REMAINDER, node: "RemainderBackward0" };

/**
 * The remainder of a division, with the sign of the divisor, as `%` in Python.
 * See `torch.remainder`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.remainder(dg.tensor([7, -7]), 3).tolist(), [1, 2]);
 * ```
 */
export function remainder(x: Operand, y: Operand): Tensor {
  return map2(typeof y === "object" ? REMAINDER : REMAINDER_NUMBER, x, y);
}

/** Takes the remainder in place; see {@linkcode remainder}. */
export function remainder_(x: Tensor, y: Operand): Tensor {
  return mapInto2(typeof y === "object" ? REMAINDER : REMAINDER_NUMBER, x, y);
}

const FMOD = defineMap({
  name: "fmod",
  node: "FmodBackward1",
  arity: 2,
  check: refuseBool("fmod_cpu"),
  kernel: (x, y) => call("fmod", x, y),
  vjps: [
    (g) => g,
    (g, n) =>
      g.neg().mul(n.input(0).div(n.input(1), { roundingMode: "trunc" })),
  ],
  saves: [0, IN0 | IN1],
  samples: [[5, 2], [-3, 0.7]],
});

/** As {@linkcode FMOD} by a plain number, which PyTorch records under another name. */
const FMOD_NUMBER = { ...FMOD, node: "FmodBackward0" };

/**
 * The remainder of a division, with the sign of the dividend, as `%` in C. See
 * `torch.fmod`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fmod(dg.tensor([7, -7]), 3).tolist(), [1, -1]);
 * ```
 */
export function fmod(x: Tensor, y: Operand): Tensor {
  return map2(typeof y === "object" ? FMOD : FMOD_NUMBER, x, y);
}

/** Takes the remainder in place; see {@linkcode fmod}. */
export function fmod_(x: Tensor, y: Operand): Tensor {
  return mapInto2(typeof y === "object" ? FMOD : FMOD_NUMBER, x, y);
}
