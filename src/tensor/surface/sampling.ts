// The methods of tensors: random numbers in place. One line each; the functions are the ops.

import {
  bernoulli_,
  cauchy_,
  type CauchyOptions,
  exponential_,
  type ExponentialOptions,
  type GeneratorOptions,
  geometric_,
  logNormal_,
  normal_,
  type NormalOptions,
  random_,
  type RandomRangeOptions,
  uniform_,
  type UniformOptions,
} from "../random_inplace.ts";
import {
  bernoulli,
  multinomial,
  type MultinomialOptions,
} from "../random_sample.ts";
import type { Tensor } from "../tensor.ts";
import { LinearAlgebra } from "./linear_algebra.ts";

/** Methods for random numbers in place. */
export class Sampling extends LinearAlgebra {
  /** See {@linkcode bernoulli}. */
  bernoulli(this: Tensor, options?: GeneratorOptions): Tensor;
  /** See {@linkcode bernoulli}. */
  bernoulli(this: Tensor, p: number, options?: GeneratorOptions): Tensor;
  bernoulli(
    this: Tensor,
    p?: number | GeneratorOptions,
    options?: GeneratorOptions,
  ): Tensor {
    return bernoulli(this, p as number, options);
  }

  /** See {@linkcode multinomial}. */
  multinomial(
    this: Tensor,
    numSamples: number,
    options?: MultinomialOptions,
  ): Tensor {
    return multinomial(this, numSamples, options);
  }

  /** See {@linkcode bernoulli_}. */
  bernoulli_(this: Tensor, options?: GeneratorOptions): Tensor;
  /** See {@linkcode bernoulli_}. */
  bernoulli_(
    this: Tensor,
    p: number | Tensor,
    options?: GeneratorOptions,
  ): Tensor;
  bernoulli_(
    this: Tensor,
    p?: number | Tensor | GeneratorOptions,
    options?: GeneratorOptions,
  ): Tensor {
    return bernoulli_(this, p as number, options);
  }

  /** See {@linkcode cauchy_}. */
  cauchy_(this: Tensor, options?: CauchyOptions): Tensor {
    return cauchy_(this, options);
  }

  /** See {@linkcode exponential_}. */
  exponential_(this: Tensor, options?: ExponentialOptions): Tensor {
    return exponential_(this, options);
  }

  /** See {@linkcode geometric_}. */
  geometric_(this: Tensor, p: number, options?: GeneratorOptions): Tensor {
    return geometric_(this, p, options);
  }

  /** See {@linkcode logNormal_}. */
  logNormal_(this: Tensor, options?: NormalOptions): Tensor {
    return logNormal_(this, options);
  }

  /** See {@linkcode normal_}. */
  normal_(this: Tensor, options?: NormalOptions): Tensor {
    return normal_(this, options);
  }

  /** See {@linkcode random_}. */
  random_(this: Tensor, options?: RandomRangeOptions): Tensor {
    return random_(this, options);
  }

  /** See {@linkcode uniform_}. */
  uniform_(this: Tensor, options?: UniformOptions): Tensor {
    return uniform_(this, options);
  }
}
