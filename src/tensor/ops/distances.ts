// Distances between the rows of matrices, of two or of one.

import { MODE } from "../../grad/mode.ts";
import { IN0, IN1, OUT } from "../../grad/node.ts";
import { checkNumber } from "../arguments.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { FLOAT32, promote } from "../dtype.ts";
import { castTo, toDense } from "../op.ts";
import { runRows } from "../row_op.ts";
import { broadcastShapes, checkOptions, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { normOf, slopeOf } from "./distance_kernels.ts";
import { cat } from "./joining.ts";
import { triuIndices } from "./triangles.ts";

/** How {@linkcode cdist} computes Euclidean distances: by differences, or by a product of matrices. */
export type CdistComputeMode =
  | "use_mm_for_euclid_dist_if_necessary"
  | "use_mm_for_euclid_dist"
  | "donot_use_mm_for_euclid_dist";

/** Options of {@linkcode cdist}. */
export interface CdistOptions {
  /** The order of the norm, 2 where not given: not negative, or `Infinity`. */
  readonly p?: number;
  /** How Euclidean distances are computed; by a product from 26 rows on where not given. */
  readonly computeMode?: CdistComputeMode;
}

/** Options of {@linkcode pdist}. */
export interface PdistOptions {
  /** The order of the norm, 2 where not given: not negative, or `Infinity`. */
  readonly p?: number;
}

/** Most differences that a recorded gradient computes at once: they are a dimension more than the distances. */
const MOST = 1 << 22;

/** Applies `fn` to a few rows at a time and joins the results. */
function byRows(
  x: Tensor,
  y: Tensor,
  fn: (begin: number, length: number) => Tensor,
): Tensor {
  const rows = x.shape.at(-2)!;
  const per = x.count / Math.max(rows, 1) * y.shape.at(-2)!;
  const step = Math.max(Math.floor(MOST / Math.max(per, 1)), 1);
  if (step >= rows) return fn(0, rows);
  const parts: Tensor[] = [];
  for (let begin = 0; begin < rows; begin += step) {
    parts.push(fn(begin, Math.min(step, rows - begin)));
  }
  return cat(parts, -2);
}

function differences(x: Tensor, y: Tensor): Tensor {
  return x.unsqueeze(-2).sub(y.unsqueeze(-3));
}

/** The shape of all differences: a matrix for each row of `x`. */
function differencesShape(x: Tensor, y: Tensor): number[] {
  const batch = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2));
  return [...batch, x.shape.at(-2)!, y.shape.at(-2)!, x.shape.at(-1)!];
}

/** Distances by differences, which are summed as they are made. */
function distances(x: Tensor, y: Tensor, p: number): Tensor {
  if (x.info.bytes < 4) {
    const [wide, other] = [castTo(x, FLOAT32), castTo(y, FLOAT32)];
    return castTo(distances(wide, other, p), x.info);
  }
  const shape = differencesShape(x, y);
  // The largest of none is no number, the distance of nothing is 0.
  if (shape.at(-1) === 0) return x.newZeros(shape.slice(0, -1));
  const rows = [x.unsqueeze(-2), y.unsqueeze(-3)];
  const { totals } = runRows(normOf(p), shape, shape.length - 1, rows, [
    p,
    1 / p,
  ]);
  return totals[0]!;
}

/** What one difference contributes to the gradient: `g` times the slope of the norm. */
function slopes(apart: Tensor, far: Tensor, g: Tensor, p: number): Tensor {
  if (p === 1) return apart.sign().mul(g);
  if (p === Infinity) {
    // As PyTorch has it, each of several largest differences counts fully.
    return apart.sign().mul(apart.abs().eq(far)).mul(g);
  }
  // Where rows are the same the slope is 0, and so are those of higher order:
  // nothing is divided by 0 on the way.
  const same = far.eq(0);
  const length = far.maskedFill(same, 1);
  if (p === 2) return apart.mul(g.div(length).maskedFill(same, 0));
  const size = apart.abs().maskedFill(apart.eq(0), 1);
  const weight = g.div(length.pow(p - 1)).maskedFill(same, 0);
  return p < 2
    ? apart.sign().mul(size.pow(p - 1)).mul(weight)
    : apart.mul(size.pow(p - 2)).mul(weight);
}

