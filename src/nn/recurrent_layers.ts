// Running stacks of recurrent layers: both directions, dropout in between, and
// the three kinds of cells on top of the ops that run a whole sequence. Works on
// rows, one per step and sequence; modules bring their input into that form.

import { RuntimeError } from "../tensor/errors.ts";
import { dropout } from "../tensor/ops/dropout.ts";
import { cat, stack } from "../tensor/ops/joining.ts";
import { linear } from "../tensor/ops/linear.ts";
import { gruSequence } from "../tensor/ops/recurrent_gru.ts";
import { lstmSequence } from "../tensor/ops/recurrent_lstm.ts";
import {
  type Nonlinearity,
  rnnSequence,
} from "../tensor/ops/recurrent_plain.ts";
import {
  inMemoryOrder,
  replaceRows,
  type Sequence,
  sequenceOf,
} from "../tensor/ops/recurrent_steps.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The weights of one layer in one direction. */
export interface LayerWeights {
  /** Of the input. */
  readonly input: Tensor;
  /** Of the state. */
  readonly hidden: Tensor;
  /** Added to what comes from the input. */
  readonly inputBias: Tensor | null;
  /** Added to what comes from the state. */
  readonly hiddenBias: Tensor | null;
  /** Makes the state of an LSTM smaller. */
  readonly projection: Tensor | null;
}

/** What running cells over rows gives: the states after each step, and the last ones. */
export interface LayerResults {
  /** A row per row of the input. */
  readonly all: Tensor;
  /** State and, for an LSTM, cell. */
  readonly last: readonly Tensor[];
}

/** Runs one layer in one direction, from given states. */
export type CellRunner = (
  x: Tensor,
  weights: LayerWeights,
  states: readonly Tensor[],
  sequence: Sequence,
) => LayerResults;

/** What comes from the input, with both biases. */
function entering(x: Tensor, w: LayerWeights): Tensor {
  const { inputBias, hiddenBias } = w;
  const bias = inputBias === null || hiddenBias === null
    ? inputBias
    : inputBias.add(hiddenBias);
  return linear(x, w.input, { bias });
}

/** Runs cells of an LSTM. */
function runLstm(
  x: Tensor,
  w: LayerWeights,
  states: readonly Tensor[],
  sequence: Sequence,
): LayerResults {
  const [h, c] = states as [Tensor, Tensor];
  const sums = entering(x, w);
  if (w.projection !== null) {
    return runProjected(sums, w.hidden, w.projection, h, c, sequence);
  }
  const { all, hidden, cell } = lstmSequence(sums, h, c, w.hidden, sequence);
  return { all, last: [hidden, cell] };
}

/** The same with states that are smaller than the cells, by public ops. */
function runProjected(
  x: Tensor,
  weight: Tensor,
  projection: Tensor,
  h0: Tensor,
  c0: Tensor,
  sequence: Sequence,
): LayerResults {
  let hidden = h0;
  let cell = c0;
  const parts: Tensor[] = [];
  for (const { start, count } of sequence.spans) {
    const sums = x.narrow(0, start, count)
      .addmm(hidden.narrow(0, 0, count), weight.t());
    const [i, f, g, o] = sums.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const c = f.sigmoid().mul(cell.narrow(0, 0, count))
      .add(i.sigmoid().mul(g.tanh()));
    const h = o.sigmoid().mul(c.tanh()).mm(projection.t());
    parts.push(h);
    hidden = replaceRows(hidden, h);
    cell = replaceRows(cell, c);
  }
  return {
    all: inMemoryOrder(parts, sequence.reverse),
    last: [hidden, cell],
  };
}

/** Runs cells of a GRU. */
function runGru(
  x: Tensor,
  w: LayerWeights,
  states: readonly Tensor[],
  sequence: Sequence,
): LayerResults {
  const sums = linear(x, w.input, { bias: w.inputBias });
  const { all, hidden } = gruSequence(
    sums,
    states[0]!,
    w.hidden,
    w.hiddenBias,
    sequence,
  );
  return { all, last: [hidden] };
}

/** Runs plain cells. */
function plainRunner(nonlinearity: Nonlinearity): CellRunner {
  return (x, w, states, sequence) => {
    const { all, hidden } = rnnSequence(
      entering(x, w),
      states[0]!,
      w.hidden,
      nonlinearity,
      sequence,
    );
    return { all, last: [hidden] };
  };
}

/** The kinds of cells, by PyTorch's names. */
export type CellKind = "RNN_TANH" | "RNN_RELU" | "LSTM" | "GRU";

/** What runs each kind. */
export const RUNNERS: Readonly<Record<CellKind, CellRunner>> = {
  "RNN_TANH": plainRunner("tanh"),
  "RNN_RELU": plainRunner("relu"),
  "LSTM": runLstm,
  "GRU": runGru,
};

/** Blocks of rows in the weights of each kind: one per gate. */
export const GATES: Readonly<Record<CellKind, number>> = {
  "RNN_TANH": 1,
  "RNN_RELU": 1,
  "LSTM": 4,
  "GRU": 3,
};

/** A stack of layers. */
export interface LayerStack {
  /** Runs one layer in one direction. */
  readonly run: CellRunner;
  /** By layer, the weights in each direction. */
  readonly weights: readonly (readonly LayerWeights[])[];
  /** Probability of an element between layers to become zero. */
  readonly dropout: number;
  /** Whether that happens. */
  readonly training: boolean;
}

/**
 * Runs a stack of layers on rows, of which `batchSizes` are the numbers per
 * step. States have the shape [layers * directions, batch, size].
 */
export function runLayers(
  layers: LayerStack,
  x: Tensor,
  batchSizes: readonly number[],
  states: readonly Tensor[],
): LayerResults {
  if (batchSizes.length === 0) {
    throw new RuntimeError(
      "Expected sequence length to be larger than 0 in RNN",
    );
  }
  const directions = [
    sequenceOf(batchSizes, false),
    sequenceOf(batchSizes, true),
  ];
  const last: Tensor[][] = states.map(() => []);
  let rows = x;
  layers.weights.forEach((sides, layer) => {
    const found = sides.map((weights, side) => {
      const start = states.map((state) =>
        state.select(0, layer * sides.length + side)
      );
      const result = layers.run(rows, weights, start, directions[side]!);
      result.last.forEach((state, k) => last[k]!.push(state));
      return result.all;
    });
    rows = found.length === 1 ? found[0]! : cat(found, 1);
    const { dropout: p, training } = layers;
    if (p > 0 && training && layer < layers.weights.length - 1) {
      rows = dropout(rows, { p });
    }
  });
  return { all: rows, last: last.map((list) => stack(list)) };
}
