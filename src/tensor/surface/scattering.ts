// The methods of tensors: scattering and masks. One line each; the functions are the ops.

import { indexFill, indexFill_ } from "../ops/index_fill.ts";
import { indexPut, indexPut_, type IndexPutOptions } from "../ops/index_put.ts";
import {
  indexAdd,
  indexAdd_,
  type IndexAddOptions,
  indexCopy,
  indexCopy_,
} from "../ops/index_select.ts";
import {
  maskedFill,
  maskedFill_,
  maskedScatter,
  maskedScatter_,
  type MaskValue,
} from "../ops/masks.ts";
import {
  scatter,
  scatter_,
  scatterAdd,
  scatterAdd_,
  type ScatterOptions,
} from "../ops/scatter.ts";
import { put, put_, type PutOptions } from "../ops/put.ts";
import {
  indexReduce,
  indexReduce_,
  scatterReduce,
  scatterReduce_,
  type ScatterReduceOptions,
  type ScatterReduction,
} from "../ops/scatter_reduce.ts";
import {
  diagonalScatter,
  selectScatter,
  sliceScatter,
  type SliceScatterOptions,
} from "../ops/view_scatter.ts";
import type { DiagonalOptions } from "../ops/diagonals.ts";
import type { Tensor } from "../tensor.ts";
import { Indexing } from "./indexing.ts";

/** Methods for scattering and masks. */
export class Scattering extends Indexing {
  /** See {@linkcode selectScatter}. */
  selectScatter(
    this: Tensor,
    src: Tensor,
    dim: number,
    index: number,
  ): Tensor {
    return selectScatter(this, src, dim, index);
  }

  /** See {@linkcode sliceScatter}. */
  sliceScatter(
    this: Tensor,
    src: Tensor,
    dim?: number,
    options?: SliceScatterOptions,
  ): Tensor {
    return sliceScatter(this, src, dim, options);
  }

  /** See {@linkcode diagonalScatter}. */
  diagonalScatter(
    this: Tensor,
    src: Tensor,
    options?: DiagonalOptions,
  ): Tensor {
    return diagonalScatter(this, src, options);
  }

  /** See {@linkcode indexAdd}. */
  indexAdd(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    options?: IndexAddOptions,
  ): Tensor {
    return indexAdd(this, dim, index, source, options);
  }

  /** See {@linkcode indexAdd}. */
  indexAdd_(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    options?: IndexAddOptions,
  ): Tensor {
    return indexAdd_(this, dim, index, source, options);
  }

  /** See {@linkcode indexCopy}. */
  indexCopy(this: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
    return indexCopy(this, dim, index, source);
  }

  /** See {@linkcode indexCopy}. */
  indexCopy_(this: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
    return indexCopy_(this, dim, index, source);
  }

  /** See {@linkcode indexFill}. */
  indexFill(
    this: Tensor,
    dim: number,
    index: Tensor,
    value: MaskValue,
  ): Tensor {
    return indexFill(this, dim, index, value);
  }

  /** See {@linkcode indexFill}. */
  indexFill_(
    this: Tensor,
    dim: number,
    index: Tensor,
    value: MaskValue,
  ): Tensor {
    return indexFill_(this, dim, index, value);
  }

  /** See {@linkcode indexPut}. */
  indexPut(
    this: Tensor,
    indices: readonly (Tensor | null)[],
    values: Tensor,
    options?: IndexPutOptions,
  ): Tensor {
    return indexPut(this, indices, values, options);
  }

  /** See {@linkcode indexPut}. */
  indexPut_(
    this: Tensor,
    indices: readonly (Tensor | null)[],
    values: Tensor,
    options?: IndexPutOptions,
  ): Tensor {
    return indexPut_(this, indices, values, options);
  }

  /** See {@linkcode maskedFill}. */
  maskedFill(
    this: Tensor,
    mask: Tensor,
    value: MaskValue,
  ): Tensor {
    return maskedFill(this, mask, value);
  }

  /** See {@linkcode maskedFill}. */
  maskedFill_(
    this: Tensor,
    mask: Tensor,
    value: MaskValue,
  ): Tensor {
    return maskedFill_(this, mask, value);
  }

  /** See {@linkcode maskedScatter}. */
  maskedScatter(this: Tensor, mask: Tensor, source: Tensor): Tensor {
    return maskedScatter(this, mask, source);
  }

  /** See {@linkcode maskedScatter}. */
  maskedScatter_(this: Tensor, mask: Tensor, source: Tensor): Tensor {
    return maskedScatter_(this, mask, source);
  }

  /** See {@linkcode scatter}. */
  scatter(
    this: Tensor,
    dim: number,
    index: Tensor,
    src: MaskValue,
    options?: ScatterOptions,
  ): Tensor {
    return scatter(this, dim, index, src, options);
  }

  /** See {@linkcode scatter}. */
  scatter_(
    this: Tensor,
    dim: number,
    index: Tensor,
    src: MaskValue,
    options?: ScatterOptions,
  ): Tensor {
    return scatter_(this, dim, index, src, options);
  }

  /** See {@linkcode scatterAdd}. */
  scatterAdd(this: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
    return scatterAdd(this, dim, index, src);
  }

  /** See {@linkcode scatterAdd}. */
  scatterAdd_(this: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
    return scatterAdd_(this, dim, index, src);
  }

  /** See {@linkcode put}. */
  put(
    this: Tensor,
    index: Tensor,
    source: Tensor,
    options?: PutOptions,
  ): Tensor {
    return put(this, index, source, options);
  }

  /** See {@linkcode put}. */
  put_(
    this: Tensor,
    index: Tensor,
    source: Tensor,
    options?: PutOptions,
  ): Tensor {
    return put_(this, index, source, options);
  }

  /** See {@linkcode scatterReduce}. */
  scatterReduce(
    this: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    options?: ScatterReduceOptions,
  ): Tensor {
    return scatterReduce(this, dim, index, src, reduce, options);
  }

  /** See {@linkcode scatterReduce}. */
  scatterReduce_(
    this: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    options?: ScatterReduceOptions,
  ): Tensor {
    return scatterReduce_(this, dim, index, src, reduce, options);
  }

  /** See {@linkcode indexReduce}. */
  indexReduce(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<ScatterReduction, "sum">,
    options?: ScatterReduceOptions,
  ): Tensor {
    return indexReduce(this, dim, index, source, reduce, options);
  }

  /** See {@linkcode indexReduce}. */
  indexReduce_(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<ScatterReduction, "sum">,
    options?: ScatterReduceOptions,
  ): Tensor {
    return indexReduce_(this, dim, index, source, reduce, options);
  }
}
