// A net of two hidden layers learns 8×8 digits to 97 % and more.
// Run it with `deno run examples/digits_mlp.ts`.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "./support/arguments.ts";
import { accuracy, loadDigits } from "./support/digits.ts";
import { showCurve } from "./support/picture.ts";
import { Progress } from "./support/progress.ts";
import { Trainer } from "./support/training.ts";

const options = await readArguments();
dg.manualSeed(0);

const { train, test } = loadDigits();
const { DataLoader, TensorDataset } = dg.utils.data;
const loader = new DataLoader(new TensorDataset([train.images, train.labels]), {
  batchSize: 64,
  shuffle: true,
});
const model = new dg.nn.Sequential([
  new dg.nn.Flatten(),
  new dg.nn.Linear(64, 128),
  new dg.nn.ReLU(),
  new dg.nn.Dropout({ p: 0.2 }),
  new dg.nn.Linear(128, 64),
  new dg.nn.ReLU(),
  new dg.nn.Linear(64, 10),
]);
const optimizer = new dg.optim.AdamW(model.parameters(), { lr: 2e-3 });
const trainer = new Trainer({ model, optimizer }, options);

const epochs = options.short ? 3 : 40;
const progress = new Progress(epochs);
await trainer.run(epochs, (epoch) => {
  let sum = 0;
  for (const [images, labels] of loader) {
    const loss = dg.nn.functional.crossEntropy(model.call(images!), labels!);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    sum += loss.item();
  }
  trainer.curve.push(sum / loader.length);
  progress.show(epoch, `loss ${trainer.curve.at(-1)!.toFixed(4)}`);
});
const seconds = progress.end();

showCurve("cross entropy", trainer.curve, options.plot);
console.log(
  `result: ${(100 * accuracy(model, test)).toFixed(1)} % of ${
    test.labels.shape[0]
  } test digits are right, after ${seconds.toFixed(1)} s`,
);
