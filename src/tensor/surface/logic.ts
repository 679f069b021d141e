// The methods of tensors: logical and bitwise ops. One line each; the functions are the ops.

import { Comparison } from "./comparison.ts";

/** Methods for logical and bitwise ops. */
export class Logic extends Comparison {}
