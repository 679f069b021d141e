// The methods of tensors: arithmetic: sums, products, quotients and their composites. One line each; the functions are the ops.

import {
  add,
  add_,
  type AlphaOptions,
  mul,
  mul_,
  multiply,
  multiply_,
  sub,
  sub_,
  subtract,
  subtract_,
} from "../ops/arithmetic.ts";
import {
  div,
  div_,
  divide,
  divide_,
  type DivOptions,
  floorDivide,
  floorDivide_,
  fmod,
  fmod_,
  remainder,
  remainder_,
  trueDivide,
  trueDivide_,
} from "../ops/division.ts";
import {
  addcdiv,
  addcdiv_,
  addcmul,
  addcmul_,
  deg2rad,
  deg2rad_,
  lerp,
  lerp_,
  rad2deg,
  rad2deg_,
  type ValueOptions,
} from "../ops/composite_arithmetic.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { ComplexParts } from "./complex.ts";

/** Methods for arithmetic: sums, products, quotients and their composites. */
export class Arithmetic extends ComplexParts {
  /** See {@linkcode add}. */
  add(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return add(this, other, options);
  }

  /** See {@linkcode add}. */
  add_(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return add_(this, other, options);
  }

  /** See {@linkcode sub}. */
  sub(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return sub(this, other, options);
  }

  /** See {@linkcode sub}. */
  sub_(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return sub_(this, other, options);
  }

  /** See {@linkcode mul}. */
  mul(this: Tensor, other: Operand): Tensor {
    return mul(this, other);
  }

  /** See {@linkcode mul}. */
  mul_(this: Tensor, other: Operand): Tensor {
    return mul_(this, other);
  }

  /** See {@linkcode subtract}. */
  subtract(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return subtract(this, other, options);
  }

  /** See {@linkcode subtract}. */
  subtract_(this: Tensor, other: Operand, options?: AlphaOptions): Tensor {
    return subtract_(this, other, options);
  }

  /** See {@linkcode multiply}. */
  multiply(this: Tensor, other: Operand): Tensor {
    return multiply(this, other);
  }

  /** See {@linkcode multiply}. */
  multiply_(this: Tensor, other: Operand): Tensor {
    return multiply_(this, other);
  }

  /** See {@linkcode div}. */
  div(this: Tensor, other: Operand, options?: DivOptions): Tensor {
    return div(this, other, options);
  }

  /** See {@linkcode div}. */
  div_(this: Tensor, other: Operand, options?: DivOptions): Tensor {
    return div_(this, other, options);
  }

  /** See {@linkcode divide}. */
  divide(this: Tensor, other: Operand, options?: DivOptions): Tensor {
    return divide(this, other, options);
  }

  /** See {@linkcode divide}. */
  divide_(this: Tensor, other: Operand, options?: DivOptions): Tensor {
    return divide_(this, other, options);
  }

  /** See {@linkcode trueDivide}. */
  trueDivide(this: Tensor, other: Operand): Tensor {
    return trueDivide(this, other);
  }

  /** See {@linkcode trueDivide}. */
  trueDivide_(this: Tensor, other: Operand): Tensor {
    return trueDivide_(this, other);
  }

  /** See {@linkcode floorDivide}. */
  floorDivide(this: Tensor, other: Operand): Tensor {
    return floorDivide(this, other);
  }

  /** See {@linkcode floorDivide}. */
  floorDivide_(this: Tensor, other: Operand): Tensor {
    return floorDivide_(this, other);
  }

  /** See {@linkcode remainder}. */
  remainder(this: Tensor, other: Operand): Tensor {
    return remainder(this, other);
  }

  /** See {@linkcode remainder}. */
  remainder_(this: Tensor, other: Operand): Tensor {
    return remainder_(this, other);
  }

  /** See {@linkcode fmod}. */
  fmod(this: Tensor, other: Operand): Tensor {
    return fmod(this, other);
  }

  /** See {@linkcode fmod}. */
  fmod_(this: Tensor, other: Operand): Tensor {
    return fmod_(this, other);
  }

  /** See {@linkcode addcmul}. */
  addcmul(
    this: Tensor,
    tensor1: Tensor,
    tensor2: Tensor,
    options?: ValueOptions,
  ): Tensor {
    return addcmul(this, tensor1, tensor2, options);
  }

  /** See {@linkcode addcmul}. */
  addcmul_(
    this: Tensor,
    tensor1: Tensor,
    tensor2: Tensor,
    options?: ValueOptions,
  ): Tensor {
    return addcmul_(this, tensor1, tensor2, options);
  }

  /** See {@linkcode addcdiv}. */
  addcdiv(
    this: Tensor,
    tensor1: Tensor,
    tensor2: Tensor,
    options?: ValueOptions,
  ): Tensor {
    return addcdiv(this, tensor1, tensor2, options);
  }

  /** See {@linkcode addcdiv}. */
  addcdiv_(
    this: Tensor,
    tensor1: Tensor,
    tensor2: Tensor,
    options?: ValueOptions,
  ): Tensor {
    return addcdiv_(this, tensor1, tensor2, options);
  }

  /** See {@linkcode lerp}. */
  lerp(this: Tensor, end: Tensor, weight: number | Tensor): Tensor {
    return lerp(this, end, weight);
  }

  /** See {@linkcode lerp}. */
  lerp_(this: Tensor, end: Tensor, weight: number | Tensor): Tensor {
    return lerp_(this, end, weight);
  }

  /** See {@linkcode deg2rad}. */
  deg2rad(this: Tensor): Tensor {
    return deg2rad(this);
  }

  /** See {@linkcode deg2rad}. */
  deg2rad_(this: Tensor): Tensor {
    return deg2rad_(this);
  }

  /** See {@linkcode rad2deg}. */
  rad2deg(this: Tensor): Tensor {
    return rad2deg(this);
  }

  /** See {@linkcode rad2deg}. */
  rad2deg_(this: Tensor): Tensor {
    return rad2deg_(this);
  }
}
