// The methods of tensors: complex numbers and their parts, spectra. One line each; the functions are the ops.

import { Core } from "../core.ts";
import {
  conj,
  conjPhysical,
  conjPhysical_,
  imag,
  real,
  resolveConj,
} from "../ops/complex.ts";
import { angle } from "../ops/complex_angle.ts";
import {
  istft,
  type IstftOptions,
  stft,
  type StftOptions,
} from "../ops/stft.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for complex numbers and their parts, spectra. */
export class ComplexParts extends Core {
  /** Whether the element type is complex. See `Tensor.is_complex`. */
  isComplex(): boolean {
    return this.info.category === 3;
  }

  /** Whether conjugates are still to be computed: never, they are made at once. See `Tensor.is_conj`. */
  isConj(): boolean {
    return false;
  }

  /** The real parts, as a view; see {@linkcode real}. See `Tensor.real`. */
  get real(): Tensor {
    return real(this as unknown as Tensor);
  }

  /** The imaginary parts, as a view; see {@linkcode imag}. See `Tensor.imag`. */
  get imag(): Tensor {
    return imag(this as unknown as Tensor);
  }

  /** See {@linkcode conj}. */
  conj(this: Tensor): Tensor {
    return conj(this);
  }

  /** See {@linkcode conjPhysical}. */
  conjPhysical(this: Tensor): Tensor {
    return conjPhysical(this);
  }

  /** See {@linkcode conjPhysical}; changes the tensor in place. */
  conjPhysical_(this: Tensor): Tensor {
    return conjPhysical_(this);
  }

  /** See {@linkcode resolveConj}. */
  resolveConj(this: Tensor): Tensor {
    return resolveConj(this);
  }

  /** See {@linkcode angle}. */
  angle(this: Tensor): Tensor {
    return angle(this);
  }

  /** See {@linkcode stft}. */
  stft(this: Tensor, nFft: number, options: StftOptions = {}): Tensor {
    return stft(this, nFft, options);
  }

  /** See {@linkcode istft}. */
  istft(this: Tensor, nFft: number, options: IstftOptions = {}): Tensor {
    return istft(this, nFft, options);
  }
}
