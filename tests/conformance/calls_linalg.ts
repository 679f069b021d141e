// Calls of linear algebra. Inputs are made well-conditioned within the calls,
// since the values that the tests make up need not be.

import * as dg from "@dinograd/dinograd";
import { call, type Calls } from "./call.ts";

const { linalg } = dg;

/** A matrix that is far from a singular one. */
function heavy(x: dg.Tensor): dg.Tensor {
  return x.add(dg.eye(x.size(-1)).mul(5));
}

/** A symmetric matrix with positive eigenvalues. */
function definite(x: dg.Tensor): dg.Tensor {
  return x.matmul(x.mT).add(dg.eye(x.size(-1)));
}

/** Pivots that `luFactor()` could have given. */
function pivots(): dg.Tensor {
  return dg.tensor([2, 3, 3], { dtype: "int32" });
}

/** Values that an algorithm which refuses NaN and infinities takes. */
function tame(x: dg.Tensor): dg.Tensor {
  return x.nanToNum({ nan: 1, posinf: 2, neginf: -2 });
}

/** A symmetric matrix whose eigenvalues lie apart. */
function apart(x: dg.Tensor): dg.Tensor {
  const n = x.size(-1);
  return tame(x).add(tame(x).mT).div(9).add(dg.arange(n).mul(3).diag());
}

/** A matrix whose eigenvalues are pairs that lie apart. */
function turning(x: dg.Tensor): dg.Tensor {
  const n = x.size(-1);
  const angles = dg.tensor([[1, -2], [3, 1]]);
  const blocks = dg.cat([angles, angles.mul(4)]).reshape([-1, 2, 2]);
  const parts = blocks.narrow(0, 0, n >> 1).unbind();
  return tame(x).div(9).add(dg.blockDiag(parts));
}

/** A matrix whose singular values lie apart. */
function spread(x: dg.Tensor): dg.Tensor {
  const [m, n] = [x.size(-2), x.size(-1)];
  const k = Math.min(m, n);
  const diagonal = dg.eye(m, n).mul(dg.arange(n).mul(3).add(2));
  return tame(x).div(9).add(k > 0 ? diagonal : 0);
}

