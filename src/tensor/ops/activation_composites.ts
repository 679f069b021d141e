// Activations that are made of other functions.

import { IN0 } from "../../grad/node.ts";
import { refuseComplex } from "../complex_refusal.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { softmax, type SoftmaxOptions } from "./activation.ts";
import { cat } from "./joining.ts";

const GLU = defineKernel<number>({
  name: "glu",
  forward: ([x], dim) => {
    const [a, b] = x!.chunk(2, dim) as [Tensor, Tensor];
    return a.mul(b.sigmoid());
  },
  vjps: [(g, n, dim) => {
    const [a, b] = n.input(0).chunk(2, dim) as [Tensor, Tensor];
    const s = b.sigmoid();
    const first = g.mul(s);
    return cat([first, first.mul(a).mul(s.neg().add(1))], dim);
  }],
  saves: [IN0],
});

/**
 * Multiplies the first half of a dimension by the logistic function of the
 * second. See `torch.nn.functional.glu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[2, 3, 0, Infinity]]);
 * assertEquals(dg.nn.functional.glu(x).tolist(), [[1, 3]]);
 * ```
 */
export function glu(x: Tensor, dim = -1): Tensor {
  if (x.info.category === 3) refuseComplex("glu_cpu", x.info);
  if (x.shape.length === 0) {
    throw new RuntimeError(
      "glu does not support scalars because halving size must be even",
    );
  }
  const at = normalizeDim(dim, x.shape.length);
  const n = x.shape[at]!;
  if (n % 2 !== 0) {
    throw new RuntimeError(
      `Halving dimension must be even, but dimension ${at} is size ${n}`,
    );
  }
  return run(GLU, [x], at);
}

/**
 * Computes `x / (1 + |x|)`. See `torch.nn.functional.softsign`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-1, 3]);
 * assertEquals(dg.nn.functional.softsign(x).tolist(), [-0.5, 0.75]);
 * ```
 */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1));
}

/**
 * Computes `x - tanh(x)`. See `torch.nn.functional.tanhshrink`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 100]);
 * assertEquals(dg.nn.functional.tanhshrink(x).tolist(), [0, 99]);
 * ```
 */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(x.tanh());
}

/**
 * Computes the softmax of `-x` along a dimension. See
 * `torch.nn.functional.softmin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, Infinity]);
 * assertEquals(dg.nn.functional.softmin(x, 0).tolist(), [1, 0]);
 * ```
 */
export function softmin(
  x: Tensor,
  dim: number,
  options: SoftmaxOptions = {},
): Tensor {
  return softmax(x.neg(), dim, options);
}
