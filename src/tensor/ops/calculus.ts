// Differences and integrals of samples along a dimension.

import { checkInteger } from "../arguments.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { defineMap, map1 } from "../map_op.ts";
import { checkOptions, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";

/** Options of {@linkcode diff}. */
export interface DiffOptions {
  /** How often differences are taken; 1 where not given. */
  readonly n?: number;
  /** What to put before `x` along the dimension first. */
  readonly prepend?: Tensor;
  /** What to put after `x` along the dimension first. */
  readonly append?: Tensor;
}

function checkPiece(x: Tensor, piece: Tensor, dim: number): void {
  if (piece.shape.length !== x.shape.length) {
    throw new RuntimeError(
      "diff expects prepend or append to be the same dimension as input",
    );
  }
  for (let d = 0; d < x.shape.length; d++) {
    if (d === dim || x.shape[d] === piece.shape[d]) continue;
    throw new RuntimeError(
      `diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(${d}) = ${
        x.shape[d]
      }, but got tensor.size(${d}) = ${piece.shape[d]}`,
    );
  }
}

/**
 * Differences of neighbours along a dimension, `n` times over; of bool whether
 * they differ. See `torch.diff`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 4, 9, 16]);
 * assertEquals(x.diff().tolist(), [3, 5, 7]);
 * assertEquals(x.diff(0, { n: 2 }).tolist(), [2, 2]);
 * assertEquals(x.diff(0, { prepend: dg.tensor([0]) }).tolist(), [1, 3, 5, 7]);
 * ```
 */
export function diff(
  x: Tensor,
  dim: number = -1,
  options: DiffOptions = {},
): Tensor {
  checkOptions(options, ["n", "prepend", "append"], "diff");
  const { n = 1, prepend, append } = options;
  if (x.shape.length === 0) {
    throw new RuntimeError(
      "diff expects input to be at least one-dimensional",
    );
  }
  checkInteger(n, "diff", "n");
  if (n < 0) {
    throw new RuntimeError(`order must be non-negative but got ${n}`);
  }
  // PyTorch looks at nothing else then.
  if (n === 0) return x.newZeros(x.shape).copy_(x);
  const along = normalizeDim(dim, x.shape.length);
  const pieces = [x];
  if (prepend !== undefined) pieces.unshift(prepend);
  if (append !== undefined) pieces.push(append);
  for (const piece of pieces) checkPiece(x, piece, along);
  let out = pieces.length === 1 ? x : cat(pieces, along);
  for (let k = Math.min(n, out.shape[along]!); k > 0; k--) {
    const rest = out.shape[along]! - 1;
    const left = out.narrow(along, 0, rest);
    const right = out.narrow(along, 1, rest);
    out = x.info.category === 0 ? right.logicalXor(left) : right.sub(left);
  }
  return out;
}

/** Multiplication by a plain number as PyTorch's C++ records it. */
const SCALED = defineMap({
  name: "mul",
  node: "MulBackward1",
  arity: 1,
  float: true,
  kernel: (x) => call("mul", x, param(0)),
  vjps: [(g, _n, [factor]) => g.mul(factor!)],
  samples: [[1], [-3]],
  params: [2.5],
});

const DIVIDED = defineMap({
  name: "div",
  node: "DivBackward1",
  arity: 1,
  float: true,
  kernel: (x) => call("div", x, param(0)),
  vjps: [(g, _n, [divisor]) => g.div(divisor!)],
  samples: [[1], [-3]],
  params: [2.5],
});

/** Options of {@linkcode trapezoid} and {@linkcode cumulativeTrapezoid}. */
export interface TrapezoidOptions {
  /** Where the samples lie: one number each along the dimension, or one per element. */
  readonly x?: Tensor;
  /** Distance of the samples where `x` is not given; 1 where not given either. */
  readonly dx?: number;
}

const KEYS = ["x", "dx"];

function checked(
  name: string,
  y: Tensor,
  dim: number,
  options: TrapezoidOptions,
): number {
  checkOptions(options, KEYS, name);
  if (options.x !== undefined && options.dx !== undefined) {
    throw new TypeError(`${name}() takes x or dx, not both`);
  }
  if (y.shape.length === 0) {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
  return normalizeDim(dim, y.shape.length);
}

/** Distances of the samples, to be broadcast with them. */
function distances(name: string, y: Tensor, x: Tensor, dim: number): Tensor {
  const rank = y.shape.length;
  let places = x;
  if (x.shape.length === 1) {
    if (x.shape[0] !== y.shape[dim]) {
      throw new RuntimeError(
        `${name}: There must be one \`x\` value for each sample point`,
        `there are ${x.shape[0]} of x for ${y.shape[dim]} samples`,
      );
    }
    places = x.reshape(y.shape.map((n, d) => d === dim ? n : 1));
  } else if (x.shape.length < rank) {
    const pad = new Array<number>(rank - x.shape.length).fill(1);
    places = x.reshape([...pad, ...x.shape]);
  }
  const rest = places.shape[dim]! - 1;
  return places.narrow(dim, 1, rest).sub(places.narrow(dim, 0, rest));
}

/** Sums of neighbouring samples. */
function pairs(y: Tensor, dim: number): Tensor {
  const rest = y.shape[dim]! - 1;
  return y.narrow(dim, 0, rest).add(y.narrow(dim, 1, rest));
}

function checkNumber(name: string, y: Tensor): void {
  if (y.info.category !== 0) return;
  throw new RuntimeError(
    `${name}: received a bool input for \`y\`, but bool is not supported`,
  );
}

/**
 * Integral of samples along a dimension by the trapezoidal rule. See
 * `torch.trapezoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const y = dg.tensor([1, 2, 3]);
 * assertEquals(dg.trapezoid(y).item(), 4);
 * assertEquals(dg.trapezoid(y, -1, { x: dg.tensor([0, 2, 4]) }).item(), 8);
 * ```
 */
export function trapezoid(
  y: Tensor,
  dim: number = -1,
  options: TrapezoidOptions = {},
): Tensor {
  const along = checked("trapezoid", y, dim, options);
  const { x, dx = 1 } = options;
  if (x === undefined) checkNumber("trapezoid", y);
  if (y.shape[along] === 0) return y.newZeros(y.shape.toSpliced(along, 1));
  if (x !== undefined) {
    const steps = distances("trapezoid", y, x, along);
    return map1(DIVIDED, pairs(y, along).mul(steps).sum(along), [2]);
  }
  const ends = y.select(along, 0).add(y.select(along, -1));
  return map1(SCALED, y.sum(along).sub(map1(SCALED, ends, [0.5])), [dx]);
}

/**
 * The old name of {@linkcode trapezoid}. See `torch.trapz`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.trapz(dg.tensor([1, 2, 3])).item(), 4);
 * ```
 */
export function trapz(
  y: Tensor,
  dim: number = -1,
  options: TrapezoidOptions = {},
): Tensor {
  return trapezoid(y, dim, options);
}

/**
 * Running integral of samples along a dimension by the trapezoidal rule, one
 * element shorter. See `torch.cumulative_trapezoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const y = dg.tensor([1, 2, 3]);
 * assertEquals(dg.cumulativeTrapezoid(y).tolist(), [1.5, 4]);
 * ```
 */
export function cumulativeTrapezoid(
  y: Tensor,
  dim: number = -1,
  options: TrapezoidOptions = {},
): Tensor {
  const name = "cumulative_trapezoid";
  const along = checked("cumulativeTrapezoid", y, dim, options);
  const { x, dx = 1 } = options;
  if (x === undefined) {
    checkNumber(name, y);
    return map1(SCALED, pairs(y, along), [dx / 2]).cumsum(along);
  }
  const steps = distances(name, y, x, along);
  return map1(DIVIDED, pairs(y, along).mul(steps).cumsum(along), [2]);
}
