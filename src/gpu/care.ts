// What the GPU tells about itself, and how it gives memory back: when it is
// asked to, and when there is none left.

import type { Device } from "../tensor/device.ts";
import type {
  DeviceCare,
  DeviceMemory,
  GpuDiagnosis,
} from "../tensor/device_care.ts";
import { collectGarbage, type Watchlist } from "../tensor/garbage.ts";
import type { Arena } from "./arena.ts";
import type { GpuMemory } from "./gpu_storage.ts";
import type { Engine } from "./program.ts";
import type { Staging } from "./staging.ts";

/** The limits that decide how tensors are cut and kernels launched. */
const LIMITS = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupsPerDimension",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** The parts that have memory. */
export interface Holders {
  /** What kernels are launched with. */
  readonly engine: Engine;
  /** Where small tensors lie. */
  readonly arena: Arena;
  /** What results are read through. */
  readonly staging: Staging;
  /** The memory of tensors that are alive. */
  readonly storages: Watchlist<GpuMemory>;
}

/** Looks after the memory of one GPU. */
export class Care implements DeviceCare {
  readonly device: Device;
  readonly #holders: Holders;

  constructor(device: Device, holders: Holders) {
    this.device = device;
    this.#holders = holders;
    const { context, buffers, queue } = holders.engine;
    buffers.onFull(() => {
      collectGarbage();
      this.trim();
    });
    context.onLost(() => queue.stop());
  }

  get isAlive(): boolean {
    return !this.#holders.engine.context.isLost;
  }

  memory(): DeviceMemory {
    const { engine: { buffers }, arena, storages } = this.#holders;
    const used = buffers.bytes - buffers.freeBytes;
    return {
      liveBytes: used - arena.bytes + arena.live,
      liveStorages: storages.count,
      reservedBytes: buffers.bytes,
      peakBytes: buffers.peak,
    };
  }

  trim(): void {
    const { engine: { queue, buffers, programs }, staging } = this.#holders;
    // What was recorded may refer to any buffer, and bind groups do.
    queue.flush();
    programs.forgetGroups();
    buffers.trim();
    staging.trim();
  }

  diagnosis(): GpuDiagnosis {
    const { engine: { context, buffers, programs }, staging } = this.#holders;
    const { description, device, vendor } = context.adapter;
    const { f16, timestamps, subgroups, syncRead } = context.abilities;
    const features = [
      f16 ? "shader-f16" : "",
      timestamps ? "timestamp-query" : "",
      subgroups.lanes > 1 ? "subgroups" : "",
    ].filter((name) => name !== "");
    return {
      adapter: description || device || vendor || "without a name",
      syncRead,
      features,
      limits: Object.fromEntries(
        LIMITS.map((name) => [name, context.device.limits[name]]),
      ),
      kernels: programs.pipelines.size,
      buffers: {
        storage: buffers.count,
        staging: staging.count,
        bindGroups: programs.groups,
      },
    };
  }
}
