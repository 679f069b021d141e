// Systems of equations that have no solution, or many.

import { IN0, IN1, OUT } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  broadcastBatches,
  checkFactors,
  identityLike,
  turn,
} from "../linalg_op.ts";
import { type Four, type Named, named } from "../results.ts";
import { broadcastShapes, checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cutoff } from "./linalg_condition.ts";
import { pinv, pinvBackward } from "./linalg_pinv.ts";
import { factorQr } from "./linalg_qr.ts";
import { svd } from "./linalg_svd.ts";
import { solveTriangular } from "./linalg_triangular.ts";

/** How {@linkcode lstsq} solves: LAPACK's names. */
export type LstsqDriver = "gels" | "gelsy" | "gelsd" | "gelss";

/** Options of {@linkcode lstsq}. */
export interface LstsqOptions {
  /** Singular values up to this multiple of the largest count as zero; where not given, the type's precision times the longer side. */
  readonly rcond?: number;
  /** `"gels"` takes matrices of full rank, which it does not check, and is fastest; the others, of which `"gelsy"` is meant where nothing is given, take all. */
  readonly driver?: LstsqDriver;
}

const DRIVERS = ["gels", "gelsy", "gelsd", "gelss"] as const;

interface LstsqContext {
  readonly driver: LstsqDriver;
  readonly rcond: number | undefined;
  readonly vector: boolean;
}

/** An orthonormal and a triangular factor of matrices, turned where they are wide. */
type Factors = readonly [q: Tensor, r: Tensor];

function factorsOf(a: Tensor): Factors {
  return factorQr(a.size(-2) >= a.size(-1) ? a : turn(a), "reduced");
}

/** Solves for matrices of full rank. */
function solveFull(a: Tensor, b: Tensor, [q, r] = factorsOf(a)): Tensor {
  if (a.size(-2) >= a.size(-1)) {
    return solveTriangular(r, turn(q).matmul(b), { upper: true });
  }
  return q.matmul(solveTriangular(turn(r), b, { upper: false }));
}

/**
 * Solves without singular values where it is plain that none of them counts as
 * zero: the norms of a triangle and of its inverse bound the quotient of the
 * largest and the smallest. Null where it is not.
 */
function solvePlain(a: Tensor, b: Tensor, rcond?: number): Tensor | null {
  const factors = factorsOf(a);
  const [, r] = factors;
  const inverse = solveTriangular(r, identityLike(r, r.shape), { upper: true });
  const size = (x: Tensor) => x.square().sum([-2, -1]).sqrt();
  const options = rcond === undefined ? {} : { rtol: rcond };
  const share = cutoff(a, size(r).mul(size(inverse)), options);
  return share.lt(0.5).all().item() ? solveFull(a, b, factors) : null;
}

const LSTSQ = defineMulti<LstsqContext>({
  name: "linalgLstsq",
  forward: ([a, b], o) => {
    const side = o.vector ? b!.unsqueeze(-1) : b!;
    const [left, right] = broadcastBatches(a!, side);
    const [x, rank, values] = solveBy(left, right, o);
    const residuals = residualsOf(left, right, x, rank, o.driver);
    const solution = o.vector ? x.squeeze(-1).contiguous() : x;
    return [solution, residuals, rank, values];
  },
  vjps: [
    (_g, n, o) => {
      const [a, b, x] = operands(n.input(0), n.input(1), n.output(), o);
      const [gx, gr] = gradients(n.grads!, o);
      let g: Tensor | null = null;
      if (gx !== null) g = pinvBackward(gx.matmul(turn(b)), pinv(a), a);
      if (gr === null) return g;
      const more = misfit(a, b, x, gr).matmul(turn(x));
      return g === null ? more : g.add(more);
    },
    (_g, n, o) => {
      const [a, b, x] = operands(n.input(0), n.input(1), n.output(), o);
      const [gx, gr] = gradients(n.grads!, o);
      let g: Tensor | null = null;
      if (gx !== null) g = turn(pinv(a)).matmul(gx);
      if (gr !== null) {
        const more = misfit(a, b, x, gr).neg();
        g = g === null ? more : g.add(more);
      }
      return g !== null && o.vector ? g.squeeze(-1) : g;
    },
  ],
  saves: [IN0 | IN1 | OUT, IN0 | IN1 | OUT],
});

/** Right sides and solutions as matrices. */
function operands(
  a: Tensor,
  b: Tensor,
  x: Tensor,
  { vector }: LstsqContext,
): [a: Tensor, b: Tensor, x: Tensor] {
  return vector ? [a, b.unsqueeze(-1), x.unsqueeze(-1)] : [a, b, x];
}

function gradients(
  grads: readonly (Tensor | null)[],
  { vector }: LstsqContext,
): [solution: Tensor | null, residuals: Tensor | null] {
  const [gx, gr] = grads;
  const given = gr != null && gr.numel() > 0 ? gr : null;
  if (gx == null) return [null, given];
  return [vector ? gx.unsqueeze(-1) : gx, given];
}

