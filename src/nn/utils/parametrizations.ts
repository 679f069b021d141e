/**
 * Weights that are orthogonal or have a norm: PyTorch's
 * `torch.nn.utils.parametrizations`.
 *
 * @module
 */

import { noGrad } from "../../grad/mode.ts";
import { eye } from "../../tensor/create_filled.ts";
import { IndexError, ValueError } from "../../tensor/errors.ts";
import { finfo } from "../../tensor/dtype_limits.ts";
import { keep } from "../../tensor/scope.ts";
import { allclose } from "../../tensor/ops/closeness.ts";
import { isTensor } from "../../tensor/is_tensor.ts";
import { cat } from "../../tensor/ops/joining.ts";
import { householderProduct } from "../../tensor/ops/linalg_householder.ts";
import { qr } from "../../tensor/ops/linalg_qr.ts";
import { matrixExp } from "../../tensor/ops/linalg_powers.ts";
import { solve } from "../../tensor/ops/linalg_solve.ts";
import { normalize } from "../../tensor/ops/similarity.ts";
import {
  checkOptions,
  sameShape,
  type Shape,
  showShape,
} from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { TransposedConvolution } from "../convolution_transposed.ts";
import { Module } from "../module.ts";
import { registerParametrization } from "./parametrize.ts";
import { type FieldOptions, normExcept } from "./weight_norms.ts";

function tensorOf(module: Module, name: string): Tensor {
  const x: unknown = Reflect.get(module, name);
  if (isTensor(x)) return x;
  throw new ValueError(
    `Module '${module}' has no parameter or buffer with name '${name}'`,
  );
}

/** How {@linkcode orthogonal} makes orthogonal matrices of others. */
export type OrthogonalMap = "matrix_exp" | "cayley" | "householder";

const MAPS: readonly string[] = ["matrix_exp", "cayley", "householder"];

/** Options of {@linkcode orthogonal}. */
export interface OrthogonalOptions extends FieldOptions {
  /** How matrices become orthogonal; where not given, by the exponential if they are square, and by Householder reflections if not. */
  readonly orthogonalMap?: OrthogonalMap;
}

/** Whether the columns of matrices are orthonormal. */
function isOrthonormal(q: Tensor): boolean {
  const [n, k] = [q.size(-2), q.size(-1)];
  const one = eye(k, { dtype: q.dtype, device: q.device });
  const atol = 10 * n * finfo(q.dtype).eps;
  return allclose(q.mT.matmul(q), one.expand([...q.shape.slice(0, -2), k, k]), {
    atol,
  });
}

/** Orthonormal columns, by the decomposition whose second factor has a positive diagonal. */
function orthonormalized(a: Tensor): Tensor {
  const { Q, R } = qr(a);
  return Q.mul(R.diagonal({ dim1: -2, dim2: -1 }).sign().unsqueeze(-2));
}

class Orthogonal extends Module {
  base: Tensor | null;
  readonly shape: Shape;
  readonly map: OrthogonalMap;

  constructor(shape: Shape, map: OrthogonalMap) {
    super();
    this.shape = shape;
    this.map = map;
    this.base = this.registerBuffer("base", null);
  }

  forward(x: Tensor): Tensor {
    const wide = x.size(-2) < x.size(-1);
    const tall = wide ? x.mT : x;
    const q = this.base!.matmul(this._map(tall));
    return wide ? q.mT : q;
  }

  private _map(x: Tensor): Tensor {
    const [n, k] = [x.size(-2), x.size(-1)];
    if (this.map === "householder") {
      const a = x.tril({ diagonal: -1 });
      const tau = a.mul(a).sum(-2).add(1).reciprocal().mul(2);
      const signs = x.diagonal({ dim1: -2, dim2: -1 }).int().unsqueeze(-2);
      return householderProduct(a, tau).mul(signs);
    }
    const lower = x.tril();
    const square = n === k
      ? lower
      : cat([lower, x.newZeros([...x.shape.slice(0, -1), n - k])], -1);
    const skew = square.sub(square.mT);
    const q = this.map === "matrix_exp" ? matrixExp(skew) : cayley(skew);
    return n === k ? q : q.narrow(-1, 0, k);
  }

