// The end of a backward pass: gradients are added to the tensors that keep
// them. Tensors are known as types only.

import { DISPOSED, refuseDisposed } from "../tensor/disposal.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { SCOPE } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { record } from "./history.ts";
import { MODE } from "./mode.ts";
import type { Differentiable, Node } from "./node.ts";
import { discard } from "./ownership.ts";

/** A gradient on its way to the `grad` of a tensor. */
export interface Delivery {
  /** The leaf, or the tensor that retains its gradient. */
  readonly variable: Tensor;
  /** The gradient. */
  readonly grad: Tensor;
  /** Whether nothing else holds its memory. */
  readonly owned: boolean;
  /** The node of the leaf, for its hooks; null for a tensor that retains its gradient. */
  readonly node: Node | null;
  /** Whether a new tensor takes the place of the former gradient. */
  readonly replaces: boolean;
}

/** What PyTorch records when it copies a gradient that can be differentiated. */
const COPY: Differentiable = {
  name: "copy",
  node: "CopyBackwards",
  vjps: [(g) => g],
  saves: [0],
};

/**
 * A gradient on the device of the tensor that it belongs to: a single number
 * moves there, as in PyTorch, anything else is an error of the node `source`.
 */
export function beside(
  variable: Tensor,
  grad: Tensor,
  source: Node | null,
  k: number,
): Tensor {
  const { device } = variable.storage;
  const found = grad.storage.device;
  if (found === device || device === DISPOSED) return grad;
  // Under vmap a gradient may be mapped where its tensor is not.
  if (found.lift !== undefined || device.lift !== undefined) return grad;
  if (grad.shape.length === 0) return grad.to(device);
  const subject = source === null
    ? "invalid gradient"
    : `Function ${source.name} returned an invalid gradient`;
  throw new RuntimeError(
    `${subject} at index ${k} - expected device ${device.type} but got ${found.type}`,
    "move it with to(device)",
  );
}

/** Fails where a gradient could not be added: before the first is. */
export function checkDelivery({ variable: { gradient } }: Delivery): void {
  if (gradient !== null && gradient.storage.device === DISPOSED) {
    refuseDisposed("the grad of a leaf");
  }
}

/** Adds a gradient to the `grad` of a tensor: into the same object, unless it may be differentiated. */
export function deliver(delivery: Delivery): void {
  const { variable, grad, node } = delivery;
  if (SCOPE.current !== null) SCOPE.current.touch(variable);
  const old = variable.gradient;
  if (old !== null) {
    if (delivery.replaces) variable.gradient = old.add(grad);
    else {
      old.add_(grad);
      if (delivery.owned) discard(grad, null);
    }
  } else if (delivery.owned && !MODE.grad) variable.gradient = grad;
  else variable.gradient = copyOf(grad);
  if (node !== null && node.postHooks !== null) {
    for (const hook of node.postHooks.slice()) hook(variable);
  }
}

/** A copy, because a gradient may be shared with others or be an expanded view. */
function copyOf(grad: Tensor): Tensor {
  const copy = grad.detach().clone();
  record(COPY, [grad], copy, null);
  return copy;
}
