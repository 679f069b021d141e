// The methods of tensors: rounding and clamping. One line each; the functions are the ops.

import { Arithmetic } from "./arithmetic.ts";

/** Methods for rounding and clamping. */
export class Rounding extends Arithmetic {}
