// The local response norm of old image networks, in the form that Torch 7 had:
// which channels count as neighbours is not what one would expect, but what
// PyTorch does, in the result and, otherwise, in the gradient.

import { Function } from "../grad/function.ts";
import type { FunctionContext } from "../grad/function_context.ts";
import { tensor } from "../tensor/create.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import type { LocalResponseNormOptions } from "../tensor/ops/normalization_groups.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";

/** Which channels are summed for each, as rows of ones and zeros: PyTorch's running sum, which drops too little. */
function summed(channels: number, size: number): number[][] {
  const ahead = Math.trunc((size - 1) / 2 + 1);
  const row = new Array<number>(channels).fill(0);
  for (let c = 0; c < Math.min(ahead, channels); c++) row[c] = 1;
  return Array.from({ length: channels }, (_, c) => {
    if (c > 0 && c < channels - ahead + 1) row[c + ahead - 1]! += 1;
    if (c > ahead) row[c - ahead]! -= 1;
    return row.slice();
  });
}

/** The same for the gradient: the window there ends at a channel, or soon after. */
function summedBackward(channels: number, size: number): number[][] {
  const behind = Math.trunc(size - (size - 1) / 2);
  if (behind > size - 1) {
    throw new RuntimeError(
      `start (${behind}) + length (${channels}) exceeds dimension size (${
        channels + size - 1
      }).`,
      "PyTorch has no gradient for a size of 1",
    );
  }
  return Array.from(
    { length: channels },
    (_, c) =>
      Array.from({ length: channels }, (_, k) => {
        const offset = k - (c - behind);
        return offset >= 0 && offset < size ? 1 : 0;
      }),
  );
}

/** Sums over channels as the rows of a matrix say. */
function overChannels(rows: number[][], x: Tensor): Tensor {
  const { dtype, device, shape } = x;
  const matrix = tensor(rows, { dtype, device });
  return matrix.matmul(x.flatten({ startDim: 2 })).reshape(shape);
}

/** The settings of a layer. */
type Settings = Required<LocalResponseNormOptions> & { readonly size: number };

/** What each element is divided by, before the power. */
function scales(x: Tensor, { size, alpha, k }: Settings): Tensor {
  const rows = summed(x.shape[1]!, size);
  return overChannels(rows, x.mul(x)).mul(alpha / size).add(k);
}

const SETTINGS = new WeakMap<FunctionContext, Settings>();

/** The class of the norm's node: its name is the node's. */
const NODE = class CrossMapLRN2d extends Function {
  static forward(ctx: FunctionContext, x: Tensor, settings: Settings): Tensor {
    const out = scales(x, settings).pow(-settings.beta).mul(x);
    SETTINGS.set(ctx, settings);
    ctx.saveForBackward(x, out);
    return out;
  }
  static backward(ctx: FunctionContext, g: Tensor): (Tensor | null)[] {
    const settings = SETTINGS.get(ctx)!;
    const { size, alpha, beta } = settings;
    const [x, out] = ctx.savedTensors as [Tensor, Tensor];
    const scale = scales(x, settings);
    const rows = summedBackward(x.shape[1]!, size);
    const sums = overChannels(rows, g.mul(out).div(scale));
    const own = scale.pow(-beta).mul(g);
    return [own.sub(x.mul(sums).mul(2 * alpha * beta / size)), null];
  }
};

/**
 * Divides each element of `[n, c, h, w]` by a power of a sum of squares over
 * about `size` channels, as Torch 7 did. {@linkcode LocalResponseNorm} is the
 * norm that one would expect. See `torch.nn.CrossMapLRN2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.CrossMapLRN2d(3, { alpha: 3, beta: 1 });
 * assertEquals(layer.call(dg.ones([1, 1, 1, 1])).item(), 0.5);
 * ```
 */
export class CrossMapLRN2d extends Module {
  /** About how many channels are summed. */
  readonly size: number;
  /** Factor of the mean square. */
  readonly alpha: number;
  /** The power. */
  readonly beta: number;
  /** Added to the mean square. */
  readonly k: number;

  /** Takes the number of channels, and `alpha`, `beta` and `k`, 1e-4, 0.75 and 1 where not given. */
  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkOptions(options, ["alpha", "beta", "k"], "CrossMapLRN2d");
    this.size = size;
    this.alpha = options.alpha ?? 1e-4;
    this.beta = options.beta ?? 0.75;
    this.k = options.k ?? 1;
  }

  /** Normalizes each element. */
  forward(input: Tensor): Tensor {
    if (input.ndim !== 4) {
      throw new ValueError(
        `CrossMapLRN2d: Expected input to be 4D, got ${input.ndim}D instead.`,
      );
    }
    const { size, alpha, beta, k } = this;
    return NODE.apply(input, { size, alpha, beta, k });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `${this.size}, alpha=${pyFloat(this.alpha)}, beta=${
      pyFloat(this.beta)
    }, k=${py(this.k)}`;
  }
}
