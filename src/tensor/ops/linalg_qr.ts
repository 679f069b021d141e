// Factorizations of matrices into an orthogonal and an upper triangular one.

import { OUT, OUT1 } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  checkFloat,
  checkKernel,
  checkMatrix,
  resultLike,
  runTask,
  turn,
} from "../linalg_op.ts";
import { type Named, named } from "../results.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";
import { solveTriangular } from "./linalg_triangular.ts";

/** Options of {@linkcode qr}. */
export interface QrOptions {
  /** Whether Q has as many columns as R has rows and no more (`"reduced"`, which is meant where nothing is given), is square (`"complete"`), or is not computed (`"r"`). */
  readonly mode?: "reduced" | "complete" | "r";
}

type Mode = "reduced" | "complete" | "r";

/** Q and R of batches of matrices; not recorded. */
export function factorQr(x: Tensor, mode: Mode): [q: Tensor, r: Tensor] {
  const lead = batchShape(x);
  const [m, n] = x.shape.slice(-2) as [number, number];
  const k = mode === "complete" ? m : Math.min(m, n);
  const q = resultLike(x, [...lead, m, mode === "r" ? 0 : k]);
  const r = resultLike(x, [...lead, k, n]);
  runTask({ name: "qr" }, "linalg.qr", [q, r], [x]);
  return [mode === "r" ? resultLike(x, [0]) : q, r];
}

/** The lower triangle of a matrix and its mirror image above. */
function mirrored(x: Tensor): Tensor {
  return x.tril().add(turn(x.tril({ diagonal: -1 })));
}

/** The gradient of a matrix with no more columns than rows. */
function tallBackward(
  gq: Tensor | null,
  gr: Tensor | null,
  q: Tensor,
  r: Tensor,
): Tensor {
  let inner = gr === null ? null : r.matmul(turn(gr));
  if (gq !== null) {
    const other = turn(gq).matmul(q);
    inner = inner === null ? other.neg() : inner.sub(other);
  }
  const along = q.matmul(mirrored(inner!));
  const all = gq === null ? along : along.add(gq);
  return solveTriangular(turn(r), all, { upper: false, left: false });
}

const QR = defineMulti<Mode>({
  name: "linalgQr",
  forward: ([x], mode) => factorQr(x!, mode),
  vjps: [(_g, n, mode) => {
    const [q, r] = [n.output(0), n.output(1)];
    if (mode === "r") {
      throw new RuntimeError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
      );
    }
    const [m, columns] = [q.size(-2), r.size(-1)];
    if (mode === "complete" && m > columns) {
      throw new RuntimeError(
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
      );
    }
    const gq = n.grads![0] ?? null;
    const gr = n.grads![1] ?? null;
    if (m >= columns) return tallBackward(gq, gr, q, r);
    const first = r.narrow(-1, 0, m);
    if (gr === null) {
      const left = tallBackward(gq, null, q, first);
      const none = left.newZeros([...left.shape.slice(0, -1), columns - m]);
      return cat([left, none], -1);
    }
    // The columns on the right are Q times those of R: their gradient reaches Q.
    const right = r.narrow(-1, m, columns - m);
    const gRight = gr.narrow(-1, m, columns - m);
    const more = q.matmul(right).matmul(turn(gRight));
    const all = gq === null ? more : gq.add(more);
    const left = tallBackward(all, gr.narrow(-1, 0, m), q, first);
    return cat([left, q.matmul(gRight)], -1);
  }],
  saves: [OUT | OUT1],
});

/**
 * Factors batches of matrices: `a = Q @ R` with orthonormal columns in Q and an
 * upper triangle R, whose diagonal may be negative. Float32 and float64. See
 * `torch.linalg.qr`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 1], [4, 2], [0, 1]]);
 * const { Q, R } = dg.linalg.qr(x);
 * assertEquals([Q.shape, R.shape], [[3, 2], [2, 2]]);
 * assert(dg.allclose(Q.matmul(R), x));
 * ```
 */
export function qr(
  a: Tensor,
  options: QrOptions = {},
): Named<"Q" | "R"> {
  checkOptions(options, ["mode"], "linalg.qr");
  const { mode = "reduced" } = options;
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new RuntimeError(
      `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
    );
  }
  checkMatrix("linalg.qr", a);
  checkFloat("linalg.qr", a);
  checkKernel("geqrf_cpu", a);
  const [Q, R] = runMulti(QR, [a], mode);
  return named({ Q: Q!, R: R! }, "linalg_qr");
}
