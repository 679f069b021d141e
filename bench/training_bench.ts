// Whole training steps of four kinds of networks: loss, gradients and an update
// by AdamW. As a program it prints milliseconds, the best and the median of
// many steps: deno run bench/training_bench.ts [threads]; its peer is
// bench/training.py.
//
// Best of some hundred steps, in milliseconds, one thread of an Intel Xeon
// server that had other work (PyTorch 2.13): MLP 4.0 (PyTorch 2.2), CNN 11.2
// (9.0), LSTM 56.6 (14.3), transformer 28.1 (12.6). Four fifths of the LSTM's
// time are products of matrices.

import * as dg from "@dinograd/dinograd";

const { nn } = dg;
const F = nn.functional;

/** A network, and its loss on a batch that stays the same. */
interface Work {
  readonly model: dg.nn.Module;
  loss(): dg.Tensor;
}

const classes = (count: number, shape: readonly number[]) =>
  dg.randint(count, [...shape], { dtype: "int64" });

/** 784-256-256-10, batches of 128. */
function mlp(): Work {
  const model = new nn.Sequential([
    new nn.Linear(784, 256),
    new nn.ReLU(),
    new nn.Linear(256, 256),
    new nn.ReLU(),
    new nn.Linear(256, 10),
  ]);
  const [x, y] = [dg.randn([128, 784]), classes(10, [128])];
  return { model, loss: () => F.crossEntropy(model.call(x), y) };
}

/** Two convolutions on 28×28 images, batches of 32. */
function cnn(): Work {
  const model = new nn.Sequential([
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.BatchNorm2d(32),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 10),
  ]);
  const [x, y] = [dg.randn([32, 1, 28, 28]), classes(10, [32])];
  return { model, loss: () => F.crossEntropy(model.call(x), y) };
}

class CharLstm extends nn.Module {
  embedding = new nn.Embedding(64, 32);
  lstm = new nn.LSTM(32, 192);
  head = new nn.Linear(192, 64);

  forward(x: dg.Tensor): dg.Tensor {
    const [output] = this.lstm.call(this.embedding.call(x));
    return this.head.call(output).flatten({ endDim: 1 });
  }
}

/** An LSTM of 192 cells over 48 letters, batches of 32. */
function lstm(): Work {
  const model = new CharLstm();
  const [x, y] = [classes(64, [48, 32]), classes(64, [48 * 32])];
  return { model, loss: () => F.crossEntropy(model.call(x), y) };
}

class TinyGpt extends nn.Module {
  tokens = new nn.Embedding(64, 64);
  places = new nn.Embedding(64, 64);
  blocks = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(64, 4, {
      dimFeedforward: 256,
      dropout: 0,
      activation: "gelu",
      batchFirst: true,
      normFirst: true,
    }),
    2,
    { norm: new nn.LayerNorm(64) },
  );
  head = new nn.Linear(64, 64);

  forward(x: dg.Tensor): dg.Tensor {
    const mask = nn.Transformer.generateSquareSubsequentMask(x.shape[1]!);
    const embedded = this.tokens.call(x).add(this.places.weight);
    const out = this.blocks.call(embedded, { mask, isCausal: true });
    return this.head.call(out).flatten({ endDim: 1 });
  }
}

/** Two blocks of a transformer of width 64 over 64 places, batches of 16. */
function transformer(): Work {
  const model = new TinyGpt();
  const [x, y] = [classes(64, [16, 64]), classes(64, [16 * 64])];
  return { model, loss: () => F.crossEntropy(model.call(x), y) };
}

const NETWORKS: Readonly<Record<string, () => Work>> = {
  "MLP 784-256-256-10, batch 128": mlp,
  "CNN 28×28, batch 32": cnn,
  "LSTM 192, 48 letters, batch 32": lstm,
  "transformer 64, 64 places, batch 16": transformer,
};

/** Makes a training step. */
function stepOf(make: () => Work): () => void {
  dg.manualSeed(0);
  const { model, loss } = make();
  const optimizer = new dg.optim.AdamW(model.parameters(), { lr: 1e-3 });
  return () => {
    optimizer.zeroGrad();
    loss().backward();
    optimizer.step();
  };
}

for (const [name, make] of Object.entries(NETWORKS)) {
  let step: (() => void) | null = null;
  Deno.bench(`${name}, one step`, () => {
    step ??= stepOf(make);
    step();
  });
}

/** Milliseconds of a run over about three seconds: the best and the median. */
function measure(run: () => void): [number, number] {
  const times: number[] = [];
  const end = performance.now() + 3000;
  while (performance.now() < end) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  times.sort((p, q) => p - q);
  return [times[0]!, times[times.length >> 1]!];
}

if (import.meta.main) {
  const threads = Number(Deno.args[0] ?? 1);
  dg.setNumThreads(threads);
  console.log(`milliseconds, best and median, ${threads} thread(s)`);
  for (const [name, make] of Object.entries(NETWORKS)) {
    const [best, median] = measure(stepOf(make));
    console.log(`${name}: ${best.toFixed(2)} ${median.toFixed(2)}`);
  }
}
