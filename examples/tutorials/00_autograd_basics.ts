// Autograd, step by step: what requiresGrad does, what backward() needs, how to
// stop recording, and why gradients must be reset. Run it with
//
//   deno run examples/tutorials/00_autograd_basics.ts [--device webgpu]
//
// It prints what notebook 000 recorded. The notebook drew random numbers; the
// numbers below are ones that give its outputs.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "../support/arguments.ts";
import { print } from "./print.ts";

await readArguments();

// --- requiresGrad: true -----------------------------------------------------

// In [4]: a tensor that remembers what is done with it.
let x = dg.tensor([0.07464, -1.6187, 1.34214], { requiresGrad: true });
print(x);

// In [5]: the sum knows that it is a sum.
let y = x.add(2);
print(y);

// In [7]: the last op of the expression is a product.
let z = y.mul(y).mul(2);
print(z);

// In [8]: a single number, fit to be differentiated.
z = z.mean();
print(z);

// In [9] and [10]: dz/dx arrives in x.grad.
z.backward();
print(x.grad);

// --- requiresGrad: false ----------------------------------------------------

// In [11]: without the flag nothing is remembered,
x = dg.tensor([-1.1266, 1.1203, 0.2888]);
print(x);

// In [12]: so there is nothing to differentiate.
y = x.add(2);
z = y.mul(y).mul(2);
z = z.mean();
try {
  z.backward();
} catch (error) {
  print(error);
}

// --- More than one output ---------------------------------------------------

// In [13]
x = dg.tensor([0.3314, -0.0288, 0.2632], { requiresGrad: true });
print(x);

// In [14]: backward() alone is defined for a single number only.
y = x.add(2);
z = y.mul(y).mul(2);
try {
  z.backward();
} catch (error) {
  print(error);
}

// In [15]: with a vector v it computes the product of v and the Jacobian.
const v = dg.tensor([0.1, 1.0, 0.001]);
z.backward(v);
print(x.grad);

// --- Three ways not to record -----------------------------------------------

// In [18]: change the flag in place,
x = dg.tensor([-0.4404, -0.0023, 0.6898], { requiresGrad: true });
x.requiresGrad_(false);
print(x);

// In [19]: share the numbers without the history,
x = dg.tensor([-0.1725, 1.3180, 0.2547], { requiresGrad: true });
y = x.detach();
print(y);

// In [21]: or compute inside noGrad().
x = dg.tensor([-0.9340, 0.8850, 1.6334], { requiresGrad: true });
{
  using _ = dg.noGrad();
  y = x.add(2);
}
print(y);

// --- Gradients add up -------------------------------------------------------

// In [30]: each backward() adds to what is there.
let weights = dg.ones(4, { requiresGrad: true });
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(3).sum();
  modelOutput.backward();
  print(weights.grad);
}

// In [33]: so a training loop resets them.
weights = dg.ones(4, { requiresGrad: true });
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(3).sum();
  modelOutput.backward();
  print(weights.grad);
  weights.grad!.zero_();
}

// In [39]: an optimizer does both.
weights = dg.ones(4, { requiresGrad: true });
const optimizer = new dg.optim.SGD([weights], { lr: 0.01 });
optimizer.step();
optimizer.zeroGrad();
