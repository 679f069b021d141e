// Expressions that steps of optimizers are made of, in PyTorch's order of
// operations, so that float32 rounds alike.

import { call, type Expr, type ExprLike, param } from "../expr.ts";

/** `x + y`. */
export function add(x: ExprLike, y: ExprLike): Expr {
  return call("add", x, y);
}

/** `x - y`. */
export function sub(x: ExprLike, y: ExprLike): Expr {
  return call("sub", x, y);
}

/** `x * y`. */
export function mul(x: ExprLike, y: ExprLike): Expr {
  return call("mul", x, y);
}

/** `x / y`. */
export function div(x: ExprLike, y: ExprLike): Expr {
  return call("div", x, y);
}

/** The square root. */
export function sqrt(x: ExprLike): Expr {
  return call("sqrt", x);
}

/** `x + factor * y`. */
export function along(x: Expr, factor: Expr, y: Expr): Expr {
  return add(x, mul(factor, y));
}

/** `x + factor * y / z`. */
export function alongQuotient(x: Expr, factor: Expr, y: Expr, z: Expr): Expr {
  return add(x, div(mul(factor, y), z));
}

/** `keep * mean + share * x * x`. */
export function meanSquare(mean: Expr, x: Expr, keep: Expr, share: Expr): Expr {
  return add(mul(mean, keep), mul(mul(share, x), x));
}

/**
 * From `mean` towards `x`: by the share `weight`, or, where that is large, all
 * of the way less `weight`, as `lerp` computes it. See {@linkcode weightOf}.
 */
export function towards(mean: Expr, x: Expr, weight: Expr, far: boolean): Expr {
  const way = sub(x, mean);
  return far ? sub(x, mul(way, weight)) : add(mean, mul(weight, way));
}

/** Whether a share is large; see {@linkcode towards}. */
export function isFar(share: number): boolean {
  return share >= 0.5;
}

/** The number that {@linkcode towards} takes for a share. */
export function weightOf(share: number): number {
  return isFar(share) ? 1 - share : share;
}

/** Number of parameters that {@linkcode pulled} takes, the first ones. */
export const PULLS = 2;

/**
 * The gradient, its sign changed where the optimizer climbs (parameter 0 is -1
 * then), pulled towards zero by parameter 1 where `decays`.
 */
export function pulled(grad: Expr, x: Expr, decays: boolean): Expr {
  const signed = mul(param(0), grad);
  return decays ? along(signed, param(1), x) : signed;
}

/** What {@linkcode pulled} and the shrinking of parameters read. */
export interface Pull {
  /** Pulls parameters towards zero. */
  readonly weightDecay: number;
  /** Goes up the gradient instead of down. */
  readonly maximize: boolean;
}

/** The first parameter: -1 where the optimizer climbs. */
export function signOf(how: Pull): number {
  return how.maximize ? -1 : 1;
}
