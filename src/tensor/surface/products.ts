// The methods of tensors: products of matrices and vectors. One line each; the functions are the ops.

import { Sorting } from "./sorting.ts";

/** Methods for products of matrices and vectors. */
export class Products extends Sorting {}
