// Tests that need a GPU: they run on whatever adapter there is, one in software
// included, and count as ignored where there is none.

import * as dg from "@dinograd/dinograd";

/** The GPU that tests run on, null where there is none; one that fails is no reason to skip. */
export const GPU: dg.Device | null = await hasAdapter()
  ? await dg.requestGpu()
  : null;

/** Whether that GPU has float16. */
export const HAS_FLOAT16: boolean =
  dg.doctor().webgpu?.features.includes("shader-f16") ?? false;

async function hasAdapter(): Promise<boolean> {
  return await globalThis.navigator.gpu?.requestAdapter() != null;
}

let tests = 0;
let lacking = 0;

/**
 * A test that gets the GPU; ignored, visibly in the count, where there is none
 * or where this one does not offer what the test is about.
 */
export function gpuTest(
  name: string,
  run: (gpu: dg.Device) => void | Promise<void>,
  offered = true,
): void {
  if (offered) tests++;
  else lacking++;
  Deno.test({ name, ignore: GPU === null || !offered, fn: () => run(GPU!) });
}

/** Runs something with the GPU as the default device. */
export async function onGpu(
  gpu: dg.Device,
  run: () => void | Promise<void>,
): Promise<void> {
  dg.setDefaultDevice(gpu);
  try {
    await run();
  } finally {
    dg.setDefaultDevice("cpu");
  }
}

/** Says at the end of a file how many of its tests ran on which GPU. */
export function countGpuTests(what: string, more = ""): void {
  const count = tests;
  const others = lacking === 0
    ? ""
    : `, ${lacking} ignored, for want of what they are about`;
  Deno.test(`GPU tests of ${what} are counted`, () => {
    const outcome = GPU === null
      ? `${count} ignored, for want of a WebGPU adapter`
      : `${count} ran on ${dg.doctor().webgpu?.adapter}${others}`;
    console.log(`GPU tests of ${what}: ${outcome}${more}`);
  });
}
