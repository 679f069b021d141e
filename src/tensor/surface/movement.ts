// The methods of tensors: views and shape. One line each; the functions are the ops.

import { refuseSeveral } from "../arguments.ts";
import { dataAlias } from "../inplace.ts";
import { asStrided, asStrided_ } from "../ops/as_strided.ts";
import {
  clone,
  contiguous,
  copy_,
  detach_,
  fill_,
  type FillValue,
  zero_,
} from "../ops/copying.ts";
import {
  moveaxis,
  movedim,
  permute,
  swapaxes,
  swapaxes_,
  swapdims,
  swapdims_,
  t,
  t_,
  transpose,
  transpose_,
} from "../ops/dimensions.ts";
import {
  broadcastTo,
  expand,
  expandAs,
  flatten,
  type FlattenOptions,
  ravel,
  reshape,
  reshapeAs,
  unflatten,
  view,
  viewAs,
} from "../ops/movement.ts";
import {
  squeeze,
  squeeze_,
  unsqueeze,
  unsqueeze_,
} from "../ops/unit_dimensions.ts";
import { adjoint, matrixTransposed } from "../ops/matrix_transpose.ts";
import { apply_, map_ } from "../ops/callbacks.ts";
import {
  fillDiagonal_,
  type FillDiagonalOptions,
} from "../ops/fill_diagonal.ts";
import { RuntimeError } from "../errors.ts";
import { setData } from "../set_data.ts";
import type { Dims, Shape, Size } from "../shape.ts";
import { Scan } from "./scan.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for views and shape. */
export class Movement extends Scan {
  /** The last two dimensions swapped, conjugated where complex; see {@linkcode adjoint}. See `Tensor.mH`. */
  get mH(): Tensor {
    return matrixTransposed(this as unknown as Tensor, "tensor.mH").conj();
  }

  /** A matrix turned over its diagonal, as a view; conjugated where complex. See `Tensor.H`. */
  get H(): Tensor {
    const rank = this.shape.length;
    if (rank !== 0 && rank !== 2) {
      throw new RuntimeError(
        `tensor.H is only supported on matrices (2-D tensors). Got ${rank}-D tensor.${
          rank > 2 ? " For batches of matrices, consider using tensor.mH" : ""
        }`,
      );
    }
    return rank === 0
      ? this as unknown as Tensor
      : transpose(this as unknown as Tensor, 0, 1).conj();
  }

  /** See {@linkcode adjoint}. */
  adjoint(this: Tensor): Tensor {
    return adjoint(this);
  }

  /** The memory without history, under a version of its own; assigning gives the tensor other memory. See `Tensor.data`. */
  get data(): Tensor {
    return dataAlias(this as unknown as Tensor);
  }

  set data(source: Tensor) {
    setData(this as unknown as Tensor, source);
  }

  /** All dimensions in reverse order, as a view. See `Tensor.T`. */
  get T(): Tensor {
    const last = this.shape.length - 1;
    const dims = this.shape.map((_, d) => last - d);
    return permute(this as unknown as Tensor, dims);
  }

  /** The last two dimensions swapped, as a view. See `Tensor.mT`. */
  get mT(): Tensor {
    return matrixTransposed(this as unknown as Tensor, "tensor.mT");
  }

  /** See {@linkcode clone}. */
  clone(this: Tensor): Tensor {
    return clone(this);
  }

  /** See {@linkcode contiguous}. */
  contiguous(this: Tensor): Tensor {
    return contiguous(this);
  }

  /** See {@linkcode detach_}. */
  detach_(this: Tensor): Tensor {
    return detach_(this);
  }

  /** See {@linkcode fill_}. */
  fill_(this: Tensor, value: FillValue): Tensor {
    return fill_(this, value);
  }

  /**
   * Writes a number to the main diagonal; see {@linkcode fillDiagonal_}.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const x = dg.zeros([2, 2]).fillDiagonal_(3);
   * assertEquals(x.tolist(), [[3, 0], [0, 3]]);
   * ```
   */
  fillDiagonal_(
    this: Tensor,
    fillValue: FillValue,
    options?: FillDiagonalOptions,
  ): Tensor {
    return fillDiagonal_(this, fillValue, options);
  }

  /**
   * Replaces each element by what a function makes of it; see {@linkcode apply_}.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const x = dg.tensor([1, 2]).apply_((v) => v * v + 1);
   * assertEquals(x.tolist(), [2, 5]);
   * ```
   */
  apply_(this: Tensor, callable: (element: number) => number): Tensor {
    return apply_(this, callable);
  }

  /**
   * Replaces each element by what a function makes of two; see {@linkcode map_}.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const x = dg.tensor([1, 2]).map_(dg.tensor([3, 4]), (a, b) => a * b);
   * assertEquals(x.tolist(), [3, 8]);
   * ```
   */
  map_(
    this: Tensor,
    tensor: Tensor,
    callable: (element: number, other: number) => number,
  ): Tensor {
    return map_(this, tensor, callable);
  }

