/**
 * Pruning: PyTorch's `torch.nn.utils.prune`. The pruned tensor is computed
 * before each call as a mask, `weightMask`, times what is trained,
 * `weightOrig`. An amount is a share of the elements where it is a fraction, and
 * a number of elements where it is an integer.
 *
 * @module
 */
// The namespace `dg.nn.utils.prune`.

import { noGrad } from "../../grad/mode.ts";
import { ValueError } from "../../tensor/errors.ts";
import { rand, randLike } from "../../tensor/random.ts";
import { checkOptions, sameShape, showShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Module } from "../module.ts";
import {
  combined,
  type Method,
  structured,
  unstructured,
} from "./prune_masks.ts";
import {
  clearField,
  fieldOf,
  forget,
  parameterOf,
  reparametrizations,
  reparametrize,
} from "./reparametrization.ts";

const KIND = "prune";

/** Options of pruning by importance. */
export interface ImportanceOptions {
  /** Stands in for the tensor where elements are compared; of its shape. */
  readonly importanceScores?: Tensor;
}

function apply<M extends Module>(
  module: M,
  name: string,
  method: Method,
  scores?: Tensor,
): M {
  const [orig, masked] = [`${name}Orig`, `${name}Mask`];
  const again = reparametrizations(module, KIND).has(name);
  const current = again ? fieldOf(module, name) : parameterOf(module, name);
  if (scores !== undefined && !sameShape(scores.shape, current.shape)) {
    throw new ValueError(
      `importanceScores should have the same shape as parameter ${name} of ${module}, got ${
        showShape(scores.shape)
      } vs ${showShape(current.shape)}`,
    );
  }
  const mask = noGrad(() => {
    const importance = scores ?? current.detach();
    return again
      ? combined(method, importance, fieldOf(module, masked))
      : method.maskOf(importance, importance.newOnes(current.shape));
  });
  if (again) forget(module, name, KIND);
  else {
    const parameter = parameterOf(module, name);
    clearField(module, name);
    module.registerParameter(orig, parameter);
  }
  module.registerBuffer(masked, mask.to(current.dtype));
  const compute = (of: Module) => fieldOf(of, masked).mul(fieldOf(of, orig));
  module.setMember(name, compute(module));
  reparametrize(module, name, KIND, [orig, masked], compute);
  return module;
}

/**
 * Prepares a parameter for pruning without pruning anything. See
 * `torch.nn.utils.prune.identity`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = prune.identity(new dg.nn.Linear(3, 2), "weight");
 * assertEquals(layer.getBuffer("weight_mask").sum().item(), 6);
 * ```
 */
export function identity<M extends Module>(module: M, name: string): M {
  return apply(module, name, {
    type: "unstructured",
    maskOf: (_, mask) => mask,
  });
}

/**
 * Prunes elements by chance. See `torch.nn.utils.prune.random_unstructured`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = new dg.nn.Linear(3, 2);
 * prune.randomUnstructured(layer, "weight", 0.5);
 * assertEquals(layer.weight.eq(0).sum().item(), 3);
 * ```
 */
export function randomUnstructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
): M {
  return apply(module, name, unstructured(amount, true, (x) => randLike(x)));
}

/**
 * Prunes the elements with the smallest absolute values. See
 * `torch.nn.utils.prune.l1_unstructured`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = new dg.nn.Linear(3, 1);
 * layer.weight.data = dg.tensor([[0.5, -0.1, 2]]);
 * prune.l1Unstructured(layer, "weight", 1);
 * assertEquals(layer.weight.tolist(), [[0.5, 0, 2]]);
 * ```
 */
export function l1Unstructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
  options: ImportanceOptions = {},
): M {
  checkOptions(options, ["importanceScores"], "l1Unstructured");
  const method = unstructured(amount, false, (x) => x.abs());
  return apply(module, name, method, options.importanceScores);
}

/**
 * Prunes whole channels along `dim` by chance. See
 * `torch.nn.utils.prune.random_structured`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = new dg.nn.Linear(3, 4);
 * prune.randomStructured(layer, "weight", 2, 0);
 * assertEquals(layer.weight.eq(0).all(1).sum().item(), 2);
 * ```
 */
export function randomStructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
  dim: number,
): M {
  const method = structured(amount, dim, (scores, size, count) => {
    const chance = rand(size).to(scores.device);
    return chance.gt(chance.kthvalue(count).values).to(scores.dtype);
  });
  return apply(module, name, method);
}

/**
 * Prunes the channels along `dim` with the smallest norms of order `n`. See
 * `torch.nn.utils.prune.ln_structured`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = new dg.nn.Linear(1, 3);
 * layer.weight.data = dg.tensor([[3], [-1], [2]]);
 * prune.lnStructured(layer, "weight", 1, 2, 0);
 * assertEquals(layer.weight.tolist(), [[3], [0], [2]]);
 * ```
 */
