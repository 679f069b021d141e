// Norms and losses where the goldens do not look: running statistics, the
// kernel of large cross entropies, and what is refused.

import * as dg from "@dinograd/dinograd";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";

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

Deno.test("normalisations mix types as PyTorch does: float32 parameters for 16 bits, and nothing else", () => {
  type Norm = (x: dg.Tensor, type: dg.DType) => dg.Tensor;
  const both = (type: dg.DType) => {
    const weight = dg.ones(4, { dtype: type });
    return { weight, bias: weight };
  };
  const norms: Norm[] = [
    (x, type) => F.batchNorm(x, null, null, { training: true, ...both(type) }),
    (x, type) => {
      const running = dg.ones(4, { dtype: type });
      return F.batchNorm(x, running, running);
    },
    (x, type) => F.layerNorm(x, 4, both(type)),
    (x, type) => F.groupNorm(x, 2, both(type)),
    (x, type) => F.instanceNorm(x, both(type)),
  ];
  const x = dg.randn([2, 4, 4]);
  const parameter = "mixed dtype (CPU): expect parameter to have scalar type";
  const inputs = "mixed dtype (CPU): all inputs must share same datatype.";
  const refused = [
    ["float32", "float64", parameter],
    ["float32", "bfloat16", parameter],
    ["float64", "float16", parameter],
    ["float64", "float32", inputs],
    ["bfloat16", "float16", parameter],
  ] as const;
  for (const norm of norms) {
    for (const [own, type, message] of refused) {
      assertThrows(() => norm(x.to(own), type), dg.RuntimeError, message);
    }
    for (const own of ["float16", "bfloat16"] as const) {
      const wide = norm(x.to(own).float(), "float32").to(own);
      const mixed = norm(x.to(own), "float32");
      assertEquals(mixed.dtype, own);
      assert(dg.allclose(mixed, wide, { rtol: 1e-2, atol: 1e-2 }));
    }
  }
});
