// The triangles of matrices on either side of a diagonal, and where they lie.

import { checkInteger } from "../arguments.ts";
import { BOOL, type DType, dtypeInfo, INT32 } from "../dtype.ts";
import { type DeviceLike, deviceOf } from "../device.ts";
import { RuntimeError } from "../errors.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { viewOf } from "../move_op.ts";
import { castTo, checkHasType, emptyTensor } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { WhichDiagonalOptions } from "./diagonals.ts";

/**
 * Where a matrix keeps its elements: the mask depends on column minus row only,
 * so that one line of `rows + columns - 1` values, read with the strides
 * [-1, 1], is all of it.
 */
function band(x: Tensor, keep: (difference: number) => boolean): Tensor {
  const rank = x.shape.length;
  const rows = x.shape[rank - 2]!;
  const columns = x.shape[rank - 1]!;
  const { device } = x.storage;
  const line = emptyTensor(device, BOOL, [Math.max(rows + columns - 1, 0)]);
  device.write(
    line,
    Array.from({ length: line.count }, (_, i) => Number(keep(i - rows + 1))),
  );
  return viewOf(line, [rows, columns], [-1, 1], Math.max(rows - 1, 0), "band");
}

const TRIL = defineKernel<number>({
  name: "tril",
  forward: ([x], k) => x!.where(band(x!, (d) => d <= k), x!.newZeros([])),
  vjps: [(g, _n, k) => g.tril({ diagonal: k })],
});

/**
 * The lower triangle of matrices, up to a diagonal; zeros above it. See `torch.tril`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ones([2, 2]).tril().tolist(), [[1, 0], [1, 1]]);
 * ```
 */
export function tril(x: Tensor, options: WhichDiagonalOptions = {}): Tensor {
  return run(TRIL, [x], diagonalOf("tril", x, options));
}

/** Puts zeros above a diagonal in place; see {@linkcode tril}. */
export function tril_(x: Tensor, options?: WhichDiagonalOptions): Tensor {
  return inplace(x, [], (x) => tril(x, options));
}

/** Checks the arguments of a triangle; which diagonal bounds it. */
function diagonalOf(
  name: string,
  x: Tensor,
  options: WhichDiagonalOptions,
): number {
  checkOptions(options, ["diagonal"], name);
  const { diagonal = 0 } = options;
  checkInteger(diagonal, name, "diagonal");
  if (x.shape.length < 2) {
    throw new RuntimeError(
      `${name}: input tensor must have at least 2 dimensions`,
    );
  }
  return diagonal;
}

const TRIU = defineKernel<number>({
  name: "triu",
  forward: ([x], k) => x!.where(band(x!, (d) => d >= k), x!.newZeros([])),
  vjps: [(g, _n, k) => g.triu({ diagonal: k })],
});

/**
 * The upper triangle of matrices, from a diagonal on; zeros below it. See `torch.triu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ones([2, 2]).triu().tolist(), [[1, 1], [0, 1]]);
 * ```
 */
export function triu(x: Tensor, options: WhichDiagonalOptions = {}): Tensor {
  return run(TRIU, [x], diagonalOf("triu", x, options));
}

/** Puts zeros below a diagonal in place; see {@linkcode triu}. */
export function triu_(x: Tensor, options?: WhichDiagonalOptions): Tensor {
  return inplace(x, [], (x) => triu(x, options));
}

/** Options of {@linkcode trilIndices} and {@linkcode triuIndices}. */
export interface TriangleIndicesOptions {
  /** Which diagonal bounds the triangle; 0 where not given. */
  readonly offset?: number;
  /** Element type; int64 where not given. */
  readonly dtype?: DType;
  /** Where the tensor lives. */
  readonly device?: DeviceLike;
}

function triangleIndices(
  name: string,
  row: number,
  col: number,
  options: TriangleIndicesOptions,
  within: (row: number) => readonly [from: number, to: number],
): Tensor {
  checkOptions(options, ["offset", "dtype", "device"], name);
  checkInteger(row, name, "row");
  checkInteger(col, name, "col");
  if (row < 0) {
    throw new RuntimeError(`row must be non-negative, got${row}`);
  }
  if (col < 0) {
    throw new RuntimeError(`col must be non-negative, got${col}`);
  }
  // Of each row, the columns from `from` to below `to`.
  const bounds: [from: number, to: number][] = [];
  let count = 0;
  for (let i = 0; i < row; i++) {
    const [from, to] = within(i);
    const bound: [number, number] = [
      Math.max(from, 0),
      Math.max(Math.min(to, col), Math.max(from, 0)),
    ];
    bounds.push(bound);
    count += bound[1] - bound[0];
  }
  const positions = new Int32Array(2 * count);
  let at = 0;
  bounds.forEach(([from, to], i) => {
    positions.fill(i, at, at + to - from);
    for (let j = from; j < to; j++) positions[count + at++] = j;
  });
  const device = deviceOf(options.device);
  const info = options.dtype === undefined
    ? device.indexInfo
    : dtypeInfo(options.dtype);
  checkHasType(device, info);
  const out = emptyTensor(device, INT32, [2, count]);
  device.write(out, positions);
  return castTo(out, info);
}

/**
 * Positions of the elements in the lower triangle of a matrix: a row of rows and
 * a row of columns. See `torch.tril_indices`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.trilIndices(2, 2).tolist(), [[0, 1, 1], [0, 0, 1]]);
 * ```
 */
export function trilIndices(
  row: number,
  col: number,
  options: TriangleIndicesOptions = {},
): Tensor {
  const { offset = 0 } = options;
  return triangleIndices("trilIndices", row, col, options, (i) => [
    0,
    i + offset + 1,
  ]);
}

/**
 * Positions of the elements in the upper triangle of a matrix: a row of rows and
 * a row of columns. See `torch.triu_indices`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.triuIndices(2, 2).tolist(), [[0, 0, 1], [0, 1, 1]]);
 * ```
 */
export function triuIndices(
  row: number,
  col: number,
  options: TriangleIndicesOptions = {},
): Tensor {
  const { offset = 0 } = options;
  return triangleIndices("triuIndices", row, col, options, (i) => [
    i + offset,
    col,
  ]);
}
