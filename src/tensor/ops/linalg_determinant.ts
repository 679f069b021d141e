// Determinants and their logarithms.

import { anywhere } from "../batching.ts";
import { IN0, OUT, OUT1 } from "../../grad/node.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  checkFloat,
  checkKernel,
  checkSquare,
  identityLike,
  isRecording,
  resultLike,
  turn,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import type { Tensor } from "../tensor.ts";
import { factorLu } from "./linalg_lu.ts";
import { luSolve } from "./linalg_lu_solve.ts";
import { solve } from "./linalg_solve.ts";
import { svd } from "./linalg_svd.ts";

const ADJOINT = { adjoint: true } as const;

/** The signs of the permutations that pivots mean, one for each matrix. */
function signsOf(pivots: Tensor, x: Tensor): Tensor {
  const out = resultLike(x, batchShape(x));
  const n = x.shape[x.shape.length - 1]!;
  const { device } = x.storage;
  const given = device.read(pivots) as Int32Array;
  const signs = new Float64Array(out.count).fill(1);
  given.forEach((row, i) => {
    if (row !== i % n + 1) signs[Math.floor(i / n)]! *= -1;
  });
  device.write(out, signs);
  return out;
}

/** The diagonals of matrices. */
function diagonalOf(x: Tensor): Tensor {
  return x.diagonal({ dim1: -2, dim2: -1 });
}

/** Factors with something small in place of zeros on the diagonal, so that they can be divided by. */
function withoutZeros(packed: Tensor): Tensor {
  const diagonal = diagonalOf(packed);
  if (!anywhere(diagonal.eq(0))) return packed;
  const small = packed.info.bytes === 4 ? 2 ** -23 : 2 ** -52;
  return packed.add(diagonal.eq(0).mul(small).diagEmbed());
}

const DET = defineMulti<null>({
  name: "linalgDet",
  forward: ([a]) => {
    const [packed, pivots] = factorLu(a!, "linalg.det");
    const product = diagonalOf(packed).prod(-1);
    return [product.mul(signsOf(pivots, packed)), packed, pivots];
  },
  vjps: [(_g, n) => {
    const g = n.grads![0]!;
    const a = n.input(0);
    const det = n.output(0);
    const packed = n.output(1).detach();
    const pivots = n.output(2);
    if (a.numel() === 0) return a.newZeros(a.shape);
    const ones = identityLike(a, a.shape);
    if (isRecording()) {
      if (det.eq(0).any().item()) return cofactors(g, a);
      const factor = g.mul(det).unsqueeze(-1).unsqueeze(-1);
      return solve(turn(a), ones.mul(factor));
    }
    // Beside a singular matrix is one whose determinant and inverse exist: the
    // product of both is as good as continuous.
    const near = withoutZeros(packed);
    const product = near === packed
      ? det
      : diagonalOf(near).prod(-1).mul(signsOf(pivots, packed));
    const factor = g.mul(product).unsqueeze(-1).unsqueeze(-1);
    return luSolve(near, pivots, ones.mul(factor), ADJOINT);
  }],
  saves: [IN0 | OUT | OUT1 | OUT << 2],
});

/**
 * The determinant of a square matrix, or of each of a batch. Float32 and
 * float64. See `torch.linalg.det`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.linalg.det(dg.tensor([[1, 2], [4, 4]])).item(), -4);
 * ```
 */
export function det(x: Tensor): Tensor {
  checkFloat("linalg.det", x);
  checkSquare("linalg.det", x);
  checkKernel("lu_cpu", x);
  return runMulti(DET, [x], null)[0]!;
}

/**
 * The gradient of determinants by singular vectors, which exists where a matrix
 * is singular: each value is left out of the product in turn.
 */
function cofactors(g: Tensor, a: Tensor): Tensor {
  const { U, S, Vh } = svd(a, { fullMatrices: false });
  const n = a.size(-1);
  const square = [...S.shape, n];
  const own = identityLike(a, square).eq(1);
  const others = S.unsqueeze(-2).expand(square).maskedFill(own, 1).prod(-1);
  const sign = det(U).mul(det(Vh)).mul(g);
  const weights = others.mul(sign.unsqueeze(-1));
  return U.mul(weights.unsqueeze(-2)).matmul(Vh);
}

const SLOGDET = defineMulti<null>({
  name: "linalgSlogdet",
  forward: ([a]) => {
    const [packed, pivots] = factorLu(a!, "linalg.slogdet");
    const diagonal = diagonalOf(packed);
    const sign = diagonal.sgn().prod(-1).mul(signsOf(pivots, packed));
    return [sign, diagonal.abs().log().sum(-1), packed, pivots];
  },
  vjps: [(_g, n) => {
    const g = n.grads![1];
    const a = n.input(0);
    const packed = n.output(2).detach();
    const pivots = n.output(3);
    // The sign is constant.
    if (g == null) return null;
    if (a.numel() === 0) return a.newZeros(a.shape);
    const ones = identityLike(a, a.shape);
    const side = ones.mul(g.unsqueeze(-1).unsqueeze(-1));
    return isRecording()
      ? solve(turn(a), side)
      : luSolve(packed, pivots, side, ADJOINT);
  }],
  saves: [IN0 | OUT << 2 | OUT << 3],
});

/**
 * The signs of the determinants of square matrices, and the logarithms of their
 * absolute values: 0 and `-Infinity` where a matrix is singular. See
 * `torch.linalg.slogdet`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { sign, logabsdet } = dg.linalg.slogdet(dg.eye(3).mul(-1));
 * assertEquals([sign.item(), logabsdet.item()], [-1, 0]);
 * ```
 */
export function slogdet(x: Tensor): Named<"sign" | "logabsdet"> {
  checkSquare("linalg.slogdet", x);
  checkFloat("linalg.slogdet", x, false);
  const [sign, logabsdet] = runMulti(SLOGDET, [x], null);
  return named({ sign: sign!, logabsdet: logabsdet! }, "linalg_slogdet");
}

/**
 * The logarithm of the determinant of a square matrix, or of each of a batch:
 * NaN where it is negative, `-Infinity` where it is 0. See `torch.logdet`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.logdet(dg.eye(3)).item(), 0);
 * ```
 */
export function logdet(x: Tensor): Tensor {
  checkSquare("logdet", x);
  checkFloat("logdet", x, false);
  const [sign, logabsdet] = slogdet(x);
  return logabsdet!.where(sign!.ne(-1), NaN);
}
