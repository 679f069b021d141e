// Systems of equations with square matrices.

import { IN0, OUT, OUT1 } from "../../grad/node.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  checkFloat,
  checkMatrix,
  checkSameKind,
  checkSquare,
  checkSystem,
  isRecording,
  refuseFailure,
  turn,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import { broadcastShapes, checkOptions, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { factorLu } from "./linalg_lu.ts";
import { luSolve, solveFactored } from "./linalg_lu_solve.ts";

/** Options of {@linkcode solve}. */
export interface SolveOptions {
  /** Whether `a @ x = b` is solved; else `x @ a = b`. True where not given. */
  readonly left?: boolean;
}

/** Options of {@linkcode solveEx}. */
export interface SolveExOptions extends SolveOptions {
  /** Whether a singular matrix is an error. */
  readonly checkErrors?: boolean;
}

interface SolveContext {
  readonly left: boolean;
  /** Whether the right side is a vector for each matrix. */
  readonly vector: boolean;
}

const SOLVE_EX = defineMulti<SolveContext>({
  name: "linalgSolveEx",
  forward: ([a, b], { left, vector }) => {
    const [packed, pivots, info] = factorLu(a!, "linalg.solve");
    const side = vector ? b!.unsqueeze(-1) : b!;
    const x = solveFactored(packed, pivots, side, { left, adjoint: false });
    return [vector ? x.squeeze(-1).contiguous() : x, packed, pivots, info];
  },
  vjps: [
    (_g, n, o) => {
      const gb = solveBack(n.grads![0]!, n.input(0), [
        n.output(1),
        n.output(2),
      ], o);
      const x = n.output(0);
      if (o.vector) return gb.unsqueeze(-1).mul(x.unsqueeze(-2)).neg();
      return (o.left ? gb.matmul(turn(x)) : turn(x).matmul(gb)).neg();
    },
    (_g, n, o) =>
      solveBack(n.grads![0]!, n.input(0), [n.output(1), n.output(2)], o),
  ],
  saves: [IN0 | OUT | OUT1 | OUT << 2, IN0 | OUT1 | OUT << 2],
});

/** The gradient of the right side: by what was factored, unless the rule itself is recorded. */
function solveBack(
  g: Tensor,
  a: Tensor,
  [packed, pivots]: readonly [Tensor, Tensor],
  { left, vector }: SolveContext,
): Tensor {
  const side = vector ? g.unsqueeze(-1) : g;
  const x = isRecording()
    ? solve(turn(a), side, { left })
    : luSolve(packed.detach(), pivots, side, { left, adjoint: true });
  return vector ? x.squeeze(-1) : x;
}

/** Whether the right side is a vector for each matrix: it has one dimension, or the shape of the matrices' rows. */
function isVector(a: Tensor, b: Tensor): boolean {
  return b.shape.length === 1 ||
    a.shape.length - 1 === b.shape.length &&
      sameShape(a.shape.slice(0, -1), b.shape);
}

function runSolve(
  a: Tensor,
  b: Tensor,
  left: boolean,
): [x: Tensor, info: Tensor] {
  checkTensor(b, "linalg.solve", "B");
  const name = "linalg.solve";
  checkFloat(name, a, false);
  checkSquare(name, a);
  checkSameKind(name, a, b);
  const vector = isVector(a, b);
  if (!vector) checkMatrix(name, b, "B");
  const side = vector ? b.unsqueeze(-1) : b;
  checkSystem(name, a, side, left);
  broadcastShapes(batchShape(side), batchShape(a));
  const [x, , , info] = runMulti(SOLVE_EX, [a, b], { left, vector });
  return [x!, info!];
}

const SINGULAR = "The solver failed because the input matrix is singular.";
const HINT =
  "lstsq() finds the nearest solution where there is none, pinv() the inverse that there is";

/**
 * Solves `a @ x = b` for batches of square matrices. `b` is a matrix, or a
 * vector, for each; leading dimensions broadcast. Float32 and float64. A
 * singular matrix is an error. See `torch.linalg.solve`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const a = dg.tensor([[1, 2], [4, 4]]);
 * assertEquals(dg.linalg.solve(a, dg.tensor([3, 8])).tolist(), [1, 1]);
 * ```
 */
export function solve(
  a: Tensor,
  b: Tensor,
  options: SolveOptions = {},
): Tensor {
  checkOptions(options, ["left"], "linalg.solve");
  const [x, info] = runSolve(a, b, options.left ?? true);
  refuseFailure("torch.linalg.solve", info, () => SINGULAR, HINT);
  return x;
}

/**
 * Solves as {@linkcode solve} does, without an error where a matrix is
 * singular: `info` (int32) numbers the first zero on the diagonal of its
 * factorization, counted from 1; 0 where there is none. See
 * `torch.linalg.solve_ex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { info } = dg.linalg.solveEx(dg.ones([2, 2]), dg.ones([2]));
 * assertEquals(info.item(), 2);
 * ```
 */
export function solveEx(
  a: Tensor,
  b: Tensor,
  options: SolveExOptions = {},
): Named<"result" | "info"> {
  checkOptions(options, ["left", "checkErrors"], "linalg.solveEx");
  const { left = true, checkErrors = false } = options;
  const [result, info] = runSolve(a, b, left);
  if (checkErrors) {
    refuseFailure("torch.linalg.solveEx", info, () => SINGULAR, HINT);
  }
  return named({ result, info }, "linalg_solve_ex");
}
