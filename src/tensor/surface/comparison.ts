// The methods of tensors: comparison and classification. One line each; the functions are the ops.

import {
  eq,
  eq_,
  ge,
  ge_,
  gt,
  gt_,
  le,
  le_,
  lt,
  lt_,
  ne,
  ne_,
} from "../ops/comparison.ts";
import {
  greater,
  greater_,
  greaterEqual,
  greaterEqual_,
  less,
  less_,
  lessEqual,
  lessEqual_,
  notEqual,
  notEqual_,
} from "../ops/comparison_names.ts";
import {
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  isreal,
} from "../ops/classification.ts";
import {
  allclose,
  type CloseOptions,
  equal,
  isclose,
} from "../ops/closeness.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { Rounding } from "./rounding.ts";

/** Methods for comparison and classification. */
export class Comparison extends Rounding {
  /** See {@linkcode eq}. */
  eq(this: Tensor, other: Operand): Tensor {
    return eq(this, other);
  }

  /** See {@linkcode eq}. */
  eq_(this: Tensor, other: Operand): Tensor {
    return eq_(this, other);
  }

  /** See {@linkcode ne}. */
  ne(this: Tensor, other: Operand): Tensor {
    return ne(this, other);
  }

  /** See {@linkcode ne}. */
  ne_(this: Tensor, other: Operand): Tensor {
    return ne_(this, other);
  }

  /** See {@linkcode lt}. */
  lt(this: Tensor, other: Operand): Tensor {
    return lt(this, other);
  }

  /** See {@linkcode lt}. */
  lt_(this: Tensor, other: Operand): Tensor {
    return lt_(this, other);
  }

  /** See {@linkcode le}. */
  le(this: Tensor, other: Operand): Tensor {
    return le(this, other);
  }

  /** See {@linkcode le}. */
  le_(this: Tensor, other: Operand): Tensor {
    return le_(this, other);
  }

  /** See {@linkcode gt}. */
  gt(this: Tensor, other: Operand): Tensor {
    return gt(this, other);
  }

  /** See {@linkcode gt}. */
  gt_(this: Tensor, other: Operand): Tensor {
    return gt_(this, other);
  }

  /** See {@linkcode ge}. */
  ge(this: Tensor, other: Operand): Tensor {
    return ge(this, other);
  }

  /** See {@linkcode ge}. */
  ge_(this: Tensor, other: Operand): Tensor {
    return ge_(this, other);
  }

  /** See {@linkcode notEqual}. */
  notEqual(this: Tensor, other: Operand): Tensor {
    return notEqual(this, other);
  }

  /** See {@linkcode notEqual}. */
  notEqual_(this: Tensor, other: Operand): Tensor {
    return notEqual_(this, other);
  }

  /** See {@linkcode less}. */
  less(this: Tensor, other: Operand): Tensor {
    return less(this, other);
  }

  /** See {@linkcode less}. */
  less_(this: Tensor, other: Operand): Tensor {
    return less_(this, other);
  }

  /** See {@linkcode lessEqual}. */
  lessEqual(this: Tensor, other: Operand): Tensor {
    return lessEqual(this, other);
  }

  /** See {@linkcode lessEqual}. */
  lessEqual_(this: Tensor, other: Operand): Tensor {
    return lessEqual_(this, other);
  }

  /** See {@linkcode greater}. */
  greater(this: Tensor, other: Operand): Tensor {
    return greater(this, other);
  }

  /** See {@linkcode greater}. */
  greater_(this: Tensor, other: Operand): Tensor {
    return greater_(this, other);
  }

  /** See {@linkcode greaterEqual}. */
  greaterEqual(this: Tensor, other: Operand): Tensor {
    return greaterEqual(this, other);
  }

  /** See {@linkcode greaterEqual}. */
  greaterEqual_(this: Tensor, other: Operand): Tensor {
    return greaterEqual_(this, other);
  }

  /** See {@linkcode isnan}. */
  isnan(this: Tensor): Tensor {
    return isnan(this);
  }

  /** See {@linkcode isinf}. */
  isinf(this: Tensor): Tensor {
    return isinf(this);
  }

  /** See {@linkcode isfinite}. */
  isfinite(this: Tensor): Tensor {
    return isfinite(this);
  }

  /** See {@linkcode isposinf}. */
  isposinf(this: Tensor): Tensor {
    return isposinf(this);
  }

  /** See {@linkcode isneginf}. */
  isneginf(this: Tensor): Tensor {
    return isneginf(this);
  }

  /** See {@linkcode isreal}. */
  isreal(this: Tensor): Tensor {
    return isreal(this);
  }

  /** See {@linkcode isclose}. */
  isclose(this: Tensor, other: Tensor, options?: CloseOptions): Tensor {
    return isclose(this, other, options);
  }

  /** See {@linkcode allclose}. */
  allclose(this: Tensor, other: Tensor, options?: CloseOptions): boolean {
    return allclose(this, other, options);
  }

  /** See {@linkcode equal}. */
  equal(this: Tensor, other: Tensor): boolean {
    return equal(this, other);
  }
}
