// The methods of tensors: autograd. One line each; the functions are the tape's.

import { backward, type BackwardOptions } from "../../grad/backward.ts";
import type { ViewPlace } from "../../grad/history.ts";
import {
  type GradHook,
  type HookHandle,
  registerHook,
  registerPostAccumulateGradHook,
  retainGrad,
  retainsGrad,
} from "../../grad/hooks.ts";
import { emptyTensor } from "../op.ts";
import { embedView, eraseView, extractView } from "../ops/view_gradient.ts";
import { Creation } from "./creation.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for autograd. */
export class Differentiation extends Creation {
  /**
   * Computes the gradients of this tensor with respect to the leaves of its
   * graph and adds them to their `grad`. A tensor of one element needs no
   * `gradient`. See `Tensor.backward`.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const x = dg.tensor([1, 2], { requiresGrad: true });
   * x.mul(x).backward(dg.tensor([1, 10]));
   * assertEquals(x.grad!.tolist(), [2, 40]);
   * ```
   */
  backward(
    this: Tensor,
    gradient?: Tensor | null,
    options?: BackwardOptions,
  ): void {
    backward(this, gradient, options);
  }

  /**
   * Calls `hook` with the gradient of this tensor in each backward pass; a
   * tensor that it returns takes the gradient's place. See
   * `Tensor.register_hook`.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const x = dg.ones(2, { requiresGrad: true });
   * using _ = x.registerHook((grad) => grad.mul(10));
   * x.sum().backward();
   * assertEquals(x.grad!.tolist(), [10, 10]);
   * ```
   */
  registerHook(this: Tensor, hook: GradHook): HookHandle {
    return registerHook(this, hook);
  }

  /**
   * Calls `hook` with this leaf after each addition to its `grad`. See
   * `Tensor.register_post_accumulate_grad_hook`.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const x = dg.ones(2, { requiresGrad: true });
   * x.registerPostAccumulateGradHook((it) => it.grad = it.grad!.mul(3));
   * x.sum().backward();
   * assertEquals(x.grad!.tolist(), [3, 3]);
   * ```
   */
  registerPostAccumulateGradHook(
    this: Tensor,
    hook: (variable: Tensor) => void,
  ): HookHandle {
    return registerPostAccumulateGradHook(this, hook);
  }

  /**
   * Lets a computed tensor keep its gradient in `grad`. See
   * `Tensor.retain_grad`.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const y = dg.ones(2, { requiresGrad: true }).mul(2);
   * y.retainGrad();
   * y.sum().backward();
   * assertEquals(y.grad!.tolist(), [1, 1]);
   * ```
   */
  retainGrad(this: Tensor): void {
    retainGrad(this);
  }

  /** Whether a computed tensor keeps its gradient. See `Tensor.retains_grad`. */
  get retainsGrad(): boolean {
    return retainsGrad(this as unknown as Tensor);
  }

  /** For autograd only: the gradient that enters at an output of one element. */
  unitGradient(this: Tensor): Tensor {
    const { device } = this.storage;
    const out = emptyTensor(device, this.info, this.shape);
    device.fill(out, 1);
    return out;
  }

  /** For autograd only: what a view sees of its base's gradient. */
  extractView(this: Tensor, place: ViewPlace): Tensor {
    return extractView(this, place);
  }

  /** For autograd only: the gradient of the base of a view. */
  embedView(this: Tensor, place: ViewPlace): Tensor {
    return embedView(this, place);
  }

  /** For autograd only: a base's gradient without what a view covers. */
  eraseView(this: Tensor, place: ViewPlace): Tensor {
    return eraseView(this, place);
  }
}
