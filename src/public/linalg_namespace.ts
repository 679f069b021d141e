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
export {
  cond,
  type CondOptions,
  matrixRank,
  type RankOptions,
} from "../tensor/ops/linalg_condition.ts";
export { det, slogdet } from "../tensor/ops/linalg_determinant.ts";
export { eig, eigvals } from "../tensor/ops/linalg_eig.ts";
export { eigh, type EighOptions, eigvalsh } from "../tensor/ops/linalg_eigh.ts";
export { householderProduct } from "../tensor/ops/linalg_householder.ts";
export { inv, invEx, type InvExOptions } from "../tensor/ops/linalg_inverse.ts";
export {
  lstsq,
  type LstsqDriver,
  type LstsqOptions,
} from "../tensor/ops/linalg_lstsq.ts";
export {
  lu,
  luFactor,
  luFactorEx,
  type LuFactorExOptions,
  type LuOptions,
} from "../tensor/ops/linalg_lu.ts";
export { luSolve, type LuSolveOptions } from "../tensor/ops/linalg_lu_solve.ts";
export {
  type LinalgNormOptions,
  matrixNorm,
  type MatrixNormOptions,
  type MatrixNormOrder,
  norm,
  vectorNorm,
  type VectorNormOptions,
} from "../tensor/ops/linalg_norms.ts";
export { pinv } from "../tensor/ops/linalg_pinv.ts";
export { matrixExp, matrixPower } from "../tensor/ops/linalg_powers.ts";
export { qr, type QrOptions } from "../tensor/ops/linalg_qr.ts";
export {
  solve,
  solveEx,
  type SolveExOptions,
  type SolveOptions,
} from "../tensor/ops/linalg_solve.ts";
export { svd, type SvdOptions, svdvals } from "../tensor/ops/linalg_svd.ts";
export {
  tensorinv,
  type TensorinvOptions,
  tensorsolve,
} from "../tensor/ops/linalg_tensors.ts";
export {
  solveTriangular,
  type SolveTriangularOptions,
} from "../tensor/ops/linalg_triangular.ts";
export {
  cross,
  diagonal,
  type LinalgVanderOptions,
  multiDot,
  vander,
  vecdot,
} from "../tensor/ops/linalg_vectors.ts";
export { matmul } from "../tensor/ops/matmul.ts";
