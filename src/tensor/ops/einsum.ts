// `einsum`: operands are aligned so that all have all dimensions, then
// contracted from left to right by batched products of matrices.

import { checkArray } from "../arguments.ts";
import {
  ELLIPSIS,
  type Equation,
  label,
  parseEquation,
} from "../einsum_equation.ts";
import { RuntimeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";

/** Sizes seen so far, and how many operands have more than one element along each aligned dimension. */
interface Alignment {
  readonly sizes: number[];
  readonly ellipsisSizes: number[];
  readonly counts: number[];
}

/** Gives operand `k` all aligned dimensions, in their order; absent ones have length 1. */
function align(
  x: Tensor,
  k: number,
  equation: Equation,
  alignment: Alignment,
): Tensor {
  const { places, ellipsisRank, ellipsisAt } = equation;
  const labels = equation.operands[k]!;
  const order = new Array<number>(equation.rank).fill(-1);
  let out = x;
  let dim = 0;
  for (const s of labels) {
    if (s === ELLIPSIS) {
      const covered = x.shape.length - (labels.length - 1);
      for (let j = ellipsisRank - covered; j < ellipsisRank; j++) {
        seeEllipsis(out.shape[dim]!, j, dim, k, equation, alignment);
        order[ellipsisAt + j] = dim++;
      }
      continue;
    }
    const at = places[s]!;
    const earlier = order[at]!;
    if (earlier === -1) {
      seeLabel(out.shape[dim]!, s, k, at, alignment);
      order[at] = dim++;
      continue;
    }
    if (out.shape[dim] !== out.shape[earlier]) {
      throw new RuntimeError(
        `einsum(): subscript ${
          label(s)
        } is repeated for operand ${k} but the sizes don't match, ${
          out.shape[dim]
        } != ${out.shape[earlier]}`,
      );
    }
    out = out.diagonal({ offset: 0, dim1: earlier, dim2: dim })
      .movedim(-1, earlier);
  }
  for (let d = 0; d < order.length; d++) {
    if (order[d] !== -1) continue;
    out = out.unsqueeze(dim);
    order[d] = dim++;
  }
  return out.permute(order);
}

function seeEllipsis(
  n: number,
  j: number,
  dim: number,
  operand: number,
  equation: Equation,
  { ellipsisSizes, counts }: Alignment,
): void {
  if (n === 1) return;
  const before = ellipsisSizes[j]!;
  if (before !== 1 && before !== n) {
    throw new RuntimeError(
      `einsum(): dimension ${dim} covered by ellipsis in operand ${operand}has size ${n} which does not broadcast with previously seen ellipsis with size ${before} for the respective dimension`,
    );
  }
  ellipsisSizes[j] = n;
  counts[equation.ellipsisAt + j]!++;
}

function seeLabel(
  n: number,
  s: number,
  operand: number,
  at: number,
  { sizes, counts }: Alignment,
): void {
  if (n === 1) return;
  const before = sizes[s]!;
  if (before !== 1 && before !== n) {
    throw new RuntimeError(
      `einsum(): subscript ${
        label(s)
      } has size ${n} for operand ${operand} which does not broadcast with previously seen size ${before}`,
    );
  }
  sizes[s] = n;
  counts[at]!++;
}

/** Multiplies aligned operands and sums over `sums`, whose dimensions stay with length 1. */
function sumOfProducts(
  left: Tensor,
  right: Tensor,
  sums: readonly number[],
): Tensor {
  if (sums.length === 0) return left.mul(right);
  const both: number[] = [];
  const leftOnly: number[] = [];
  const rightOnly: number[] = [];
  let [bothSize, leftSize, rightSize, sumSize] = [1, 1, 1, 1];
  for (let d = 0; d < left.shape.length; d++) {
    const [m, n] = [left.shape[d]!, right.shape[d]!];
    if (sums.includes(d)) sumSize *= m;
    else if (m !== 1 && n !== 1) {
      both.push(d);
      bothSize *= m;
    } else if (m !== 1) {
      leftOnly.push(d);
      leftSize *= m;
    } else {
      rightOnly.push(d);
      rightSize *= n;
    }
  }
  const a = left.permute([...both, ...leftOnly, ...sums, ...rightOnly])
    .reshape([bothSize, leftSize, sumSize]);
  const b = right.permute([...both, ...sums, ...rightOnly, ...leftOnly])
    .reshape([bothSize, sumSize, rightSize]);
  const order = [...both, ...leftOnly, ...sums, ...rightOnly];
  const shape = [
    ...[...both, ...leftOnly].map((d) => left.shape[d]!),
    ...sums.map(() => 1),
    ...rightOnly.map((d) => right.shape[d]!),
  ];
  const back = new Array<number>(order.length);
  order.forEach((d, i) => back[d] = i);
  return a.bmm(b).reshape(shape).permute(back);
}

/** Multiplies two aligned operands and sums over the dimensions that no later operand has. */
function contractPair(
  a: Tensor,
  b: Tensor,
  outRank: number,
  counts: number[],
): Tensor {
  const sums: number[] = [];
  const aSums: number[] = [];
  const bSums: number[] = [];
  for (let d = outRank; d < counts.length; d++) {
    if (a.shape[d] !== 1 && b.shape[d] !== 1) {
      counts[d]!--;
      if (counts[d] !== 1) continue;
      sums.push(d);
      counts[d] = 0;
    } else if (counts[d] === 1 && (a.shape[d] !== 1 || b.shape[d] !== 1)) {
      (a.shape[d] !== 1 ? aSums : bSums).push(d);
      counts[d] = 0;
    }
  }
  const keepdim = { keepdim: true };
  return sumOfProducts(
    aSums.length > 0 ? a.sum(aSums, keepdim) : a,
    bSums.length > 0 ? b.sum(bSums, keepdim) : b,
    sums,
  );
}

/**
 * Sums products of elements as an equation says: `"ij,jk->ik"` is the product
 * of two matrices. Subscripts are letters; a subscript repeated in one operand
 * takes the diagonal; `...` stands for any further dimensions, which broadcast;
 * without `->` the result has the subscripts that occur once, in alphabetical
 * order. All operands have the same type. See `torch.einsum`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.einsum("ij,jk->ik", [x, x]).tolist(), [[7, 10], [15, 22]]);
 * assertEquals(dg.einsum("ii", [x]).item(), 5);
 * assertEquals(dg.einsum("...i->...", [x]).tolist(), [3, 7]);
 * ```
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  checkArray(operands, "einsum", "operands");
  if (operands.length === 0) {
    throw new RuntimeError("einsum(): must provide at least one operand");
  }
  const parsed = parseEquation(equation, operands.map((x) => x.shape.length));
  const { outRank, rank } = parsed;
  const alignment: Alignment = {
    sizes: new Array<number>(ELLIPSIS).fill(1),
    ellipsisSizes: new Array<number>(parsed.ellipsisRank).fill(1),
    counts: new Array<number>(rank).fill(0),
  };
  const aligned = operands.map((x, k) => align(x, k, parsed, alignment));
  let out = aligned[0]!;
  for (let k = 1; k < aligned.length; k++) {
    out = contractPair(out, aligned[k]!, outRank, alignment.counts);
  }
  if (rank === outRank) return out;
  if (operands.length > 1) return out.reshape(out.shape.slice(0, outRank));
  const sums = Array.from({ length: rank - outRank }, (_, i) => outRank + i);
  return out.sum(sums);
}
