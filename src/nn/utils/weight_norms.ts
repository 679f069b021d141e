// Weight norm and spectral norm: weights that are scaled before each call.

import { checkNotComplex } from "../../tensor/complex_refusal.ts";
import { noGrad } from "../../grad/mode.ts";
import { RuntimeError, ValueError } from "../../tensor/errors.ts";
import { normalize } from "../../tensor/ops/similarity.ts";
import { checkOptions } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import {
  clearField,
  fieldOf,
  forget,
  parameterOf,
  reparametrizations,
  reparametrize,
} from "./reparametrization.ts";

/** Which parameter of a module is meant. */
export interface FieldOptions {
  /** The field that holds it; `"weight"` where not given. */
  readonly name?: string;
}

/** Options of {@linkcode weightNorm}. */
export interface WeightNormOptions extends FieldOptions {
  /** The dimension whose rows have a norm each; 0 where not given, null for one norm of all. */
  readonly dim?: number | null;
}

/** Norms of the rows along one dimension, which keep the rank; of all where `dim` is -1. */
export function normExcept(x: Tensor, dim: number): Tensor {
  if (dim === -1) return x.norm();
  const others = x.shape.map((_, d) => d).filter((d) => d !== dim);
  return x.norm(others, { p: 2, keepdim: true });
}

/**
 * Splits a weight of a module into lengths, `weightG`, and directions,
 * `weightV`, which are trained instead: before each call the weight is
 * `weightG * weightV / norm(weightV)`. Returns the module. See
 * `torch.nn.utils.weight_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = dg.nn.utils.weightNorm(new dg.nn.Linear(3, 2));
 * assertEquals(Object.keys(layer.stateDict()), ["bias", "weight_g", "weight_v"]);
 * assertEquals(layer.getParameter("weight_g").shape, [2, 1]);
 * ```
 */
export function weightNorm<M extends Module>(
  module: M,
  options: WeightNormOptions = {},
): M {
  checkOptions(options, ["name", "dim"], "weightNorm");
  const { name = "weight" } = options;
  if (reparametrizations(module, "weightNorm").has(name)) {
    throw new RuntimeError(
      `Cannot register two weightNorm hooks on the same parameter ${name}`,
    );
  }
  const weight = parameterOf(module, name);
  checkNotComplex("weight_norm_kernel", weight.info);
  const given = options.dim === undefined ? 0 : options.dim ?? -1;
  const dim = given < -1 ? given + weight.shape.length : given;
  const [g, v] = [`${name}G`, `${name}V`];
  clearField(module, name);
  const lengths = noGrad(() => normExcept(weight, dim));
  module.registerParameter(g, new Parameter(lengths));
  module.registerParameter(v, new Parameter(weight.detach()));
  const compute = (of: Module) => {
    const direction = fieldOf(of, v);
    return direction.mul(fieldOf(of, g).div(normExcept(direction, dim)));
  };
  module.setMember(name, compute(module));
  reparametrize(module, name, "weightNorm", [g, v], compute);
  return module;
}

/**
 * Undoes {@linkcode weightNorm}: the weight, as it is, is a parameter again. See
 * `torch.nn.utils.remove_weight_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { removeWeightNorm, weightNorm } = dg.nn.utils;
 * const layer = removeWeightNorm(weightNorm(new dg.nn.Linear(3, 2)));
 * assertEquals(Object.keys(layer.stateDict()), ["bias", "weight"]);
 * ```
 */
export function removeWeightNorm<M extends Module>(
  module: M,
  options: FieldOptions = {},
): M {
  checkOptions(options, ["name"], "removeWeightNorm");
  return restore(module, options.name ?? "weight", "weightNorm");
}

function restore<M extends Module>(module: M, name: string, kind: string): M {
  const found = forget(module, name, kind);
  if (found === undefined) {
    throw new ValueError(`${kind} of '${name}' not found in ${module}`);
  }
  const weight = noGrad(() => found.compute(module));
  for (const field of [name, ...found.fields]) clearField(module, field);
  module.registerParameter(name, new Parameter(weight));
  return module;
}

