// The methods of tensors: exponentials, logarithms and trigonometry. One line each; the functions are the ops.

import { Logic } from "./logic.ts";

/** Methods for exponentials, logarithms and trigonometry. */
export class Transcendental extends Logic {}
