// Bounding the norms of slices.

import { IN0 } from "../../grad/node.ts";
import { checkNumber } from "../arguments.ts";
import { refuseComplex } from "../complex_refusal.ts";
import { RuntimeError } from "../errors.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

interface RenormOptions {
  readonly p: number;
  readonly dims: readonly number[];
  readonly maxnorm: number;
}

/** What each slice is multiplied by. */
function factors(x: Tensor, { p, dims, maxnorm }: RenormOptions): Tensor {
  const length = x.norm(dims, { p, keepdim: true });
  const factor = length.add(1e-7).reciprocal().mul(maxnorm);
  return factor.where(length.gt(maxnorm), 1);
}

const RENORM = defineKernel<RenormOptions>({
  name: "renorm",
  forward: ([x], o) => x!.mul(factors(x!, o)),
  vjps: [(g, n, o) => {
    const x = n.input(0);
    const { p, dims, maxnorm } = o;
    const length = x.norm(dims, { p, keepdim: true });
    // The slope of the norm, times what its change does to the slice.
    const slope = p === 2
      ? x.div(length)
      : p === 1
      ? x.sign()
      : p === Infinity
      ? x.sign().mul(x.abs().eq(length))
      : x.sign().mul(x.abs().pow(p - 1)).div(length.pow(p - 1));
    const inverse = length.add(1e-7).reciprocal();
    const along = g.mul(x).sum(dims, { keepdim: true });
    const bent = g.sub(slope.mul(along).mul(inverse)).mul(inverse).mul(maxnorm);
    return bent.where(length.gt(maxnorm), g);
  }],
  saves: [IN0],
});

/**
 * Scales the slices along `dim`, `x.select(dim, i)`, whose `p`-norm is above
 * `maxnorm` down to it; the others stay. See `torch.renorm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 4], [0, 1]]);
 * assertEquals(x.renorm(2, 0, 5).tolist(), [[3, 4], [0, 1]]);
 * assertEquals(x.renorm(1, 0, 3.5).sum(1).tolist(), [3.5, 1]);
 * ```
 */
export function renorm(
  x: Tensor,
  p: number,
  dim: number,
  maxnorm: number,
): Tensor {
  if (x.info.category === 3) refuseComplex("renorm_cpu", x.info);
  checkNumber(p, "renorm", "p");
  checkNumber(maxnorm, "renorm", "maxnorm");
  if (p <= 0) {
    throw new RuntimeError("renorm: non-positive-norm not supported");
  }
  if (maxnorm < 0) {
    throw new RuntimeError(
      `renorm: expected maxnorm to be >= 0 but got ${maxnorm}`,
    );
  }
  const rank = x.shape.length;
  if (rank < 2) {
    throw new RuntimeError(
      `renorm: input needs at least 2 dimensions, got ${rank} dimensions`,
    );
  }
  const at = normalizeDim(dim, rank);
  const dims = x.shape.map((_, d) => d).filter((d) => d !== at);
  return run(RENORM, [x], { p, dims, maxnorm });
}

/** Bounds the norms in place; see {@linkcode renorm}. */
export function renorm_(
  x: Tensor,
  p: number,
  dim: number,
  maxnorm: number,
): Tensor {
  return inplace(x, [], (x) => renorm(x, p, dim, maxnorm));
}