/** The calls, by op. */
export const LINALG_CALLS: Calls = {
  linalgDet: [
    call([[3, 3]], (x) => linalg.det(heavy(x))),
    call([[2, 2, 2]], (x) => linalg.det(heavy(x))),
  ],
  linalgSlogdet: [
    call([[3, 3]], (x) => linalg.slogdet(heavy(x)).logabsdet),
    call([[2, 2, 2]], (x) => linalg.slogdet(heavy(x)).logabsdet),
  ],
  linalgInvEx: [
    call([[3, 3]], (x) => linalg.invEx(heavy(x)).inverse),
    call([[2, 2, 2]], (x) => linalg.invEx(heavy(x)).inverse),
  ],
  linalgSolveEx: [
    call([[3, 3], [3]], (x, y) => linalg.solveEx(heavy(x), y).result),
    call([[2, 2, 2], [2, 3]], (x, y) => linalg.solveEx(heavy(x), y).result),
    call(
      [[2, 2], [2, 3, 2]],
      (x, y) => linalg.solveEx(heavy(x), y, { left: false }).result,
    ),
  ],
  linalgSolveTriangular: [
    call(
      [[3, 3], [3, 2]],
      (x, y) => linalg.solveTriangular(heavy(x), y, { upper: true }),
    ),
    call(
      [[2, 2, 2], [1, 2]],
      (x, y) =>
        linalg.solveTriangular(heavy(x), y, { upper: false, left: false }),
    ),
    call(
      [[3, 3], [3, 2]],
      (x, y) =>
        linalg.solveTriangular(x, y, { upper: false, unitriangular: true }),
    ),
  ],
  linalgLu: [
    call([[3, 3]], (x) => {
      const { L, U } = linalg.lu(heavy(x));
      return [L, U];
    }),
    call([[2, 3]], (x) => {
      const { L, U } = linalg.lu(x.add(dg.eye(2, 3).mul(5)));
      return [L, U];
    }),
    call([[3, 2]], (x) => {
      const { L, U } = linalg.lu(x.add(dg.eye(3, 2).mul(5)));
      return [L, U];
    }),
  ],
  linalgLuFactorEx: [
    call([[2, 2, 2]], (x) => linalg.luFactorEx(heavy(x)).LU),
    call([[2, 3]], (x) => linalg.luFactorEx(x.add(dg.eye(2, 3).mul(5))).LU),
  ],
  linalgLuSolve: [
    call([[3, 3], [3, 2]], (x, y) => linalg.luSolve(heavy(x), pivots(), y)),
    call(
      [[3, 3], [3, 2]],
      (x, y) => linalg.luSolve(heavy(x), pivots(), y, { adjoint: true }),
    ),
    call(
      [[3, 3], [2, 3]],
      (x, y) => linalg.luSolve(heavy(x), pivots(), y, { left: false }),
    ),
  ],
  linalgCholeskyEx: [
    call([[3, 3]], (x) => linalg.choleskyEx(definite(x)).L),
    call(
      [[2, 2, 2]],
      (x) => linalg.choleskyEx(definite(x), { upper: true }).L,
    ),
  ],
  choleskySolve: [
    call([[3, 2], [3, 3]], (x, y) => dg.choleskySolve(x, heavy(y).tril())),
    call(
      [[2, 1], [2, 2, 2]],
      (x, y) => dg.choleskySolve(x, heavy(y).triu(), { upper: true }),
    ),
  ],
  choleskyInverse: [
    call([[3, 3]], (x) => dg.choleskyInverse(heavy(x).tril())),
    call(
      [[2, 2]],
      (x) => dg.choleskyInverse(heavy(x).triu(), { upper: true }),
    ),
  ],
  linalgQr: [
    call([[3, 2]], (x) => {
      const { Q, R } = linalg.qr(spread(x));
      return [Q, R];
    }),
    call([[2, 3]], (x) => {
      const { Q, R } = linalg.qr(spread(x), { mode: "complete" });
      return [Q, R];
    }),
    call([[2, 2, 2]], (x) => linalg.qr(spread(x)).Q),
    call([[2, 3]], (x) => linalg.qr(spread(x)).R),
    call([[2, 3]], (x) => linalg.qr(spread(x)).Q),
  ],
  linalgEigh: [
    call([[3, 3]], (x) => linalg.eigvalsh(apart(x))),
    call([[2, 2, 2]], (x) => linalg.eigh(apart(x)).eigenvectors.square()),
    call([[3, 3]], (x) => {
      const { eigenvalues, eigenvectors } = linalg.eigh(apart(x), {
        UPLO: "U",
      });
      return [eigenvalues, eigenvectors.square()];
    }),
  ],
  linalgEig: [
    // Numbers about the diagonal, and pairs of conjugates.
    call([[3, 3]], (x) => dg.viewAsReal(linalg.eigvals(apart(x)))),
    call([[2, 2, 2]], (x) => linalg.eig(turning(x)).eigenvectors.abs()),
    call([[4, 4]], (x) => {
      const { eigenvalues, eigenvectors } = linalg.eig(turning(x));
      return [dg.viewAsReal(eigenvalues), eigenvectors.abs()];
    }),
  ],
  linalgSvd: [
    call([[3, 2]], (x) => linalg.svdvals(spread(x))),
    call([[2, 3]], (x) => {
      const { U, S, Vh } = linalg.svd(spread(x), { fullMatrices: false });
      return [U.square(), S, Vh.square()];
    }),
    call([[3, 2]], (x) => {
      const { U, Vh } = linalg.svd(spread(x), { fullMatrices: false });
      return U.matmul(Vh);
    }),
    call([[2, 2, 2]], (x) => linalg.svd(spread(x)).Vh.square()),
    call([[3, 2]], (x) => linalg.svd(spread(x)).Vh.square()),
    call([[2, 3]], (x) => linalg.svd(spread(x)).U.square()),
  ],
  linalgPinv: [
    call([[3, 2]], (x) => linalg.pinv(spread(x))),
    call([[2, 2, 3]], (x) => linalg.pinv(spread(x))),
    call([[2, 2]], (x) => linalg.pinv(apart(x), { hermitian: true })),
  ],
  linalgLstsq: [
    call([[3, 2], [3]], (x, y) => linalg.lstsq(spread(x), tame(y)).solution),
    call([[3, 2], [3, 2]], (x, y) => {
      const out = linalg.lstsq(spread(x), tame(y), { driver: "gelsd" });
      return [out.solution, out.residuals];
    }),
    call(
      [[2, 2, 3], [1, 2, 1]],
      (x, y) => linalg.lstsq(spread(x), tame(y), { driver: "gels" }).solution,
    ),
    call(
      [[3, 2], [3, 1]],
      (x, y) => linalg.lstsq(spread(x), tame(y), { driver: "gels" }).residuals,
    ),
  ],
  linalgMatrixExp: [
    call([[3, 3]], (x) => linalg.matrixExp(x)),
    call([[2, 2, 2]], (x) => linalg.matrixExp(x.mul(3))),
  ],
  linalgHouseholderProduct: [
    call([[3, 2], [2]], (x, y) => linalg.householderProduct(x, y)),
    call([[2, 3, 2], [2, 1]], (x, y) => linalg.householderProduct(x, y)),
  ],
};