/** The slopes for the rows of `x`, summed as they are made; not recorded. */
function summedSlopes(
  g: Tensor,
  x: Tensor,
  y: Tensor,
  far: Tensor,
  p: number,
): Tensor {
  const shape = differencesShape(x, y);
  const last = shape.length - 1;
  const size = shape.at(-2)!;
  if (size === 0) return x.newZeros([...shape.slice(0, -2), shape[last]!]);
  shape.splice(-2, 2, shape[last]!, size);
  // What is summed lies side by side.
  const operands = [
    toDense(far).unsqueeze(-2),
    toDense(g).unsqueeze(-2),
    x.unsqueeze(-1),
    toDense(y.mT).unsqueeze(-3),
  ];
  return runRows(slopeOf(p), shape, last, operands, [p - 1]).totals[0]!;
}

/** The gradient for the rows of `x` of distances `far` to those of `y`. */
function rowsBackward(
  g: Tensor,
  x: Tensor,
  y: Tensor,
  far: Tensor,
  p: number,
): Tensor {
  if (p === 0) return x.newZeros(x.shape);
  if (!MODE.grad && g.info === x.info && g.info.bytes >= 4) {
    return summedSlopes(g, x, y, far, p);
  }
  return byRows(x, y, (begin, length) => {
    const cut = (t: Tensor) => t.narrow(-2, begin, length);
    const apart = differences(cut(x), y);
    const wide = (t: Tensor) => cut(t).unsqueeze(-1);
    return slopes(apart, wide(far), wide(g), p).sum(-2);
  });
}

const CDIST = defineKernel<number>({
  name: "cdist",
  forward: ([x, y], p) => distances(x!, y!, p),
  vjps: [
    (g, n, p) => rowsBackward(g, n.input(0), n.input(1), n.output(), p),
    (g, n, p) => rowsBackward(g.mT, n.input(1), n.input(0), n.output().mT, p),
  ],
  saves: [IN0 | IN1 | OUT, IN0 | IN1 | OUT],
});

/** `g / distance`, 0 where the distance is. */
function ratio(g: Tensor, far: Tensor): Tensor {
  const same = far.eq(0);
  return g.div(far.maskedFill(same, 1)).maskedFill(same, 0);
}

const EUCLIDEAN = defineKernel<null>({
  name: "euclideanDist",
  forward: ([x, y]) => {
    const squares = (t: Tensor) => t.square().sum(-1, { keepdim: true });
    const p = squares(x!);
    const q = squares(y!);
    const left = cat([x!.mul(-2), p, p.newOnes(p.shape)], -1);
    const right = cat([y!, q.newOnes(q.shape), q], -1);
    return left.matmul(right.mT).clampMin(0).sqrt();
  },
  vjps: [
    (g, n) => {
      const r = ratio(g, n.output());
      const sums = r.sum(-1, { keepdim: true });
      return n.input(0).mul(sums).sub(r.matmul(n.input(1)));
    },
    (g, n) => {
      const r = ratio(g, n.output()).mT;
      const sums = r.sum(-1, { keepdim: true });
      return n.input(1).mul(sums).sub(r.matmul(n.input(0)));
    },
  ],
  saves: [IN0 | IN1 | OUT, IN0 | IN1 | OUT],
});

const MODES: readonly CdistComputeMode[] = [
  "use_mm_for_euclid_dist_if_necessary",
  "use_mm_for_euclid_dist",
  "donot_use_mm_for_euclid_dist",
];

function checkRows(x: Tensor, name: string): void {
  if (x.shape.length < 2) {
    throw new RuntimeError(
      `cdist only supports at least 2D tensors, ${name} got: ${x.shape.length}D`,
      "unsqueeze(0) makes a matrix of one row",
    );
  }
}

function checkFloat(x: Tensor, name: string): void {
  if (x.info.category === 2) return;
  throw new RuntimeError(
    `cdist only supports floating-point dtypes, ${name} got: ${x.info.scalarName}`,
    'convert it with to("float32") first',
  );
}

function checkOrder(fn: string, p: number): void {
  checkNumber(p, fn, "p");
  if (p < 0) {
    throw new RuntimeError(`${fn} only supports non-negative p values`);
  }
}

/** Whether the distances are computed by a product. */
function byProduct(mode: CdistComputeMode, x: Shape, y: Shape): boolean {
  if (mode === "use_mm_for_euclid_dist") return true;
  if (mode === "donot_use_mm_for_euclid_dist") return false;
  return x.at(-2)! > 25 || y.at(-2)! > 25;
}

