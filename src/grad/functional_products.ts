// Products of Jacobians and Hessians with vectors, computed at once: vjp, jvp,
// vhp and hvp of dg.autograd.functional.

import { RuntimeError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type ArgumentsOf,
  checkTracked,
  checkVector,
  fillIn,
  finish,
  type ForEach,
  gradients,
  prepare,
  PRODUCT_KEYS,
  type ProductOptions,
  tensorsOf,
  unpack,
} from "./functional_checks.ts";
import type { Tensors } from "./gradient.ts";
import { enableGrad, isGradEnabled, setGradEnabled } from "./mode.ts";

const OUTPUTS = "outputs of the user-provided function";

/** A run of the function, with the vector beside it. */
interface Run {
  readonly inputs: readonly Tensor[];
  readonly several: boolean;
  readonly outputs: readonly Tensor[];
  readonly severalOutputs: boolean;
}

function runFunction(
  name: string,
  fn: (...inputs: never[]) => unknown,
  inputs: Tensors,
  options: ProductOptions,
  review: (run: Omit<Run, "outputs" | "severalOutputs">) => void,
): Run {
  const { createGraph = false, strict = false } = options;
  const given = tensorsOf(inputs, "inputs", name);
  const prepared = prepare(given.list, createGraph, true);
  const { several } = given;
  review({ inputs: prepared, several });
  const found = tensorsOf(fn(...prepared as never[]), OUTPUTS, name);
  checkTracked(found.list, "outputs", strict);
  return {
    inputs: prepared,
    several,
    outputs: found.list,
    severalOutputs: found.several,
  };
}

/** The vector that belongs to the inputs; null where it may be left out. */
function inputVector(
  name: string,
  v: Tensors | null | undefined,
  createGraph: boolean,
  { inputs, several }: Pick<Run, "inputs" | "several">,
): Tensor[] | null {
  if (v == null) {
    if (inputs.length === 1 && inputs[0]!.numel() === 1) return null;
    throw new RuntimeError(
      "The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.",
      "v comes after the inputs, and is like them",
    );
  }
  const list = prepare(tensorsOf(v, "v", name).list, createGraph, false);
  checkVector(list, inputs, several);
  return list;
}

/**
 * Multiplies a vector with the Jacobian of a function: `[outputs, v @ J]`. The
 * vector is like the outputs, and may be left out for a single element; what is
 * multiplied out is like the inputs. See `torch.autograd.functional.vjp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { vjp } = dg.autograd.functional;
 * const x = dg.tensor([1, 2]);
 * const [y, g] = vjp((x) => x.mul(x), x, dg.tensor([1, 10]));
 * assertEquals([y.tolist(), g.tolist()], [[1, 4], [2, 40]]);
 * ```
 */
export function vjp<const I extends Tensors, const O extends Tensors>(
  fn: (...inputs: ArgumentsOf<I>) => O,
  inputs: I,
  v?: Tensors | null,
  options: ProductOptions = {},
): [outputs: O, product: ForEach<I, Tensor>] {
  checkOptions(options, PRODUCT_KEYS, "vjp");
  const { createGraph = false } = options;
  let vector: Tensor[] | null = null;
  const run = enableGrad(() => {
    const run = runFunction("vjp", fn, inputs, options, () => {});
    const { outputs, severalOutputs } = run;
    if (v != null) {
      vector = prepare(tensorsOf(v, "v", "vjp").list, createGraph, false);
      checkVector(vector, outputs, severalOutputs);
    } else if (outputs.length !== 1 || outputs[0]!.numel() !== 1) {
      throw new RuntimeError(
        "The vector v can only be None if the user-provided function returns a single Tensor with a single element.",
        "v comes after the inputs, and is like the outputs",
      );
    }
    return run;
  });
  const product = setGradEnabled(createGraph || isGradEnabled(), () => {
    const found = gradients(run.outputs, run.inputs, vector, createGraph);
    return fillIn(found, run.inputs, options, "back");
  });
  return results(run, product, run.several, createGraph) as [
    O,
    ForEach<I, Tensor>,
  ];
}

function results(
  { outputs, severalOutputs }: Run,
  product: readonly Tensor[],
  several: boolean,
  createGraph: boolean,
): unknown[] {
  return [
    unpack(finish(outputs, createGraph), severalOutputs),
    unpack(finish(product, createGraph), several),
  ];
}

/**
 * Multiplies the Jacobian of a function with a vector: `[outputs, J @ v]`. The
 * vector is like the inputs, and may be left out for a single element; what is
 * multiplied out is like the outputs. It takes two backward passes, the second
 * through the first. See `torch.autograd.functional.jvp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { jvp } = dg.autograd.functional;
 * const x = dg.tensor([1, 2]);
 * const [, t] = jvp((x) => x.mul(x), x, dg.tensor([1, 10]));
 * assertEquals(t.tolist(), [2, 40]);
 * ```
 */
