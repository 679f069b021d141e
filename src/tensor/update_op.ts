// The family of fused updates: several tensors change in one pass over memory,
// unrecorded. The steps of optimizers are written with it. It knows nothing of
// what is computed.

import type { UpdateKernel } from "./device.ts";
import { updateKernel } from "./device_updates.ts";
import { RuntimeError } from "./errors.ts";
import { type Expr, input } from "./expr.ts";
import { beginInplace } from "./inplace.ts";
import { commonDevice, toDense } from "./op.ts";
import { sameShape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Every kernel that was defined, for tests. */
export const UPDATES: UpdateKernel[] = [];

/** Defines an update of `arity` tensors: what each becomes, or null where it is only read. */
export function defineUpdate(
  arity: number,
  make: (...x: Expr[]) => readonly (Expr | null)[],
): UpdateKernel {
  const inputs = Array.from({ length: arity }, (_, k) => input(k));
  const kernel = updateKernel(make(...inputs));
  UPDATES.push(kernel);
  return kernel;
}

/** Updates that differ by options: each is defined when it is first asked for. */
export function variants<F extends readonly boolean[]>(
  define: (...flags: F) => UpdateKernel,
): (...flags: F) => UpdateKernel {
  const known: (UpdateKernel | undefined)[] = [];
  return (...flags) => {
    let key = 0;
    for (const flag of flags) key = key * 2 + (flag ? 1 : 0);
    return known[key] ??= define(...flags);
  };
}

/** Changes tensors of one shape, type and device in place. */
export function update(
  kernel: UpdateKernel,
  tensors: Tensor[],
  params: readonly number[],
): void {
  const first = tensors[0]!;
  const { device } = first.storage;
  for (let k = 0; k < tensors.length; k++) {
    const x = tensors[k]!;
    if (x.storage.device !== device) commonDevice(first, x);
    if (!sameShape(x.shape, first.shape) || x.info !== first.info) {
      throw new RuntimeError(
        `expected a tensor of shape ${
          showShape(first.shape)
        } and type ${first.info.name}, but got one of shape ${
          showShape(x.shape)
        } and type ${x.info.name}`,
        "what an optimizer keeps must fit its parameters; was another state dict loaded, or a parameter converted?",
      );
    }
    if (kernel.bodies[k] !== null) beginInplace(x, false);
    else if (!x.dense && first.dense) tensors[k] = toDense(x);
  }
  device.update(kernel, tensors, params);
  for (let k = 0; k < tensors.length; k++) {
    if (kernel.bodies[k] !== null) tensors[k]!.storage.version++;
  }
}
