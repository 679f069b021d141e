// Systems of equations whose matrix was factored before.

import { IN0, IN1, OUT } from "../../grad/node.ts";
import { INT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  batchShape,
  broadcastBatches,
  checkFloat,
  checkMatrix,
  checkSameKind,
  checkSquare,
  checkSystem,
  identityLike,
  turn,
} from "../linalg_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { orderOf, orderRows } from "./linalg_lu.ts";
import { solveTriangles, solveTriangular } from "./linalg_triangular.ts";

/** Options of {@linkcode luSolve}. */
export interface LuSolveOptions {
  /** Whether `a @ x = b` is solved; else `x @ a = b`. True where not given. */
  readonly left?: boolean;
  /** Whether `a` transposed takes the place of `a`. */
  readonly adjoint?: boolean;
}

interface Side {
  readonly left: boolean;
  readonly adjoint: boolean;
}

/** Solves with factors and sides whose leading dimensions broadcast; not recorded. */
export function solveFactored(
  packed: Tensor,
  pivots: Tensor,
  b: Tensor,
  { left, adjoint }: Side,
): Tensor {
  if (!left) {
    const other = { left: true, adjoint: !adjoint };
    return turn(solveFactored(packed, pivots, turn(b), other));
  }
  const [factors, side, lead] = broadcastBatches(packed, b);
  const n = b.shape[b.shape.length - 2]!;
  const order = orderOf(pivots, n, adjoint).expand([...lead, n]);
  const lower = { upper: false, left: true, unit: true };
  const upper = { upper: true, left: true, unit: false };
  if (!adjoint) {
    const first = solveTriangles(factors, orderRows(side, order), lower);
    return solveTriangles(factors, first, upper);
  }
  const turned = turn(factors);
  const first = solveTriangles(turned, side, { ...upper, upper: false });
  const last = solveTriangles(turned, first, { ...lower, upper: true });
  return orderRows(last, order);
}

const LU_SOLVE = defineKernel<Side>({
  name: "linalgLuSolve",
  forward: ([packed, pivots, b], o) => solveFactored(packed!, pivots!, b!, o),
  vjps: [
    (g, n, o) => factorGradient(g, n.output(), n.input(0), n.input(1), o),
    null,
    (g, n, { left, adjoint }) =>
      luSolve(n.input(0), n.input(1), g, { left, adjoint: !adjoint }),
  ],
  saves: [IN0 | IN1 | OUT, 0, IN0 | IN1],
});

/** The gradient of both triangles in one matrix. */
function factorGradient(
  g: Tensor,
  x: Tensor,
  packed: Tensor,
  pivots: Tensor,
  { left, adjoint }: Side,
): Tensor {
  if (!left) {
    const other = { left: true, adjoint: !adjoint };
    return factorGradient(turn(g), turn(x), packed, pivots, other);
  }
  const lower = packed.tril({ diagonal: -1 })
    .add(identityLike(packed, packed.shape));
  const upper = packed.triu();
  if (!adjoint) {
    const gu = solveTriangular(turn(upper), g, { upper: false });
    const gl = solveTriangular(turn(lower), gu, {
      upper: true,
      unitriangular: true,
    });
    const middle = upper.matmul(x);
    return gu.matmul(turn(x)).triu()
      .add(gl.matmul(turn(middle)).tril({ diagonal: -1 })).neg();
  }
  const n = packed.shape[packed.shape.length - 1]!;
  const order = orderOf(pivots, n, false);
  const lead = batchShape(x);
  const all = order.expand([...lead, n]);
  const [gx, y] = [orderRows(g, all), orderRows(x, all)];
  const gl = solveTriangular(lower, gx, { upper: false, unitriangular: true });
  const gu = solveTriangular(upper, gl, { upper: true });
  const middle = turn(lower).matmul(y);
  return middle.matmul(turn(gu)).triu()
    .add(y.matmul(turn(gl)).tril({ diagonal: -1 })).neg();
}

/**
 * Solves `a @ x = b` for matrices that {@linkcode luFactor} factored. Leading
 * dimensions broadcast. See `torch.linalg.lu_solve`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { LU, pivots } = dg.linalg.luFactor(dg.tensor([[1, 2], [4, 4]]));
 * const x = dg.linalg.luSolve(LU, pivots, dg.tensor([[3], [8]]));
 * assertEquals(x.tolist(), [[1], [1]]);
 * ```
 */
export function luSolve(
  LU: Tensor,
  pivots: Tensor,
  b: Tensor,
  options: LuSolveOptions = {},
): Tensor {
  const name = "linalg.luSolve";
  checkOptions(options, ["left", "adjoint"], name);
  const { left = true, adjoint = false } = options;
  checkFloat("torch.linalg.luSolve", LU);
  checkSameKind(name, LU, b, "LU");
  if (pivots.info !== INT32) {
    throw new RuntimeError(
      `${name}: pivots should be a Tensor of scalar type torch.int32`,
      "give the pivots that luFactor() gave",
    );
  }
  checkSquare("torch.linalg.luSolve", LU);
  checkMatrix(name, b, "B");
  checkSystem(name, LU, b, left);
  const n = LU.shape[LU.shape.length - 1]!;
  if (pivots.shape[pivots.shape.length - 1] !== n) {
    throw new RuntimeError(
      `${name}: Number of pivots per batch should be same as the dimension of the matrix`,
    );
  }
  if (pivots.count * n !== LU.count) {
    throw new RuntimeError(
      `${name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape [${
        pivots.shape.join(", ")
      }] instead`,
    );
  }
  return run(LU_SOLVE, [LU, pivots, b], { left, adjoint });
}
