/**
 * First values of parameters: PyTorch's `torch.nn.init`. Every function writes
 * into the tensor without recording, and returns it.
 *
 * @module
 */
// The initialisers of one value or one distribution, and how far spread values
// should be. The namespace `dg.nn.init` is this file with init_special.ts.

import { noGrad } from "../grad/mode.ts";
import { ValueError } from "../tensor/errors.ts";
import {
  type GeneratorOptions,
  normal_ as fillNormal,
  uniform_ as fillUniform,
} from "../tensor/random_inplace.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export {
  dirac_,
  type DiracOptions,
  eye_,
  orthogonal_,
  type OrthogonalOptions,
  sparse_,
  type SparseOptions,
} from "./init_special.ts";
export { truncNormal_, type TruncNormalOptions } from "./init_truncated.ts";

/** Options of {@linkcode uniform_}. */
export interface UniformOptions extends GeneratorOptions {
  /** Smallest value; 0 where not given. */
  readonly a?: number;
  /** Bound that no value reaches; 1 where not given. */
  readonly b?: number;
}

/**
 * Fills with uniform samples of `[a, b)`. See `torch.nn.init.uniform_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const w = dg.nn.init.uniform_(dg.empty(3));
 * assertEquals(String(w), "tensor([0.4963, 0.7682, 0.0885])");
 * ```
 */
export function uniform_(x: Tensor, options: UniformOptions = {}): Tensor {
  checkOptions(options, ["a", "b", "generator"], "uniform_");
  const { a = 0, b = 1 } = options;
  return uniformWithin(x, a, b, options);
}

/** Options of {@linkcode normal_}. */
export interface NormalOptions extends GeneratorOptions {
  /** Mean; 0 where not given. */
  readonly mean?: number;
  /** Standard deviation; 1 where not given. */
  readonly std?: number;
}

/**
 * Fills with normal samples. See `torch.nn.init.normal_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const w = dg.nn.init.normal_(dg.empty(3), { std: 0.1 });
 * assertEquals(String(w), "tensor([ 0.1541, -0.0293, -0.2179])");
 * ```
 */
export function normal_(x: Tensor, options: NormalOptions = {}): Tensor {
  checkOptions(options, ["mean", "std", "generator"], "normal_");
  return noGrad(() => fillNormal(x, options));
}

/**
 * Fills with one value. See `torch.nn.init.constant_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.nn.init.constant_(dg.empty(2), 0.5).tolist(), [0.5, 0.5]);
 * ```
 */
export function constant_(x: Tensor, value: number): Tensor {
  return noGrad(() => x.fill_(value));
}

/**
 * Fills with 1. See `torch.nn.init.ones_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.nn.init.ones_(dg.empty(2)).tolist(), [1, 1]);
 * ```
 */
export function ones_(x: Tensor): Tensor {
  return constant_(x, 1);
}

/**
 * Fills with 0. See `torch.nn.init.zeros_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.nn.init.zeros_(dg.ones(2)).tolist(), [0, 0]);
 * ```
 */
export function zeros_(x: Tensor): Tensor {
  return constant_(x, 0);
}

/** Options of {@linkcode xavierUniform_} and {@linkcode xavierNormal_}. */
export interface XavierOptions extends GeneratorOptions {
  /** What the spread is multiplied by; 1 where not given. See {@linkcode calculateGain}. */
  readonly gain?: number;
}

/**
 * Fills a weight of 2 dimensions or more with uniform samples, so that signals
 * keep their size forward and backward (Glorot and Bengio, 2010). See
 * `torch.nn.init.xavier_uniform_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const w = dg.nn.init.xavierUniform_(dg.empty([1, 2]));
 * assertEquals(String(w), "tensor([[-0.0106,  0.7586]])");
 * ```
 */
export function xavierUniform_(x: Tensor, options: XavierOptions = {}): Tensor {
  checkOptions(options, ["gain", "generator"], "xavierUniform_");
  const bound = Math.sqrt(3) * xavierSpread(x, options);
  return uniformWithin(x, -bound, bound, options);
}

/**
 * Fills a weight of 2 dimensions or more with normal samples, so that signals
 * keep their size forward and backward (Glorot and Bengio, 2010). See
 * `torch.nn.init.xavier_normal_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const w = dg.nn.init.xavierNormal_(dg.empty([1, 1]));
 * assertEquals(String(w), "tensor([[1.5410]])");
 * ```
 */
export function xavierNormal_(x: Tensor, options: XavierOptions = {}): Tensor {
  checkOptions(options, ["gain", "generator"], "xavierNormal_");
  return normalAround(x, xavierSpread(x, options), options);
}

