// The methods of tensors: scans. One line each; the functions are the ops.

import { logcumsumexp, logsumexp } from "../ops/log_sum_exp.ts";
import { cumprod, cumprod_ } from "../ops/product.ts";
import {
  cummax,
  cummin,
  cumsum,
  cumsum_,
  type ScanOptions,
} from "../ops/scan.ts";
import type { KeepdimOptions } from "../ops/extremum.ts";
import type { Dims } from "../shape.ts";
import type { Named } from "../results.ts";
import type { Tensor } from "../tensor.ts";
import { Statistics } from "./statistics.ts";

/** Methods for scans. */
export class Scan extends Statistics {
  /** See {@linkcode cumsum}. */
  cumsum(this: Tensor, dim: number, options?: ScanOptions): Tensor {
    return cumsum(this, dim, options);
  }

  /** See {@linkcode cumsum_}. */
  cumsum_(this: Tensor, dim: number, options?: ScanOptions): Tensor {
    return cumsum_(this, dim, options);
  }

  /** See {@linkcode cumprod}. */
  cumprod(this: Tensor, dim: number, options?: ScanOptions): Tensor {
    return cumprod(this, dim, options);
  }

  /** See {@linkcode cumprod_}. */
  cumprod_(this: Tensor, dim: number, options?: ScanOptions): Tensor {
    return cumprod_(this, dim, options);
  }

  /** See {@linkcode cummax}. */
  cummax(this: Tensor, dim: number): Named<"values" | "indices"> {
    return cummax(this, dim);
  }

  /** See {@linkcode cummin}. */
  cummin(this: Tensor, dim: number): Named<"values" | "indices"> {
    return cummin(this, dim);
  }

  /** See {@linkcode logcumsumexp}. */
  logcumsumexp(this: Tensor, dim: number): Tensor {
    return logcumsumexp(this, dim);
  }

  /** See {@linkcode logsumexp}. */
  logsumexp(this: Tensor, dim: Dims, options?: KeepdimOptions): Tensor {
    return logsumexp(this, dim, options);
  }
}
