// All derivatives of a function at a point, computed at once: jacobian and
// hessian of dg.autograd.functional.

import { pushforward } from "../func/products.ts";
import { mapRows } from "../func/vmap.ts";
import { basisFor, basisSize } from "../func/basis.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { stack } from "../tensor/ops/joining.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type ArgumentsOf,
  checkTracked,
  type ForEach,
  gradients,
  prepare,
  type ProductOptions,
  tensorsOf,
  unpack,
} from "./functional_checks.ts";
import type { Tensors } from "./gradient.ts";
import { enableGrad } from "./mode.ts";

/** Whether rows are computed, by backward passes, or columns. */
export type Strategy = "reverse-mode" | "forward-mode";

/** Options of {@linkcode jacobian}. */
export interface JacobianOptions extends ProductOptions {
  /** Whether to compute all rows in one pass. */
  readonly vectorize?: boolean;
  /** By rows or, with `"forward-mode"`, by columns; the latter only with `vectorize`. */
  readonly strategy?: Strategy;
}

/** Options of {@linkcode hessian}. */
export interface HessianOptions extends ProductOptions {
  /** Whether to compute all rows in one pass. */
  readonly vectorize?: boolean;
  /** How the Jacobian of the gradient is computed. */
  readonly outerJacobianStrategy?: Strategy;
}

const OUTPUTS = "outputs of the user-provided function";

/**
 * Computes the Jacobian of a function: for an output of shape `[m]` and an
 * input of shape `[n]` a tensor of shape `[m, n]`. For several inputs it is an
 * array by input, for several outputs one by output. See
 * `torch.autograd.functional.jacobian`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { jacobian } = dg.autograd.functional;
 * const J = jacobian((x) => x.mul(x), dg.tensor([1, 2]));
 * assertEquals(J.tolist(), [[2, 0], [0, 4]]);
 * ```
 */
export function jacobian<const I extends Tensors, const O extends Tensors>(
  fn: (...inputs: ArgumentsOf<I>) => O,
  inputs: I,
  options: JacobianOptions = {},
): ForEach<O, ForEach<I, Tensor>> {
  checkOptions(
    options,
    ["createGraph", "strict", "vectorize", "strategy"],
    "jacobian",
  );
  const { strategy = "reverse-mode", vectorize = false } = options;
  checkStrategy(strategy, vectorize, options);
  const given = tensorsOf(inputs, "inputs", "jacobian");
  const found = strategy === "forward-mode"
    ? byColumns(fn, given.list)
    : enableGrad(() => byRows(fn, given.list, options));
  const rows = found.blocks.map((row) => unpack(row, given.several));
  return unpack(rows, found.several) as ForEach<O, ForEach<I, Tensor>>;
}

/** By output and input, and whether there were several outputs. */
interface Blocks {
  readonly several: boolean;
  readonly blocks: readonly (readonly Tensor[])[];
}

function checkStrategy(
  strategy: Strategy,
  vectorize: boolean,
  { createGraph = false, strict = false }: ProductOptions,
): void {
  if (strategy !== "forward-mode") {
    if (strategy !== "reverse-mode") {
      throw new ValueError(
        'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".',
      );
    }
    if (!vectorize || !strict) return;
    throw new RuntimeError(
      "torch.autograd.functional.jacobian: `strict=true` and `vectorized=true` are not supported together. Please either set `strict=false` or `vectorize=false`.",
    );
  }
  const other = createGraph ? "createGraph" : "strict";
  if (createGraph || strict) {
    throw new RuntimeError(
      `torch.autograd.functional.jacobian: \`${other}=true\` and \`strategy="forward-mode"\` are not supported together (yet). Please either set \`${other}=false\` or \`strategy="reverse-mode"\`.`,
    );
  }
  if (vectorize) return;
  throw new RuntimeError(
    "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=true`.",
  );
}

function byRows(
  fn: (...inputs: never[]) => unknown,
  list: readonly Tensor[],
  options: JacobianOptions,
): Blocks {
  const { createGraph = false, strict = false } = options;
  const inputs = prepare(list, createGraph, true);
  const outputs = tensorsOf(fn(...inputs as never[]), OUTPUTS, "jacobian");
  checkTracked(outputs.list, "outputs", strict);
  if (options.vectorize) {
    const blocks = rowsAtOnce(outputs.list, inputs, createGraph);
    return { several: outputs.several, blocks };
  }
  const blocks = outputs.list.map((y, i) => {
    const rows = Array.from(
      { length: y.numel() },
      (_, j) => rowOf(y, i, j, inputs, createGraph, strict),
    );
    return inputs.map((x, k) => {
      const shape = [...y.shape, ...x.shape];
      const block = rows.length === 0
        ? x.newZeros(shape)
        : stack(rows.map((row) => row[k]!)).reshape(shape);
      return createGraph ? block : block.detach();
    });
  });
  return { several: outputs.several, blocks };
}

