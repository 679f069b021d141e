// Stochastic gradient descent: the parameters, their options and what is kept
// between steps.

import { enableGrad, noGrad } from "../grad/mode.ts";
import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import {
  accelerate,
  descend,
  firstMomentum,
  follow,
} from "../tensor/ops/descent.ts";
import { keep } from "../tensor/scope.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions {
  /** Learning rate; 1e-3 where not given. */
  readonly lr?: number;
  /** Share of the former step that is kept; 0 where not given. */
  readonly momentum?: number;
  /** Share of the gradient that is kept out of the momentum; 0 where not given. */
  readonly dampening?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Looks ahead along the momentum. */
  readonly nesterov?: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with; the options may be changed between steps. */
export interface SGDGroup {
  /** The parameters. */
  readonly params: readonly Tensor[];
  /** See {@linkcode SGDOptions.lr}. */
  lr: number;
  /** See {@linkcode SGDOptions.momentum}. */
  momentum: number;
  /** See {@linkcode SGDOptions.dampening}. */
  dampening: number;
  /** See {@linkcode SGDOptions.weightDecay}. */
  weightDecay: number;
  /** See {@linkcode SGDOptions.nesterov}. */
  nesterov: boolean;
  /** See {@linkcode SGDOptions.maximize}. */
  maximize: boolean;
}

const KEYS = [
  "lr",
  "momentum",
  "dampening",
  "weightDecay",
  "nesterov",
  "maximize",
];

/**
 * Stochastic gradient descent, with momentum if wanted. `params` are leaves
 * that require a gradient; those whose `grad` is null are left alone. See
 * `torch.optim.SGD`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.SGD([x], { lr: 0.25 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [2]);
 * optimizer.zeroGrad();
 * assertEquals(x.grad, null);
 * ```
 */
export class SGD {
  /** The parameters and their options. See `Optimizer.param_groups`. */
  readonly paramGroups: readonly [SGDGroup];
  readonly #momenta = new Map<Tensor, Tensor>();

  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(params: Iterable<Tensor>, options: SGDOptions = {}) {
    checkOptions(options, KEYS, "SGD");
    const group: SGDGroup = {
      params: parameterList(params),
      lr: options.lr ?? 1e-3,
      momentum: options.momentum ?? 0,
      dampening: options.dampening ?? 0,
      weightDecay: options.weightDecay ?? 0,
      nesterov: options.nesterov ?? false,
      maximize: options.maximize ?? false,
    };
    checkRanges(group);
    this.paramGroups = [group];
  }

  /** Updates every parameter from its `grad`. See `SGD.step`. */
  step(): void;
  /** Calls `closure`, which computes the loss and its gradients, updates, and returns the loss. */
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | void {
    const loss = closure === undefined ? undefined : enableGrad(closure);
    noGrad(() => {
      for (const group of this.paramGroups) {
        for (const x of group.params) {
          if (x.grad !== null) this.#update(x, x.grad, group);
        }
      }
    });
    return loss;
  }

  /** Forgets the gradients, or, with `setToNone: false`, sets them to zero. See `Optimizer.zero_grad`. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    checkOptions(options, ["setToNone"], "zeroGrad");
    const { setToNone = true } = options;
    for (const { params } of this.paramGroups) {
      for (const x of params) {
        if (x.grad === null) continue;
        // A gradient that was recorded starts a history of its own.
        if (setToNone) x.grad = null;
        else x.grad = x.grad.detach().zero_();
      }
    }
  }

  /** Nothing is allocated but the momentum, once. */
  #update(x: Tensor, grad: Tensor, group: SGDGroup): void {
    if (group.momentum === 0) return descend(x, grad, group);
    let kept = this.#momenta.get(x);
    if (kept === undefined) {
      // It outlives the step, whatever scope that is made in.
      kept = keep(firstMomentum(x, grad, group));
      this.#momenta.set(x, kept);
    } else accelerate(kept, x, grad, group);
    follow(kept, x, grad, group);
  }
}

function parameterList(params: Iterable<Tensor>): Tensor[] {
  if (isTensor(params) || !(Symbol.iterator in params)) {
    throw new TypeError(
      "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a single value; give it [x]",
    );
  }
  const list = [...params];
  if (list.length === 0) {
    throw new ValueError("optimizer got an empty parameter list");
  }
  for (const x of list) {
    if (!isTensor(x)) {
      throw new TypeError(
        `optimizer can only optimize Tensors, but one of the params is ${typeof x}`,
      );
    }
    if (!x.isLeaf) {
      throw new ValueError(
        "can't optimize a non-leaf Tensor",
        `the tensor was computed by ${x.gradFn?.name}; give the leaf, or a detach()ed copy`,
      );
    }
  }
  return list;
}

function checkRanges(group: SGDGroup): void {
  const { lr, momentum, weightDecay, nesterov, dampening } = group;
  if (!(lr >= 0)) throw new ValueError(`Invalid learning rate: ${lr}`);
  if (!(momentum >= 0)) {
    throw new ValueError(`Invalid momentum value: ${momentum}`);
  }
  if (!(weightDecay >= 0)) {
    throw new ValueError(`Invalid weightDecay value: ${weightDecay}`);
  }
  if (nesterov && (momentum <= 0 || dampening !== 0)) {
    throw new ValueError(
      "Nesterov momentum requires a momentum and zero dampening",
    );
  }
}
