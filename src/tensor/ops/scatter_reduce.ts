// Scattering that combines: sums, products, means and extrema of the elements
// that meet at one place.

import { IN0, IN1, IN2, type Node, OUT } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { isIndexType } from "../index_range.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { checkScatter, scattered } from "../scattered.ts";
import { checkOptions, normalizeDim, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How {@linkcode scatterReduce} combines elements. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

/** Options of {@linkcode scatterReduce} and {@linkcode indexReduce}. */
export interface ScatterReduceOptions {
  /** Whether the elements that are there count as well; true where not given. */
  readonly includeSelf?: boolean;
}

/** What the rules know. */
interface Reducing {
  readonly dim: number;
  readonly reduce: ScatterReduction;
  readonly includeSelf: boolean;
}

/** The index of element-wise scattering: a vector of `indexReduce` is stretched over the source. */
function spread(index: Tensor, src: Tensor, dim: number): Tensor {
  if (index.shape.length === src.shape.length) return index;
  const shape = src.shape.map((_, d) => d === dim ? index.count : 1);
  return index.reshape(shape).expand(src.shape);
}

/** How many elements meet at each place, at least 1. */
function meeting(
  x: Tensor,
  index: Tensor,
  { dim, includeSelf }: Reducing,
): Tensor {
  const start = includeSelf ? x.newOnes(x.shape) : x.newZeros(x.shape);
  const counts = start.scatterAdd(dim, index, x.newOnes(index.shape));
  return includeSelf ? counts : counts.clamp({ min: 1 });
}

function combined(
  x: Tensor,
  index: Tensor,
  src: Tensor,
  options: Reducing,
): Tensor {
  const { dim, reduce, includeSelf } = options;
  let from = x;
  if (!includeSelf) {
    // What is there is replaced by something that changes nothing; a largest
    // or smallest element may as well meet itself.
    const neutral = reduce === "sum" || reduce === "mean"
      ? x.newZeros([])
      : reduce === "prod"
      ? x.newOnes([])
      : src;
    from = scattered(x, dim, index, neutral, "set");
  }
  if (reduce !== "mean") return scattered(from, dim, index, src, reduce);
  const sums = scattered(from, dim, index, src, "sum");
  const counts = meeting(x, index, options);
  return x.info.category === 2
    ? sums.div(counts)
    : sums.div(counts, { roundingMode: "floor" });
}

/** The gradient of what was there. */
function selfGradient(g: Tensor, n: Node, o: Reducing): Tensor {
  const src = n.input(2);
  const index = spread(n.input(1), src, o.dim);
  const own = reductionGradient(g, n, o, index, src);
  return o.includeSelf ? own : own.scatter(o.dim, index, 0);
}

function reductionGradient(
  g: Tensor,
  n: Node,
  o: Reducing,
  index: Tensor,
  src: Tensor,
): Tensor {
  const { dim, includeSelf } = o;
  switch (o.reduce) {
    case "sum":
      return g;
    case "mean":
      return g.div(meeting(g, index, o));
    case "prod": {
      const x = n.input(0);
      const others = x.maskedFill(x.eq(0), 1);
      const rest = others.scatterReduce(dim, index, src, "prod", {
        includeSelf,
      });
      return g.mul(rest).div(others);
    }
    default: {
      const out = n.output();
      const own = n.input(0).eq(out).to(g.dtype);
      return own.mul(shared(g, own, out, index, src, dim));
    }
  }
}

/** The gradient of an extremum, in equal parts for all elements that are it. */
function shared(
  g: Tensor,
  own: Tensor,
  out: Tensor,
  index: Tensor,
  src: Tensor,
  dim: number,
): Tensor {
  const theirs = src.eq(out.gather(dim, index)).to(g.dtype);
  return g.div(own.scatterAdd(dim, index, theirs));
}

/** The gradient of the source. */
function sourceGradient(g: Tensor, n: Node, o: Reducing): Tensor {
  const { dim, includeSelf } = o;
  const src = n.input(2);
  const index = spread(n.input(1), src, dim);
  switch (o.reduce) {
    case "sum":
      return g.gather(dim, index);
    case "mean":
      return g.div(meeting(g, index, o)).gather(dim, index);
    case "prod":
      return productGradient(g, n, o, index, src);
    default: {
      const out = n.output();
      const own = n.input(0).eq(out).to(g.dtype);
      const theirs = src.eq(out.gather(dim, index)).to(g.dtype);
      // A place where nothing of its own counts keeps its element out.
      const counted = includeSelf ? own : own.scatter(dim, index, 0);
      const parts = g.div(counted.scatterAdd(dim, index, theirs));
      return theirs.mul(parts.gather(dim, index));
    }
  }
}

/** A single zero gets the product of the others; elsewhere the product is divided by the element. */
function productGradient(
  g: Tensor,
  n: Node,
  { dim, includeSelf }: Reducing,
  index: Tensor,
  src: Tensor,
): Tensor {
  const x = n.input(0);
  const zero = src.eq(0);
  const zeros = x.newZeros(x.shape).scatterAdd(dim, index, zero.to(x.dtype));
  const alone = zero.logicalAnd(zeros.gather(dim, index).eq(1));
  const rest = x.scatterReduce(dim, index, src.maskedFill(alone, 1), "prod", {
    includeSelf,
  });
  const divided = g.mul(n.output()).gather(dim, index)
    .div(src.maskedFill(zero, 1));
  return g.mul(rest).gather(dim, index).where(alone, divided);
}

const SCATTER_REDUCE = defineKernel<Reducing>({
  name: "scatterReduce",
  forward: ([x, index, src], options) => combined(x!, index!, src!, options),
  vjps: [selfGradient, null, sourceGradient],
  saves: [IN0 | IN1 | IN2 | OUT, 0, IN0 | IN1 | IN2 | OUT],
});

const INDEX_REDUCE = defineKernel<Reducing>({
  name: "indexReduce",
  forward: ([x, index, src], options) =>
    combined(x!, spread(index!, src!, options.dim), src!, options),
  vjps: [selfGradient, null, sourceGradient],
  saves: [IN0 | IN1 | IN2 | OUT, 0, IN0 | IN1 | IN2 | OUT],
});

/**
 * Combines the elements of `src` that meet at one place along a dimension, and
 * what is there unless `includeSelf` is false: their `"sum"`, `"prod"`,
 * `"mean"`, `"amax"` or `"amin"`. See `torch.scatter_reduce`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([0, 1, 1], { dtype: "int64" });
 * const src = dg.tensor([5, 2, 7]);
 * const top = dg.scatterReduce(dg.tensor([9, 0]), 0, index, src, "amax");
 * assertEquals(top.tolist(), [9, 7]);
 * ```
 */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options: ScatterReduceOptions = {},
): Tensor {
  checkOptions(options, ["includeSelf"], "scatterReduce");
  const at = normalizeDim(dim, x.shape.length);
  if (!["sum", "prod", "mean", "amax", "amin"].includes(reduce)) {
    throw new RuntimeError(
      `reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`,
    );
  }
  checkScatter("scatter", x, at, index, src);
  const { includeSelf = true } = options;
  return run(SCATTER_REDUCE, [x, index, src], { dim: at, reduce, includeSelf });
}

