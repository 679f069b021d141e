// Writing single elements by position along a dimension: the transposes of
// gather.

import { complexScalar } from "../op.ts";
import { IN1, type Node } from "../../grad/node.ts";
import { type Complex, isComplexNumber } from "../complex_number.ts";
import type { ScatterMode } from "../device.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { checkFits } from "../number_range.ts";
import {
  checkScatter,
  inplaceBy,
  scattered,
  scatterInto,
} from "../scattered.ts";
import {
  checkOptions,
  countElements,
  normalizeDim,
  showShape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The gradient of a source; PyTorch has it only where all of the source was used. */
function sourceGradient(g: Tensor, n: Node, dim: number): Tensor {
  const used = g.gather(dim, n.input(1));
  const shape = n.inputShape(2);
  // Of a source with one element nothing may have been used.
  if (used.count === 0) return g.newZeros(shape);
  if (used.count !== countElements(shape)) {
    throw new RuntimeError(
      `Function ${n.name} returned an invalid gradient at index 1 - got ${
        showShape(used.shape)
      } but expected shape compatible with ${showShape(shape)}`,
      "narrow the source to the shape of the index first",
    );
  }
  return used.reshape(shape);
}

const SCATTER = defineKernel<number>({
  name: "scatter",
  forward: ([x, index, src], dim) => scattered(x!, dim, index!, src!, "set"),
  vjps: [
    (g, n, dim) => g.scatter(dim, n.input(1), 0),
    null,
    sourceGradient,
  ],
  saves: [IN1, 0, IN1],
});

/** What the rule of {@linkcode scatter} with a number knows. */
interface ValueOptions {
  readonly dim: number;
  readonly value: number | boolean;
  readonly mode: ScatterMode;
}

const SCATTER_VALUE = defineKernel<ValueOptions>({
  name: "scatter",
  node: "ScatterBackward1",
  forward: ([x, index], { dim, value, mode }) =>
    scattered(x!, dim, index!, x!.newFull([], value), mode),
  vjps: [(g, n, { dim }) => g.scatter(dim, n.input(1), 0), null],
  saves: [IN1],
});

// PyTorch has no derivative for the deprecated `reduce`; scatterReduce has one.
const SCATTER_VALUE_COMBINED = defineKernel<ValueOptions>({
  name: "scatter",
  node: "NotImplemented",
  forward: ([x, index], { dim, value, mode }) =>
    scattered(x!, dim, index!, x!.newFull([], value), mode),
  vjps: [null, null],
});

const SCATTER_COMBINED = defineKernel<{ dim: number; mode: ScatterMode }>({
  name: "scatter",
  node: "NotImplemented",
  forward: ([x, index, src], { dim, mode }) =>
    scattered(x!, dim, index!, src!, mode),
  vjps: [null, null, null],
});

/** Options of {@linkcode scatter}. */
export interface ScatterOptions {
  /** `"add"` or `"multiply"` combines with what is there; not differentiable, see {@linkcode scatterReduce}. */
  readonly reduce?: "add" | "multiply";
}

/**
 * Writes elements along a dimension: `out[index[i][j]][j] = src[i][j]` for
 * dimension 0; `src` is a tensor of the same type or a number. See
 * `torch.scatter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([[2], [0]], { dtype: "int64" });
 * const hot = dg.scatter(dg.zeros([2, 3]), 1, index, 1);
 * assertEquals(hot.tolist(), [[0, 0, 1], [1, 0, 0]]);
 * ```
 */
export function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean | Complex,
  options: ScatterOptions = {},
): Tensor {
  const from = sourceOf(x, index, src);
  const { at, mode } = prepare(x, dim, index, from, options);
  if (typeof from !== "object") {
    const op = mode === "set" ? SCATTER_VALUE : SCATTER_VALUE_COMBINED;
    return run(op, [x, index], { dim: at, value: from, mode });
  }
  return mode === "set"
    ? run(SCATTER, [x, index, from], at)
    : run(SCATTER_COMBINED, [x, index, from], { dim: at, mode });
}

/** A complex number as a source of the shape of the index; anything else itself. */
function sourceOf(
  x: Tensor,
  index: Tensor,
  value: Tensor | number | boolean | Complex,
): Tensor | number | boolean {
  return isComplexNumber(value)
    ? complexScalar(value, x.info).expand(index.shape)
    : value;
}

function prepare(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean,
  options: ScatterOptions,
): { at: number; mode: ScatterMode } {
  checkOptions(options, ["reduce"], "scatter");
  const at = normalizeDim(dim, x.shape.length);
  const { reduce } = options;
  if (reduce !== undefined && reduce !== "add" && reduce !== "multiply") {
    throw new RuntimeError(
      "reduce argument must be either add or multiply.",
      "scatterReduce() knows sum, prod, mean, amax and amin",
    );
  }
  checkScatter("scatter", x, at, index, typeof src === "object" ? src : null);
  if (typeof src !== "object") checkFits(src, x.info);
  const mode = reduce === undefined ? "set" : reduce === "add" ? "sum" : "prod";
  return { at, mode };
}

/** Writes elements in place; see {@linkcode scatter}. */
export function scatter_(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean | Complex,
  options: ScatterOptions = {},
): Tensor {
  const from = sourceOf(x, index, src);
  const { at, mode } = prepare(x, dim, index, from, options);
  return inplaceBy(
    x,
    typeof from === "object" ? [index, from] : [index],
    (x) => scatter(x, at, index, from, options),
    () => {
      const all = typeof from === "object" ? from : x.newFull([], from);
      scatterInto(x, at, index, all, mode);
    },
  );
}

const SCATTER_ADD = defineKernel<number>({
  name: "scatterAdd",
  forward: ([x, index, src], dim) => scattered(x!, dim, index!, src!, "sum"),
  vjps: [
    (g) => g,
    null,
    sourceGradient,
  ],
  saves: [0, 0, IN1],
});

/**
 * Adds elements along a dimension: `out[index[i][j]][j] += src[i][j]` for
 * dimension 0. See `torch.scatter_add`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([1, 1, 0], { dtype: "int64" });
 * const sums = dg.scatterAdd(dg.zeros(2), 0, index, dg.tensor([1, 2, 5]));
 * assertEquals(sums.tolist(), [5, 3]);
 * ```
 */
export function scatterAdd(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  checkScatter("scatter", x, at, index, src);
  return run(SCATTER_ADD, [x, index, src], at);
}

/** Adds elements in place; see {@linkcode scatterAdd}. */
export function scatterAdd_(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  checkScatter("scatter", x, at, index, src);
  return inplaceBy(
    x,
    [index, src],
    (x) => scatterAdd(x, at, index, src),
    () => scatterInto(x, at, index, src, "sum"),
  );
}
