// The work of the comparison in dinograd. Usage: dinograd.ts [threads]

import * as dg from "@dinograd/dinograd";
import { mlp } from "../mlp.ts";
import { fit } from "../polynomial_fit.ts";
import {
  CONVOLUTION,
  LENGTHS,
  numbers,
  rowNumbers,
  SIDES,
  TRANSPOSED_SIDES,
} from "./inputs.ts";
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
const { crossEntropy, layerNorm } = dg.nn.functional;
const small = tensor(1, [3]);
const graph = tensor(1, [3]).requiresGrad_();
const rows: Row[] = [
  row("add, 3 elements", () => small.add(small)),
  row("(x+2)²·2, mean, backward, 3 elements", () => {
    graph.grad = null;
    const y = graph.add(2);
    y.mul(y).mul(2).mean().backward();
    return graph.grad!;
  }),
];
for (const [n, name] of LENGTHS) {
  const [x, y] = [tensor(1, [n]), tensor(2, [n])];
  rows.push(
    row(`add, ${name}`, () => x.add(y)),
    row(`exp, ${name}`, () => x.exp()),
  );
}
const [a, b, c] = [1, 2, 3].map((seed) => tensor(seed, [N * N])) as [
  dg.Tensor,
  dg.Tensor,
  dg.Tensor,
];
const [wide, other] = [a.double(), b.double()];
const matrix = tensor(1, [N, N]);
const line = tensor(2, [N]);
const column = tensor(2, [N, 1]);
const classes = dg.arange(N, { dtype: "int64" });
const picked = dg.tensor(rowNumbers(N), { dtype: "int64" });
rows.push(
  row("a*b+c, 1e6", () => a.mul(b).add(c)),
  row("tanh, 1e6", () => a.tanh()),
  row("sigmoid, 1e6", () => a.sigmoid()),
  row("sin, 1e6", () => a.sin()),
  row("add, 1e6, float64", () => wide.add(other)),
  row("exp, 1e6, float64", () => wide.exp()),
  row("sum(), 1e6, float64", () => wide.sum()),
  row("sum(), 1000×1000", () => matrix.sum()),
  row("sum(0), 1000×1000", () => matrix.sum(0)),
  row("sum(1), 1000×1000", () => matrix.sum(1)),
  row("amax(1), 1000×1000", () => matrix.amax(1)),
  row("softmax(1), 1000×1000", () => matrix.softmax(1)),
  row("layer norm, 1000×1000", () => layerNorm(matrix, [N])),
  row("cross entropy, 1000×1000", () => crossEntropy(matrix, classes)),
  row("matrix + row, 1000×1000", () => matrix.add(line)),
  row("matrix + column, 1000×1000", () => matrix.add(column)),
  row("transposed copy, 1000×1000", () => matrix.t().contiguous()),
  row("rows by index, 1000×1000", () => matrix.indexSelect(0, picked)),
  row("sort, 1e6", () => a.sort().values),
);

for (const n of SIDES) {
  const [x, y] = [tensor(1, [n, n]), tensor(2, [n, n])];
  rows.push(row(`matmul ${n}`, () => x.matmul(y)));
  if (!TRANSPOSED_SIDES.includes(n)) continue;
  rows.push(
    row(`matmul ${n}, left transposed`, () => x.t().matmul(y)),
    row(`matmul ${n}, right transposed`, () => x.matmul(y.t())),
    row(`matmul ${n}, both transposed`, () => x.t().matmul(y.t())),
  );
}
const [p, q] = [tensor(1, [512, 512]).double(), tensor(2, [512, 512]).double()];
rows.push(row("matmul 512, float64", () => p.matmul(q)));

const padded = { padding: 1 };
const images = tensor(1, CONVOLUTION.x);
const filters = tensor(2, CONVOLUTION.w);
const [learnt, learning] = [
  images.clone().requiresGrad_(),
  filters.clone().requiresGrad_(),
];
rows.push(
  row(
    "conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]",
    () => dg.conv2d(images, filters, padded),
  ),
  row("conv2d, forward and backward", () => {
    learnt.grad = learning.grad = null;
    dg.conv2d(learnt, learning, padded).sum().backward();
    return learning.grad!;
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
await report(rows, mlp);
