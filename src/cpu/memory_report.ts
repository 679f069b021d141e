// What the engine tells about its memory, and giving back what is unused, on
// this device and on those that are requested.

import { type DeviceMemory, devicesInCare } from "../tensor/device_care.ts";
import { collectGarbage } from "../tensor/garbage.ts";
import { reservedBytes, trim } from "./heap.ts";
import { collect, liveBytes, liveStorages, peakBytes } from "./reclaim.ts";

export type { DeviceMemory };

/** What {@linkcode memory} returns. */
export interface MemoryReport {
  /** The CPU's shared WebAssembly memory. */
  readonly cpu: DeviceMemory;
  /** The GPU that was requested last; null where there is none. */
  readonly webgpu: DeviceMemory | null;
}

/**
 * Tells how much memory tensors take. Collects garbage first, so that what
 * nobody refers to any more is not counted: a matter of milliseconds, not for
 * inner loops. Tensors of up to 32 elements are not counted; where memory
 * cannot be reclaimed (see `doctor`), all lie in ordinary arrays and nothing is.
 * What lies in ordinary arrays because the memory is full counts as live, but
 * not as reserved.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const before = dg.memory().cpu.liveBytes;
 * const x = dg.zeros([1024, 1024]);
 * assertEquals(dg.memory().cpu.liveBytes - before, 4 * x.numel());
 * ```
 */
export function memory(): MemoryReport {
  collect();
  const gpu = devicesInCare().at(-1) ?? null;
  if (gpu !== null) collectGarbage();
  return {
    webgpu: gpu === null ? null : gpu.memory(),
    cpu: {
      liveBytes: liveBytes(),
      liveStorages: liveStorages(),
      reservedBytes: reservedBytes(),
      peakBytes: peakBytes(),
    },
  };
}

/**
 * Takes back the memory of all tensors that nothing refers to any more, and what
 * kernels keep to work in, and merges what is free, so that it serves tensors of any size. The engine does
 * so by itself when memory runs short; the operating system gets nothing back,
 * because WebAssembly's memory cannot shrink. GPUs get back all buffers that no
 * tensor lies in.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.zeros([1024, 1024]);
 * dg.emptyCache();
 * const { liveBytes, reservedBytes } = dg.memory().cpu;
 * assertEquals(reservedBytes < liveBytes + 2 ** 22, true);
 * ```
 */
export function emptyCache(): void {
  collect();
  trim();
  const gpus = devicesInCare();
  if (gpus.length === 0) return;
  collectGarbage();
  for (const gpu of gpus) gpu.trim();
}
