// Fused kernels on rows against the CPU, for rows of every length: several rows
// per workgroup, rows in registers, rows that are read again for each step.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const { functional } = dg.nn;

/** What is computed; the gradient goes the same way. */
const CALLS: Record<string, (x: dg.Tensor) => dg.Tensor> = {
  softmax: (x) => x.softmax(-1),
  logSoftmax: (x) => x.logSoftmax(-1),
  logsumexp: (x) => x.logsumexp(-1),
  layerNorm: (x) => functional.layerNorm(x, [x.shape.at(-1)!]),
};

/** float32 sums in another order: off by a share of the largest element. */
function assertNear(there: dg.Tensor, here: dg.Tensor, what: string): void {
  assertEquals(there.shape, here.shape);
  const off = there.to("cpu").sub(here).abs().max()
    .div(here.abs().max().add(1))
    .item() as number;
  if (!(off < 2e-5)) throw new Error(`${what}: ${off} off`);
}

const SHAPES = [
  [5, 1],
  [7, 3],
  [1000, 10],
  [33, 100],
  [9, 300],
  [4, 1025],
  [3, 4096],
  [2, 5000],
] as const;

for (const shape of SHAPES) {
  gpuTest(`fused kernels on rows of [${shape}]`, (gpu) => {
    dg.manualSeed(0);
    for (const [name, call] of Object.entries(CALLS)) {
      for (const transposed of [false, true]) {
        const turn = (x: dg.Tensor) => transposed ? x.t() : x;
        const x = dg.randn(transposed ? [shape[1], shape[0]] : shape);
        const host = x.clone().requiresGrad_();
        const moved = x.to(gpu).requiresGrad_();
        const a = call(turn(host).mul(3));
        const b = call(turn(moved).mul(3));
        assertNear(b.detach(), a.detach(), name);
        a.square().sum().backward();
        b.square().sum().backward();
        assertNear(moved.grad!, host.grad!, `gradient of ${name}`);
      }
    }
    const logits = dg.randn(shape);
    const target = dg.randint(0, shape[1], [shape[0]], { dtype: "int32" });
    assertNear(
      functional.crossEntropy(logits.to(gpu), target.to(gpu)),
      functional.crossEntropy(logits, target.to("int64")),
      "crossEntropy",
    );
  });
}

countGpuTests("kernels on rows");