/**
 * The distances by the `p`-norm between each row of `x1`, [..., P, M], and each
 * of `x2`, [..., R, M]: [..., P, R]. Leading dimensions broadcast. Both hold
 * floats. Euclidean distances of more than 25 rows are computed by a product of
 * matrices, which is fast and loses digits where rows are near each other. See
 * `torch.cdist`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[0, 0], [3, 4]]);
 * assertEquals(dg.cdist(x, x).tolist(), [[0, 5], [5, 0]]);
 * assertEquals(dg.cdist(x, x, { p: 1 }).tolist(), [[0, 7], [7, 0]]);
 * ```
 */
export function cdist(
  x1: Tensor,
  x2: Tensor,
  options: CdistOptions = {},
): Tensor {
  checkOptions(options, ["p", "computeMode"], "cdist");
  const { p = 2, computeMode = MODES[0]! } = options;
  if (!MODES.includes(computeMode)) {
    throw new ValueError(
      `${computeMode} is not a valid value for computeMode`,
      `the modes are ${MODES.join(", ")}`,
    );
  }
  checkTensor(x1, "cdist", "x1");
  checkTensor(x2, "cdist", "x2");
  checkRows(x1, "X1");
  checkRows(x2, "X2");
  checkFloat(x1, "X1");
  checkFloat(x2, "X2");
  const columns = x1.shape.at(-1)!;
  if (columns !== x2.shape.at(-1)) {
    throw new RuntimeError(
      `X1 and X2 must have the same number of columns. X1: ${columns} X2: ${
        x2.shape.at(-1)
      }`,
    );
  }
  checkOrder("cdist", p);
  const { name } = promote(x1.info, x2.info);
  const x = x1.to(name);
  const y = x2.to(name);
  const batch = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2));
  if (p === 2 && columns > 0 && byProduct(computeMode, x.shape, y.shape)) {
    const shape = [...batch, x.shape.at(-2)!, y.shape.at(-2)!];
    return run(EUCLIDEAN, [x, y], null).view(shape);
  }
  return run(CDIST, [x, y], p);
}

/** The matrix with given numbers above its diagonal, and below it mirrored. */
function mirrored(x: Tensor, upper: Tensor, pairs: Tensor): Tensor {
  const n = x.shape[0]!;
  const [i, j] = pairs.unbind();
  const half = upper.newZeros([n, n]).indexPut([i!, j!], upper);
  return half.add(half.mT);
}

function pairsOf(x: Tensor): Tensor {
  const n = x.shape[0]!;
  return triuIndices(n, n, { offset: 1, device: x.storage.device });
}

/** So many rows meet all that follow at once: what lies below the diagonal there is for nothing. */
const BLOCK = 128;

const PDIST = defineKernel<number>({
  name: "pdist",
  forward: ([x], p) => {
    const n = x!.shape[0]!;
    const parts: Tensor[] = [];
    for (let begin = 0; begin < n || begin === 0; begin += BLOCK) {
      const rows = Math.min(BLOCK, n - begin);
      const others = n - begin;
      const far = distances(
        x!.narrow(0, begin, rows),
        x!.narrow(0, begin, others),
        p,
      );
      const { device } = x!.storage;
      const [i, j] = triuIndices(rows, others, { offset: 1, device }).unbind();
      parts.push(far.at(i!, j!));
    }
    return parts.length === 1 ? parts[0]! : cat(parts);
  },
  vjps: [(g, n, p) => {
    const x = n.input(0);
    const pairs = pairsOf(x);
    const far = mirrored(x, n.output(), pairs);
    return rowsBackward(mirrored(x, g, pairs), x, x, far, p);
  }],
  saves: [IN0 | OUT],
});

/**
 * The distances by the `p`-norm between each two rows of a matrix: those above
 * the diagonal of `cdist(x, x)`, in a vector. See `torch.nn.functional.pdist`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[0, 0], [3, 4], [0, 8]]);
 * assertEquals(dg.pdist(x).tolist(), [5, 8, 5]);
 * ```
 */
export function pdist(x: Tensor, options: PdistOptions = {}): Tensor {
  checkOptions(options, ["p"], "pdist");
  const { p = 2 } = options;
  if (x.shape.length !== 2) {
    throw new RuntimeError(
      `pdist only supports 2D tensors, got: ${x.shape.length}D`,
    );
  }
  if (x.info.category !== 2) {
    throw new RuntimeError("pdist only supports floating-point dtypes");
  }
  checkOrder("pdist", p);
  return run(PDIST, [x], p);
}
