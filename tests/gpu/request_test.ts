// A GPU that gives no device, or computes what it should not, is refused when
// it is requested, by a sentence that says what is wrong with it.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { installHint } from "../../src/gpu/request.ts";
import { testArithmetic } from "../../src/gpu/self_test.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

type Read = Awaited<ReturnType<GpuDevice["readAll"]>>;

/** A device that reads something else than what was computed. */
function spoiled(gpu: dg.Device, spoil: (found: Read) => void): GpuDevice {
  const real = gpu as GpuDevice;
  return Object.create(real, {
    engine: { value: real.engine },
    allocate: { value: real.allocate.bind(real) },
    map: { value: real.map.bind(real) },
    reduce: { value: real.reduce.bind(real) },
    write: { value: real.write.bind(real) },
    readAll: {
      value: async (...given: Parameters<GpuDevice["readAll"]>) => {
        const found = await real.readAll(...given);
        spoil(found);
        return found;
      },
    },
  }) as GpuDevice;
}

Deno.test("what to install is told for every system", () => {
  const words: [string, RegExp][] = [
    ["linux", /`apt install mesa-vulkan-drivers`/],
    ["darwin", /Metal.*update macOS/],
    ["windows", /driver of your GPU.*Direct3D 12/],
    ["freebsd", /needs a driver for Vulkan/],
  ];
  for (const [os, want] of words) assertMatch(installHint(os), want);
  assertEquals(installHint(), installHint(Deno.build.os));
});

gpuTest(
  "a driver that gets NaN or infinities wrong is refused",
  async (gpu) => {
    const largest = 3.4028234663852886e38;
    const drivers: [string, number, (value: number) => number][] = [
      ["comparisons with NaN wrong (NaN gives 1 in place of 0)", 0, () => 1],
      [
        `division by zero wrong (0 gives ${largest} in place of Infinity)`,
        1,
        (value) => value === Infinity ? largest : value,
      ],
      [
        "maxima with NaN wrong (NaN gives 0 in place of NaN)",
        2,
        (value) => Number.isNaN(value) ? 0 : value,
      ],
    ];
    for (const [words, question, wrong] of drivers) {
      const device = spoiled(gpu, (all) => {
        const found = all[question]!;
        found.forEach((value, i) => found[i] = wrong(Number(value)));
      });
      const error = await assertRejects(
        () => testArithmetic(device),
        dg.RuntimeError,
        `this WebGPU device is not usable: it gets ${words}`,
      );
      assert(error.hint!.startsWith("update the driver"));
    }
  },
);

gpuTest(
  "a driver that loses what a workgroup shares is refused",
  async (gpu) => {
    await testArithmetic(gpu as GpuDevice);
    const device = spoiled(gpu, (all) => all.at(-1)![0] = 31);
    await assertRejects(
      () => testArithmetic(device),
      dg.RuntimeError,
      "the memory that a workgroup shares wrong (the sum of 0 to 999 is 31 in place of 499500)",
    );
  },
);

gpuTest("a driver that ends loops early is told from others", async (gpu) => {
  const device = spoiled(gpu, (all) => all.at(-2)![0] = 31);
  assertEquals((await testArithmetic(device)).mostTurns, 60_000);
});

gpuTest("an adapter that gives no device says which and why", async () => {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = () =>
    Promise.reject(new DOMException("not enough memory left"));
  try {
    const error = await assertRejects(
      () => dg.requestGpu(),
      dg.RuntimeError,
      "gives no device: not enough memory left",
    );
    assert(error.message.startsWith("the WebGPU adapter "), error.message);
    assert(error.hint!.includes("{ forceFallbackAdapter }"));
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
  assertEquals((await dg.requestGpu()).type, "webgpu");
});

gpuTest("a device that has no subgroups does without", async () => {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (
    this: GPUAdapter,
    what: GPUDeviceDescriptor = {},
  ) {
    const features: string[] = [...what.requiredFeatures ?? []];
    return features.includes("subgroups")
      ? Promise.reject(new TypeError("not a subset of the adapter's features"))
      : requestDevice.call(this, what);
  };
  try {
    const gpu = await dg.requestGpu();
    assertEquals(
      (gpu as GpuDevice).engine.context.abilities.subgroups.lanes,
      1,
    );
    assertEquals(dg.ones([300, 300], { device: gpu }).sum().item(), 90_000);
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
});

gpuTest("all limits and features are asked for", async () => {
  const { requestDevice } = GPUAdapter.prototype;
  const asked: GPUDeviceDescriptor[] = [];
  GPUAdapter.prototype.requestDevice = function (
    this: GPUAdapter,
    what: GPUDeviceDescriptor = {},
  ) {
    asked.push(what);
    return requestDevice.call(this, what);
  };
  try {
    await dg.requestGpu();
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
  const adapter = (await navigator.gpu.requestAdapter({
    powerPreference: "high-performance",
  }))!;
  const [{ requiredFeatures, requiredLimits }] = asked as [GPUDeviceDescriptor];
  const { subgroupMinSize, subgroupMaxSize } = adapter.info;
  assertEquals(
    [...requiredFeatures!].sort(),
    ["shader-f16", "subgroups", "timestamp-query"].filter((name) =>
      adapter.features.has(name as GPUFeatureName) ||
      // On no list in Deno.
      (name === "subgroups" && subgroupMinSize === subgroupMaxSize)
    ),
  );
  for (
    const name of [
      "maxBufferSize",
      "maxStorageBufferBindingSize",
      "maxStorageBuffersPerShaderStage",
      "maxComputeWorkgroupStorageSize",
      "maxComputeInvocationsPerWorkgroup",
      "maxComputeWorkgroupsPerDimension",
    ] as const
  ) assertEquals(requiredLimits![name], adapter.limits[name], name);
});

countGpuTests("requests");
