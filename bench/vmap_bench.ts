// What vmap saves: gradients for each sample, and Jacobians, all at once and one
// after the other.

import * as dg from "@dinograd/dinograd";

type Tensor = dg.Tensor;
const { functionalCall, grad, jacrev, vmap } = dg.func;

dg.manualSeed(0);
const model = new dg.nn.Sequential([
  new dg.nn.Linear(784, 128),
  new dg.nn.ReLU(),
  new dg.nn.Linear(128, 10),
]);
const params = Object.fromEntries(
  model.namedParameters(),
) as unknown as dg.func.TensorDict;
const samples = dg.randn([64, 784]);
const labels = dg.randint(10, [64]);

function loss(p: dg.func.TensorDict, x: Tensor, y: Tensor): Tensor {
  const logits = functionalCall(model, p, x.unsqueeze(0));
  return dg.nn.functional.crossEntropy(logits, y.unsqueeze(0));
}

const perSample = vmap(grad(loss), { inDims: [null, 0, 0] });

Deno.bench("64 gradients of an MLP: vmap", { group: "gradients" }, () => {
  perSample(params, samples, labels);
});

Deno.bench("64 gradients of an MLP: one by one", { group: "gradients" }, () => {
  for (let i = 0; i < 64; i++) {
    grad(loss)(params, samples.select(0, i), labels.select(0, i));
  }
});

Deno.bench("gradient of the batch's sum", { group: "gradients" }, () => {
  grad((p: dg.func.TensorDict) =>
    dg.nn.functional.crossEntropy(functionalCall(model, p, samples), labels)
  )(params);
});

const point = dg.randn(64);
const curve = (x: Tensor) => x.sin().cumsum(0).mul(x).tanh();

Deno.bench("a Jacobian of 64 x 64: vmap", { group: "jacobian" }, () => {
  jacrev(curve)(point);
});

Deno.bench("a Jacobian of 64 x 64: by rows", { group: "jacobian" }, () => {
  jacrev(curve, { chunkSize: 1 })(point);
});

const tiny = dg.randn([8, 3]);
const dots = vmap((x: Tensor) => x.dot(x));

Deno.bench("8 dots of 3 elements: vmap", { group: "tiny" }, () => {
  dots(tiny);
});

Deno.bench("8 dots of 3 elements: one by one", { group: "tiny" }, () => {
  dg.stack(Array.from({ length: 8 }, (_, i) => {
    const x = tiny.select(0, i);
    return x.dot(x);
  }));
});
