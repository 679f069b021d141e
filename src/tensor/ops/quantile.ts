// Quantiles: places between the elements of the sorted rows. Made of public
// ops, as PyTorch makes them.

import { anywhere } from "../batching.ts";
import { RuntimeError } from "../errors.ts";
import { emptyTensor, toLong } from "../op.ts";
import { checkOptions, normalizeDim, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How a quantile between two elements is computed. */
export type Interpolation =
  | "linear"
  | "lower"
  | "higher"
  | "midpoint"
  | "nearest";

/** Options of {@linkcode quantile} and {@linkcode nanquantile}. */
export interface QuantileOptions {
  /** Keeps the reduced dimension, or all, with length one. */
  readonly keepdim?: boolean;
  /** What lies between two elements; `"linear"` where not given. */
  readonly interpolation?: Interpolation;
}

const INTERPOLATIONS = ["linear", "lower", "higher", "midpoint", "nearest"];

function check(name: string, x: Tensor, q: number | Tensor): void {
  if (x.count === 0) {
    throw new RuntimeError(`${name}() input tensor must be non-empty`);
  }
  if (typeof q === "object" && q.shape.length > 1) {
    throw new RuntimeError(`${name}() q must be a scalar or 1D tensor`);
  }
  if (x.dtype !== "float32" && x.dtype !== "float64") {
    throw new RuntimeError(
      `${name}() input tensor must be either float or double dtype`,
      'convert it with to("float32") first',
    );
  }
  if (typeof q === "number") {
    if (q >= 0 && q <= 1) return;
    throw new RuntimeError(
      `${name}() q must be in the range [0, 1] but got ${q}`,
    );
  }
  if (q.info !== x.info) {
    throw new RuntimeError(
      `${name}() q tensor must be same dtype as the input tensor`,
      `the input is ${x.dtype}, q is ${q.dtype}`,
    );
  }
  const values = q.detach();
  if (anywhere(values.ge(0).logicalAnd(values.le(1)).logicalNot())) {
    throw new RuntimeError(`${name}() q values must be in the range [0, 1]`);
  }
}

/** Sorted rows, last dimension, under the shape of the result for one `q`. */
function sortedRows(
  x: Tensor,
  dim: number | null | undefined,
  keepdim: boolean,
): Tensor {
  const rank = x.shape.length;
  if (dim == null || rank === 0) {
    const ones: Shape = keepdim ? x.shape.map(() => 1) : [];
    return x.reshape(-1).sort(-1).values.reshape([...ones, x.count]);
  }
  const along = normalizeDim(dim, rank);
  const rows = along === rank - 1
    ? x.sort(-1).values
    : x.unsqueeze(-1).transpose(along, -1).sort(-1).values;
  const lead = keepdim ? x.shape.with(along, 1) : x.shape.toSpliced(along, 1);
  return rows.reshape([...lead, x.shape[along]!]);
}

/** Places in the sorted rows, which lead the dimensions of `q`; where NaN is not left out it is the last element. */
function ranksOf(rows: Tensor, q: Tensor, skipsNan: boolean): Tensor {
  const last = rows.shape.at(-1)! - 1;
  const nans = rows.detach().isnan();
  if (skipsNan) {
    const ends = nans.logicalNot().sum(-1, { keepdim: true }).sub(1);
    return q.mul(ends).clampMin(0);
  }
  const ranks = q.mul(last).expand([...rows.shape.slice(0, -1), q.count]);
  return ranks.maskedFill(nans.any(-1, { keepdim: true }), last);
}

function interpolate(
  rows: Tensor,
  ranks: Tensor,
  interpolation: Interpolation,
): Tensor {
  switch (interpolation) {
    case "lower":
      return rows.gather(-1, toLong(ranks.floor()));
    case "higher":
      return rows.gather(-1, toLong(ranks.ceil()));
    case "nearest":
      return rows.gather(-1, toLong(ranks.round()));
  }
  const below = toLong(ranks.detach());
  const above = toLong(ranks.detach().ceil());
  const weights = interpolation === "midpoint"
    ? ranks.newZeros(ranks.shape).add(0.5)
    : ranks.sub(below);
  return rows.gather(-1, below).lerp(rows.gather(-1, above), weights);
}

function quantileOf(
  name: string,
  skipsNan: boolean,
  x: Tensor,
  q: number | Tensor,
  dim: number | null | undefined,
  options: QuantileOptions,
): Tensor {
  checkOptions(options, ["keepdim", "interpolation"], name);
  check(name, x, q);
  const { keepdim = false, interpolation = "linear" } = options;
  if (!INTERPOLATIONS.includes(interpolation)) {
    throw new RuntimeError(
      `${name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`,
    );
  }
  const rows = sortedRows(x, dim, keepdim);
  const places = typeof q === "object" ? q.reshape(-1) : filled(x, q);
  const ranks = ranksOf(rows, places, skipsNan);
  const values = interpolate(rows, ranks, interpolation);
  if (typeof q === "number" || q.shape.length === 0) return values.squeeze_(-1);
  return values.unsqueeze_(0).transpose_(0, -1).squeeze_(-1);
}

function filled(x: Tensor, value: number): Tensor {
  const out = emptyTensor(x.storage.device, x.info, [1]);
  x.storage.device.fill(out, value);
  return out;
}

/**
 * The `q`-th quantile, of all elements or along a dimension; `q` lies in 0 … 1,
 * and a 1-d tensor of them gives the result a first dimension. NaN where an
 * element is NaN. Takes float32 and float64. See `torch.quantile`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 1, 2, 4]);
 * assertEquals(x.quantile(0.5).item(), 1.5);
 * assertEquals(x.quantile(dg.tensor([0, 1])).tolist(), [0, 4]);
 * assertEquals(x.quantile(0.5, 0, { interpolation: "lower" }).item(), 1);
 * ```
 */
export function quantile(
  x: Tensor,
  q: number | Tensor,
  dim?: number | null,
  options: QuantileOptions = {},
): Tensor {
  return quantileOf("quantile", false, x, q, dim, options);
}

/**
 * As {@linkcode quantile}, of the elements that are not NaN. See `torch.nanquantile`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, NaN, 2]).nanquantile(0.5).item(), 1);
 * ```
 */
export function nanquantile(
  x: Tensor,
  q: number | Tensor,
  dim?: number | null,
  options: QuantileOptions = {},
): Tensor {
  return quantileOf("quantile", true, x, q, dim, options);
}
