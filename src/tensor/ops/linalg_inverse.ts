// Inverses of square matrices.

import { OUT } from "../../grad/node.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  checkFloat,
  checkSquare,
  identityLike,
  refuseFailure,
  turn,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { factorLu } from "./linalg_lu.ts";
import { solveFactored } from "./linalg_lu_solve.ts";

const INV_EX = defineMulti<null>({
  name: "linalgInvEx",
  forward: ([a]) => {
    const [packed, pivots, info] = factorLu(a!, "linalg.inv");
    const ones = identityLike(a!, a!.shape);
    const side = { left: true, adjoint: false };
    return [solveFactored(packed, pivots, ones, side), info];
  },
  vjps: [(_g, n) => {
    const inverse = turn(n.output());
    return inverse.matmul(n.grads![0]!.matmul(inverse)).neg();
  }],
  saves: [OUT],
});

function invert(a: Tensor): [inverse: Tensor, info: Tensor] {
  checkFloat("linalg.inv", a, false);
  checkSquare("linalg.inv", a);
  const [inverse, info] = runMulti(INV_EX, [a], null);
  return [inverse!, info!];
}

function refuseSingular(name: string, info: Tensor): void {
  refuseFailure(
    name,
    info,
    (code) =>
      `The diagonal element ${code} is zero, the inversion could not be completed because the input matrix is singular.`,
    "pinv() gives the inverse that there is; solve() is more exact than inv() and matmul()",
  );
}

/**
 * The inverses of batches of square matrices. Float32 and float64. A singular
 * matrix is an error. See `torch.linalg.inv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[2, 0], [0, 4]]);
 * assertEquals(dg.linalg.inv(x).tolist(), [[0.5, 0], [0, 0.25]]);
 * ```
 */
export function inv(a: Tensor): Tensor {
  const [inverse, info] = invert(a);
  refuseSingular("linalg.inv", info);
  return inverse;
}

/** Options of {@linkcode invEx}. */
export interface InvExOptions {
  /** Whether a singular matrix is an error. */
  readonly checkErrors?: boolean;
}

/**
 * Inverts as {@linkcode inv} does, without an error where a matrix is singular:
 * `info` (int32) numbers the first zero on the diagonal of its factorization,
 * counted from 1; 0 where there is none. See `torch.linalg.inv_ex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { info } = dg.linalg.invEx(dg.ones([2, 2]));
 * assertEquals(info.item(), 2);
 * ```
 */
export function invEx(
  a: Tensor,
  options: InvExOptions = {},
): Named<"inverse" | "info"> {
  checkOptions(options, ["checkErrors"], "linalg.invEx");
  const [inverse, info] = invert(a);
  if (options.checkErrors) refuseSingular("linalg.invEx", info);
  return named({ inverse, info }, "linalg_inv_ex");
}

/**
 * The inverse of a square matrix, or of a batch of them; another name of
 * `linalg.inv`. See `torch.inverse`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[0.5]]).inverse().tolist(), [[2]]);
 * ```
 */
export function inverse(x: Tensor): Tensor {
  return inv(x);
}
