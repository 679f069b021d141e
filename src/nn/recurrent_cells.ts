// Recurrent cells: one step of the recurrent layers.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { zeros } from "../tensor/create_filled.ts";
import type { Nonlinearity } from "../tensor/ops/recurrent_plain.ts";
import { sequenceOf } from "../tensor/ops/recurrent_steps.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  emptyParameter,
  FACTORY_KEYS,
  type FactoryOptions,
  spread,
} from "./factory.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import type { LSTMState, LSTMStateOptions, StateOptions } from "./recurrent.ts";
import {
  type CellKind,
  GATES,
  type LayerWeights,
  RUNNERS,
} from "./recurrent_layers.ts";

/** Options of {@linkcode LSTMCell} and {@linkcode GRUCell}. */
export interface CellOptions extends FactoryOptions {
  /** Whether there are biases; true where not given. */
  readonly bias?: boolean;
}

/** Options of {@linkcode RNNCell}. */
export interface RNNCellOptions extends CellOptions {
  /** What bends the sums; `"tanh"` where not given. */
  readonly nonlinearity?: Nonlinearity;
}

const KEYS = ["bias", ...FACTORY_KEYS];

/** The base class of {@linkcode RNNCell}, {@linkcode LSTMCell} and {@linkcode GRUCell}. See `torch.nn.RNNCellBase`. */
export abstract class RNNCellBase extends Module {
  /** Elements of an input. */
  readonly inputSize: number;
  /** Elements of a state. */
  readonly hiddenSize: number;
  /** Whether there are biases. */
  readonly bias: boolean;
  /** Weights of the input. */
  weightIh: Parameter;
  /** Weights of the state. */
  weightHh: Parameter;
  /** Added to what comes from the input; null without biases. */
  biasIh: Parameter | null;
  /** Added to what comes from the state; null without biases. */
  biasHh: Parameter | null;

  /** Makes the weights, uniform within one over the square root of `hiddenSize`. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellOptions,
    mode: CellKind,
    keys: readonly string[] = [],
  ) {
    super();
    checkOptions(options, [...KEYS, ...keys], new.target.name);
    const { bias = true } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    const rows = GATES[mode] * hiddenSize;
    this.weightIh = emptyParameter([rows, inputSize], options);
    this.weightHh = emptyParameter([rows, hiddenSize], options);
    this.biasIh = bias ? emptyParameter(rows, options) : null;
    this.biasHh = bias ? emptyParameter(rows, options) : null;
    this.resetParameters();
  }

  /** Draws the weights anew. See `RNNCellBase.reset_parameters`. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const x of this.parameters()) spread(x, bound);
  }

  /** Runs one step on `[batch, inputSize]` or `[inputSize]`. */
  protected step(
    x: Tensor,
    given: readonly Tensor[] | null,
    count: number,
    mode: CellKind,
  ): Tensor[] {
    const { name } = this.constructor;
    const rank = x.shape.length;
    if (rank !== 1 && rank !== 2) {
      throw new ValueError(
        `${name}: Expected input to be 1D or 2D, got ${rank}D instead`,
      );
    }
    given?.forEach((state, k) => {
      const r = state.shape.length;
      if (r === 1 || r === 2) return;
      const which = count === 1 ? "hidden" : `hx[${k}]`;
      throw new ValueError(
        `${name}: Expected ${which} to be 1D or 2D, got ${r}D instead`,
      );
    });
    const batched = rank === 2;
    const rows = batched ? x : x.unsqueeze(0);
    const batch = rows.shape[0]!;
    const { device, dtype } = x;
    const none = () => zeros([batch, this.hiddenSize], { device, dtype });
    const states = given === null
      ? Array.from({ length: count }, none)
      : batched
      ? given
      : given.map((state) => state.unsqueeze(0));
    this._check(rows, states);
    const out = this._run(rows, states, mode);
    return batched ? out : out.map((state) => state.squeeze(0));
  }

  /** 16-bit floats are computed in float32. */
  private _run(x: Tensor, states: readonly Tensor[], mode: CellKind): Tensor[] {
    const short = x.elementSize() < 4;
    const wide = <T extends Tensor | null>(y: T): T | Tensor =>
      short && y !== null ? y.to("float32") : y;
    const weights: LayerWeights = {
      input: wide(this.weightIh),
      hidden: wide(this.weightHh),
      inputBias: wide(this.biasIh),
      hiddenBias: wide(this.biasHh),
      projection: null,
    };
    const once = sequenceOf([x.shape[0]!], false);
    const { last } = RUNNERS[mode](wide(x), weights, states.map(wide), once);
    return short ? last.map((state) => state.to(x.dtype)) : [...last];
  }

