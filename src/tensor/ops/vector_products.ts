// Products that are no sums of many: outer, Kronecker's and cross; the trace.

import { IN0, IN1 } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { unsafeView } from "../matrix_kernel.ts";
import { commonDevice, emptyTensor, stridedLike } from "../op.ts";
import { checkProduct } from "../product_checks.ts";
import { broadcastShapes, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Multiplies each element of one vector by each of another: shape
 * `[x.length, vec2.length]`; types promote. See `torch.outer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(dg.outer(x, dg.tensor([3, 4])).tolist(), [[3, 4], [6, 8]]);
 * ```
 */
export function outer(x: Tensor, vec2: Tensor): Tensor {
  for (const [name, vec] of [["self", x], ["vec2", vec2]] as const) {
    if (vec.shape.length === 1) continue;
    throw new RuntimeError(
      `outer: Expected 1-D argument ${name}, but got ${vec.shape.length}-D`,
    );
  }
  return x.reshape([x.count, 1]).mul(vec2);
}

/**
 * Another name of {@linkcode outer}. See `torch.ger`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ger(dg.ones(2), dg.ones(3)).shape, [2, 3]);
 * ```
 */
export function ger(x: Tensor, vec2: Tensor): Tensor {
  return outer(x, vec2);
}

/**
 * Kronecker's product: a copy of `other` for each element of `x`, multiplied
 * by it. Types promote. See `torch.kron`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(dg.kron(x, dg.tensor([1, 10])).tolist(), [1, 10, 2, 20]);
 * ```
 */
export function kron(x: Tensor, other: Tensor): Tensor {
  const rank = Math.max(x.shape.length, other.shape.length);
  const left: number[] = [];
  const right: number[] = [];
  const shape: number[] = [];
  for (let d = -rank; d < 0; d++) {
    const m = x.shape.at(d) ?? 1;
    const n = other.shape.at(d) ?? 1;
    const [p, q] = [-d <= x.shape.length, -d <= other.shape.length];
    left.push(p ? m : 1, 1);
    right.push(1, q ? n : 1);
    shape.push((p ? m : 1) * (q ? n : 1));
  }
  return unsafeView(unsafeView(x, left).mul(unsafeView(other, right)), shape);
}

const CROSS = defineKernel<number>({
  name: "linalgCross",
  forward: ([x, y], dim) => {
    const turn = (t: Tensor, by: number) => t.roll(by, dim);
    return turn(x!, -1).mul(turn(y!, -2)).sub(turn(x!, -2).mul(turn(y!, -1)));
  },
  vjps: [
    (g, n, dim) => n.input(1).cross(g, dim),
    (g, n, dim) => g.cross(n.input(0), dim),
  ],
  saves: [IN1, IN0],
});

/**
 * The cross product of vectors of length 3 along `dim`, by default the first
 * dimension of that length; the other dimensions broadcast. See `torch.cross`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = [dg.tensor([1, 0, 0]), dg.tensor([0, 1, 0])];
 * assertEquals(dg.cross(x, y).tolist(), [0, 0, 1]);
 * ```
 */
export function cross(x: Tensor, other: Tensor, dim?: number): Tensor {
  if (x.shape.length !== other.shape.length) {
    throw new RuntimeError(
      "linalg.cross: inputs must have the same number of dimensions.",
    );
  }
  let along = dim;
  if (along === undefined) {
    along = x.shape.indexOf(3);
    if (along < 0) {
      throw new RuntimeError("no dimension of size 3 in input");
    }
  }
  const [m, n] = [x.size(along), other.size(along)];
  if (m !== 3 || n !== 3) {
    throw new RuntimeError(
      `linalg.cross: inputs dimension ${along} must have length 3. Got ${m} and ${n}`,
    );
  }
  broadcastShapes(x.shape, other.shape);
  if (x.info !== other.info) {
    throw new RuntimeError(
      `expected scalar type ${x.info.scalarName} but found ${other.info.scalarName}`,
      `convert one of them, for example with to("${x.dtype}")`,
    );
  }
  commonDevice(x, other);
  checkProduct(x.info, "cross");
  return run(CROSS, [x, other], normalizeDim(along, x.shape.length));
}

const TRACE = defineKernel<readonly [number, number]>({
  name: "trace",
  forward: ([x], [m, n]) => {
    const step = x!.strides[0]! + x!.strides[1]!;
    return x!.asStrided([Math.min(m, n)], [step]).sum();
  },
  vjps: [(g, _n, [m, n]) => g.mul(identity(g, m, n))],
});

/** Ones on the diagonal, zeros elsewhere. */
function identity(like: Tensor, m: number, n: number): Tensor {
  const { device } = like.storage;
  const out = emptyTensor(device, like.info, [m, n]);
  device.fill(out, 0);
  const diagonal = [Math.min(m, n)];
  device.fill(stridedLike(out, diagonal, [n + 1], 0, false), 1);
  return out;
}

/**
 * Sums the diagonal of a matrix; integers give int64. See `torch.trace`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.trace(dg.tensor([[1, 2], [3, 4]])).item(), 5);
 * ```
 */
export function trace(x: Tensor): Tensor {
  if (x.shape.length !== 2) {
    throw new RuntimeError(
      `trace: expected a matrix, but got tensor with dim ${x.shape.length}`,
    );
  }
  checkProduct(x.info, "trace");
  return run(TRACE, [x], [x.shape[0]!, x.shape[1]!]);
}
