// The methods of tensors: conversion between types and devices. One line each; the functions are the ops.

import { to } from "../ops/conversion.ts";
import type { Device } from "../device.ts";
import type { DType } from "../dtype.ts";
import { Splitting } from "./splitting.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for conversion between types and devices. */
export class Conversion extends Splitting {
  /** See {@linkcode to}. */
  to(this: Tensor, target: DType | "cpu" | Device): Tensor {
    return to(this, target);
  }
}
