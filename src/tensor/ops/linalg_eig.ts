// Eigenvalues and eigenvectors of square matrices, symmetric or not: complex
// numbers.

import { isTracked } from "../../grad/history.ts";
import { type Node, OUT, OUT1 } from "../../grad/node.ts";
import { anywhere } from "../batching.ts";
import { INT32 } from "../dtype.ts";
import { LinAlgError, RuntimeError } from "../errors.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  checkFactors,
  checkKernel,
  checkSquare,
  firstFailure,
  isRecording,
  resultLike,
  runTask,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import type { Tensor } from "../tensor.ts";
import { complex, real } from "./complex.ts";
import { cat } from "./joining.ts";
import { diagonalMask } from "./linalg_eigh.ts";
import { solve } from "./linalg_solve.ts";

interface EigContext {
  readonly vectors: boolean;
}

const EIG = defineMulti<EigContext>({
  name: "linalgEig",
  forward: ([a], { vectors }) => {
    const x = a!;
    const lead = batchShape(x);
    const n = x.shape[x.shape.length - 1]!;
    const rows = vectors ? n : 0;
    const parts = [
      resultLike(x, [...lead, n]),
      resultLike(x, [...lead, n]),
      resultLike(x, [...lead, rows, n]),
      resultLike(x, [...lead, rows, n]),
    ] as const;
    const info = resultLike(x, lead, INT32);
    runTask({ name: "eig" }, "linalg.eig", [...parts, info], [x]);
    refuse(info, vectors);
    return [complex(parts[0], parts[1]), complex(parts[2], parts[3])];
  },
  vjps: [(_g, n) => real(gradient(n))],
  saves: [OUT | OUT1],
  complexRules: true,
});

function refuse(info: Tensor, vectors: boolean): void {
  const found = firstFailure(info);
  if (found === null) return;
  if (found.code > 0) {
    throw new LinAlgError(
      `linalg.eig: ${found.batch}The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: ${found.code}).`,
    );
  }
  // Eigenvalues alone are NaN then.
  if (!vectors) return;
  throw new RuntimeError(
    "torch.linalg.eig: input tensor should not contain infs or NaNs.",
    "isfinite() tells where they are",
  );
}

/** PyTorch's `linalg_eig_backward`. */
function gradient(n: Node): Tensor {
  const values = n.output(0);
  const v = n.output(1);
  const adjoint = v.mH;
  const [gl, gv] = n.grads!;
  if (gv == null) {
    return solveComplex(adjoint, gl!.unsqueeze(-1).mul(adjoint));
  }
  const inner = adjoint.matmul(gv);
  const along = inner.diagonal({ dim1: -2, dim2: -1 });
  checkPhase(along.detach());
  // A vector's length is given: what the gradient has along it is left out.
  const lengths = v.mul(real(along).unsqueeze(-2));
  const across = inner.sub(adjoint.matmul(lengths));
  const differences = values.unsqueeze(-2).sub(values.unsqueeze(-1)).conj();
  const same = diagonalMask(real(differences));
  const off = across.div(differences.maskedFill(same, 1));
  const all = gl == null ? off : off.add(gl.diagEmbed());
  return solveComplex(adjoint, all.matmul(adjoint));
}

/** Fails where a loss depends on the phases of eigenvectors, which are arbitrary. */
function checkPhase(along: Tensor): void {
  const small = along.imag.abs().le(0.01);
  if (!anywhere(small.logicalNot())) return;
  throw new RuntimeError(
    "linalg_eig_backward: The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined.",
    "use what does not change with it, such as abs() of the vectors, or the matrix that they make with the values",
  );
}

/** Solves `a @ x = b` with complex numbers: as twice as many equations with real ones. */
function solveComplex(a: Tensor, b: Tensor): Tensor {
  const n = a.shape[a.shape.length - 1]!;
  const above = cat([a.real, a.imag.neg()], -1);
  const below = cat([a.imag, a.real], -1);
  const x = solve(cat([above, below], -2), cat([b.real, b.imag], -2));
  return complex(x.narrow(-2, 0, n), x.narrow(-2, n, n));
}

function decompose(
  name: string,
  a: Tensor,
  vectors: boolean,
): [values: Tensor, vectors: Tensor] {
  checkSquare(name, a);
  checkFactors(a.storage.device, name);
  if (a.info.category < 2) {
    throw new RuntimeError(
      `Unknown Complex ScalarType for ${a.info.scalarName}`,
      'convert the tensor, for example with to("float32")',
    );
  }
  checkKernel("linalg_eig_out_cpu", a);
  const [values, all] = runMulti(EIG, [a], { vectors });
  return [values!, all!];
}

/**
 * Eigenvalues and eigenvectors of batches of square matrices: `a @ V = V *
 * L.unsqueeze(-2)`, where the columns of V have length 1. Both are complex, of
 * matrices of float32 or float64. Values come in the order in which the
 * algorithm (LAPACK's `geev`) finds them; those of a pair are next to each
 * other, conjugates to the last digit, and the largest element of their vectors
 * is real. Gradients of what depends on the vectors' phases are refused. See
 * `torch.linalg.eig`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const x = dg.tensor([[0, -2], [2, 0]]);
 * const { eigenvalues, eigenvectors } = dg.linalg.eig(x);
 * assert(dg.allclose(eigenvalues.imag, dg.tensor([2, -2])));
 * const product = eigenvectors.mul(eigenvalues);
 * assert(dg.allclose(x.to("complex64").matmul(eigenvectors), product));
 * ```
 */
export function eig(
  a: Tensor,
): Named<"eigenvalues" | "eigenvectors"> {
  const [eigenvalues, eigenvectors] = decompose("linalg.eig", a, true);
  return named({ eigenvalues, eigenvectors }, "linalg_eig");
}

/**
 * Eigenvalues of batches of square matrices, complex, in no order that is
 * defined. See {@linkcode eig} and `torch.linalg.eigvals`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * // The roots of x² - 2x + 5.
 * const roots = dg.linalg.eigvals(dg.tensor([[2, -5], [1, 0]]));
 * const expected = dg.tensor([{ re: 1, im: 2 }, { re: 1, im: -2 }]);
 * assert(dg.allclose(roots, expected));
 * ```
 */
export function eigvals(a: Tensor): Tensor {
  const vectors = isTracked(a) && isRecording();
  return decompose("linalg.eigvals", a, vectors)[0];
}
