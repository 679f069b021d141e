// Elements by a function of the caller's, one at a time, on the host. Slow, and
// without a gradient, as in PyTorch.

import { checkNotComplex } from "../complex_refusal.ts";
import { FLOAT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { castTo, emptyTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** The elements as numbers, row-major. */
function numbersOf(x: Tensor): Float64Array {
  // bfloat16 is read as its bits.
  const plain = x.dtype === "bfloat16" ? castTo(x, FLOAT32) : x;
  const values = plain.storage.device.read(plain);
  return Float64Array.from(values as ArrayLike<number | bigint>, Number);
}

function store(x: Tensor, values: Float64Array): Tensor {
  const out = emptyTensor(x.storage.device, x.info, x.shape);
  out.storage.device.write(
    out,
    x.info.bytes === 8 && x.info.category === 1
      ? BigInt64Array.from(values, (v) => BigInt(Math.trunc(v)))
      : values,
  );
  return unrecorded(() => x.copy_(out));
}

function checkUntracked(x: Tensor, name: string): void {
  if (!x.requiresGrad) return;
  throw new RuntimeError(
    `Can't call ${name}() on Variable that requires grad. Use var.detach().${name}() instead.`,
  );
}

/**
 * Replaces each element by what a function makes of it, in place, one at a time
 * on the host: for what no op computes. See `torch.Tensor.apply_`.
 */
export function apply_(
  x: Tensor,
  callable: (element: number) => number,
): Tensor {
  checkUntracked(x, "apply_");
  checkNotComplex("apply_", x.info);
  return store(x, numbersOf(x).map((v) => callable(v)));
}

/**
 * Replaces each element by what a function makes of it and of the element of
 * another tensor, in place, one pair at a time on the host. The shapes are
 * broadcast to that of `x`. See `torch.Tensor.map_`.
 */
export function map_(
  x: Tensor,
  tensor: Tensor,
  callable: (element: number, other: number) => number,
): Tensor {
  checkUntracked(x, "map_");
  checkUntracked(tensor, "map_");
  checkNotComplex("map_", x.info, tensor.info);
  const others = numbersOf(unrecorded(() => tensor.expand(x.shape)));
  return store(x, numbersOf(x).map((v, i) => callable(v, others[i]!)));
}
