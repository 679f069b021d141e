// Scaled dot product attention.

import { hostDevice } from "../device.ts";
import { RuntimeError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { dropout } from "./dropout.ts";

/** Options of {@linkcode scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Added to the products, or, if it is bool, says which positions are looked at; broadcasts to `[..., L, S]`. */
  readonly attnMask?: Tensor | null;
  /** Probability of a weight to become zero; 0 where not given. */
  readonly dropoutP?: number;
  /** Whether each position looks only at those up to its own. */
  readonly isCausal?: boolean;
  /** Factor of the products; one over the square root of the last dimension where not given. */
  readonly scale?: number;
  /** Whether several heads of the queries share one of keys and values. */
  readonly enableGqa?: boolean;
}

const KEYS = ["attnMask", "dropoutP", "isCausal", "scale", "enableGqa"];

/**
 * Attention: `softmax(query @ key.T * scale + mask) @ value` over the last two
 * dimensions, for queries `[..., L, E]`, keys `[..., S, E]` and values
 * `[..., S, V]`. A row that may look at nothing gives zeros. See
 * `torch.nn.functional.scaled_dot_product_attention`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const query = dg.zeros([1, 2, 4]);
 * const value = dg.tensor([[[1], [3]]]);
 * const options = { isCausal: true };
 * const y = F.scaledDotProductAttention(query, query, value, options);
 * assertEquals(y.tolist(), [[[1], [2]]]);
 * ```
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  checkOptions(options, KEYS, "scaledDotProductAttention");
  const { dropoutP = 0, isCausal = false, enableGqa = false } = options;
  const mask = options.attnMask ?? null;
  checkOperands(query, key, value, mask);
  if (isCausal && mask !== null) {
    throw new RuntimeError(
      "_scaled_dot_product_attention: Explicit attnMask should not be set when isCausal=true",
    );
  }
  const heads = enableGqa ? repeatHeads(query, key, value) : [key, value];
  const [k, v] = heads as [Tensor, Tensor];
  const width = query.shape.at(-1)!;
  // Both sides are scaled, as in PyTorch, so that no product overflows first.
  const scale = options.scale ?? 1 / Math.sqrt(width);
  const factor = Math.sqrt(Math.abs(scale));
  const q = query.mul(scale < 0 ? -factor : factor);
  const scores = q.matmul(k.transpose(-2, -1).mul(factor));
  let weights = isCausal
    ? scores.add(causalBias(query, key)).softmax(-1)
    : mask === null
    ? scores.softmax(-1)
    : maskedSoftmax(scores, mask.dtype === "bool" ? biasOf(mask, query) : mask);
  if (dropoutP > 0) weights = dropout(weights, { p: dropoutP });
  return weights.matmul(v);
}

function checkOperands(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
): void {
  const { info } = query;
  if (info !== key.info || info !== value.info) {
    throw new RuntimeError(
      `Expected query, key, and value to have the same dtype, but got query.dtype: ${
        typeName(query)
      } key.dtype: ${typeName(key)} and value.dtype: ${
        typeName(value)
      } instead.`,
      "convert them with to()",
    );
  }
  const ranks = [query, key, value].map((x) => x.shape.length);
  if (ranks.some((rank) => rank < 2)) {
    throw new RuntimeError(
      `Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: ${
        ranks[0]
      } key.dim: ${ranks[1]} and value.dim: ${ranks[2]} instead.`,
    );
  }
  if (mask === null || mask.dtype === "bool" || mask.info === info) return;
  if (mask.dtype === "float32") return;
  throw new RuntimeError(
    `Expected attnMask dtype to be bool or float or to match query dtype, but got attnMask.dtype: ${
      typeName(mask)
    } and  query.dtype: ${typeName(query)} instead.`,
  );
}

/** The type's name in C++, which PyTorch shows here. */
function typeName({ info }: Tensor): string {
  return info.scalarName.toLowerCase();
}

function repeatHeads(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
  const heads = query.shape.at(-3)!;
  return [key, value].map((x) => {
    const own = x.shape.at(-3)!;
    if (heads === undefined || own === undefined || heads % own !== 0) {
      throw new RuntimeError(
        "Number of heads in key and value must divide the number of heads in query",
      );
    }
    return own === heads ? x : x.repeatInterleave(heads / own, -3);
  });
}

/** Zero where a position is looked at, else minus infinity. */
function biasOf(mask: Tensor, like: Tensor): Tensor {
  return unrecorded(() =>
    like.newZeros(mask.shape).maskedFill(mask.logicalNot(), -Infinity)
  );
}

function causalBias(query: Tensor, key: Tensor): Tensor {
  const shape = [query.shape.at(-2)!, key.shape.at(-2)!];
  return unrecorded(() =>
    query.newFull(shape, -Infinity).triu({ diagonal: 1 })
  );
}

/** Softmax in which rows that look at nothing are zeros, with gradients of zero. */
function maskedSoftmax(scores: Tensor, bias: Tensor): Tensor {
  const blind = unrecorded(() => bias.eq(-Infinity).all(-1, { keepdim: true }));
  const sums = scores.add(
    bias.info === scores.info ? bias : bias.to(scores.dtype),
  );
  // Other devices would have to be waited for, to save two passes.
  const near = blind.storage.device === hostDevice();
  if (near && !unrecorded(() => Boolean(blind.any().item()))) {
    return sums.softmax(-1);
  }
  return sums.maskedFill(blind, 0).softmax(-1).maskedFill(blind, 0);
}
