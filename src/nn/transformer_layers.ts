// The layers of a transformer: attention to itself, attention to a memory, and
// a small network for each position.

import { ValueError } from "../tensor/errors.ts";
import { gelu } from "../tensor/ops/activation_curves.ts";
import { relu } from "../tensor/ops/extrema.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Linear } from "./linear.ts";
import { type Layer, Module } from "./module.ts";
import { LayerNorm } from "./norm_layer.ts";

/** What bends the network of a layer: a name, a function or a module. */
export type TransformerActivation =
  | "relu"
  | "gelu"
  | ((x: Tensor) => Tensor)
  | Layer;

/** Options of the layers of a transformer. */
export interface TransformerLayerOptions extends FactoryOptions {
  /** Elements in the middle of the network; 2048 where not given. */
  readonly dimFeedforward?: number;
  /** Probability of an element to become zero; 0.1 where not given. */
  readonly dropout?: number;
  /** What bends the network; `"relu"` where not given. */
  readonly activation?: TransformerActivation;
  /** Added to the variances of norms; 1e-5 where not given. */
  readonly layerNormEps?: number;
  /** Whether the batch is the first dimension, rather than the second. */
  readonly batchFirst?: boolean;
  /** Whether norms come before attention and network, rather than after. */
  readonly normFirst?: boolean;
  /** Whether there are biases; true where not given. */
  readonly bias?: boolean;
}

/** The known options of layers, for error messages. */
export const LAYER_KEYS: readonly string[] = [
  "dimFeedforward",
  "dropout",
  "activation",
  "layerNormEps",
  "batchFirst",
  "normFirst",
  "bias",
  ...FACTORY_KEYS,
];

/** Masks of a call of {@linkcode TransformerEncoderLayer}. */
export interface EncoderLayerMasks {
  /** Which positions not to look at, `[S, S]` or one per head and sequence. */
  readonly srcMask?: Tensor | null;
  /** Which positions are padding, `[batch, S]`. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** A hint that the mask is causal. */
  readonly isCausal?: boolean;
}

/** Masks of a call of {@linkcode TransformerDecoderLayer}. */
export interface DecoderMasks {
  /** Which positions of the target not to look at. */
  readonly tgtMask?: Tensor | null;
  /** Which positions of the memory not to look at. */
  readonly memoryMask?: Tensor | null;
  /** Which positions of the target are padding. */
  readonly tgtKeyPaddingMask?: Tensor | null;
  /** Which positions of the memory are padding. */
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** A hint that the mask of the target is causal. */
  readonly tgtIsCausal?: boolean;
  /** A hint that the mask of the memory is causal. */
  readonly memoryIsCausal?: boolean;
}

const ENCODER_MASKS = ["srcMask", "srcKeyPaddingMask", "isCausal"];

/** The masks of decoders, for error messages. */
export const DECODER_MASKS: readonly string[] = [
  "tgtMask",
  "memoryMask",
  "tgtKeyPaddingMask",
  "memoryKeyPaddingMask",
  "tgtIsCausal",
  "memoryIsCausal",
];

type Bend = ((x: Tensor) => Tensor) | Layer;

function activationOf(activation: TransformerActivation): Bend {
  if (activation === "relu") return relu;
  if (activation === "gelu") return (x) => gelu(x);
  if (typeof activation !== "string") return activation;
  throw new ValueError(
    `activation should be relu/gelu, not ${String(activation)}`,
  );
}

function bend(activation: Bend, x: Tensor): Tensor {
  return activation instanceof Module ? activation.call(x) : activation(x);
}

/** The result of attention, without its weights. */
function attend(
  attention: MultiheadAttention,
  query: Tensor,
  key: Tensor,
  attnMask: Tensor | null | undefined,
  keyPaddingMask: Tensor | null | undefined,
  isCausal: boolean | undefined,
): Tensor {
  return attention.call(query, key, key, {
    attnMask: attnMask ?? null,
    keyPaddingMask: keyPaddingMask ?? null,
    needWeights: false,
    isCausal: isCausal ?? false,
  })[0];
}

