// Rounding. The derivatives are zero where they exist, and PyTorch records
// them as such; integers stay as they are.

import { checkInteger } from "../arguments.ts";
import { defineMap, map1, mapInto1, type MapOp } from "../map_op.ts";
import { call, type Expr, type NumberFn, param } from "../expr.ts";
import { ZERO_VJP } from "../op.ts";
import { refuseBool, refuseIntegers } from "../refusal.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

function rounding(fn: "ceil" | "floor" | "trunc" | "round"): MapOp {
  return defineMap({
    name: fn,
    arity: 1,
    check: refuseBool(`${fn}_vml_cpu`),
    kernel: (x) => call(fn, x),
    vjps: [ZERO_VJP],
    samples: [[1.2], [-2.7]],
  });
}

const CEIL = rounding("ceil");

/**
 * Rounds up. See `torch.ceil`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ceil(dg.tensor([1.5, -1.5])).tolist(), [2, -1]);
 * ```
 */
export function ceil(x: Tensor): Tensor {
  return map1(CEIL, x);
}

/** Rounds up in place; see {@linkcode ceil}. */
export function ceil_(x: Tensor): Tensor {
  return mapInto1(CEIL, x);
}

const FLOOR = rounding("floor");

/**
 * Rounds down. See `torch.floor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.floor(dg.tensor([1.5, -1.5])).tolist(), [1, -2]);
 * ```
 */
export function floor(x: Tensor): Tensor {
  return map1(FLOOR, x);
}

/** Rounds down in place; see {@linkcode floor}. */
export function floor_(x: Tensor): Tensor {
  return mapInto1(FLOOR, x);
}

const TRUNC = rounding("trunc");

/**
 * Rounds to zero. See `torch.trunc`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.trunc(dg.tensor([1.5, -1.5])).tolist(), [1, -1]);
 * ```
 */
export function trunc(x: Tensor): Tensor {
  return map1(TRUNC, x);
}

/** Rounds to zero in place; see {@linkcode trunc}. */
export function trunc_(x: Tensor): Tensor {
  return mapInto1(TRUNC, x);
}

/**
 * The same as {@linkcode trunc}. See `torch.fix`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fix(dg.tensor([1.5, -1.5])).tolist(), [1, -1]);
 * ```
 */
export function fix(x: Tensor): Tensor {
  return trunc(x);
}

/** The same as {@linkcode trunc_}. */
export function fix_(x: Tensor): Tensor {
  return trunc_(x);
}

const ROUND = rounding("round");

/** Rounds what was scaled one way and scales it back. */
function scaled(there: NumberFn, back: NumberFn): MapOp {
  return defineMap({
    name: "round",
    node: "RoundBackward1",
    arity: 1,
    check: refuseIntegers("round_cpu"),
    kernel: (x: Expr) =>
      call(back, call("round", call(there, x, param(0))), param(0)),
    vjps: [ZERO_VJP],
    samples: [[1.23], [-2.71]],
    params: [10],
  });
}

/** As {@linkcode ROUND} where no decimals were asked for by name. */
const ROUND_NONE: MapOp = {
  ...ROUND,
  node: "RoundBackward1",
  check: refuseIntegers("round_vml_cpu"),
};
const ROUND_DECIMALS = scaled("mul", "div");
const ROUND_TENS = scaled("div", "mul");

/** Options of {@linkcode round}. */
export interface RoundOptions {
  /** Digits kept after the decimal point, or zeros before it where negative. */
  readonly decimals?: number;
}

const ROUND_KEYS = ["decimals"];

/**
 * Rounds to the nearest integer, ties to even, or to a number of decimals. See
 * `torch.round`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0.5, 1.5, 2.6]).round().tolist(), [0, 2, 3]);
 * assertEquals(dg.tensor([13.25]).round({ decimals: 1 }).tolist(), [13.199999809265137]);
 * ```
 */
export function round(x: Tensor, options: RoundOptions = {}): Tensor {
  checkOptions(options, ROUND_KEYS, "round");
  const { decimals } = options;
  if (decimals === undefined) return map1(ROUND, x);
  return map1(decimalsOp(decimals), x, [10 ** Math.abs(decimals)]);
}

/** Rounds in place; see {@linkcode round}. */
export function round_(x: Tensor, options: RoundOptions = {}): Tensor {
  checkOptions(options, ROUND_KEYS, "round_");
  const { decimals } = options;
  if (decimals === undefined) return mapInto1(ROUND, x);
  return mapInto1(decimalsOp(decimals), x, [10 ** Math.abs(decimals)]);
}

function decimalsOp(decimals: number): MapOp {
  checkInteger(decimals, "round", "decimals");
  if (decimals === 0) return ROUND_NONE;
  return decimals > 0 ? ROUND_DECIMALS : ROUND_TENS;
}

const FRAC = defineMap({
  name: "frac",
  arity: 1,
  check: refuseIntegers("frac_cpu"),
  kernel: (x) => call("sub", x, call("trunc", x)),
  vjps: [(g) => g],
  samples: [[1.2], [-2.7]],
});

/**
 * The fractional part, with the sign of the element. See `torch.frac`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.frac(dg.tensor([1.5, -1.25])).tolist(), [0.5, -0.25]);
 * ```
 */
export function frac(x: Tensor): Tensor {
  return map1(FRAC, x);
}

/** Takes the fractional part in place; see {@linkcode frac}. */
export function frac_(x: Tensor): Tensor {
  return mapInto1(FRAC, x);
}
