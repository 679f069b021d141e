// PyTorch's own autograd tutorial, in the layout of PyTorch 0.4 with which
// notebook 002 was recorded. Run it with
//
//   deno run examples/tutorials/02_autograd_official.ts [--device webgpu]
//
// It prints what the notebook recorded, without the addresses of nodes.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "../support/arguments.ts";
import { print } from "./print.ts";

await readArguments();

dg.setPrintoptions({ compat: "0.4" });

// --- Tensors and functions --------------------------------------------------

// In [78]
let x = dg.ones([2, 2], { requiresGrad: true });
print(x);

// In [79]: the user made x, so it has no gradFn.
print(x.gradFn);

// In [80]
const y = x.add(2);
print(y, "\n", "-".repeat(100));
print("Puntero referencia a Function Class de y:", y.gradFn);

// In [81]
const z = y.mul(y).mul(3);
const out = z.mean();
print(z);
print(out);

// In [82]: a tensor that was made without the flag can still get it.
let a = dg.randn([2, 2]);
a = a.mul(3).div(a.sub(1));
print(a.requiresGrad);
a.requiresGrad_(true);
print(a.requiresGrad);
const b = a.mul(a).sum();
print(b.gradFn);

// --- Gradients --------------------------------------------------------------

// In [83]: out is a single number, so backward() needs no argument.
out.backward();

// In [84]: d(out)/dx = 3/2 (x + 2), which is 4.5 at x = 1.
print("Valor de la variable");
print(z);
print("-".repeat(100), "\nValor de los gradientes");
print(x.grad);

// In [85]: how often y is doubled depends on its values.
x = dg.tensor([-1.37229482421875, -0.28081982421875, -0.62237705078125], {
  requiresGrad: true,
});
let w = x.mul(2);
while (+w.data.norm() < 1000) w = w.mul(2);
print(w.data);

// In [86]
const gradients = dg.tensor([0.1, 1.0, 0.0001]);
w.backward(gradients);
print(x.grad);

// In [77]: noGrad() stops the recording.
print(x.requiresGrad);
print(x.pow(2).requiresGrad);
{
  using _ = dg.noGrad();
  print(x.pow(2).requiresGrad);
}
