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
  assertThrows(
    () => dg.nn.functional.layerNorm(x, [100_000]),
    dg.RuntimeError,
    "ends loops after 65535 turns",
  );
  const some = x.narrow(0, 0, 500).softmax(0).sum().item<number>();
  assertAlmostEquals(some, 1, 1e-5);
  const all = x.softmax(0).sum().item<number>();
  assertAlmostEquals(all, 1, 1e-5);
});

/** Small whole numbers: sums of their products are exact in every order. */
function whole(...shape: number[]): dg.Tensor {
  return dg.randint(-2, 3, shape).to("float32");
}

gpuTest("products that take more turns than there are go by parts", (gpu) => {
  const device = few(gpu, 100);
  dg.manualSeed(5);
  for (
    const [batch, m, k, n] of [
      [1, 9, 5001, 7],
      [65, 2, 900, 3],
      [65, 1, 3001, 2],
      [66, 3, 13_000, 1],
    ] as const
  ) {
    const [x, y] = [whole(batch, m, k), whole(batch, k, n)];
    const bias = whole(n);
    const run = (to: dg.Device | "cpu") =>
      dg.baddbmm(bias.to(to), x.to(to), y.to(to), { beta: 2 }).relu();
    assertEquals(run(device).tolist(), run("cpu").tolist(), `${m}x${k}x${n}`);
  }
});

gpuTest("convolutions of more turns than there are go by parts", (gpu) => {
  const device = few(gpu, 100);
  const { conv1d } = dg.nn.functional;
  const options = { stride: 2, padding: 1, dilation: 2, groups: 2 } as const;
  dg.manualSeed(6);
  const cases: [dg.Tensor, dg.Tensor, number][] = [
    [whole(2, 6, 700), whole(4, 3, 300), 4],
    [whole(1, 4, 300), whole(18, 2, 120), 18],
  ];
  for (const [x, w, channels] of cases) {
    for (const bias of [null, whole(channels)]) {
      const run = (to: dg.Device | "cpu") => {
        const [image, weight] = [x, w].map((y) =>
          y.to(to).detach().requiresGrad_()
        );
        const added = bias === null ? {} : { bias: bias.to(to) };
        const out = conv1d(image!, weight!, { ...options, ...added });
        return [out, ...dg.autograd.grad(out.sum(), [image!, weight!])];
      };
      const here = run("cpu");
      run(device).forEach((y, k) =>
        assertEquals(y!.tolist(), here[k]!.tolist(), `${w.shape} ${k}`)
      );
    }
  }
});

gpuTest("windows that take more turns than there are go by parts", (gpu) => {
  const device = few(gpu, 100);
  const { maxPool2d, maxPool3d, avgPool2d, interpolate } = dg.nn.functional;
  dg.manualSeed(7);
  const plane = dg.randint(0, 90, [2, 3, 41, 37]).to("float32");
  const block = dg.randint(0, 90, [1, 2, 9, 14, 13]).to("float32");
  const returnIndices = true;
  for (
    const run of [
      (to: dg.Device | "cpu") =>
        maxPool2d(plane.to(to), [20, 30], {
          stride: 3,
          padding: [4, 5],
          returnIndices,
        }),
      (to: dg.Device | "cpu") =>
        maxPool3d(block.to(to), [5, 6, 7], { dilation: 2, returnIndices }),
      (to: dg.Device | "cpu") => {
        const x = plane.repeat([1, 1, 7, 8]).to(to).detach().requiresGrad_();
        const values = avgPool2d(x, [256, 256], { stride: 8, padding: 3 });
        const wide = interpolate(x, { size: [3, 2], mode: "area" });
        const total = values.sum().add(wide.sum());
        const [indices] = dg.autograd.grad(total, [x]);
        return { values, indices: indices! };
      },
    ]
  ) {
    const [here, there] = [run("cpu"), run(device)];
    for (const name of ["values", "indices"] as const) {
      const off = there[name].cpu().to("float32").sub(here[name]).abs().max();
      assertEquals(off.item<number>() < 1e-4, true, `${run} ${name} ${off}`);
    }
  }
});

gpuTest("losses of long vectors are those of many rows", (gpu) => {
  const device = few(gpu, 100);
  dg.manualSeed(8);
  for (const shape of [[70_001], [3, 100_003], [409_600]]) {
    const [x, y] = [whole(...shape), whole(...shape)];
    for (const reduction of ["none", "mean", "sum"] as const) {
      const run = (to: dg.Device | "cpu") =>
        dg.nn.functional.mseLoss(x.to(to), y.to(to), { reduction });
      const off = run(device).cpu().ne(run("cpu")).any();
      assertEquals(off.item<boolean>(), false, `${reduction} of [${shape}]`);
    }
  }
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
