// Tables of vectors that are trained.

import { noGrad } from "../grad/mode.ts";
import { ValueError } from "../tensor/errors.ts";
import { embedding } from "../tensor/ops/embedding.ts";
import { embeddingBag } from "../tensor/ops/embedding_bag.ts";
import { normal_ } from "../tensor/random_inplace.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  emptyParameter,
  FACTORY_KEYS,
  type FactoryOptions,
} from "./factory.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingLayerOptions extends FactoryOptions {
  /** The row that stays as it is; counts from the end if negative. */
  readonly paddingIdx?: number | null;
  /** Largest norm of a row: longer ones that are looked up are shortened. */
  readonly maxNorm?: number | null;
  /** Order of that norm; 2 where not given. */
  readonly normType?: number;
  /** Whether a row's gradient is divided by how often it was looked up. */
  readonly scaleGradByFreq?: boolean;
}

/** Options of {@linkcode EmbeddingBag}. */
export interface EmbeddingBagLayerOptions extends EmbeddingLayerOptions {
  /** What becomes of the rows of a bag; `"mean"` where not given. */
  readonly mode?: "sum" | "mean" | "max";
  /** Whether the last offset is the end of the last bag. */
  readonly includeLastOffset?: boolean;
}

/** Options of `fromPretrained`. */
export interface FreezeOptions {
  /** Whether the table is not trained; true where not given. */
  readonly freeze?: boolean;
}

const TABLE_KEYS = [
  "paddingIdx",
  "maxNorm",
  "normType",
  "scaleGradByFreq",
  ...FACTORY_KEYS,
];

/** What tables of vectors share. */
export abstract class Table extends Module {
  /** The vectors, `[numEmbeddings, embeddingDim]`. */
  weight: Parameter;
  /** Number of vectors. */
  readonly numEmbeddings: number;
  /** Length of each. */
  readonly embeddingDim: number;
  /** The row that stays as it is, or null. */
  readonly paddingIdx: number | null;
  /** Largest norm of a row, or null. */
  readonly maxNorm: number | null;
  /** Order of that norm. */
  readonly normType: number;
  /** Whether a row's gradient is divided by how often it was looked up. */
  readonly scaleGradByFreq: boolean;

