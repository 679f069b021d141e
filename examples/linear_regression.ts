// The first steps: a line through noisy points, found by gradient descent.
// Run it with `deno run examples/linear_regression.ts`.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "./support/arguments.ts";
import { showPicture } from "./support/picture.ts";

const options = await readArguments();
dg.manualSeed(0);

// Points near y = 3x - 1.
const x = dg.linspace(-2, 2, 100).unsqueeze(1);
const y = x.mul(3).sub(1).add(dg.randn([100, 1]).mul(0.5));

const model = new dg.nn.Linear(1, 1);
const optimizer = new dg.optim.SGD(model.parameters(), { lr: 0.1 });
const losses: number[] = [];
const steps = options.short ? 20 : 100;
for (let step = 0; step < steps; step++) {
  const loss = dg.nn.functional.mseLoss(model.call(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  losses.push(loss.item());
}

const [slope, offset] = [model.weight.item(), model.bias!.item()];
console.log(
  `y = ${slope.toFixed(2)} x ${offset.toFixed(2).replace("-", "- ")}`,
);
const ends = [-2, 2];
showPicture("points and line", [
  {
    name: "points",
    x: x.flatten().tolist(),
    y: y.flatten().tolist(),
    scattered: true,
  },
  { name: "line", x: ends, y: ends.map((v) => slope * v + offset) },
], options.plot);
console.log(`result: loss ${losses.at(-1)!.toFixed(3)} after ${steps} steps`);
