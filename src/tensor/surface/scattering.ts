// The methods of tensors: scattering and masks. One line each; the functions are the ops.

import { Indexing } from "./indexing.ts";

/** Methods for scattering and masks. */
export class Scattering extends Indexing {}
