// Fits a polynomial of third order to a sine by gradient descent, with autograd
// doing the backward pass. Run it with
//
//   deno run examples/tutorials/03_polynomial_fit.ts [--random] [--device webgpu]
//
// It starts where notebook 003 started, as far as that can be recovered, and
// prints its losses; with --random it starts from randn as the notebook says.

import * as dg from "@dinograd/dinograd";
// @deno-types="npm:@types/asciichart@1.5.8"
import asciichart from "asciichart";
import { readArguments } from "../support/arguments.ts";
import { print } from "./print.ts";

const { flags } = await readArguments(["random"]);

const random = flags.has("random");
const RECOVERED = [
  0.4998007118701935,
  0.5576915144920349,
  2.061307668685913,
  -0.050793226808309555,
];

// The data: one period of a sine.
const x = dg.linspace(-Math.PI, Math.PI, 2000);
const y = dg.sin(x);

// The four coefficients of y = a + b x + c x² + d x³.
const [a, b, c, d] = RECOVERED.map((start) =>
  random
    ? dg.randn([], { requiresGrad: true })
    : dg.tensor(start, { requiresGrad: true })
) as [dg.Tensor, dg.Tensor, dg.Tensor, dg.Tensor];

const learningRate = 1e-6;
for (let t = 0; t < 2000; t++) {
  // Forward pass: the prediction, then the loss.
  const yPred = a.add(b.mul(x)).add(c.mul(x.pow(2))).add(d.mul(x.pow(3)));
  const loss = yPred.sub(y).pow(2).sum();
  if (t % 100 === 99) print(t, loss.item());

  // Backward pass: the gradients of the loss arrive in a.grad … d.grad.
  loss.backward();

  // Gradient descent; the update itself must not be recorded.
  using _ = dg.noGrad();
  a.sub_(a.grad!.mul(learningRate));
  b.sub_(b.grad!.mul(learningRate));
  c.sub_(c.grad!.mul(learningRate));
  d.sub_(d.grad!.mul(learningRate));
  a.grad =
    b.grad =
    c.grad =
    d.grad =
      null;
}

print(
  `Result: y = ${a.item()} + ${b.item()} x + ${c.item()} x^2 + ${d.item()} x^3`,
);

// The fit in the terminal: every 28th point of the sine and of the polynomial.
using _ = dg.noGrad();
const at = x.at("::28");
const fit = a.add(b.mul(at)).add(c.mul(at.pow(2))).add(d.mul(at.pow(3)));
print("\nsin(x) and the fitted polynomial from -π to π:");
print(asciichart.plot([y.at("::28").tolist(), fit.tolist()], {
  height: 12,
  format: (value: number) => value.toFixed(2).padStart(6),
}));
