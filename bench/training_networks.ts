// The networks of bench/training_bench.ts, small enough for a processor: loss,
// gradients and an update by AdamW. Weights and data come from PyTorch's
// generator, in the order of bench/peers/training.py, and are the same there.

import * as dg from "@dinograd/dinograd";

const { nn } = dg;
const F = nn.functional;

/** A network, and its loss on a batch that stays the same. */
export interface Work {
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

/** The networks by their names in the table. */
export const NETWORKS: Readonly<Record<string, () => Work>> = {
  "MLP 784-256-256-10, batch 128": mlp,
  "CNN 28×28, batch 32": cnn,
  "LSTM 192, 48 letters, batch 32": lstm,
  "transformer 64, 64 places, batch 16": transformer,
};

/** Makes a training step, which gives the loss that it began with. */
export function stepOf(make: () => Work): () => dg.Tensor {
  dg.manualSeed(0);
  const { model, loss } = make();
  const optimizer = new dg.optim.AdamW(model.parameters(), { lr: 1e-3 });
  return () => {
    optimizer.zeroGrad();
    const value = loss();
    value.backward();
    optimizer.step();
    return value;
  };
}
