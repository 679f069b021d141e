// Adapters that end the loops of a thread early: how one is told, and that what
// takes more turns is refused there or done in parts, whatever adapter this is.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { Context } from "../../src/gpu/context.ts";
import { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { turnsFrom } from "../../src/gpu/turns.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** The same GPU, whose threads have few turns. */
function few(gpu: dg.Device, mostTurns: number): GpuDevice {
  const { device, adapter, abilities } = (gpu as GpuDevice).engine.context;
  return new GpuDevice(
    new Context(device, adapter, { ...abilities, mostTurns }),
  );
}

/** What the loop of the self-test has come to after so many turns. */
function stateAfter(turns: number): number {
  let state = 1;
  for (let k = 0; k < turns; k++) state = Math.imul(state, 1664525) + k | 0;
  return state;
}

Deno.test("a loop that ended early tells that turns are few", () => {
  assertEquals(turnsFrom(stateAfter(65_535)), 60_000);
  assertEquals(turnsFrom(stateAfter(66_000)), Infinity);
});

gpuTest("rows that take more turns than there are are refused", (gpu) => {
  const device = few(gpu, 100);
  const x = dg.ones([100_000], { device });
  for (
    const run of [
      () => x.softmax(0),
      () => x.reshape([1, -1]).cummax(1),
      () => dg.nn.functional.avgPool1d(x.reshape([1, 1, -1]), 1000),
    ]
  ) assertThrows(run, dg.RuntimeError, "ends loops after 65535 turns");
  const some = x.narrow(0, 0, 500).softmax(0).sum().item<number>();
  assertAlmostEquals(some, 1, 1e-5);
});

gpuTest("scatters that take more turns than there are go by parts", (gpu) => {
  const device = few(gpu, 100);
  const n = 1001;
  const index = dg.zeros([n], { dtype: "int32", device });
  const zeros = dg.zeros([2], { device });
  const last = dg.arange(n, { device }).to("float32");
  assertEquals(zeros.scatter(0, index, last).tolist(), [n - 1, 0]);
  assertEquals(
    zeros.scatterAdd(0, index, last).tolist(),
    [n * (n - 1) / 2, 0],
  );
});

countGpuTests("turns");
