// The autograd package: graphs, vector-Jacobian products, and a first training
// loop. Run it with
//
//   deno run examples/tutorials/01_autograd_package.ts [--device webgpu]
//
// It prints what notebook 001 recorded, without the addresses of nodes.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "../support/arguments.ts";
import { print } from "./print.ts";

await readArguments();

// In [2]: every op on x is tracked.
let x = dg.tensor([-0.424558, -1.23192, -0.95132], { requiresGrad: true });
let y = x.add(2);

// In [3]: y was computed, so it has a gradFn; x was made by the user.
print(x);
print(y);
print(y.gradFn);

// In [4]
let z = y.mul(y).mul(3);
print(z);
z = z.mean();
print(z);

// In [5]: the gradient of z with respect to x. Keeping the graph would allow
// another backward().
z.backward(null, { retainGraph: true });
print(x.grad);

// In [6]: an output that is no single number needs the vector of the
// vector-Jacobian product.
x = dg.tensor([-0.319730615234375, 0.658651904296875, 0.878260888671875], {
  requiresGrad: true,
});
y = x.mul(2);
for (let i = 0; i < 10; i++) y = y.mul(2);
print(y);
print(y.shape);
const v = dg.tensor([0.1, 1.0, 0.0001]);
y.backward(v);
print(x.grad);

// In [8]: requiresGrad_() changes the flag in place.
let a = dg.randn([2, 2]);
print(a.requiresGrad);
let b = a.mul(3).div(a.sub(1));
print(b.gradFn);
a.requiresGrad_(true);
print(a.requiresGrad);
b = a.mul(a).sum();
print(b.gradFn);
a.requiresGrad_(false);
print(a.requiresGrad);

// In [9]: detach() gives the same numbers without history.
a = dg.randn([2, 2], { requiresGrad: true });
print(a.requiresGrad);
b = a.detach();
print(b.requiresGrad);

// In [10]: nothing is recorded inside noGrad().
a = dg.randn([2, 2], { requiresGrad: true });
print(a.requiresGrad);
{
  using _ = dg.noGrad();
  print(x.pow(2).requiresGrad);
}

// In [11]: backward() adds to the gradients.
let weights = dg.ones(4, { requiresGrad: true });
print(weights);
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(31).sum();
  modelOutput.backward();
  print(weights.grad);
}

// In [12]: zero_() empties them.
weights = dg.ones(4, { requiresGrad: true });
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(3).sum();
  modelOutput.backward();
  print(weights.grad);
  weights.grad!.zero_();
}
print(weights);

// In [16]: gradient descent by hand.
weights = dg.ones(4, { requiresGrad: true });
for (let epoch = 0; epoch < 3; epoch++) {
  const modelOutput = weights.mul(3).sum();
  print(modelOutput);
  modelOutput.backward();
  print(weights.grad);
  {
    using _ = dg.noGrad();
    weights.sub_(weights.grad!.mul(0.1));
  }
  weights.grad!.zero_();
}
print(`Final Weight ${weights}`);

// In [14]: the optimizer's form of the same.
const optimizer = new dg.optim.SGD([weights], { lr: 0.1 });
optimizer.step();
optimizer.zeroGrad();
