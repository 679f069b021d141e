// A small convolutional net learns 8×8 digits to 98.5 % and more.
// Run it with `deno run examples/digits_cnn.ts`.

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
  dropLast: true,
});
// A batch norm takes any bias away again, whose gradients would be rounding.
const { nn } = dg;
const model = new nn.Sequential([
  new nn.Conv2d(1, 32, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(32),
  new nn.ReLU(),
  new nn.Conv2d(32, 32, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(32),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(32, 64, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(64),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Dropout({ p: 0.3 }),
  new nn.Linear(256, 10),
]);
const optimizer = new dg.optim.AdamW(model.parameters(), { lr: 3e-3 });

const epochs = options.short ? 3 : 25;
const schedule = new dg.optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
const trainer = new Trainer({ model, optimizer, schedule }, options);
const progress = new Progress(epochs);
await trainer.run(epochs, (epoch) => {
  let sum = 0;
  for (const [images, labels] of loader) {
    const loss = nn.functional.crossEntropy(model.call(images!), labels!);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    sum += loss.item();
  }
  schedule.step();
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
