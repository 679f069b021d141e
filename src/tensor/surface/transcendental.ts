// The methods of tensors: exponentials, logarithms and trigonometry. One line each; the functions are the ops.

import { exp, exp2, exp2_, exp_, expm1, expm1_ } from "../ops/exponential.ts";
import {
  acosh,
  acosh_,
  arccosh,
  arccosh_,
  arcsinh,
  arcsinh_,
  arctanh,
  arctanh_,
  asinh,
  asinh_,
  atanh,
  atanh_,
  cosh,
  cosh_,
  sinh,
  sinh_,
  tanh,
  tanh_,
} from "../ops/hyperbolic.ts";
import {
  log,
  log10,
  log10_,
  log1p,
  log1p_,
  log2,
  log2_,
  log_,
  logaddexp,
  logaddexp2,
} from "../ops/logarithm.ts";
import {
  acos,
  acos_,
  arccos,
  arccos_,
  arcsin,
  arcsin_,
  arctan,
  arctan2,
  arctan2_,
  arctan_,
  asin,
  asin_,
  atan,
  atan2,
  atan2_,
  atan_,
  cos,
  cos_,
  sin,
  sin_,
  tan,
  tan_,
} from "../ops/trigonometric.ts";
import { Logic } from "./logic.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for exponentials, logarithms and trigonometry. */
export class Transcendental extends Logic {
  /** See {@linkcode exp}. */
  exp(this: Tensor): Tensor {
    return exp(this);
  }

  /** See {@linkcode exp_}. */
  exp_(this: Tensor): Tensor {
    return exp_(this);
  }

  /** See {@linkcode exp2}. */
  exp2(this: Tensor): Tensor {
    return exp2(this);
  }

  /** See {@linkcode exp2_}. */
  exp2_(this: Tensor): Tensor {
    return exp2_(this);
  }

  /** See {@linkcode expm1}. */
  expm1(this: Tensor): Tensor {
    return expm1(this);
  }

  /** See {@linkcode expm1_}. */
  expm1_(this: Tensor): Tensor {
    return expm1_(this);
  }

  /** See {@linkcode log}. */
  log(this: Tensor): Tensor {
    return log(this);
  }

  /** See {@linkcode log_}. */
  log_(this: Tensor): Tensor {
    return log_(this);
  }

  /** See {@linkcode log2}. */
  log2(this: Tensor): Tensor {
    return log2(this);
  }

  /** See {@linkcode log2_}. */
  log2_(this: Tensor): Tensor {
    return log2_(this);
  }

  /** See {@linkcode log10}. */
  log10(this: Tensor): Tensor {
    return log10(this);
  }

  /** See {@linkcode log10_}. */
  log10_(this: Tensor): Tensor {
    return log10_(this);
  }

  /** See {@linkcode log1p}. */
  log1p(this: Tensor): Tensor {
    return log1p(this);
  }

  /** See {@linkcode log1p_}. */
  log1p_(this: Tensor): Tensor {
    return log1p_(this);
  }

  /** See {@linkcode logaddexp}. */
  logaddexp(this: Tensor, other: Tensor): Tensor {
    return logaddexp(this, other);
  }

  /** See {@linkcode logaddexp2}. */
  logaddexp2(this: Tensor, other: Tensor): Tensor {
    return logaddexp2(this, other);
  }

  /** See {@linkcode sin}. */
  sin(this: Tensor): Tensor {
    return sin(this);
  }

  /** See {@linkcode sin_}. */
  sin_(this: Tensor): Tensor {
    return sin_(this);
  }

  /** See {@linkcode cos}. */
  cos(this: Tensor): Tensor {
    return cos(this);
  }

  /** See {@linkcode cos_}. */
  cos_(this: Tensor): Tensor {
    return cos_(this);
  }

  /** See {@linkcode tan}. */
  tan(this: Tensor): Tensor {
    return tan(this);
  }

  /** See {@linkcode tan_}. */
  tan_(this: Tensor): Tensor {
    return tan_(this);
  }

  /** See {@linkcode asin}. */
  asin(this: Tensor): Tensor {
    return asin(this);
  }

