// A step of each optimizer: a million parameters at once, and the parameters
// of a small network, where the cost of a call counts.

import * as dg from "@dinograd/dinograd";

const { optim } = dg;

type Step = { step(): void };
const OPTIMIZERS: readonly [string, (params: dg.Tensor[]) => Step][] = [
  ["SGD", (x) => new optim.SGD(x)],
  ["SGD with momentum", (x) => new optim.SGD(x, { momentum: 0.9 })],
  ["Adam", (x) => new optim.Adam(x)],
  ["Adam with amsgrad", (x) => new optim.Adam(x, { amsgrad: true })],
  ["AdamW", (x) => new optim.AdamW(x)],
  ["NAdam", (x) => new optim.NAdam(x)],
  ["RAdam", (x) => new optim.RAdam(x)],
  ["Adamax", (x) => new optim.Adamax(x)],
  ["Adagrad", (x) => new optim.Adagrad(x)],
  ["Adadelta", (x) => new optim.Adadelta(x)],
  ["RMSprop", (x) => new optim.RMSprop(x)],
  ["Rprop", (x) => new optim.Rprop(x)],
  ["ASGD", (x) => new optim.ASGD(x)],
];

function leaf(size: dg.Size): dg.Tensor {
  const x = dg.randn(size, { requiresGrad: true });
  x.grad = dg.randn(size);
  return x;
}

for (const [name, make] of OPTIMIZERS) {
  const million = make([leaf(1e6)]);
  Deno.bench(`${name}, 1e6 parameters`, { group: "one million" }, () => {
    million.step();
  });
}
for (const [name, make] of OPTIMIZERS) {
  const sizes = [[16, 8], [16], [16, 16], [16], [4, 16], [4]];
  const small = make(sizes.map(leaf));
  Deno.bench(`${name}, 6 small parameters`, { group: "small" }, () => {
    small.step();
  });
}
