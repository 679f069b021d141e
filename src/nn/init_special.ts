// Initial values with a structure: identities, orthogonal and sparse matrices.

import { noGrad } from "../grad/mode.ts";
import { eye } from "../tensor/create_filled.ts";
import { tensor } from "../tensor/create.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { randperm } from "../tensor/random.ts";
import { type GeneratorOptions, normal_ } from "../tensor/random_inplace.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Fills a matrix with ones on its diagonal and zeros elsewhere. See
 * `torch.nn.init.eye_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const w = dg.nn.init.eye_(dg.empty([2, 3]));
 * assertEquals(w.tolist(), [[1, 0, 0], [0, 1, 0]]);
 * ```
 */
export function eye_(x: Tensor): Tensor {
  if (x.ndim !== 2) {
    throw new ValueError("Only tensors with 2 dimensions are supported");
  }
  const [n, m] = x.shape;
  return noGrad(() => x.copy_(eye(n!, m!, { dtype: x.dtype })));
}

/** Options of {@linkcode dirac_}. */
export interface DiracOptions {
  /** Groups of channels that are kept apart; 1 where not given. */
  readonly groups?: number;
}

/**
 * Fills the weight of a convolution so that it keeps as many channels as
 * possible as they are. See `torch.nn.init.dirac_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const w = dg.nn.init.dirac_(dg.empty([1, 1, 3]));
 * assertEquals(w.tolist(), [[[0, 1, 0]]]);
 * ```
 */
export function dirac_(x: Tensor, options: DiracOptions = {}): Tensor {
  checkOptions(options, ["groups"], "dirac_");
  const { groups = 1 } = options;
  const [out, input, ...kernel] = x.shape;
  if (x.ndim < 3 || x.ndim > 5) {
    throw new ValueError(
      "Only tensors with 3, 4, or 5 dimensions are supported",
    );
  }
  if (out! % groups !== 0) {
    throw new ValueError("dim 0 must be divisible by groups");
  }
  const perGroup = out! / groups;
  const center = kernel.map((length) => Math.floor(length / 2));
  return noGrad(() => {
    x.zero_();
    for (let g = 0; g < groups; g++) {
      for (let d = 0; d < Math.min(perGroup, input!); d++) {
        x.setAt_([g * perGroup + d, d, ...center], 1);
      }
    }
    return x;
  });
}

/** Options of {@linkcode orthogonal_}. */
export interface OrthogonalOptions extends GeneratorOptions {
  /** What the matrix is multiplied by; 1 where not given. */
  readonly gain?: number;
}

/**
 * Fills a weight of 2 dimensions or more with a random matrix whose rows, or
 * columns where these are fewer, are orthogonal and of length 1 (Saxe et al.,
 * 2013). See `torch.nn.init.orthogonal_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const w = dg.nn.init.orthogonal_(dg.empty([3, 5]));
 * const distance = w.matmul(w.t()).sub(dg.eye(3)).abs().max().item();
 * assertEquals(distance < 1e-6, true);
 * ```
 */
export function orthogonal_(
  x: Tensor,
  options: OrthogonalOptions = {},
): Tensor {
  checkOptions(options, ["gain", "generator"], "orthogonal_");
  if (x.ndim < 2) {
    throw new ValueError(
      "Only tensors with 2 or more dimensions are supported",
    );
  }
  if (x.numel() === 0) return x;
  if (x.isComplex()) {
    throw new RuntimeError(
      `orthogonal_() is not implemented for ${x.dtype}`,
      "PyTorch has no complex orthogonal matrices here either",
    );
  }
  const { gain = 1, generator } = options;
  const rows = x.shape[0]!;
  const columns = x.numel() / rows;
  const source = generator === undefined ? {} : { generator };
  return noGrad(() => {
    const samples = normal_(x.newEmpty([rows, columns]), source);
    const wide = rows < columns;
    const vectors = (wide ? samples : samples.t()).to(EXACT);
    const q = orthonormal(vectors.tolist<number[][]>());
    const matrix = tensor(q, EXACT);
    const oriented = wide ? matrix : matrix.t();
    return x.copy_(oriented.reshape(x.shape).to(x.dtype)).mul_(gain);
  });
}

/** Where and in what numbers are computed on the way: no other device need have them. */
const EXACT = { dtype: "float64", device: "cpu" } as const;

/**
 * Makes vectors orthogonal, one after the other, and of length 1: what QR with
 * a positive diagonal gives. Twice, since once loses digits.
 */
function orthonormal(vectors: number[][]): number[][] {
  const done: number[][] = [];
  for (const vector of vectors) {
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        const along = dot(vector, other);
        for (let i = 0; i < vector.length; i++) vector[i]! -= along * other[i]!;
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    done.push(vector.map((value) => value / length));
  }
  return done;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Options of {@linkcode sparse_}. */
export interface SparseOptions extends GeneratorOptions {
  /** Standard deviation of what is not zero; 0.01 where not given. */
  readonly std?: number;
}

/**
 * Fills a matrix with normal samples and sets a share of each column to zero
 * (Martens, 2010). See `torch.nn.init.sparse_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const w = dg.nn.init.sparse_(dg.empty([4, 2]), 0.5);
 * assertEquals(w.eq(0).sum(0).tolist(), [2, 2]);
 * ```
 */
export function sparse_(
  x: Tensor,
  sparsity: number,
  options: SparseOptions = {},
): Tensor {
  checkOptions(options, ["std", "generator"], "sparse_");
  if (x.ndim !== 2) {
    throw new ValueError("Only tensors with 2 dimensions are supported");
  }
  const [rows, columns] = x.shape as [number, number];
  const zeros = Math.ceil(sparsity * rows);
  return noGrad(() => {
    normal_(x, { std: 0.01, ...options });
    for (let column = 0; column < columns; column++) {
      const chosen = randperm(rows).narrow(0, 0, zeros);
      x.setAt_([chosen, column], 0);
    }
    return x;
  });
}
