// Losses and normalisations, forward and with their backward passes.

import * as dg from "@dinograd/dinograd";

const F = dg.nn.functional;

for (const [rows, classes] of [[128, 10], [512, 1000], [1024, 8192]] as const) {
  const x = dg.randn([rows, classes], { requiresGrad: true });
  const target = dg.randint(0, classes, [rows], { dtype: "int64" });
  const group = `crossEntropy, ${rows} x ${classes}`;
  Deno.bench(`${group}, forward`, { group }, () => {
    using _ = dg.noGrad();
    F.crossEntropy(x, target);
  });
  Deno.bench(`${group}, with backward`, { group }, () => {
    x.grad = null;
    F.crossEntropy(x, target).backward();
  });
}

const rows = dg.randn([1024, 512], { requiresGrad: true });
const images = dg.randn([16, 32, 32, 32], { requiresGrad: true });
const parameters = (n: number) => ({
  weight: dg.ones(n, { requiresGrad: true }),
  bias: dg.zeros(n, { requiresGrad: true }),
});
const wide = parameters(512);
const narrow = parameters(32);

/** A norm, its input and its parameters. */
const NORMS: Readonly<
  Record<string, readonly [dg.Tensor, typeof wide, () => dg.Tensor]>
> = {
  "layerNorm, 1024 x 512": [
    rows,
    wide,
    () => F.layerNorm(rows, 512, wide),
  ],
  "batchNorm, 16 x 32 x 32 x 32": [
    images,
    narrow,
    () => F.batchNorm(images, null, null, { ...narrow, training: true }),
  ],
  "groupNorm, 16 x 32 x 32 x 32": [
    images,
    narrow,
    () => F.groupNorm(images, 8, narrow),
  ],
};

for (const [group, [x, { weight, bias }, norm]] of Object.entries(NORMS)) {
  const gradient = dg.randn(x.shape);
  Deno.bench(`${group}, forward`, { group }, () => {
    using _ = dg.noGrad();
    norm();
  });
  Deno.bench(`${group}, with backward`, { group }, () => {
    for (const leaf of [x, weight, bias]) leaf.grad = null;
    norm().backward(gradient);
  });
}

const numbers = dg.randn([1000, 1000], { requiresGrad: true });
const labels = dg.rand([1000, 1000]);
for (const op of ["mseLoss", "binaryCrossEntropyWithLogits"] as const) {
  Deno.bench(`${op}, 1e6, with backward`, { group: op }, () => {
    numbers.grad = null;
    F[op](numbers, labels).backward();
  });
}