/** All rows in one pass. */
function rowsAtOnce(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  createGraph: boolean,
): Tensor[][] {
  const size = basisSize(outputs);
  const found = mapRows(
    basisFor(outputs, 0, size),
    size,
    (seeds) =>
      gradients(outputs, inputs, seeds, createGraph, true).map((g, k) =>
        g ?? inputs[k]!.newZeros(inputs[k]!.shape)
      ),
  );
  let first = 0;
  return outputs.map((y) => {
    const blocks = found.map((rows, k) =>
      rows.narrow(0, first, y.numel()).reshape([
        ...y.shape,
        ...inputs[k]!.shape,
      ])
    );
    first += y.numel();
    return createGraph ? blocks : blocks.map((block) => block.detach());
  });
}

/** The gradient of one element of an output. */
function rowOf(
  y: Tensor,
  i: number,
  j: number,
  inputs: readonly Tensor[],
  createGraph: boolean,
  strict: boolean,
): Tensor[] {
  const element = y.reshape(-1).select(0, j);
  const found = gradients([element], inputs, null, createGraph, true);
  return found.map((g, k) => {
    if (g === null) {
      if (!strict) return inputs[k]!.newZeros(inputs[k]!.shape);
      throw new RuntimeError(
        `Output ${i} of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
      );
    }
    if (strict && createGraph && !g.requiresGrad) {
      throw new RuntimeError(
        `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode when createGraph=true.`,
      );
    }
    return g;
  });
}

function byColumns(
  fn: (...inputs: never[]) => unknown,
  inputs: readonly Tensor[],
): Blocks {
  const { output, push } = pushforward(
    fn,
    inputs,
    [...inputs.keys()],
    false,
    "jacobian",
  );
  const outputs = tensorsOf(output, OUTPUTS, "jacobian");
  const size = basisSize(inputs);
  const basis = basisFor(inputs, 0, size);
  const columns = mapRows(
    basis,
    size,
    (tangents) => tensorsOf(push(tangents, false), OUTPUTS, "jacobian").list,
  );
  const blocks = outputs.list.map((y, j) => {
    let first = 0;
    return inputs.map((x) => {
      const part = columns[j]!.narrow(0, first, x.numel()).movedim(0, -1);
      first += x.numel();
      return part.reshape([...y.shape, ...x.shape]);
    });
  });
  return { several: outputs.several, blocks };
}

/**
 * Computes the second derivatives of a function that returns one element: for
 * an input of shape `[n]` a tensor of shape `[n, n]`; for several inputs an
 * array of arrays. See `torch.autograd.functional.hessian`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { hessian } = dg.autograd.functional;
 * const H = hessian((x) => x.pow(3).sum(), dg.tensor([1, 2]));
 * assertEquals(H.tolist(), [[6, 0], [0, 12]]);
 * ```
 */
export function hessian<const I extends Tensors>(
  fn: (...inputs: ArgumentsOf<I>) => Tensor,
  inputs: I,
  options: HessianOptions = {},
): ForEach<I, ForEach<I, Tensor>> {
  checkOptions(
    options,
    ["createGraph", "strict", "vectorize", "outerJacobianStrategy"],
    "hessian",
  );
  const { strict = false, createGraph = false, vectorize = false } = options;
  const { outerJacobianStrategy: strategy = "reverse-mode" } = options;
  if (strategy !== "forward-mode" && strategy !== "reverse-mode") {
    throw new ValueError(
      'Expected strategy to be either "forward-mode" or "reverse-mode".',
    );
  }
  const { several, list } = tensorsOf(inputs, "inputs", "hessian");
  const single = (...given: Tensor[]): Tensor => {
    const out: unknown = fn(...given as ArgumentsOf<I>);
    const outputs = tensorsOf(out, OUTPUTS, "hessian");
    checkTracked(outputs.list, "outputs", strict);
    if (outputs.several) {
      throw new RuntimeError(
        "The function given to hessian should return a single Tensor",
      );
    }
    if (outputs.list[0]!.numel() !== 1) {
      throw new RuntimeError(
        "The Tensor returned by the function given to hessian should contain a single element",
      );
    }
    return outputs.list[0]!.squeeze();
  };
  const first = (...given: Tensor[]): Tensor[] => {
    const found = jacobian(single, given, { createGraph: true });
    checkTracked(found, "jacobian", strict);
    return found;
  };
  const blocks = jacobian(first, list, {
    createGraph,
    strict,
    vectorize,
    strategy,
  });
  return unpack(
    blocks.map((row) => unpack(row, several)),
    several,
  ) as ForEach<I, ForEach<I, Tensor>>;
}