/** Options of {@linkcode spectralNorm}. */
export interface SpectralNormOptions extends FieldOptions {
  /** Steps of the power iteration before each call in training mode; 1 where not given. */
  readonly nPowerIterations?: number;
  /** Lower bound of norms that are divided by; 1e-12 where not given. */
  readonly eps?: number;
  /** The dimension of the results; 0 where not given, and 1 for transposed convolutions. */
  readonly dim?: number;
}

/** A weight as a matrix whose rows are those of `dim`. */
function matrixOf(weight: Tensor, dim: number): Tensor {
  const turned = dim === 0 ? weight : weight.movedim(dim, 0);
  return turned.reshape([turned.shape[0]!, -1]);
}

/**
 * Divides a weight of a module, before each call, by its largest singular value,
 * which is estimated by power iteration. `weightOrig` is trained instead;
 * `weightU` and `weightV` are buffers. Returns the module. See
 * `torch.nn.utils.spectral_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = dg.nn.utils.spectralNorm(new dg.nn.Linear(3, 2));
 * assertEquals(Object.keys(layer.stateDict()), [
 *   ...["bias", "weight_orig", "weight_u", "weight_v"],
 * ]);
 * ```
 */
export function spectralNorm<M extends Module>(
  module: M,
  options: SpectralNormOptions = {},
): M {
  const known = ["name", "nPowerIterations", "eps", "dim"];
  checkOptions(options, known, "spectralNorm");
  const { name = "weight", nPowerIterations = 1, eps = 1e-12 } = options;
  const transposed = module.constructor.name.startsWith("ConvTranspose");
  const dim = options.dim ?? (transposed ? 1 : 0);
  if (!(nPowerIterations > 0)) {
    throw new ValueError(
      `Expected nPowerIterations to be positive, but got nPowerIterations=${nPowerIterations}`,
    );
  }
  if (reparametrizations(module, "spectralNorm").has(name)) {
    throw new RuntimeError(
      `Cannot register two spectralNorm hooks on the same parameter ${name}`,
    );
  }
  const weight = parameterOf(module, name);
  checkNotComplex("spectral_norm", weight.info);
  const [orig, u, v] = [`${name}Orig`, `${name}U`, `${name}V`];
  const start = noGrad(() =>
    matrixOf(weight, dim).shape.map((size) =>
      normalize(weight.newEmpty([size]).normal_(), 0, { eps })
    )
  );
  clearField(module, name);
  module.registerParameter(orig, weight);
  module.setMember(name, weight.detach());
  module.registerBuffer(u, start[0]!);
  module.registerBuffer(v, start[1]!);
  const iterate = (of: Module) => {
    const matrix = matrixOf(fieldOf(of, orig), dim);
    const left = fieldOf(of, u);
    const right = fieldOf(of, v);
    for (let k = 0; k < nPowerIterations; k++) {
      right.copy_(normalize(matrix.t().mv(left), 0, { eps }));
      left.copy_(normalize(matrix.mv(right), 0, { eps }));
    }
  };
  const compute = (of: Module) => {
    if (of.training) noGrad(() => iterate(of));
    const whole = fieldOf(of, orig);
    // Copies: a second call before the backward pass changes the buffers.
    const left = fieldOf(of, u).clone();
    const right = fieldOf(of, v).clone();
    return whole.div(left.dot(matrixOf(whole, dim).mv(right)));
  };
  reparametrize(module, name, "spectralNorm", [u, v, orig], compute);
  return module;
}

/**
 * Undoes {@linkcode spectralNorm}: the weight, divided, is a parameter again. See
 * `torch.nn.utils.remove_spectral_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { removeSpectralNorm, spectralNorm } = dg.nn.utils;
 * const layer = removeSpectralNorm(spectralNorm(new dg.nn.Linear(3, 2)));
 * assertEquals(Object.keys(layer.stateDict()), ["bias", "weight"]);
 * ```
 */
export function removeSpectralNorm<M extends Module>(
  module: M,
  options: FieldOptions = {},
): M {
  checkOptions(options, ["name"], "removeSpectralNorm");
  // Without another step of the iteration, as in PyTorch.
  const { training } = module;
  module.training = false;
  try {
    return restore(module, options.name ?? "weight", "spectralNorm");
  } finally {
    module.training = training;
  }
}
