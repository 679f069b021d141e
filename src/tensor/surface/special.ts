// The methods of tensors: special functions. One line each; the functions are the ops.

import { Transcendental } from "./transcendental.ts";

/** Methods for special functions. */
export class Special extends Transcendental {}
