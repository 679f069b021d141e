// Makes and drops 100 KB of tensors 20,000 times, forward and backward, without
// any dispose and without an await, and prints resident megabytes as it goes.
// memory_test.ts runs it in a process of its own.

import * as dg from "@dinograd/dinograd";

const ITERATIONS = 20_000;
const weight = dg.ones(5_000, { requiresGrad: true });

for (let i = 0; i < ITERATIONS; i++) {
  // Five tensors of 20 KB each.
  const y = weight.mul(2).add(1);
  y.mul(y).sum().backward();
  weight.grad = null;
  if (i % 1000 === 999) {
    console.log(Math.round(Deno.memoryUsage().rss / 2 ** 20));
  }
}
