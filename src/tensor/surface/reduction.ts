// The methods of tensors: reductions. One line each; the functions are the ops.

import {
  amax,
  amin,
  aminmax,
  argmax,
  argmin,
  type KeepdimOptions,
  max,
  min,
} from "../ops/extremum.ts";
import { all, any, countNonzero } from "../ops/logic_reduction.ts";
import { prod } from "../ops/product.ts";
import {
  mean,
  nanmean,
  nansum,
  type ReduceDimOptions,
  sum,
  sumToSize,
} from "../ops/reduction.ts";
import type { Named } from "../results.ts";
import type { Dims, Size } from "../shape.ts";
import { Activation } from "./activation.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for reductions. */
export class Reduction extends Activation {
  /** See {@linkcode sum}. */
  sum(
    this: Tensor,
    dim?: Dims | null,
    options?: ReduceDimOptions,
  ): Tensor {
    return sum(this, dim, options);
  }

  /** See {@linkcode mean}. */
  mean(
    this: Tensor,
    dim?: Dims | null,
    options?: ReduceDimOptions,
  ): Tensor {
    return mean(this, dim, options);
  }

  /** See {@linkcode nansum}. */
  nansum(
    this: Tensor,
    dim?: Dims | null,
    options?: ReduceDimOptions,
  ): Tensor {
    return nansum(this, dim, options);
  }

  /** See {@linkcode nanmean}. */
  nanmean(
    this: Tensor,
    dim?: Dims | null,
    options?: ReduceDimOptions,
  ): Tensor {
    return nanmean(this, dim, options);
  }

  /** See {@linkcode prod}. */
  prod(
    this: Tensor,
    dim?: number | null,
    options?: ReduceDimOptions,
  ): Tensor {
    return prod(this, dim, options);
  }

  /** See {@linkcode sumToSize}. */
  sumToSize(this: Tensor, size: Size): Tensor {
    return sumToSize(this, size);
  }

  /** See {@linkcode any}. */
  any(
    this: Tensor,
    dim?: Dims | null,
    options?: KeepdimOptions,
  ): Tensor {
    return any(this, dim, options);
  }

  /** See {@linkcode all}. */
  all(
    this: Tensor,
    dim?: Dims | null,
    options?: KeepdimOptions,
  ): Tensor {
    return all(this, dim, options);
  }

  /** See {@linkcode amax}. */
  amax(
    this: Tensor,
    dim?: Dims | null,
    options?: KeepdimOptions,
  ): Tensor {
    return amax(this, dim, options);
  }

  /** See {@linkcode amin}. */
  amin(
    this: Tensor,
    dim?: Dims | null,
    options?: KeepdimOptions,
  ): Tensor {
    return amin(this, dim, options);
  }

  /** See {@linkcode countNonzero}. */
  countNonzero(this: Tensor, dim?: Dims | null): Tensor {
    return countNonzero(this, dim);
  }

  /** See {@linkcode aminmax}. */
  aminmax(
    this: Tensor,
    dim?: number | null,
    options?: KeepdimOptions,
  ): Named<"min" | "max"> {
    return aminmax(this, dim, options);
  }

  /** See {@linkcode argmax}. */
  argmax(
    this: Tensor,
    dim?: number | null,
    options?: KeepdimOptions,
  ): Tensor {
    return argmax(this, dim, options);
  }

  /** See {@linkcode argmin}. */
  argmin(
    this: Tensor,
    dim?: number | null,
    options?: KeepdimOptions,
  ): Tensor {
    return argmin(this, dim, options);
  }

  /** Largest element of all; see {@linkcode max}. */
  max(this: Tensor, dim?: null): Tensor;
  /** Largest elements along a dimension, with their positions. */
  max(
    this: Tensor,
    dim: number,
    options?: KeepdimOptions,
  ): Named<"values" | "indices">;
  /** The larger of two elements each. */
  max(this: Tensor, other: Tensor): Tensor;
  max(
    this: Tensor,
    arg?: number | Tensor | null,
    options?: KeepdimOptions,
  ): Tensor | Named<"values" | "indices"> {
    return max(this, arg as number, options);
  }

  /** Smallest element of all; see {@linkcode min}. */
  min(this: Tensor, dim?: null): Tensor;
  /** Smallest elements along a dimension, with their positions. */
  min(
    this: Tensor,
    dim: number,
    options?: KeepdimOptions,
  ): Named<"values" | "indices">;
  /** The smaller of two elements each. */
  min(this: Tensor, other: Tensor): Tensor;
  min(
    this: Tensor,
    arg?: number | Tensor | null,
    options?: KeepdimOptions,
  ): Tensor | Named<"values" | "indices"> {
    return min(this, arg as number, options);
  }
}