/** What both kinds of layers are made of. */
interface Parts {
  readonly attention: () => MultiheadAttention;
  readonly linear1: () => Linear;
  readonly linear2: () => Linear;
  readonly norm: () => LayerNorm;
  readonly dropout: () => Dropout;
}

function partsOf(
  dModel: number,
  nhead: number,
  options: TransformerLayerOptions,
): Parts {
  const { dimFeedforward = 2048, dropout = 0.1, bias = true } = options;
  const { layerNormEps = 1e-5, batchFirst = false } = options;
  const shared = { bias, ...factoryOptions(options) };
  return {
    attention: () =>
      new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...shared }),
    linear1: () => new Linear(dModel, dimFeedforward, shared),
    linear2: () => new Linear(dimFeedforward, dModel, shared),
    norm: () => new LayerNorm(dModel, { eps: layerNormEps, ...shared }),
    dropout: () => new Dropout({ p: dropout }),
  };
}

/**
 * A layer of an encoder: attention to itself and a network for each position,
 * each with a norm and a way around. `call(src)` takes `[S, batch, dModel]` or
 * `[S, dModel]`. See `torch.nn.TransformerEncoderLayer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { dimFeedforward: 16, batchFirst: true };
 * const layer = new dg.nn.TransformerEncoderLayer(8, 2, options);
 * const srcMask = dg.nn.Transformer.generateSquareSubsequentMask(5);
 * const y = layer.call(dg.ones([3, 5, 8]), { srcMask });
 * assertEquals(y.shape, [3, 5, 8]);
 * ```
 */
export class TransformerEncoderLayer extends Module {
  /** Attention to itself. */
  selfAttn: MultiheadAttention;
  /** The first half of the network. */
  linear1: Linear;
  /** In the network. */
  dropout: Dropout;
  /** The second half of the network. */
  linear2: Linear;
  /** Whether norms come first. */
  readonly normFirst: boolean;
  /** The norm of attention. */
  norm1: LayerNorm;
  /** The norm of the network. */
  norm2: LayerNorm;
  /** After attention. */
  dropout1: Dropout;
  /** After the network. */
  dropout2: Dropout;
  /** What bends the network. */
  activation: ((x: Tensor) => Tensor) | Layer;

  /** Takes the elements of a position, and the number of heads. */
  constructor(
    dModel: number,
    nhead: number,
    options: TransformerLayerOptions = {},
  ) {
    super();
    checkOptions(options, LAYER_KEYS, "TransformerEncoderLayer");
    const parts = partsOf(dModel, nhead, options);
    this.selfAttn = parts.attention();
    this.linear1 = parts.linear1();
    this.dropout = parts.dropout();
    this.linear2 = parts.linear2();
    this.normFirst = options.normFirst ?? false;
    this.norm1 = parts.norm();
    this.norm2 = parts.norm();
    this.dropout1 = parts.dropout();
    this.dropout2 = parts.dropout();
    this.activation = activationOf(options.activation ?? "relu");
  }

  /** See {@linkcode TransformerEncoderLayer}. */
  forward(src: Tensor, masks: EncoderLayerMasks = {}): Tensor {
    checkOptions(masks, ENCODER_MASKS, "TransformerEncoderLayer");
    if (this.normFirst) {
      const x = src.add(this._attend(this.norm1.call(src), masks));
      return x.add(this._network(this.norm2.call(x)));
    }
    const x = this.norm1.call(src.add(this._attend(src, masks)));
    return this.norm2.call(x.add(this._network(x)));
  }

  /** Attention to the sequence itself. */
  private _attend(x: Tensor, masks: EncoderLayerMasks): Tensor {
    const { srcMask, srcKeyPaddingMask, isCausal } = masks;
    const { selfAttn } = this;
    const out = attend(selfAttn, x, x, srcMask, srcKeyPaddingMask, isCausal);
    return this.dropout1.call(out);
  }

