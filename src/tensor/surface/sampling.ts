// The methods of tensors: random numbers in place. One line each; the functions are the ops.

import { Products } from "./products.ts";

/** Methods for random numbers in place. */
export class Sampling extends Products {}
