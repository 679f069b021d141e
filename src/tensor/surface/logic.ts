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
import { where } from "../ops/where.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { Comparison } from "./comparison.ts";

/** Methods for logical and bitwise ops, and choosing by a mask. */
export class Logic extends Comparison {
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

  /** See {@linkcode where}: keeps the elements where the mask is true, takes those of `other` elsewhere. */
  where(this: Tensor, condition: Tensor, other: Operand): Tensor {
    return where(condition, this, other);
  }
}