/** Options of {@linkcode kaimingUniform_} and {@linkcode kaimingNormal_}. */
export interface KaimingOptions extends GeneratorOptions {
  /** Slope of the leaky ReLU behind the layer, below zero; 0 where not given. */
  readonly a?: number;
  /** Whether signals keep their size forward, the default, or gradients backward. */
  readonly mode?: "fan_in" | "fan_out";
  /** What follows the layer, by PyTorch's name; `"leaky_relu"` where not given. */
  readonly nonlinearity?: Nonlinearity;
}

const KAIMING_KEYS = ["a", "mode", "nonlinearity", "generator"];

/**
 * Fills a weight of 2 dimensions or more with uniform samples, so that signals
 * keep their size through ReLUs (He et al., 2015). See
 * `torch.nn.init.kaiming_uniform_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const w = dg.nn.init.kaimingUniform_(dg.empty([1, 2]));
 * assertEquals(String(w), "tensor([[-0.0130,  0.9291]])");
 * ```
 */
export function kaimingUniform_(
  x: Tensor,
  options: KaimingOptions = {},
): Tensor {
  checkOptions(options, KAIMING_KEYS, "kaimingUniform_");
  if (x.numel() === 0) return x;
  const bound = Math.sqrt(3) * kaimingSpread(x, options);
  return uniformWithin(x, -bound, bound, options);
}

/**
 * Fills a weight of 2 dimensions or more with normal samples, so that signals
 * keep their size through ReLUs (He et al., 2015). See
 * `torch.nn.init.kaiming_normal_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const options = { nonlinearity: "relu" } as const;
 * const w = dg.nn.init.kaimingNormal_(dg.empty([1, 2]), options);
 * assertEquals(String(w), "tensor([[ 1.5410, -0.2934]])");
 * ```
 */
export function kaimingNormal_(
  x: Tensor,
  options: KaimingOptions = {},
): Tensor {
  checkOptions(options, KAIMING_KEYS, "kaimingNormal_");
  if (x.numel() === 0) return x;
  return normalAround(x, kaimingSpread(x, options), options);
}

/** What follows a layer, by PyTorch's name. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

/**
 * The gain that PyTorch recommends for what follows a layer; `param` is the
 * slope of a leaky ReLU below zero, 0.01 where not given. See
 * `torch.nn.init.calculate_gain`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.nn.init.calculateGain("tanh"), 5 / 3);
 * assertEquals(dg.nn.init.calculateGain("leaky_relu", { param: 1 }), 1);
 * ```
 */
export function calculateGain(
  nonlinearity: Nonlinearity,
  options: { readonly param?: number } = {},
): number {
  checkOptions(options, ["param"], "calculateGain");
  const { param = 0.01 } = options;
  switch (nonlinearity) {
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.sqrt(2);
    case "selu":
      return 3 / 4;
    case "leaky_relu":
      if (typeof param !== "number") {
        throw new ValueError(`negative_slope ${param} not a valid number`);
      }
      return Math.sqrt(2 / (1 + param ** 2));
    case "sigmoid":
    case "linear":
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "conv_transpose1d":
    case "conv_transpose2d":
    case "conv_transpose3d":
      return 1;
    default:
      throw new ValueError(`Unsupported nonlinearity ${nonlinearity}`);
  }
}

/** How many inputs make one result of a weight, and how many results an input goes into. */
export function fans(x: Tensor): { fanIn: number; fanOut: number } {
  if (x.ndim < 2) {
    throw new ValueError(
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
  }
  const field = x.shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: x.shape[1]! * field, fanOut: x.shape[0]! * field };
}

function xavierSpread(x: Tensor, { gain = 1 }: XavierOptions): number {
  const { fanIn, fanOut } = fans(x);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

function kaimingSpread(x: Tensor, options: KaimingOptions): number {
  const { a = 0, mode = "fan_in", nonlinearity = "leaky_relu" } = options;
  if (mode !== "fan_in" && mode !== "fan_out") {
    throw new ValueError(
      `Mode ${mode} not supported, please use one of ['fan_in', 'fan_out']`,
    );
  }
  const { fanIn, fanOut } = fans(x);
  const gain = calculateGain(nonlinearity, { param: a });
  return gain / Math.sqrt(mode === "fan_in" ? fanIn : fanOut);
}

function uniformWithin(
  x: Tensor,
  from: number,
  to: number,
  { generator }: GeneratorOptions,
): Tensor {
  const source = generator === undefined ? {} : { generator };
  return noGrad(() => fillUniform(x, { from, to, ...source }));
}

function normalAround(
  x: Tensor,
  std: number,
  { generator }: GeneratorOptions,
): Tensor {
  const source = generator === undefined ? {} : { generator };
  return noGrad(() => fillNormal(x, { std, ...source }));
}
