// What RNN, LSTM and GRU share: their weights, under PyTorch's names, and
// bringing input, padded or packed, into the rows that layers run on.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { zeros } from "../tensor/create_filled.ts";
import { checkOptions, sameShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  emptyParameter,
  FACTORY_KEYS,
  type FactoryOptions,
  spread,
} from "./factory.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";
import { integers, PackedSequence } from "./packed_sequence.ts";
import type { Parameter } from "./parameter.ts";
import { checkSizes, checkStateRanks } from "./recurrent_checks.ts";
import {
  type CellKind,
  GATES,
  type LayerResults,
  type LayerWeights,
  runLayers,
  RUNNERS,
} from "./recurrent_layers.ts";

/** Options of {@linkcode GRU}, and those that RNN and LSTM have as well. */
export interface RecurrentOptions extends FactoryOptions {
  /** Layers on top of each other; 1 where not given. */
  readonly numLayers?: number;
  /** Whether there are biases; true where not given. */
  readonly bias?: boolean;
  /** Whether the batch is the first dimension, rather than the second. */
  readonly batchFirst?: boolean;
  /** Probability of an element between layers to become zero; 0 where not given. */
  readonly dropout?: number;
  /** Whether each layer goes through the sequence in both directions. */
  readonly bidirectional?: boolean;
}

const KEYS = [
  "numLayers",
  "bias",
  "batchFirst",
  "dropout",
  "bidirectional",
  ...FACTORY_KEYS,
];

/** What a kind of layer adds. */
export interface Kind {
  /** The kind of cells. */
  readonly mode: CellKind;
  /** Size of the states after a projection; 0 without one. */
  readonly projSize: number;
  /** Options besides those that all kinds have. */
  readonly keys: readonly string[];
}

/** A sequence, padded or packed. */
export type SequenceInput = Tensor | PackedSequence;

/** The base class of {@linkcode RNN}, {@linkcode LSTM} and {@linkcode GRU}. See `torch.nn.RNNBase`. */
export abstract class RNNBase extends Module {
  /** The weights, named by layer and direction: `weightIhL0`, `weightHhL0Reverse`. */
  [name: `weightIhL${string}`]: Parameter;
  /** Weights of the states. */
  [name: `weightHhL${string}`]: Parameter;
  /** Weights of the projection of an LSTM. */
  [name: `weightHrL${string}`]: Parameter;
  /** Biases of the inputs. */
  [name: `biasIhL${string}`]: Parameter;
  /** Biases of the states. */
  [name: `biasHhL${string}`]: Parameter;
  /** The kind of cells, by PyTorch's name. */
  readonly mode: CellKind;
  /** Elements of an input. */
  readonly inputSize: number;
  /** Elements of a state. */
  readonly hiddenSize: number;
  /** Layers on top of each other. */
  readonly numLayers: number;
  /** Whether there are biases. */
  readonly bias: boolean;
  /** Whether the batch is the first dimension. */
  readonly batchFirst: boolean;
  /** Probability of an element between layers to become zero. */
  dropout: number;
  /** Whether there are two directions. */
  readonly bidirectional: boolean;
  /** Size of the states after a projection; 0 without one. */
  readonly projSize: number;

  /** Makes the weights, uniform within one over the square root of `hiddenSize`. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions,
    kind: Kind,
  ) {
    super();
    checkOptions(options, [...KEYS, ...kind.keys], new.target.name);
    const { numLayers = 1, bias = true, batchFirst = false } = options;
    const { dropout = 0, bidirectional = false } = options;
    checkSizes(inputSize, hiddenSize, numLayers, dropout, kind.projSize);
    this.mode = kind.mode;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.projSize = kind.projSize;
    const rows = GATES[kind.mode] * hiddenSize;
    const size = kind.projSize || hiddenSize;
    const make = (shape: Shape) => emptyParameter(shape, options);
    for (let layer = 0; layer < numLayers; layer++) {
      for (const end of this._ends(layer)) {
        const width = layer === 0 ? inputSize : size * (bidirectional ? 2 : 1);
        this[`weightIhL${end}`] = make([rows, width]);
        this[`weightHhL${end}`] = make([rows, size]);
        if (bias) {
          this[`biasIhL${end}`] = make([rows]);
          this[`biasHhL${end}`] = make([rows]);
        }
        if (kind.projSize > 0) {
          this[`weightHrL${end}`] = make([kind.projSize, hiddenSize]);
        }
      }
    }
    this.resetParameters();
  }

  /** What the names of a layer's weights end with, by direction. */
  private _ends(layer: number): string[] {
    return this.bidirectional ? [`${layer}`, `${layer}Reverse`] : [`${layer}`];
  }

