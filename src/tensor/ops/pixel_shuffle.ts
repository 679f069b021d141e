// Turning channels into pixels and back.

import { RuntimeError } from "../errors.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import type { Tensor } from "../tensor.ts";

const PIXEL_SHUFFLE: KernelOp<number> = defineKernel<number>({
  name: "pixelShuffle",
  forward: ([x], r) => {
    const lead = x!.shape.slice(0, -3);
    const [c, h, w] = x!.shape.slice(-3) as [number, number, number];
    const channels = c / (r * r);
    const n = lead.length;
    const order = [...lead.keys(), n, n + 3, n + 1, n + 4, n + 2];
    return x!.reshape([...lead, channels, r, r, h, w]).permute(order)
      .clone().reshape([...lead, channels, h * r, w * r]);
  },
  vjps: [(g, _n, r) => run(PIXEL_UNSHUFFLE, [g], r)],
});

const PIXEL_UNSHUFFLE: KernelOp<number> = defineKernel<number>({
  name: "pixelUnshuffle",
  forward: ([x], r) => {
    const lead = x!.shape.slice(0, -3);
    const [c, h, w] = x!.shape.slice(-3) as [number, number, number];
    const n = lead.length;
    const order = [...lead.keys(), n, n + 2, n + 4, n + 1, n + 3];
    return x!.reshape([...lead, c, h / r, r, w / r, r]).permute(order)
      .clone().reshape([...lead, c * r * r, h / r, w / r]);
  },
  vjps: [(g, _n, r) => run(PIXEL_SHUFFLE, [g], r)],
});

function checkRank(name: string, x: Tensor): void {
  if (x.shape.length >= 3) return;
  throw new RuntimeError(
    `${name} expects input to have at least 3 dimensions, but got input with ${x.shape.length} dimension(s)`,
  );
}

function checkFactor(name: string, argument: string, factor: number): void {
  if (Number.isInteger(factor) && factor > 0) return;
  throw new RuntimeError(
    `${name} expects a positive ${argument}, but got ${factor}`,
  );
}

/**
 * Turns `upscaleFactor²` channels each into finer pixels: `[…, c·r², h, w]`
 * becomes `[…, c, h·r, w·r]`. See `torch.nn.functional.pixel_shuffle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[[1]], [[2]], [[3]], [[4]]]);
 * assertEquals(dg.pixelShuffle(x, 2).tolist(), [[[1, 2], [3, 4]]]);
 * ```
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const r = upscaleFactor;
  checkRank("pixelShuffle", x);
  checkFactor("pixelShuffle", "upscaleFactor", r);
  const channels = x.shape.at(-3)!;
  if (channels % (r * r) !== 0) {
    throw new RuntimeError(
      `pixelShuffle expects its input's 'channel' dimension to be divisible by the square of upscaleFactor, but input.size(-3)=${channels} is not divisible by ${
        r * r
      }`,
    );
  }
  return run(PIXEL_SHUFFLE, [x], r);
}

/**
 * Undoes {@linkcode pixelShuffle}: `[…, c, h·r, w·r]` becomes `[…, c·r², h, w]`.
 * See `torch.nn.functional.pixel_unshuffle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[[1, 2], [3, 4]]]);
 * assertEquals(
 *   dg.pixelUnshuffle(x, 2).tolist(),
 *   [[[1]], [[2]], [[3]], [[4]]],
 * );
 * ```
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const r = downscaleFactor;
  checkRank("pixelUnshuffle", x);
  checkFactor("pixelUnshuffle", "downscaleFactor", r);
  for (const [what, d] of [["height", -2], ["width", -1]] as const) {
    const n = x.shape.at(d)!;
    if (n % r === 0) continue;
    throw new RuntimeError(
      `pixelUnshuffle expects ${what} to be divisible by downscaleFactor, but input.size(${d})=${n} is not divisible by ${r}`,
    );
  }
  return run(PIXEL_UNSHUFFLE, [x], r);
}
