// The methods of tensors: statistics. One line each; the functions are the ops.

import { diff, type DiffOptions } from "../ops/calculus.ts";
import { corrcoef, cov, type CovOptions } from "../ops/covariance.ts";
import { histogram, type HistogramOptions } from "../ops/histogram_edges.ts";
import { renorm, renorm_ } from "../ops/renorm.ts";
import type { KeepdimOptions } from "../ops/extremum.ts";
import { dist, type DistOptions, norm, type NormOptions } from "../ops/norm.ts";
import { kthvalue, median, mode, nanmedian } from "../ops/order_statistics.ts";
import {
  nanquantile,
  quantile,
  type QuantileOptions,
} from "../ops/quantile.ts";
import { std, var as variance, type VarianceOptions } from "../ops/variance.ts";
import type { Named } from "../results.ts";
import type { Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Reduction } from "./reduction.ts";

/** Methods for statistics. */
export class Statistics extends Reduction {
  /** See {@linkcode variance}. */
  var(
    this: Tensor,
    dim?: Dims | null,
    options?: VarianceOptions,
  ): Tensor {
    return variance(this, dim, options);
  }

  /** See {@linkcode std}. */
  std(
    this: Tensor,
    dim?: Dims | null,
    options?: VarianceOptions,
  ): Tensor {
    return std(this, dim, options);
  }

  /** See {@linkcode norm}. */
  norm(this: Tensor, dim?: Dims | null, options?: NormOptions): Tensor {
    return norm(this, dim, options);
  }

  /** See {@linkcode dist}. */
  dist(this: Tensor, other: Tensor, options?: DistOptions): Tensor {
    return dist(this, other, options);
  }

  /** See {@linkcode renorm}. */
  renorm(this: Tensor, p: number, dim: number, maxnorm: number): Tensor {
    return renorm(this, p, dim, maxnorm);
  }

  /** See {@linkcode renorm_}. */
  renorm_(this: Tensor, p: number, dim: number, maxnorm: number): Tensor {
    return renorm_(this, p, dim, maxnorm);
  }

  /** See {@linkcode histogram}. */
  histogram(
    this: Tensor,
    bins: number | Tensor,
    options?: HistogramOptions,
  ): Named<"hist" | "binEdges"> {
    return histogram(this, bins, options);
  }

  /** See {@linkcode cov}. */
  cov(this: Tensor, options?: CovOptions): Tensor {
    return cov(this, options);
  }

  /** See {@linkcode corrcoef}. */
  corrcoef(this: Tensor): Tensor {
    return corrcoef(this);
  }

  /** See {@linkcode median}. */
  median(this: Tensor, dim?: null): Tensor;
  /** See {@linkcode median}: along a dimension, with positions. */
  median(
    this: Tensor,
    dim: number,
    options?: KeepdimOptions,
  ): Named<"values" | "indices">;
  median(
    this: Tensor,
    dim?: number | null,
    options?: KeepdimOptions,
  ): Tensor | Named<"values" | "indices"> {
    return median(this, dim as number, options);
  }

  /** See {@linkcode nanmedian}. */
  nanmedian(this: Tensor, dim?: null): Tensor;
  /** See {@linkcode nanmedian}: along a dimension, with positions. */
  nanmedian(
    this: Tensor,
    dim: number,
    options?: KeepdimOptions,
  ): Named<"values" | "indices">;
  nanmedian(
    this: Tensor,
    dim?: number | null,
    options?: KeepdimOptions,
  ): Tensor | Named<"values" | "indices"> {
    return nanmedian(this, dim as number, options);
  }

  /** See {@linkcode mode}. */
  mode(
    this: Tensor,
    dim?: number,
    options?: KeepdimOptions,
  ): Named<"values" | "indices"> {
    return mode(this, dim, options);
  }

  /** See {@linkcode kthvalue}. */
  kthvalue(
    this: Tensor,
    k: number,
    dim?: number,
    options?: KeepdimOptions,
  ): Named<"values" | "indices"> {
    return kthvalue(this, k, dim, options);
  }

  /** See {@linkcode quantile}. */
  quantile(
    this: Tensor,
    q: number | Tensor,
    dim?: number | null,
    options?: QuantileOptions,
  ): Tensor {
    return quantile(this, q, dim, options);
  }

  /** See {@linkcode nanquantile}. */
  nanquantile(
    this: Tensor,
    q: number | Tensor,
    dim?: number | null,
    options?: QuantileOptions,
  ): Tensor {
    return nanquantile(this, q, dim, options);
  }

  /** See {@linkcode diff}. */
  diff(this: Tensor, dim?: number, options?: DiffOptions): Tensor {
    return diff(this, dim, options);
  }
}
