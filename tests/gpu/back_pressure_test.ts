// A synchronous loop does not run away from the GPU: where reads can block the
// host waits, and elsewhere ops are refused until something was awaited.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { Context } from "../../src/gpu/context.ts";
import { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** The same GPU as if it could not be read synchronously. */
function withoutReads(gpu: dg.Device): GpuDevice {
  const { device, adapter, abilities } = (gpu as GpuDevice).engine.context;
  const own = { ...abilities, syncRead: false };
  return new GpuDevice(new Context(device, adapter, own));
}

gpuTest(
  "without synchronous reads item() names those that there are",
  (gpu) => {
    const x = dg.ones([2], { device: withoutReads(gpu) });
    for (const use of [() => x.at(0).item(), () => x.tolist(), () => `${x}`]) {
      const error = assertThrows(use, dg.RuntimeError);
      assertEquals(
        error.message.split("\n")[0],
        "this WebGPU device cannot be read synchronously",
      );
      assert(error.hint!.includes("await x.read()"));
    }
  },
);

gpuTest(
  "without synchronous reads a loop that awaits nothing is refused in time",
  async (gpu) => {
    const device = withoutReads(gpu);
    const { queue } = device.engine;
    assertEquals(queue.mostUnawaited, 2 ** 20);
    queue.mostUnawaited = 10_000;
    const x = dg.zeros([4], { device });
    const run = (steps: number) => {
      for (let k = 0; k < steps; k++) x.add_(1);
    };
    run(5000);
    const words =
      "too many ops wait for this WebGPU device, which cannot be waited for synchronously";
    let error = assertThrows(() => run(10_000), dg.RuntimeError);
    assertEquals(error.message.split("\n")[0], words);
    assert(error.hint!.includes("await x.read()"));
    // Again and again, until something was awaited.
    error = assertThrows(() => run(1), dg.RuntimeError);
    assertEquals(error.message.split("\n")[0], words);
    // What was accepted is done.
    const [done] = await x.read() as Float32Array;
    assert(done! > 5000 && done! < 10_000, String(done));
    run(5000);
    assertEquals((await x.read() as Float32Array)[0], done! + 5000);
  },
);

gpuTest(
  "without synchronous reads a loop goes on where the event loop turns",
  async (gpu) => {
    const device = withoutReads(gpu);
    device.engine.queue.mostUnawaited = 10_000;
    const x = dg.zeros([4], { device });
    for (let k = 0; k < 30_000; k++) {
      x.add_(1);
      if (k % 5000 === 0) await new Promise((then) => setTimeout(then, 50));
    }
    assertEquals((await x.read() as Float32Array)[3], 30_000);
  },
);

gpuTest("with synchronous reads nothing is refused", (gpu) => {
  const { queue } = (gpu as GpuDevice).engine;
  const before = queue.mark;
  const x = dg.zeros([4], { device: gpu });
  for (let k = 0; k < 20_000; k++) x.add_(1);
  assertEquals(x.at(0).item(), 20_000);
  assert(queue.mark - before > 20_000);
});

countGpuTests("back-pressure");