/** Twice what the solution misses, weighted with the residuals' gradient. */
function misfit(a: Tensor, b: Tensor, x: Tensor, g: Tensor): Tensor {
  return a.matmul(x).sub(b).mul(g.unsqueeze(-2)).mul(2);
}

/** The solution, the rank and the singular values, the latter empty where the driver does not find them. */
function solveBy(
  a: Tensor,
  b: Tensor,
  { driver, rcond }: LstsqContext,
): [x: Tensor, rank: Tensor, values: Tensor] {
  const counts = { dtype: a.storage.device.indexInfo.name };
  const none = a.newZeros([0]);
  const lead = batchShape(a);
  if (a.numel() === 0) {
    const shape = [...lead, a.size(-1), b.size(-1)];
    const x = a.newZeros(shape);
    return [x, a.newZeros(driver === "gels" ? [0] : lead, counts), none];
  }
  if (driver === "gels") {
    return [solveFull(a, b), a.newZeros([0], counts), none];
  }
  const plain = driver === "gelsy" ? solvePlain(a, b, rcond) : null;
  if (plain !== null) {
    const full = Math.min(a.size(-2), a.size(-1));
    return [plain, a.newFull(lead, full, counts), none];
  }
  const { U, S, Vh } = svd(a, { fullMatrices: false });
  const bound = cutoff(
    a,
    S.amax(-1),
    rcond === undefined ? {} : { rtol: rcond },
  );
  const kept = S.gt(bound.unsqueeze(-1));
  const inverse = S.reciprocal().where(kept, 0).unsqueeze(-1);
  const x = turn(Vh).matmul(turn(U).matmul(b).mul(inverse));
  return [x, kept.sum(-1), driver === "gelsy" ? none : S];
}

/** The sums of squares that remain, for equations that are too many and of full rank. */
function residualsOf(
  a: Tensor,
  b: Tensor,
  x: Tensor,
  rank: Tensor,
  driver: LstsqDriver,
): Tensor {
  const [m, n] = [a.size(-2), a.size(-1)];
  const full = driver === "gels" || Boolean(rank.eq(n).all().item());
  if (m <= n || driver === "gelsy" || !full) return a.newZeros([0]);
  return a.matmul(x).sub(b).square().sum(-2);
}

/**
 * Solves `a @ x = b` in the least-squares sense: of all `x` with the smallest
 * sum of squares of `a @ x - b`, the shortest. `b` is a matrix, or a vector, for
 * each matrix. `residuals` has the sums of squares, one for each column, where
 * there are more equations than unknowns, the rank is full and the driver is not
 * `"gelsy"`. Float32 and float64. See `torch.linalg.lstsq`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * // The line nearest to three points.
 * const a = dg.tensor([[1, 0], [1, 1], [1, 2]]);
 * const { solution } = dg.linalg.lstsq(a, dg.tensor([1, 3, 5]));
 * assert(dg.allclose(solution, dg.tensor([1, 2])));
 * ```
 */
export function lstsq(
  a: Tensor,
  b: Tensor,
  options: LstsqOptions = {},
): Named<"solution" | "residuals" | "rank" | "singularValues", Four> {
  const name = "torch.linalg.lstsq";
  checkOptions(options, ["rcond", "driver"], "linalg.lstsq");
  const { driver = "gelsy", rcond } = options;
  checkTensor(a, "linalg.lstsq", "input");
  checkTensor(b, "linalg.lstsq", "other");
  if (a.shape.length < 2) {
    throw new RuntimeError(`${name}: input must have at least 2 dimensions.`);
  }
  if (b.shape.length < 1) {
    throw new RuntimeError(`${name}: other must have at least 1 dimension.`);
  }
  if (a.info !== b.info) {
    throw new RuntimeError(
      `${name}: Expected input and other to have the same dtype, but got input's dtype ${a.info.scalarName} and other's dtype ${b.info.scalarName}`,
      `convert one of them, for example with to("${a.info.name}")`,
    );
  }
  const vector = b.shape.length === 1 || a.shape.length - 1 === b.shape.length;
  const side = vector ? -1 : -2;
  broadcastShapes(batchShape(a), b.shape.slice(0, side));
  if (a.size(-2) !== b.size(side)) {
    throw new RuntimeError(
      `${name}: input.size(-2) should match other.size(${side})`,
    );
  }
  if (!DRIVERS.includes(driver)) {
    throw new RuntimeError(
      `${name}: parameter \`driver\` should be one of (gels, gelsy, gelsd, gelss)`,
    );
  }
  if (a.info.category !== 2 || a.info.bytes < 4) {
    throw new RuntimeError(
      "This function doesn't handle types other than float and double",
      'convert it with to("float32") first',
    );
  }
  checkFactors(a.storage.device, "linalg.lstsq");
  const [solution, residuals, rank, singularValues] = runMulti(
    LSTSQ,
    [a, b],
    { driver, rcond, vector },
  );
  return named({
    solution: solution!,
    residuals: residuals!,
    rank: rank!,
    // PyTorch has no derivative of these; what is recorded would give zeros.
    singularValues: singularValues!.detach(),
  }, "linalg_lstsq");
}
