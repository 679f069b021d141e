// The methods of tensors: views and shape. One line each; the functions are the ops.

import {
  asStrided,
  asStridedBackward,
  asStridedLike,
  asStridedScatterLike,
} from "../ops/as_strided.ts";
import { clone, expand, reshape } from "../ops/movement.ts";
import type { Shape, Size } from "../shape.ts";
import { Scan } from "./scan.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for views and shape. */
export class Movement extends Scan {
  /** See {@linkcode clone}. */
  clone(this: Tensor): Tensor {
    return clone(this);
  }

  /** See {@linkcode reshape}. */
  reshape(this: Tensor, shape: Size): Tensor {
    return reshape(this, shape);
  }

  /** See {@linkcode expand}. */
  expand(this: Tensor, size: Size): Tensor {
    return expand(this, size);
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

  /** For autograd only: the gradient of the base of a view. */
  asStridedBackward(this: Tensor, shape: Shape, view: Tensor): Tensor {
    return asStridedBackward(this, shape, view);
  }

  /** For autograd only: a base's gradient without what a view covers. */
  asStridedScatterLike(this: Tensor, view: Tensor): Tensor {
    return asStridedScatterLike(this, view);
  }

  /** For autograd only: what a view sees of its base's gradient. */
  asStridedLike(this: Tensor, view: Tensor): Tensor {
    return asStridedLike(this, view);
  }
}
