// What the package exports of linear algebra by names of its own, as PyTorch
// does; all else is in the namespace `linalg`.

export {
  choleskyInverse,
  choleskySolve,
} from "../tensor/ops/linalg_cholesky.ts";
export { det, logdet, slogdet } from "../tensor/ops/linalg_determinant.ts";
export { inverse } from "../tensor/ops/linalg_inverse.ts";
export { pinverse, type PinverseOptions } from "../tensor/ops/linalg_pinv.ts";
export { matrixExp, matrixPower } from "../tensor/ops/linalg_powers.ts";
