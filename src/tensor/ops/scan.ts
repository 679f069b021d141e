// Running sums, products, and extreme values along a dimension.

import { type Node, OUT1 } from "../../grad/node.ts";
import {
  cumsumFromEnd,
  dimLast,
  scan,
  scanAlong,
  type ScanContext,
  scanContext,
  scanInto,
} from "../along_op.ts";
import { type DType, INT64 } from "../dtype.ts";
import { call } from "../expr.ts";
import { inRange } from "../index_range.ts";
import {
  defineKernel,
  defineMulti,
  type MultiOp,
  runMulti,
} from "../kernel_op.ts";
import { broughtBack } from "../picked_op.ts";
import { emptyTensor } from "../op.ts";
import { reduceKernel } from "../reduce_op.ts";
import { type Named, named } from "../results.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode cumsum} and {@linkcode cumprod}. */
export interface ScanOptions {
  /** Type to compute in and to return. */
  readonly dtype?: DType;
}

const RUNNING_SUM = reduceKernel({
  start: 0,
  step: (acc, x) => call("add", acc, x),
});

const CUMSUM = defineKernel<ScanContext>({
  name: "cumsum",
  forward: ([x], { dim, info }) => scanAlong(RUNNING_SUM, info, x!, dim),
  vjps: [
    (g, _n, { dim }) =>
      g.count <= 1 || g.shape[dim] === 1 ? g : cumsumFromEnd(g, dim),
  ],
});

/**
 * Running sum along a dimension; integers and bool give int64. See `torch.cumsum`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2, 3]).cumsum(0).tolist(), [1, 3, 6]);
 * ```
 */
export function cumsum(
  x: Tensor,
  dim: number,
  options: ScanOptions = {},
): Tensor {
  return scan(CUMSUM, x, dim, options);
}

/** Makes `x` its running sum in place; see {@linkcode cumsum}. */
export function cumsum_(
  x: Tensor,
  dim: number,
  options: ScanOptions = {},
): Tensor {
  return scanInto(cumsum, x, dim, options);
}

function runningExtremes(x: Tensor, largest: boolean, dim: number): Tensor[] {
  const { device } = x.storage;
  const values = emptyTensor(device, x.info, x.shape);
  const indices = emptyTensor(device, INT64, x.shape);
  const turned = dimLast(x, dim);
  if (turned === x) {
    device.argScan(largest, values, indices, x);
    return [values, inRange(indices, x.shape[dim] ?? 1)];
  }
  const scanned = emptyTensor(device, x.info, turned.shape);
  const positions = emptyTensor(device, INT64, turned.shape);
  device.argScan(largest, scanned, positions, turned);
  device.copy(dimLast(values, dim), scanned);
  device.copy(dimLast(indices, dim), positions);
  return [values, inRange(indices, x.shape[dim]!)];
}

function runningBackward(g: Tensor, n: Node, o: ScanContext): Tensor {
  if (g.count === 0) return g;
  return broughtBack(g, o.shape, o.dim, n.output(1).detach(), "scatterAdd");
}

const CUMMAX = defineMulti<ScanContext>({
  name: "cummax",
  forward: ([x], o) => runningExtremes(x!, true, o.dim),
  vjps: [runningBackward],
  saves: [OUT1],
});

const CUMMIN = defineMulti<ScanContext>({
  name: "cummin",
  forward: ([x], o) => runningExtremes(x!, false, o.dim),
  vjps: [runningBackward],
  saves: [OUT1],
});

function extremeScan(
  op: MultiOp<ScanContext>,
  x: Tensor,
  dim: number,
): Named<"values" | "indices"> {
  const o = scanContext(x, dim, x.info);
  const [values, indices] = runMulti(op, [x], o);
  return named({ values: values!, indices: indices! }, op.name);
}

/**
 * Running maximum along a dimension with positions, the last of equals; NaN
 * stays. See `torch.cummax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = dg.tensor([1, 3, 2]).cummax(0);
 * assertEquals(values.tolist(), [1, 3, 3]);
 * assertEquals(indices.tolist(), [0, 1, 1]);
 * ```
 */
export function cummax(x: Tensor, dim: number): Named<"values" | "indices"> {
  return extremeScan(CUMMAX, x, dim);
}

/**
 * Running minimum along a dimension with positions, the last of equals; NaN
 * stays. See `torch.cummin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([3, 1, 2]).cummin(0).values.tolist(), [3, 1, 1]);
 * ```
 */
export function cummin(x: Tensor, dim: number): Named<"values" | "indices"> {
  return extremeScan(CUMMIN, x, dim);
}
