// The GPU: what the package exports of it. The engine is loaded when a GPU is
// requested, so that programs without one start as fast as before.

import type { AccelerateOptions, Acceleration } from "../gpu/accelerate.ts";
import type { Curves, Point, Rates } from "../gpu/cost_model.ts";
import type { Gpu, KernelSignature, WarmedUp } from "../gpu/pipelines.ts";
import type { GpuOptions } from "../gpu/request.ts";

export type {
  AccelerateOptions,
  Acceleration,
  Curves,
  Gpu,
  GpuOptions,
  KernelSignature,
  Point,
  Rates,
  WarmedUp,
};

/**
 * Finds a GPU and returns it as a device, on which tensors are created with
 * `{ device }` and to which they are moved with `to(device)`. Everything after
 * that is synchronous: ops run in order on the GPU, and `item()`, `tolist()`
 * and printing wait for it. The string `"webgpu"` names the GPU requested last.
 *
 * WebGPU has no float64 and no int64: creating such a tensor there is an error,
 * and indices and integer sums are int32. Integers divided by elements that are
 * zero give 0, because a kernel cannot throw; a plain 0 as the divisor throws
 * as on the CPU. Throws a RuntimeError that says what
 * to install where no adapter is found, or what the device gets wrong.
 * `warmUp` of the device compiles ahead what the last run of a program used.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * // Where there is no GPU, the CPU does the work.
 * const device = await dg.requestGpu().catch(() => dg.cpu);
 * const x = dg.ones([2, 2], { device });
 * assertEquals(x.matmul(x).sum().item(), 8);
 * ```
 */
export async function requestGpu(options: GpuOptions = {}): Promise<Gpu> {
  const { openGpu } = await import("../gpu/request.ts");
  return await openGpu(options);
}

/**
 * Lets matrix products and convolutions of float32 tensors on the CPU run on a
 * GPU where that pays, the way there and back included; results are on the CPU
 * as ever, and nothing has to be awaited but this call. It measures both sides
 * first, in less than two seconds, and says what came of it: without a GPU, and
 * on an adapter in software, it stays off. Off by default; `accelerate(false)`
 * turns it off again. `explain` shows what it estimated for each op. Sums are
 * float32 sums on either side, in another order.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { active, reason } = await dg.accelerate();
 * console.log(active ? `on: ${reason}` : `off: ${reason}`);
 * const x = dg.ones([512, 512]);
 * assertEquals(x.matmul(x).sum().item(), 512 ** 3);
 * await dg.accelerate(false);
 * ```
 */
export async function accelerate(
  options: AccelerateOptions | false = {},
): Promise<Acceleration> {
  const { startAcceleration } = await import("../gpu/accelerate.ts");
  return await startAcceleration(options);
}
