// The methods of tensors: special functions. One line each; the functions are the ops.

import {
  digamma,
  digamma_,
  lgamma,
  lgamma_,
  mvlgamma,
  mvlgamma_,
  polygamma,
  polygamma_,
} from "../ops/gamma.ts";
import {
  erf,
  erf_,
  erfc,
  erfc_,
  erfinv,
  erfinv_,
  sinc,
  sinc_,
  xlogy,
  xlogy_,
} from "../ops/special_functions.ts";
import { i0, i0_ } from "../ops/bessel_modified.ts";
import { igamma, igamma_, igammac, igammac_ } from "../ops/incomplete_gamma.ts";
import type { Operand } from "../op.ts";
import { Transcendental } from "./transcendental.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for special functions. */
export class Special extends Transcendental {
  /** See {@linkcode erf}. */
  erf(this: Tensor): Tensor {
    return erf(this);
  }

  /** See {@linkcode erf_}. */
  erf_(this: Tensor): Tensor {
    return erf_(this);
  }

  /** See {@linkcode erfc}. */
  erfc(this: Tensor): Tensor {
    return erfc(this);
  }

  /** See {@linkcode erfc_}. */
  erfc_(this: Tensor): Tensor {
    return erfc_(this);
  }

  /** See {@linkcode erfinv}. */
  erfinv(this: Tensor): Tensor {
    return erfinv(this);
  }

  /** See {@linkcode erfinv_}. */
  erfinv_(this: Tensor): Tensor {
    return erfinv_(this);
  }

  /** See {@linkcode sinc}. */
  sinc(this: Tensor): Tensor {
    return sinc(this);
  }

  /** See {@linkcode sinc_}. */
  sinc_(this: Tensor): Tensor {
    return sinc_(this);
  }

  /** See {@linkcode lgamma}. */
  lgamma(this: Tensor): Tensor {
    return lgamma(this);
  }

  /** See {@linkcode lgamma_}. */
  lgamma_(this: Tensor): Tensor {
    return lgamma_(this);
  }

  /** See {@linkcode digamma}. */
  digamma(this: Tensor): Tensor {
    return digamma(this);
  }

  /** See {@linkcode digamma_}. */
  digamma_(this: Tensor): Tensor {
    return digamma_(this);
  }

  /** See {@linkcode i0}. */
  i0(this: Tensor): Tensor {
    return i0(this);
  }

  /** See {@linkcode i0_}. */
  i0_(this: Tensor): Tensor {
    return i0_(this);
  }

  /** See {@linkcode igamma}. */
  igamma(this: Tensor, other: Tensor): Tensor {
    return igamma(this, other);
  }

  /** See {@linkcode igamma_}. */
  igamma_(this: Tensor, other: Tensor): Tensor {
    return igamma_(this, other);
  }

  /** See {@linkcode igammac}. */
  igammac(this: Tensor, other: Tensor): Tensor {
    return igammac(this, other);
  }

  /** See {@linkcode igammac_}. */
  igammac_(this: Tensor, other: Tensor): Tensor {
    return igammac_(this, other);
  }

  /** See {@linkcode xlogy}. */
  xlogy(this: Tensor, other: Operand): Tensor {
    return xlogy(this, other);
  }

  /** See {@linkcode xlogy_}. */
  xlogy_(this: Tensor, other: Operand): Tensor {
    return xlogy_(this, other);
  }

  /** See {@linkcode polygamma}. */
  polygamma(this: Tensor, n: number): Tensor {
    return polygamma(n, this);
  }

  /** See {@linkcode polygamma_}. */
  polygamma_(this: Tensor, n: number): Tensor {
    return polygamma_(this, n);
  }

  /** See {@linkcode mvlgamma}. */
  mvlgamma(this: Tensor, p: number): Tensor {
    return mvlgamma(this, p);
  }

  /** See {@linkcode mvlgamma_}. */
  mvlgamma_(this: Tensor, p: number): Tensor {
    return mvlgamma_(this, p);
  }
}
