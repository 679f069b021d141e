// The methods of tensors: sorting and searching. One line each; the functions are the ops.

import { Scattering } from "./scattering.ts";

/** Methods for sorting and searching. */
export class Sorting extends Scattering {}
