// Calculating gradients, three ways to do without them, and why they add up.
// Run it with
//
//   deno run examples/tutorials/04_gradient_calculation.ts [--device webgpu]
//
// It prints what notebook 004 recorded.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "../support/arguments.ts";
import { print } from "./print.ts";

await readArguments();

// --- Backward propagation ---------------------------------------------------

// In [9]: from a vector to a single number and back.
let x = dg.tensor([-1.59814, -0.83416, 1.381749], { requiresGrad: true });
print(x);
let y = x.add(2);
print(y);
let z = y.mul(y).mul(2);
print(z);
z = z.mean();
print(z);
z.backward();
print(x.grad);

// In [12]: without the mean, backward() takes the vector to multiply with.
x = dg.tensor([-0.12398, -0.8386, 0.28183], { requiresGrad: true });
print(x);
y = x.add(2);
print(y);
z = y.mul(y).mul(2);
print(z);
const v = dg.tensor([0.1, 1.0, 0.001]);
// The record shows a None here that the cell, as saved, does not print.
print(z.backward(v));
print(x.grad);

// --- Preventing gradient history --------------------------------------------

// In [19]: change the flag in place,
x = dg.tensor([-1.3992, -0.5867, 0.0301], { requiresGrad: true });
print(x);
x.requiresGrad_(false);
print(x);

// In [21]: detach: x itself stays as it is,
x = dg.tensor([0.6700, -1.7655, 0.6098], { requiresGrad: true });
print(x);
x.detach();
print(x);
y = x.detach();
print(y);

// In [26]: or compute inside noGrad().
x = dg.tensor([-0.4035, 0.4721, 1.4661], { requiresGrad: true });
print(x);
y = x.add(2);
print(y);
{
  using _ = dg.noGrad();
  y = x.add(2);
  print(y);
}

// --- backward() adds up -----------------------------------------------------

// In [36]
let weights = dg.ones(4, { requiresGrad: true });
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(3).sum();
  modelOutput.backward();
  print(weights.grad);
}

// In [37]: set to zero after each use.
weights = dg.ones(4, { requiresGrad: true });
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(3).sum();
  modelOutput.backward();
  print(weights.grad);
  weights.grad!.zero_();
}
