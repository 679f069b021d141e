// The methods of tensors: rounding, clamping, extrema and what
// numbers are made of. One line each; the functions are the ops.

import {
  ceil,
  ceil_,
  fix,
  fix_,
  floor,
  floor_,
  frac,
  frac_,
  round,
  round_,
  type RoundOptions,
  trunc,
  trunc_,
} from "../ops/rounding.ts";
import {
  clamp,
  clamp_,
  clampMax,
  clampMax_,
  clampMin,
  clampMin_,
  type ClampOptions,
  clip,
  clip_,
} from "../ops/clamping.ts";
import {
  nanToNum,
  nanToNum_,
  type NanToNumOptions,
} from "../ops/nan_to_num.ts";
import { fmax, fmin, maximum, minimum, relu, relu_ } from "../ops/extrema.ts";
import { gcd, gcd_, lcm, lcm_ } from "../ops/divisors.ts";
import { frexp, nextafter, nextafter_ } from "../ops/float_parts.ts";
import type { Named } from "../results.ts";
import type { Operand, RealOperand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { Power } from "./power.ts";

/** Methods for rounding, clamping, extrema and what numbers are made of. */
export class Rounding extends Power {
  /** See {@linkcode gcd}. */
  gcd(this: Tensor, other: Tensor): Tensor {
    return gcd(this, other);
  }

  /** See {@linkcode gcd_}. */
  gcd_(this: Tensor, other: Tensor): Tensor {
    return gcd_(this, other);
  }

  /** See {@linkcode lcm}. */
  lcm(this: Tensor, other: Tensor): Tensor {
    return lcm(this, other);
  }

  /** See {@linkcode lcm_}. */
  lcm_(this: Tensor, other: Tensor): Tensor {
    return lcm_(this, other);
  }

  /** See {@linkcode frexp}. */
  frexp(this: Tensor): Named<"mantissa" | "exponent"> {
    return frexp(this);
  }

  /** See {@linkcode nextafter}. */
  nextafter(this: Tensor, other: Tensor): Tensor {
    return nextafter(this, other);
  }

  /** See {@linkcode nextafter_}. */
  nextafter_(this: Tensor, other: Tensor): Tensor {
    return nextafter_(this, other);
  }

  /** See {@linkcode ceil}. */
  ceil(this: Tensor): Tensor {
    return ceil(this);
  }

  /** See {@linkcode ceil}. */
  ceil_(this: Tensor): Tensor {
    return ceil_(this);
  }

  /** See {@linkcode floor}. */
  floor(this: Tensor): Tensor {
    return floor(this);
  }

  /** See {@linkcode floor}. */
  floor_(this: Tensor): Tensor {
    return floor_(this);
  }

  /** See {@linkcode trunc}. */
  trunc(this: Tensor): Tensor {
    return trunc(this);
  }

  /** See {@linkcode trunc}. */
  trunc_(this: Tensor): Tensor {
    return trunc_(this);
  }

  /** See {@linkcode fix}. */
  fix(this: Tensor): Tensor {
    return fix(this);
  }

  /** See {@linkcode fix}. */
  fix_(this: Tensor): Tensor {
    return fix_(this);
  }

  /** See {@linkcode round}. */
  round(this: Tensor, options?: RoundOptions): Tensor {
    return round(this, options);
  }

  /** See {@linkcode round}. */
  round_(this: Tensor, options?: RoundOptions): Tensor {
    return round_(this, options);
  }

  /** See {@linkcode frac}. */
  frac(this: Tensor): Tensor {
    return frac(this);
  }

  /** See {@linkcode frac}. */
  frac_(this: Tensor): Tensor {
    return frac_(this);
  }

  /** See {@linkcode clamp}. */
  clamp(this: Tensor, options?: ClampOptions): Tensor {
    return clamp(this, options);
  }

  /** See {@linkcode clamp}. */
  clamp_(this: Tensor, options?: ClampOptions): Tensor {
    return clamp_(this, options);
  }

  /** See {@linkcode clip}. */
  clip(this: Tensor, options?: ClampOptions): Tensor {
    return clip(this, options);
  }

  /** See {@linkcode clip}. */
  clip_(this: Tensor, options?: ClampOptions): Tensor {
    return clip_(this, options);
  }

  /** See {@linkcode clampMin}. */
  clampMin(this: Tensor, min: RealOperand): Tensor {
    return clampMin(this, min);
  }

  /** See {@linkcode clampMin}. */
  clampMin_(this: Tensor, min: RealOperand): Tensor {
    return clampMin_(this, min);
  }

  /** See {@linkcode clampMax}. */
  clampMax(this: Tensor, max: RealOperand): Tensor {
    return clampMax(this, max);
  }

  /** See {@linkcode clampMax}. */
  clampMax_(this: Tensor, max: RealOperand): Tensor {
    return clampMax_(this, max);
  }

  /** See {@linkcode nanToNum}. */
  nanToNum(this: Tensor, options?: NanToNumOptions): Tensor {
    return nanToNum(this, options);
  }

  /** See {@linkcode nanToNum}. */
  nanToNum_(this: Tensor, options?: NanToNumOptions): Tensor {
    return nanToNum_(this, options);
  }

  /** See {@linkcode maximum}. */
  maximum(this: Tensor, other: Operand): Tensor {
    return maximum(this, other);
  }

  /** See {@linkcode minimum}. */
  minimum(this: Tensor, other: Operand): Tensor {
    return minimum(this, other);
  }

  /** See {@linkcode fmax}. */
  fmax(this: Tensor, other: Operand): Tensor {
    return fmax(this, other);
  }

  /** See {@linkcode fmin}. */
  fmin(this: Tensor, other: Operand): Tensor {
    return fmin(this, other);
  }

  /** See {@linkcode relu}. */
  relu(this: Tensor): Tensor {
    return relu(this);
  }

  /** See {@linkcode relu}. */
  relu_(this: Tensor): Tensor {
    return relu_(this);
  }
}
