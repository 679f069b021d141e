// Attention with several heads, as a function of its weights: what
// MultiheadAttention runs.

import { RuntimeError } from "../tensor/errors.ts";
import { noGrad } from "../grad/mode.ts";
import { scaledDotProductAttention } from "../tensor/ops/attention.ts";
import { dropout } from "../tensor/ops/dropout.ts";
import { cat } from "../tensor/ops/joining.ts";
import { linear } from "../tensor/ops/linear.ts";
import { pad } from "../tensor/ops/padding.ts";
import { checkOptions, sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a call of attention with several heads may say. */
export interface HeadOptions {
  /** Which keys to ignore, `[batch, S]` or `[S]`: true, or what is added to the products. */
  readonly keyPaddingMask?: Tensor | null;
  /** Whether to return the weights; true where not given. Without them it is faster. */
  readonly needWeights?: boolean;
  /** Which positions not to look at, `[L, S]` or `[batch * heads, L, S]`: true, or what is added to the products. */
  readonly attnMask?: Tensor | null;
  /** Whether the weights are averaged over the heads; true where not given. */
  readonly averageAttnWeights?: boolean;
  /** A hint that `attnMask` is causal. */
  readonly isCausal?: boolean;
}

/** Options of {@linkcode multiHeadAttentionForward}. */
export interface AttentionForwardOptions extends HeadOptions {
  /** Whether dropout happens; true where not given. */
  readonly training?: boolean;
  /** Whether the three weights are given one by one. */
  readonly useSeparateProjWeight?: boolean;
  /** Weight of the queries. */
  readonly qProjWeight?: Tensor | null;
  /** Weight of the keys. */
  readonly kProjWeight?: Tensor | null;
  /** Weight of the values. */
  readonly vProjWeight?: Tensor | null;
}

/** The options of a call, for error messages. */
export const HEAD_KEYS: readonly string[] = [
  "keyPaddingMask",
  "needWeights",
  "attnMask",
  "averageAttnWeights",
  "isCausal",
];

const KEYS = [
  ...HEAD_KEYS,
  "training",
  "useSeparateProjWeight",
  "qProjWeight",
  "kProjWeight",
  "vProjWeight",
];

/** Queries, keys and values. */
type Three = [Tensor, Tensor, Tensor];

function fail(message: string): never {
  throw new RuntimeError(message);
}

/** Whether there is a dimension of the batch. */
function checkShapes(
  [query, key, value]: Three,
  padding: Tensor | null,
  mask: Tensor | null,
  heads: number,
): boolean {
  const rank = query.shape.length;
  if (rank !== 2 && rank !== 3) {
    fail(
      `query should be unbatched 2D or batched 3D tensor but received ${rank}-D query tensor`,
    );
  }
  const given = rank === 3 ? "batched (3-D)" : "unbatched (2-D)";
  const ranks = [key.shape.length, value.shape.length];
  if (ranks.some((r) => r !== rank)) {
    fail(
      `For ${given} \`query\`, expected \`key\` and \`value\` to be ${rank}-D but found ${
        ranks[0]
      }-D and ${ranks[1]}-D tensors respectively`,
    );
  }
  if (padding !== null && padding.shape.length !== rank - 1) {
    fail(
      `For ${given} \`query\`, expected \`keyPaddingMask\` to be \`null\` or ${
        rank - 1
      }-D but found ${padding.shape.length}-D tensor instead`,
    );
  }
  const maskRank = mask?.shape.length ?? 2;
  if (maskRank !== 2 && maskRank !== 3) {
    fail(
      `For ${given} \`query\`, expected \`attnMask\` to be \`null\`, 2-D or 3-D but found ${maskRank}-D tensor instead`,
    );
  }
  if (rank === 2 && maskRank === 3) {
    const expected = [heads, query.shape[0]!, key.shape[0]!];
    if (!sameShape(mask!.shape, expected)) {
      fail(
        `Expected \`attnMask\` shape to be ${showShape(expected)} but got ${
          showShape(mask!.shape)
        }`,
      );
    }
  }
  return rank === 3;
}

/** A mask as what is added to the products. */
function additive(
  mask: Tensor | null,
  name: string,
  like: Tensor,
): Tensor | null {
  if (mask === null || mask.dtype.includes("float")) return mask;
  if (mask.dtype !== "bool") {
    fail(`only bool and floating types of ${name} are supported`);
  }
  return noGrad(() => like.newZeros(mask.shape).maskedFill(mask, -Infinity));
}

/** Queries, keys and values times one weight of three blocks. */
function projectTogether(
  [query, key, value]: Three,
  weight: Tensor,
  bias: Tensor | null,
): Three {
  const size = query.shape.at(-1)!;
  if (query === key && key === value) {
    return linear(query, weight, { bias }).chunk(3, -1) as Three;
  }
  if (key === value) {
    const parts = bias?.split([size, 2 * size]);
    const [first, rest] = weight.split([size, 2 * size]) as [Tensor, Tensor];
    const q = linear(query, first, { bias: parts?.[0] ?? null });
    const both = linear(key, rest, { bias: parts?.[1] ?? null });
    return [q, ...both.chunk(2, -1) as [Tensor, Tensor]];
  }
  return projectApart([query, key, value], weight.chunk(3) as Three, bias);
}

/** Queries, keys and values times a weight each. */
function projectApart(
  inputs: Three,
  weights: Three,
  bias: Tensor | null,
): Three {
  const biases = bias?.chunk(3);
  return inputs.map((x, k) =>
    linear(x, weights[k]!, { bias: biases?.[k] ?? null })
  ) as Three;
}

function checkMask(
  mask: Tensor,
  batch: number,
  length: number,
  source: number,
): Tensor {
  const rank = mask.shape.length;
  const expected = rank === 2 ? [length, source] : [batch, length, source];
  if (!sameShape(mask.shape, expected)) {
    fail(
      `The shape of the ${rank}D attnMask is ${
        showShape(mask.shape)
      }, but should be ${showShape(expected)}.`,
    );
  }
  return rank === 2 ? mask.unsqueeze(0) : mask;
}

/**
 * Attention with several heads: projects queries `[L, batch, E]`, keys and
 * values `[S, batch, ...]`, attends in each head, joins the heads and projects
 * the result. Returns it and the weights, or null in their place. See
 * `torch.nn.functional.multi_head_attention_forward`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.ones([3, 1, 2]);
 * const weight = dg.cat([dg.eye(2), dg.eye(2), dg.eye(2)]);
 * const [y] = F.multiHeadAttentionForward(
 *   ...[x, x, x, 2, 1] as const,
 *   ...[weight, null, null, null, false, 0, dg.eye(2), null] as const,
 * );
 * assertEquals(y.shape, [3, 1, 2]);
 * ```
 */
export function multiHeadAttentionForward(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  embedDimToCheck: number,
  numHeads: number,
  inProjWeight: Tensor | null,
  inProjBias: Tensor | null,
  biasK: Tensor | null,
  biasV: Tensor | null,
  addZeroAttn: boolean,
  dropoutP: number,
  outProjWeight: Tensor,
  outProjBias: Tensor | null,
  options: AttentionForwardOptions = {},
): [Tensor, Tensor | null] {
  checkOptions(options, KEYS, "multiHeadAttentionForward");
  const { needWeights = true, averageAttnWeights = true, training = true } =
    options;
  let padding = options.keyPaddingMask ?? null;
  let mask = options.attnMask ?? null;
  let causal = options.isCausal ?? false;
  const batched = checkShapes([query, key, value], padding, mask, numHeads);
  let inputs: Three = [query, key, value];
  if (!batched) {
    // What is one tensor stays one: then one product gives all three.
    const seen = new Map<Tensor, Tensor>();
    for (const x of inputs) if (!seen.has(x)) seen.set(x, x.unsqueeze(1));
    inputs = inputs.map((x) => seen.get(x)!) as Three;
    padding = padding?.unsqueeze(0) ?? null;
  }
  const [length, batch, width] = inputs[0].shape as [number, number, number];
  padding = additive(padding, "keyPaddingMask", query);
  if (causal && mask === null) {
    fail(
      "Need attnMask if specifying the isCausal hint. You may use the Transformer module method `generateSquareSubsequentMask` to create this mask.",
    );
  }
  if (causal && padding === null && !needWeights) mask = null;
  else {
    mask = additive(mask, "attnMask", query);
    causal = false;
  }
  if (width !== embedDimToCheck) {
    fail(
      `was expecting embedding dimension of ${embedDimToCheck}, but got ${width}`,
    );
  }
  const size = Math.floor(width / numHeads);
  if (size * numHeads !== width) {
    fail(`embedDim ${width} not divisible by numHeads ${numHeads}`);
  }
  let [q, k, v] = project(inputs, inProjWeight, inProjBias, options);
  const all = batch * numHeads;
  if (mask !== null) mask = checkMask(mask, all, length, k.shape[0]!);
  const widen = (x: Tensor | null) => x === null ? null : pad(x, [0, 1]);
  if (biasK !== null && biasV !== null) {
    k = cat([k, biasK.expand([1, batch, width])]);
    v = cat([v, biasV.expand([1, batch, width])]);
    mask = widen(mask);
    padding = widen(padding);
  }
  const split = (x: Tensor) =>
    x.reshape([x.shape[0]!, all, size]).transpose(0, 1);
  [q, k, v] = [split(q), split(k), split(v)];
  if (addZeroAttn) {
    const zeros = k.newZeros([all, 1, size]);
    k = cat([k, zeros], 1);
    v = cat([v, zeros], 1);
    mask = widen(mask);
    padding = widen(padding);
  }
  const source = k.shape[1]!;
  if (padding !== null) {
    const merged = mergedPadding(padding, batch, numHeads, source);
    mask = mask === null ? merged : mask.add(merged);
  }
  const p = training ? dropoutP : 0;
  const join = (x: Tensor) => {
    const out = linear(x, outProjWeight, { bias: outProjBias })
      .reshape([length, batch, -1]);
    return batched ? out : out.squeeze(1);
  };
  if (needWeights) {
    const scaled = q.mul(Math.sqrt(1 / size));
    const turned = k.transpose(-2, -1);
    const sums = mask === null
      ? scaled.bmm(turned)
      : mask.baddbmm(scaled, turned);
    let weights = sums.softmax(-1);
    if (p > 0) weights = dropout(weights, { p });
    const rows = weights.bmm(v).transpose(0, 1)
      .reshape([length * batch, width]);
    let shown = weights.reshape([batch, numHeads, length, source]);
    if (averageAttnWeights) shown = shown.mean(1);
    return [join(rows), batched ? shown : shown.squeeze(0)];
  }
  const heads = (x: Tensor) => x.unflatten(0, [batch, numHeads]);
  const attnMask = mask === null
    ? null
    : mask.shape[0] === 1
    ? mask.unsqueeze(0)
    : mask.reshape([batch, numHeads, -1, source]);
  const out = scaledDotProductAttention(heads(q), heads(k), heads(v), {
    attnMask,
    dropoutP: p,
    isCausal: causal,
  });
  return [
    join(out.permute([2, 0, 1, 3]).reshape([length * batch, width])),
    null,
  ];
}

function project(
  inputs: Three,
  weight: Tensor | null,
  bias: Tensor | null,
  options: AttentionForwardOptions,
): Three {
  const [, key, value] = inputs;
  if (options.useSeparateProjWeight) {
    if (!sameShape(key.shape.slice(0, 2), value.shape.slice(0, 2))) {
      fail(
        `key's sequence and batch dims ${
          showShape(key.shape.slice(0, 2))
        } do not match value's ${showShape(value.shape.slice(0, 2))}`,
      );
    }
    const { qProjWeight, kProjWeight, vProjWeight } = options;
    if (!qProjWeight || !kProjWeight || !vProjWeight) {
      fail("useSeparateProjWeight is true but a weight is null");
    }
    return projectApart(inputs, [qProjWeight, kProjWeight, vProjWeight], bias);
  }
  if (!sameShape(key.shape, value.shape)) {
    fail(
      `key shape ${showShape(key.shape)} does not match value shape ${
        showShape(value.shape)
      }`,
    );
  }
  if (weight === null) {
    fail("useSeparateProjWeight is false but inProjWeight is null");
  }
  return projectTogether(inputs, weight, bias);
}

/** What padding adds to the products of each head, `[batch * heads, 1, S]`. */
function mergedPadding(
  padding: Tensor,
  batch: number,
  heads: number,
  source: number,
): Tensor {
  for (const [dim, size] of [batch, source].entries()) {
    if (padding.shape[dim] === size) continue;
    fail(
      `Expected key_padded_mask.shape[${dim}] to be ${size}, but got ${
        padding.shape[dim]
      }`,
    );
  }
  return padding.reshape([batch, 1, 1, source])
    .expand([batch, heads, 1, source])
    .reshape([batch * heads, 1, source]);
}
