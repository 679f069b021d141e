// Softmax and its logarithm along rows and columns, forward and backward.

import * as dg from "@dinograd/dinograd";

for (const [rows, columns] of [[128, 10], [1000, 1000]] as const) {
  const x = dg.randn([rows, columns]);
  const p = dg.randn([rows, columns], { requiresGrad: true });
  const weights = dg.randn([rows, columns]);
  const group = `${rows} x ${columns}`;
  for (const dim of [0, 1]) {
    Deno.bench(`softmax(${dim}), ${group}`, { group }, () => {
      x.softmax(dim);
    });
    Deno.bench(`logSoftmax(${dim}), ${group}`, { group }, () => {
      x.logSoftmax(dim);
    });
  }
  Deno.bench(`logSoftmax(1) and backward, ${group}`, { group }, () => {
    p.grad = null;
    p.logSoftmax(1).backward(weights);
  });
}
