// Functions that compute all derivatives of a function: by rows, a backward
// pass for each element of the result, or by columns, one for each element of
// the arguments.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { cat } from "../tensor/ops/joining.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkFunction, resolveArgnums, select } from "./argnums.ts";
import { basisFor, basisSize } from "./basis.ts";
import { pullback, pushforward } from "./products.ts";
import { mapRows } from "./vmap.ts";
import { leavesOf, mapLeaves, withLeaves } from "./tree.ts";
import type { Argnums, HessiansBy, JacobiansBy } from "./types.ts";

/** Options of {@linkcode jacrev}. */
export interface JacrevOptions<N extends Argnums = Argnums> {
  /** By which arguments to differentiate; the first where not given. */
  readonly argnums?: N;
  /** Whether the function returns `[output, aux]`, of which only the first is differentiated. */
  readonly hasAux?: boolean;
  /** How many rows to compute at once; all where not given. */
  readonly chunkSize?: number | null;
}

/** Options of {@linkcode jacfwd}. */
export interface JacfwdOptions<N extends Argnums = Argnums> {
  /** By which arguments to differentiate; the first where not given. */
  readonly argnums?: N;
  /** Whether the function returns `[output, aux]`, of which only the first is differentiated. */
  readonly hasAux?: boolean;
  /** Accepted as PyTorch does: the function runs once here, so that random numbers are drawn once. */
  readonly randomness?: "error" | "different" | "same";
}

/** Options of {@linkcode hessian}. */
export interface HessianOptions<N extends Argnums = Argnums> {
  /** By which arguments to differentiate; the first where not given. */
  readonly argnums?: N;
}

/**
 * Makes a function that computes the Jacobian of `fn` by its first argument, or
 * by those that `argnums` names, in reverse mode: for a result of shape `[m]`
 * and an argument of shape `[n]` a tensor of shape `[m, n]`. Results and
 * arguments may be arrays and objects of tensors; the Jacobian is like the
 * result, with what is like the arguments in the place of each tensor. See
 * `torch.func.jacrev`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const jacobian = dg.func.jacrev((x: dg.Tensor) => x.mul(x));
 * assertEquals(jacobian(dg.tensor([1, 2])).tolist(), [[2, 0], [0, 4]]);
 * ```
 */
export function jacrev<A extends unknown[], R, const N extends Argnums = 0>(
  fn: (...args: A) => R,
  options?: JacrevOptions<N> & { readonly hasAux?: false },
): (...args: A) => JacobiansBy<R, A, N>;
/** Makes a function that computes `[jacobian, aux]` of one that returns `[output, aux]`. */
export function jacrev<A extends unknown[], R, X, const N extends Argnums = 0>(
  fn: (...args: A) => readonly [R, X],
  options: JacrevOptions<N> & { readonly hasAux: true },
): (...args: A) => [JacobiansBy<R, A, N>, X];
export function jacrev(
  fn: (...args: never[]) => unknown,
  options: JacrevOptions = {},
): (...args: unknown[]) => unknown {
  checkOptions(options, ["argnums", "hasAux", "chunkSize"], "jacrev");
  checkFunction(fn, "jacrev");
  const { argnums = 0, hasAux = false, chunkSize = null } = options;
  checkChunkSize(chunkSize);
  return (...args) => {
    const numbers = resolveArgnums(argnums, args.length);
    checkRealLeaves("jacrev", "inputs", select(args, argnums, numbers));
    const { output, vjpFn, aux } = pullback(fn, args, numbers, hasAux);
    checkRealLeaves("jacrev", "outputs", output);
    const outputs = leavesOf(output) as Tensor[];
    const size = basisSize(outputs);
    const step = chunkSize ?? Math.max(size, 1);
    const selected = select(args, argnums, numbers);
    const inputs = leavesOf(selected) as Tensor[];
    const chunks: Tensor[][] = [];
    for (let at = 0; at < size || chunks.length === 0; at += step) {
      const basis = basisFor(outputs, at, Math.min(at + step, size));
      chunks.push(
        rowsOf(
          basis,
          Math.min(step, size - at),
          inputs,
          (row) => leavesOf(vjpFn(withLeaves(output, row))) as Tensor[],
        ),
      );
    }
    const columns = inputs.map((_, k) =>
      // A copy less, of what may be large.
      chunks.length === 1 ? chunks[0]![k]! : cat(chunks.map((rows) => rows[k]!))
    );
    let first = 0;
    const jacobian = mapLeaves(output, (y) => {
      const { shape, count } = y as Tensor;
      const blocks = inputs.map((x, k) =>
        columns[k]!.narrow(0, first, count).reshape([...shape, ...x.shape])
      );
      first += count;
      return withLeaves(selected, blocks);
    });
    return hasAux ? [jacobian, aux] : jacobian;
  };
}

