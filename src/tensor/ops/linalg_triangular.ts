// Systems of equations whose matrix is a triangle.

import { IN0, OUT } from "../../grad/node.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  batchShape,
  broadcastBatches,
  checkKernel,
  checkMatrix,
  checkSquare,
  checkSystem,
  resultLike,
  runTask,
  turn,
  turnedResult,
} from "../linalg_op.ts";
import { commonDevice, resultInfo } from "../op.ts";
import { broadcastShapes, checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode solveTriangular}. */
export interface SolveTriangularOptions {
  /** Whether the upper triangle of `a` is read, or the lower one. */
  readonly upper: boolean;
  /** Whether `a @ x = b` is solved; else `x @ a = b`. True where not given. */
  readonly left?: boolean;
  /** Whether the diagonal of `a` counts as ones and is not read. */
  readonly unitriangular?: boolean;
}

/** What the kernel and its rules know. */
interface Triangle {
  readonly upper: boolean;
  readonly left: boolean;
  readonly unit: boolean;
}

/** Solves with operands whose leading dimensions are equal; not recorded. */
export function solveTriangles(
  a: Tensor,
  b: Tensor,
  { upper, left, unit }: Triangle,
): Tensor {
  const name = "linalg.solveTriangular";
  if (left) {
    const out = resultLike(b, b.shape);
    runTask({ name: "triangular", upper, unit }, name, [out], [a, b]);
    return out;
  }
  const turned = turn(b);
  const out = turnedResult(b, turned.shape);
  const task = { name: "triangular", upper: !upper, unit } as const;
  runTask(task, name, [out], [turn(a), turned]);
  return turn(out);
}

const SOLVE_TRIANGULAR = defineKernel<Triangle>({
  name: "linalgSolveTriangular",
  forward: ([a, b], o) => {
    const [matrix, side] = broadcastBatches(a!, b!);
    return solveTriangles(matrix, side, o);
  },
  vjps: [
    (g, n, o) => {
      const gb = backSolve(g, n.input(0), o);
      const x = turn(n.output());
      const ga = (o.left ? gb.matmul(x) : x.matmul(gb)).neg();
      const diagonal = o.unit ? 1 : 0;
      return o.upper ? ga.triu({ diagonal }) : ga.tril({ diagonal: -diagonal });
    },
    (g, n, o) => backSolve(g, n.input(0), o),
  ],
  saves: [IN0 | OUT, IN0],
});

/** The gradient of the right side. */
function backSolve(
  g: Tensor,
  a: Tensor,
  { upper, left, unit: unitriangular }: Triangle,
): Tensor {
  return solveTriangular(turn(a), g, { upper: !upper, left, unitriangular });
}

/**
 * Solves `a @ x = b` for batches of triangular matrices `a`, whose other
 * triangle is not read. Leading dimensions broadcast. A zero on the diagonal
 * gives infinities. See `torch.linalg.solve_triangular`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const a = dg.tensor([[2, 1], [0, 4]]);
 * const b = dg.tensor([[4], [8]]);
 * const x = dg.linalg.solveTriangular(a, b, { upper: true });
 * assertEquals(x.tolist(), [[1], [2]]);
 * ```
 */
export function solveTriangular(
  a: Tensor,
  b: Tensor,
  options: SolveTriangularOptions,
): Tensor {
  const name = "linalg.solveTriangular";
  checkOptions(options ?? {}, ["upper", "left", "unitriangular"], name);
  if (typeof options?.upper !== "boolean") {
    throw new TypeError(
      "solveTriangular() missing 1 required keyword-only argument: 'upper'; write { upper: true } or { upper: false }",
    );
  }
  const { upper, left = true, unitriangular: unit = false } = options;
  checkSquare(name, a);
  checkMatrix(name, b, "B");
  checkSystem(name, a, b, left);
  commonDevice(a, b);
  // Unlike its neighbours, PyTorch promotes types here.
  const { name: type } = resultInfo(a, b);
  const operands = [a.to(type), b.to(type)] as const;
  broadcastShapes(batchShape(b), batchShape(a));
  checkKernel("triangular_solve_cpu", operands[0]);
  return run(SOLVE_TRIANGULAR, operands, { upper, left, unit });
}
