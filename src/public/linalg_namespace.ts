/**
 * Linear algebra: PyTorch's `torch.linalg`. Functions take float32 and float64,
 * and batches of matrices in the last two dimensions.
 *
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const a = dg.tensor([[1, 2], [4, 4]]);
 * assertEquals(dg.linalg.solve(a, dg.tensor([3, 8])).tolist(), [1, 1]);
 * ```
 *
 * @module
 */
// The namespace `dg.linalg`; nothing is defined here.

export { LinAlgError } from "../tensor/errors.ts";
export {
  cholesky,
  choleskyEx,
  type CholeskyExOptions,
  type CholeskyOptions,
} from "../tensor/ops/linalg_cholesky.ts";
export { det, slogdet } from "../tensor/ops/linalg_determinant.ts";
export { inv, invEx, type InvExOptions } from "../tensor/ops/linalg_inverse.ts";
export {
  lu,
  luFactor,
  luFactorEx,
  type LuFactorExOptions,
  type LuOptions,
} from "../tensor/ops/linalg_lu.ts";
export { luSolve, type LuSolveOptions } from "../tensor/ops/linalg_lu_solve.ts";
export {
  solve,
  solveEx,
  type SolveExOptions,
  type SolveOptions,
} from "../tensor/ops/linalg_solve.ts";
export {
  solveTriangular,
  type SolveTriangularOptions,
} from "../tensor/ops/linalg_triangular.ts";
