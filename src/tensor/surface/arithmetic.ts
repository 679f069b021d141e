// The methods of tensors: arithmetic: sums, products, quotients, powers and signs. One line each; the functions are the ops.

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
  floatPower,
  floatPower_,
  pow,
  pow_,
  square,
  square_,
} from "../ops/power.ts";
import {
  hypot,
  hypot_,
  ldexp,
  ldexp_,
  reciprocal,
  reciprocal_,
  rsqrt,
  rsqrt_,
  sqrt,
  sqrt_,
} from "../ops/root.ts";
import {
  abs,
  abs_,
  absolute,
  absolute_,
  copysign,
  copysign_,
  neg,
  neg_,
  negative,
  negative_,
  positive,
  sgn,
  sgn_,
  sign,
  sign_,
  signbit,
} from "../ops/sign.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { Core } from "../core.ts";

/** Methods for arithmetic: sums, products, quotients, powers and signs. */
export class Arithmetic extends Core {
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

  /** See {@linkcode pow}. */
  pow(this: Tensor, exponent: Operand): Tensor {
    return pow(this, exponent);
  }

  /** See {@linkcode pow}. */
  pow_(this: Tensor, exponent: Operand): Tensor {
    return pow_(this, exponent);
  }

  /** See {@linkcode floatPower}. */
  floatPower(this: Tensor, exponent: Operand): Tensor {
    return floatPower(this, exponent);
  }

  /** See {@linkcode floatPower}. */
  floatPower_(this: Tensor, exponent: Operand): Tensor {
    return floatPower_(this, exponent);
  }

  /** See {@linkcode square}. */
  square(this: Tensor): Tensor {
    return square(this);
  }

  /** See {@linkcode square}. */
  square_(this: Tensor): Tensor {
    return square_(this);
  }

  /** See {@linkcode sqrt}. */
  sqrt(this: Tensor): Tensor {
    return sqrt(this);
  }

  /** See {@linkcode sqrt}. */
  sqrt_(this: Tensor): Tensor {
    return sqrt_(this);
  }

  /** See {@linkcode rsqrt}. */
  rsqrt(this: Tensor): Tensor {
    return rsqrt(this);
  }

  /** See {@linkcode rsqrt}. */
  rsqrt_(this: Tensor): Tensor {
    return rsqrt_(this);
  }

  /** See {@linkcode reciprocal}. */
  reciprocal(this: Tensor): Tensor {
    return reciprocal(this);
  }

  /** See {@linkcode reciprocal}. */
  reciprocal_(this: Tensor): Tensor {
    return reciprocal_(this);
  }

  /** See {@linkcode hypot}. */
  hypot(this: Tensor, other: Operand): Tensor {
    return hypot(this, other);
  }

  /** See {@linkcode hypot}. */
  hypot_(this: Tensor, other: Operand): Tensor {
    return hypot_(this, other);
  }

  /** See {@linkcode ldexp}. */
  ldexp(this: Tensor, other: Operand): Tensor {
    return ldexp(this, other);
  }

  /** See {@linkcode ldexp}. */
  ldexp_(this: Tensor, other: Operand): Tensor {
    return ldexp_(this, other);
  }

  /** See {@linkcode neg}. */
  neg(this: Tensor): Tensor {
    return neg(this);
  }

  /** See {@linkcode neg}. */
  neg_(this: Tensor): Tensor {
    return neg_(this);
  }

  /** See {@linkcode negative}. */
  negative(this: Tensor): Tensor {
    return negative(this);
  }

  /** See {@linkcode negative}. */
  negative_(this: Tensor): Tensor {
    return negative_(this);
  }

  /** See {@linkcode positive}. */
  positive(this: Tensor): Tensor {
    return positive(this);
  }

  /** See {@linkcode abs}. */
  abs(this: Tensor): Tensor {
    return abs(this);
  }

  /** See {@linkcode abs}. */
  abs_(this: Tensor): Tensor {
    return abs_(this);
  }

  /** See {@linkcode absolute}. */
  absolute(this: Tensor): Tensor {
    return absolute(this);
  }

  /** See {@linkcode absolute}. */
  absolute_(this: Tensor): Tensor {
    return absolute_(this);
  }

  /** See {@linkcode sign}. */
  sign(this: Tensor): Tensor {
    return sign(this);
  }

  /** See {@linkcode sign}. */
  sign_(this: Tensor): Tensor {
    return sign_(this);
  }

  /** See {@linkcode sgn}. */
  sgn(this: Tensor): Tensor {
    return sgn(this);
  }

  /** See {@linkcode sgn}. */
  sgn_(this: Tensor): Tensor {
    return sgn_(this);
  }

  /** See {@linkcode signbit}. */
  signbit(this: Tensor): Tensor {
    return signbit(this);
  }

  /** See {@linkcode copysign}. */
  copysign(this: Tensor, other: Operand): Tensor {
    return copysign(this, other);
  }

  /** See {@linkcode copysign}. */
  copysign_(this: Tensor, other: Operand): Tensor {
    return copysign_(this, other);
  }
}
