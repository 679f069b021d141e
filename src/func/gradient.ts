// Functions that compute the gradient of a function.

import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkFunction, resolveArgnums, select } from "./argnums.ts";
import { derive, Level, splitAux } from "./level.ts";
import { kindOf, leavesOf, withLeaves } from "./tree.ts";
import type { Argnums, GradientsBy } from "./types.ts";

/** Options of {@linkcode grad} and {@linkcode gradAndValue}. */
export interface GradTransformOptions<N extends Argnums = Argnums> {
  /** By which arguments to differentiate; the first where not given. */
  readonly argnums?: N;
  /** Whether the function returns `[output, aux]`, of which only the first is differentiated. */
  readonly hasAux?: boolean;
}

const KEYS = ["argnums", "hasAux"];
const API = "gradAndValue(f)(*args)";

/**
 * Makes a function that computes the gradient of `fn`, which returns a 0-d
 * tensor, by its first argument, or by those that `argnums` names. An argument
 * may be a tensor, or arrays and objects of tensors; the gradient is like it.
 * With `hasAux`, `fn` returns `[output, aux]`, and the new function
 * `[gradient, aux]`. Tensors in the closure of `fn` are constants here; where
 * they require a gradient, that of the result reaches them. See
 * `torch.func.grad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { grad } = dg.func;
 * const cube = (x: dg.Tensor) => x.pow(3);
 * assertEquals(grad(cube)(dg.tensor(2)).item(), 12);
 * assertEquals(grad(grad(cube))(dg.tensor(2)).item(), 12);
 * const loss = (p: { w: dg.Tensor; b: dg.Tensor }, x: dg.Tensor) =>
 *   p.w.mul(x).add(p.b).sum();
 * const { w, b } = grad(loss)({ w: dg.ones(2), b: dg.zeros(2) }, dg.tensor([3, 4]));
 * assertEquals([w.tolist(), b.tolist()], [[3, 4], [1, 1]]);
 * ```
 */
export function grad<A extends unknown[], const N extends Argnums = 0>(
  fn: (...args: A) => Tensor,
  options?: GradTransformOptions<N> & { readonly hasAux?: false },
): (...args: A) => GradientsBy<A, N>;
/** Makes a function that computes `[gradient, aux]` of one that returns `[output, aux]`. */
export function grad<A extends unknown[], X, const N extends Argnums = 0>(
  fn: (...args: A) => readonly [Tensor, X],
  options: GradTransformOptions<N> & { readonly hasAux: true },
): (...args: A) => [GradientsBy<A, N>, X];
export function grad(
  fn: (...args: unknown[]) => unknown,
  options: GradTransformOptions = {},
): (...args: unknown[]) => unknown {
  checkOptions(options, KEYS, "grad");
  checkFunction(fn, "grad");
  return (...args) => {
    const [gradients, , aux] = compute(fn, args, options);
    return options.hasAux === true ? [gradients, aux] : gradients;
  };
}

/**
 * Makes a function that computes `[gradient, value]` of `fn`, which returns a
 * 0-d tensor; with `hasAux`, `[gradient, [value, aux]]`. See
 * {@linkcode grad} and `torch.func.grad_and_value`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const square = (x: dg.Tensor) => x.mul(x).sum();
 * const [gradient, value] = dg.func.gradAndValue(square)(dg.tensor([1, 2]));
 * assertEquals([gradient.tolist(), value.item()], [[2, 4], 5]);
 * ```
 */
export function gradAndValue<A extends unknown[], const N extends Argnums = 0>(
  fn: (...args: A) => Tensor,
  options?: GradTransformOptions<N> & { readonly hasAux?: false },
): (...args: A) => [GradientsBy<A, N>, Tensor];
/** Makes a function that computes `[gradient, [value, aux]]` of one that returns `[output, aux]`. */
export function gradAndValue<
  A extends unknown[],
  X,
  const N extends Argnums = 0,
>(
  fn: (...args: A) => readonly [Tensor, X],
  options: GradTransformOptions<N> & { readonly hasAux: true },
): (...args: A) => [GradientsBy<A, N>, [Tensor, X]];
export function gradAndValue(
  fn: (...args: unknown[]) => unknown,
  options: GradTransformOptions = {},
): (...args: unknown[]) => unknown {
  checkOptions(options, KEYS, "gradAndValue");
  checkFunction(fn, "gradAndValue");
  return (...args) => {
    const [gradients, value, aux] = compute(fn, args, options);
    return [gradients, options.hasAux === true ? [value, aux] : value];
  };
}

function compute(
  fn: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  { argnums = 0, hasAux = false }: GradTransformOptions,
): [gradients: unknown, value: unknown, aux: unknown] {
  const level = new Level();
  return level.run(() => {
    const numbers = resolveArgnums(argnums, args.length);
    const given = args.slice();
    for (const n of numbers) given[n] = level.inputs(args[n]);
    const [output, aux] = splitAux(fn(...given), hasAux, API);
    checkScalar(output);
    const selected = select(given, argnums, numbers);
    const createGraph = level.reachesOut([output]);
    const found = derive([output], leavesOf(selected) as Tensor[], [null], {
      createGraph,
      // Otherwise nobody else can have seen the graph.
      retainGraph: createGraph,
    });
    return [
      level.settle(withLeaves(selected, found)),
      level.settle(output),
      level.settle(aux),
    ];
  });
}

function checkScalar(output: unknown): asserts output is Tensor {
  if (!isTensor(output)) {
    throw new RuntimeError(
      `${API}: Expected f(*args) to return a Tensor, got ${kindOf(output)}`,
    );
  }
  if (output.shape.length === 0) return;
  throw new RuntimeError(
    `${API}: Expected f(*args) to return a scalar Tensor, got tensor with ${output.shape.length} dims. Maybe you wanted to use the vjp or jacrev APIs instead?`,
    "reduce the result with sum() or mean()",
  );
}
