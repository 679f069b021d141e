// Distinct elements or slices. Sorted neighbours are compared; positions of the
// first of each kind do the rest.

import { INT32, INT64 } from "../dtype.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { positionsOf } from "../index_range.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import { castTo, emptyTensor, stridedLike, toDense } from "../op.ts";
import { checkOptions, normalizeDim, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** What the ops know. */
interface Distinct {
  /** The dimension whose slices are compared; null compares elements. */
  readonly dim: number | null;
  /** Whether equals need not be neighbours. */
  readonly sorts: boolean;
}

/** The slices along a dimension as rows, or the elements as rows of one. */
function asRows(x: Tensor, dim: number | null): Tensor {
  if (dim === null) return toDense(x).reshape([x.count, 1]);
  const front = x.movedim(dim, 0);
  const n = front.shape[0]!;
  return toDense(front).reshape([n, n === 0 ? 0 : x.count / n]);
}

/** The order that sorts rows, the first column first; int64. */
function orderOf(rows: Tensor): Tensor {
  const [, m] = rows.shape;
  if (m === 1) return rows.reshape(-1).argsort(0);
  // Sorting stably by the last column first sorts by all of them in the end.
  let order = rows.select(1, m! - 1).argsort(0);
  for (let c = m! - 2; c >= 0; c--) {
    const keys = rows.select(1, c).indexSelect(0, order);
    order = order.indexSelect(0, keys.argsort(0));
  }
  return order;
}

/** Which rows differ from the one before. */
function firsts(rows: Tensor): Tensor {
  const n = rows.shape[0]!;
  const out = rows.newOnes([n], { dtype: "bool" });
  if (n < 2) return out;
  const pairs = rows.narrow(0, 1, n - 1).ne(rows.narrow(0, 0, n - 1));
  const differs = rows.shape[1] === 1 ? pairs.reshape(-1) : pairs.any(1);
  const { device } = rows.storage;
  device.copy(stridedLike(out, [n - 1], [1], out.offset + 1, false), differs);
  return out;
}

/** Distinct rows, the kind of each row, and how many of each kind there are. */
function distinct(x: Tensor, { dim, sorts }: Distinct): Tensor[] {
  const rows = asRows(x, dim);
  const n = rows.shape[0]!;
  const order = sorts && n > 0 ? orderOf(rows) : null;
  const inOrder = order === null ? rows : rows.indexSelect(0, order);
  const first = firsts(inOrder);
  const starts = positionsOf(first);
  const kinds = first.cumsum(0).sub(1);
  const inverse = order === null
    ? kinds
    : kinds.newZeros([n]).scatter(0, order, kinds);
  const counts = differences(starts, n);
  const picked = inOrder.indexSelect(0, starts);
  if (dim === null) {
    return [picked.reshape(-1), inverse.reshape(x.shape), counts];
  }
  const shape = x.movedim(dim, 0).shape.slice();
  shape[0] = starts.count;
  const out = picked.reshape(shape).movedim(0, dim).contiguous();
  return [out, inverse, counts];
}

/** Lengths of the runs that start at given positions and end at `n`, int64. */
function differences(starts: Tensor, n: number): Tensor {
  const { device } = starts.storage;
  const { count } = starts;
  const ends = emptyTensor(device, INT32, [count]);
  if (count > 0) {
    const rest = stridedLike(starts, [count - 1], [1], starts.offset + 1, true);
    device.copy(stridedLike(ends, [count - 1], [1], ends.offset, true), rest);
    device.fill(stridedLike(ends, [], [], ends.offset + count - 1, true), n);
  }
  return castTo(ends.sub(starts), INT64);
}

function define(name: string, node: string) {
  return defineMulti<Distinct>({
    name,
    node,
    forward: ([x], options) => distinct(x!, options),
    // Recorded as in PyTorch, which has no derivative for them either.
    vjps: [null],
  });
}

const UNIQUE = define("unique", "Unique2Backward0");
const UNIQUE_DIM = { ...UNIQUE, node: "UniqueDimBackward0" };
const CONSECUTIVE = define("uniqueConsecutive", "UniqueConsecutiveBackward0");

/** Options of {@linkcode uniqueConsecutive}. */
export interface UniqueConsecutiveOptions {
  /** Also tells the number of each element among the distinct ones. */
  readonly returnInverse?: boolean;
  /** Also tells how many there are of each. */
  readonly returnCounts?: boolean;
}

/** Options of {@linkcode unique}. */
export interface UniqueOptions extends UniqueConsecutiveOptions {
  /** Accepted for compatibility: the results are always sorted. */
  readonly sorted?: boolean;
}

/** What comes back: the distinct elements alone, or an array with what else was asked for. */
export type UniqueResult<O> = O extends
  { readonly returnInverse: true; readonly returnCounts: true }
  ? [Tensor, Tensor, Tensor]
  : O extends { readonly returnInverse: true } | { readonly returnCounts: true }
    ? [Tensor, Tensor]
  : Tensor;

function answer<O extends UniqueConsecutiveOptions>(
  x: Tensor,
  dim: number | null | undefined,
  options: O,
  sorts: boolean,
): UniqueResult<O> {
  const { returnInverse = false, returnCounts = false } = options;
  let at: number | null = null;
  if (dim != null) {
    if (x.shape.length === 0) {
      throw new IndexError(
        `Dimension specified as ${dim} but tensor has no dimensions`,
      );
    }
    at = normalizeDim(dim, x.shape.length);
    if (x.shape.some((n, d) => n === 0 && d !== at)) {
      throw new RuntimeError(
        "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied",
        `the shape is ${showShape(x.shape)}`,
      );
    }
  }
  const op = !sorts ? CONSECUTIVE : at === null ? UNIQUE : UNIQUE_DIM;
  const [values, inverse, counts] = runMulti(op, [x], { dim: at, sorts });
  const out = [values!];
  if (returnInverse) out.push(inverse!);
  if (returnCounts) out.push(counts!);
  return (out.length === 1 ? values! : out) as UniqueResult<O>;
}

/**
 * The distinct elements in ascending order, or the distinct slices along
 * `dim`; NaN is distinct from NaN. With `returnInverse` and `returnCounts` an
 * array of all that was asked for. See `torch.unique`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([3, 1, 3]);
 * assertEquals(dg.unique(x).tolist(), [1, 3]);
 * const [values, counts] = dg.unique(x, null, { returnCounts: true });
 * assertEquals([values.tolist(), counts.tolist()], [[1, 3], [1, 2]]);
 * ```
 */
export function unique<const O extends UniqueOptions>(
  x: Tensor,
  dim?: number | null,
  options: O = {} as O,
): UniqueResult<O> {
  const known = ["sorted", "returnInverse", "returnCounts"];
  checkOptions(options, known, "unique");
  return answer(x, dim, options, true);
}

/**
 * Drops elements that equal the one before, or slices along `dim`. See
 * `torch.unique_consecutive`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 1, 2, 1]);
 * assertEquals(dg.uniqueConsecutive(x).tolist(), [1, 2, 1]);
 * ```
 */
export function uniqueConsecutive<const O extends UniqueConsecutiveOptions>(
  x: Tensor,
  dim?: number | null,
  options: O = {} as O,
): UniqueResult<O> {
  const known = ["returnInverse", "returnCounts"];
  checkOptions(options, known, "uniqueConsecutive");
  return answer(x, dim, options, false);
}
