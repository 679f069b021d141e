// The methods of tensors: statistics. One line each; the functions are the ops.

import { Reduction } from "./reduction.ts";

/** Methods for statistics. */
export class Statistics extends Reduction {}
