// Histograms with edges: of all elements, and of rows in several dimensions.

import { checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { defineMulti, runMulti, unrecorded } from "../kernel_op.ts";
import { emptyTensor, toLong } from "../op.ts";
import { isTensor } from "../is_tensor.ts";
import { type Named, named } from "../results.ts";
import { checkOptions, countElements, showShape } from "../shape.ts";
import { spaced } from "../spacing.ts";
import type { Tensor } from "../tensor.ts";
import { searchsorted } from "./searching.ts";

/** Options of {@linkcode histogram}. */
export interface HistogramOptions {
  /** Both ends where `bins` is a number; the smallest and the largest element where not given. */
  readonly range?: readonly [min: number, max: number];
  /** What each element counts for; 1 where not given. */
  readonly weight?: Tensor;
  /** Divides by the sum and by the widths, so that the integral is 1. */
  readonly density?: boolean;
}

/** Options of {@linkcode histogramdd}. */
export interface HistogramddOptions {
  /** Both ends of each dimension, one after the other. */
  readonly range?: readonly number[];
  /** What each row counts for; 1 where not given. */
  readonly weight?: Tensor;
  /** Divides by the sum and by the volumes, so that the integral is 1. */
  readonly density?: boolean;
}

/** A histogram in several dimensions: `hist` and the edges along each of them. */
export interface HistogramddResult extends Iterable<Tensor | Tensor[]> {
  /** What was counted, a dimension for each column. */
  readonly hist: Tensor;
  /** The edges along each dimension. */
  readonly binEdges: Tensor[];
}

const KEYS = ["range", "weight", "density"];

/** Both ends of dimension `d`, as PyTorch finds them. */
function outerEdges(
  column: Tensor,
  range: readonly [number, number] | null,
  d: number,
): [number, number] {
  let [low, high] = range ?? [0, 1];
  if (range === null && column.count > 0) {
    low = column.min().item();
    high = column.max().item();
  }
  const spell = (end: number) =>
    Number.isNaN(end) ? "nan" : String(end).replace("Infinity", "inf");
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new RuntimeError(
      `torch.histogramdd: dimension ${d}'s range [${spell(low)}, ${
        spell(high)
      }] is not finite`,
    );
  }
  if (low > high) {
    throw new RuntimeError(
      `torch.histogramdd: min should not exceed max, but got min ${low} max ${high} for dimension ${d}`,
    );
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The edges along dimension `d`. */
function edgesOf(
  column: Tensor,
  bins: number | Tensor,
  range: readonly [number, number] | null,
  d: number,
): Tensor {
  if (isTensor(bins)) {
    if (bins.shape.length !== 1) {
      throw new RuntimeError(
        `torch.histogramdd: bins tensor should have one dimension, but got ${bins.shape.length} dimensions in the bins tensor for dimension ${d}`,
      );
    }
    if (bins.info !== column.info) {
      throw new RuntimeError(
        `torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ${column.info.cName} and bins for dimension ${d} with dtype ${bins.info.cName}`,
      );
    }
    checkBins(bins.count - 1, d);
    return bins.detach();
  }
  checkInteger(bins, "histogram", "bins");
  checkBins(bins, d);
  const [low, high] = outerEdges(column, range, d);
  const { info, storage: { device } } = column;
  const out = emptyTensor(device, info, [bins + 1]);
  device.write(out, spaced(info, low, high, bins + 1));
  return out;
}

function checkBins(count: number, d: number): void {
  if (count > 0) return;
  throw new RuntimeError(
    `torch.histogram(): bins must be > 0, but got ${
      Math.max(count, 0)
    } for dimension ${d}`,
  );
}

/** Counts rows, [..., D], in the boxes between edges. */
function count(
  rows: Tensor,
  edges: readonly Tensor[],
  weight: Tensor | undefined,
  density: boolean,
): Tensor {
  const shape = edges.map((e) => e.count - 1);
  let place: Tensor | null = null;
  let inside: Tensor | null = null;
  edges.forEach((e, d) => {
    const column = rows.select(1, d).contiguous();
    const last = shape[d]!;
    const high = e.select(0, last);
    const fits = column.ge(e.select(0, 0)).logicalAnd(column.le(high));
    // The upper end itself falls into the last range.
    const at = toLong(searchsorted(e, column, { right: true }))
      .sub(1).clamp({ min: 0, max: last - 1 });
    place = place === null ? at : place.mul(last).add(at);
    inside = inside === null ? fits : inside.logicalAnd(fits);
  });
  const total = countElements(shape);
  const flat = rows.newZeros([total]);
  if (rows.shape[0]! > 0) {
    const worth = weight === undefined
      ? inside!.to(rows.dtype)
      : weight.detach().reshape(-1).where(inside!, 0);
    flat.scatterAdd_(0, place!, worth);
  }
  let hist = flat.reshape(shape);
  if (!density) return hist;
  hist = hist.div(hist.sum());
  edges.forEach((e, d) => {
    const wide = shape.map((_, k) => k === d ? -1 : 1);
    hist = hist.div(e.diff().reshape(wide));
  });
  return hist;
}

function checkWeight(x: Tensor, weight: Tensor | undefined): void {
  if (weight === undefined) return;
  const own = x.shape.slice(0, -1);
  if (showShape(own) !== showShape(weight.shape)) {
    throw new RuntimeError(
      `torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape ${
        showShape(x.shape)
      } and weight with shape ${showShape(weight.shape)}`,
    );
  }
  if (weight.info !== x.info) {
    throw new RuntimeError(
      `torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(${x.info.cName}), and weight(${weight.info.cName})`,
    );
  }
}

function checkFloat(x: Tensor): void {
  if (x.info.category === 2) return;
  throw new RuntimeError(
    `"histogramdd" not implemented for '${x.info.scalarName}'`,
    "convert the input to a floating-point type",
  );
}

interface HistogramContext {
  /** How many ranges; null where their edges are the second input. */
  readonly bins: number | null;
  readonly range: readonly [number, number] | null;
  readonly density: boolean;
}

// An op, so that vmap finds the ends of each sample alone. Like PyTorch's, its
// results say in the backward pass that there is no derivative.
const HISTOGRAM = defineMulti<HistogramContext>({
  name: "histogram",
  node: "NotImplemented",
  forward: ([x, ...rest], { bins, range, density }) => {
    const flat = x!.reshape([-1, 1]);
    const given = bins ?? rest.shift()!;
    const [weight] = rest;
    checkWeight(flat, weight?.reshape(-1));
    const edges = edgesOf(flat, given, range, 0);
    return [
      count(flat, [edges], weight, density),
      isTensor(given) ? edges.clone() : edges,
    ];
  },
  vjps: [null, null, null],
});

/**
 * Counts the elements of a floating-point tensor in ranges: `bins` of equal
 * width, or those between given edges, which ascend. Elements outside count
 * nowhere. Gives `hist` and `binEdges`, which is longer by one. See
 * `torch.histogram`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 1, 4]);
 * const { hist, binEdges } = dg.histogram(x, 4, { range: [0, 4] });
 * assertEquals(hist.tolist(), [0, 2, 1, 1]);
 * assertEquals(binEdges.tolist(), [0, 1, 2, 3, 4]);
 * assertEquals(x.histogram(dg.tensor([0, 2, 5])).hist.tolist(), [2, 2]);
 * ```
 */
export function histogram(
  x: Tensor,
  bins: number | Tensor,
  options: HistogramOptions = {},
): Named<"hist" | "binEdges"> {
  checkOptions(options, KEYS, "histogram");
  checkFloat(x);
  const { range = null, weight, density = false } = options;
  const given = isTensor(bins);
  const inputs = [x, ...(given ? [bins] : []), ...(weight ? [weight] : [])];
  const [hist, binEdges] = runMulti(HISTOGRAM, inputs, {
    bins: given ? null : bins,
    range,
    density,
  });
  return named({ hist: hist!, binEdges: binEdges! }, "histogram");
}

/**
 * Counts the rows of a floating-point tensor, [..., D], in boxes of `D`
 * dimensions: `bins` ranges of equal width along each, or as many as the list
 * says, or those between given edges. Gives `hist` and a list of `binEdges`. See
 * `torch.histogramdd`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[0, 1], [1, 0], [2, 0], [2, 2]]);
 * const { hist, binEdges } = dg.histogramdd(x, [2, 2]);
 * assertEquals(hist.tolist(), [[0, 1], [2, 1]]);
 * assertEquals(binEdges.map((e) => e.tolist()), [[0, 1, 2], [0, 1, 2]]);
 * ```
 */
export function histogramdd(
  x: Tensor,
  bins: number | readonly number[] | readonly Tensor[],
  options: HistogramddOptions = {},
): HistogramddResult {
  checkOptions(options, KEYS, "histogramdd");
  checkFloat(x);
  const { range, weight, density = false } = options;
  if (x.shape.length < 2) {
    throw new RuntimeError(
      "torch.histogramdd: input tensor should have at least 2 dimensions",
    );
  }
  const n = x.shape.at(-1)!;
  const list: readonly (number | Tensor)[] = typeof bins === "number"
    ? new Array<number>(n).fill(bins)
    : bins;
  if (list.length !== n) {
    throw new RuntimeError(
      "histogramdd: The size of bins must be equal to the innermost dimension of the input.",
    );
  }
  if (range !== undefined && range.length !== 2 * n) {
    throw new RuntimeError(
      `torch.histogramdd: for a ${n}-dimensional histogram range should have ${
        2 * n
      } elements, but got ${range.length}`,
    );
  }
  checkWeight(x, weight);
  return unrecorded(() => {
    const rows = x.detach().reshape([-1, n]);
    const binEdges = list.map((b, d) => {
      const ends = range === undefined
        ? null
        : [range[2 * d]!, range[2 * d + 1]!] as const;
      return edgesOf(rows.select(1, d), b, ends, d);
    });
    const hist = count(rows, binEdges, weight, density);
    return {
      hist,
      binEdges,
      [Symbol.iterator]: () => [hist, binEdges][Symbol.iterator](),
    };
  });
}
