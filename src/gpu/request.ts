// Finding a GPU: asks for an adapter and a device with its full limits, tests
// what it can do, and says what is missing where there is none.

import { registerGpu } from "../tensor/device.ts";
import { registerCare } from "../tensor/device_care.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import { CLOCKS } from "../tensor/witness.ts";
import { type Abilities, Context } from "./context.ts";
import { GpuDevice } from "./gpu_device.ts";
import "./witness.ts";
import { canReadSync, testArithmetic } from "./self_test.ts";
import { mayHaveSubgroups, NO_SUBGROUPS, testSubgroups } from "./subgroups.ts";

/** What `requestGpu` takes. */
export interface GpuOptions {
  /** `"high-performance"` (the default) or `"low-power"`, where there are several adapters. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Asks for an adapter in software. */
  readonly forceFallbackAdapter?: boolean;
}

const KEYS = ["powerPreference", "forceFallbackAdapter"];

/** The features that are used where they are offered. */
const FEATURES = ["shader-f16", "timestamp-query"] as const;

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
  "minUniformBufferOffsetAlignment",
] as const;

/** What to install where there is no adapter, by operating system; that of this machine by default. */
export function installHint(os: string | undefined = systemName()): string {
  switch (os) {
    case "linux":
      return "install a Vulkan driver: NVIDIA's own, or Mesa's for AMD and Intel, which has an adapter in software as well: `apt install mesa-vulkan-drivers` (Debian, Ubuntu) or `dnf install mesa-vulkan-drivers` (Fedora); `vulkaninfo --summary` lists what is found";
    case "darwin":
      return "WebGPU runs on Metal, which every Mac since 2012 has: update macOS, and use no virtual machine without a GPU";
    case "windows":
      return "install the current driver of your GPU from its maker: WebGPU runs on Direct3D 12 or Vulkan";
    default:
      return "WebGPU needs a driver for Vulkan, Metal or Direct3D 12";
  }
}

function systemName(): string | undefined {
  const { Deno } = globalThis as unknown as {
    Deno?: { build?: { os?: string } };
  };
  return Deno?.build?.os;
}

/** Finds an adapter, or fails with what is missing. */
async function findAdapter(options: GpuOptions): Promise<GPUAdapter> {
  const { gpu } = globalThis.navigator ?? {};
  if (gpu === undefined) {
    throw new RuntimeError(
      "WebGPU is not available here: there is no navigator.gpu",
      "run Deno 2.3 or later, or a browser with WebGPU",
    );
  }
  const { powerPreference = "high-performance", forceFallbackAdapter = false } =
    options;
  const adapter = await gpu.requestAdapter({
    powerPreference,
    forceFallbackAdapter,
  });
  if (adapter === null) {
    throw new RuntimeError(
      forceFallbackAdapter
        ? "no WebGPU adapter in software was found"
        : "no WebGPU adapter was found",
      installHint(),
    );
  }
  return adapter;
}

/**
 * Whether kernels go through OpenGL. Nothing says so, but there alone Deno
 * knows nothing of subgroups and names the widest range there is. Elsewhere the
 * answer yes costs a little time, and no result.
 */
function isOpenGl({ features, info }: GPUAdapter): boolean {
  const { subgroupMinSize, subgroupMaxSize } = info;
  return !features.has("subgroups") && subgroupMinSize === 4 &&
    subgroupMaxSize === 128;
}

/** Fails because an adapter was found that gives no device. */
function refuseDevice({ info }: GPUAdapter, error: Error): never {
  throw new RuntimeError(
    `the WebGPU adapter ${
      info.description || info.vendor
    } gives no device: ${error.message}`,
    `${installHint()}; or ask for another adapter with { powerPreference } or { forceFallbackAdapter }`,
  );
}

/** A device, with subgroups where it has them. */
async function requestDevice(
  adapter: GPUAdapter,
  asked: GPUDeviceDescriptor,
): Promise<{ device: GPUDevice; subgroups: boolean }> {
  if (mayHaveSubgroups(adapter)) {
    // Not on Deno's list of features, wherever it is: only asking tells.
    const features = [...asked.requiredFeatures!, "subgroups"];
    try {
      const device = await adapter.requestDevice({
        ...asked,
        requiredFeatures: features as GPUFeatureName[],
      });
      return { device, subgroups: true };
    } catch {
      // It has none, or this runtime does not know the name.
    }
  }
  const device = await adapter.requestDevice(asked)
    .catch((error: Error) => refuseDevice(adapter, error));
  return { device, subgroups: false };
}

/** Requests a device with all that the adapter has to give, and tests it. */
export async function openGpu(options: GpuOptions): Promise<GpuDevice> {
  checkOptions(options, KEYS, "requestGpu");
  const adapter = await findAdapter(options);
  const requiredFeatures = FEATURES.filter((name) =>
    adapter.features.has(name as GPUFeatureName)
  ) as GPUFeatureName[];
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  const { device, subgroups } = await requestDevice(adapter, {
    requiredFeatures,
    requiredLimits,
  });
  const has = (name: string) => (requiredFeatures as string[]).includes(name);
  const abilities: Abilities = {
    f16: has("shader-f16"),
    timestamps: has("timestamp-query"),
    subgroups: NO_SUBGROUPS,
    // As far as is known; tested below.
    exactRounding: true,
    mostTurns: Infinity,
    syncRead: canReadSync(device),
    openGl: isOpenGl(adapter),
  };
  const context = new Context(device, adapter.info, abilities);
  if (subgroups) {
    context.abilities = {
      ...abilities,
      subgroups: await testSubgroups(context),
    };
  }
  const out = new GpuDevice(context);
  context.abilities = { ...context.abilities, ...await testArithmetic(out) };
  registerGpu(out);
  registerCare(out.care);
  CLOCKS.add(out.clock);
  return out;
}
