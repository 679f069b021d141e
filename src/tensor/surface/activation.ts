// The methods of tensors: activations. One line each; the functions are the ops.

import { Special } from "./special.ts";

/** Methods for activations. */
export class Activation extends Special {}