  rightInverse(x: Tensor): Tensor {
    if (!sameShape(x.shape, this.shape)) {
      throw new ValueError(
        `Expected a matrix or batch of matrices of shape ${
          showShape(this.shape)
        }. Got a tensor of shape ${showShape(x.shape)}.`,
      );
    }
    return noGrad(() => {
      const tall = x.size(-2) < x.size(-1) ? x.mT : x;
      const [n, k] = [tall.size(-2), tall.size(-1)];
      if (n === k) {
        this.base = isOrthonormal(tall) ? tall.clone() : orthonormalized(tall);
      } else {
        const rest = x.newEmpty([...x.shape.slice(0, -2), n, n - k]).normal_();
        this.base = orthonormalized(cat([tall, rest], -1));
      }
      keep(this.base);
      // Minus one, for the signs that reflections of nothing have.
      const start = x.newZeros(x.shape);
      start.diagonal({ dim1: -2, dim2: -1 }).fill_(-1);
      return start;
    });
  }
}

/** Cayley's map: (1 + a/2) / (1 - a/2). */
function cayley(a: Tensor): Tensor {
  const one = eye(a.size(-1), { dtype: a.dtype, device: a.device });
  return solve(one.sub(a, { alpha: 0.5 }), one.add(a, { alpha: 0.5 }));
}

/**
 * Keeps a weight of a module, a matrix or a batch of them, orthogonal: its
 * columns, or its rows where those are fewer, are orthonormal. The matrix that
 * it is now, made orthogonal, is where it starts from, so that what is trained
 * begins at nothing. Returns the module. See
 * `torch.nn.utils.parametrizations.orthogonal`, with `use_trivialization`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { orthogonal } = dg.nn.utils.parametrizations;
 * const { weight } = orthogonal(new dg.nn.Linear(4, 3));
 * const product = weight.matmul(weight.mT);
 * assertEquals(dg.allclose(product, dg.eye(3), { atol: 1e-5 }), true);
 * ```
 */
export function orthogonal<M extends Module>(
  module: M,
  options: OrthogonalOptions = {},
): M {
  checkOptions(options, ["name", "orthogonalMap"], "orthogonal");
  const { name = "weight" } = options;
  const weight = tensorOf(module, name);
  if (weight.ndim < 2) {
    throw new ValueError(
      `Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`,
    );
  }
  const map = options.orthogonalMap ??
    (weight.size(-2) === weight.size(-1) ? "matrix_exp" : "householder");
  if (!MAPS.includes(map)) {
    throw new ValueError(
      `orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: ${map}`,
    );
  }
  const made = new Orthogonal(weight.shape, map);
  return registerParametrization(module, name, made, { unsafe: true });
}

/** Options of {@linkcode weightNorm}. */
export interface WeightNormOptions extends FieldOptions {
  /** The dimension whose rows have a norm each; 0 where not given, null for one norm of all. */
  readonly dim?: number | null;
}

class WeightNorm extends Module {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  forward(lengths: Tensor, directions: Tensor): Tensor {
    return directions.mul(lengths.div(normExcept(directions, this.dim)));
  }

  rightInverse(weight: Tensor): readonly Tensor[] {
    return [normExcept(weight, this.dim), weight];
  }
}

/**
 * Splits a weight of a module into lengths, `original0`, and directions,
 * `original1`, of which it is computed. Returns the module. See
 * `torch.nn.utils.parametrizations.weight_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { weightNorm } = dg.nn.utils.parametrizations;
 * const layer = weightNorm(new dg.nn.Linear(3, 2));
 * assertEquals(Object.keys(layer.stateDict()), [
 *   "bias",
 *   "parametrizations.weight.original0",
 *   "parametrizations.weight.original1",
 * ]);
 * ```
 */
export function weightNorm<M extends Module>(
  module: M,
  options: WeightNormOptions = {},
): M {
  checkOptions(options, ["name", "dim"], "weightNorm");
  const { name = "weight" } = options;
  const weight = tensorOf(module, name);
  const given = options.dim === undefined ? 0 : options.dim ?? -1;
  const dim = given < -1 ? given + weight.ndim : given;
  registerParametrization(module, name, new WeightNorm(dim), { unsafe: true });
  // What the older function of that name saved can be loaded.
  module.registerLoadStateDictPreHook((of, dict, prefix) => {
    const key = of.memberName(name);
    const [g, v] = [`${prefix}${key}_g`, `${prefix}${key}_v`];
    if (!(g in dict && v in dict)) return;
    dict[`${prefix}parametrizations.${key}.original0`] = dict[g]!;
    dict[`${prefix}parametrizations.${key}.original1`] = dict[v]!;
    delete dict[g];
    delete dict[v];
  });
  return module;
}

