// A variational autoencoder learns what 8×8 digits look like, and draws new
// ones. A pixel is the number of 16 dots that are set, so that its likelihood
// is binomial and the bound is one of a true likelihood.
// Run it with `deno run examples/vae_digits.ts`.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "./support/arguments.ts";
import { loadDigits } from "./support/digits.ts";
import { showCurve } from "./support/picture.ts";
import { Progress } from "./support/progress.ts";
import { Trainer } from "./support/training.ts";

const options = await readArguments();
dg.manualSeed(0);

const LATENT = 10;
const { nn } = dg;

/** Images to codes with a mean and a width, and codes to images. */
class Autoencoder extends nn.Module {
  encoder = new nn.Sequential([
    new nn.Flatten(),
    new nn.Linear(64, 256),
    new nn.GELU(),
    new nn.Linear(256, 2 * LATENT),
  ]);
  decoder = new nn.Sequential([
    new nn.Linear(LATENT, 256),
    new nn.GELU(),
    new nn.Linear(256, 64),
  ]);

  /** The bound on the logarithm of the likelihood of each image, in nats. */
  forward(images: dg.Tensor): dg.Tensor {
    const [mean, logVariance] = this.encoder.call(images).chunk(2, 1) as [
      dg.Tensor,
      dg.Tensor,
    ];
    const noise = dg.randnLike(mean.detach());
    const code = mean.add(noise.mul(logVariance.mul(0.5).exp()));
    const pixels = images.flatten({ startDim: 1 });
    const missed = nn.functional.binaryCrossEntropyWithLogits(
      this.decoder.call(code),
      pixels,
      { reduction: "none" },
    ).mul(16).sub(ways(pixels)).sum(1);
    const divergence = mean.square().add(logVariance.exp()).sub(1)
      .sub(logVariance).sum(1).mul(0.5);
    return missed.add(divergence).neg();
  }
}

/** The logarithm of the number of ways to set so many of 16 dots. */
function ways(pixels: dg.Tensor): dg.Tensor {
  const set = pixels.mul(16);
  return set.add(1).lgamma().add(set.neg().add(17).lgamma()).neg()
    .add(dg.tensor(17).lgamma());
}

const { train, test } = loadDigits();
const { DataLoader, TensorDataset } = dg.utils.data;
const loader = new DataLoader(new TensorDataset([train.images]), {
  batchSize: 64,
  shuffle: true,
});
const model = new Autoencoder();
const optimizer = new dg.optim.Adam(model.parameters(), { lr: 2e-3 });
const epochs = options.short ? 3 : 150;
const schedule = new dg.optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
const trainer = new Trainer({ model, optimizer, schedule }, options);
const progress = new Progress(epochs);
await trainer.run(epochs, (epoch) => {
  let sum = 0;
  for (const [images] of loader) {
    const bound = model.call(images!).mean();
    optimizer.zeroGrad();
    bound.neg().backward();
    optimizer.step();
    sum += bound.item();
  }
  schedule.step();
  trainer.curve.push(sum / loader.length);
  progress.show(epoch, `bound ${trainer.curve.at(-1)!.toFixed(2)}`);
});
const seconds = progress.end();

model.eval();
const [bound, drawn] = dg.noGrad(() => {
  // The mean of ten draws of the codes.
  const draws = Array.from({ length: 10 }, () => model.call(test.images));
  const codes = dg.randn([6, LATENT]);
  return [
    dg.stack(draws).mean().item(),
    model.decoder.call(codes).sigmoid().reshape([6, 8, 8]),
  ];
});
console.log("drawn by the decoder:");
for (const row of drawn.permute([1, 0, 2]).tolist<number[][][]>()) {
  const line = row.map((pixels) =>
    pixels.map((p) => " ░▒▓█"[Math.min(Math.floor(p * 5), 4)]!.repeat(2)).join(
      "",
    )
  );
  console.log(line.join("  ").trimEnd());
}

showCurve("evidence lower bound per digit", trainer.curve, options.plot);
console.log(
  `result: evidence lower bound ${
    bound.toFixed(1)
  } nats per test digit, after ${seconds.toFixed(1)} s`,
);
