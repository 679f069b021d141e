// SGD against PyTorch 2.13:
//
//   x = torch.tensor([1., -2., 3.], dtype=torch.float64, requires_grad=True)
//   o = torch.optim.SGD([x], **options)
//   for _ in range(4):
//       o.zero_grad(); (x**3).sum().backward(); o.step()

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const RUNS: [dg.optim.SGDOptions, number[]][] = [
  [{ lr: 0.01 }, [0.890039104201958, -2.581221488488077, 2.1567630756898737]],
  [
    { lr: 0.01, momentum: 0.9 },
    [0.751470474092841, -3.3229928952843646, 1.087873973691758],
  ],
  [
    { lr: 0.01, momentum: 0.9, nesterov: true },
    [0.6893278869864389, -4.141720523064911, 0.8524841057297078],
  ],
  [
    { lr: 0.01, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 },
    [0.8166418870113484, -2.8268556348982616, 1.5344263190529526],
  ],
  [
    { lr: 0.01, maximize: true, weightDecay: 0.1 },
    [1.12707336944168, -1.5887291480375036, 4.43351870015432],
  ],
];

for (const [options, expected] of RUNS) {
  Deno.test(`four steps of SGD with ${JSON.stringify(options)}`, () => {
    const x = dg.tensor([1, -2, 3], { dtype: "float64", requiresGrad: true });
    const optimizer = new dg.optim.SGD([x], options);
    for (let i = 0; i < 4; i++) {
      optimizer.zeroGrad();
      x.pow(3).sum().backward();
      optimizer.step();
    }
    const values: number[] = x.tolist();
    values.forEach((v, i) => assertAlmostEquals(v, expected[i]!, 1e-12));
    assertEquals(x.isLeaf, true);
  });
}

Deno.test("zeroGrad forgets gradients or sets them to zero", () => {
  const x = dg.ones(1, { requiresGrad: true });
  const optimizer = new dg.optim.SGD([x], { lr: 0.1 });
  x.mul(2).sum().backward();
  optimizer.zeroGrad({ setToNone: false });
  assertEquals(x.grad!.tolist(), [0]);
  optimizer.zeroGrad();
  assertEquals(x.grad, null);
  optimizer.step();
  assertEquals(x.tolist(), [1]);
});

Deno.test("step takes a closure, and a changed learning rate", () => {
  const x = dg.ones(1, { requiresGrad: true });
  const optimizer = new dg.optim.SGD([x]);
  optimizer.paramGroups[0]!.lr = 0.5;
  const loss = optimizer.step(() => {
    const y = x.mul(2).sum();
    y.backward();
    return y;
  });
  assertEquals([loss.item(), loss.requiresGrad], [2, true]);
  assertEquals(x.tolist(), [0]);
});

Deno.test("options and parameters are checked", () => {
  const x = dg.ones(1, { requiresGrad: true });
  const message = (
    params: Iterable<dg.Tensor>,
    options: dg.optim.SGDOptions = {},
  ) => assertThrows(() => new dg.optim.SGD(params, options), Error).message;
  assertEquals(message([x], { lr: -1 }), "Invalid learning rate: -1");
  assertEquals(message([x], { momentum: -1 }), "Invalid momentum value: -1");
  assertEquals(
    message([x], { weightDecay: -1 }),
    "Invalid weightDecay value: -1",
  );
  assertEquals(
    message([x], { nesterov: true }),
    "Nesterov momentum requires a momentum and zero dampening",
  );
  assertEquals(message([]), "optimizer got an empty parameter list");
  assertEquals(message([x.mul(1)]), "can't optimize a non-leaf Tensor");
  assertThrows(() => new dg.optim.SGD(x), TypeError, "params argument");
  assertThrows(
    () => new dg.optim.SGD([3 as unknown as dg.Tensor]),
    TypeError,
    "optimizer can only optimize Tensors, but one of the params is number",
  );
});

Deno.test("a step rounds as the separate ops do", () => {
  dg.manualSeed(0);
  for (const count of [3, 1000]) {
    for (const weightDecay of [0, 0.3]) {
      for (const momentum of [0, 0.9]) {
        for (const nesterov of momentum === 0 ? [false] : [false, true]) {
          for (const maximize of [false, true]) {
            const options = {
              lr: 0.7,
              weightDecay,
              momentum,
              nesterov,
              maximize,
            };
            const x = dg.randn(count, { requiresGrad: true });
            const y = x.detach().clone();
            let kept: dg.Tensor | null = null;
            const optimizer = new dg.optim.SGD([x], options);
            for (let i = 0; i < 3; i++) {
              const grad = dg.randn(count);
              x.grad = grad;
              optimizer.step();
              let step = maximize ? grad.neg() : grad;
              if (weightDecay !== 0) step = step.add(y, { alpha: weightDecay });
              if (momentum !== 0) {
                kept = kept === null
                  ? step.clone()
                  : kept.mul(momentum).add(step);
                step = nesterov ? step.add(kept, { alpha: momentum }) : kept;
              }
              y.sub_(step, { alpha: 0.7 });
            }
            assertEquals(dg.equal(x, y), true, JSON.stringify(options));
          }
        }
      }
    }
  }
});
