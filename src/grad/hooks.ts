// Functions of the user that see, and may replace, a gradient on its way.
// Tensors are known as types only.

import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { edgeOf, isTracked, nodeOf } from "./history.ts";
import type { Hook, Node } from "./node.ts";

/** What registering a hook returns; disposing of it removes the hook, as `remove()` does. */
export class HookHandle implements Disposable {
  #remove: (() => void) | null;

  /** Wraps what takes the hook away. */
  constructor(remove: () => void) {
    this.#remove = remove;
  }

  /** Takes the hook away; a second call does nothing. */
  remove(): void {
    this.#remove?.();
    this.#remove = null;
  }

  /** Takes the hook away at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.remove();
  }
}

/** What a hook may return: a gradient that takes the place of the one it saw, or nothing. */
export type GradHook = (grad: Tensor) => Tensor | null | void;

/** Adds to a list, and returns the way back. */
function enlist<T>(list: T[], item: T): HookHandle {
  list.push(item);
  return new HookHandle(() => {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
  });
}

function requireTracked(x: Tensor): void {
  if (isTracked(x)) return;
  throw new RuntimeError(
    "cannot register a hook on a tensor that doesn't require gradient",
    "create it with { requiresGrad: true }, or compute it from such a tensor",
  );
}

/** Calls `fn` with the gradient of `x` in each backward pass. */
export function registerHook(x: Tensor, fn: GradHook): HookHandle {
  requireTracked(x);
  const node = edgeOf(x)!;
  const nr = node.variable === null ? x.outputNr : 0;
  return enlist<Hook>(node.hooks ??= [], { nr, fn });
}

/** Calls `fn` with the leaf `x` whenever its `grad` was added to. */
export function registerPostAccumulateGradHook(
  x: Tensor,
  fn: (variable: Tensor) => void,
): HookHandle {
  requireTracked(x);
  if (nodeOf(x) !== null) {
    throw new RuntimeError(
      "post accumulate grad hooks cannot be registered on non-leaf tensors",
      `the tensor was computed by ${x.node!.name}; registerHook() works on it`,
    );
  }
  return enlist(edgeOf(x)!.postHooks ??= [], fn);
}

/** Lets a computed tensor keep its gradient; does nothing for a leaf, which keeps it anyway. */
export function retainGrad(x: Tensor): void {
  if (!isTracked(x)) {
    throw new RuntimeError(
      "can't retain_grad on Tensor that has requires_grad=False",
      "create it with { requiresGrad: true }, or compute it from such a tensor",
    );
  }
  const node = nodeOf(x);
  if (node !== null) (node.retained ??= [])[x.outputNr] = x;
}

/** Whether a computed tensor keeps its gradient. */
export function retainsGrad(x: Tensor): boolean {
  return nodeOf(x)?.retained?.[x.outputNr] === x;
}

/** Runs the hooks of a node on what arrived there; returns what goes on. */
export function runHooks<T extends Tensor | (Tensor | null)[]>(
  node: Node,
  slot: T,
): T {
  if (node.outputs === null) {
    let grad = slot as Tensor;
    for (const { fn } of node.hooks!.slice()) grad = callHook(fn, grad);
    return grad as T;
  }
  const list = (slot as (Tensor | null)[]).slice();
  for (const { nr, fn } of node.hooks!.slice()) {
    const grad = list[nr];
    if (grad != null) list[nr] = callHook(fn, grad);
  }
  return list as T;
}

function callHook(fn: GradHook, grad: Tensor): Tensor {
  const result = fn(grad);
  if (result == null) return grad;
  const name = fn.name || "<anonymous>";
  if (!isTensor(result)) {
    throw new TypeError(
      `expected Variable, but hook returned '${typeof result}'`,
    );
  }
  const { device } = grad.storage;
  if (result.info !== grad.info || result.storage.device !== device) {
    throw new RuntimeError(
      `hook '${name}' has changed the type of value (was ${
        typeName(grad)
      } got ${typeName(result)})`,
      result.info === grad.info
        ? "move what it returns with to(device)"
        : `convert what it returns with to("${grad.dtype}")`,
    );
  }
  if (!sameShape(result.shape, grad.shape)) {
    throw new RuntimeError(
      `hook '${name}' has changed the size of value`,
      `the gradient has shape ${
        showShape(grad.shape)
      }, what the hook returned ${showShape(result.shape)}`,
    );
  }
  return result;
}

/** What PyTorch calls the type of a tensor: `torch.FloatTensor`. */
function typeName({ info, storage: { device } }: Tensor): string {
  const where = device.type === "cpu" ? "" : `${device.type}.`;
  return `torch.${where}${info.scalarName}Tensor`;
}
