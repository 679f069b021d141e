// Overwriting tensors with samples: `uniform_`, `normal_` and their kin. The
// gradient with respect to what was overwritten is zero, as PyTorch records it.

import { checkNotComplex } from "./complex_refusal.ts";
import {
  fillBernoulli,
  fillBernoulliFrom,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  fillNormal,
  fillUniform,
} from "./distributions.ts";
import {
  generatorOf,
  type GeneratorOptions,
  hostValues,
  sampleInto,
  samplingOp,
} from "./random_fill.ts";
import { fillRandom, fillRandomFromTo } from "./random_integers.ts";
import { viewAsReal } from "./ops/complex.ts";
import { checkOptions } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export type { GeneratorOptions } from "./random_fill.ts";

const UNIFORM = samplingOp("uniform_", "UniformBackward0");
const NORMAL = samplingOp("normal_", "NormalBackward0");
const RANDOM_FROM_TO = samplingOp("random_", "RandomBackward0");
const RANDOM_TO = samplingOp("random_", "RandomBackward1");
const RANDOM = samplingOp("random_", "RandomBackward2");
const BERNOULLI_FROM = samplingOp("bernoulli_", "BernoulliBackward1", 2);
const BERNOULLI = samplingOp("bernoulli_", "BernoulliBackward2");
const EXPONENTIAL = samplingOp("exponential_", "ExponentialBackward0");
const GEOMETRIC = samplingOp("geometric_", "GeometricBackward0");
const CAUCHY = samplingOp("cauchy_", "CauchyBackward0");
const LOG_NORMAL = samplingOp("logNormal_", "LogNormalBackward0");

/** Options of {@linkcode uniform_}. */
export interface UniformOptions extends GeneratorOptions {
  /** Smallest value; 0 where not given. */
  readonly from?: number;
  /** Bound that no value reaches; 1 where not given. */
  readonly to?: number;
}

/** Overwrites `x` with uniform samples of `[from, to)`. See `Tensor.uniform_`. */
export function uniform_(x: Tensor, options: UniformOptions = {}): Tensor {
  checkOptions(options, ["from", "to", "generator"], "uniform_");
  const { from = 0, to = 1 } = options;
  if (x.info.category === 3) {
    uniform_(viewAsReal(x), options);
    return x;
  }
  return sampleInto(
    UNIFORM,
    x,
    (out) => fillUniform(generatorOf(options), out, x.info, from, to),
  );
}

/** Options of {@linkcode normal_} and {@linkcode logNormal_}. */
export interface NormalOptions extends GeneratorOptions {
  /** Mean of the normal distribution; 0 where not given, 1 for `logNormal_`. */
  readonly mean?: number;
  /** Standard deviation of the normal distribution; 1 where not given, 2 for `logNormal_`. */
  readonly std?: number;
}

const NORMAL_KEYS = ["mean", "std", "generator"];

/** Overwrites `x` with normal samples. See `Tensor.normal_`. */
export function normal_(x: Tensor, options: NormalOptions = {}): Tensor {
  checkOptions(options, NORMAL_KEYS, "normal_");
  const { mean = 0, std = 1 } = options;
  if (x.info.category === 3) {
    // The variance of a complex number is that of both parts together.
    normal_(viewAsReal(x), { ...options, std: std * Math.SQRT1_2 });
    return x;
  }
  const generator = generatorOf(options);
  return sampleInto(
    NORMAL,
    x,
    (out) => fillNormal(generator, out, x.info, mean, std, !x.dense),
  );
}

/** Overwrites `x` with samples whose logarithm is normal. See `Tensor.log_normal_`. */
export function logNormal_(x: Tensor, options: NormalOptions = {}): Tensor {
  checkOptions(options, NORMAL_KEYS, "logNormal_");
  const { mean = 1, std = 2 } = options;
  return sampleInto(
    LOG_NORMAL,
    x,
    (out) => fillLogNormal(generatorOf(options), out, x.info, mean, std),
  );
}

/** Options of {@linkcode random_}. */
export interface RandomRangeOptions extends GeneratorOptions {
  /** Smallest value; 0 where not given. */
  readonly from?: number | bigint;
  /** Bound that no value reaches; where not given, the largest value that the type can hold is included. */
  readonly to?: number | bigint | null;
}

