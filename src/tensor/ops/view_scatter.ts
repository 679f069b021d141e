// Copies of a tensor in which a view shows other values: the forms of
// `x.select(0, 1).copy_(src)` that change nothing in place.

import { checkInteger } from "../arguments.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { sliceDim } from "../part_op.ts";
import { checkOptions, normalizeDim, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { DiagonalOptions } from "./diagonals.ts";

/** An op that writes into a copy through a view. */
interface ViewScatter<O> {
  readonly op: KernelOp<O>;
  readonly view: (x: Tensor, options: O) => Tensor;
}

function define<O>(
  name: string,
  view: (x: Tensor, options: O) => Tensor,
): ViewScatter<O> {
  const op: KernelOp<O> = defineKernel<O>({
    name,
    forward: ([x, src], options) => {
      const out = x!.clone();
      view(out, options).copy_(src!);
      return out;
    },
    vjps: [
      (g, _n, options) => {
        const seen = view(g.detach(), options);
        return run(op, [g, g.newZeros(seen.shape)], options);
      },
      (g, _n, options) => view(g, options),
    ],
  });
  return { op, view };
}

function scatterInto<O>(
  { op, view }: ViewScatter<O>,
  x: Tensor,
  src: Tensor,
  options: O,
): Tensor {
  const { shape } = view(x.detach(), options);
  if (!sameShape(src.shape, shape)) {
    throw new RuntimeError(
      `expected src to have a size equal to the slice of self. src size = ${
        showShape(src.shape)
      }, slice size = ${showShape(shape)}`,
    );
  }
  return run(op, [x, src], options);
}

const SELECT = define<{ readonly dim: number; readonly index: number }>(
  "selectScatter",
  (x, { dim, index }) => x.select(dim, index),
);

/**
 * A copy of `x` with `src` at one position of a dimension. See
 * `torch.select_scatter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([2, 2]);
 * assertEquals(x.selectScatter(dg.ones(2), 0, 1).tolist(), [[0, 0], [1, 1]]);
 * ```
 */
export function selectScatter(
  x: Tensor,
  src: Tensor,
  dim: number,
  index: number,
): Tensor {
  return scatterInto(SELECT, x, src, { dim, index });
}

const DIAGONAL = define<DiagonalOptions>(
  "diagonalScatter",
  (x, options) => x.diagonal(options),
);

/**
 * A copy of `x` with `src` on a diagonal. See `torch.diagonal_scatter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([2, 2]);
 * assertEquals(x.diagonalScatter(dg.ones(2)).tolist(), [[1, 0], [0, 1]]);
 * ```
 */
export function diagonalScatter(
  x: Tensor,
  src: Tensor,
  options: DiagonalOptions = {},
): Tensor {
  return scatterInto(DIAGONAL, x, src, options);
}

/** Options of {@linkcode sliceScatter}. */
export interface SliceScatterOptions {
  /** First position, 0 where not given; negative counts from the end. */
  readonly start?: number;
  /** Position after the last one; the end where not given. */
  readonly end?: number;
  /** Distance between neighbours; 1 where not given. */
  readonly step?: number;
}

const SLICE = define<{
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}>(
  "sliceScatter",
  (x, { dim, start, length, step }) => sliceDim(x, dim, start, length, step),
);

/** A position as Python's slices take it: counted from the end, and never outside. */
function bound(value: number, length: number): number {
  const from = value < 0 ? value + length : value;
  return Math.min(Math.max(from, 0), length);
}

/**
 * A copy of `x` with `src` in a slice of a dimension, as Python's slices count.
 * See `torch.slice_scatter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros(4);
 * const y = x.sliceScatter(dg.ones(2), 0, { start: 1, end: -1 });
 * assertEquals(y.tolist(), [0, 1, 1, 0]);
 * ```
 */
export function sliceScatter(
  x: Tensor,
  src: Tensor,
  dim: number = 0,
  options: SliceScatterOptions = {},
): Tensor {
  checkOptions(options, ["start", "end", "step"], "sliceScatter");
  if (x.shape.length === 0) {
    throw new IndexError(
      "slice() cannot be applied to a 0-dim tensor.",
    );
  }
  const at = normalizeDim(dim, x.shape.length);
  const have = x.shape[at]!;
  const { start = 0, end = have, step = 1 } = options;
  checkInteger(start, "sliceScatter", "start");
  checkInteger(end, "sliceScatter", "end");
  checkInteger(step, "sliceScatter", "step");
  if (step <= 0) throw new RuntimeError("slice step must be positive");
  const from = bound(start, have);
  const length = Math.max(Math.ceil((bound(end, have) - from) / step), 0);
  return scatterInto(SLICE, x, src, { dim: at, start: from, length, step });
}