  /** The feedforward network. */
  private _network(x: Tensor): Tensor {
    const middle = bend(this.activation, this.linear1.call(x));
    return this.dropout2.call(this.linear2.call(this.dropout.call(middle)));
  }
}

/**
 * A layer of a decoder: attention to itself, attention to a memory and a network
 * for each position. `call(tgt, memory)` takes `[T, batch, dModel]` and
 * `[S, batch, dModel]`. See `torch.nn.TransformerDecoderLayer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.TransformerDecoderLayer(8, 2, { activation: "gelu" });
 * const y = layer.call(dg.ones([4, 3, 8]), dg.ones([5, 3, 8]));
 * assertEquals(y.shape, [4, 3, 8]);
 * ```
 */
export class TransformerDecoderLayer extends Module {
  /** Attention to itself. */
  selfAttn: MultiheadAttention;
  /** Attention to the memory. */
  multiheadAttn: MultiheadAttention;
  /** The first half of the network. */
  linear1: Linear;
  /** In the network. */
  dropout: Dropout;
  /** The second half of the network. */
  linear2: Linear;
  /** Whether norms come first. */
  readonly normFirst: boolean;
  /** The norm of attention to itself. */
  norm1: LayerNorm;
  /** The norm of attention to the memory. */
  norm2: LayerNorm;
  /** The norm of the network. */
  norm3: LayerNorm;
  /** After attention to itself. */
  dropout1: Dropout;
  /** After attention to the memory. */
  dropout2: Dropout;
  /** After the network. */
  dropout3: Dropout;
  /** What bends the network. */
  activation: ((x: Tensor) => Tensor) | Layer;

  /** Takes the elements of a position, and the number of heads. */
  constructor(
    dModel: number,
    nhead: number,
    options: TransformerLayerOptions = {},
  ) {
    super();
    checkOptions(options, LAYER_KEYS, "TransformerDecoderLayer");
    const parts = partsOf(dModel, nhead, options);
    this.selfAttn = parts.attention();
    this.multiheadAttn = parts.attention();
    this.linear1 = parts.linear1();
    this.dropout = parts.dropout();
    this.linear2 = parts.linear2();
    this.normFirst = options.normFirst ?? false;
    this.norm1 = parts.norm();
    this.norm2 = parts.norm();
    this.norm3 = parts.norm();
    this.dropout1 = parts.dropout();
    this.dropout2 = parts.dropout();
    this.dropout3 = parts.dropout();
    this.activation = activationOf(options.activation ?? "relu");
  }

  /** See {@linkcode TransformerDecoderLayer}. */
  forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    checkOptions(masks, DECODER_MASKS, "TransformerDecoderLayer");
    if (this.normFirst) {
      let x = tgt.add(this._attend(this.norm1.call(tgt), masks));
      x = x.add(this._recall(this.norm2.call(x), memory, masks));
      return x.add(this._network(this.norm3.call(x)));
    }
    let x = this.norm1.call(tgt.add(this._attend(tgt, masks)));
    x = this.norm2.call(x.add(this._recall(x, memory, masks)));
    return this.norm3.call(x.add(this._network(x)));
  }

  /** Attention to the sequence itself. */
  private _attend(x: Tensor, masks: DecoderMasks): Tensor {
    const { tgtMask, tgtKeyPaddingMask, tgtIsCausal } = masks;
    const { selfAttn } = this;
    const out = attend(selfAttn, x, x, tgtMask, tgtKeyPaddingMask, tgtIsCausal);
    return this.dropout1.call(out);
  }

  /** Attention to the memory. */
  private _recall(x: Tensor, memory: Tensor, masks: DecoderMasks): Tensor {
    const out = attend(
      this.multiheadAttn,
      x,
      memory,
      masks.memoryMask,
      masks.memoryKeyPaddingMask,
      masks.memoryIsCausal,
    );
    return this.dropout2.call(out);
  }

  /** The feedforward network. */
  private _network(x: Tensor): Tensor {
    const middle = bend(this.activation, this.linear1.call(x));
    return this.dropout3.call(this.linear2.call(this.dropout.call(middle)));
  }
}
