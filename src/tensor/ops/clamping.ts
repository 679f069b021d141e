// Keeping elements between bounds. Bounds that are plain numbers are parameters
// of the kernel; bounds that are tensors are inputs, with gradients of their own.

import { IN0, IN1, IN2 } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr, param } from "../expr.ts";
import { inplace } from "../inplace.ts";
import {
  defineMap,
  map1,
  map2,
  map3,
  mapInto1,
  mapInto2,
  mapInto3,
  type MapOp,
} from "../map_op.ts";
import { besideNumber, type PlainNumber } from "../number_operand.ts";
import { checkFits } from "../number_range.ts";
import type { RealOperand } from "../op.ts";
import { refuseBool } from "../refusal.ts";
import { checkOptions } from "../shape.ts";
import { slopeRule } from "../slope_op.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./where.ts";

/** The element itself within the bound or where it is NaN, else the bound; unlike `max` it keeps the sign of zero. */
function bounded(order: "ge" | "le", x: Expr, bound: Expr): Expr {
  const inside = call("or", call(order, x, bound), call("ne", x, x));
  return call("select", inside, x, bound);
}

const above = (x: Expr, low: Expr): Expr => bounded("ge", x, low);
const below = (x: Expr, high: Expr): Expr => bounded("le", x, high);

/** A lower bound that is a number, under the name that PyTorch records. */
function lowerNumber(name: string, node: string): MapOp {
  return defineMap({
    name,
    node,
    arity: 1,
    check: refuseBool("clamp_min_scalar_cpu"),
    kernel: (x) => above(x, param(0)),
    vjps: [
      slopeRule(
        name,
        [IN0],
        (g, x) => call("select", call("ge", x!, param(0)), g, 0),
        (g, n, [low]) => where(n.input(0).ge(low!), g, 0),
      ),
    ],
    saves: [IN0],
    samples: [[-2], [0.5]],
    params: [-1],
  });
}

/** An upper bound that is a number, under the name that PyTorch records. */
function upperNumber(name: string, node: string): MapOp {
  return defineMap({
    name,
    node,
    arity: 1,
    check: refuseBool("clamp_max_scalar_cpu"),
    kernel: (x) => below(x, param(0)),
    vjps: [
      slopeRule(
        name,
        [IN0],
        (g, x) => call("select", call("le", x!, param(0)), g, 0),
        (g, n, [high]) => where(n.input(0).le(high!), g, 0),
      ),
    ],
    saves: [IN0],
    samples: [[-2], [0.5]],
    params: [-1],
  });
}

const CLAMP_LOW = lowerNumber("clamp", "ClampBackward1");
const CLAMP_HIGH = upperNumber("clamp", "ClampBackward1");
const CLAMP_MIN = lowerNumber("clampMin", "ClampMinBackward0");
const CLAMP_MAX = upperNumber("clampMax", "ClampMaxBackward0");

const CLAMP = defineMap({
  name: "clamp",
  node: "ClampBackward1",
  arity: 1,
  check: refuseBool("clamp_scalar_cpu"),
  kernel: (x) => below(above(x, param(0)), param(1)),
  vjps: [
    slopeRule("clamp", [IN0], (g, x) => {
      const inside = call(
        "and",
        call("ge", x!, param(0)),
        call("le", x!, param(1)),
      );
      return call("select", inside, g, 0);
    }, (g, n, [low, high]) => {
      const x = n.input(0);
      return where(x.ge(low!).logicalAnd(x.le(high!)), g, 0);
    }),
  ],
  saves: [IN0],
  samples: [[-2], [0.5], [3]],
  params: [-1, 1],
});

/** A lower bound that is a tensor. */
function lowerTensor(name: string, node: string): MapOp {
  return defineMap({
    name,
    node,
    arity: 2,
    kernel: above,
    vjps: [
      (g, n) => where(n.input(0).ge(n.input(1)), g, 0),
      (g, n) => where(n.input(0).lt(n.input(1)), g, 0),
    ],
    saves: [IN0 | IN1, IN0 | IN1],
    samples: [[-2, -1], [0.5, -1]],
  });
}

