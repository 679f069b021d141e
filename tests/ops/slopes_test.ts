// Derivatives that are one kernel where nobody records them: bit for bit what
// the public ops of the rule give, which compute them where they are recorded.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";

const F = dg.nn.functional;

/** What is differentiated, of one or two tensors. */
const CALLS: Record<string, (x: dg.Tensor, y: dg.Tensor) => dg.Tensor> = {
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  softplus: (x) => F.softplus(x, { beta: 0.7, threshold: 3 }),
  logsigmoid: (x) => F.logsigmoid(x),
  leakyRelu: (x) => F.leakyRelu(x, { negativeSlope: 0.1 }),
  hardtanh: (x) => F.hardtanh(x, { minVal: -0.3, maxVal: 1.1 }),
  hardsigmoid: (x) => F.hardsigmoid(x),
  hardswish: (x) => F.hardswish(x),
  softshrink: (x) => F.softshrink(x, { lambd: 0.3 }),
  hardshrink: (x) => F.hardshrink(x, { lambd: 0.3 }),
  clamp: (x) => x.clamp({ min: -0.3, max: 1.1 }),
  "clamp from below": (x) => x.clamp({ min: -0.3 }),
  clampMax: (x) => x.clampMax(1.1),
  div: (x, y) => x.div(y),
  "div, a column": (x, y) => x.div(y.narrow(-1, 0, 1)),
  maximum: (x, y) => x.maximum(y),
  minimum: (x, y) => x.minimum(y),
  mseLoss: (x, y) => F.mseLoss(x, y),
  "mseLoss of each": (x, y) => F.mseLoss(x, y, { reduction: "none" }),
  smoothL1Loss: (x, y) => F.smoothL1Loss(x, y, { beta: 0.7 }),
  binaryCrossEntropy: (x, y) =>
    F.binaryCrossEntropy(x.clamp({ min: 0, max: 1 }), y.detach().gt(0).to(x)),
  binaryCrossEntropyWithLogits: (x, y) =>
    F.binaryCrossEntropyWithLogits(x, y.detach(), { reduction: "sum" }),
};

const SPECIAL = [0, -0, NaN, Infinity, -Infinity, 3, -3, 1.1, -0.3, 0.3, 1e-30];

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`the slope of ${name} is its rule, bit for bit`, () => {
    dg.manualSeed(0);
    const probabilities = name === "binaryCrossEntropy";
    for (const dtype of ["float32", "float64", "float16"] as const) {
      for (const rows of [1, 40]) {
        const columns = 33;
        const draw = () => {
          const x = dg.randn([rows, columns], { dtype }).mul(2);
          if (!probabilities) {
            x.select(0, 0).narrow(0, 0, SPECIAL.length)
              .copy_(dg.tensor(SPECIAL, { dtype }));
          }
          return x.requiresGrad_();
        };
        const [x, y] = [draw(), draw()];
        // Some are equal.
        dg.noGrad(() => y.narrow(1, 20, 5).copy_(x.narrow(1, 20, 5)));
        const out = call(x, y);
        const g = dg.randn(out.shape, { dtype });
        const grads = (createGraph: boolean) =>
          dg.autograd.grad(out, [x, y], {
            gradOutputs: g,
            retainGraph: true,
            createGraph,
            allowUnused: true,
          }).map((z) => z === null ? null : z.detach().tolist());
        assertEquals(grads(false), grads(true), `${dtype} ${rows}`);
      }
    }
  });
}