  /** Takes number and length of the vectors, and options. */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingLayerOptions,
    keys: readonly string[] = [],
  ) {
    super();
    checkOptions(options, [...TABLE_KEYS, ...keys], new.target.name);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = placeOf(options.paddingIdx ?? null, numEmbeddings);
    this.maxNorm = options.maxNorm ?? null;
    this.normType = options.normType ?? 2;
    this.scaleGradByFreq = options.scaleGradByFreq ?? false;
    this.weight = emptyParameter([numEmbeddings, embeddingDim], options);
    this.resetParameters();
  }

  /** Draws the vectors anew. See `Embedding.reset_parameters`. */
  resetParameters(): void {
    noGrad(() => {
      normal_(this.weight);
      if (this.paddingIdx !== null) {
        this.weight.select(0, this.paddingIdx).fill_(0);
      }
    });
  }

  /** What both show of their settings. */
  protected reprParts(): string[] {
    const parts = [`${this.numEmbeddings}`, `${this.embeddingDim}`];
    if (this.maxNorm !== null) parts.push(`max_norm=${pyFloat(this.maxNorm)}`);
    if (this.normType !== 2) parts.push(`norm_type=${pyFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scale_grad_by_freq=True");
    return parts;
  }
}

/**
 * A table of vectors that are looked up by integers (int64 or int32); the
 * result has one dimension more. See `torch.nn.Embedding`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Embedding(10, 3, { paddingIdx: 0 });
 * const words = dg.tensor([[4, 0]], { dtype: "int64" });
 * assertEquals(layer.call(words).shape, [1, 2, 3]);
 * assertEquals(layer.call(words).at(0, 1).tolist(), [0, 0, 0]);
 * ```
 */
export class Embedding extends Table {
  /** Takes number and length of the vectors, and options. */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingLayerOptions = {},
  ) {
    super(numEmbeddings, embeddingDim, options);
  }

  /** Makes a table of given vectors, not trained unless `freeze: false`. See `Embedding.from_pretrained`. */
  static fromPretrained(
    vectors: Tensor,
    options: EmbeddingLayerOptions & FreezeOptions = {},
  ): Embedding {
    const { freeze = true, ...rest } = options;
    const [rows, width] = matrixShape(vectors);
    const out = new Embedding(rows, width, rest);
    out.weight = new Parameter(vectors, { requiresGrad: !freeze });
    return out;
  }

  /** Looks up the vectors. */
  forward(input: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    const options = { paddingIdx, maxNorm, normType, scaleGradByFreq };
    return embedding(input, this.weight, options);
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const parts = this.reprParts();
    if (this.paddingIdx !== null) {
      parts.splice(2, 0, `padding_idx=${this.paddingIdx}`);
    }
    return parts.join(", ");
  }
}

/** Options of the `forward` of {@linkcode EmbeddingBag}. */
export interface BagOptions {
  /** Factors of the rows, for the mode `"sum"` only. */
  readonly perSampleWeights?: Tensor | null;
}

/**
 * Sums, means or maxima of bags of vectors that are looked up by integers. A
 * bag is a row of an input of two dimensions, or a stretch of one of one
 * dimension, from one offset to the next. See `torch.nn.EmbeddingBag`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.EmbeddingBag(10, 3, { mode: "sum" });
 * const words = dg.tensor([1, 2, 4], { dtype: "int64" });
 * const offsets = dg.tensor([0, 2], { dtype: "int64" });
 * assertEquals(layer.call(words, offsets).shape, [2, 3]);
 * ```
 */
export class EmbeddingBag extends Table {
  /** What becomes of the rows of a bag. */
  readonly mode: "sum" | "mean" | "max";
  /** Whether the last offset is the end of the last bag. */
  readonly includeLastOffset: boolean;

  /** Takes number and length of the vectors, and options. */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingBagLayerOptions = {},
  ) {
    const keys = ["mode", "includeLastOffset"];
    super(numEmbeddings, embeddingDim, options, keys);
    this.mode = options.mode ?? "mean";
    this.includeLastOffset = options.includeLastOffset ?? false;
  }

  /** Makes a table of given vectors, not trained unless `freeze: false`. See `EmbeddingBag.from_pretrained`. */
  static fromPretrained(
    vectors: Tensor,
    options: EmbeddingBagLayerOptions & FreezeOptions = {},
  ): EmbeddingBag {
    const { freeze = true, ...rest } = options;
    const [rows, width] = matrixShape(vectors);
    const out = new EmbeddingBag(rows, width, rest);
    out.weight = new Parameter(vectors, { requiresGrad: !freeze });
    return out;
  }

  /** Looks up the vectors and takes each bag's sum, mean or maximum. */
  forward(
    input: Tensor,
    offsets: Tensor | null = null,
    options: BagOptions = {},
  ): Tensor {
    checkOptions(options, ["perSampleWeights"], "forward");
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    const { mode, includeLastOffset } = this;
    return embeddingBag(input, this.weight, {
      offsets,
      mode,
      includeLastOffset,
      perSampleWeights: options.perSampleWeights ?? null,
      paddingIdx,
      maxNorm,
      normType,
      scaleGradByFreq,
    });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const parts = [...this.reprParts(), `mode=${py(this.mode)}`];
    if (this.paddingIdx !== null) parts.push(`padding_idx=${this.paddingIdx}`);
    return parts.join(", ");
  }
}

function placeOf(index: number | null, rows: number): number | null {
  if (index === null) return null;
  if (index < -rows || index >= rows) {
    throw new ValueError("Padding_idx must be within num_embeddings");
  }
  return index < 0 ? index + rows : index;
}

function matrixShape(vectors: Tensor): readonly [number, number] {
  if (vectors.ndim !== 2) {
    throw new ValueError(
      "Embeddings parameter is expected to be 2-dimensional",
    );
  }
  return [vectors.shape[0]!, vectors.shape[1]!];
}