/** An upper bound that is a tensor. */
function upperTensor(name: string, node: string): MapOp {
  return defineMap({
    name,
    node,
    arity: 2,
    kernel: below,
    vjps: [
      (g, n) => where(n.input(0).le(n.input(1)), g, 0),
      (g, n) => where(n.input(0).gt(n.input(1)), g, 0),
    ],
    saves: [IN0 | IN1, IN0 | IN1],
    samples: [[-2, -1], [0.5, -1]],
  });
}

const CLAMP_LOW_TENSOR = lowerTensor("clamp", "ClampBackward0");
const CLAMP_HIGH_TENSOR = upperTensor("clamp", "ClampBackward0");
const CLAMP_MIN_TENSOR = lowerTensor("clampMin", "ClampMinBackward1");
const CLAMP_MAX_TENSOR = upperTensor("clampMax", "ClampMaxBackward1");

const CLAMP_TENSOR = defineMap({
  name: "clamp",
  node: "ClampBackward0",
  arity: 3,
  check: refuseBool("clamp_cpu"),
  kernel: (x, low, high) => below(above(x, low), high),
  vjps: [
    (g, n) => {
      const x = n.input(0);
      const inside = x.ge(n.input(1)).logicalAnd(x.le(n.input(2)));
      return where(inside, g, 0);
    },
    (g, n) => {
      const low = n.input(1);
      const taken = low.lt(n.input(2)).logicalAnd(n.input(0).lt(low));
      return where(taken, g, 0);
    },
    (g, n) => {
      const high = n.input(2);
      const taken = high.lt(n.input(1)).logicalOr(n.input(0).gt(high));
      return where(taken, g, 0);
    },
  ],
  saves: [IN0 | IN1 | IN2, IN0 | IN1 | IN2, IN0 | IN1 | IN2],
  samples: [[-2, -1, 1], [0.5, -1, 1], [3, -1, 1]],
});

/** Bounds of {@linkcode clamp}; at least one is given. */
export interface ClampOptions {
  /** Lower bound. */
  readonly min?: RealOperand | null;
  /** Upper bound; wins where it is below the lower one. */
  readonly max?: RealOperand | null;
}

const KEYS = ["min", "max"];

function boundsOf(
  fn: string,
  options: ClampOptions,
): [RealOperand | null, RealOperand | null] {
  checkOptions(options, KEYS, fn);
  const { min = null, max = null } = options;
  if (min === null && max === null) {
    throw new RuntimeError(
      "torch.clamp: At least one of 'min' or 'max' must not be None",
      "call it as x.clamp({ min: 0, max: 1 })",
    );
  }
  return [min, max];
}

function isTensor(x: RealOperand | null): x is Tensor {
  return typeof x === "object" && x !== null;
}

/** A bound as a number of the type of `x`; below zero it wraps around where the type has no sign. */
function boundOf(x: Tensor, bound: PlainNumber): number {
  const value = Number(bound);
  if (x.info.category !== 1) return value;
  checkFits(bound, x.info);
  return value < 0 && x.info.min === 0 ? value + x.info.max + 1 : value;
}

function bounded1(op: MapOp, x: Tensor, bound: PlainNumber): Tensor {
  const y = beside(x, bound);
  return map1(op, y, [boundOf(y, bound)]);
}

/** The type of `x` together with bounds that are plain numbers. */
function beside(x: Tensor, ...bounds: PlainNumber[]): Tensor {
  return bounds.reduce<Tensor>((y, bound) => besideNumber(y, bound), x);
}

/**
 * Keeps each element between bounds, which may be numbers or tensors. Where a
 * bound is exceeded the gradient is 0, and goes to the bound if that is a
 * tensor. See `torch.clamp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-2, 0.5, 3]);
 * assertEquals(x.clamp({ min: 0, max: 1 }).tolist(), [0, 0.5, 1]);
 * assertEquals(x.clamp({ max: dg.tensor([0, 0, 4]) }).tolist(), [-2, 0, 3]);
 * ```
 */
