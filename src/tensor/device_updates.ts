// Kernels that change several operands at once get their numbers here, whoever
// makes them: the steps of optimizers, and what complex numbers become. It
// knows nothing of what they compute.

import type { UpdateKernel } from "./device.ts";
import type { Expr } from "./expr.ts";

let kernels = 0;

/** Makes a kernel: what each operand becomes, or null where it is only read. */
export function updateKernel(bodies: readonly (Expr | null)[]): UpdateKernel {
  return { id: kernels++, bodies };
}
