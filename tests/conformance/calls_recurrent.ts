// Calls of recurrent layers over whole sequences.

import type { Tensor } from "@dinograd/dinograd";
import { gruSequence } from "../../src/tensor/ops/recurrent_gru.ts";
import { lstmSequence } from "../../src/tensor/ops/recurrent_lstm.ts";
import { rnnSequence } from "../../src/tensor/ops/recurrent_plain.ts";
import { sequenceOf } from "../../src/tensor/ops/recurrent_steps.ts";
import type { Call, Calls } from "./call.ts";

/** A call of as many operands as there are shapes. */
function layer(
  shapes: Call["shapes"],
  fn: (...inputs: [Tensor, Tensor, Tensor, Tensor]) => Tensor[],
): Call {
  return { shapes, fn: (x) => fn(...x as [Tensor, Tensor, Tensor, Tensor]) };
}

const EQUAL = sequenceOf([2, 2], false);
const BACK = sequenceOf([2, 2], true);
const SHORTER = sequenceOf([2, 1], false);
const SHORTER_BACK = sequenceOf([2, 1], true);

/** The calls, by op. */
export const RECURRENT_CALLS: Calls = {
  lstm: [EQUAL, BACK, SHORTER, SHORTER_BACK].map((sequence) => {
    const rows = sequence.uniform ? 4 : 3;
    return layer([[rows, 4], [2, 1], [2, 1], [4, 1]], (...inputs) => {
      const { all, hidden, cell } = lstmSequence(...inputs, sequence);
      return [all, hidden, cell];
    });
  }),
  gru: [
    ...[EQUAL, BACK, SHORTER, SHORTER_BACK].map((sequence) => {
      const rows = sequence.uniform ? 4 : 3;
      return layer([[rows, 3], [2, 1], [3, 1], [3]], (...inputs) => {
        const { all, hidden } = gruSequence(...inputs, sequence);
        return [all, hidden];
      });
    }),
    layer([[4, 6], [2, 2], [6, 2]], (x, h0, weight) => {
      const { all } = gruSequence(x, h0, weight, null, EQUAL);
      return [all];
    }),
  ],
  rnn: [EQUAL, BACK, SHORTER, SHORTER_BACK].map((sequence) => {
    const rows = sequence.uniform ? 4 : 3;
    const bend = sequence.reverse ? "relu" : "tanh";
    return layer([[rows, 2], [2, 2], [2, 2]], (x, h0, weight) => {
      const { all, hidden } = rnnSequence(x, h0, weight, bend, sequence);
      return [all, hidden];
    });
  }),
};
