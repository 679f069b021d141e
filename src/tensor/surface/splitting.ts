// The methods of tensors: splitting, joining and repeating. One line each; the functions are the ops.

import { Movement } from "./movement.ts";

/** Methods for splitting, joining and repeating. */
export class Splitting extends Movement {}
