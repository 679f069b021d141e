// The methods of tensors: scans. One line each; the functions are the ops.

import { Statistics } from "./statistics.ts";

/** Methods for scans. */
export class Scan extends Statistics {}
