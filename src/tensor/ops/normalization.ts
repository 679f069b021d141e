// Normalisation of the last dimensions: layer norm and its kin without means.

import type { Node } from "../../grad/node.ts";
import {
  checkNormTypes,
  defineAffineNorm,
  runAffineNorm,
  wantsGradient,
} from "../affine_norm_op.ts";
import { reshaped } from "../along_op.ts";
import { FLOAT32, partInfo } from "../dtype.ts";
import {
  cachedSums,
  gradientSums,
  type SumsCache,
  takeSums,
  usesKernels,
} from "../channel_norm_op.ts";
import { RuntimeError } from "../errors.ts";
import {
  inputGradient,
  normalizedBy,
  normalizeRows,
  normalizeRowsBackward,
  weightGradient,
} from "../norm_op.ts";
import { castTo } from "../op.ts";
import {
  checkOptions,
  countElements,
  repeated,
  sameShape,
  type Shape,
  showShape,
  type Size,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** What the rules of layer norm know. */
interface LayerContext extends SumsCache {
  readonly normalized: Shape;
  readonly eps: number;
  /** Whether a gradient may be wanted. */
  readonly tracked: boolean;
  /** Statistics of the rows, [rows, 1], which the forward pass leaves for the gradient. */
  mean: Tensor | null;
  scale: Tensor | null;
}

/** 16-bit floats are computed in float32. */
function wide(x: Tensor): Tensor {
  return x.info.bytes < 4 ? castTo(x, FLOAT32) : x;
}

/** The trailing dimensions that are normalised, and how many elements they have. */
function sizeOf(x: Tensor, { normalized }: LayerContext) {
  const n = countElements(normalized);
  const rank = x.shape.length;
  const first = rank - normalized.length;
  const dims = normalized.map((_, d) => first + d);
  const outer = Array.from({ length: first }, (_, d) => d);
  return { n, dims, outer };
}

/** The same elements under another shape; not recorded. */
function shaped(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return x.dense ? reshaped(x, shape) : x.reshape(shape);
}

function forward(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  o: LayerContext,
): Tensor {
  const n = countElements(o.normalized);
  const rows = shaped(wide(x), [n === 0 ? 0 : x.count / n, n]);
  const w = weight === null ? null : shaped(wide(weight), [n]);
  const b = bias === null ? null : shaped(wide(bias), [n]);
  const norm = normalizeRows(rows, 1, w, b, o.eps, o.tracked);
  o.mean = norm.mean;
  o.scale = norm.scale;
  return castTo(reshaped(norm.out, x.shape), x.info);
}

/** The gradient of the input. */
function layerInput(g: Tensor, n: Node, w: Tensor | null, o: LayerContext) {
  const x = n.input(0);
  const { dims, n: length } = sizeOf(x, o);
  if (!usesKernels(x)) {
    const { rest, scale } = normalizedBy(x, dims, o.eps);
    return inputGradient(w === null ? g : g.mul(w), rest, scale, dims);
  }
  const rows = [-1, length];
  const { mean, scale } = o;
  return normalizeRowsBackward(
    g.reshape(rows),
    x.reshape(rows),
    mean!,
    scale!,
    w === null ? null : w.reshape(-1),
    1,
  ).reshape(x.shape);
}

/** The gradient of the weight. */
function layerWeight(g: Tensor, n: Node, o: LayerContext): Tensor {
  const x = n.input(0);
  const { dims, outer, n: length } = sizeOf(x, o);
  if (!usesKernels(x)) {
    const { rest } = normalizedBy(x, dims, o.eps);
    const all = g.mul(rest);
    return outer.length === 0 ? all : all.sum(outer);
  }
  const rows = [-1, length];
  const [own, all] = [g.reshape(rows), x.reshape(rows)];
  const { mean, scale } = o as { mean: Tensor; scale: Tensor };
  // The gradient of the bias is found in the same pass.
  const weight = n.needs(2)
    ? cachedSums(o, g, () => gradientSums(own, all, mean, scale))[1]
    : weightGradient(own, all, mean, scale, 0);
  return weight.reshape(o.normalized);
}

function layerBias(g: Tensor, _: Node, o: LayerContext): Tensor {
  const { normalized } = o;
  const sums = takeSums(o, g);
  if (sums !== null) return sums[0].reshape(normalized);
  const outer = g.shape.length - normalized.length;
  if (outer === 0) return g;
  return g.sum(Array.from({ length: outer }, (_, d) => d));
}

const LAYER_NORM = defineAffineNorm<LayerContext>({
  name: "layerNorm",
  node: "NativeLayerNormBackward0",
  forward,
  inputRule: layerInput,
  weightRule: layerWeight,
  biasRule: layerBias,
});

/** Options of {@linkcode layerNorm}. */
export interface LayerNormOptions {
  /** Factor of each element, of the normalised shape. */
  readonly weight?: Tensor;
  /** Added to each element, of the normalised shape. */
  readonly bias?: Tensor;
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
}

function checkParameter(
  name: string,
  tensor: Tensor | undefined,
  normalized: Shape,
): void {
  if (tensor === undefined || sameShape(tensor.shape, normalized)) return;
  throw new RuntimeError(
    `Expected ${name} to be of same shape as normalizedShape, but got ${name} of shape ${
      showShape(tensor.shape)
    } and normalizedShape = ${showShape(normalized)}`,
  );
}

/** Whether the last dimensions of a shape are those of another one. */
function endsWith(shape: Shape, end: Shape): boolean {
  const first = shape.length - end.length;
  if (first < 0) return false;
  for (let d = 0; d < end.length; d++) {
    if (shape[first + d] !== end[d]) return false;
  }
  return true;
}

/** Checks the normalised shape and the parameters. */
function checkShapes(
  x: Tensor,
  size: Size,
  weight: Tensor | undefined,
  bias: Tensor | undefined,
  separator: string,
): Shape {
  const normalized = typeof size === "number"
    ? repeated(size, 1)
    : size.slice();
  if (normalized.length === 0) {
    throw new RuntimeError(
      "Expected normalizedShape to be at least 1-dimensional, i.e., containing at least one element, but got normalizedShape = []",
    );
  }
  checkParameter("weight", weight, normalized);
  checkParameter("bias", bias, normalized);
  if (!endsWith(x.shape, normalized)) {
    throw new RuntimeError(
      `Given normalizedShape=${
        showShape(normalized)
      }, expected input with shape [*${separator}${
        normalized.join(", ")
      }], but got input of size${showShape(x.shape)}`,
    );
  }
  return normalized;
}

/**
 * Gives the trailing dimensions of `normalizedShape` mean 0 and variance 1,
 * then applies weight and bias. See `torch.nn.functional.layer_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[1, 3], [8, 4]]);
 * assertEquals(F.layerNorm(x, 2, { eps: 0 }).tolist(), [[-1, 1], [1, -1]]);
 * ```
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: Size,
  options: LayerNormOptions = {},
): Tensor {
  checkOptions(options, ["weight", "bias", "eps"], "layerNorm");
  const { weight, bias, eps = 1e-5 } = options;
  const normalized = checkShapes(x, normalizedShape, weight, bias, ", ");
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"LayerNormKernelImpl" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  checkNormTypes(x, [weight, bias]);
  if ((weight ?? bias ?? x).info !== x.info || (bias ?? x).info !== x.info) {
    return layerNorm(x.float(), normalized, options).to(x.dtype);
  }
  return runAffineNorm(LAYER_NORM, x, weight, bias, {
    normalized,
    eps,
    tracked: wantsGradient(x, weight, bias),
    mean: null,
    scale: null,
    sumsOf: null,
    sums: null,
  });
}

/** Options of {@linkcode rmsNorm}. */
export interface RmsNormOptions {
  /** Factor of each element, of the normalised shape. */
  readonly weight?: Tensor;
  /** Added to the mean square; the distance from 1 to the next float where not given. */
  readonly eps?: number;
}

/**
 * Divides by the root of the mean square over the trailing dimensions of
 * `normalizedShape`, then applies the weight. See
 * `torch.nn.functional.rms_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([2, -2]);
 * assertEquals(F.rmsNorm(x, 2, { eps: 0 }).tolist(), [1, -1]);
 * ```
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: Size,
  options: RmsNormOptions = {},
): Tensor {
  checkOptions(options, ["weight", "eps"], "rmsNorm");
  const { weight } = options;
  const normalized = checkShapes(x, normalizedShape, weight, undefined, "");
  const eps = options.eps ??
    (partInfo(x.info).bytes === 8 ? 2 ** -52 : 2 ** -23);
  const first = x.shape.length - normalized.length;
  const dims = normalized.map((_, d) => first + d);
  const scale = x.pow(2).mean(dims, { keepdim: true }).add(eps).rsqrt();
  const out = x.mul(scale);
  return weight === undefined ? out : out.mul(weight);
}
