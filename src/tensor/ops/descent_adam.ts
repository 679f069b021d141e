// Steps of Adam and its relatives, each one pass over the parameter, the
// gradient and the two means that are kept. Not public: the optimizers call
// them, and nothing is recorded.

import { call, type Expr, param } from "../expr.ts";
import type { Tensor } from "../tensor.ts";
import { defineUpdate, update, variants } from "../update_op.ts";
import {
  add,
  along,
  alongQuotient,
  div,
  isFar,
  meanSquare,
  mul,
  type Pull,
  pulled,
  signOf,
  sqrt,
  towards,
  weightOf,
} from "./descent_terms.ts";

/** Options that these steps share. */
export interface AdamLike extends Pull {
  /** Length of the step. */
  readonly lr: number;
  /** Shares of the means that are kept. */
  readonly betas: readonly [number, number];
  /** Keeps divisors away from zero. */
  readonly eps: number;
}

/** Parameters that all steps begin with; see {@linkcode sharedParams}. */
const SHRINK = param(2);
const WEIGHT = param(3);
const KEEP = param(4);
const SHARE = param(5);
const EPS = param(6);
const A = param(7);
const B = param(8);

/** The numbers that all steps begin with; `decoupled` decay shrinks the parameter itself. */
function sharedParams(
  how: AdamLike,
  decoupled: boolean,
  a: number,
  b: number,
): number[] {
  const { lr, betas, eps, weightDecay } = how;
  return [
    signOf(how),
    weightDecay,
    decoupled ? 1 - lr * weightDecay : 1,
    weightOf(1 - betas[0]),
    betas[1],
    1 - betas[1],
    eps,
    a,
    b,
  ];
}

/** How decay works: through the gradient, on the parameter itself, or not at all. */
type Decay = readonly [pulls: boolean, shrinks: boolean];

function decayOf(how: AdamLike, decoupled: boolean): Decay {
  const decays = how.weightDecay !== 0;
  return [decays && !decoupled, decays && decoupled];
}

/** Where the step begins, the gradient, and the means after it. */
function means(
  x: Expr,
  grad: Expr,
  mean: Expr,
  square: Expr,
  pulls: boolean,
  shrinks: boolean,
  far: boolean,
): [Expr, Expr, Expr, Expr] {
  const g = pulled(grad, x, pulls);
  return [
    shrinks ? mul(x, SHRINK) : x,
    g,
    towards(mean, g, WEIGHT, far),
    meanSquare(square, g, KEEP, SHARE),
  ];
}

/** A: -step; B: what the root is multiplied with. */
const ADAM = variants((
  pulls: boolean,
  shrinks: boolean,
  far: boolean,
  amsgrad: boolean,
) =>
  defineUpdate(amsgrad ? 5 : 4, (x, grad, mean, square, most) => {
    const [start, , m, v] = means(
      x,
      grad,
      mean,
      square,
      pulls,
      shrinks,
      far,
    );
    const top = amsgrad ? call("max", most, v) : v;
    const denominator = add(mul(sqrt(top), B), EPS);
    const next = alongQuotient(start, A, m, denominator);
    return amsgrad ? [next, null, m, v, top] : [next, null, m, v];
  })
);

/** The `step`-th step of Adam; `most` is kept where the options say so. */
export function adamStep(
  x: Tensor,
  grad: Tensor,
  mean: Tensor,
  square: Tensor,
  most: Tensor | null,
  how: AdamLike,
  decoupled: boolean,
  step: number,
): void {
  const { lr, betas } = how;
  const [pulls, shrinks] = decayOf(how, decoupled);
  update(
    ADAM(pulls, shrinks, isFar(1 - betas[0]), most !== null),
    most === null ? [x, grad, mean, square] : [x, grad, mean, square, most],
    sharedParams(
      how,
      decoupled,
      -lr / (1 - betas[0] ** step),
      1 / Math.sqrt(1 - betas[1] ** step),
    ),
  );
}

const C = param(9);

/** A and C: factors of the gradient and of its mean; B: what the mean of squares is divided by. */
const NADAM = variants((pulls: boolean, shrinks: boolean, far: boolean) =>
  defineUpdate(4, (x, grad, mean, square) => {
    const [start, g, m, v] = means(
      x,
      grad,
      mean,
      square,
      pulls,
      shrinks,
      far,
    );
    const denominator = add(sqrt(div(v, B)), EPS);
    const half = alongQuotient(start, A, g, denominator);
    return [alongQuotient(half, C, m, denominator), null, m, v];
  })
);

/** The `step`-th step of NAdam, with factors of the gradient and of its mean. */
export function nadamStep(
  x: Tensor,
  grad: Tensor,
  mean: Tensor,
  square: Tensor,
  how: AdamLike,
  decoupled: boolean,
  step: number,
  factors: readonly [number, number],
): void {
  const { betas } = how;
  const [pulls, shrinks] = decayOf(how, decoupled);
  const shared = sharedParams(
    how,
    decoupled,
    factors[0],
    1 - betas[1] ** step,
  );
  shared.push(factors[1]);
  update(
    NADAM(pulls, shrinks, isFar(1 - betas[0])),
    [x, grad, mean, square],
    shared,
  );
}

/** A: -step; B: what the mean of gradients is divided by. */
const RADAM = variants((
  pulls: boolean,
  shrinks: boolean,
  far: boolean,
  adapts: boolean,
) =>
  defineUpdate(4, (x, grad, mean, square) => {
    const [start, , m, v] = means(
      x,
      grad,
      mean,
      square,
      pulls,
      shrinks,
      far,
    );
    const way = div(m, B);
    const next = adapts
      ? alongQuotient(start, A, way, add(sqrt(v), EPS))
      : along(start, A, way);
    return [next, null, m, v];
  })
);

/** The `step`-th step of RAdam: rectified where the mean of squares is reliable. */
export function radamStep(
  x: Tensor,
  grad: Tensor,
  mean: Tensor,
  square: Tensor,
  how: AdamLike,
  decoupled: boolean,
  step: number,
): void {
  const { lr, betas } = how;
  const [pulls, shrinks] = decayOf(how, decoupled);
  const correction = 1 - betas[1] ** step;
  const most = 2 / (1 - betas[1]) - 1;
  const rho = most - 2 * step * betas[1] ** step / correction;
  const adapts = rho > 5;
  const rectified = adapts
    ? lr * Math.sqrt(
      correction * (rho - 4) * (rho - 2) * most /
        ((most - 4) * (most - 2) * rho),
    )
    : lr;
  update(
    RADAM(pulls, shrinks, isFar(1 - betas[0]), adapts),
    [x, grad, mean, square],
    sharedParams(how, decoupled, -rectified, 1 - betas[0] ** step),
  );
}

/** A: -step. */
const ADAMAX = variants((pulls: boolean, far: boolean) =>
  defineUpdate(4, (x, grad, mean, most) => {
    const g = pulled(grad, x, pulls);
    const m = towards(mean, g, WEIGHT, far);
    const top = call("max", mul(most, KEEP), add(call("abs", g), EPS));
    return [alongQuotient(x, A, m, top), null, m, top];
  })
);

/** The `step`-th step of Adamax. */
export function adamaxStep(
  x: Tensor,
  grad: Tensor,
  mean: Tensor,
  most: Tensor,
  how: AdamLike,
  step: number,
): void {
  const { lr, betas, weightDecay } = how;
  update(
    ADAMAX(weightDecay !== 0, isFar(1 - betas[0])),
    [x, grad, mean, most],
    sharedParams(how, false, -lr / (1 - betas[0] ** step), 0),
  );
}
