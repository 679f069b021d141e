// Sampling images at the points of a grid, and the grids of affine maps.

import {
  type CompositeContext,
  compositeContext,
  defineComposite,
} from "../composite_op.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { inRange } from "../index_range.ts";
import { run, unrecorded } from "../kernel_op.ts";
import { toLong } from "../op.ts";
import { checkOptions, countElements, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { stack } from "./joining.ts";

/** How {@linkcode gridSample} reads between elements. */
export type GridMode = "bilinear" | "nearest" | "bicubic";

/** What {@linkcode gridSample} reads outside of the image. */
export type GridPadding = "zeros" | "border" | "reflection";

/** Options of {@linkcode gridSample}. */
export interface GridSampleOptions {
  /** How to read between elements; `"bilinear"` where not given, which is trilinear in three dimensions. */
  readonly mode?: GridMode;
  /** What to read outside of the image; `"zeros"` where not given. */
  readonly paddingMode?: GridPadding;
  /** Whether -1 and 1 are the centres of the outermost elements, rather than their edges. */
  readonly alignCorners?: boolean;
}

interface GridContext extends CompositeContext {
  readonly mode: GridMode;
  readonly padding: GridPadding;
  readonly alignCorners: boolean;
}

/** From [-1, 1] to positions of elements. */
function positions(x: Tensor, size: number, alignCorners: boolean): Tensor {
  return alignCorners
    ? x.add(1).mul((size - 1) / 2)
    : x.add(1).mul(size).sub(1).div(2);
}

/** Positions mirrored at both ends of `[low / 2, high / 2]`. */
function reflected(x: Tensor, low: number, high: number): Tensor {
  if (low === high) return x.mul(0);
  const start = low / 2;
  const span = (high - low) / 2;
  const distance = x.sub(start).abs();
  const flips = unrecorded(() => distance.div(span).floor());
  const rest = distance.sub(flips.mul(span));
  const even = unrecorded(() => flips.remainder(2).eq(0));
  return rest.add(start).where(even, rest.neg().add(span + start));
}

/** Positions as the padding moves them into the image. */
function padded(x: Tensor, size: number, o: GridContext): Tensor {
  if (o.padding === "zeros") return x;
  const inside = o.padding === "border"
    ? x
    : o.alignCorners
    ? reflected(x, 0, 2 * (size - 1))
    : reflected(x, -1, 2 * size - 1);
  return inside.clamp({ min: 0, max: size - 1 });
}

/** Elements at whole positions, by dimension; zero outside. `x` is [N, C, ...], positions are [N, P]. */
function elementsAt(x: Tensor, at: readonly Tensor[]): Tensor {
  const [batch, channels, ...size] = x.shape as [number, number, ...number[]];
  const count = at[0]!.shape[1]!;
  const { index, inside } = unrecorded(() => {
    let index = toLong(at[0]!.newZeros(at[0]!.shape));
    let inside = at[0]!.eq(at[0]!);
    at.forEach((p, d) => {
      const n = size[d]!;
      inside = inside.logicalAnd(p.ge(0)).logicalAnd(p.le(n - 1));
      const near = toLong(p.nanToNum().clamp({ min: 0, max: n - 1 }));
      index = index.mul(n).add(near);
    });
    return { index: inRange(index, countElements(size)).unsqueeze(1), inside };
  });
  const found = x.flatten({ startDim: 2 })
    .gather(2, index.expand([batch, channels, count]));
  return found.mul(inside.unsqueeze(1));
}

function nearest(x: Tensor, at: readonly Tensor[]): Tensor {
  return elementsAt(x, at.map((p) => unrecorded(() => p.round())));
}

/** Between the two, four or eight elements around each position. */
function linear(x: Tensor, at: readonly Tensor[]): Tensor {
  const low = at.map((p) => unrecorded(() => p.floor()));
  const share = at.map((p, d) => p.sub(low[d]!));
  let out: Tensor | null = null;
  for (let corner = 0; corner < 1 << at.length; corner++) {
    let weight: Tensor | null = null;
    const where = at.map((_, d) => {
      const high = (corner >> d & 1) === 1;
      const own = high ? share[d]! : share[d]!.neg().add(1);
      weight = weight === null ? own : weight.mul(own);
      return high ? unrecorded(() => low[d]!.add(1)) : low[d]!;
    });
    const part = elementsAt(x, where).mul(weight!.unsqueeze(1));
    out = out === null ? part : out.add(part);
  }
  return out!;
}

const A = -0.75;

/** Weights of the four elements around a share of the way between the middle two. */
function cubicWeights(t: Tensor): Tensor[] {
  const near = (x: Tensor) => x.mul(A + 2).sub(A + 3).mul(x).mul(x).add(1);
  const far = (x: Tensor) =>
    x.mul(A).sub(5 * A).mul(x).add(8 * A).mul(x).sub(4 * A);
  const rest = t.neg().add(1);
  return [far(t.add(1)), near(t), near(rest), far(rest.add(1))];
}

/** Between the sixteen elements around each position, each moved by the padding. */
function cubic(x: Tensor, at: readonly Tensor[], o: GridContext): Tensor {
  const low = at.map((p) => unrecorded(() => p.floor()));
  const weights = at.map((p, d) => cubicWeights(p.sub(low[d]!)));
  const rows = low.map((p, d) =>
    [-1, 0, 1, 2].map((k) =>
      unrecorded(() => padded(p.add(k), x.shape[d + 2]!, o))
    )
  );
  let out: Tensor | null = null;
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      const weight = weights[0]![i]!.mul(weights[1]![j]!).unsqueeze(1);
      const part = elementsAt(x, [rows[0]![i]!, rows[1]![j]!]).mul(weight);
      out = out === null ? part : out.add(part);
    }
  }
  return out!;
}

