// The methods of tensors: indexing. One line each; the functions are the ops.

import { Conversion } from "./conversion.ts";

/** Methods for indexing. */
export class Indexing extends Conversion {}
