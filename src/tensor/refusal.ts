// Element types that a kernel is not defined for, refused with PyTorch's
// sentence. Knows types only.

import type { DTypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";

/** Fails because a kernel does not know a type. */
export function refuse(kernel: string, info: DTypeInfo, hint: string): never {
  throw new RuntimeError(
    `"${kernel}" not implemented for '${info.scalarName}'`,
    hint,
  );
}

/** Refuses bool. `kernel` is PyTorch's name of the kernel, as its error shows it. */
export function refuseBool(kernel: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category === 0) {
      refuse(
        kernel,
        info,
        "convert the mask to numbers, for example with int()",
      );
    }
  };
}

/** Refuses bool and integers. */
export function refuseIntegers(kernel: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category < 2) {
      refuse(kernel, info, "convert the tensor, for example with float()");
    }
  };
}

/** Refuses floating-point types of 16 bits. */
export function refuseHalf(kernel: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category === 2 && info.bytes < 4) {
      refuse(kernel, info, "convert the tensor with float()");
    }
  };
}

/** Refuses floating-point types. */
export function refuseFloats(kernel: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category >= 2) {
      refuse(kernel, info, "convert the tensor, for example with int()");
    }
  };
}

/** Refuses bool and floating-point types. */
export function requireIntegers(kernel: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category !== 1) {
      refuse(kernel, info, "convert the tensor, for example with int()");
    }
  };
}
