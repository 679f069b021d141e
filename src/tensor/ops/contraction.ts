// Sums of products over chosen dimensions: inner, `tensordot`, and chains of
// matrices in the cheapest order.

import { checkArray, checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { normalizeDims, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Sums products along the last dimension of both tensors; a 0-d tensor
 * multiplies each element. See `torch.inner`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.inner(x, dg.tensor([1, 10])).tolist(), [21, 43]);
 * ```
 */
export function inner(x: Tensor, other: Tensor): Tensor {
  if (x.shape.length === 0 || other.shape.length === 0) return x.mul(other);
  if (x.size(-1) !== other.size(-1)) {
    throw new RuntimeError(
      `inner() the last dimension must match on both input tensors but got shapes ${
        showShape(x.shape)
      } and ${showShape(other.shape)}`,
    );
  }
  return contract(x, other, [-1], [-1]);
}

/** Which dimensions of two tensors {@linkcode tensordot} sums over. */
export type PairedDims =
  | number
  | readonly [readonly number[], readonly number[]];

/**
 * Sums products over dimensions of both tensors; the others remain, those of
 * `x` first. `dims` says how many to sum over, the last of `x` with the first
 * of `other`, or which of each. Both have the same type. See `torch.tensordot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.tensordot(x, x).item(), 30);
 * assertEquals(dg.tensordot(x, x, [[0], [0]]).tolist(), [[10, 14], [14, 20]]);
 * ```
 */
export function tensordot(
  x: Tensor,
  other: Tensor,
  dims: PairedDims = 2,
): Tensor {
  if (Array.isArray(dims)) return contract(x, other, dims[0], dims[1]);
  return contractLast(x, other, dims as number);
}

function contractLast(x: Tensor, other: Tensor, dims: number): Tensor {
  checkInteger(dims, "tensordot", "dims");
  if (dims < 0) {
    throw new RuntimeError(`tensordot expects dims >= 0, but got dims=${dims}`);
  }
  if (dims > Math.min(x.shape.length, other.shape.length)) {
    throw new RuntimeError(
      `tensordot expects dims < ndim_a or ndim_b, but got dims=${dims}`,
    );
  }
  const last = Array.from({ length: dims }, (_, i) => i - dims);
  return contract(x, other, last, last.map((d) => d + dims));
}

/** Sums products over pairs of dimensions; one of length 1 meets any other. */
function contract(
  x: Tensor,
  y: Tensor,
  xDims: readonly number[],
  yDims: readonly number[],
): Tensor {
  if (xDims.length !== yDims.length) {
    throw new RuntimeError("both dimension lists should have same length");
  }
  if (x.info !== y.info) {
    throw new RuntimeError(
      "both inputs should have same dtype",
      `the types are ${x.dtype} and ${y.dtype}; convert one with to()`,
    );
  }
  let left = x;
  let right = y;
  let size = 1;
  for (let i = 0; i < xDims.length; i++) {
    const m = x.size(xDims[i]!);
    const n = y.size(yDims[i]!);
    const options = { keepdim: true, dtype: x.dtype };
    if (n === 1) left = left.sum(xDims[i]!, options);
    else if (m === 1) right = right.sum(yDims[i]!, options);
    else if (m === n) size *= m;
    else {
      throw new RuntimeError(
        `contracted dimensions need to match, but first has size ${m} in dim ${
          xDims[i]
        } and second has size ${n} in dim ${yDims[i]}`,
      );
    }
  }
  const [p, q] = [x.shape.length, y.shape.length];
  const summed = normalizeDims(xDims, p);
  const ySummed = normalizeDims(yDims, q);
  const kept = x.shape.map((_, d) => d).filter((d) => !summed.includes(d));
  const yKept = y.shape.map((_, d) => d).filter((d) => !ySummed.includes(d));
  const shape = [...kept.map((d) => x.shape[d]!)];
  const rows = shape.reduce((a, b) => a * b, 1);
  shape.push(...yKept.map((d) => y.shape[d]!));
  const columns = yKept.reduce((n, d) => n * y.shape[d]!, 1);
  left = left.permute([...kept, ...summed]);
  right = right.permute([...ySummed, ...yKept]);
  if (shape.length > 0) {
    const product = left.reshape([rows, size]).mm(
      right.reshape([size, columns]),
    );
    return product.reshape(shape);
  }
  if (p !== 1) left = left.reshape([size]);
  if (q !== 1) right = right.reshape([size]);
  return left.dot(right).reshape([]);
}

/**
 * Multiplies a chain of matrices in the order that needs the fewest
 * multiplications. See `torch.chain_matmul`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 9]);
 * assertEquals(dg.chainMatmul([x, dg.ones([9, 9]), x.t()]).tolist(), [[81]]);
 * ```
 */
export function chainMatmul(matrices: readonly Tensor[]): Tensor {
  checkArray(matrices, "chainMatmul", "matrices");
  for (const x of matrices) {
    if (x.shape.length === 2) continue;
    throw new RuntimeError(
      `Tensor dimension is ${x.shape.length}, expected 2 instead.`,
    );
  }
  if (matrices.length === 0) {
    throw new RuntimeError("chain_matmul(): Expected one or more matrices");
  }
  const first = matrices[0]!;
  if (matrices.length === 1) return first.clone();
  const out = multiplyChain(matrices);
  return out.reshape(out.shape);
}

/** Multiplies at least two matrices that fit, in the cheapest order. */
export function multiplyChain(matrices: readonly Tensor[]): Tensor {
  checkChain(matrices);
  return multiplyRange(matrices, splits(matrices), 0, matrices.length - 1);
}

function checkChain(matrices: readonly Tensor[]): void {
  const first = matrices[0]!;
  for (let i = 1; i < matrices.length; i++) {
    const x = matrices[i]!;
    if (x.info !== first.info) {
      throw new RuntimeError(
        `multiDot(): all tensors must have be the same dtype but tensor 0 is ${first.info.cName} and tensor ${i} ${x.info.cName}`,
        `convert it, for example with to("${first.dtype}")`,
      );
    }
  }
  for (let i = 1; i < matrices.length; i++) {
    const [x, y] = [matrices[i - 1]!, matrices[i]!];
    if (x.shape[1] === y.shape[0]) continue;
    throw new RuntimeError(
      `multiDot(): tensors ${i - 1} and ${i} with shapes ${
        showShape(x.shape)
      } and ${showShape(y.shape)} cannot be multiplied`,
    );
  }
}

/** Where to split each range `i … j` of a chain: `splits[i][j]`. */
function splits(matrices: readonly Tensor[]): number[][] {
  const n = matrices.length;
  const cost = matrices.map(() => new Array<number>(n).fill(0));
  const split = matrices.map(() => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      const outside = matrices[i]!.shape[0]! * matrices[j]!.shape[1]!;
      cost[i]![j] = Infinity;
      for (let k = i; k < j; k++) {
        const total = cost[i]![k]! + cost[k + 1]![j]! +
          outside * matrices[k]!.shape[1]!;
        if (total >= cost[i]![j]!) continue;
        cost[i]![j] = total;
        split[i]![j] = k;
      }
    }
  }
  return split;
}

function multiplyRange(
  matrices: readonly Tensor[],
  split: readonly (readonly number[])[],
  i: number,
  j: number,
): Tensor {
  if (i === j) return matrices[i]!;
  const k = split[i]![j]!;
  return multiplyRange(matrices, split, i, k)
    .mm(multiplyRange(matrices, split, k + 1, j));
}