/**
 * Overwrites `x` with integers of `[from, to)`; without bounds, of all that the
 * type can hold from 0 on. See `Tensor.random_`.
 */
export function random_(x: Tensor, options: RandomRangeOptions = {}): Tensor {
  checkOptions(options, ["from", "to", "generator"], "random_");
  const { from, to } = options;
  checkNotComplex("random_kernel_cpu", x.info);
  const generator = generatorOf(options);
  if (from === undefined && to == null) {
    return sampleInto(RANDOM, x, (out) => fillRandom(generator, out, x.info));
  }
  return sampleInto(
    from === undefined ? RANDOM_TO : RANDOM_FROM_TO,
    x,
    (out) => fillRandomFromTo(generator, out, x.info, from ?? 0, to ?? null),
  );
}

/**
 * Overwrites `x` with 1 where a draw falls below the probability `p`, by
 * default 0.5, else 0; a tensor gives each element its own. See
 * `Tensor.bernoulli_`.
 */
export function bernoulli_(x: Tensor, options?: GeneratorOptions): Tensor;
/** Overwrites `x` with 1 where a draw falls below `p`, else 0. */
export function bernoulli_(
  x: Tensor,
  p: number | Tensor,
  options?: GeneratorOptions,
): Tensor;
export function bernoulli_(
  x: Tensor,
  p?: number | Tensor | GeneratorOptions,
  options?: GeneratorOptions,
): Tensor {
  if (typeof p !== "object") return bernoulliInto(x, p ?? 0.5, options);
  if ("storage" in p) return bernoulliInto(x, p, options);
  return bernoulliInto(x, 0.5, p);
}

function bernoulliInto(
  x: Tensor,
  p: number | Tensor,
  options: GeneratorOptions = {},
): Tensor {
  checkNotComplex("bernoulli_scalar_cpu_", x.info);
  checkOptions(options, ["generator"], "bernoulli_");
  const generator = generatorOf(options);
  if (typeof p === "number") {
    return sampleInto(
      BERNOULLI,
      x,
      (out) => fillBernoulli(generator, out, x.info, p),
    );
  }
  const all = p.detach().expand(x.shape);
  const fill: Parameters<typeof sampleInto>[2] = (out, order) => {
    const values = hostValues(order === null ? all : all.permute(order));
    fillBernoulliFrom(generator, out, x.info, values, p.info);
  };
  return sampleInto(BERNOULLI_FROM, x, fill, [p]);
}

/** Options of {@linkcode exponential_}. */
export interface ExponentialOptions extends GeneratorOptions {
  /** Rate of the distribution; 1 where not given. */
  readonly lambd?: number;
}

/** Overwrites `x` with samples of the exponential distribution. See `Tensor.exponential_`. */
export function exponential_(
  x: Tensor,
  options: ExponentialOptions = {},
): Tensor {
  checkOptions(options, ["lambd", "generator"], "exponential_");
  const { lambd = 1 } = options;
  return sampleInto(
    EXPONENTIAL,
    x,
    (out) => fillExponential(generatorOf(options), out, x.info, lambd),
  );
}

/**
 * Overwrites `x` with numbers of trials until the first success of probability
 * `p`. See `Tensor.geometric_`.
 */
export function geometric_(
  x: Tensor,
  p: number,
  options: GeneratorOptions = {},
): Tensor {
  checkOptions(options, ["generator"], "geometric_");
  checkNotComplex("geometric_cpu", x.info);
  return sampleInto(
    GEOMETRIC,
    x,
    (out) => fillGeometric(generatorOf(options), out, x.info, p),
  );
}

/** Options of {@linkcode cauchy_}. */
export interface CauchyOptions extends GeneratorOptions {
  /** Median of the distribution; 0 where not given. */
  readonly median?: number;
  /** Half of the distance between the quartiles; 1 where not given. */
  readonly sigma?: number;
}

/** Overwrites `x` with samples of Cauchy's distribution. See `Tensor.cauchy_`. */
export function cauchy_(x: Tensor, options: CauchyOptions = {}): Tensor {
  checkOptions(options, ["median", "sigma", "generator"], "cauchy_");
  const { median = 0, sigma = 1 } = options;
  return sampleInto(
    CAUCHY,
    x,
    (out) => fillCauchy(generatorOf(options), out, x.info, median, sigma),
  );
}