function checkChunkSize(chunkSize: number | null): void {
  if (chunkSize === null || chunkSize > 0) return;
  throw new ValueError("jacrev: `chunkSize` should be greater than 0.");
}

/** Runs a function on each vector of a basis, all at once; stacks what it gives, which is like `like`. */
function rowsOf(
  basis: readonly Tensor[],
  count: number,
  like: readonly Tensor[],
  fn: (vector: readonly Tensor[]) => Tensor[],
): Tensor[] {
  if (count === 0) return like.map((x) => x.newZeros([0, ...x.shape]));
  if (count > 1) return mapRows(basis, count, fn);
  // As in PyTorch, a single one runs without what vmap cannot do.
  return fn(basis.map((x) => x.select(0, 0))).map((x) => x.unsqueeze(0));
}

/**
 * Makes a function that computes the Jacobian as {@linkcode jacrev} does, by
 * columns: better where there are fewer inputs than outputs. PyTorch computes
 * them in forward mode; here each is a second backward pass, see
 * {@linkcode jvp}. See `torch.func.jacfwd`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const jacobian = dg.func.jacfwd((x: dg.Tensor) => x.mul(x));
 * assertEquals(jacobian(dg.tensor([1, 2])).tolist(), [[2, 0], [0, 4]]);
 * ```
 */
export function jacfwd<A extends unknown[], R, const N extends Argnums = 0>(
  fn: (...args: A) => R,
  options?: JacfwdOptions<N> & { readonly hasAux?: false },
): (...args: A) => JacobiansBy<R, A, N>;
/** Makes a function that computes `[jacobian, aux]` of one that returns `[output, aux]`. */
export function jacfwd<A extends unknown[], R, X, const N extends Argnums = 0>(
  fn: (...args: A) => readonly [R, X],
  options: JacfwdOptions<N> & { readonly hasAux: true },
): (...args: A) => [JacobiansBy<R, A, N>, X];
export function jacfwd(
  fn: (...args: never[]) => unknown,
  options: JacfwdOptions = {},
): (...args: unknown[]) => unknown {
  checkOptions(options, ["argnums", "hasAux", "randomness"], "jacfwd");
  checkFunction(fn, "jacfwd");
  const { argnums = 0, hasAux = false } = options;
  return (...args) => {
    const numbers = resolveArgnums(argnums, args.length);
    checkRealLeaves("jacfwd", "inputs", select(args, argnums, numbers));
    const { output, push, aux } = pushforward(
      fn,
      args,
      numbers,
      hasAux,
      "jvp(f, primals, tangents)",
    );
    checkRealLeaves("jacfwd", "outputs", output);
    const selected = select(args, argnums, numbers);
    const inputs = leavesOf(selected) as Tensor[];
    const size = basisSize(inputs);
    const columns = rowsOf(
      basisFor(inputs, 0, size),
      size,
      leavesOf(output) as Tensor[],
      (column) => leavesOf(push(column, false)) as Tensor[],
    );
    const jacobian = mapLeaves(output, (y, j) => {
      const { shape } = y as Tensor;
      let first = 0;
      const blocks = inputs.map((x) => {
        const block = columns[j]!.narrow(0, first, x.count).movedim(0, -1);
        first += x.count;
        return block.reshape([...shape, ...x.shape]);
      });
      return withLeaves(selected, blocks);
    });
    return hasAux ? [jacobian, aux] : jacobian;
  };
}

/**
 * Makes a function that computes the second derivatives of `fn` by its first
 * argument, or by those that `argnums` names: `jacfwd(jacrev(fn))`. See
 * `torch.func.hessian`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const hessian = dg.func.hessian((x: dg.Tensor) => x.pow(3).sum());
 * assertEquals(hessian(dg.tensor([1, 2])).tolist(), [[6, 0], [0, 12]]);
 * ```
 */
export function hessian<A extends unknown[], R, const N extends Argnums = 0>(
  fn: (...args: A) => R,
  options: HessianOptions<N> = {},
): (...args: A) => HessiansBy<R, A, N> {
  checkOptions(options, ["argnums"], "hessian");
  checkFunction(fn, "hessian");
  const argnums: Argnums = options.argnums ?? 0;
  const first = jacrev(fn as (...args: unknown[]) => unknown, { argnums });
  return jacfwd(first, { argnums }) as (...args: A) => HessiansBy<R, A, N>;
}

/** Fails where a Jacobian is asked for that has no meaning: complex numbers have several. */
function checkRealLeaves(name: string, which: string, value: unknown): void {
  for (const [k, leaf] of leavesOf(value).entries()) {
    if (!isTensor(leaf) || leaf.info.category < 3) continue;
    throw new RuntimeError(
      `${name}: Expected all ${which} to be real but received complex tensor at flattened ${
        which.slice(0, -1)
      } idx: ${k}`,
      "take viewAsReal() of it first, and viewAsComplex() inside the function",
    );
  }
}
