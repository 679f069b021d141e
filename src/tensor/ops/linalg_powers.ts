// Powers and exponentials of square matrices.

import { checkInteger } from "../arguments.ts";
import { IN0 } from "../../grad/node.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { checkFloat, checkSquare, identityLike, turn } from "../linalg_op.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";
import { inv } from "./linalg_inverse.ts";

/**
 * A whole power of square matrices; a negative one is that of the inverse. See
 * `torch.linalg.matrix_power`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 1], [0, 1]]);
 * assertEquals(dg.linalg.matrixPower(x, 5).tolist(), [[1, 5], [0, 1]]);
 * ```
 */
export function matrixPower(x: Tensor, n: number): Tensor {
  checkSquare("linalg.matrixPower", x);
  checkInteger(n, "matrixPower", "n");
  if (n === 0) {
    return x.clone().copy_(identityLike(x, x.shape));
  }
  if (n < 0) {
    const inverse = inv(x);
    return n === -1 ? inverse : matrixPower(inverse, -n);
  }
  if (n === 1) return x.clone();
  let power = x;
  let out: Tensor | null = null;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) out = out === null ? power : out.matmul(power);
    if (left > 1) power = power.matmul(power);
  }
  return out!;
}

/** Terms of the series, after which what remains is below half a unit in the last place for a norm of one. */
const TERMS_DOUBLE = 18;
const TERMS_SINGLE = 12;

/** How often each matrix is halved so that its norm is one at most. */
function halvings(x: Tensor): number[] {
  const n = x.size(-1);
  const norms = x.reshape([-1, n, n]).abs().sum(-2).amax(-1).tolist();
  return (norms as number[]).map((norm) =>
    norm > 1 && norm < Infinity ? Math.ceil(Math.log2(norm)) : 0
  );
}

/** The exponential's series, for matrices of norm one at most, by powers of the fourth power. */
function series(x: Tensor): Tensor {
  const ones = identityLike(x, x.shape);
  const x2 = x.matmul(x);
  const powers = [ones, x, x2, x2.matmul(x)];
  const x4 = x2.matmul(x2);
  const terms = x.info.bytes === 8 ? TERMS_DOUBLE : TERMS_SINGLE;
  const factors = [1];
  for (let k = 1; k <= terms; k++) factors.push(factors[k - 1]! / k);
  let out: Tensor | null = null;
  for (let k = Math.floor(terms / 4) * 4; k >= 0; k -= 4) {
    let sum = ones.mul(factors[k]!);
    for (let i = 1; i < 4 && k + i <= terms; i++) {
      sum = sum.add(powers[i]!, { alpha: factors[k + i]! });
    }
    out = out === null ? sum : sum.add(out.matmul(x4));
  }
  return out!;
}

function exponential(x: Tensor): Tensor {
  if (x.numel() === 0) return x.clone();
  const steps = halvings(x);
  const most = Math.max(...steps);
  if (most === 0) return series(x);
  const lead = x.shape.slice(0, -2);
  const n = x.size(-1);
  const flat = x.reshape([-1, n, n]);
  const count = flat.newTensor(steps).reshape([-1, 1, 1]);
  // In two halves: a power of two may be too small for the type.
  const half = count.mul(-0.5).exp2();
  let out = series(flat.mul(half).mul(half));
  for (let i = 0; i < most; i++) {
    out = out.matmul(out).where(count.gt(i), out);
  }
  return out.reshape([...lead, n, n]);
}

const MATRIX_EXP = defineKernel<null>({
  name: "linalgMatrixExp",
  forward: ([x]) => exponential(x!),
  vjps: [(g, n) => {
    // The exponential of a block matrix has the derivative in its corner.
    const x = turn(n.input(0));
    const size = x.size(-1);
    if (x.numel() === 0) return x.newZeros(x.shape);
    const top = cat([x, g], -1);
    const bottom = cat([x.newZeros(x.shape), x], -1);
    return matrixExp(cat([top, bottom], -2))
      .narrow(-2, 0, size).narrow(-1, size, size);
  }],
  saves: [IN0],
});

/**
 * The exponential of square matrices: the series of their powers over
 * factorials. See `torch.linalg.matrix_exp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[0, 3], [0, 0]]);
 * assertEquals(dg.linalg.matrixExp(x).tolist(), [[1, 3], [0, 1]]);
 * ```
 */
export function matrixExp(x: Tensor): Tensor {
  checkSquare("linalg.matrixExp", x);
  checkFloat("linalg.matrixExp", x);
  return run(MATRIX_EXP, [x], null);
}