export function jvp<const I extends Tensors, const O extends Tensors>(
  fn: (...inputs: ArgumentsOf<I>) => O,
  inputs: I,
  v?: Tensors | null,
  options: ProductOptions = {},
): [outputs: O, product: ForEach<O, Tensor>] {
  checkOptions(options, PRODUCT_KEYS, "jvp");
  const { createGraph = false, strict = false } = options;
  let vector: Tensor[] | null = null;
  const [run, seeds, found] = enableGrad(() => {
    const run = runFunction("jvp", fn, inputs, options, (given) => {
      vector = inputVector("jvp", v, createGraph, given);
    });
    // A gradient is linear in what enters, so that its value does not matter.
    const seeds = zerosLike(run.outputs);
    const found = gradients(run.outputs, run.inputs, seeds, true);
    checkTracked(found, "gradInputs", strict);
    return [run, seeds, found];
  });
  const product = setGradEnabled(
    createGraph || isGradEnabled(),
    () =>
      fillIn(
        gradients(found, seeds, vector, createGraph),
        run.outputs,
        options,
        "backTrick",
      ),
  );
  return results(run, product, run.severalOutputs, createGraph) as [
    O,
    ForEach<O, Tensor>,
  ];
}

function zerosLike(tensors: readonly Tensor[]): Tensor[] {
  return tensors.map((x) => {
    const zeros = x.newZeros(x.shape);
    return x.info.category >= 2 ? zeros.requiresGrad_() : zeros;
  });
}

/** Runs a function of one element and differentiates it. */
function gradientRun(
  name: string,
  fn: (...inputs: never[]) => unknown,
  inputs: Tensors,
  options: ProductOptions,
  review: (run: Omit<Run, "outputs" | "severalOutputs">) => void,
): Run & { readonly jacobian: (Tensor | null)[] } {
  const run = runFunction(name, fn, inputs, options, review);
  if (run.severalOutputs) {
    throw new RuntimeError(
      `The function given to ${name} should return a single Tensor`,
    );
  }
  if (run.outputs[0]!.numel() !== 1) {
    throw new RuntimeError(
      `The Tensor returned by the function given to ${name} should contain a single element`,
    );
  }
  const jacobian = gradients(run.outputs, run.inputs, null, true);
  checkTracked(jacobian, "jacobian", options.strict ?? false);
  return { ...run, jacobian };
}

/**
 * Multiplies a vector with the matrix of second derivatives of a function with
 * one element: `[output, v @ H]`. Vector and product are like the inputs. See
 * `torch.autograd.functional.vhp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { vhp } = dg.autograd.functional;
 * const x = dg.tensor([1, 2]);
 * const [y, h] = vhp((x) => x.pow(3).sum(), x, dg.tensor([1, 10]));
 * assertEquals([y.item(), h.tolist()], [9, [6, 120]]);
 * ```
 */
export function vhp<const I extends Tensors>(
  fn: (...inputs: ArgumentsOf<I>) => Tensor,
  inputs: I,
  v?: Tensors | null,
  options: ProductOptions = {},
): [output: Tensor, product: ForEach<I, Tensor>] {
  checkOptions(options, PRODUCT_KEYS, "vhp");
  const { createGraph = false } = options;
  let vector: Tensor[] | null = null;
  const run = enableGrad(() =>
    gradientRun("vhp", fn, inputs, options, (given) => {
      vector = inputVector("vhp", v, createGraph, given);
    })
  );
  const product = setGradEnabled(createGraph || isGradEnabled(), () => {
    const found = gradients(run.jacobian, run.inputs, vector, createGraph);
    return fillIn(found, run.inputs, options, "doubleBack");
  });
  return results(run, product, run.several, createGraph) as [
    Tensor,
    ForEach<I, Tensor>,
  ];
}

/**
 * Multiplies the matrix of second derivatives of a function with one element
 * with a vector: `[output, H @ v]`. It takes three backward passes;
 * {@linkcode vhp} takes two, and gives the same where the second derivatives
 * are continuous. See `torch.autograd.functional.hvp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { hvp } = dg.autograd.functional;
 * const x = dg.tensor([1, 2]);
 * const [, h] = hvp((x) => x.pow(3).sum(), x, dg.tensor([1, 10]));
 * assertEquals(h.tolist(), [6, 120]);
 * ```
 */
export function hvp<const I extends Tensors>(
  fn: (...inputs: ArgumentsOf<I>) => Tensor,
  inputs: I,
  v?: Tensors | null,
  options: ProductOptions = {},
): [output: Tensor, product: ForEach<I, Tensor>] {
  checkOptions(options, PRODUCT_KEYS, "hvp");
  const { createGraph = false, strict = false } = options;
  let vector: Tensor[] | null = null;
  const [run, seeds, found] = enableGrad(() => {
    const run = gradientRun("hvp", fn, inputs, options, (given) => {
      vector = inputVector("hvp", v, createGraph, given);
    });
    const seeds = zerosLike(run.inputs);
    const found = gradients(run.jacobian, run.inputs, seeds, true);
    checkTracked(run.jacobian, "hessian", strict);
    return [run, seeds, found];
  });
  const product = setGradEnabled(
    createGraph || isGradEnabled(),
    () =>
      fillIn(
        gradients(found, seeds, vector, createGraph),
        run.inputs,
        options,
        "doubleBackTrick",
      ),
  );
  return results(run, product, run.several, createGraph) as [
    Tensor,
    ForEach<I, Tensor>,
  ];
}