export function lnStructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
  n: number,
  dim: number,
  options: ImportanceOptions = {},
): M {
  checkOptions(options, ["importanceScores"], "lnStructured");
  const method = structured(amount, dim, (scores, size, count) => {
    const rank = scores.shape.length;
    const at = dim < 0 ? dim + rank : dim;
    const others = scores.shape.map((_, d) => d).filter((d) => d !== at);
    const norms = scores.norm(others, { p: n });
    const { indices } = norms.topk(size - count, -1);
    return scores.newZeros([size]).indexFill(0, indices, 1);
  });
  return apply(module, name, method, options.importanceScores);
}

/**
 * Prunes where a mask is zero. See `torch.nn.utils.prune.custom_from_mask`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = new dg.nn.Linear(2, 1);
 * prune.customFromMask(layer, "weight", dg.tensor([[0, 1]]));
 * assertEquals(layer.weight.eq(0).tolist(), [[true, false]]);
 * ```
 */
export function customFromMask<M extends Module>(
  module: M,
  name: string,
  mask: Tensor,
): M {
  return apply(module, name, {
    type: "global",
    maskOf: (_, old) => {
      if (!sameShape(old.shape, mask.shape)) {
        throw new ValueError(
          `defaultMask shape ${showShape(old.shape)} must match mask shape ${
            showShape(mask.shape)
          }`,
        );
      }
      return old.mul(mask.to(old.dtype));
    },
  });
}

/** What {@linkcode globalUnstructured} prunes by. */
export type GlobalMethod = "l1Unstructured" | "randomUnstructured";

/**
 * Prunes elements of several parameters, compared with each other: `parameters`
 * are pairs of a module and a name. See
 * `torch.nn.utils.prune.global_unstructured`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const [a, b] = [new dg.nn.Linear(2, 1), new dg.nn.Linear(2, 1)];
 * a.weight.data = dg.tensor([[1, 2]]);
 * b.weight.data = dg.tensor([[3, 4]]);
 * const both = [[a, "weight"], [b, "weight"]] as const;
 * prune.globalUnstructured(both, "l1Unstructured", 2);
 * assertEquals([a.weight.tolist(), b.weight.tolist()], [[[0, 0]], [[3, 4]]]);
 * ```
 */
export function globalUnstructured(
  parameters: Iterable<readonly [Module, string]>,
  method: GlobalMethod,
  amount: number,
): void {
  const pairs = [...parameters];
  const ranks = method === "l1Unstructured"
    ? (x: Tensor) => x.abs()
    : (x: Tensor) => randLike(x);
  const chosen = unstructured(amount, method !== "l1Unstructured", ranks);
  const [first] = pairs;
  if (first === undefined) return;
  const masks = noGrad(() => {
    const tensors = pairs.map(([module, name]) => fieldOf(module, name));
    const old = pairs.map(([module, name], k) =>
      reparametrizations(module, KIND).has(name)
        ? fieldOf(module, `${name}Mask`)
        : tensors[k]!.newOnes(tensors[k]!.shape)
    );
    const join = (list: Tensor[]) => {
      const size = list.reduce((sum, x) => sum + x.numel(), 0);
      const out = list[0]!.newEmpty([size]);
      let start = 0;
      for (const x of list) {
        out.narrow(0, start, x.numel()).copy_(x.detach().reshape(-1));
        start += x.numel();
      }
      return out;
    };
    const mask = combined(chosen, join(tensors), join(old));
    let start = 0;
    return tensors.map((x) => {
      const part = mask.narrow(0, start, x.numel()).reshape(x.shape);
      start += x.numel();
      return part;
    });
  });
  pairs.forEach(([module, name], k) => customFromMask(module, name, masks[k]!));
}

/**
 * Makes pruning permanent: the parameter, with its zeros, is itself again. See
 * `torch.nn.utils.prune.remove`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const layer = prune.l1Unstructured(new dg.nn.Linear(3, 2), "weight", 0.5);
 * prune.remove(layer, "weight");
 * assertEquals(Object.keys(layer.stateDict()), ["bias", "weight"]);
 * assertEquals(layer.weight.eq(0).sum().item(), 3);
 * ```
 */
export function remove<M extends Module>(module: M, name: string): M {
  const found = forget(module, name, KIND);
  if (found === undefined) {
    throw new ValueError(
      `Parameter '${name}' of module ${module} has to be pruned before pruning can be removed`,
    );
  }
  const parameter = parameterOf(module, `${name}Orig`);
  parameter.data = noGrad(() => found.compute(module));
  for (const field of [name, ...found.fields]) clearField(module, field);
  module.registerParameter(name, parameter);
  return module;
}

/**
 * Whether a module, or one inside, is pruned. See
 * `torch.nn.utils.prune.is_pruned`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { prune } = dg.nn.utils;
 * const model = new dg.nn.Sequential(new dg.nn.Linear(3, 2));
 * assertEquals(prune.isPruned(model), false);
 * prune.identity(model[0]!, "weight");
 * assertEquals(prune.isPruned(model), true);
 * ```
 */
export function isPruned(module: Module): boolean {
  for (const inside of module.modules()) {
    if (reparametrizations(inside, KIND).size > 0) return true;
  }
  return false;
}
