// The sign of numbers: negation, magnitude, sign, and taking the sign of
// another number. Rules call methods.

import { IN0, OUT } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { inputInfo } from "../is_tensor.ts";
import { call } from "../expr.ts";
import { inplace } from "../inplace.ts";
import { defineMap, map1, map2, mapInto1, mapInto2 } from "../map_op.ts";
import { notDifferentiable } from "../not_differentiable.ts";
import { type Operand, ZERO_VJP } from "../op.ts";
import { refuseBool } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";
import { complexAbs, complexSgn } from "./complex_angle.ts";
import { where } from "./where.ts";

const NEG = defineMap({
  name: "neg",
  arity: 1,
  check: (info) => {
    if (info.category === 0) {
      throw new RuntimeError(
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logicalNot()` operator instead.",
      );
    }
  },
  kernel: (x) => call("neg", x),
  vjps: [(g) => g.neg()],
  samples: [[1], [-2.5]],
});

/**
 * Changes the sign of each element; bool is refused. See `torch.neg`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, -2]).neg().tolist(), [-1, 2]);
 * ```
 */
export function neg(x: Tensor): Tensor {
  return map1(NEG, x);
}

/** Changes the sign in place; see {@linkcode neg}. */
export function neg_(x: Tensor): Tensor {
  return mapInto1(NEG, x);
}

/**
 * The same as {@linkcode neg}. See `torch.negative`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.negative(dg.tensor([1, -2])).tolist(), [-1, 2]);
 * ```
 */
export function negative(x: Tensor): Tensor {
  return neg(x);
}

/** The same as {@linkcode neg_}. */
export function negative_(x: Tensor): Tensor {
  return neg_(x);
}

/**
 * Returns the tensor itself; bool is refused. See `torch.positive`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, -2]);
 * assertStrictEquals(x.positive(), x);
 * ```
 */
export function positive(x: Tensor): Tensor {
  if (x.info.category === 0) {
    throw new RuntimeError(
      "The `+` operator, on a bool tensor is not supported.",
    );
  }
  return x;
}

const ABS = defineMap({
  name: "abs",
  arity: 1,
  check: refuseBool("abs_cpu"),
  kernel: (x) => call("abs", x),
  vjps: [(g, n) => g.mul(n.input(0).sgn())],
  saves: [IN0],
  samples: [[1], [-2.5]],
});

/**
 * The magnitude of each element, a real number for a complex one; its
 * derivative at 0 is 0. See `torch.abs`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, -2]).abs().tolist(), [1, 2]);
 * ```
 */
export function abs(x: Tensor): Tensor {
  return inputInfo(x, "abs").category === 3 ? complexAbs(x) : map1(ABS, x);
}

/** Takes the magnitude in place; see {@linkcode abs}. */
export function abs_(x: Tensor): Tensor {
  if (inputInfo(x, "abs_").category === 3) {
    throw new RuntimeError(
      "In-place abs is not supported for complex tensors.",
      "magnitudes are real: use abs()",
    );
  }
  return mapInto1(ABS, x);
}

/**
 * The same as {@linkcode abs}. See `torch.absolute`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.absolute(dg.tensor([1, -2])).tolist(), [1, 2]);
 * ```
 */
export function absolute(x: Tensor): Tensor {
  return abs(x);
}

/** The same as {@linkcode abs_}. */
export function absolute_(x: Tensor): Tensor {
  return abs_(x);
}

const SIGN = defineMap({
  name: "sign",
  arity: 1,
  kernel: (x) =>
    call(
      "select",
      call("gt", x, 0),
      1,
      call("select", call("lt", x, 0), -1, 0),
    ),
  vjps: [ZERO_VJP],
  samples: [[1], [-2.5]],
});

/** As {@linkcode SIGN}, under the name that PyTorch records for `sgn`. */
const SGN = { ...SIGN, node: "SgnBackward0" };

/**
 * 1, -1 or 0 by the sign of each element; 0 for NaN. See `torch.sign`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([3, -2, 0]).sign().tolist(), [1, -1, 0]);
 * ```
 */
export function sign(x: Tensor): Tensor {
  return map1(SIGN, x);
}

/** Takes the sign in place; see {@linkcode sign}. */
export function sign_(x: Tensor): Tensor {
  return mapInto1(SIGN, x);
}

/**
 * The same as {@linkcode sign} for real numbers; a complex number divided by its
 * magnitude. See `torch.sgn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.sgn(dg.tensor([3, -2, 0])).tolist(), [1, -1, 0]);
 * ```
 */
export function sgn(x: Tensor): Tensor {
  return inputInfo(x, "sgn").category === 3 ? complexSgn(x) : map1(SGN, x);
}

/** Takes the sign in place; see {@linkcode sgn}. */
export function sgn_(x: Tensor): Tensor {
  return inputInfo(x, "sgn_").category === 3
    ? inplace(x, [], complexSgn)
    : mapInto1(SGN, x);
}

const SIGNBIT = defineMap({
  name: "signbit",
  arity: 1,
  kernel: (x) => call("signbit", x),
  samples: [[1], [-2.5], [-0]],
});

/**
 * Tells which elements are negative, -0 included; NaN counts as positive. See `torch.signbit`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, -2, -0]).signbit().tolist(), [false, true, true]);
 * ```
 */
export function signbit(x: Tensor): Tensor {
  return map1(SIGNBIT, x);
}

const COPYSIGN = defineMap({
  name: "copysign",
  arity: 2,
  float: true,
  kernel: (x, y) => call("copysign", x, y),
  vjps: [
    (g, n) => {
      const x = n.input(0);
      const ratio = n.output().div(x);
      return g.mul(where(x.eq(0), 0, ratio));
    },
    ZERO_VJP,
  ],
  saves: [IN0 | OUT],
  samples: [[1, -2], [-2.5, 3], [2, 0.5]],
});

/** As {@linkcode COPYSIGN} with the sign of a plain number, which PyTorch records under another name. */
const COPYSIGN_NUMBER = { ...COPYSIGN, node: "CopysignBackward1" };

/**
 * The magnitude of `x` with the sign of `y`; integers give floats. See `torch.copysign`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.copysign(dg.tensor([1, -2]), -1).tolist(), [-1, -2]);
 * ```
 */
export function copysign(x: Tensor, y: Operand): Tensor {
  return map2(typeof y === "object" ? COPYSIGN : COPYSIGN_NUMBER, x, y);
}

/** Takes the sign of `y` in place; see {@linkcode copysign}. */
export function copysign_(x: Tensor, y: Operand): Tensor {
  return mapInto2(typeof y === "object" ? COPYSIGN : COPYSIGN_NUMBER, x, y);
}

const HEAVISIDE = notDifferentiable(
  defineMap({
    name: "heaviside",
    arity: 2,
    kernel: (x, y) =>
      call(
        "select",
        call("eq", x, 0),
        y,
        call("select", call("gt", x, 0), 1, 0),
      ),
    samples: [[-1, 0.5], [0, 0.5], [2, 0.5]],
  }),
  "heaviside",
);

function checkSameType(x: Tensor, values: Tensor): void {
  if (x.info === values.info) return;
  throw new RuntimeError(
    "heaviside is not yet implemented for tensors with different dtypes.",
    `convert the values with to("${x.info.name}")`,
  );
}

/**
 * 0 below zero, 1 above, and the element of `values` at zero. Both have one
 * type; there is no derivative. See `torch.heaviside`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-2, 0, 3]);
 * assertEquals(x.heaviside(dg.tensor(0.5)).tolist(), [0, 0.5, 1]);
 * ```
 */
export function heaviside(x: Tensor, values: Tensor): Tensor {
  checkSameType(x, values);
  return map2(HEAVISIDE, x, values);
}

/** Stores the step function in place; see {@linkcode heaviside}. */
export function heaviside_(x: Tensor, values: Tensor): Tensor {
  checkSameType(x, values);
  return mapInto2(HEAVISIDE, x, values);
}