function sample(inputs: readonly Tensor[], o: GridContext): Tensor {
  const [x, grid] = inputs as [Tensor, Tensor];
  const [batch, channels, ...size] = x.shape as [number, number, ...number[]];
  const lead = grid.shape.slice(1, -1);
  const points = grid.reshape([batch, -1, size.length]);
  // A grid holds x before y; images hold rows before columns.
  const at = size.map((n, d) => {
    const p = positions(
      points.select(2, size.length - 1 - d),
      n,
      o.alignCorners,
    );
    return o.mode === "bicubic" ? p : padded(p, n, o);
  });
  const out = o.mode === "nearest"
    ? nearest(x, at)
    : o.mode === "bilinear"
    ? linear(x, at)
    : cubic(x, at, o);
  return out.reshape([batch, channels, ...lead]);
}

const GRID_2D = defineComposite<GridContext>({
  name: "gridSample",
  node: "GridSampler2DBackward0",
  differentiable: [true, true],
  compute: sample,
});

const GRID_3D = defineComposite<GridContext>({
  name: "gridSample",
  node: "GridSampler3DBackward0",
  differentiable: [true, true],
  compute: sample,
});

function checkGrid(x: Tensor, grid: Tensor, mode: GridMode): void {
  const fail = (text: string): never => {
    throw new RuntimeError(`grid_sampler(): ${text}`);
  };
  const rank = x.shape.length;
  if (x.info !== grid.info || x.info.category !== 2) {
    fail(
      `expected input and grid to have same dtype, but input has ${x.dtype} and grid has ${grid.dtype}`,
    );
  }
  if (x.shape[0] !== grid.shape[0]) {
    fail(
      `expected grid and input to have same batch size, but got input with sizes ${
        showShape(x.shape)
      } and grid with sizes ${showShape(grid.shape)}`,
    );
  }
  if (grid.shape.at(-1) !== rank - 2) {
    fail(
      `expected grid to have size ${
        rank - 2
      } in last dimension, but got grid with sizes ${showShape(grid.shape)}`,
    );
  }
  if ((rank !== 4 && rank !== 5) || grid.shape.length !== rank) {
    fail(
      `expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ${
        showShape(x.shape)
      } and grid with sizes ${showShape(grid.shape)}`,
    );
  }
  const empty = x.shape.findIndex((n, d) => d > 1 && n === 0);
  if (empty >= 0) {
    fail(
      `expected input to have non-empty spatial dimensions, but input has sizes ${
        showShape(x.shape)
      } with dimension ${empty} being empty`,
    );
  }
  if (mode === "bicubic" && rank === 5) {
    fail("bicubic interpolation only supports 4D input");
  }
}

