// The methods of tensors: splitting, joining and repeating. One line each; the functions are the ops.

import { refuseSeveral } from "../arguments.ts";
import {
  diag,
  diagEmbed,
  diagflat,
  diagonal,
  type DiagonalOptions,
  type WhichDiagonalOptions,
} from "../ops/diagonals.ts";
import { flip, fliplr, flipud, roll, rot90 } from "../ops/flipping.ts";
import {
  repeat,
  repeatInterleave,
  type RepeatInterleaveOptions,
  tile,
} from "../ops/repeating.ts";
import { narrow, select, unfold } from "../ops/slicing.ts";
import {
  chunk,
  type Cuts,
  dsplit,
  hsplit,
  split,
  splitWithSizes,
  tensorSplit,
  unbind,
  vsplit,
} from "../ops/splitting.ts";
import { tril, tril_, triu, triu_ } from "../ops/triangles.ts";
import type { Dims, Size } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Movement } from "./movement.ts";

/** Methods for splitting, joining and repeating. */
export class Splitting extends Movement {
  /** See {@linkcode narrow}. */
  narrow(this: Tensor, dim: number, start: number, length: number): Tensor {
    return narrow(this, dim, start, length);
  }

  /** See {@linkcode select}. */
  select(this: Tensor, dim: number, index: number): Tensor {
    return select(this, dim, index);
  }

  /** See {@linkcode unfold}. */
  unfold(this: Tensor, dim: number, size: number, step: number): Tensor {
    return unfold(this, dim, size, step);
  }

  /** See {@linkcode flip}. */
  flip(this: Tensor, dims: Dims): Tensor {
    if (arguments.length > 1) refuseSeveral("flip", arguments);
    return flip(this, dims);
  }

  /** See {@linkcode fliplr}. */
  fliplr(this: Tensor): Tensor {
    return fliplr(this);
  }

  /** See {@linkcode flipud}. */
  flipud(this: Tensor): Tensor {
    return flipud(this);
  }

  /** See {@linkcode roll}. */
  roll(this: Tensor, shifts: Dims, dims?: Dims): Tensor {
    return roll(this, shifts, dims);
  }

  /** See {@linkcode rot90}. */
  rot90(this: Tensor, k?: number, dims?: readonly number[]): Tensor {
    return rot90(this, k, dims);
  }

  /** See {@linkcode split}. */
  split(
    this: Tensor,
    splitSize: number | readonly number[],
    dim?: number,
  ): Tensor[] {
    return split(this, splitSize, dim);
  }

  /** See {@linkcode splitWithSizes}. */
  splitWithSizes(
    this: Tensor,
    splitSizes: readonly number[],
    dim?: number,
  ): Tensor[] {
    return splitWithSizes(this, splitSizes, dim);
  }

  /** See {@linkcode chunk}. */
  chunk(this: Tensor, chunks: number, dim?: number): Tensor[] {
    return chunk(this, chunks, dim);
  }

  /** See {@linkcode tensorSplit}. */
  tensorSplit(this: Tensor, indicesOrSections: Cuts, dim?: number): Tensor[] {
    return tensorSplit(this, indicesOrSections, dim);
  }

  /** See {@linkcode hsplit}. */
  hsplit(
    this: Tensor,
    indicesOrSections: number | readonly number[],
  ): Tensor[] {
    return hsplit(this, indicesOrSections);
  }

  /** See {@linkcode vsplit}. */
  vsplit(
    this: Tensor,
    indicesOrSections: number | readonly number[],
  ): Tensor[] {
    return vsplit(this, indicesOrSections);
  }

  /** See {@linkcode dsplit}. */
  dsplit(
    this: Tensor,
    indicesOrSections: number | readonly number[],
  ): Tensor[] {
    return dsplit(this, indicesOrSections);
  }

  /** See {@linkcode unbind}. */
  unbind(this: Tensor, dim?: number): Tensor[] {
    return unbind(this, dim);
  }

  /** See {@linkcode repeat}. */
  repeat(this: Tensor, repeats: Size): Tensor {
    if (arguments.length > 1) refuseSeveral("repeat", arguments);
    return repeat(this, repeats);
  }

  /** See {@linkcode tile}. */
  tile(this: Tensor, dims: Size): Tensor {
    if (arguments.length > 1) refuseSeveral("tile", arguments);
    return tile(this, dims);
  }

  /** See {@linkcode repeatInterleave}. */
  repeatInterleave(
    this: Tensor,
    repeats: number | Tensor,
    dim?: number | null,
    options?: RepeatInterleaveOptions,
  ): Tensor {
    return repeatInterleave(this, repeats, dim, options);
  }

  /** See {@linkcode diag}. */
  diag(this: Tensor, options?: WhichDiagonalOptions): Tensor {
    return diag(this, options);
  }

  /** See {@linkcode diagflat}. */
  diagflat(this: Tensor, options?: { readonly offset?: number }): Tensor {
    return diagflat(this, options);
  }

  /** See {@linkcode diagEmbed}. */
  diagEmbed(this: Tensor, options?: DiagonalOptions): Tensor {
    return diagEmbed(this, options);
  }

  /** See {@linkcode diagonal}. */
  diagonal(this: Tensor, options?: DiagonalOptions): Tensor {
    return diagonal(this, options);
  }

  /** See {@linkcode tril}. */
  tril(this: Tensor, options?: WhichDiagonalOptions): Tensor {
    return tril(this, options);
  }

  /** See {@linkcode tril}. */
  tril_(this: Tensor, options?: WhichDiagonalOptions): Tensor {
    return tril_(this, options);
  }

  /** See {@linkcode triu}. */
  triu(this: Tensor, options?: WhichDiagonalOptions): Tensor {
    return triu(this, options);
  }

  /** See {@linkcode triu}. */
  triu_(this: Tensor, options?: WhichDiagonalOptions): Tensor {
    return triu_(this, options);
  }
}
