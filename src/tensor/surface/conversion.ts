// The methods of tensors: conversion between types and devices. One line each; the functions are the ops.

import { to, type ToTarget } from "../ops/conversion.ts";
import type { DType } from "../dtype.ts";
import { Splitting } from "./splitting.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for conversion between types and devices. */
export class Conversion extends Splitting {
  /** See {@linkcode to}. */
  to(this: Tensor, target: ToTarget): Tensor {
    return to(this, target);
  }

  /** PyTorch's name of the tensor's type, such as `"torch.FloatTensor"`. See `Tensor.type`. */
  type(this: Tensor): string;
  /** Converts to an element type; the same tensor where it has that type. See `Tensor.type`. */
  type(this: Tensor, dtype: DType): Tensor;
  type(this: Tensor, dtype?: DType): Tensor | string {
    if (dtype !== undefined) return to(this, { dtype });
    return `torch.${this.info.scalarName}Tensor`;
  }

  /** Converts to the element type of `other`. See `Tensor.type_as`. */
  typeAs(this: Tensor, other: Tensor): Tensor {
    return to(this, { dtype: other.dtype });
  }

  /** Moves to the CPU; the same tensor where it is there already. See `Tensor.cpu`. */
  cpu(this: Tensor): Tensor {
    return to(this, "cpu");
  }

  /** Converts to float32. See `Tensor.float`. */
  float(this: Tensor): Tensor {
    return to(this, "float32");
  }

  /** Converts to float64. See `Tensor.double`. */
  double(this: Tensor): Tensor {
    return to(this, "float64");
  }

  /** Converts to complex64. See `Tensor.cfloat`. */
  cfloat(this: Tensor): Tensor {
    return to(this, "complex64");
  }

  /** Converts to complex128. See `Tensor.cdouble`. */
  cdouble(this: Tensor): Tensor {
    return to(this, "complex128");
  }

  /** Converts to float16. See `Tensor.half`. */
  half(this: Tensor): Tensor {
    return to(this, "float16");
  }

  /** Converts to bfloat16. See `Tensor.bfloat16`. */
  bfloat16(this: Tensor): Tensor {
    return to(this, "bfloat16");
  }

  /** Converts to int32. See `Tensor.int`. */
  int(this: Tensor): Tensor {
    return to(this, "int32");
  }

  /** Converts to int64, on a GPU, which has none, to int32. See `Tensor.long`. */
  long(this: Tensor): Tensor {
    return to(this, this.storage.device.indexInfo.name);
  }

  /** Converts to int16. See `Tensor.short`. */
  short(this: Tensor): Tensor {
    return to(this, "int16");
  }

  /** Converts to int8. See `Tensor.char`. */
  char(this: Tensor): Tensor {
    return to(this, "int8");
  }

  /** Converts to uint8. See `Tensor.byte`. */
  byte(this: Tensor): Tensor {
    return to(this, "uint8");
  }

  /** Converts to bool. See `Tensor.bool`. */
  bool(this: Tensor): Tensor {
    return to(this, "bool");
  }
}
