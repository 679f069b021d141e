// The methods of tensors: powers, roots and signs. One line each; the functions are the ops.

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
  heaviside,
  heaviside_,
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
import { Arithmetic } from "./arithmetic.ts";

/** Methods for powers, roots and signs. */
export class Power extends Arithmetic {
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

  /** See {@linkcode heaviside}. */
  heaviside(this: Tensor, values: Tensor): Tensor {
    return heaviside(this, values);
  }

  /** See {@linkcode heaviside}. */
  heaviside_(this: Tensor, values: Tensor): Tensor {
    return heaviside_(this, values);
  }
}