  /** Draws the weights anew. See `RNNBase.reset_parameters`. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const x of this.parameters()) spread(x, bound);
  }

  /** Does nothing: weights need not lie side by side here. See `RNNBase.flatten_parameters`. */
  flattenParameters(): void {}

  /** The weights by layer and direction. See `RNNBase.all_weights`. */
  get allWeights(): Parameter[][] {
    const out: Parameter[][] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (const end of this._ends(layer)) {
        const all = [
          this[`weightIhL${end}`],
          this[`weightHhL${end}`],
          this[`biasIhL${end}`],
          this[`biasHhL${end}`],
          this[`weightHrL${end}`],
        ];
        out.push(all.filter((x) => x !== undefined));
      }
    }
    return out;
  }

  /** The weights, layer by layer and in each direction. */
  private _weights(): LayerWeights[][] {
    return Array.from(
      { length: this.numLayers },
      (_, layer) =>
        this._ends(layer).map((end): LayerWeights => ({
          input: this[`weightIhL${end}`]!,
          hidden: this[`weightHhL${end}`]!,
          inputBias: this[`biasIhL${end}`] ?? null,
          hiddenBias: this[`biasHhL${end}`] ?? null,
          projection: this[`weightHrL${end}`] ?? null,
        })),
    );
  }

  /** Runs the layers on a sequence of either form. `given` are the states to start from; `sizes` are theirs. */
  protected runSequence<X extends SequenceInput>(
    x: X,
    given: readonly Tensor[] | null,
    sizes: readonly number[],
  ): [X, Tensor[]] {
    if (given !== null && given.length !== sizes.length) {
      throw new RuntimeError(
        `${this.constructor.name}: expected ${sizes.length} states in hx, got ${given.length}`,
      );
    }
    return (x instanceof PackedSequence
      ? this._runPacked(x, given, sizes)
      : this._runPadded(x, given, sizes)) as [X, Tensor[]];
  }

  /** Runs the layers on a packed sequence. */
  private _runPacked(
    x: PackedSequence,
    given: readonly Tensor[] | null,
    sizes: readonly number[],
  ): [PackedSequence, Tensor[]] {
    const { data, sortedIndices, unsortedIndices } = x;
    const batchSizes = integers(x.batchSizes);
    if (data.shape.length !== 2) {
      throw new RuntimeError(
        `input must have 2 dimensions, got ${data.shape.length}`,
      );
    }
    this._checkInput(data);
    const batch = batchSizes[0] ?? 0;
    const states =
      given?.map((state) =>
        sortedIndices === null ? state : state.indexSelect(1, sortedIndices)
      ) ?? this._zeros(data, batch, sizes);
    this._checkStates(states, batch, sizes);
    const { all, last } = this._run(data, batchSizes, states);
    return [
      x.with(all),
      last.map((state) =>
        unsortedIndices === null ? state : state.indexSelect(1, unsortedIndices)
      ),
    ];
  }

  /** Runs the layers on a padded sequence. */
  private _runPadded(
    input: Tensor,
    given: readonly Tensor[] | null,
    sizes: readonly number[],
  ): [Tensor, Tensor[]] {
    const rank = input.shape.length;
    if (rank !== 2 && rank !== 3) {
      const { name } = this.constructor;
      throw new ValueError(
        `${name}: Expected input to be 2D or 3D, got ${rank}D ${
          name === "RNN" ? "tensor " : ""
        }instead`,
      );
    }
    this._checkInput(input);
    const batched = rank === 3;
    if (given !== null) checkStateRanks(given, batched);
    const turned = batched && this.batchFirst;
    const x = turned
      ? input.transpose(0, 1)
      : batched
      ? input
      : input.unsqueeze(1);
    const [steps, batch, width] = x.shape as [number, number, number];
    const states = given === null
      ? this._zeros(input, batch, sizes)
      : batched
      ? given
      : given.map((state) => state.unsqueeze(1));
    this._checkStates(states, batch, sizes);
    const batchSizes = new Array<number>(steps).fill(batch);
    const rows = x.reshape([steps * batch, width]);
    const { all, last } = this._run(rows, batchSizes, states);
    const out = all.reshape([steps, batch, -1]);
    if (!batched) {
      return [out.squeeze(1), last.map((state) => state.squeeze(1))];
    }
    return [turned ? out.transpose(0, 1) : out, [...last]];
  }

  /** 16-bit floats are computed in float32. */
  private _run(
    x: Tensor,
    batchSizes: readonly number[],
    states: readonly Tensor[],
  ): LayerResults {
    const short = x.elementSize() < 4;
    const wide = <T extends Tensor | null>(y: T): T | Tensor =>
      short && y !== null ? y.to("float32") : y;
    const weights = this._weights().map((sides) =>
      short
        ? sides.map((w): LayerWeights => ({
          input: wide(w.input),
          hidden: wide(w.hidden),
          inputBias: wide(w.inputBias),
          hiddenBias: wide(w.hiddenBias),
          projection: wide(w.projection),
        }))
        : sides
    );
    const { dropout, training } = this;
    const { all, last } = runLayers(
      { run: RUNNERS[this.mode], weights, dropout, training },
      wide(x),
      batchSizes,
      states.map(wide),
    );
    if (!short) return { all, last };
    return {
      all: all.to(x.dtype),
      last: last.map((state) => state.to(x.dtype)),
    };
  }

  /** States of zeros. */
  private _zeros(like: Tensor, batch: number, sizes: Shape): Tensor[] {
    const { device, dtype } = like;
    return sizes.map((size) =>
      zeros([this._stateCount(), batch, size], { device, dtype })
    );
  }

  /** Number of states of one kind. */
  private _stateCount(): number {
    return this.numLayers * (this.bidirectional ? 2 : 1);
  }

  /** Fails for an input of another type or width than the weights'. */
  private _checkInput(x: Tensor): void {
    const { dtype } = this.weightIhL0!;
    if (x.dtype !== dtype) {
      throw new ValueError(
        `RNN input dtype (${x.dtype}) does not match weight dtype (${dtype}). Convert input: input.to(${dtype}), or convert model: model.to(${x.dtype})`,
      );
    }
    const width = x.shape.at(-1);
    if (width === this.inputSize) return;
    throw new RuntimeError(
      `input.size(-1) must be equal to inputSize. Expected ${this.inputSize}, got ${width}`,
    );
  }

  /** Fails for states of another size. */
  private _checkStates(
    states: readonly Tensor[],
    batch: number,
    sizes: readonly number[],
  ): void {
    states.forEach((state, k) => {
      const expected = [this._stateCount(), batch, sizes[k]!];
      if (sameShape(state.shape, expected)) return;
      const which = states.length === 1 ? "hidden" : `hidden[${k}]`;
      throw new RuntimeError(
        `Expected ${which} size ${py(expected)}, got [${
          state.shape.join(", ")
        }]`,
      );
    });
  }

  /** See `RNNBase.extra_repr`. */
  override extraRepr(): string {
    const { numLayers, bias, batchFirst, dropout, bidirectional } = this;
    let out = `${this.inputSize}, ${this.hiddenSize}`;
    if (this.projSize !== 0) out += `, proj_size=${this.projSize}`;
    if (numLayers !== 1) out += `, num_layers=${numLayers}`;
    if (!bias) out += ", bias=False";
    if (batchFirst) out += ", batch_first=True";
    if (dropout !== 0) out += `, dropout=${pyFloat(dropout)}`;
    if (bidirectional) out += ", bidirectional=True";
    return out;
  }
}
