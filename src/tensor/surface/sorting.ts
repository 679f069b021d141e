// The methods of tensors: sorting and searching. One line each; the functions are the ops.

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
}