export function clamp(x: Tensor, options: ClampOptions = {}): Tensor {
  const [min, max] = boundsOf("clamp", options);
  if (isTensor(min) || isTensor(max)) {
    if (min === null) return map2(CLAMP_HIGH_TENSOR, x, max!);
    if (max === null) return map2(CLAMP_LOW_TENSOR, x, min);
    return map3(CLAMP_TENSOR, x, min, max);
  }
  if (min === null) return bounded1(CLAMP_HIGH, x, max!);
  if (max === null) return bounded1(CLAMP_LOW, x, min);
  const y = beside(x, min, max);
  return map1(CLAMP, y, [boundOf(y, min), boundOf(y, max)]);
}

/** Clamps in place; see {@linkcode clamp}. */
export function clamp_(x: Tensor, options: ClampOptions = {}): Tensor {
  const [min, max] = boundsOf("clamp_", options);
  if (isTensor(min) || isTensor(max)) {
    if (min === null) return mapInto2(CLAMP_HIGH_TENSOR, x, max!);
    if (max === null) return mapInto2(CLAMP_LOW_TENSOR, x, min);
    return mapInto3(CLAMP_TENSOR, x, min, max);
  }
  if (beside(x, min ?? 0, max ?? 0) !== x) {
    return inplace(x, [], (self) => clamp(self, options));
  }
  if (min === null) return mapInto1(CLAMP_HIGH, x, [boundOf(x, max!)]);
  if (max === null) return mapInto1(CLAMP_LOW, x, [boundOf(x, min)]);
  return mapInto1(CLAMP, x, [boundOf(x, min), boundOf(x, max)]);
}

/**
 * The same as {@linkcode clamp}. See `torch.clip`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.clip(dg.tensor([-2, 3]), { min: 0 }).tolist(), [0, 3]);
 * ```
 */
export function clip(x: Tensor, options: ClampOptions = {}): Tensor {
  return clamp(x, options);
}

/** The same as {@linkcode clamp_}. */
export function clip_(x: Tensor, options: ClampOptions = {}): Tensor {
  return clamp_(x, options);
}

/**
 * Keeps each element at or above a bound. See `torch.clamp_min`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.clampMin(dg.tensor([-2, 3]), 0).tolist(), [0, 3]);
 * ```
 */
export function clampMin(x: Tensor, min: RealOperand): Tensor {
  if (typeof min === "object") return map2(CLAMP_MIN_TENSOR, x, min);
  return bounded1(CLAMP_MIN, x, min);
}

/** Applies a lower bound in place; see {@linkcode clampMin}. */
export function clampMin_(x: Tensor, min: RealOperand): Tensor {
  if (typeof min === "object") return mapInto2(CLAMP_MIN_TENSOR, x, min);
  if (besideNumber(x, min) !== x) {
    return inplace(x, [], (self) => clampMin(self, min));
  }
  return mapInto1(CLAMP_MIN, x, [boundOf(x, min)]);
}

/**
 * Keeps each element at or below a bound. See `torch.clamp_max`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.clampMax(dg.tensor([-2, 3]), 0).tolist(), [-2, 0]);
 * ```
 */
export function clampMax(x: Tensor, max: RealOperand): Tensor {
  if (typeof max === "object") return map2(CLAMP_MAX_TENSOR, x, max);
  return bounded1(CLAMP_MAX, x, max);
}

/** Applies an upper bound in place; see {@linkcode clampMax}. */
export function clampMax_(x: Tensor, max: RealOperand): Tensor {
  if (typeof max === "object") return mapInto2(CLAMP_MAX_TENSOR, x, max);
  if (besideNumber(x, max) !== x) {
    return inplace(x, [], (self) => clampMax(self, max));
  }
  return mapInto1(CLAMP_MAX, x, [boundOf(x, max)]);
}
