// The methods of tensors: sorting and searching. One line each; the functions are the ops.

import {
  bincount,
  type BincountOptions,
  histc,
  type HistcOptions,
} from "../ops/histogram.ts";
import {
  argwhere,
  nonzero,
  type NonzeroOptions,
  type NonzeroResult,
} from "../ops/searching.ts";
import {
  unique,
  uniqueConsecutive,
  type UniqueConsecutiveOptions,
  type UniqueOptions,
  type UniqueResult,
} from "../ops/unique.ts";
import {
  argsort,
  msort,
  sort,
  type SortOptions,
  topk,
  type TopkOptions,
} from "../ops/sorting.ts";
import type { Named } from "../results.ts";
import type { Tensor } from "../tensor.ts";
import { Scattering } from "./scattering.ts";

/** Methods for sorting and searching. */
export class Sorting extends Scattering {
  /** See {@linkcode sort}. */
  sort(
    this: Tensor,
    dim?: number,
    options?: SortOptions,
  ): Named<"values" | "indices"> {
    return sort(this, dim, options);
  }

  /** See {@linkcode argsort}. */
  argsort(this: Tensor, dim?: number, options?: SortOptions): Tensor {
    return argsort(this, dim, options);
  }

  /** See {@linkcode msort}. */
  msort(this: Tensor): Tensor {
    return msort(this);
  }

  /** See {@linkcode topk}. */
  topk(
    this: Tensor,
    k: number,
    dim?: number,
    options?: TopkOptions,
  ): Named<"values" | "indices"> {
    return topk(this, k, dim, options);
  }

  /** See {@linkcode nonzero}. */
  nonzero<const O extends NonzeroOptions>(
    this: Tensor,
    options?: O,
  ): NonzeroResult<O> {
    return nonzero(this, options);
  }

  /** See {@linkcode argwhere}. */
  argwhere(this: Tensor): Tensor {
    return argwhere(this);
  }

  /** See {@linkcode unique}. */
  unique<const O extends UniqueOptions>(
    this: Tensor,
    dim?: number | null,
    options?: O,
  ): UniqueResult<O> {
    return unique(this, dim, options);
  }

  /** See {@linkcode uniqueConsecutive}. */
  uniqueConsecutive<const O extends UniqueConsecutiveOptions>(
    this: Tensor,
    dim?: number | null,
    options?: O,
  ): UniqueResult<O> {
    return uniqueConsecutive(this, dim, options);
  }

  /** See {@linkcode bincount}. */
  bincount(this: Tensor, options?: BincountOptions): Tensor {
    return bincount(this, options);
  }

  /** See {@linkcode histc}. */
  histc(this: Tensor, options?: HistcOptions): Tensor {
    return histc(this, options);
  }
}
