// The work of the comparison in dinograd. Usage: dinograd.ts [threads]

import * as dg from "@dinograd/dinograd";
import { mlp } from "../mlp.ts";
import { fit } from "../polynomial_fit.ts";
import { numbers } from "./inputs.ts";
import { report, type Row } from "./measure.ts";

dg.setNumThreads(Number(Deno.args[0] ?? dg.getNumThreads()));

function tensor(seed: number, shape: number[]): dg.Tensor {
  const count = shape.reduce((product, n) => product * n, 1);
  return dg.fromTypedArray(numbers(seed, count)).reshape(shape);
}

/** Results are kept until the next one, so that nothing is optimised away. */
let kept: dg.Tensor | null = null;

/** A row that computes a tensor; checked by the sum of its absolute values. */
function row(name: string, compute: () => dg.Tensor): Row {
  return {
    name,
    run: () => {
      kept = compute();
    },
    check: () => compute().detach().double().abs().sum().item() as number,
  };
}

const N = 1000;
const small = tensor(1, [3]);
const graph = tensor(1, [3]).requiresGrad_();
const [a, b, c] = [1, 2, 3].map((seed) => tensor(seed, [N * N]));
const matrix = tensor(1, [N, N]);
const line = tensor(2, [N]);
const column = tensor(2, [N, 1]);
const rows: Row[] = [
  row("add, 3 elements", () => small.add(small)),
  row("(x+2)²·2, mean, backward, 3 elements", () => {
    graph.grad = null;
    const y = graph.add(2);
    y.mul(y).mul(2).mean().backward();
    return graph.grad!;
  }),
  row("a*b+c, 1e6", () => a!.mul(b!).add(c!)),
  row("exp, 1e6", () => a!.exp()),
  row("tanh, 1e6", () => a!.tanh()),
  row("sigmoid, 1e6", () => a!.sigmoid()),
  row("sin, 1e6", () => a!.sin()),
  row("sum(), 1000×1000", () => matrix.sum()),
  row("sum(0), 1000×1000", () => matrix.sum(0)),
  row("sum(1), 1000×1000", () => matrix.sum(1)),
  row("softmax(1), 1000×1000", () => matrix.softmax(1)),
  row("matrix + row, 1000×1000", () => matrix.add(line)),
  row("matrix + column, 1000×1000", () => matrix.add(column)),
  row("transposed copy, 1000×1000", () => matrix.t().contiguous()),
];
for (const n of [16, 64, 256, 512, 1024]) {
  const [x, y] = [tensor(1, [n, n]), tensor(2, [n, n])];
  rows.push(row(`matmul ${n}`, () => x.matmul(y)));
}
const [x, y] = [tensor(1, [512, 512]), tensor(2, [512, 512])];
rows.push(row("matmul 512, both transposed", () => x.t().matmul(y.t())));

const images = tensor(1, [8, 16, 32, 32]).requiresGrad_();
const filters = tensor(2, [32, 16, 3, 3]).requiresGrad_();
const options = { padding: 1 };
rows.push(
  row(
    "conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]",
    () => dg.conv2d(images.detach(), filters.detach(), options),
  ),
  row("conv2d, forward and backward", () => {
    images.grad = filters.grad = null;
    dg.conv2d(images, filters, options).sum().backward();
    return filters.grad!;
  }),
);

const step = mlp();
rows.push({
  name: "MLP training step",
  run: () => {
    kept = step();
  },
  check: () => {
    const fresh = mlp();
    for (let i = 0; i < 5; i++) kept = fresh();
    return kept!.item() as number;
  },
});
rows.push({
  name: "polynomial fit, 2000 steps",
  run: () => fit(2000),
  check: () => fit(2000),
});
await report(rows);
