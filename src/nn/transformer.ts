// Transformers: stacks of encoder and decoder layers.

import type { DeviceLike } from "../tensor/device.ts";
import type { DType } from "../tensor/dtype.ts";
import { full } from "../tensor/create_filled.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { triu } from "../tensor/ops/triangles.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { factoryOptions } from "./factory.ts";
import { xavierUniform_ } from "./init.ts";
import { type Layer, Module } from "./module.ts";
import { LayerNorm } from "./norm_layer.ts";
import { ModuleList } from "./sequential.ts";
import {
  DECODER_MASKS,
  type DecoderMasks,
  type EncoderLayerMasks,
  LAYER_KEYS,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer_layers.ts";

/** What {@linkcode TransformerEncoder} stacks copies of. */
export type EncoderLayer = Module & {
  forward(src: Tensor, masks?: EncoderLayerMasks): Tensor;
};

/** What {@linkcode TransformerDecoder} stacks copies of. */
export type DecoderLayer = Module & {
  forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor;
};

/** Options of {@linkcode TransformerEncoder} and {@linkcode TransformerDecoder}. */
export interface StackOptions {
  /** Runs after the last layer. */
  readonly norm?: Layer | null;
}

/** Masks of a call of {@linkcode TransformerEncoder}. */
export interface EncoderMasks {
  /** Which positions not to look at, `[S, S]` or one per head and sequence. */
  readonly mask?: Tensor | null;
  /** Which positions are padding, `[batch, S]`. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** A hint that the mask is causal. */
  readonly isCausal?: boolean;
}

/**
 * Copies of an encoder layer, one after the other. See
 * `torch.nn.TransformerEncoder`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.TransformerEncoderLayer(8, 2);
 * const encoder = new dg.nn.TransformerEncoder(layer, 2);
 * assertEquals(encoder.call(dg.ones([5, 3, 8])).shape, [5, 3, 8]);
 * ```
 */
export class TransformerEncoder extends Module {
  /** The layers. */
  layers: ModuleList<EncoderLayer>;
  /** How many. */
  readonly numLayers: number;
  /** Runs after the last layer. */
  norm: Layer | null;

  /** Takes a layer, and how many copies of it to stack. */
  constructor(
    encoderLayer: EncoderLayer,
    numLayers: number,
    options: StackOptions = {},
  ) {
    super();
    checkOptions(options, ["norm"], "TransformerEncoder");
    this.layers = new ModuleList(
      Array.from({ length: numLayers }, () => encoderLayer.deepCopy()),
    );
    this.numLayers = numLayers;
    this.norm = options.norm ?? null;
  }

  /** Runs the layers. */
  forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    const known = ["mask", "srcKeyPaddingMask", "isCausal"];
    checkOptions(masks, known, "TransformerEncoder");
    const { mask = null, srcKeyPaddingMask = null, isCausal = false } = masks;
    let x = src;
    for (const layer of this.layers) {
      x = layer.call(x, { srcMask: mask, srcKeyPaddingMask, isCausal });
    }
    return this.norm === null ? x : this.norm.call(x);
  }
}

/**
 * Copies of a decoder layer, one after the other. See
 * `torch.nn.TransformerDecoder`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.TransformerDecoderLayer(8, 2);
 * const decoder = new dg.nn.TransformerDecoder(layer, 2);
 * const y = decoder.call(dg.ones([4, 3, 8]), dg.ones([5, 3, 8]));
 * assertEquals(y.shape, [4, 3, 8]);
 * ```
 */
export class TransformerDecoder extends Module {
  /** The layers. */
  layers: ModuleList<DecoderLayer>;
  /** How many. */
  readonly numLayers: number;
  /** Runs after the last layer. */
  norm: Layer | null;

  /** Takes a layer, and how many copies of it to stack. */
  constructor(
    decoderLayer: DecoderLayer,
    numLayers: number,
    options: StackOptions = {},
  ) {
    super();
    checkOptions(options, ["norm"], "TransformerDecoder");
    this.layers = new ModuleList(
      Array.from({ length: numLayers }, () => decoderLayer.deepCopy()),
    );
    this.numLayers = numLayers;
    this.norm = options.norm ?? null;
  }

  /** Runs the layers. */
  forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    checkOptions(masks, DECODER_MASKS, "TransformerDecoder");
    let x = tgt;
    for (const layer of this.layers) x = layer.call(x, memory, masks);
    return this.norm === null ? x : this.norm.call(x);
  }
}

