// Sorting along a dimension. Values and positions come together; the gradient
// goes back to the positions.

import { OUT1 } from "../../grad/node.ts";
import { checkInteger } from "../arguments.ts";
import type { Strided } from "../device.ts";
import { INT64 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { inRange } from "../index_range.ts";
import { defineMulti, type MultiOp, runMulti } from "../kernel_op.ts";
import { broughtBack } from "../picked_op.ts";
import { emptyTensor, stridedLike } from "../op.ts";
import { type Named, named } from "../results.ts";
import { checkOptions, countElements, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { isDense } from "../view.ts";

/** What the rules know. */
interface SortInfo {
  readonly dim: number;
  readonly descending: boolean;
  /** How many of the sorted elements stay; -1 keeps all. */
  readonly k: number;
}

/** The same memory with two dimensions exchanged. */
function turned(x: Strided, a: number, b: number): Strided {
  if (a === b) return x;
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  [shape[a], shape[b]] = [shape[b]!, shape[a]!];
  [strides[a], strides[b]] = [strides[b]!, strides[a]!];
  return stridedLike(x, shape, strides, x.offset, isDense(shape, strides));
}

/** Values and positions, sorted along one dimension, the first `k` of them. */
function sorted(x: Tensor, { dim, descending, k }: SortInfo): Tensor[] {
  const { device } = x.storage;
  const rank = x.shape.length;
  const last = Math.max(rank - 1, 0);
  const from = turned(x, dim, last);
  // Of a 0-d tensor even topk(0) is the tensor.
  const keep = rank === 0 ? 1 : k < 0 ? x.shape[dim]! : k;
  const rows = rank === 0 ? from.shape : from.shape.with(last, keep);
  const all = [
    emptyTensor(device, x.info, rows),
    emptyTensor(device, INT64, rows),
  ];
  device.sort(all[0]!, all[1]!, from, descending);
  if (dim === last || rank === 0) return all;
  const shape = x.shape.with(dim, keep);
  return all.map((y) => {
    const out = emptyTensor(device, y.info, shape);
    const source = turned(y, dim, last);
    device.copy(out, stridedLike(y, shape, source.strides, 0, false));
    return out;
  });
}

function defineSort(name: string, node: string): MultiOp<SortInfo> {
  return defineMulti<SortInfo>({
    name,
    node,
    forward: ([x], options) => {
      const { dim } = options;
      const [values, indices] = sorted(x!, options);
      const { shape } = indices!;
      const step = countElements(shape.slice(dim + 1));
      const size = x!.shape[dim] ?? 1;
      return [values!, inRange(indices!, size, shape[dim] ?? 1, step)];
    },
    vjps: [
      (g, n, { dim }) =>
        broughtBack(g, n.inputShape(0), dim, n.output(1), "scatter"),
    ],
    saves: [OUT1],
  });
}

const SORT = defineSort("sort", "SortBackward0");
/** PyTorch's overload with `stable` has a name of its own. */
const SORT_STABLE: MultiOp<SortInfo> = { ...SORT, node: "SortBackward1" };
const TOPK = defineSort("topk", "TopkBackward0");

/** Options of {@linkcode sort} and {@linkcode argsort}. */
export interface SortOptions {
  /** Puts the largest first. */
  readonly descending?: boolean;
  /** Accepted for compatibility: sorting always keeps the order of equal elements. */
  readonly stable?: boolean;
}

const SORT_KEYS = ["descending", "stable"];

/**
 * Sorts along a dimension, the last one by default, and tells where each
 * element was (int64). Equal elements keep their order; NaN counts as largest.
 * See `torch.sort`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = dg.sort(dg.tensor([3, 1, 2]));
 * assertEquals(values.tolist(), [1, 2, 3]);
 * assertEquals(indices.tolist(), [1, 2, 0]);
 * ```
 */
export function sort(
  x: Tensor,
  dim = -1,
  options: SortOptions = {},
): Named<"values" | "indices"> {
  checkOptions(options, SORT_KEYS, "sort");
  const at = normalizeDim(dim, x.shape.length);
  const { descending = false, stable } = options;
  const op = stable === undefined ? SORT : SORT_STABLE;
  const sorting: SortInfo = { dim: at, descending, k: -1 };
  const [values, indices] = runMulti(op, [x], sorting);
  return named({ values: values!, indices: indices! }, "sort");
}

/**
 * Tells where the elements of the sorted tensor are found (int64). See
 * `torch.argsort`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([3, 1, 2]);
 * assertEquals(dg.argsort(x).tolist(), [1, 2, 0]);
 * assertEquals(x.argsort(0, { descending: true }).tolist(), [0, 2, 1]);
 * ```
 */
export function argsort(
  x: Tensor,
  dim = -1,
  options: SortOptions = {},
): Tensor {
  checkOptions(options, SORT_KEYS, "argsort");
  return sort(x.detach(), dim, options).indices;
}

/**
 * Sorts along the first dimension. See `torch.msort`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.msort(dg.tensor([[3, 1], [2, 4]])).tolist(), [[2, 1], [3, 4]]);
 * ```
 */
export function msort(x: Tensor): Tensor {
  return sort(x, 0).values;
}

/** Options of {@linkcode topk}. */
export interface TopkOptions {
  /** Takes the largest; true where not given. */
  readonly largest?: boolean;
  /** Accepted for compatibility: the results are always in order. */
  readonly sorted?: boolean;
}

/**
 * Picks the `k` largest (or smallest) elements along a dimension, in order, and
 * tells where they were (int64). See `torch.topk`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = dg.topk(dg.tensor([1, 5, 3, 4]), 2);
 * assertEquals(values.tolist(), [5, 4]);
 * assertEquals(indices.tolist(), [1, 3]);
 * ```
 */
export function topk(
  x: Tensor,
  k: number,
  dim = -1,
  options: TopkOptions = {},
): Named<"values" | "indices"> {
  checkOptions(options, ["largest", "sorted"], "topk");
  const at = normalizeDim(dim, x.shape.length);
  const n = x.shape[at] ?? 1;
  checkInteger(k, "topk", "k");
  if (k < 0 || k > n) {
    throw new RuntimeError(
      "selected index k out of range",
      `dimension ${at} has ${n} elements`,
    );
  }
  if (x.info.category === 0) {
    throw new RuntimeError("topk does not support bool dtypes on CPU");
  }
  const sorting = { dim: at, descending: options.largest ?? true, k };
  const [values, indices] = runMulti(TOPK, [x], sorting);
  return named({ values: values!, indices: indices! }, "topk");
}
