// Attention with several heads, as a module.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  HEAD_KEYS,
  type HeadOptions,
  multiHeadAttentionForward,
} from "./attention_forward.ts";
import {
  emptyParameter,
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { constant_, xavierNormal_, xavierUniform_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";

/** Options of {@linkcode MultiheadAttention}. */
export interface MultiheadAttentionOptions extends FactoryOptions {
  /** Probability of a weight to become zero; 0 where not given. */
  readonly dropout?: number;
  /** Whether the projections have biases; true where not given. */
  readonly bias?: boolean;
  /** Whether there is one more key and value, which are trained. */
  readonly addBiasKv?: boolean;
  /** Whether there is one more key and value of zeros. */
  readonly addZeroAttn?: boolean;
  /** Elements of a key; `embedDim` where not given. */
  readonly kdim?: number;
  /** Elements of a value; `embedDim` where not given. */
  readonly vdim?: number;
  /** Whether the batch is the first dimension, rather than the second. */
  readonly batchFirst?: boolean;
}

const KEYS = [
  "dropout",
  "bias",
  "addBiasKv",
  "addZeroAttn",
  "kdim",
  "vdim",
  "batchFirst",
  ...FACTORY_KEYS,
];

/** The projection of the result, under the name that PyTorch shows. */
class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention with several heads: `call(query, key, value)` takes queries
 * `[L, batch, embedDim]` (or `[L, embedDim]`), keys `[S, batch, kdim]` and
 * values `[S, batch, vdim]`, and returns the result, shaped like the queries,
 * and the weights, `[batch, L, S]`, or null without `needWeights`. See
 * `torch.nn.MultiheadAttention`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const attention = new dg.nn.MultiheadAttention(8, 2, { batchFirst: true });
 * const x = dg.ones([3, 5, 8]);
 * const [output, weights] = attention.call(x, x, x);
 * assertEquals(output.shape, [3, 5, 8]);
 * assertEquals(weights!.shape, [3, 5, 5]);
 * ```
 */
export class MultiheadAttention extends Module {
  /** Elements of a query. */
  readonly embedDim: number;
  /** Elements of a key. */
  readonly kdim: number;
  /** Elements of a value. */
  readonly vdim: number;
  /** Number of heads. */
  readonly numHeads: number;
  /** Elements of each head. */
  readonly headDim: number;
  /** Probability of a weight to become zero. */
  dropout: number;
  /** Whether the batch is the first dimension. */
  readonly batchFirst: boolean;
  /** Whether there is one more key and value of zeros. */
  readonly addZeroAttn: boolean;
  /** Weight of the queries, where keys or values have other sizes. */
  qProjWeight: Parameter | null = null;
  /** Weight of the keys, where keys or values have other sizes. */
  kProjWeight: Parameter | null = null;
  /** Weight of the values, where keys or values have other sizes. */
  vProjWeight: Parameter | null = null;
  /** Weights of queries, keys and values, one below the other. */
  inProjWeight: Parameter | null = null;
  /** Biases of queries, keys and values. */
  inProjBias: Parameter | null;
  /** Projects the heads to the result. */
  outProj: Linear;
  /** One more key. */
  biasK: Parameter | null;
  /** One more value. */
  biasV: Parameter | null;

  /** Takes the elements of a query, and the number of heads they are divided among. */
  constructor(
    embedDim: number,
    numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    checkOptions(options, KEYS, "MultiheadAttention");
    if (!(embedDim > 0 && numHeads > 0)) {
      throw new ValueError(
        `embedDim and numHeads must be greater than 0, got embedDim=${embedDim} and numHeads=${numHeads} instead`,
      );
    }
    const { bias = true, addBiasKv = false } = options;
    this.embedDim = embedDim;
    this.kdim = options.kdim ?? embedDim;
    this.vdim = options.vdim ?? embedDim;
    this.numHeads = numHeads;
    this.headDim = Math.floor(embedDim / numHeads);
    this.dropout = options.dropout ?? 0;
    this.batchFirst = options.batchFirst ?? false;
    this.addZeroAttn = options.addZeroAttn ?? false;
    if (this.headDim * numHeads !== embedDim) {
      throw new RuntimeError("embedDim must be divisible by numHeads");
    }
    const make = (...size: number[]) => emptyParameter(size, options);
    if (this.kdim === embedDim && this.vdim === embedDim) {
      this.inProjWeight = make(3 * embedDim, embedDim);
    } else {
      this.qProjWeight = make(embedDim, embedDim);
      this.kProjWeight = make(embedDim, this.kdim);
      this.vProjWeight = make(embedDim, this.vdim);
    }
    this.inProjBias = bias ? make(3 * embedDim) : null;
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, {
      bias,
      ...factoryOptions(options),
    });
    this.biasK = addBiasKv ? make(1, 1, embedDim) : null;
    this.biasV = addBiasKv ? make(1, 1, embedDim) : null;
    this.resetParameters();
  }

  /** Draws the parameters of its own anew. See `MultiheadAttention._reset_parameters`. */
  resetParameters(): void {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight } = this;
    for (const x of [inProjWeight, qProjWeight, kProjWeight, vProjWeight]) {
      if (x !== null) xavierUniform_(x);
    }
    if (this.inProjBias !== null) {
      constant_(this.inProjBias, 0);
      constant_(this.outProj.bias!, 0);
    }
    if (this.biasK !== null) xavierNormal_(this.biasK);
    if (this.biasV !== null) xavierNormal_(this.biasV);
  }

  /** Attends; see {@linkcode MultiheadAttention}. */
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: HeadOptions = {},
  ): [Tensor, Tensor | null] {
    checkOptions(options, HEAD_KEYS, "MultiheadAttention");
    const turned = this.batchFirst && query.shape.length === 3;
    // What is one tensor stays one: then one product gives all three.
    const q = turned ? query.transpose(0, 1) : query;
    const turn = (x: Tensor) =>
      x === query ? q : turned ? x.transpose(0, 1) : x;
    const k = turn(key);
    const v = value === key ? k : turn(value);
    const [out, weights] = multiHeadAttentionForward(
      q,
      k,
      v,
      this.embedDim,
      this.numHeads,
      this.inProjWeight,
      this.inProjBias,
      this.biasK,
      this.biasV,
      this.addZeroAttn,
      this.dropout,
      this.outProj.weight,
      this.outProj.bias,
      {
        ...options,
        training: this.training,
        useSeparateProjWeight: this.inProjWeight === null,
        qProjWeight: this.qProjWeight,
        kProjWeight: this.kProjWeight,
        vProjWeight: this.vProjWeight,
      },
    );
    return [turned ? out.transpose(0, 1) : out, weights];
  }
}
