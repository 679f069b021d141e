// The kernels of distances: the norm of a difference of two rows and its slope,
// summed as they are made. They know nothing of tensors.

import type { RowKernel } from "../device.ts";
import { call, type Expr, param } from "../expr.ts";
import { rowKernel } from "../row_op.ts";

function normKernel(
  fold: "sum" | "max",
  size: (difference: Expr) => Expr,
  finish: (folded: Expr) => Expr = (folded) => folded,
): RowKernel {
  return rowKernel({
    name: "distance",
    arity: 2,
    steps: [{ fold, of: ([x, y]) => size(call("sub", x!, y!)) }],
    totals: ([folded]) => [finish(folded!)],
  });
}

const COUNT = normKernel("sum", (d) => call("select", call("ne", d, 0), 1, 0));
const ABSOLUTE = normKernel("sum", (d) => call("abs", d));
const EUCLIDEAN = normKernel(
  "sum",
  (d) => call("mul", d, d),
  (sum) => call("sqrt", sum),
);
const LARGEST = normKernel("max", (d) => call("abs", d));
const POWER = normKernel(
  "sum",
  (d) => call("pow", call("abs", d), param(0)),
  (sum) => call("pow", sum, param(1)),
);

/** The `p`-norm of the difference of two rows; params are `p` and `1 / p`. */
export function normOf(p: number): RowKernel {
  if (p === 0) return COUNT;
  if (p === 1) return ABSOLUTE;
  if (p === 2) return EUCLIDEAN;
  return p === Infinity ? LARGEST : POWER;
}

function slopeKernel(
  slope: (difference: Expr, far: Expr, g: Expr) => Expr,
): RowKernel {
  return rowKernel({
    name: "distanceBackward",
    arity: 4,
    steps: [{
      fold: "sum",
      of: ([far, g, x, y]) => slope(call("sub", x!, y!), far!, g!),
    }],
    totals: ([sum]) => [sum!],
  });
}

/** `x`, 0 where `zero` is 0. */
function unlessZero(zero: Expr, x: Expr): Expr {
  return call("select", call("eq", zero, 0), 0, x);
}

/** `g` with the sign of `d`, 0 where that is. */
function signed(d: Expr, g: Expr): Expr {
  const below = call("select", call("lt", d, 0), call("neg", g), 0);
  return call("select", call("gt", d, 0), g, below);
}

const ABSOLUTE_SLOPE = slopeKernel((d, _, g) => signed(d, g));
const EUCLIDEAN_SLOPE = slopeKernel((d, far, g) =>
  unlessZero(far, call("mul", d, call("div", g, far)))
);
// As PyTorch has it, each of several largest differences counts fully.
const LARGEST_SLOPE = slopeKernel((d, far, g) =>
  signed(d, call("select", call("eq", call("abs", d), far), g, 0))
);
const POWER_SLOPE = slopeKernel((d, far, g) => {
  const part = call("pow", call("div", call("abs", d), far), param(0));
  const slope = signed(d, call("mul", g, part));
  return unlessZero(far, unlessZero(d, slope));
});

/** The slopes of `p`-norms, times the gradients of distances `far`: of far, g, x and y; param 0 is `p - 1`. */
export function slopeOf(p: number): RowKernel {
  if (p === 1) return ABSOLUTE_SLOPE;
  if (p === 2) return EUCLIDEAN_SLOPE;
  return p === Infinity ? LARGEST_SLOPE : POWER_SLOPE;
}
