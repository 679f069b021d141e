// Finding a GPU: asks for an adapter and a device with its full limits, tests
// what it can do, and says what is missing where there is none.

import { RuntimeError } from "../tensor/errors.ts";
import { registerGpu } from "../tensor/device.ts";
import { type Abilities, Context } from "./context.ts";
import { GpuDevice } from "./gpu_device.ts";

/** What {@linkcode requestGpu} takes. */
export interface GpuOptions {
  /** `"high-performance"` (the default) or `"low-power"`, where there are several. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Asks for the software adapter. */
  readonly forceFallbackAdapter?: boolean;
}

/** The features that are used where they are offered. */
const FEATURES = ["shader-f16", "timestamp-query", "subgroups"] as const;

/** The limits that are raised to what the adapter offers. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

export async function requestGpu(
  options: GpuOptions = {},
): Promise<GpuDevice> {
  const gpu = navigator.gpu;
  if (gpu === undefined) throw new RuntimeError("no WebGPU");
  const adapter = await gpu.requestAdapter({
    powerPreference: options.powerPreference ?? "high-performance",
    forceFallbackAdapter: options.forceFallbackAdapter ?? false,
  });
  if (adapter === null) throw new RuntimeError("no adapter");
  const requiredFeatures = FEATURES.filter((name) =>
    adapter.features.has(name as GPUFeatureName)
  ) as GPUFeatureName[];
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) {
    const value = adapter.limits[name];
    if (value !== undefined) requiredLimits[name] = value;
  }
  const device = await adapter.requestDevice({
    requiredFeatures,
    requiredLimits,
  });
  const abilities: Abilities = {
    f16: requiredFeatures.includes("shader-f16"),
    timestamps: requiredFeatures.includes("timestamp-query"),
    subgroups: requiredFeatures.includes("subgroups" as GPUFeatureName),
    syncRead: true,
  };
  const out = new GpuDevice(new Context(device, adapter.info, abilities));
  registerGpu(out);
  return out;
}
