// The recurrent layers RNN, LSTM and GRU.

import { ValueError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Nonlinearity } from "../tensor/ops/recurrent_plain.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import type { PackedSequence } from "./packed_sequence.ts";
import {
  type Kind,
  type RecurrentOptions,
  RNNBase,
  type SequenceInput,
} from "./recurrent_base.ts";

/** Options of a call of {@linkcode RNN} or {@linkcode GRU}. */
export interface StateOptions {
  /** The state to start from, `[layers * directions, batch, hiddenSize]`; zeros where not given. */
  readonly hx?: Tensor;
}

/** State and cell of an LSTM. */
export type LSTMState = readonly [Tensor, Tensor];

/** Options of a call of {@linkcode LSTM}. */
export interface LSTMStateOptions {
  /** State and cell to start from, each `[layers * directions, batch, size]`; zeros where not given. */
  readonly hx?: LSTMState;
}

/** Options of {@linkcode RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** What bends the sums; `"tanh"` where not given. */
  readonly nonlinearity?: Nonlinearity;
}

/** Options of {@linkcode LSTM}. */
export interface LSTMOptions extends RecurrentOptions {
  /** Size of the states after a projection; 0, for none, where not given. */
  readonly projSize?: number;
}

/** What {@linkcode RNN} and {@linkcode GRU} share: cells with one state, which is not projected. */
export abstract class OneStateRNN extends RNNBase {
  /** Takes the elements of an input and of a state, and the kind of cells with the options that only it has. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions,
    kind: Omit<Kind, "projSize">,
  ) {
    if ("projSize" in options) {
      throw new ValueError(
        "projSize argument is only supported for LSTM, not RNN or GRU",
      );
    }
    super(inputSize, hiddenSize, options, { ...kind, projSize: 0 });
  }

  /** Takes a packed sequence; see {@linkcode RNN} and {@linkcode GRU}. */
  forward(x: PackedSequence, options?: StateOptions): [PackedSequence, Tensor];
  /** See {@linkcode RNN} and {@linkcode GRU}. */
  forward(x: Tensor, options?: StateOptions): [Tensor, Tensor];
  forward(
    x: SequenceInput,
    options: StateOptions = {},
  ): [SequenceInput, Tensor] {
    checkOptions(options, ["hx"], this.constructor.name);
    const given = options.hx === undefined ? null : [options.hx];
    const [out, last] = this.runSequence(x, given, [this.hiddenSize]);
    return [out, last[0]!];
  }

  /** Runs the module with its hooks; see {@linkcode RNN} and {@linkcode GRU}. */
  override call<This extends Module>(
    this: This,
    ...inputs: Parameters<This["forward"]>
  ): ReturnType<This["forward"]>;
  /** Takes a packed sequence. */
  override call(
    x: PackedSequence,
    options?: StateOptions,
  ): [PackedSequence, Tensor];
  override call(...inputs: never[]): unknown {
    return super.call(...inputs as []);
  }
}

/**
 * Layers of plain recurrent cells: `h = tanh(x @ Wih.T + h @ Whh.T + biases)`.
 * `call(x)` takes `[steps, batch, inputSize]`, one sequence
 * `[steps, inputSize]`, or a packed sequence, and returns the states of the last
 * layer after each step, and those of all layers after the last step. See
 * `torch.nn.RNN`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const rnn = new dg.nn.RNN(3, 4, { nonlinearity: "relu" });
 * const [output, h] = rnn.call(dg.ones([5, 2, 3]));
 * assertEquals(output.shape, [5, 2, 4]);
 * assertEquals(h.shape, [1, 2, 4]);
 * ```
 */
export class RNN extends OneStateRNN {
  /** What bends the sums. */
  readonly nonlinearity: Nonlinearity;

  /** Takes the elements of an input and of a state. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RNNOptions = {},
  ) {
    const { nonlinearity = "tanh" } = options;
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw new ValueError(
        `Unknown nonlinearity '${
          String(nonlinearity)
        }'. Select from 'tanh' or 'relu'.`,
      );
    }
    super(inputSize, hiddenSize, options, {
      mode: nonlinearity === "tanh" ? "RNN_TANH" : "RNN_RELU",
      keys: ["nonlinearity"],
    });
    this.nonlinearity = nonlinearity;
  }
}

/**
 * Layers of gated recurrent units. Input and results are those of
 * {@linkcode RNN}. See `torch.nn.GRU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const gru = new dg.nn.GRU(3, 4, { numLayers: 2, batchFirst: true });
 * const [output, h] = gru.call(dg.ones([2, 5, 3]));
 * assertEquals(output.shape, [2, 5, 4]);
 * assertEquals(h.shape, [2, 2, 4]);
 * ```
 */
export class GRU extends OneStateRNN {
  /** Takes the elements of an input and of a state. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions = {},
  ) {
    super(inputSize, hiddenSize, options, { mode: "GRU", keys: [] });
  }
}

/**
 * Layers of long short-term memory. `call(x)` takes what {@linkcode RNN} takes
 * and returns the states of the last layer after each step, and the pair of
 * states and cells of all layers after the last step. See `torch.nn.LSTM`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const lstm = new dg.nn.LSTM(10, 20, { numLayers: 2, bidirectional: true });
 * const state = dg.zeros([4, 3, 20]);
 * const [output, [h, c]] = lstm.call(dg.ones([5, 3, 10]), { hx: [state, state] });
 * assertEquals(output.shape, [5, 3, 40]);
 * assertEquals([h.shape, c.shape], [[4, 3, 20], [4, 3, 20]]);
 * assertEquals(
 *   String(lstm),
 *   "LSTM(10, 20, num_layers=2, bidirectional=True)",
 * );
 * ```
 */
export class LSTM extends RNNBase {
  /** Takes the elements of an input and of a state. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: LSTMOptions = {},
  ) {
    const { projSize = 0 } = options;
    const kind = { mode: "LSTM", projSize, keys: ["projSize"] } as const;
    super(inputSize, hiddenSize, options, kind);
  }

  /** Takes a packed sequence; see {@linkcode LSTM}. */
  forward(
    x: PackedSequence,
    options?: LSTMStateOptions,
  ): [PackedSequence, [Tensor, Tensor]];
  /** See {@linkcode LSTM}. */
  forward(x: Tensor, options?: LSTMStateOptions): [Tensor, [Tensor, Tensor]];
  forward(
    x: SequenceInput,
    options: LSTMStateOptions = {},
  ): [SequenceInput, [Tensor, Tensor]] {
    checkOptions(options, ["hx"], "LSTM");
    const { hiddenSize, projSize } = this;
    const sizes = [projSize || hiddenSize, hiddenSize];
    const [out, last] = this.runSequence(x, options.hx ?? null, sizes);
    return [out, last as [Tensor, Tensor]];
  }

  /** Runs the module with its hooks; see {@linkcode LSTM}. */
  override call<This extends Module>(
    this: This,
    ...inputs: Parameters<This["forward"]>
  ): ReturnType<This["forward"]>;
  /** Takes a packed sequence. */
  override call(
    x: PackedSequence,
    options?: LSTMStateOptions,
  ): [PackedSequence, [Tensor, Tensor]];
  override call(...inputs: never[]): unknown {
    return super.call(...inputs as []);
  }
}
