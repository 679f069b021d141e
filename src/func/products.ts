// Products of a function's Jacobian with vectors, from the left and from the
// right. Both go by the tape: a Jacobian times a vector is the derivative of the
// gradient, which is linear in what enters at the outputs, by just that.

import { isTracked } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions, sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  derive,
  deriveOrNull,
  Level,
  outputTensors,
  splitAux,
} from "./level.ts";
import { checkFunction } from "./argnums.ts";
import { kindOf, leavesOf, structureOf, withLeaves } from "./tree.ts";
import type { MapTensors } from "./types.ts";

/** Options of {@linkcode vjp}. */
export interface VjpTransformOptions {
  /** Whether the function returns `[output, aux]`, of which only the first is differentiated. */
  readonly hasAux?: boolean;
}

/** Options of {@linkcode jvp}. */
export interface JvpTransformOptions extends VjpTransformOptions {
  /** Fails where an output does not depend on the inputs, instead of giving zeros. */
  readonly strict?: boolean;
}

/** How the pass of a {@linkcode VjpFunction} runs. */
export interface VjpCallOptions {
  /** Keeps what the graph saved, for another call; true where not given. */
  readonly retainGraph?: boolean;
  /** Records the pass, so that its results can be differentiated; by default where gradients are recorded. */
  readonly createGraph?: boolean;
}

/** Multiplies a vector, which is like the function's result, with the Jacobian: a result for each argument. */
export type VjpFunction<R, A extends readonly unknown[]> = (
  cotangents: MapTensors<R, Tensor>,
  options?: VjpCallOptions,
) => { -readonly [K in keyof A]: MapTensors<A[K], Tensor> };

const VJP = "vjp(f, *primals)";
const JVP = "jvp(f, primals, tangents)";

/**
 * Runs `fn` on `primals`, which are its arguments in an array, and returns its
 * result and a function that multiplies vectors with the Jacobian: given what
 * is like the result, it returns an array with what is like each argument. With
 * `hasAux`, `fn` returns `[output, aux]`, and `aux` comes third. See
 * `torch.func.vjp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * const [y, vjpFn] = dg.func.vjp((x: dg.Tensor) => x.mul(x), [x]);
 * assertEquals(y.tolist(), [1, 4]);
 * const [g] = vjpFn(dg.tensor([1, 10]));
 * assertEquals(g.tolist(), [2, 40]);
 * ```
 */
export function vjp<A extends unknown[], R>(
  fn: (...args: A) => R,
  primals: readonly [...A],
  options?: VjpTransformOptions & { readonly hasAux?: false },
): [output: R, vjpFn: VjpFunction<R, A>];
/** The same for a function that returns `[output, aux]`. */
export function vjp<A extends unknown[], R, X>(
  fn: (...args: A) => readonly [R, X],
  primals: readonly [...A],
  options: VjpTransformOptions & { readonly hasAux: true },
): [output: R, vjpFn: VjpFunction<R, A>, aux: X];
export function vjp(
  fn: (...args: never[]) => unknown,
  primals: readonly unknown[],
  options: VjpTransformOptions = {},
): unknown[] {
  checkOptions(options, ["hasAux"], "vjp");
  checkFunction(fn, "vjp");
  checkList(primals, "vjp", "primals");
  const { output, vjpFn, aux } = pullback(
    fn,
    primals,
    [...primals.keys()],
    options.hasAux ?? false,
  );
  return options.hasAux === true ? [output, vjpFn, aux] : [output, vjpFn];
}

/** A function's result, and the way back from it. */
export interface Pullback {
  /** The result. */
  readonly output: unknown;
  /** From what is like the result to what is like each selected argument. */
  readonly vjpFn: (cotangents: unknown, options?: VjpCallOptions) => unknown[];
  /** What the function returned besides. */
  readonly aux: unknown;
}

