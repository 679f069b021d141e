// The way back from max pooling: values go to the positions that were found,
// zeros elsewhere.

import { checkIntegers } from "../arguments.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { plainIndex } from "../index_range.ts";
import { IN1 } from "../../grad/node.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { collect, placed } from "../max_pool_op.ts";
import {
  checkOptions,
  countElements,
  sameShape,
  type Shape,
  showShape,
  type Size,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode maxUnpool1d}, {@linkcode maxUnpool2d} and {@linkcode maxUnpool3d}. */
export interface MaxUnpoolOptions {
  /** Distance between the windows of the pooling; where not given, the length of a window. */
  readonly stride?: Size;
  /** Positions that the pooling added on both sides. */
  readonly padding?: Size;
  /** Size of the result, where several are possible; batch and channels may stand before it. */
  readonly outputSize?: Shape | null;
}

interface UnpoolContext {
  /** Shape of the result. */
  readonly shape: Shape;
  /** Number of pooled dimensions. */
  readonly rank: number;
  /** The sizes that an error shows. */
  readonly volume: string;
}

function defineUnpooling(rank: 2 | 3): KernelOp<UnpoolContext> {
  return defineKernel<UnpoolContext>({
    name: `maxUnpool${rank}d`,
    node: `MaxUnpool${rank}DBackward0`,
    forward: ([x, indices], { shape, rank, volume }) => {
      const size = countElements(shape.slice(-rank));
      const at = plainIndex(indices!, size, false, (bad) =>
        new RuntimeError(
          `Found an invalid max index: ${bad} (output volumes are of size ${volume})`,
          "pass the outputSize that the pooled tensor had",
        ));
      return placed(x!, at, shape, rank, "set");
    },
    vjps: [(g, n, { rank }) => collect(g, n.input(1), rank), null],
    saves: [IN1],
  });
}

const MAX_UNPOOL_2D = defineUnpooling(2);
const MAX_UNPOOL_3D = defineUnpooling(3);

function perDim(name: string, key: string, value: Size, rank: number): Shape {
  checkIntegers(value, name, key);
  return typeof value === "number"
    ? new Array<number>(rank).fill(value)
    : value;
}

/** Lengths of the result. */
function resultSize(
  name: string,
  x: Tensor,
  rank: number,
  kernelSize: Size,
  options: MaxUnpoolOptions,
): Shape {
  const kernel = perDim(name, "kernelSize", kernelSize, rank);
  const stride = perDim(name, "stride", options.stride ?? kernel, rank);
  const padding = perDim(name, "padding", options.padding ?? 0, rank);
  const first = x.shape.length - rank;
  const size = kernel.map((k, d) =>
    (x.shape[first + d]! - 1) * stride[d]! + k - 2 * padding[d]!
  );
  if (options.outputSize == null) return size;
  let wanted = options.outputSize;
  checkIntegers(wanted, name, "outputSize");
  if (wanted.length === rank + 2) wanted = wanted.slice(2);
  if (wanted.length !== rank) {
    throw new ValueError(
      `outputSize should be a sequence containing ${rank} or ${
        rank + 2
      } elements, but it has a length of '${wanted.length}'`,
    );
  }
  wanted.forEach((n, d) => {
    const [low, high] = [size[d]! - stride[d]!, size[d]! + stride[d]!];
    if (low < n && n < high) return;
    throw new ValueError(
      `invalid outputSize "${
        showShape(wanted)
      }" (dim ${d} must be between ${low} and ${high})`,
    );
  });
  return wanted;
}

function unpool(
  name: string,
  op: KernelOp<UnpoolContext>,
  rank: number,
  x: Tensor,
  indices: Tensor,
  kernelSize: Size,
  options: MaxUnpoolOptions,
): Tensor {
  checkOptions(options, ["stride", "padding", "outputSize"], name);
  const r = x.shape.length;
  if (r !== rank + 1 && r !== rank + 2) {
    throw new RuntimeError(
      `Input to max_unpooling${rank}d should be a ${rank + 1}d or ${
        rank + 2
      }d Tensor, but got a tensor with ${r} dimensions.`,
    );
  }
  const size = resultSize(name, x, rank, kernelSize, options);
  if (indices.info !== indices.storage.device.indexInfo) {
    throw new RuntimeError(
      `elements in indices should be type int64${
        rank === 3 ? "" : ` but got: ${indices.info.scalarName}`
      }`,
    );
  }
  const flat = rank === 1;
  if (!sameShape(x.shape, indices.shape)) {
    const shown = (shape: Shape) => showShape(flat ? [...shape, 1] : shape);
    throw new RuntimeError(
      `Expected shape of indices to be same as that of the input tensor (${
        shown(x.shape)
      }) but got indices tensor with shape: ${shown(indices.shape)}`,
    );
  }
  const volume = [...size, ...(flat ? [1] : [])].join("x");
  const shape = [
    ...x.shape.slice(0, r - rank),
    ...size,
    ...(flat ? [1] : []),
  ];
  const context = { shape, rank: flat ? 2 : rank, volume };
  if (!flat) return run(op, [x, indices], context);
  const out = run(op, [x.unsqueeze(-1), indices.unsqueeze(-1)], context);
  return out.squeeze(-1);
}

/**
 * Puts the values of {@linkcode maxPool1d} back where its indices say, zeros
 * elsewhere. See `torch.nn.functional.max_unpool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[1, 5, 2, 3]]);
 * const { values, indices } = F.maxPool1d(x, 2, { returnIndices: true });
 * assertEquals(F.maxUnpool1d(values, indices, 2).tolist(), [[0, 5, 0, 3]]);
 * ```
 */
export function maxUnpool1d(
  x: Tensor,
  indices: Tensor,
  kernelSize: Size,
  options: MaxUnpoolOptions = {},
): Tensor {
  return unpool(
    "maxUnpool1d",
    MAX_UNPOOL_2D,
    1,
    x,
    indices,
    kernelSize,
    options,
  );
}

/**
 * Puts the values of {@linkcode maxPool2d} back where its indices say, zeros
 * elsewhere. See `torch.nn.functional.max_unpool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[[1, 5], [2, 3]]]);
 * const { values, indices } = F.maxPool2d(x, 2, { returnIndices: true });
 * const back = F.maxUnpool2d(values, indices, 2);
 * assertEquals(back.tolist(), [[[0, 5], [0, 0]]]);
 * ```
 */
export function maxUnpool2d(
  x: Tensor,
  indices: Tensor,
  kernelSize: Size,
  options: MaxUnpoolOptions = {},
): Tensor {
  return unpool(
    "maxUnpool2d",
    MAX_UNPOOL_2D,
    2,
    x,
    indices,
    kernelSize,
    options,
  );
}

/**
 * Puts the values of {@linkcode maxPool3d} back where its indices say, zeros
 * elsewhere. See `torch.nn.functional.max_unpool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[[[1, 5], [2, 3]]]]);
 * const indices = dg.tensor([[[[1]]]], { dtype: "int64" });
 * const y = F.maxUnpool3d(dg.tensor([[[[7]]]]), indices, [1, 2, 2]);
 * assertEquals(y.tolist(), [[[[0, 7], [0, 0]]]]);
 * assertEquals(y.shape, x.shape);
 * ```
 */
export function maxUnpool3d(
  x: Tensor,
  indices: Tensor,
  kernelSize: Size,
  options: MaxUnpoolOptions = {},
): Tensor {
  return unpool(
    "maxUnpool3d",
    MAX_UNPOOL_3D,
    3,
    x,
    indices,
    kernelSize,
    options,
  );
}
