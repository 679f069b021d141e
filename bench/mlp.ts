// The network that mlp_bench.ts, memory_bench.ts and the peers train: 784
// inputs, 256 hidden units, 10 classes, batches of 128, gradient descent.

import * as dg from "@dinograd/dinograd";
import { numbers, SIZES } from "./peers/inputs.ts";

const { batch, inputs, hidden, classes } = SIZES;

function matrix(seed: number, rows: number, columns: number): dg.Tensor {
  return dg.fromTypedArray(numbers(seed, rows * columns)).reshape([
    rows,
    columns,
  ]);
}

/** Makes a training step that returns the loss before it. */
export function mlp(device: dg.Device = dg.cpu): () => dg.Tensor {
  const x = matrix(1, batch, inputs).to(device);
  const dtype = device === dg.cpu ? "int64" : "int32";
  const target = dg.arange(batch, { dtype, device }).remainder(classes)
    .reshape([batch, 1]);
  const parameters = [
    matrix(2, inputs, hidden).mul_(0.1),
    dg.zeros([hidden]),
    matrix(3, hidden, classes).mul_(0.1),
    dg.zeros([classes]),
  ].map((tensor) => tensor.to(device).requiresGrad_());
  const [w1, b1, w2, b2] = parameters as [
    dg.Tensor,
    dg.Tensor,
    dg.Tensor,
    dg.Tensor,
  ];
  return () => {
    const scores = dg.addmm(b2, dg.addmm(b1, x, w1).relu(), w2);
    const loss = scores.logSoftmax(1).gather(1, target).mean().neg();
    loss.backward();
    using _ = dg.noGrad();
    for (const p of parameters) {
      p.sub_(p.grad!, { alpha: 0.01 });
      p.grad = null;
    }
    return loss;
  };
}
