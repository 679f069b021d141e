// Whole models trained from a seed: data, first weights and dropout are drawn
// as PyTorch draws them, so the loss curves are PyTorch's. Goldens:
// make_training_goldens.py.

import { assert } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

interface Curve {
  losses: number[];
  evaluation: number;
}

const GOLDENS: Record<string, Curve> = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/training.json", import.meta.url)),
);

const MODELS: Record<string, () => [dg.nn.Sequential, number[]]> = {
  mlp: () => [
    new nn.Sequential(
      new nn.Linear(20, 32),
      new nn.LayerNorm(32),
      new nn.GELU(),
      new nn.Dropout(0.1),
      new nn.Linear(32, 16),
      new nn.Tanh(),
      new nn.Linear(16, 4),
    ),
    [64, 20],
  ],
  cnn: () => [
    new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(4, 8, 3),
      new nn.LeakyReLU(0.1),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.Dropout(0.25),
      new nn.Linear(8, 4),
    ),
    [32, 1, 8, 8],
  ],
};

for (const [name, make] of Object.entries(MODELS)) {
  Deno.test(`20 steps of training from a seed are PyTorch's: ${name}`, () => {
    dg.manualSeed(0);
    const [model, shape] = make();
    const x = dg.randn(shape);
    const target = dg.randint(4, [shape[0]!]);
    const lossOf = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 });
    const optimizer = new dg.optim.SGD(model.parameters(), {
      lr: 0.1,
      momentum: 0.9,
    });
    const { losses, evaluation } = GOLDENS[name]!;
    const close = (value: number, expected: number, what: string) =>
      assert(
        Math.abs(value - expected) <= 1e-5,
        `${what}: ${value}, but PyTorch has ${expected}`,
      );
    losses.forEach((expected, step) => {
      optimizer.zeroGrad();
      const loss = lossOf.call(model.call(x), target);
      loss.backward();
      optimizer.step();
      close(loss.item(), expected, `step ${step}`);
    });
    model.eval();
    close(lossOf.call(model.call(x), target).item(), evaluation, "evaluation");
  });
}