/**
 * Reads images `[N, C, H, W]` at the points of a grid `[N, h, w, 2]`, whose
 * coordinates, x before y, go from -1 to 1: `[N, C, h, w]`; or volumes
 * `[N, C, D, H, W]` at `[N, d, h, w, 3]`. See
 * `torch.nn.functional.grid_sample`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[[[1, 2], [3, 4]]]]);
 * const grid = dg.tensor([[[[0, 0], [1, -1]]]]);
 * const options = { alignCorners: true };
 * const y = dg.nn.functional.gridSample(x, grid, options);
 * assertEquals(y.tolist(), [[[[2.5, 2]]]]);
 * ```
 */
export function gridSample(
  x: Tensor,
  grid: Tensor,
  options: GridSampleOptions = {},
): Tensor {
  checkOptions(options, ["mode", "paddingMode", "alignCorners"], "gridSample");
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } =
    options;
  if (!["bilinear", "nearest", "bicubic"].includes(mode)) {
    throw new ValueError(
      `nn.functional.gridSample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`,
    );
  }
  if (!["zeros", "border", "reflection"].includes(paddingMode)) {
    throw new ValueError(
      `nn.functional.gridSample(): expected paddingMode to be 'zeros', 'border', or 'reflection', but got: '${paddingMode}'`,
    );
  }
  checkGrid(x, grid, mode);
  const context = {
    ...compositeContext(),
    mode,
    padding: paddingMode,
    alignCorners,
  };
  return run(x.shape.length === 4 ? GRID_2D : GRID_3D, [x, grid], context);
}

interface AffineContext extends CompositeContext {
  readonly size: readonly number[];
  readonly alignCorners: boolean;
}

const AFFINE = defineComposite<AffineContext>({
  name: "affineGrid",
  node: "AffineGridGeneratorBackward0",
  differentiable: [true],
  compute: ([theta], { size, alignCorners }) => {
    const [batch, , ...lengths] = size as [number, number, ...number[]];
    const rank = lengths.length;
    const base = unrecorded(() => {
      const axes = lengths.map((n, d) => {
        const step = theta!.newOnes([n]).cumsum(0).sub(1);
        const line = n === 1
          ? step.mul(0)
          : alignCorners
          ? step.mul(2 / (n - 1)).sub(1)
          : step.mul(2 / n).sub(1 - 1 / n);
        const shape = lengths.map((_, k) => k === d ? n : 1);
        return line.reshape(shape).expand(lengths);
      });
      const one = theta!.newOnes(lengths);
      return stack([...axes.reverse(), one], rank).reshape([-1, rank + 1]);
    });
    return base.unsqueeze(0).expand([batch, ...base.shape])
      .bmm(theta!.transpose(1, 2))
      .reshape([batch, ...lengths, rank]);
  },
});

/**
 * The grid of points that affine maps `theta`, `[N, 2, 3]` or `[N, 3, 4]`, send
 * the points of images of `size`, `[N, C, H, W]` or `[N, C, D, H, W]`, to: what
 * {@linkcode gridSample} takes. See `torch.nn.functional.affine_grid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const theta = dg.tensor([[[1, 0, 0], [0, 1, 0]]]);
 * const options = { alignCorners: true };
 * const grid = dg.nn.functional.affineGrid(theta, [1, 1, 1, 2], options);
 * assertEquals(grid.tolist(), [[[[-1, 0], [1, 0]]]]);
 * ```
 */
export function affineGrid(
  theta: Tensor,
  size: readonly number[],
  options: { readonly alignCorners?: boolean } = {},
): Tensor {
  checkOptions(options, ["alignCorners"], "affineGrid");
  if (theta.info.category !== 2) {
    throw new ValueError(
      `Expected theta to have floating point type, but got ${theta.dtype}`,
    );
  }
  const rank = size.length - 2;
  if (rank !== 2 && rank !== 3) {
    throw new RuntimeError(
      `affineGrid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ${
        showShape(size)
      }.`,
    );
  }
  const { shape } = theta;
  if (shape.length !== 3 || shape[1] !== rank || shape[2] !== rank + 1) {
    throw new ValueError(
      `Expected a batch of ${rank}D affine matrices of shape Nx${rank}x${
        rank + 1
      } for size ${showShape(size)}. Got ${showShape(shape)}.`,
    );
  }
  if (!size.every((n) => n > 0)) {
    throw new ValueError(
      `Expected non-zero, positive output size. Got ${showShape(size)}`,
    );
  }
  const { alignCorners = false } = options;
  return run(AFFINE, [theta], { ...compositeContext(), size, alignCorners });
}
