// Medians, modes and k-th values: what the sorted rows say, with positions.

import { checkNotComplex } from "../complex_refusal.ts";
import { anywhere } from "../batching.ts";
import { IN0, OUT, OUT1 } from "../../grad/node.ts";
import {
  type AlongOptions,
  alongOptions,
  evenlyBackward,
  pick,
  reshaped,
  shapeWithout,
} from "../along_op.ts";
import { pickedBackward } from "../picked_op.ts";
import { checkInteger } from "../arguments.ts";
import { hostDevice } from "../device.ts";
import { FLOAT32, INT64 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { inRange } from "../index_range.ts";
import {
  defineKernel,
  defineMulti,
  type KernelOp,
  type MultiOp,
  run,
  runMulti,
} from "../kernel_op.ts";
import { castTo, emptyTensor, toDense } from "../op.ts";
import { quickSelect } from "../quick_select.ts";
import { type Named, named } from "../results.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { KeepdimOptions } from "./extremum.ts";

const KEYS = ["keepdim"];

/** A 0-d tensor as a row of one. */
function atLeastRow(x: Tensor): Tensor {
  return x.shape.length === 0 ? reshaped(x, [1]) : x;
}

/** The same position for every row. */
function samePosition(x: Tensor, k: number, o: AlongOptions): Tensor {
  const shape = shapeWithout(o.shape, o.dim, o.keepdim);
  const out = emptyTensor(x.storage.device, INT64, shape);
  x.storage.device.fill(out, BigInt(k));
  return out;
}

/** Values and positions at place `k`, a reduced tensor, of the sorted rows. */
function pickSorted(
  x: Tensor,
  o: AlongOptions,
  place: (rows: Tensor) => Tensor,
): Tensor[] {
  const rows = atLeastRow(x);
  const sorted = rows.sort(o.dim);
  const k = place(rows);
  return [
    pick(sorted.values, o.dim, k),
    inRange(pick(sorted.indices, o.dim, k), rows.shape[o.dim]!),
  ];
}

/** Where the lower median is; the first NaN where there is one, unless those are left out. */
function medianPlace(x: Tensor, skipsNan: boolean, o: AlongOptions): Tensor {
  const n = x.shape[o.dim]!;
  const middle = (n - 1) >> 1;
  if (x.info.category !== 2) return samePosition(x, middle, o);
  const keepdim = o.keepdim && o.shape.length > 0;
  const nans = x.isnan().sum(o.dim, { keepdim });
  if (!anywhere(nans)) return samePosition(x, middle, o);
  return skipsNan
    ? nans.neg().add(n - 1).clampMin(0).floorDivide(2)
    : nans.neg().add(n).where(nans.gt(0), middle);
}

function medianAlong(x: Tensor, skipsNan: boolean, o: AlongOptions): Tensor[] {
  return pickSorted(x, o, (rows) => medianPlace(rows, skipsNan, o));
}

function medianOfAll(x: Tensor, skipsNan: boolean): Tensor {
  if (x.count === 0) {
    const out = emptyTensor(x.storage.device, x.info, []);
    x.storage.device.fill(out, NaN);
    return out;
  }
  const row = reshaped(toDense(x), [x.count]);
  const o = { dim: 0, keepdim: false, shape: row.shape };
  return medianAlong(row, skipsNan, o)[0]!;
}

function defineMedian(name: string, skipsNan: boolean): KernelOp<null> {
  return defineKernel<null>({
    name,
    forward: ([x]) => medianOfAll(x!, skipsNan),
    vjps: [(g, n) => evenlyBackward(g, n.input(0), n.output())],
    saves: [IN0 | OUT],
  });
}

/** An op that selects one element per row, with its position. */
function defineSelection<O extends AlongOptions>(
  name: string,
  node: string,
  forward: (x: Tensor, o: O) => Tensor[],
): MultiOp<O> {
  return defineMulti<O>({
    name,
    node,
    forward: ([x], o) => forward(x!, o),
    vjps: [pickedBackward],
    saves: [OUT1],
  });
}

function selection<O extends AlongOptions>(
  op: MultiOp<O>,
  x: Tensor,
  o: O,
): Named<"values" | "indices"> {
  const [values, indices] = runMulti(op, [x], o);
  return named({ values: values!, indices: indices! }, op.name);
}

const MEDIAN = defineMedian("median", false);
const NANMEDIAN = defineMedian("nanmedian", true);

const MEDIAN_ALONG = defineSelection<AlongOptions>(
  "median",
  "MedianBackward1",
  (x, o) => medianAlong(x, false, o),
);

const NANMEDIAN_ALONG = defineSelection<AlongOptions>(
  "nanmedian",
  "NanmedianBackward1",
  (x, o) => medianAlong(x, true, o),
);

function medianOf(
  all: KernelOp<null>,
  along: MultiOp<AlongOptions>,
  x: Tensor,
  dim: number | null | undefined,
  options: KeepdimOptions,
): Tensor | Named<"values" | "indices"> {
  checkOptions(options, dim == null ? [] : KEYS, all.name);
  if (x.info.category === 0) {
    const kernel = dim == null ? "median_cpu" : "median_out";
    throw new RuntimeError(
      `"${kernel}" not implemented for 'Bool'`,
      'convert it with to("uint8") first',
    );
  }
  if (dim == null) return run(all, [x], null);
  const { keepdim = false } = options;
  return selection(along, x, alongOptions(all.name, x, dim, keepdim));
}

/**
 * The lower median of all elements; NaN where one is NaN. See `torch.median`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 1, 2], [6, 5, 4]]);
 * assertEquals(x.median().item(), 3);
 * const { values, indices } = x.median(1);
 * assertEquals([values.tolist(), indices.tolist()], [[2, 5], [2, 1]]);
 * ```
 */
export function median(x: Tensor, dim?: null): Tensor;
/** The lower medians along a dimension, with their positions. */
export function median(
  x: Tensor,
  dim: number,
  options?: KeepdimOptions,
): Named<"values" | "indices">;
export function median(
  x: Tensor,
  dim?: number | null,
  options: KeepdimOptions = {},
): Tensor | Named<"values" | "indices"> {
  return medianOf(MEDIAN, MEDIAN_ALONG, x, dim, options);
}

/**
 * The lower median of all elements that are not NaN. See `torch.nanmedian`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([3, NaN, 1, 2]).nanmedian().item(), 2);
 * ```
 */
export function nanmedian(x: Tensor, dim?: null): Tensor;
/** The lower medians along a dimension without the NaNs, with their positions. */
export function nanmedian(
  x: Tensor,
  dim: number,
  options?: KeepdimOptions,
): Named<"values" | "indices">;
export function nanmedian(
  x: Tensor,
  dim?: number | null,
  options: KeepdimOptions = {},
): Tensor | Named<"values" | "indices"> {
  return medianOf(NANMEDIAN, NANMEDIAN_ALONG, x, dim, options);
}

/** In sorted rows, where the longest run of equals ends; of equally long runs the first. */
function modePlace(sorted: Tensor, o: AlongOptions): Tensor {
  const { dim } = o;
  const n = sorted.shape[dim]!;
  if (n === 1) return samePosition(sorted, 0, o);
  const steps = sorted.shape.map((_, d) => d === dim ? n - 1 : 1);
  const { name: dtype } = sorted.storage.device.indexInfo;
  const places = sorted.newOnes([n - 1], { dtype }).cumsum(0)
    .reshape(steps);
  const starts = sorted.narrow(dim, 1, n - 1)
    .ne(sorted.narrow(dim, 0, n - 1)).mul(places);
  const lengths = places.sub(starts.cummax(dim).values);
  const keepdim = o.keepdim && o.shape.length > 0;
  const longest = lengths.max(dim, { keepdim });
  return longest.indices.add(1).mul(longest.values.gt(0));
}

const MODE = defineSelection<AlongOptions>("mode", "ModeBackward0", (x, o) => {
  const sorted = atLeastRow(x).sort(o.dim);
  const k = modePlace(sorted.values, o);
  return [
    pick(sorted.values, o.dim, k),
    inRange(pick(sorted.indices, o.dim, k), sorted.values.shape[o.dim]!),
  ];
});

/**
 * The most frequent element along a dimension, the smallest of equally frequent
 * ones, with the last position where it stands. See `torch.mode`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = dg.tensor([[5, 1, 5], [2, 7, 7]]).mode(1);
 * assertEquals([values.tolist(), indices.tolist()], [[5, 7], [2, 2]]);
 * ```
 */
export function mode(
  x: Tensor,
  dim: number = -1,
  options: KeepdimOptions = {},
): Named<"values" | "indices"> {
  checkOptions(options, KEYS, "mode");
  const { keepdim = false } = options;
  return selection(MODE, x, alongOptions("mode", x, dim, keepdim));
}

interface KthOptions extends AlongOptions {
  readonly k: number;
}

/** Where the `k`-th smallest are, by PyTorch's own search, which decides among equals. */
function kthAlong(x: Tensor, o: KthOptions): Tensor[] {
  const { device } = x.storage;
  // PyTorch promises nothing about equals on other devices.
  if (device !== hostDevice() && device.lift === undefined) {
    return pickSorted(x, o, (rows) => samePosition(rows, o.k - 1, o));
  }
  const rows = atLeastRow(x);
  const n = rows.shape[o.dim]!;
  const turned = toDense(rows.movedim(o.dim, -1));
  const plain = turned.info.category === 2 && turned.info.bytes < 4
    ? castTo(turned, FLOAT32)
    : turned;
  const elements = device.read(plain);
  const shape = shapeWithout(o.shape, o.dim, o.keepdim);
  const indices = emptyTensor(device, INT64, shape);
  const found = new Float64Array(indices.count);
  for (let row = 0; row < found.length; row++) {
    found[row] = quickSelect(elements, row * n, n, o.k - 1);
  }
  device.write(indices, found);
  return [pick(rows, o.dim, indices), indices];
}

const KTHVALUE = defineSelection<KthOptions>(
  "kthvalue",
  "KthvalueBackward0",
  kthAlong,
);

/**
 * The `k`-th smallest element along a dimension, counted from 1, with its
 * position; NaN counts as largest. Which of equal elements is named is up to
 * PyTorch's search on the CPU, and the first of them on a GPU. See
 * `torch.kthvalue`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = dg.tensor([30, 10, 20]).kthvalue(2);
 * assertEquals([values.item(), indices.item()], [20, 2]);
 * ```
 */
export function kthvalue(
  x: Tensor,
  k: number,
  dim: number = -1,
  options: KeepdimOptions = {},
): Named<"values" | "indices"> {
  checkOptions(options, KEYS, "kthvalue");
  if (x.shape.length > 0) checkNotComplex("kthvalue_cpu", x.info);
  const o = alongOptions("kthvalue", x, dim, options.keepdim ?? false);
  checkInteger(k, "kthvalue", "k");
  if (k < 1 || k > (x.shape[o.dim] ?? 1)) {
    throw new RuntimeError(
      `kthvalue(): selected number k out of range for dimension ${o.dim}`,
    );
  }
  return selection(KTHVALUE, x, { ...o, k });
}
