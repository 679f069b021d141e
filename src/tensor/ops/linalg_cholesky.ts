// Factorizations of symmetric positive definite matrices into a triangle and
// its transpose, and what is solved with them.

import { IN0, IN1, OUT } from "../../grad/node.ts";
import { INT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, defineMulti, run, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  broadcastBatches,
  checkFactors,
  checkFloat,
  checkKernel,
  checkSameKind,
  checkSquare,
  identityLike,
  refuseFailure,
  resultLike,
  runTask,
  turn,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import { broadcastShapes, checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { solveTriangles, solveTriangular } from "./linalg_triangular.ts";

/** Options of {@linkcode cholesky}. */
export interface CholeskyOptions {
  /** Whether the upper triangle is read and returned, in place of the lower one. */
  readonly upper?: boolean;
}

/** Options of {@linkcode choleskyEx}. */
export interface CholeskyExOptions extends CholeskyOptions {
  /** Whether a matrix that is not positive definite is an error. */
  readonly checkErrors?: boolean;
}

const CHOLESKY_EX = defineMulti<boolean>({
  name: "linalgCholeskyEx",
  forward: ([a], upper) => {
    const x = upper ? turn(a!) : a!;
    const out = resultLike(x, x.shape);
    const info = resultLike(x, batchShape(x), INT32);
    runTask({ name: "cholesky" }, "linalg.cholesky", [out, info], [x]);
    return [upper ? turn(out).contiguous() : out, info];
  },
  vjps: [(_g, n, upper) => {
    const l = upper ? turn(n.output()) : n.output();
    const given = n.grads![0]!;
    const g = upper ? turn(given) : given;
    const lower = turn(l).matmul(g).tril();
    const middle = lower.add(turn(lower.tril({ diagonal: -1 })))
      .mul(0.5);
    const left = solveTriangular(turn(l), middle, { upper: true });
    return solveTriangular(l, left, { upper: false, left: false });
  }],
  saves: [OUT],
});

function factor(
  a: Tensor,
  upper: boolean,
): [l: Tensor, info: Tensor] {
  checkFloat("linalg.cholesky", a);
  checkSquare("linalg.cholesky", a);
  checkKernel("cholesky_cpu", a);
  const [l, info] = runMulti(CHOLESKY_EX, [a], upper);
  return [l!, info!];
}

function refuseIndefinite(name: string, info: Tensor): void {
  refuseFailure(
    name,
    info,
    (code) =>
      `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${code} is not positive-definite).`,
    "a small multiple of eye(n) added to the matrix makes it so, where rounding is to blame",
  );
}

/**
 * Factors batches of symmetric positive definite matrices: `a = l @ l.mT` with a
 * lower triangle, whose upper part is not read. Float32 and float64. A matrix
 * that is not positive definite is an error. See `torch.linalg.cholesky`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[4, 2], [2, 10]]);
 * assertEquals(dg.linalg.cholesky(x).tolist(), [[2, 0], [1, 3]]);
 * ```
 */
export function cholesky(a: Tensor, options: CholeskyOptions = {}): Tensor {
  checkOptions(options, ["upper"], "linalg.cholesky");
  const [l, info] = factor(a, options.upper ?? false);
  refuseIndefinite("linalg.cholesky", info);
  return l;
}

/**
 * Factors as {@linkcode cholesky} does, without an error where a matrix is not
 * positive definite: `info` (int32) has the order of its first leading minor
 * that is not, or 0. See `torch.linalg.cholesky_ex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { info } = dg.linalg.choleskyEx(dg.tensor([[1, 2], [2, 1]]));
 * assertEquals(info.item(), 2);
 * ```
 */
export function choleskyEx(
  a: Tensor,
  options: CholeskyExOptions = {},
): Named<"L" | "info"> {
  const { upper = false, checkErrors = false } = options;
  checkOptions(options, ["upper", "checkErrors"], "linalg.choleskyEx");
  const [L, info] = factor(a, upper);
  if (checkErrors) refuseIndefinite("linalg.choleskyEx", info);
  return named({ L, info }, "linalg_cholesky_ex");
}

/** Solves `l @ l.mT @ x = b` with operands whose leading dimensions broadcast; not recorded. */
function solveSquare(b: Tensor, l: Tensor, upper: boolean): Tensor {
  const [triangle, side] = broadcastBatches(l, b);
  const lower = upper ? turn(triangle) : triangle;
  const how = { left: true, unit: false };
  const first = solveTriangles(lower, side, { upper: false, ...how });
  return solveTriangles(turn(lower), first, { upper: true, ...how });
}

const CHOLESKY_SOLVE = defineKernel<boolean>({
  name: "choleskySolve",
  forward: ([b, l], upper) => solveSquare(b!, l!, upper),
  vjps: [
    (g, n, upper) => choleskySolve(g, n.input(1), { upper }),
    (g, n, upper) => {
      const l = n.input(1);
      const gb = choleskySolve(g, l, { upper });
      const half = gb.matmul(turn(n.output()));
      const both = half.add(turn(half));
      return (upper ? l.matmul(both) : both.matmul(l)).neg();
    },
  ],
  saves: [IN1, IN1 | OUT],
});

/**
 * Solves `a @ x = b`, where `l` is the Cholesky factor of `a`. Leading
 * dimensions broadcast. See `torch.cholesky_solve`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const l = dg.tensor([[2, 0], [1, 3]]);
 * const x = dg.choleskySolve(dg.tensor([[6], [12]]), l);
 * assertEquals(x.tolist(), [[1], [1]]);
 * ```
 */
export function choleskySolve(
  x: Tensor,
  l: Tensor,
  options: CholeskyOptions = {},
): Tensor {
  checkOptions(options, ["upper"], "choleskySolve");
  checkFactors(x.storage.device, "choleskySolve");
  for (const [name, t] of [["b", x], ["u", l]] as const) {
    if (t.shape.length >= 2) continue;
    throw new RuntimeError(
      `${name} should have at least 2 dimensions, but has ${t.shape.length} dimensions instead`,
    );
  }
  const [m, n] = l.shape.slice(-2) as [number, number];
  if (m !== n) {
    throw new RuntimeError(
      `A must be batches of square matrices, but they are ${m} by ${n} matrices`,
    );
  }
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  if (rows !== n) {
    throw new RuntimeError(
      `Incompatible matrix sizes for choleskySolve: each A matrix is ${n} by ${n} but each b matrix is ${rows} by ${columns}`,
    );
  }
  checkSameKind("choleskySolve", l, x);
  checkKernel("cholesky_solve_cpu", x);
  broadcastShapes(batchShape(x), batchShape(l));
  return run(CHOLESKY_SOLVE, [x, l], options.upper ?? false);
}

const CHOLESKY_INVERSE = defineKernel<boolean>({
  name: "choleskyInverse",
  forward: ([l], upper) => solveSquare(identityLike(l!, l!.shape), l!, upper),
  vjps: [(g, n, upper) => {
    const l = n.input(0);
    const inverse = n.output();
    const both = inverse.matmul(g.add(turn(g))).matmul(inverse);
    return (upper ? l.matmul(both) : both.matmul(l)).neg();
  }],
  saves: [IN0 | OUT],
});

/**
 * The inverse of `a`, where `x` is the Cholesky factor of `a`. See
 * `torch.cholesky_inverse`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.choleskyInverse(dg.tensor([[2]])).tolist(), [[0.25]]);
 * ```
 */
export function choleskyInverse(
  x: Tensor,
  options: CholeskyOptions = {},
): Tensor {
  checkOptions(options, ["upper"], "choleskyInverse");
  checkSquare("choleskyInverse", x);
  checkKernel("cholesky_inverse_out_cpu", x);
  checkFactors(x.storage.device, "choleskyInverse");
  return run(CHOLESKY_INVERSE, [x], options.upper ?? false);
}
