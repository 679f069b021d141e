// Eigenvalues and eigenvectors of symmetric matrices.

import { isTracked } from "../../grad/history.ts";
import { OUT, OUT1 } from "../../grad/node.ts";
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
  turn,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode eigh} and {@linkcode eigvalsh}. */
export interface EighOptions {
  /** Whether the lower triangle is read (`"L"`, which is meant where nothing is given) or the upper one. */
  readonly UPLO?: "L" | "U";
}

interface EighContext {
  readonly upper: boolean;
  readonly vectors: boolean;
}

const EIGH = defineMulti<EighContext>({
  name: "linalgEigh",
  forward: ([a], { upper, vectors }) => {
    const x = upper ? turn(a!) : a!;
    const lead = batchShape(x);
    const n = x.shape[x.shape.length - 1]!;
    const values = resultLike(x, [...lead, n]);
    const all = resultLike(x, [...lead, vectors ? n : 0, n]);
    const info = resultLike(x, lead, INT32);
    runTask({ name: "eigh" }, "linalg.eigh", [values, all, info], [x]);
    refuse(info);
    return [values, all];
  },
  vjps: [(_g, n) => {
    const values = n.output(0);
    const v = n.output(1);
    const [gl, gv] = n.grads!;
    if (gv == null) {
      return v.mul(gl!.unsqueeze(-2)).matmul(turn(v));
    }
    const differences = values.unsqueeze(-2).sub(values.unsqueeze(-1));
    const inner = turn(v).matmul(gv);
    // Vectors can only turn: what the gradient has besides is left out, so that
    // the result is symmetric.
    const turning = inner.sub(turn(inner)).mul(0.5);
    const same = diagonalMask(inner);
    const off = turning.div(differences.maskedFill(same, 1))
      .maskedFill(same, 0);
    const all = gl == null ? off : off.add(gl.diagEmbed());
    return v.matmul(all.matmul(turn(v)));
  }],
  saves: [OUT | OUT1],
});

/** Where the diagonals of matrices are. */
export function diagonalMask(x: Tensor): Tensor {
  const n = x.shape[x.shape.length - 1]!;
  return x.newOnes([n], { dtype: "bool" }).diagEmbed();
}

function refuse(info: Tensor): void {
  const found = firstFailure(info);
  if (found === null) return;
  throw new LinAlgError(
    `linalg.eigh: ${found.batch}The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: ${found.code}).`,
  );
}

function decompose(
  a: Tensor,
  options: EighOptions,
  vectors: boolean,
): [values: Tensor, vectors: Tensor] {
  checkSquare("linalg.eigh", a);
  const { UPLO = "L" } = options;
  if (!/^[lu]$/i.test(UPLO)) {
    throw new RuntimeError(
      `Expected UPLO argument to be 'L' or 'U', but got ${UPLO}`,
    );
  }
  checkKernel("linalg_eigh_cpu", a);
  const upper = UPLO.toUpperCase() === "U";
  const [values, all] = runMulti(EIGH, [a], { upper, vectors });
  return [values!, all!];
}

/**
 * Eigenvalues, ascending, and eigenvectors of batches of symmetric matrices, of
 * which one triangle is read: `a = V @ diag(L) @ V.mT`, where the columns of V
 * are orthonormal. Their signs are not determined, nor are those with equal
 * values. Float32 and float64. See `torch.linalg.eigh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const x = dg.tensor([[2, 1], [1, 2]]);
 * const { eigenvalues, eigenvectors } = dg.linalg.eigh(x);
 * assert(dg.allclose(eigenvalues, dg.tensor([1, 3])));
 * const scaled = eigenvectors.mul(eigenvalues);
 * assert(dg.allclose(scaled.matmul(eigenvectors.mT), x));
 * ```
 */
export function eigh(
  a: Tensor,
  options: EighOptions = {},
): Named<"eigenvalues" | "eigenvectors"> {
  checkOptions(options, ["UPLO"], "linalg.eigh");
  const [eigenvalues, eigenvectors] = decompose(a, options, true);
  return named({ eigenvalues, eigenvectors }, "linalg_eigh");
}

/**
 * Eigenvalues of batches of symmetric matrices, ascending; one triangle is read.
 * Their derivative exists where {@linkcode eigh}'s does not. See
 * `torch.linalg.eigvalsh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const values = dg.linalg.eigvalsh(dg.tensor([[2, 1], [1, 2]]));
 * assert(dg.allclose(values, dg.tensor([1, 3])));
 * ```
 */
export function eigvalsh(a: Tensor, options: EighOptions = {}): Tensor {
  checkOptions(options, ["UPLO"], "linalg.eigvalsh");
  checkFactors(a.storage.device, "linalg.eigvalsh");
  return decompose(a, options, isTracked(a) && isRecording())[0];
}