  /** See {@linkcode asin_}. */
  asin_(this: Tensor): Tensor {
    return asin_(this);
  }

  /** See {@linkcode arcsin}. */
  arcsin(this: Tensor): Tensor {
    return arcsin(this);
  }

  /** See {@linkcode arcsin_}. */
  arcsin_(this: Tensor): Tensor {
    return arcsin_(this);
  }

  /** See {@linkcode acos}. */
  acos(this: Tensor): Tensor {
    return acos(this);
  }

  /** See {@linkcode acos_}. */
  acos_(this: Tensor): Tensor {
    return acos_(this);
  }

  /** See {@linkcode arccos}. */
  arccos(this: Tensor): Tensor {
    return arccos(this);
  }

  /** See {@linkcode arccos_}. */
  arccos_(this: Tensor): Tensor {
    return arccos_(this);
  }

  /** See {@linkcode atan}. */
  atan(this: Tensor): Tensor {
    return atan(this);
  }

  /** See {@linkcode atan_}. */
  atan_(this: Tensor): Tensor {
    return atan_(this);
  }

  /** See {@linkcode arctan}. */
  arctan(this: Tensor): Tensor {
    return arctan(this);
  }

  /** See {@linkcode arctan_}. */
  arctan_(this: Tensor): Tensor {
    return arctan_(this);
  }

  /** See {@linkcode atan2}. */
  atan2(this: Tensor, other: Tensor): Tensor {
    return atan2(this, other);
  }

  /** See {@linkcode atan2_}. */
  atan2_(this: Tensor, other: Tensor): Tensor {
    return atan2_(this, other);
  }

  /** See {@linkcode arctan2}. */
  arctan2(this: Tensor, other: Tensor): Tensor {
    return arctan2(this, other);
  }

  /** See {@linkcode arctan2_}. */
  arctan2_(this: Tensor, other: Tensor): Tensor {
    return arctan2_(this, other);
  }

  /** See {@linkcode sinh}. */
  sinh(this: Tensor): Tensor {
    return sinh(this);
  }

  /** See {@linkcode sinh_}. */
  sinh_(this: Tensor): Tensor {
    return sinh_(this);
  }

  /** See {@linkcode cosh}. */
  cosh(this: Tensor): Tensor {
    return cosh(this);
  }

  /** See {@linkcode cosh_}. */
  cosh_(this: Tensor): Tensor {
    return cosh_(this);
  }

  /** See {@linkcode tanh}. */
  tanh(this: Tensor): Tensor {
    return tanh(this);
  }

  /** See {@linkcode tanh_}. */
  tanh_(this: Tensor): Tensor {
    return tanh_(this);
  }

  /** See {@linkcode asinh}. */
  asinh(this: Tensor): Tensor {
    return asinh(this);
  }

  /** See {@linkcode asinh_}. */
  asinh_(this: Tensor): Tensor {
    return asinh_(this);
  }

  /** See {@linkcode arcsinh}. */
  arcsinh(this: Tensor): Tensor {
    return arcsinh(this);
  }

  /** See {@linkcode arcsinh_}. */
  arcsinh_(this: Tensor): Tensor {
    return arcsinh_(this);
  }

  /** See {@linkcode acosh}. */
  acosh(this: Tensor): Tensor {
    return acosh(this);
  }

  /** See {@linkcode acosh_}. */
  acosh_(this: Tensor): Tensor {
    return acosh_(this);
  }

  /** See {@linkcode arccosh}. */
  arccosh(this: Tensor): Tensor {
    return arccosh(this);
  }

  /** See {@linkcode arccosh_}. */
  arccosh_(this: Tensor): Tensor {
    return arccosh_(this);
  }

  /** See {@linkcode atanh}. */
  atanh(this: Tensor): Tensor {
    return atanh(this);
  }

  /** See {@linkcode atanh_}. */
  atanh_(this: Tensor): Tensor {
    return atanh_(this);
  }

  /** See {@linkcode arctanh}. */
  arctanh(this: Tensor): Tensor {
    return arctanh(this);
  }

  /** See {@linkcode arctanh_}. */
  arctanh_(this: Tensor): Tensor {
    return arctanh_(this);
  }
}