/** {@linkcode vjp} by some of the arguments only. */
export function pullback(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  numbers: readonly number[],
  hasAux: boolean,
): Pullback {
  const level = new Level();
  const given = args.slice();
  const [output, aux, outputs] = level.run(() => {
    for (const n of numbers) given[n] = level.inputs(args[n]);
    const [output, aux] = splitAux(fn(...given as never[]), hasAux, VJP);
    return [output, aux, floatOutputs(output)];
  });
  const primals = numbers.map((n) => given[n]);
  const inputs = leavesOf(primals) as Tensor[];
  const outside = level.reachesOut(outputs);
  const vjpFn = (
    cotangents: unknown,
    options: VjpCallOptions = {},
  ): unknown[] => {
    checkOptions(options, ["retainGraph", "createGraph"], "vjpFn");
    if (structureOf(cotangents) !== structureOf(output)) {
      throw new RuntimeError(
        `Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: ${
          structureOf(cotangents)
        }, primal output: ${structureOf(output)}`,
      );
    }
    const seeds = leavesOf(cotangents) as Tensor[];
    const { createGraph = MODE.grad, retainGraph = true } = options;
    const found = derive(outputs, inputs, seeds, {
      retainGraph,
      createGraph: createGraph &&
        (outside || seeds.some((x) => isTensor(x) && isTracked(x))),
    });
    return withLeaves(primals, found) as unknown[];
  };
  return { output: level.settle(output), vjpFn, aux: level.settle(aux) };
}

function floatOutputs(output: unknown): Tensor[] {
  const outputs = outputTensors(output, VJP);
  for (const x of outputs) {
    if (x.info.category >= 2) continue;
    throw new RuntimeError(
      `vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype ${x.dtype}`,
      "return what is no float as [output, aux], with { hasAux: true }",
    );
  }
  return outputs;
}

/**
 * Runs `fn` on `primals`, which are its arguments in an array, and multiplies
 * its Jacobian with `tangents`, which are like them: returns
 * `[output, tangentOfOutput]`. With `hasAux`, `fn` returns `[output, aux]`, and
 * `aux` comes third.
 *
 * PyTorch computes this in forward mode. Here it is two backward passes, the
 * second through the first: the values are the same, the cost is that of a
 * second derivative, and a function with a derivative of one's own must have one
 * that can be differentiated. See `torch.func.jvp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * const [y, t] = dg.func.jvp((x) => x.mul(x), [x], [dg.tensor([1, 10])]);
 * assertEquals([y.tolist(), t.tolist()], [[1, 4], [2, 40]]);
 * ```
 */
export function jvp<A extends unknown[], R>(
  fn: (...args: A) => R,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: MapTensors<A[K], Tensor> },
  options?: JvpTransformOptions & { readonly hasAux?: false },
): [output: R, tangent: MapTensors<R, Tensor>];
/** The same for a function that returns `[output, aux]`. */
export function jvp<A extends unknown[], R, X>(
  fn: (...args: A) => readonly [R, X],
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: MapTensors<A[K], Tensor> },
  options: JvpTransformOptions & { readonly hasAux: true },
): [output: R, tangent: MapTensors<R, Tensor>, aux: X];
export function jvp(
  fn: (...args: never[]) => unknown,
  primals: readonly unknown[],
  tangents: readonly unknown[],
  options: JvpTransformOptions = {},
): unknown[] {
  checkOptions(options, ["hasAux", "strict"], "jvp");
  checkFunction(fn, "jvp");
  const { hasAux = false, strict = false } = options;
  checkTangents(primals, tangents);
  const { output, push, aux } = pushforward(
    fn,
    primals,
    [...primals.keys()],
    hasAux,
    JVP,
  );
  const tangent = push(leavesOf(tangents) as Tensor[], strict);
  return hasAux ? [output, tangent, aux] : [output, tangent];
}

/** A function's result, and how it changes with its arguments. */
export interface Pushforward {
  /** The result. */
  readonly output: unknown;
  /** From tangents of the selected arguments, without their structure, to what is like the result. */
  readonly push: (tangents: readonly Tensor[], strict: boolean) => unknown;
  /** What the function returned besides. */
  readonly aux: unknown;
}