/** Options of {@linkcode spectralNorm}. */
export interface SpectralNormOptions extends FieldOptions {
  /** Steps of the power iteration at each reading in training mode; 1 where not given. */
  readonly nPowerIterations?: number;
  /** Lower bound of norms that are divided by; 1e-12 where not given. */
  readonly eps?: number;
  /** The dimension of the results; 0 where not given, and 1 for transposed convolutions. */
  readonly dim?: number;
}

class SpectralNorm extends Module {
  readonly dim: number;
  readonly eps: number;
  readonly steps: number;
  // The names of PyTorch's buffers.
  _u: Tensor | null = null;
  _v: Tensor | null = null;

  constructor(weight: Tensor, steps: number, dim: number, eps: number) {
    super();
    const n = weight.ndim;
    if (dim >= n || dim < -n) {
      throw new IndexError(
        `Dimension out of range (expected to be in range of [-${n}, ${
          n - 1
        }] but got ${dim})`,
      );
    }
    if (!(steps > 0)) {
      throw new ValueError(
        `Expected nPowerIterations to be positive, but got nPowerIterations=${steps}`,
      );
    }
    this.dim = dim < 0 ? dim + n : dim;
    this.eps = eps;
    this.steps = steps;
    if (n === 1) return;
    noGrad(() => {
      const matrix = this._matrix(weight);
      const [u, v] = matrix.shape.map((size) =>
        matrix.newEmpty([size]).normal_()
      );
      this.registerBuffer("_u", normalize(u!, 0, { eps }));
      this.registerBuffer("_v", normalize(v!, 0, { eps }));
      this._iterate(matrix, 15);
    });
  }

  forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return normalize(weight, 0, { eps: this.eps });
    const matrix = this._matrix(weight);
    if (this.training) noGrad(() => this._iterate(matrix, this.steps));
    // Copies: a second reading before the backward pass changes the buffers.
    const [u, v] = [this._u!.clone(), this._v!.clone()];
    return weight.div(u.dot(matrix.mv(v)));
  }

  rightInverse(x: Tensor): Tensor {
    return x;
  }

  /** A weight as a matrix whose rows are those of the dimension. */
  private _matrix(weight: Tensor): Tensor {
    const turned = this.dim === 0 ? weight : weight.movedim(this.dim, 0);
    return turned.flatten({ startDim: 1 });
  }

  private _iterate(matrix: Tensor, steps: number): void {
    const { _u, _v, eps } = this;
    for (let k = 0; k < steps; k++) {
      _u!.copy_(normalize(matrix.mv(_v!), 0, { eps }));
      _v!.copy_(normalize(matrix.t().mv(_u!), 0, { eps }));
    }
  }
}

/**
 * Divides a weight of a module by its largest singular value, estimated by
 * power iteration, whenever it is read. Returns the module. See
 * `torch.nn.utils.parametrizations.spectral_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { spectralNorm } = dg.nn.utils.parametrizations;
 * const { weight } = spectralNorm(new dg.nn.Linear(3, 2));
 * const norm = dg.linalg.matrixNorm(weight, [0, 1], { ord: 2 });
 * assertAlmostEquals(norm.item(), 1, 0.1);
 * ```
 */
export function spectralNorm<M extends Module>(
  module: M,
  options: SpectralNormOptions = {},
): M {
  const known = ["name", "nPowerIterations", "eps", "dim"];
  checkOptions(options, known, "spectralNorm");
  const { name = "weight", nPowerIterations = 1, eps = 1e-12 } = options;
  const dim = options.dim ?? (module instanceof TransposedConvolution ? 1 : 0);
  const weight = tensorOf(module, name);
  const made = new SpectralNorm(weight, nPowerIterations, dim, eps);
  return registerParametrization(module, name, made);
}

// What reprs call them is what PyTorch calls them.
for (const made of [Orthogonal, WeightNorm, SpectralNorm]) {
  Object.defineProperty(made, "name", { value: `_${made.name}` });
}
