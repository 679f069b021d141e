// Inverses of matrices that have none: Moore's and Penrose's.

import { IN0, OUT } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { batchShape, checkFactors, checkFloat, turn } from "../linalg_op.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cutoff, type RankOptions } from "./linalg_condition.ts";
import { eigh } from "./linalg_eigh.ts";
import { svd } from "./linalg_svd.ts";

/** One over the values above a bound, 0 for the others. */
function invertValues(values: Tensor, bound: Tensor): Tensor {
  const kept = values.abs().gt(bound.unsqueeze(-1));
  return values.reciprocal().where(kept, 0);
}

function pseudoInverse(a: Tensor, options: RankOptions): Tensor {
  if (a.numel() === 0) {
    return a.newZeros([...batchShape(a), a.size(-1), a.size(-2)]);
  }
  if (options.hermitian) {
    const [values, v] = eigh(a) as Iterable<Tensor> as [Tensor, Tensor];
    const bound = cutoff(a, values.abs().amax(-1), options);
    const inverse = invertValues(values, bound).unsqueeze(-2);
    return v.mul(inverse).matmul(turn(v));
  }
  const { U, S, Vh } = svd(a, { fullMatrices: false });
  const bound = cutoff(a, S.amax(-1), options);
  const inverse = invertValues(S, bound).unsqueeze(-2);
  return turn(Vh).mul(inverse).matmul(turn(U));
}

/** The gradient of a matrix, given that of its pseudoinverse `p`. */
export function pinvBackward(g: Tensor, p: Tensor, a: Tensor): Tensor {
  const pt = turn(p);
  const gt = turn(g);
  if (a.size(-2) <= a.size(-1)) {
    const k = gt.matmul(p);
    const kpt = k.matmul(pt);
    return kpt.sub(turn(p.matmul(k)))
      .sub(a.matmul(p).matmul(kpt))
      .add(pt.matmul(p).matmul(gt.sub(k.matmul(a))));
  }
  const k = p.matmul(gt);
  const ptk = pt.matmul(k);
  return ptk.sub(turn(k.matmul(p)))
    .add(gt.sub(a.matmul(k)).matmul(p).matmul(pt))
    .sub(ptk.matmul(p).matmul(a));
}

const PINV = defineKernel<RankOptions>({
  name: "linalgPinv",
  forward: ([a], options) => pseudoInverse(a!, options),
  vjps: [(g, n) => pinvBackward(g, n.output(), n.input(0))],
  saves: [IN0 | OUT],
});

/**
 * The pseudoinverse of matrices of any shape: the matrix that solves systems of
 * equations in the least-squares sense. Float32 and float64. See
 * `torch.linalg.pinv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const x = dg.tensor([[1, 0], [0, 2], [0, 0]]);
 * const expected = dg.tensor([[1, 0, 0], [0, 0.5, 0]]);
 * assert(dg.allclose(dg.linalg.pinv(x), expected));
 * ```
 */
export function pinv(a: Tensor, options: RankOptions = {}): Tensor {
  checkOptions(options, ["atol", "rtol", "hermitian"], "linalg.pinv");
  if (a.info.category === 3) checkFloat("linalg.pinv", a);
  if (a.shape.length < 2 || a.info.category !== 2 || a.info.bytes < 4) {
    throw new RuntimeError(
      `linalg.pinv(${a.info.scalarName}{${
        showShape(a.shape)
      }}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types`,
    );
  }
  checkFactors(a.storage.device, "linalg.pinv");
  return run(PINV, [a], options);
}

/** Options of {@linkcode pinverse}. */
export interface PinverseOptions {
  /** Singular values up to this multiple of the largest count as zero; 1e-15 where not given. */
  readonly rcond?: number;
}

/**
 * The pseudoinverse of a matrix, or of a batch of them; see `linalg.pinv` for
 * one with a tolerance that suits the type. See `torch.pinverse`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const x = dg.tensor([[2, 0], [0, 0]]);
 * assert(dg.allclose(x.pinverse(), dg.tensor([[0.5, 0], [0, 0]])));
 * ```
 */
export function pinverse(x: Tensor, options: PinverseOptions = {}): Tensor {
  checkOptions(options, ["rcond"], "pinverse");
  return pinv(x, { rtol: options.rcond ?? 1e-15 });
}
