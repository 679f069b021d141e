// Slopes of samples: the gradient of a function on a grid, by differences of
// second order. Made of other ops, as in PyTorch.

import { RuntimeError } from "../errors.ts";
import { isTensor } from "../is_tensor.ts";
import { checkOptions, type Dims, normalizeDims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";

/** Options of {@linkcode gradient}. */
export interface GradientOptions {
  /** Distance of the samples: one number for all dimensions, one per dimension, or per dimension the places of the samples. */
  readonly spacing?: number | readonly number[] | readonly Tensor[];
  /** Order of the differences at both ends: 1 or 2. */
  readonly edgeOrder?: 1 | 2;
}

/** `length` samples along a dimension, from `start` on, or from the end. */
function part(x: Tensor, dim: number, start: number, length: number): Tensor {
  return x.narrow(dim, start < 0 ? x.shape[dim]! + start : start, length);
}

/** The weighted sum of three neighbours. */
function blend(
  x: Tensor,
  dim: number,
  starts: readonly [number, number, number],
  length: number,
  weights: readonly (number | Tensor)[],
): Tensor {
  const [p, q, r] = starts.map((start, k) =>
    part(x, dim, start, length).mul(weights[k]!)
  );
  return p!.add(q!).add(r!);
}

/** Slopes of samples at equal distances. */
function evenly(x: Tensor, dim: number, step: number, order: number): Tensor {
  const n = x.shape[dim]!;
  const right = part(x, dim, 2, n - 2);
  const middle = right.sub(part(x, dim, 0, n - 2)).div(step).div(2);
  if (order === 1) {
    const one = (k: number) => part(x, dim, k, 1);
    const first = one(1).sub(one(0)).div(step);
    const last = one(-1).sub(one(-2)).div(step);
    return cat([first, middle, last], dim);
  }
  const first = blend(x, dim, [0, 1, 2], 1, [-1.5, 2, -0.5]).div(step);
  const last = blend(x, dim, [-3, -2, -1], 1, [0.5, -2, 1.5]).div(step);
  return cat([first, middle, last], dim);
}

/** Slopes of samples at given places. */
function unevenly(x: Tensor, dim: number, at: Tensor, order: number): Tensor {
  const n = x.shape[dim]!;
  const wide = (w: Tensor) =>
    w.reshape(x.shape.map((_, d) => d === dim ? -1 : 1));
  const steps = at.diff();
  const one = (k: number) => part(steps, 0, k, 1);
  const inner = weightsAt(
    steps.narrow(0, 0, n - 2),
    steps.narrow(0, 1, n - 2),
  );
  const middle = blend(x, dim, [0, 1, 2], n - 2, inner.map(wide));
  if (order === 1) {
    const of = (k: number) => part(x, dim, k, 1);
    const first = of(1).sub(of(0)).div(wide(one(0)));
    const last = of(-1).sub(of(-2)).div(wide(one(-1)));
    return cat([first, middle, last], dim);
  }
  const [p, q] = [one(0), one(1)];
  const begin = [
    p.mul(2).add(q).neg().div(p.mul(p.add(q))),
    p.add(q).div(p.mul(q)),
    p.neg().div(q.mul(p.add(q))),
  ];
  const [r, s] = [one(-2), one(-1)];
  const end = [
    s.div(r.mul(r.add(s))),
    s.add(r).neg().div(r.mul(s)),
    s.mul(2).add(r).div(s.mul(r.add(s))),
  ];
  const first = blend(x, dim, [0, 1, 2], 1, begin.map(wide));
  const last = blend(x, dim, [-3, -2, -1], 1, end.map(wide));
  return cat([first, middle, last], dim);
}

/** Weights of three neighbours, `p` and `q` apart, for the slope at the middle one. */
function weightsAt(p: Tensor, q: Tensor): Tensor[] {
  const both = p.add(q);
  return [
    q.neg().div(p.mul(both)),
    q.sub(p).div(p.mul(q)),
    p.div(q.mul(both)),
  ];
}

/** The distance or the places for each dimension. */
function spacings(
  x: Tensor,
  dims: readonly number[],
  named: boolean,
  spacing: NonNullable<GradientOptions["spacing"]>,
): readonly (number | Tensor)[] {
  if (typeof spacing === "number") return dims.map(() => spacing);
  const list: readonly (number | Tensor)[] = spacing;
  if (list.length === dims.length) return list;
  throw new RuntimeError(
    named
      ? `torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length ${list.length} and a dim argument of length ${dims.length}.`
      : `torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = ${x.shape.length}', since dim argument was not given, but got a list of length ${list.length}`,
  );
}

/**
 * The slopes of samples along each dimension, or along those that are named: a
 * tensor shaped like `x` for each. Inside they are exact for parabolas, at the
 * ends for straight lines, or for parabolas with `edgeOrder: 2`. See
 * `torch.gradient`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [slope] = dg.gradient(dg.tensor([1, 4, 9, 16]));
 * assertEquals(slope!.tolist(), [3, 4, 6, 7]);
 * const [steep] = dg.gradient(dg.tensor([1, 4, 9, 16]), 0, { spacing: 0.5 });
 * assertEquals(steep!.tolist(), [6, 8, 12, 14]);
 * ```
 */
export function gradient(
  x: Tensor,
  dim?: Dims | null,
  options: GradientOptions = {},
): Tensor[] {
  checkOptions(options, ["spacing", "edgeOrder"], "gradient");
  const { spacing = 1, edgeOrder = 1 } = options;
  if (edgeOrder !== 1 && edgeOrder !== 2) {
    throw new RuntimeError(
      "torch.gradient only supports edgeOrder=1 and edgeOrder=2.",
    );
  }
  const named = dim != null;
  const dims = named
    ? normalizeDims(dim, x.shape.length)
    : x.shape.map((_, d) => d);
  const apart = spacings(x, dims, named, spacing);
  for (const d of dims) {
    if (x.shape[d] === undefined || x.shape[d]! <= edgeOrder) {
      throw new RuntimeError(
        "torch.gradient expected each dimension size to be at least edgeOrder+1",
      );
    }
  }
  return dims.map((d, k) => {
    const step = apart[k]!;
    return isTensor(step)
      ? unevenly(x, d, step, edgeOrder)
      : evenly(x, d, step, edgeOrder);
  });
}
