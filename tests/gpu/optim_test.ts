// Optimizers on the GPU: the losses of PyTorch, in float32.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { GOLDENS, lossesOf, trainingOf } from "../optim/golden.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const STEPS = 10;

for (const golden of GOLDENS.optimizers) {
  const { name, options, losses } = golden;
  gpuTest(`${name} ${JSON.stringify(options)} on the GPU`, (gpu) => {
    const expected = losses["mlp float32"]!.slice(0, STEPS);
    const training = trainingOf("mlp", "float32", gpu);
    const run = lossesOf(golden, training, expected.length);
    // Roots and quotients of WGSL are good to a few units in the last place.
    const tolerance = name === "Muon" ? 2e-3 : 2e-5;
    run.losses.forEach((loss, k) =>
      assert(
        Math.abs(loss - expected[k]!) <= tolerance,
        `step ${k}: ${loss} instead of ${expected[k]}`,
      )
    );
  });
}

gpuTest(
  "a step on strided parameters, and a state dict from the CPU",
  (gpu) => {
    const run = (device: dg.DeviceLike) => {
      const start = dg.arange(12).reshape([3, 4]).T.to(device);
      const x = start.requiresGrad_();
      const optimizer = new dg.optim.Adam([x], { lr: 0.1 });
      x.grad = dg.ones([4, 3], { device });
      optimizer.step();
      return { x, optimizer };
    };
    const here = run("cpu");
    const there = run(gpu);
    assert(dg.allclose(there.x.cpu(), here.x, { atol: 1e-6 }));
    const dict = here.optimizer.stateDict();
    there.optimizer.loadStateDict(dict);
    const kept = there.optimizer.state.get(there.x)!;
    assertEquals(kept["exp_avg"].device, gpu);
    assertEquals(kept.step.device, dg.cpu);
    there.optimizer.step();
    here.optimizer.step();
    assert(dg.allclose(there.x.cpu(), here.x, { atol: 1e-6 }));
  },
);

countGpuTests("optimizers");