  /** See {@linkcode zero_}. */
  zero_(this: Tensor): Tensor {
    return zero_(this);
  }

  /** See {@linkcode copy_}. */
  copy_(this: Tensor, source: Tensor): Tensor {
    return copy_(this, source);
  }

  /** See {@linkcode view}. */
  view(this: Tensor, shape: Size): Tensor {
    if (arguments.length > 1) refuseSeveral("view", arguments);
    return view(this, shape);
  }

  /** See {@linkcode viewAs}. */
  viewAs(this: Tensor, other: Tensor): Tensor {
    return viewAs(this, other);
  }

  /** See {@linkcode reshape}. */
  reshape(this: Tensor, shape: Size): Tensor {
    if (arguments.length > 1) refuseSeveral("reshape", arguments);
    return reshape(this, shape);
  }

  /** See {@linkcode reshapeAs}. */
  reshapeAs(this: Tensor, other: Tensor): Tensor {
    return reshapeAs(this, other);
  }

  /** See {@linkcode flatten}. */
  flatten(this: Tensor, options?: FlattenOptions): Tensor {
    return flatten(this, options);
  }

  /** See {@linkcode ravel}. */
  ravel(this: Tensor): Tensor {
    return ravel(this);
  }

  /** See {@linkcode unflatten}. */
  unflatten(this: Tensor, dim: number, sizes: Shape): Tensor {
    return unflatten(this, dim, sizes);
  }

  /** See {@linkcode expand}. */
  expand(this: Tensor, size: Size): Tensor {
    if (arguments.length > 1) refuseSeveral("expand", arguments);
    return expand(this, size);
  }

  /** See {@linkcode expandAs}. */
  expandAs(this: Tensor, other: Tensor): Tensor {
    return expandAs(this, other);
  }

  /** See {@linkcode broadcastTo}. */
  broadcastTo(this: Tensor, size: Size): Tensor {
    return broadcastTo(this, size);
  }

  /** See {@linkcode transpose}. */
  transpose(this: Tensor, dim0: number, dim1: number): Tensor {
    return transpose(this, dim0, dim1);
  }

  /** See {@linkcode transpose}. */
  transpose_(this: Tensor, dim0: number, dim1: number): Tensor {
    return transpose_(this, dim0, dim1);
  }

  /** See {@linkcode swapaxes}. */
  swapaxes(this: Tensor, axis0: number, axis1: number): Tensor {
    return swapaxes(this, axis0, axis1);
  }

  /** See {@linkcode swapaxes}. */
  swapaxes_(this: Tensor, axis0: number, axis1: number): Tensor {
    return swapaxes_(this, axis0, axis1);
  }

  /** See {@linkcode swapdims}. */
  swapdims(this: Tensor, dim0: number, dim1: number): Tensor {
    return swapdims(this, dim0, dim1);
  }

  /** See {@linkcode swapdims}. */
  swapdims_(this: Tensor, dim0: number, dim1: number): Tensor {
    return swapdims_(this, dim0, dim1);
  }

  /** See {@linkcode t}. */
  t(this: Tensor): Tensor {
    return t(this);
  }

  /** See {@linkcode t}. */
  t_(this: Tensor): Tensor {
    return t_(this);
  }

  /** See {@linkcode permute}. */
  permute(this: Tensor, dims: readonly number[]): Tensor {
    return permute(this, dims);
  }

  /** See {@linkcode movedim}. */
  movedim(this: Tensor, source: Dims, destination: Dims): Tensor {
    return movedim(this, source, destination);
  }

  /** See {@linkcode moveaxis}. */
  moveaxis(this: Tensor, source: Dims, destination: Dims): Tensor {
    return moveaxis(this, source, destination);
  }

  /** See {@linkcode squeeze}. */
  squeeze(this: Tensor, dim?: Dims): Tensor {
    if (arguments.length > 1) refuseSeveral("squeeze", arguments);
    return squeeze(this, dim);
  }

  /** See {@linkcode squeeze}. */
  squeeze_(this: Tensor, dim?: Dims): Tensor {
    if (arguments.length > 1) refuseSeveral("squeeze_", arguments);
    return squeeze_(this, dim);
  }

  /** See {@linkcode unsqueeze}. */
  unsqueeze(this: Tensor, dim: number): Tensor {
    return unsqueeze(this, dim);
  }

  /** See {@linkcode unsqueeze}. */
  unsqueeze_(this: Tensor, dim: number): Tensor {
    return unsqueeze_(this, dim);
  }

  /** See {@linkcode asStrided}. */
  asStrided(
    this: Tensor,
    size: Size,
    stride: readonly number[],
    storageOffset?: number,
  ): Tensor {
    return asStrided(this, size, stride, storageOffset);
  }

  /** See {@linkcode asStrided}; changes where this tensor looks. */
  asStrided_(
    this: Tensor,
    size: Size,
    stride: readonly number[],
    storageOffset?: number,
  ): Tensor {
    return asStrided_(this, size, stride, storageOffset);
  }
}
