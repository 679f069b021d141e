// An LSTM reads the first chapters of Pride and Prejudice letter by letter,
// guesses the next one, and then writes on by itself.
// Run it with `deno run examples/char_rnn.ts`.

import * as dg from "@dinograd/dinograd";
import text from "./data/pride_and_prejudice.txt" with { type: "text" };
import { readArguments } from "./support/arguments.ts";
import { showCurve } from "./support/picture.ts";
import { Progress } from "./support/progress.ts";
import { Trainer } from "./support/training.ts";

const options = await readArguments();
dg.manualSeed(0);

const [STREAMS, WINDOW, HIDDEN] = [32, 48, 192] as const;
const letters = [...new Set(text)].sort();
const numberOf = new Map(letters.map((letter, k) => [letter, k]));

/** A text as numbers of its letters, cut into so many streams: [length, streams]. */
function streamsOf(part: string, streams: number): dg.Tensor {
  const length = Math.floor(part.length / streams);
  const numbers = [...part.slice(0, length * streams)]
    .map((letter) => numberOf.get(letter)!);
  return dg.tensor(numbers, { dtype: "int64", device: "cpu" })
    .reshape([streams, length]).T.contiguous().to(dg.getDefaultDevice());
}

/** Scores of the letter after each, and the state after the last. */
class CharRnn extends dg.nn.Module {
  embedding = new dg.nn.Embedding(letters.length, 32);
  lstm = new dg.nn.LSTM(32, HIDDEN);
  dropout = new dg.nn.Dropout({ p: 0.3 });
  head = new dg.nn.Linear(HIDDEN, letters.length);

  forward(
    x: dg.Tensor,
    state?: dg.nn.LSTMState,
  ): [dg.Tensor, dg.nn.LSTMState] {
    const [output, next] = this.lstm.call(
      this.embedding.call(x),
      state === undefined ? {} : { hx: state },
    );
    return [this.head.call(this.dropout.call(output)), next];
  }
}

/** Of each guess in a window, how surprised the model was, in nats. */
function surprise(scores: dg.Tensor, next: dg.Tensor): dg.Tensor {
  return dg.nn.functional.crossEntropy(
    scores.flatten({ endDim: 1 }),
    next.flatten(),
  );
}

const cut = Math.round(text.length * 0.9);
const train = streamsOf(text.slice(0, cut), STREAMS);
const test = streamsOf(text.slice(cut), 1);
const windows = Math.floor((train.shape[0]! - 1) / WINDOW);

const model = new CharRnn();
const optimizer = new dg.optim.AdamW(model.parameters(), { lr: 5e-3 });
const epochs = options.short ? 1 : 25;
const schedule = new dg.optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
const trainer = new Trainer({ model, optimizer, schedule }, options);
const progress = new Progress(epochs * windows);
await trainer.run(epochs, (epoch) => {
  let state: dg.nn.LSTMState | undefined;
  let sum = 0;
  const wanted = options.short ? 4 : windows;
  for (let window = 0; window < wanted; window++) {
    const x = train.narrow(0, window * WINDOW, WINDOW);
    const next = train.narrow(0, window * WINDOW + 1, WINDOW);
    const [scores, [h, c]] = model.call(x, state);
    // The state goes on into the next window, its history does not.
    state = [h.detach(), c.detach()];
    const loss = surprise(scores, next);
    optimizer.zeroGrad();
    loss.backward();
    dg.nn.utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    const bits = loss.item() / Math.LN2;
    sum += bits;
    progress.show(
      (epoch - 1) * windows + window + 1,
      `${bits.toFixed(3)} bits per letter`,
    );
  }
  schedule.step();
  trainer.curve.push(sum / wanted);
});
const seconds = progress.end();

model.eval();
const bits = dg.noGrad(() => {
  const [scores] = model.call(test.narrow(0, 0, test.shape[0]! - 1));
  const next = test.narrow(0, 1, test.shape[0]! - 1);
  return surprise(scores, next).item() / Math.LN2;
});

/** Goes on with a text, letter by letter. */
function write(start: string, count: number): string {
  return dg.noGrad(() => {
    let [scores, state] = model.call(streamsOf(start, 1));
    let written = start;
    for (let k = 0; k < count; k++) {
      const chances = scores.at(-1, 0).div(0.7).softmax(0);
      const next = dg.multinomial(chances, 1);
      written += letters[next.item<number>()]!;
      [scores, state] = model.call(next.unsqueeze(0), state);
    }
    return written;
  });
}
console.log(write("It is a truth ", options.short ? 100 : 500));

showCurve("bits per letter", trainer.curve, options.plot);
console.log(
  `result: ${bits.toFixed(2)} bits per letter of a text it has not seen (${
    Math.log2(letters.length).toFixed(2)
  } without a guess), after ${seconds.toFixed(1)} s`,
);
