// Steps along the gradient or its momentum: SGD, ASGD and Muon. Each is one
// pass over the parameter and what is kept for it. Not public: the optimizers
// call them, and nothing is recorded.

import { param } from "../expr.ts";
import type { Tensor } from "../tensor.ts";
import { defineUpdate, update, variants } from "../update_op.ts";
import {
  add,
  along,
  isFar,
  mul,
  type Pull,
  pulled,
  signOf,
  sub,
  towards,
  weightOf,
} from "./descent_terms.ts";

/** How a step of SGD goes. */
export interface Descent extends Pull {
  /** Length of the step. */
  readonly lr: number;
  /** Share of the former step that is kept. */
  readonly momentum: number;
  /** Share of the gradient that is kept out of the momentum. */
  readonly dampening: number;
  /** Looks ahead along the momentum. */
  readonly nesterov: boolean;
}

/** Parameters: sign, decay, -lr. */
const DESCEND = variants((decays: boolean) =>
  defineUpdate(2, (x, grad) => [
    along(x, param(2), pulled(grad, x, decays)),
    null,
  ])
);

/** Parameters: sign, decay, -lr, momentum, share of the gradient. */
const FOLLOW = variants((decays: boolean, first: boolean, nesterov: boolean) =>
  defineUpdate(3, (x, grad, kept) => {
    const g = pulled(grad, x, decays);
    const next = first ? g : along(mul(kept, param(3)), param(4), g);
    const way = nesterov ? along(g, param(3), next) : next;
    return [along(x, param(2), way), null, next];
  })
);

/** A step of SGD without momentum. */
export function descend(x: Tensor, grad: Tensor, how: Descent): void {
  const params = [signOf(how), how.weightDecay, -how.lr];
  update(DESCEND(how.weightDecay !== 0), [x, grad], params);
}

/** A step of SGD along the momentum `kept`, whose contents do not matter where it is the first. */
export function follow(
  x: Tensor,
  grad: Tensor,
  kept: Tensor,
  how: Descent,
  first: boolean,
): void {
  const { weightDecay, lr, momentum, dampening, nesterov } = how;
  update(FOLLOW(weightDecay !== 0, first, nesterov), [x, grad, kept], [
    signOf(how),
    weightDecay,
    -lr,
    momentum,
    1 - dampening,
  ]);
}

/** Parameters: sign, decay, shrinking, -eta, mu. */
const AVERAGE = variants((decays: boolean, copies: boolean) =>
  defineUpdate(3, (x, grad, mean) => {
    const g = pulled(grad, x, decays);
    const next = along(mul(x, param(2)), param(3), g);
    const far = add(mean, mul(sub(next, mean), param(4)));
    return [next, null, copies ? next : far];
  })
);

/** A step of ASGD: by `eta`, with `mean` going towards the parameter by the share `mu`. */
export function averagedStep(
  x: Tensor,
  grad: Tensor,
  mean: Tensor,
  how: Pull & { readonly lambd: number },
  eta: number,
  mu: number,
): void {
  const { weightDecay, lambd } = how;
  update(AVERAGE(weightDecay !== 0, mu === 1), [x, grad, mean], [
    signOf(how),
    weightDecay,
    1 - lambd * eta,
    -eta,
    mu,
  ]);
}

/** Parameters: weights of the gradient and of the momentum. */
const LOOK_AHEAD = variants((far: boolean, farBack: boolean) =>
  defineUpdate(3, (_out, grad, kept) => {
    const next = towards(kept, grad, param(0), far);
    return [towards(grad, next, param(1), farBack), null, next];
  })
);

/** Moves the momentum `kept` towards the gradient and stores in `out` what is seen from there. */
export function lookAhead(
  out: Tensor,
  grad: Tensor,
  kept: Tensor,
  momentum: number,
): void {
  update(
    LOOK_AHEAD(isFar(1 - momentum), isFar(momentum)),
    [out, grad, kept],
    [weightOf(1 - momentum), weightOf(momentum)],
  );
}

/** Parameters: shrinking, -lr. */
const SHRINKING = defineUpdate(2, (x, way) => [
  along(mul(x, param(0)), param(1), way),
  null,
]);

/** `x * shrink - lr * way`. */
export function shrinkingStep(
  x: Tensor,
  way: Tensor,
  shrink: number,
  lr: number,
): void {
  update(SHRINKING, [x, way], [shrink, -lr]);
}