/** Options of {@linkcode Transformer}. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Elements of a position; 512 where not given. */
  readonly dModel?: number;
  /** Number of heads; 8 where not given. */
  readonly nhead?: number;
  /** Layers of the encoder; 6 where not given. */
  readonly numEncoderLayers?: number;
  /** Layers of the decoder; 6 where not given. */
  readonly numDecoderLayers?: number;
  /** Takes the encoder's place. */
  readonly customEncoder?: Encoder;
  /** Takes the decoder's place. */
  readonly customDecoder?: Decoder;
}

/** What a {@linkcode Transformer} takes as its encoder. */
export type Encoder = Module & {
  forward(src: Tensor, masks?: EncoderMasks): Tensor;
};

/** What a {@linkcode Transformer} takes as its decoder. */
export type Decoder = Module & {
  forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor;
};

/** Masks of a call of {@linkcode Transformer}. */
export interface TransformerMasks extends DecoderMasks {
  /** Which positions of the source not to look at. */
  readonly srcMask?: Tensor | null;
  /** Which positions of the source are padding. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** A hint that the mask of the source is causal. */
  readonly srcIsCausal?: boolean;
}

/**
 * A transformer: an encoder that reads a source, and a decoder that reads a
 * target beside what the encoder made of the source. `call(src, tgt)` takes
 * `[S, batch, dModel]` and `[T, batch, dModel]`. See `torch.nn.Transformer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new dg.nn.Transformer({
 *   dModel: 8,
 *   nhead: 2,
 *   numEncoderLayers: 1,
 *   numDecoderLayers: 1,
 *   dimFeedforward: 16,
 * });
 * const y = model.call(dg.ones([5, 3, 8]), dg.ones([4, 3, 8]));
 * assertEquals(y.shape, [4, 3, 8]);
 * ```
 */
export class Transformer extends Module {
  /** Reads the source. */
  encoder: Encoder;
  /** Reads the target. */
  decoder: Decoder;
  /** Elements of a position. */
  readonly dModel: number;
  /** Number of heads. */
  readonly nhead: number;
  /** Whether the batch is the first dimension. */
  readonly batchFirst: boolean;

  /** Takes options, all of which have a default. */
  constructor(options: TransformerOptions = {}) {
    super();
    const { dModel = 512, nhead = 8, ...rest } = options;
    const { numEncoderLayers = 6, numDecoderLayers = 6, ...others } = rest;
    const { customEncoder, customDecoder, ...layer } = others;
    checkOptions(layer, LAYER_KEYS, "Transformer");
    const norm = () =>
      new LayerNorm(dModel, {
        eps: layer.layerNormEps ?? 1e-5,
        bias: layer.bias ?? true,
        ...factoryOptions(layer),
      });
    this.encoder = customEncoder ?? new TransformerEncoder(
      new TransformerEncoderLayer(dModel, nhead, layer),
      numEncoderLayers,
      { norm: norm() },
    );
    this.decoder = customDecoder ?? new TransformerDecoder(
      new TransformerDecoderLayer(dModel, nhead, layer),
      numDecoderLayers,
      { norm: norm() },
    );
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = layer.batchFirst ?? false;
    this.resetParameters();
  }

  /** Draws the matrices anew. See `Transformer._reset_parameters`. */
  resetParameters(): void {
    for (const x of this.parameters()) {
      if (x.shape.length > 1) xavierUniform_(x);
    }
  }

  /** See {@linkcode Transformer}. */
  forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    const known = [...DECODER_MASKS, ...SOURCE_MASKS];
    checkOptions(masks, known, "Transformer");
    const batched = src.shape.length === 3;
    const dim = this.batchFirst ? 0 : 1;
    if (batched && src.shape[dim] !== tgt.shape[dim]) {
      throw new RuntimeError("the batch number of src and tgt must be equal");
    }
    if (
      src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel
    ) {
      throw new RuntimeError(
        "the feature number of src and tgt must be equal to dModel",
      );
    }
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...rest } = masks;
    const memory = this.encoder.call(src, {
      mask: srcMask ?? null,
      srcKeyPaddingMask: srcKeyPaddingMask ?? null,
      isCausal: srcIsCausal ?? false,
    });
    return this.decoder.call(tgt, memory, rest);
  }

  /** The mask that hides later positions: minus infinity above the diagonal. See `Transformer.generate_square_subsequent_mask`. */
  static generateSquareSubsequentMask(
    size: number,
    options: { readonly device?: DeviceLike; readonly dtype?: DType } = {},
  ): Tensor {
    checkOptions(options, ["device", "dtype"], "generateSquareSubsequentMask");
    const all = full([size, size], -Infinity, factoryOptions(options));
    return triu(all, { diagonal: 1 });
  }
}

const SOURCE_MASKS = ["srcMask", "srcKeyPaddingMask", "srcIsCausal"];
