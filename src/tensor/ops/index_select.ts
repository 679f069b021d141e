// Reading and changing whole slices by a vector of positions along one
// dimension. Each op lies beside its transpose: select and add.

import { IN1 } from "../../grad/node.ts";
import type { ScatterMode } from "../device.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import {
  alongDim,
  atLeast1d,
  gatherFailure,
  isIndexType,
  outOfBounds,
  plainIndex,
  rangeHint,
} from "../index_range.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { broughtBack } from "../picked_op.ts";
import { checkFits } from "../number_range.ts";
import { emptyTensor, indexHint, isLong } from "../op.ts";
import { inplaceBy } from "../scattered.ts";
import { checkOptions, normalizeDim, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** A shape with the length along one dimension replaced; 0-d stays 0-d. */
function withLength(shape: Shape, dim: number, n: number): Shape {
  if (shape.length === 0) return shape;
  const out = shape.slice();
  out[dim] = n;
  return out;
}

function selectFailure(_bad: number, size: number): Error {
  return new IndexError("index out of range in self", rangeHint(size, false));
}

const INDEX_SELECT = defineKernel<number>({
  name: "indexSelect",
  forward: ([input, index], dim) => {
    const x = atLeast1d(input!);
    const where = plainIndex(index!, x.shape[dim]!, false, selectFailure);
    const shape = withLength(input!.shape, dim, where.count);
    const out = emptyTensor(x.storage.device, x.info, shape);
    const flat = atLeast1d(out);
    x.storage.device.gather(flat, x, dim, alongDim(where, flat.shape, dim));
    return out;
  },
  vjps: [
    (g, n, dim) => broughtBack(g, n.inputShape(0), dim, n.input(1), "indexAdd"),
    null,
  ],
  saves: [IN1],
});

/**
 * Picks slices along a dimension by a vector of positions (int64 or int32);
 * the result is a copy. See `torch.index_select`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2, 3], [4, 5, 6]]);
 * const index = dg.tensor([2, 0], { dtype: "int64" });
 * assertEquals(dg.indexSelect(x, 1, index).tolist(), [[3, 1], [6, 4]]);
 * ```
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  if (index.shape.length > 1) {
    throw new IndexError(
      "indexSelect(): Index is supposed to be a vector",
      `the index has shape ${showShape(index.shape)}`,
    );
  }
  if (!isIndexType(index)) {
    throw new RuntimeError(
      "indexSelect(): Expected dtype int32 or int64 for index",
      indexHint(index),
    );
  }
  if (x.shape.length === 0 && index.count !== 1) {
    throw new RuntimeError(
      `indexSelect(): Index to scalar can have only 1 value, got ${index.count} value(s)`,
    );
  }
  return run(INDEX_SELECT, [x, index], at);
}

/** What the rule of {@linkcode indexAdd} knows. */
interface AddOptions {
  readonly dim: number;
  readonly alpha: number;
}

/** A source times a factor, which is one of its type. */
function times(source: Tensor, alpha: number): Tensor {
  const { category } = source.info;
  if (category >= 2) return alpha === 1 ? source : source.mul(alpha);
  checkFits(alpha, source.info);
  const factor = category === 0
    ? Number(Number(alpha) !== 0)
    : Math.trunc(alpha);
  if (factor === 1) return source;
  return category === 0 ? source.newZeros(source.shape) : source.mul(factor);
}

/** Scatters slices into `x` itself; not recorded. */
function slicesInto(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  mode: ScatterMode,
  fail: (bad: number, size: number) => Error,
): void {
  const target = atLeast1d(x);
  const where = plainIndex(index, target.shape[dim]!, false, fail);
  const slices = atLeast1d(source);
  const along = alongDim(where, slices.shape, dim);
  x.storage.device.scatter(target, dim, along, slices, mode);
}

/** Adds slices to `x` itself; not recorded. */
function addInto(
  x: Tensor,
  index: Tensor,
  source: Tensor,
  { dim, alpha }: AddOptions,
): void {
  // Where there is nothing to add to, PyTorch does not look at the index.
  if (x.count === 0 && x.shape.length > 1) return;
  // PyTorch adds to matrices by scattering, and says so.
  const fail = x.shape.length > 1 ? gatherFailure(dim) : selectFailure;
  slicesInto(x, dim, index, times(source, alpha), "sum", fail);
}

const INDEX_ADD = defineKernel<AddOptions>({
  name: "indexAdd",
  forward: ([x, index, source], options) => {
    const out = x!.clone();
    addInto(out, index!, source!, options);
    return out;
  },
  vjps: [
    (g) => g,
    null,
    (g, n, { dim, alpha }) => {
      const slices = g.indexSelect(dim, n.input(1));
      return alpha === 1 ? slices : slices.mul(alpha);
    },
  ],
  saves: [0, 0, IN1],
});

/** Options of {@linkcode indexAdd}. */
export interface IndexAddOptions {
  /** Factor of the source; 1 where not given. */
  readonly alpha?: number;
}

function checkSource(x: Tensor, dim: number, index: Tensor, source: Tensor) {
  if (!isIndexType(index)) {
    throw new RuntimeError(
      `indexAdd_(): Expected dtype int32/int64 for index but got: ${index.info.scalarName}`,
      indexHint(index),
    );
  }
  if (index.shape.length > 1) {
    throw new IndexError(
      `indexAdd_(): Index is supposed to be a vector, but got dim: ${index.shape.length} with type: ${index.info.scalarName} and size: ${
        showShape(index.shape)
      }`,
    );
  }
  if (x.info !== source.info) {
    throw new RuntimeError(
      `indexAdd_(): self (${x.info.scalarName}) and source (${source.info.scalarName}) must have the same scalar type`,
      `convert the source with to("${x.dtype}")`,
    );
  }
  const rank = x.shape.length;
  const count = rank === 0 ? source.count : source.shape[dim];
  const fits = rank === source.shape.length &&
    x.shape.every((n, d) => d === dim || n === source.shape[d]);
  if (fits && count !== index.count) {
    throw new RuntimeError(
      `indexAdd_(): Number of indices (${index.count}) should be equal to source.size(dim): (${count}), for dim: ${dim}`,
    );
  }
  if (!fits) {
    throw new RuntimeError(
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${
        showShape(x.shape)
      } source.shape = ${showShape(source.shape)}`,
    );
  }
}

/**
 * Adds slices of `source`, times `alpha`, at the positions that `index` names
 * along a dimension; equal positions add up. See `torch.index_add`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([2, 2], { dtype: "int64" });
 * const sum = dg.indexAdd(dg.zeros(3), 0, index, dg.tensor([1, 5]));
 * assertEquals(sum.tolist(), [0, 0, 6]);
 * ```
 */
export function indexAdd(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor {
  checkOptions(options, ["alpha"], "indexAdd");
  const at = normalizeDim(dim, x.shape.length);
  checkSource(x, at, index, source);
  const { alpha = 1 } = options;
  return run(INDEX_ADD, [x, index, source], { dim: at, alpha });
}

/** Adds slices in place; see {@linkcode indexAdd}. */
export function indexAdd_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor {
  checkOptions(options, ["alpha"], "indexAdd_");
  const at = normalizeDim(dim, x.shape.length);
  checkSource(x, at, index, source);
  const { alpha = 1 } = options;
  return inplaceBy(
    x,
    [index, source],
    (x) => indexAdd(x, at, index, source, options),
    () => addInto(x, index, source, { dim: at, alpha }),
  );
}

/** Replaces slices of `x` itself; not recorded. */
function copyInto(x: Tensor, index: Tensor, source: Tensor, dim: number): void {
  const fail = (bad: number, size: number) =>
    new IndexError(
      `indexCopy_(): ${outOfBounds(bad, dim, size)}`,
      rangeHint(size, false),
    );
  slicesInto(x, dim, index, source, "set", fail);
}

const INDEX_COPY = defineKernel<number>({
  name: "indexCopy",
  forward: ([x, index, source], dim) => {
    const out = x!.clone();
    copyInto(out, index!, source!, dim);
    return out;
  },
  vjps: [
    (g, n, dim) => g.indexFill(dim, n.input(1), 0),
    null,
    (g, n, dim) => g.indexSelect(dim, n.input(1)).reshape(n.inputShape(2)),
  ],
  saves: [IN1, 0, IN1],
});

function checkCopy(x: Tensor, dim: number, index: Tensor, source: Tensor) {
  const p = x.shape;
  const q = source.shape;
  if (index.shape.length > 1) {
    throw new IndexError(
      `indexCopy_(): Index should have dimension 1 or 0 (got ${index.shape.length})`,
    );
  }
  if (q.length === 0 && index.count !== 1) {
    throw new IndexError(
      `indexCopy_(): When source is scalar, index should have one element (got ${index.count})`,
    );
  }
  if (p.length !== q.length && p.length > 0 && q.length > 0) {
    throw new IndexError(
      `indexCopy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality (${q.length}), destination dimensionality (${p.length})`,
    );
  }
  if (!isLong(index)) {
    throw new RuntimeError(
      `indexCopy_(): Expected a long tensor for index, but got ${index.info.scalarName}`,
      indexHint(index),
    );
  }
  if (x.info !== source.info) {
    throw new RuntimeError(
      `indexCopy_(): self and source expected to have the same dtype, but got (self) ${x.info.scalarName} and (source) ${source.info.scalarName}`,
      `convert the source with to("${x.dtype}")`,
    );
  }
  const slice = (shape: Shape) => shape.filter((_, d) => d !== dim);
  const [a, b] = [slice(p), slice(q)];
  if (p.length > 0 && q.length > 0 && a.some((n, d) => n !== b[d])) {
    throw new RuntimeError(
      `indexCopy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ${
        a.join(", ")
      } at dimension ${dim} and source slice shape: ${
        b.join(", ")
      } at dimension 0.`,
    );
  }
  if (q.length > 0 && index.count !== q[dim]) {
    throw new IndexError(
      `indexCopy_(): Number of indices (${index.count}) should be equal to source.size(dim) (${
        q[dim]
      })`,
    );
  }
}

/**
 * Replaces the slices at the positions that `index` names along a dimension.
 * See `torch.index_copy`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([2, 0], { dtype: "int64" });
 * const y = dg.indexCopy(dg.zeros(3), 0, index, dg.tensor([1, 5]));
 * assertEquals(y.tolist(), [5, 0, 1]);
 * ```
 */
export function indexCopy(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  checkCopy(x, at, index, source);
  return run(INDEX_COPY, [x, index, source], at);
}

/** Replaces slices in place; see {@linkcode indexCopy}. */
export function indexCopy_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  checkCopy(x, at, index, source);
  return inplaceBy(
    x,
    [index, source],
    (x) => indexCopy(x, at, index, source),
    () => copyInto(x, index, source, at),
  );
}