/** {@linkcode jvp} by some of the arguments only, for any number of tangents. */
export function pushforward(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  numbers: readonly number[],
  hasAux: boolean,
  api: string,
): Pushforward {
  const level = new Level();
  const given = args.slice();
  const [output, aux, outputs, seeds, gradients] = level.run(() => {
    for (const n of numbers) given[n] = level.inputs(args[n]);
    const [output, aux] = splitAux(fn(...given as never[]), hasAux, api);
    const outputs = outputTensors(output, api);
    const floats = outputs.filter((x) => x.info.category >= 2);
    // A gradient is linear in them, so that their values do not matter.
    const seeds = floats.map((x) => level.input(x.newZeros(x.shape)));
    const inputs = leavesOf(numbers.map((n) => given[n])) as Tensor[];
    const gradients = deriveOrNull(floats, inputs, seeds, {
      createGraph: true,
      retainGraph: true,
    });
    return [output, aux, outputs, seeds, gradients];
  });
  const outside = level.reachesOut(outputs);
  const push = (tangents: readonly Tensor[], strict: boolean): unknown => {
    const used = [...gradients.keys()].filter((k) => gradients[k] !== null);
    const found = deriveOrNull(
      used.map((k) => gradients[k]!),
      seeds,
      used.map((k) => tangents[k]!),
      {
        createGraph: level.recorded && (outside || tangents.some(isTracked)),
        retainGraph: true,
      },
    );
    let next = 0;
    const all = outputs.map((x) => {
      const tangent = x.info.category >= 2 ? found[next++]! : null;
      if (tangent === null && strict) {
        throw new RuntimeError(
          "jvp(f, primals, tangents, strict=true): The output of f is independent of the inputs. This is not allowed with strict=true.",
        );
      }
      return tangent ?? x.newZeros(x.shape);
    });
    return withLeaves(output, all);
  };
  return { output: level.settle(output), push, aux: level.settle(aux) };
}

/** Fails unless a value is an array, as Python's `*args` are here. */
export function checkList(value: unknown, fn: string, name: string): void {
  if (Array.isArray(value)) return;
  throw new TypeError(
    `${fn}(): argument '${name}' must be an array of the function's arguments, not ${
      kindOf(value)
    }; write [x]`,
  );
}

function checkTangents(
  primals: readonly unknown[],
  tangents: readonly unknown[],
): void {
  if (!Array.isArray(primals)) {
    throw new RuntimeError(
      `${JVP}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).`,
      "primals is the array of the function's arguments: write [x]",
    );
  }
  const structures = [structureOf(primals), structureOf(tangents)];
  if (structures[0] !== structures[1]) {
    throw new RuntimeError(
      `${JVP}: Expected primals and tangents to have the same python structure. For example, if primals is a tuple of 3 tensors, tangents also must be. Got primals with structure ${
        structures[0]
      } and tangents with structure ${structures[1]}`,
    );
  }
  const tangentLeaves = leavesOf(tangents);
  checkTensors(leavesOf(primals), "primals");
  checkTensors(tangentLeaves, "tangents");
  leavesOf(primals).forEach((x, k) => {
    const { shape } = x as Tensor;
    const tangent = tangentLeaves[k] as Tensor;
    if (sameShape(tangent.shape, shape)) return;
    throw new RuntimeError(
      `Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size ${
        showShape(shape)
      } while the given forward gradient is of size ${
        showShape(tangent.shape)
      }.`,
    );
  });
}

function checkTensors(leaves: readonly unknown[], name: string): void {
  if (leaves.length === 0) {
    throw new RuntimeError(
      `${JVP}: Expected ${name} to contain at least one Tensor.`,
    );
  }
  for (const x of leaves) {
    if (isTensor(x)) continue;
    throw new RuntimeError(
      `${JVP}: Expected ${name} to only contain Tensors, got ${kindOf(x)}`,
    );
  }
}
