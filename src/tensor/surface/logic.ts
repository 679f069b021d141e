// The methods of tensors: logical and bitwise ops, and choosing by a mask. One line each; the functions are the ops.

import {
  logicalAnd,
  logicalAnd_,
  logicalNot,
  logicalNot_,
  logicalOr,
  logicalOr_,
  logicalXor,
  logicalXor_,
} from "../ops/logical.ts";
import {
  bitwiseAnd,
  bitwiseAnd_,
  bitwiseLeftShift,
  bitwiseLeftShift_,
  bitwiseNot,
  bitwiseNot_,
  bitwiseOr,
  bitwiseOr_,
  bitwiseRightShift,
  bitwiseRightShift_,
  bitwiseXor,
  bitwiseXor_,
} from "../ops/bitwise.ts";
import { isNonzero } from "../ops/inquiry.ts";
import { where } from "../ops/where.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { Comparison } from "./comparison.ts";

/** Methods for logical and bitwise ops, and choosing by a mask. */
export class Logic extends Comparison {
  /** See {@linkcode isNonzero}. */
  isNonzero(this: Tensor): boolean {
    return isNonzero(this);
  }

  /** See {@linkcode logicalAnd}. */
  logicalAnd(this: Tensor, other: Operand): Tensor {
    return logicalAnd(this, other);
  }

  /** See {@linkcode logicalAnd}. */
  logicalAnd_(this: Tensor, other: Operand): Tensor {
    return logicalAnd_(this, other);
  }

  /** See {@linkcode logicalOr}. */
  logicalOr(this: Tensor, other: Operand): Tensor {
    return logicalOr(this, other);
  }

  /** See {@linkcode logicalOr}. */
  logicalOr_(this: Tensor, other: Operand): Tensor {
    return logicalOr_(this, other);
  }

  /** See {@linkcode logicalXor}. */
  logicalXor(this: Tensor, other: Operand): Tensor {
    return logicalXor(this, other);
  }

  /** See {@linkcode logicalXor}. */
  logicalXor_(this: Tensor, other: Operand): Tensor {
    return logicalXor_(this, other);
  }

  /** See {@linkcode logicalNot}. */
  logicalNot(this: Tensor): Tensor {
    return logicalNot(this);
  }

  /** See {@linkcode logicalNot}. */
  logicalNot_(this: Tensor): Tensor {
    return logicalNot_(this);
  }

  /** See {@linkcode bitwiseAnd}. */
  bitwiseAnd(this: Tensor, other: Operand): Tensor {
    return bitwiseAnd(this, other);
  }

  /** See {@linkcode bitwiseAnd}. */
  bitwiseAnd_(this: Tensor, other: Operand): Tensor {
    return bitwiseAnd_(this, other);
  }

  /** See {@linkcode bitwiseOr}. */
  bitwiseOr(this: Tensor, other: Operand): Tensor {
    return bitwiseOr(this, other);
  }

  /** See {@linkcode bitwiseOr}. */
  bitwiseOr_(this: Tensor, other: Operand): Tensor {
    return bitwiseOr_(this, other);
  }

  /** See {@linkcode bitwiseXor}. */
  bitwiseXor(this: Tensor, other: Operand): Tensor {
    return bitwiseXor(this, other);
  }

  /** See {@linkcode bitwiseXor}. */
  bitwiseXor_(this: Tensor, other: Operand): Tensor {
    return bitwiseXor_(this, other);
  }

  /** See {@linkcode bitwiseLeftShift}. */
  bitwiseLeftShift(this: Tensor, other: Operand): Tensor {
    return bitwiseLeftShift(this, other);
  }

  /** See {@linkcode bitwiseLeftShift}. */
  bitwiseLeftShift_(this: Tensor, other: Operand): Tensor {
    return bitwiseLeftShift_(this, other);
  }

  /** See {@linkcode bitwiseRightShift}. */
  bitwiseRightShift(this: Tensor, other: Operand): Tensor {
    return bitwiseRightShift(this, other);
  }

  /** See {@linkcode bitwiseRightShift}. */
  bitwiseRightShift_(this: Tensor, other: Operand): Tensor {
    return bitwiseRightShift_(this, other);
  }

  /** See {@linkcode bitwiseNot}. */
  bitwiseNot(this: Tensor): Tensor {
    return bitwiseNot(this);
  }

  /** See {@linkcode bitwiseNot}. */
  bitwiseNot_(this: Tensor): Tensor {
    return bitwiseNot_(this);
  }

  /** See {@linkcode where}: keeps the elements where the mask is true, takes those of `other` elsewhere. */
  where(this: Tensor, condition: Tensor, other: Operand): Tensor {
    return where(condition, this, other);
  }
}
