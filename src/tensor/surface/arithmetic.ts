// The methods of tensors: addition and its kin. One line each; the functions are the ops.

import {
  add,
  add_,
  type AlphaOptions,
  div,
  mul,
  mul_,
} from "../ops/arithmetic.ts";
import type { Operand } from "../op.ts";
import { Core } from "../core.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for addition and its kin. */
export class Arithmetic extends Core {
  /** See {@linkcode add}. */
  add(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return add(this, other, options);
  }

  /** See {@linkcode add}. */
  add_(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return add_(this, other, options);
  }

  /** See {@linkcode mul}. */
  mul(this: Tensor, other: Operand): Tensor {
    return mul(this, other);
  }

  /** See {@linkcode mul}. */
  mul_(this: Tensor, other: Operand): Tensor {
    return mul_(this, other);
  }

  /** See {@linkcode div}. */
  div(this: Tensor, other: Operand): Tensor {
    return div(this, other);
  }
}
