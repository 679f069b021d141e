// What a device does for linear algebra: the algorithms that take matrices
// apart, each on all matrices of a batch. Knows layouts only.

/**
 * An algorithm on the matrices of a batch. All operands and results have rank 3
 * and one floating-point type, vectors rank 2, `info` rank 1; results are dense
 * but for that of `"triangular"`, which may lie by columns.
 *
 * - `"lu"`: `[x]` gives `[packed, pivots, info]`. Both triangles of the
 *   factorization with partial pivoting lie in one matrix, the ones on L's
 *   diagonal left out; row `i` was exchanged with row `pivots[i]` (int32,
 *   counted from 1) of those from `i` on. `info` (int32) numbers the first zero
 *   on U's diagonal, from 1; 0 means that there is none.
 * - `"cholesky"`: `[x]` gives `[l, info]`, reading the lower triangle. `info`
 *   is the order of the first leading minor that is not positive definite, or 0.
 * - `"triangular"`: `[a, b]` gives `[x]` with `a @ x = b`.
 * - `"qr"`: `[x]` gives `[q, r]` of `m` by `k` and `k` by `n`, where `k` is given
 *   by `r`; a `q` without columns is not computed. Signs are Householder's, as
 *   LAPACK chooses them.
 * - `"eigh"`: `[x]` gives `[values, vectors, info]`, reading the lower triangle;
 *   values ascend, vectors are columns and are not computed where they have no
 *   rows. `info` is not 0 where the algorithm did not converge.
 * - `"eig"`: `[x]` gives `[re, im, vectorsRe, vectorsIm, info]`, the parts of
 *   eigenvalues and of eigenvectors, which are columns and are not computed where
 *   they have no rows. `info` is not 0 where the algorithm did not converge, and
 *   -1 where an element of the matrix is not finite; results are NaN then.
 * - `"svd"`: `[x]` gives `[u, s, vh, info]`, values descending. `u` and `vh` are
 *   square or reduced, or have no rows and are not computed.
 */
export interface MatrixTask {
  /** Which algorithm. */
  readonly name:
    | "lu"
    | "cholesky"
    | "triangular"
    | "qr"
    | "eigh"
    | "eig"
    | "svd";
  /** Whether the triangle is the upper one, for `"triangular"`. */
  readonly upper?: boolean;
  /** Whether the diagonal counts as ones, for `"triangular"`. */
  readonly unit?: boolean;
}