/** Combines elements in place; see {@linkcode scatterReduce}. */
export function scatterReduce_(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor {
  return inplace(
    x,
    [src],
    (x) => scatterReduce(x, dim, index, src, reduce, options),
  );
}

/**
 * Combines slices of `source` at the positions that the vector `index` names
 * along a dimension: their `"prod"`, `"mean"`, `"amax"` or `"amin"`. See
 * `torch.index_reduce`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([1, 1], { dtype: "int64" });
 * const y = dg.indexReduce(dg.ones(2), 0, index, dg.tensor([3, 4]), "prod");
 * assertEquals(y.tolist(), [1, 12]);
 * ```
 */
export function indexReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options: ScatterReduceOptions = {},
): Tensor {
  checkOptions(options, ["includeSelf"], "indexReduce");
  const at = normalizeDim(dim, x.shape.length);
  if (!["prod", "mean", "amax", "amin"].includes(reduce)) {
    throw new RuntimeError(
      `indexReduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`,
    );
  }
  if (!isIndexType(index)) {
    throw new RuntimeError(
      `indexReduce_(): Expected dtype int32/int64 for index but got: ${index.info.scalarName}`,
    );
  }
  const fits = x.shape.length === source.shape.length &&
    source.shape.every((n, d) => n === (d === at ? index.count : x.shape[d]));
  if (!fits || x.info !== source.info || index.shape.length > 1) {
    throw new RuntimeError(
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${
        showShape(x.shape)
      } source.shape = ${showShape(source.shape)}`,
      `the index has shape ${
        showShape(index.shape)
      }; the source needs as many slices, and the type ${x.dtype}`,
    );
  }
  const { includeSelf = true } = options;
  return run(INDEX_REDUCE, [x, index, source], {
    dim: at,
    reduce,
    includeSelf,
  });
}

/** Combines slices in place; see {@linkcode indexReduce}. */
export function indexReduce_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options?: ScatterReduceOptions,
): Tensor {
  return inplace(
    x,
    [source],
    (x) => indexReduce(x, dim, index, source, reduce, options),
  );
}
