// Norms and losses where the goldens do not look: running statistics, the
// kernel of large cross entropies, and what is refused.

import * as dg from "@dinograd/dinograd";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

const F = dg.nn.functional;

Deno.test("batchNorm updates its running statistics in place, in training only", () => {
  const x = dg.tensor([[1], [3]]);
  const [mean, variance] = [dg.zeros(1), dg.ones(1)];
  F.batchNorm(x, mean, variance, { training: true });
  assertAlmostEquals(mean.item(), 0.2, 1e-6);
  assertAlmostEquals(variance.item(), 1.1, 1e-6);
  F.batchNorm(x, mean, variance, { training: true, momentum: 1 });
  assertEquals([mean.item(), variance.item()], [2, 2]);
  F.batchNorm(x, mean, variance);
  assertEquals([mean.item(), variance.item()], [2, 2]);
});

Deno.test("instanceNorm averages its running statistics over the instances", () => {
  const x = dg.tensor([[[1, 3]], [[5, 9]]]);
  const [runningMean, runningVar] = [dg.zeros(1), dg.ones(1)];
  F.instanceNorm(x, { runningMean, runningVar, momentum: 0.5 });
  assertAlmostEquals(runningMean.item(), 2.25, 1e-6);
  assertAlmostEquals(runningVar.item(), 3, 1e-6);
});

Deno.test("a norm keeps its statistics although running ones change later", () => {
  const x = dg.tensor([[1], [3]], { requiresGrad: true });
  const [mean, variance] = [dg.zeros(1), dg.ones(1)];
  const out = F.batchNorm(x, mean, variance, { eps: 0 });
  mean.fill_(100);
  variance.fill_(100);
  out.sum().backward();
  assertEquals(x.grad!.tolist(), [[1], [1]]);
});

Deno.test("crossEntropy of many classes is that of few", () => {
  dg.manualSeed(5);
  const x = dg.randn([64, 512], { requiresGrad: true });
  const target = dg.randint(0, 512, [64], { dtype: "int64" });
  target.setAt_([7], -100);
  for (const reduction of ["mean", "sum", "none"] as const) {
    const loss = F.crossEntropy(x, target, { reduction });
    assertEquals(loss.gradFn!.name, "NllLossBackward0");
    const parts = F.nllLoss(x.logSoftmax(1), target, { reduction });
    assertEquals(dg.allclose(loss, parts, { atol: 1e-5 }), true);
    const [g] = dg.autograd.grad([loss.sum()], [x]);
    const [h] = dg.autograd.grad([parts.sum()], [x]);
    assertEquals(dg.allclose(g!, h!, { atol: 1e-6 }), true);
  }
  target.setAt_([9], 512);
  assertThrows(
    () => F.crossEntropy(x, target),
    dg.IndexError,
    "Target 512 is out of bounds.",
  );
});

Deno.test("losses of rows that are all ignored", () => {
  const x = dg.randn([2, 3], { requiresGrad: true });
  const target = dg.full(2, 1, { dtype: "int64" });
  const loss = F.crossEntropy(x, target, { ignoreIndex: 1 });
  assertEquals(loss.item(), NaN);
  loss.backward();
  assertEquals(x.grad!.eq(0).all().item<boolean>(), true);
});

Deno.test("unknown options are refused by name", () => {
  const x = dg.ones([2, 2]);
  const options: object = { labelsmoothing: 0.1 };
  assertThrows(
    () => F.crossEntropy(x, dg.zeros(2, { dtype: "int64" }), options),
    TypeError,
    "did you mean labelSmoothing?",
  );
});
