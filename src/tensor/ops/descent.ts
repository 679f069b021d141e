// Steps of gradient descent, each one pass over the parameter and one over its
// momentum, with the rounding of the separate ops. Not public: the optimizer
// calls them, and nothing is recorded.

import { call, type Expr, param } from "../expr.ts";
import { defineMap, mapInto2, mapInto3 } from "../map_op.ts";
import type { Sample } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const PAIRS: readonly Sample[] = [[1, 2], [-3, 0.5]];
const TRIPLES: readonly Sample[] = [[1, 2, 3], [-3, 0.5, 2]];

/** `x + factor * y`. */
function scaled(x: Expr, y: Expr, factor: Expr): Expr {
  return call("add", x, call("mul", factor, y));
}

/** The gradient, its sign changed where the optimizer climbs, pulled towards zero: parameters 0 and 1. */
function pulled(grad: Expr, x: Expr): Expr {
  return scaled(call("mul", param(0), grad), x, param(1));
}

/** `x + step * (sign * grad + decay * x)`; parameters: sign, decay, step. */
const DECAYING_STEP = defineMap({
  name: "sgdStep",
  arity: 2,
  kernel: (x, grad) => scaled(x, pulled(grad, x), param(2)),
  samples: PAIRS,
  params: [1, 0.25, -0.5],
});

/** `momentum * kept + share * grad`; parameters: momentum, share. */
const MOMENTUM = defineMap({
  name: "sgdMomentum",
  arity: 2,
  kernel: (kept, grad) => scaled(call("mul", param(0), kept), grad, param(1)),
  samples: PAIRS,
  params: [0.5, 0.75],
});

/** `momentum * kept + share * (sign * grad + decay * x)`; parameters: sign, decay, momentum, share. */
const DECAYING_MOMENTUM = defineMap({
  name: "sgdMomentum",
  arity: 3,
  kernel: (kept, grad, x) =>
    scaled(call("mul", param(2), kept), pulled(grad, x), param(3)),
  samples: TRIPLES,
  params: [1, 0.25, 0.5, 0.75],
});

/** `x + step * (sign * grad + momentum * kept)`; parameters: sign, momentum, step. */
const NESTEROV = defineMap({
  name: "sgdNesterov",
  arity: 3,
  kernel: (x, grad, kept) => scaled(x, pulled(grad, kept), param(2)),
  samples: TRIPLES,
  params: [1, 0.5, -0.5],
});

/** `x + step * (sign * grad + decay * x + momentum * kept)`; parameters: sign, decay, momentum, step. */
const DECAYING_NESTEROV = defineMap({
  name: "sgdNesterov",
  arity: 3,
  kernel: (x, grad, kept) =>
    scaled(x, scaled(pulled(grad, x), kept, param(2)), param(3)),
  samples: TRIPLES,
  params: [1, 0.25, 0.5, -0.5],
});

/** How a step goes. */
export interface Descent {
  /** Length of the step. */
  readonly lr: number;
  /** Share of the former step that is kept. */
  readonly momentum: number;
  /** Share of the gradient that is kept out of the momentum. */
  readonly dampening: number;
  /** Pulls parameters towards zero. */
  readonly weightDecay: number;
  /** Looks ahead along the momentum. */
  readonly nesterov: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize: boolean;
}

/** Makes a step without momentum, in place. */
export function descend(x: Tensor, grad: Tensor, how: Descent): void {
  const { lr, weightDecay, maximize } = how;
  const sign = maximize ? -1 : 1;
  if (weightDecay === 0) x.add_(grad, { alpha: -sign * lr });
  else mapInto2(DECAYING_STEP, x, grad, [sign, weightDecay, -lr]);
}

/** The momentum before the first step. */
export function firstMomentum(x: Tensor, grad: Tensor, how: Descent): Tensor {
  const { weightDecay, maximize } = how;
  const kept = maximize ? grad.detach().neg() : grad.detach().clone();
  return weightDecay === 0 ? kept : kept.add_(x, { alpha: weightDecay });
}

/** Adds the gradient to the momentum, in place. */
export function accelerate(
  kept: Tensor,
  x: Tensor,
  grad: Tensor,
  how: Descent,
): void {
  const { momentum, dampening, weightDecay, maximize } = how;
  const sign = maximize ? -1 : 1;
  const share = 1 - dampening;
  if (weightDecay === 0) {
    mapInto2(MOMENTUM, kept, grad, [momentum, sign * share]);
  } else {
    const params = [sign, weightDecay, momentum, share];
    mapInto3(DECAYING_MOMENTUM, kept, grad, x, params);
  }
}

/** Makes a step along the momentum, in place. */
export function follow(
  kept: Tensor,
  x: Tensor,
  grad: Tensor,
  how: Descent,
): void {
  const { lr, momentum, weightDecay, nesterov, maximize } = how;
  const sign = maximize ? -1 : 1;
  if (!nesterov) x.add_(kept, { alpha: -lr });
  else if (weightDecay === 0) {
    mapInto3(NESTEROV, x, grad, kept, [sign, momentum, -lr]);
  } else {
    const params = [sign, weightDecay, momentum, -lr];
    mapInto3(DECAYING_NESTEROV, x, grad, kept, params);
  }
}
