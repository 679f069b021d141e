// A small transformer of the kind of GPT learns to sort: it reads eight digits
// and writes them in order, one after the other.
// Run it with `deno run examples/gpt_tiny.ts`.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "./support/arguments.ts";
import { showCurve } from "./support/picture.ts";
import { Progress } from "./support/progress.ts";
import { Trainer } from "./support/training.ts";

const options = await readArguments();
dg.manualSeed(0);

const [DIGITS, WIDTH, BATCH] = [8, 64, 64] as const;
const { nn } = dg;

/** Scores of the digit after each, which sees only those before it. */
class TinyGpt extends nn.Module {
  digits = new nn.Embedding(10, WIDTH);
  places = new nn.Embedding(2 * DIGITS, WIDTH);
  blocks = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(WIDTH, 4, {
      dimFeedforward: 4 * WIDTH,
      dropout: 0,
      activation: "gelu",
      batchFirst: true,
      normFirst: true,
    }),
    2,
    { norm: new nn.LayerNorm(WIDTH) },
  );
  head = new nn.Linear(WIDTH, 10);

  forward(x: dg.Tensor): dg.Tensor {
    const length = x.shape[1]!;
    const places = this.places.weight.narrow(0, 0, length);
    const mask = nn.Transformer.generateSquareSubsequentMask(length);
    return this.head.call(
      this.blocks.call(this.digits.call(x).add(places), {
        mask,
        isCausal: true,
      }),
    );
  }
}

/** Digits by chance, and the same in order, side by side. */
function problems(count: number): dg.Tensor {
  const digits = dg.randint(10, [count, DIGITS]);
  return dg.cat([digits, digits.sort(1).values], 1);
}

/** Writes the answers, each digit after those before it. */
function answers(model: TinyGpt, asked: dg.Tensor): dg.Tensor {
  let all = asked;
  for (let k = 0; k < DIGITS; k++) {
    const next = model.call(all).at(":", -1).argmax(1, { keepdim: true });
    all = dg.cat([all, next], 1);
  }
  return all.narrow(1, DIGITS, DIGITS);
}

const model = new TinyGpt();
const optimizer = new dg.optim.AdamW(model.parameters(), { lr: 2e-3 });
const [epochs, steps] = options.short ? [1, 5] : [16, 50];
const schedule = new dg.optim.lrScheduler.OneCycleLR(optimizer, 2e-3, {
  totalSteps: 16 * 50,
  pctStart: 0.1,
});
const trainer = new Trainer({ model, optimizer, schedule }, options);
const progress = new Progress(epochs * steps);
await trainer.run(epochs, (epoch) => {
  for (let step = 1; step <= steps; step++) {
    const rows = problems(BATCH);
    const scores = model.call(rows.narrow(1, 0, 2 * DIGITS - 1));
    // Only the answer can be known; the digits asked about are chance.
    const loss = nn.functional.crossEntropy(
      scores.narrow(1, DIGITS - 1, DIGITS).flatten({ endDim: 1 }),
      rows.narrow(1, DIGITS, DIGITS).flatten(),
    );
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    schedule.step();
    trainer.curve.push(loss.item());
    progress.show(
      (epoch - 1) * steps + step,
      `loss ${trainer.curve.at(-1)!.toFixed(4)}`,
    );
  }
});
const seconds = progress.end();

model.eval();
const exam = problems(options.short ? 64 : 1000);
const asked = exam.narrow(1, 0, DIGITS);
const given = dg.noGrad(() => answers(model, asked));
const right = given.eq(exam.narrow(1, DIGITS, DIGITS)).all(1);
for (let k = 0; k < 3; k++) {
  const [question, answer] = [asked, given].map((x) =>
    x.at(k).tolist<number[]>().join(" ")
  );
  console.log(`${question} → ${answer}`);
}

showCurve("cross entropy", trainer.curve, options.plot);
console.log(
  `result: ${(100 * right.to("float32").mean().item()).toFixed(1)} % of ${
    exam.shape[0]
  } rows are sorted without a mistake, after ${seconds.toFixed(1)} s`,
);
