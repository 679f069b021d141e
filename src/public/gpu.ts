// The GPU: what the package exports of it. The engine is loaded when a GPU is
// requested, so that programs without one start as fast as before.

import type { Device } from "../tensor/device.ts";
import type { GpuOptions } from "../gpu/request.ts";

export type { GpuOptions };

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
export async function requestGpu(options: GpuOptions = {}): Promise<Device> {
  const { openGpu } = await import("../gpu/request.ts");
  return await openGpu(options);
}