  /** Fails for inputs and states that do not fit. */
  private _check(x: Tensor, states: readonly Tensor[]): void {
    const [batch, width] = x.shape as [number, number];
    if (width !== this.inputSize) {
      throw new RuntimeError(
        `input has inconsistent inputSize: got ${width} expected ${this.inputSize}`,
      );
    }
    states.forEach((state, k) => {
      if (state.shape[0] !== batch) {
        throw new RuntimeError(
          `Input batch size ${batch} doesn't match hidden${k} batch size ${
            state.shape[0]
          }`,
        );
      }
      if (state.shape[1] !== this.hiddenSize) {
        throw new RuntimeError(
          `hidden${k} has inconsistent hiddenSize: got ${
            state.shape[1] ?? 1
          }, expected ${this.hiddenSize}`,
        );
      }
    });
  }

  /** See `RNNCellBase.extra_repr`. */
  override extraRepr(): string {
    const bias = this.bias ? "" : ", bias=False";
    return `${this.inputSize}, ${this.hiddenSize}${bias}`;
  }
}

/**
 * A plain recurrent cell: `tanh(x @ Wih.T + h @ Whh.T + biases)`. `call(x)`
 * takes `[batch, inputSize]` or `[inputSize]` and returns the next state. See
 * `torch.nn.RNNCell`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new dg.nn.RNNCell(3, 4);
 * const h = cell.call(dg.ones([2, 3]));
 * assertEquals(cell.call(dg.ones([2, 3]), { hx: h }).shape, [2, 4]);
 * ```
 */
export class RNNCell extends RNNCellBase {
  /** What bends the sums. */
  readonly nonlinearity: Nonlinearity;

  /** Takes the elements of an input and of a state. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RNNCellOptions = {},
  ) {
    super(inputSize, hiddenSize, options, "RNN_TANH", ["nonlinearity"]);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  /** See {@linkcode RNNCell}. */
  forward(x: Tensor, options: StateOptions = {}): Tensor {
    checkOptions(options, ["hx"], "RNNCell");
    if (this.nonlinearity !== "tanh" && this.nonlinearity !== "relu") {
      throw new RuntimeError(
        `Unknown nonlinearity: ${String(this.nonlinearity)}`,
      );
    }
    const given = options.hx === undefined ? null : [options.hx];
    const mode = this.nonlinearity === "tanh" ? "RNN_TANH" : "RNN_RELU";
    return this.step(x, given, 1, mode)[0]!;
  }

  /** See `RNNCellBase.extra_repr`. */
  override extraRepr(): string {
    const { nonlinearity } = this;
    return super.extraRepr() +
      (nonlinearity === "tanh" ? "" : `, nonlinearity=${nonlinearity}`);
  }
}

/**
 * A gated recurrent unit; input and result are those of {@linkcode RNNCell}. See
 * `torch.nn.GRUCell`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new dg.nn.GRUCell(3, 4);
 * assertEquals(cell.call(dg.ones([2, 3])).shape, [2, 4]);
 * ```
 */
export class GRUCell extends RNNCellBase {
  /** Takes the elements of an input and of a state. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellOptions = {},
  ) {
    super(inputSize, hiddenSize, options, "GRU");
  }

  /** See {@linkcode GRUCell}. */
  forward(x: Tensor, options: StateOptions = {}): Tensor {
    checkOptions(options, ["hx"], "GRUCell");
    const given = options.hx === undefined ? null : [options.hx];
    return this.step(x, given, 1, "GRU")[0]!;
  }
}

/**
 * A cell with long short-term memory. `call(x)` takes `[batch, inputSize]` or
 * `[inputSize]` and returns the next state and cell. See `torch.nn.LSTMCell`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new dg.nn.LSTMCell(3, 4);
 * const [h, c] = cell.call(dg.ones([2, 3]));
 * const [next] = cell.call(dg.ones([2, 3]), { hx: [h, c] });
 * assertEquals(next.shape, [2, 4]);
 * ```
 */
export class LSTMCell extends RNNCellBase {
  /** Takes the elements of an input and of a state. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellOptions = {},
  ) {
    super(inputSize, hiddenSize, options, "LSTM");
  }

  /** See {@linkcode LSTMCell}. */
  forward(x: Tensor, options: LSTMStateOptions = {}): [Tensor, Tensor] {
    checkOptions(options, ["hx"], "LSTMCell");
    const given: LSTMState | null = options.hx ?? null;
    return this.step(x, given, 2, "LSTM") as [Tensor, Tensor];
  }
}
