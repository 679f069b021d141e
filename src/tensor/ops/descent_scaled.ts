// Steps that scale each gradient by what is known of its size: Adagrad,
// Adadelta, RMSprop and Rprop. One pass each. Not public: the optimizers call
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
  sub,
  towards,
  weightOf,
} from "./descent_terms.ts";

/** Parameters: sign, decay, -lr, eps. */
const ADAGRAD = variants((decays: boolean) =>
  defineUpdate(3, (x, grad, sum) => {
    const g = pulled(grad, x, decays);
    const total = add(sum, mul(g, g));
    const root = add(sqrt(total), param(3));
    return [alongQuotient(x, param(2), g, root), null, total];
  })
);

/** A step of Adagrad of length `lr`. */
export function adagradStep(
  x: Tensor,
  grad: Tensor,
  sum: Tensor,
  how: Pull & { readonly eps: number },
  lr: number,
): void {
  const { weightDecay, eps } = how;
  const params = [signOf(how), weightDecay, -lr, eps];
  update(ADAGRAD(weightDecay !== 0), [x, grad, sum], params);
}

/** Parameters: sign, decay, -lr, eps, rho, 1 - rho. */
const ADADELTA = variants((decays: boolean) =>
  defineUpdate(4, (x, grad, square, moved) => {
    const [eps, keep, share] = [param(3), param(4), param(5)];
    const g = pulled(grad, x, decays);
    const v = meanSquare(square, g, keep, share);
    const delta = mul(
      div(sqrt(add(moved, eps)), sqrt(add(v, eps))),
      g,
    );
    return [
      along(x, param(2), delta),
      null,
      v,
      meanSquare(moved, delta, keep, share),
    ];
  })
);

/** A step of Adadelta. */
export function adadeltaStep(
  x: Tensor,
  grad: Tensor,
  square: Tensor,
  moved: Tensor,
  how: Pull & {
    readonly lr: number;
    readonly rho: number;
    readonly eps: number;
  },
): void {
  const { weightDecay, lr, rho, eps } = how;
  const params = [signOf(how), weightDecay, -lr, eps, rho, 1 - rho];
  update(ADADELTA(weightDecay !== 0), [x, grad, square, moved], params);
}

/** Parameters: sign, decay, -lr, eps, alpha, 1 - alpha, weight, momentum. */
const RMSPROP = variants((
  decays: boolean,
  centered: boolean,
  far: boolean,
  momentum: boolean,
) =>
  defineUpdate(
    3 + (centered ? 1 : 0) + (momentum ? 1 : 0),
    (x, grad, square, ...rest) => {
      const g = pulled(grad, x, decays);
      const v = meanSquare(square, g, param(4), param(5));
      const kept: Expr[] = [];
      let spread = v;
      if (centered) {
        const mean = towards(rest.shift()!, g, param(6), far);
        spread = sub(v, mul(mean, mean));
        kept.push(mean);
      }
      const root = add(sqrt(spread), param(3));
      if (!momentum) {
        return [alongQuotient(x, param(2), g, root), null, v, ...kept];
      }
      const speed = add(mul(rest.shift()!, param(7)), div(g, root));
      return [along(x, param(2), speed), null, v, ...kept, speed];
    },
  )
);

/** A step of RMSprop; `mean` and `speed` are kept where the options say so. */
export function rmspropStep(
  x: Tensor,
  grad: Tensor,
  square: Tensor,
  mean: Tensor | null,
  speed: Tensor | null,
  how: Pull & {
    readonly lr: number;
    readonly alpha: number;
    readonly eps: number;
    readonly momentum: number;
  },
): void {
  const { weightDecay, lr, alpha, eps, momentum } = how;
  const tensors = [x, grad, square];
  if (mean !== null) tensors.push(mean);
  if (speed !== null) tensors.push(speed);
  const far = isFar(1 - alpha);
  update(
    RMSPROP(weightDecay !== 0, mean !== null, far, speed !== null),
    tensors,
    [
      signOf(how),
      weightDecay,
      -lr,
      eps,
      alpha,
      1 - alpha,
      weightOf(1 - alpha),
      momentum,
    ],
  );
}

function sign(x: Expr): Expr {
  return call(
    "select",
    call("gt", x, 0),
    1,
    call("select", call("lt", x, 0), -1, 0),
  );
}

/** Parameters: sign, smaller and larger factor, least and largest step. */
const RPROP = defineUpdate(4, (x, grad, before, size) => {
  const g = mul(param(0), grad);
  const product = mul(g, before);
  const back = call("lt", product, 0);
  const factor = call(
    "select",
    back,
    param(1),
    call("select", call("gt", product, 0), param(2), 1),
  );
  const step = call(
    "min",
    call("max", mul(size, factor), param(3)),
    param(4),
  );
  const used = call("select", back, 0, g);
  return [sub(x, mul(sign(used), step)), null, used, step];
});

/** A step of Rprop: `before` is the former gradient, `size` the length of the step. */
export function rpropStep(
  x: Tensor,
  grad: Tensor,
  before: Tensor,
  size: Tensor,
  how: {
    readonly etas: readonly [number, number];
    readonly stepSizes: readonly [number, number];
    readonly maximize: boolean;
  },
): void {
  const { etas, stepSizes, maximize } = how;
  update(RPROP, [x, grad, before, size], [
    maximize ? -1 : 1,
    ...etas,
    ...stepSizes,
  ]);
}
