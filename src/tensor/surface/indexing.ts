// The methods of tensors: indexing. One line each; the functions are the ops.

import { gather, take, takeAlongDim } from "../ops/gather.ts";
import type { Index } from "../indexing.ts";
import {
  at,
  type IndexValue,
  refuseSeveralIndices,
  rows,
  setAt_,
} from "../ops/indexing.ts";
import { indexSelect } from "../ops/index_select.ts";
import { maskedSelect } from "../ops/masks.ts";
import type { Tensor } from "../tensor.ts";
import { Conversion } from "./conversion.ts";

/** Methods for indexing. */
export class Indexing extends Conversion {
  /** See {@linkcode at}. */
  at(this: Tensor, ...index: Index[]): Tensor {
    return at(this, ...index);
  }

  /** See {@linkcode setAt_}. */
  setAt_(
    this: Tensor,
    index: Index | readonly Index[],
    value: IndexValue,
  ): Tensor {
    if (arguments.length > 2) refuseSeveralIndices();
    return setAt_(this, index, value);
  }

  /** The rows, one after the other. */
  [Symbol.iterator](this: Tensor): Iterator<Tensor> {
    return rows(this);
  }

  /** See {@linkcode indexSelect}. */
  indexSelect(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexSelect(this, dim, index);
  }

  /** See {@linkcode gather}. */
  gather(this: Tensor, dim: number, index: Tensor): Tensor {
    return gather(this, dim, index);
  }

  /** See {@linkcode maskedSelect}. */
  maskedSelect(this: Tensor, mask: Tensor): Tensor {
    return maskedSelect(this, mask);
  }

  /** See {@linkcode take}. */
  take(this: Tensor, index: Tensor): Tensor {
    return take(this, index);
  }

  /** See {@linkcode takeAlongDim}. */
  takeAlongDim(this: Tensor, indices: Tensor, dim?: number | null): Tensor {
    return takeAlongDim(this, indices, dim);
  }
}
