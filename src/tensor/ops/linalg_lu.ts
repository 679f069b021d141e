// Factorizations of matrices into a permutation, a lower and an upper triangle,
// and systems of equations that are solved with one.

import { OUT, OUT1 } from "../../grad/node.ts";
import { INT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import {
  defineKernel,
  defineMulti,
  run,
  runMulti,
  unrecorded,
} from "../kernel_op.ts";
import {
  batchShape,
  checkKernel,
  firstFailure,
  identityLike,
  resultLike,
  runTask,
  turn,
} from "../linalg_op.ts";
import { emptyTensor } from "../op.ts";
import { type Named, named, type Three } from "../results.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";
import { solveTriangular } from "./linalg_triangular.ts";

/** Both triangles in one matrix, pivots and what went wrong. */
export type PackedLu = readonly [packed: Tensor, pivots: Tensor, info: Tensor];

/** Factors batches of matrices; not recorded. */
export function factorLu(x: Tensor, name: string): PackedLu {
  const lead = batchShape(x);
  const [m, n] = x.shape.slice(-2) as [number, number];
  const packed = resultLike(x, x.shape);
  const pivots = resultLike(x, [...lead, Math.min(m, n)], INT32);
  const info = resultLike(x, lead, INT32);
  runTask({ name: "lu" }, name, [packed, pivots, info], [x]);
  return [packed, pivots, info];
}

interface OrderContext {
  readonly rows: number;
  readonly inverse: boolean;
}

// An op, so that vmap, whose tensors cannot be read, runs it for each sample.
const ROW_ORDER = defineKernel<OrderContext>({
  name: "rowOrder",
  forward: ([pivots], { rows, inverse }) => orderNow(pivots!, rows, inverse),
});

/**
 * The order of rows that pivots mean: row `i` of the permuted matrix was row
 * `order[i]`. The other way round if `inverse`.
 */
export function orderOf(
  pivots: Tensor,
  rows: number,
  inverse: boolean,
): Tensor {
  return run(ROW_ORDER, [pivots], { rows, inverse });
}

function orderNow(pivots: Tensor, rows: number, inverse: boolean): Tensor {
  const { device } = pivots.storage;
  const count = pivots.shape[pivots.shape.length - 1]!;
  const shape = [...pivots.shape.slice(0, -1), rows];
  const order = emptyTensor(device, device.indexInfo, shape);
  if (order.count === 0) return order;
  const given = device.read(pivots) as Int32Array;
  const values = new Int32Array(order.count);
  const line = new Int32Array(rows);
  for (let b = 0; b * rows < values.length; b++) {
    for (let i = 0; i < rows; i++) line[i] = i;
    for (let i = 0; i < count; i++) {
      const other = given[b * count + i]! - 1;
      const row = line[i]!;
      line[i] = line[other]!;
      line[other] = row;
    }
    for (let i = 0; i < rows; i++) {
      if (inverse) values[b * rows + line[i]!] = i;
      else values[b * rows + i] = line[i]!;
    }
  }
  device.write(order, values);
  return order;
}

/** Puts the rows of matrices in another order. */
export function orderRows(x: Tensor, order: Tensor): Tensor {
  const index = order.unsqueeze(-1);
  return x.gather(-2, index.expand(x.shape));
}

/** The permutations as matrices: `p @ l @ u` is what was factored. */
function permutations(x: Tensor, pivots: Tensor): Tensor {
  const m = x.shape[x.shape.length - 2]!;
  const shape = [...batchShape(x), m, m];
  const order = orderOf(pivots, m, true);
  return orderRows(identityLike(x, shape), order);
}

/** The lower and the upper triangle that lie in one matrix; recorded. */
function triangles(packed: Tensor): [l: Tensor, u: Tensor] {
  const [m, n] = packed.shape.slice(-2) as [number, number];
  const k = Math.min(m, n);
  const lower = packed.narrow(-1, 0, k);
  const ones = identityLike(packed, lower.shape);
  return [
    lower.tril({ diagonal: -1 }).add(ones),
    packed.narrow(-2, 0, k).triu(),
  ];
}

/** Zeros in place of a gradient that is not there. */
function orZeros(g: Tensor | null | undefined, like: Tensor): Tensor {
  return g ?? like.newZeros(like.shape);
}

/** The gradient of a matrix `p @ l @ u`, given those of its factors. */
function luBackward(
  gl: Tensor,
  gu: Tensor,
  p: Tensor,
  l: Tensor,
  u: Tensor,
): Tensor {
  const m = l.shape[l.shape.length - 2]!;
  const n = u.shape[u.shape.length - 1]!;
  const k = Math.min(m, n);
  const byL = { upper: true, unitriangular: true };
  const byU = { upper: false, left: false };
  const strict = { diagonal: -1 };
  if (m === n) {
    const inner = turn(l).matmul(gl).tril(strict)
      .add(gu.matmul(turn(u)).triu());
    const right = solveTriangular(turn(u), inner, byU);
    return p.matmul(solveTriangular(turn(l), right, byL));
  }
  if (m < n) {
    const inner = turn(l).matmul(gl).sub(gu.triu().matmul(turn(u)));
    const square = turn(u.narrow(-1, 0, k));
    const first = solveTriangular(square, inner.tril(strict), byU)
      .add(gu.narrow(-1, 0, k).triu());
    const all = cat([first, gu.narrow(-1, k, n - k)], -1);
    return p.matmul(solveTriangular(turn(l), all, byL));
  }
  const inner = gu.matmul(turn(u)).sub(turn(l).matmul(gl.tril(strict)));
  const square = turn(l.narrow(-2, 0, k));
  const first = solveTriangular(square, inner.triu(), byL)
    .add(gl.narrow(-2, 0, k).tril(strict));
  const all = cat([first, gl.narrow(-2, k, m - k)], -2);
  return p.matmul(solveTriangular(turn(u), all, byU));
}

/** Options of {@linkcode luFactor} and {@linkcode lu}. */
export interface LuOptions {
  /** Whether rows are exchanged; the CPU has nothing else. */
  readonly pivot?: boolean;
}

/** Options of {@linkcode luFactorEx}. */
export interface LuFactorExOptions extends LuOptions {
  /** Whether a zero on the diagonal of U is an error. */
  readonly checkErrors?: boolean;
}

function checkLu(
  name: string,
  x: Tensor,
  options: LuFactorExOptions,
  keys: readonly string[],
): void {
  checkOptions(options, keys, name);
  if (x.shape.length < 2) {
    throw new RuntimeError(
      `${name}: Expected tensor with 2 or more dimensions. Got size: ${
        showShape(x.shape)
      } instead`,
    );
  }
  if (options.pivot === false) {
    throw new RuntimeError(
      "linalg.luFactor: LU without pivoting is not implemented on the CPU",
    );
  }
  checkKernel("lu_cpu", x);
}

const LU_FACTOR_EX = defineMulti<null>({
  name: "linalgLuFactorEx",
  forward: ([x]) => [...factorLu(x!, "linalg.luFactor")],
  vjps: [(g, n) => {
    const packed = n.output(0);
    const [l, u] = triangles(packed);
    const k = u.shape[u.shape.length - 2]!;
    const gl = g.narrow(-1, 0, k).tril({ diagonal: -1 });
    const gu = g.narrow(-2, 0, k).triu();
    return luBackward(gl, gu, permutations(packed, n.output(1)), l, u);
  }],
  saves: [OUT | OUT1],
});

/**
 * Factors matrices as {@linkcode luFactor} does, and tells in `info` of each
 * matrix the number of the first zero on the diagonal of U, counted from 1; 0
 * where there is none. See `torch.linalg.lu_factor_ex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { info } = dg.linalg.luFactorEx(dg.ones([2, 2]));
 * assertEquals(info.item(), 2);
 * ```
 */
export function luFactorEx(
  a: Tensor,
  options: LuFactorExOptions = {},
): Named<"LU" | "pivots" | "info", Three> {
  checkLu("torch.luFactor", a, options, ["pivot", "checkErrors"]);
  const { checkErrors = false } = options;
  return factorEx(a, "torch.linalg.luFactorEx", checkErrors);
}

function factorEx(
  a: Tensor,
  name: string,
  checkErrors: boolean,
): Named<"LU" | "pivots" | "info", Three> {
  const [LU, pivots, info] = runMulti(LU_FACTOR_EX, [a], null);
  if (checkErrors) {
    const found = firstFailure(info!);
    if (found !== null) {
      throw new RuntimeError(
        `${name}: ${found.batch}U[${found.code},${found.code}] is zero and using it on luSolve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.luFactorEx(A, pivot)`,
      );
    }
  }
  return named(
    { LU: LU!, pivots: pivots!, info: info! },
    "linalg_lu_factor_ex",
  );
}

/**
 * Factors batches of matrices with partial pivoting: both triangles in one
 * matrix, without the ones on the diagonal of L, and `pivots` (int32, counted
 * from 1), the row that each row was exchanged with in turn. A zero on the
 * diagonal of U is an error. See `torch.linalg.lu_factor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { LU, pivots } = dg.linalg.luFactor(dg.tensor([[1, 2], [4, 4]]));
 * assertEquals(LU.tolist(), [[4, 4], [0.25, 1]]);
 * assertEquals(pivots.tolist(), [2, 2]);
 * ```
 */
export function luFactor(
  a: Tensor,
  options: LuOptions = {},
): Named<"LU" | "pivots"> {
  checkLu("torch.luFactor", a, options, ["pivot"]);
  const { LU, pivots } = factorEx(a, "torch.linalg.luFactor", true);
  return named({ LU, pivots }, "linalg_lu_factor");
}

const LU = defineMulti<null>({
  name: "linalgLu",
  forward: ([x]) => {
    const [packed, pivots] = factorLu(x!, "linalg.lu");
    return [...triangles(packed), pivots];
  },
  vjps: [(_g, n) => {
    const [l, u] = [n.output(0), n.output(1)];
    const [gl, gu] = n.grads!;
    const p = permutations(l, n.output(2));
    return luBackward(orZeros(gl, l), orZeros(gu, u), p, l, u);
  }],
  saves: [OUT | OUT1 | OUT << 2],
});

/**
 * Factors batches of matrices: `a = P @ L @ U` with a permutation, a lower
 * triangle with ones on its diagonal and an upper triangle. See
 * `torch.linalg.lu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { P, L, U } = dg.linalg.lu(dg.tensor([[1, 2], [4, 4]]));
 * assertEquals(P.tolist(), [[0, 1], [1, 0]]);
 * assertEquals(L.tolist(), [[1, 0], [0.25, 1]]);
 * assertEquals(U.tolist(), [[4, 4], [0, 1]]);
 * ```
 */
export function lu(
  a: Tensor,
  options: LuOptions = {},
): Named<"P" | "L" | "U", Three> {
  checkLu("linalg.lu", a, options, ["pivot"]);
  const [L, U, pivots] = runMulti(LU, [a], null);
  const P = unrecorded(() => permutations(a.detach(), pivots!));
  return named({ P, L: L!, U: U! }, "linalg_lu");
}
