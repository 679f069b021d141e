// Writing where tensors of indices point: the transpose of indexing by tensors.

import { checkReal } from "../complex_value.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { indicesOf, readIndexed, type Slots, slotsOf } from "../index_op.ts";
import {
  canPlan,
  type Indices,
  indicesBeside,
  writeIndexed,
} from "../index_plan.ts";
import { isMask } from "../indexing.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { castTo, commonDevice } from "../op.ts";
import { inplaceBy } from "../scattered.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Bits of all inputs but the first two. */
const INDICES = 0xfffc;

/** What the rules of {@linkcode indexPut} know. */
interface PutOptions {
  readonly slots: Slots;
  readonly accumulate: boolean;
}

const INDEX_PUT = defineKernel<PutOptions>({
  name: "indexPut",
  forward: (inputs, { slots, accumulate }) => {
    const out = inputs[0]!.clone();
    const values = castTo(inputs[1]!, out.info);
    writeIndexed(out, indicesOf(inputs, slots), values, accumulate);
    return out;
  },
  vjps: [
    (g, n, { slots, accumulate }) => {
      if (accumulate) return g;
      const indices = slots.map((k) => k === null ? null : n.input(k));
      return g.indexPut(indices, g.newZeros([]));
    },
    (g, n, { slots }) => {
      const indices = slots.map((k) => k === null ? null : n.input(k));
      return readIndexed(g, indices);
    },
  ],
  saves: [INDICES, INDICES],
});

/** Options of {@linkcode indexPut}. */
export interface IndexPutOptions {
  /** Adds to what is there; equal indices add up. */
  readonly accumulate?: boolean;
}

/** PyTorch fills what a single mask selects with a single value, which it converts. */
function fillsMask(
  indices: Indices,
  values: Tensor,
  { accumulate = false }: IndexPutOptions,
): boolean {
  if (values.count !== 1 || accumulate) return false;
  const tensors = indices.filter((index) => index !== null);
  return tensors.length === 1 && isMask(tensors[0]!);
}

function checkPut(
  x: Tensor,
  indices: Indices,
  values: Tensor,
  options: IndexPutOptions,
): void {
  if (indices.every((index) => index === null)) {
    throw new IndexError(
      "at least one index must be provided to indexPut",
    );
  }
  if (x.info === values.info) return;
  if (fillsMask(indices, values, options)) return checkReal(values, x.info);
  throw new RuntimeError(
    `Index put requires the source and destination dtypes match, got ${x.info.scalarName} for the destination and ${values.info.scalarName} for the source.`,
    `convert the values with to("${x.dtype}")`,
  );
}

/** The values where they are written; a single number comes from anywhere, as in PyTorch. */
function valuesBeside(x: Tensor, values: Tensor): Tensor {
  const { device } = x.storage;
  if (values.storage.device === device) return values;
  if (values.shape.length === 0) return values.to(device);
  commonDevice(x, values);
  return values;
}

/**
 * Writes `values` (broadcast) where `indices` point: one tensor of integers or
 * bool per dimension, null for a dimension taken whole. See `torch.index_put`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = dg.tensor([0, 1], { dtype: "int64" });
 * const y = dg.indexPut(dg.zeros([2, 2]), [rows, rows], dg.tensor([5, 6]));
 * assertEquals(y.tolist(), [[5, 0], [0, 6]]);
 * ```
 */
export function indexPut(
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options: IndexPutOptions = {},
): Tensor {
  checkOptions(options, ["accumulate"], "indexPut");
  checkPut(x, indices, values, options);
  values = valuesBeside(x, values);
  const [tensors, slots] = slotsOf(indicesBeside(x, indices), 2);
  const { accumulate = false } = options;
  return run(INDEX_PUT, [x, values, ...tensors], { slots, accumulate });
}

/** Writes in place; see {@linkcode indexPut}. */
export function indexPut_(
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options: IndexPutOptions = {},
): Tensor {
  checkOptions(options, ["accumulate"], "indexPut_");
  checkPut(x, indices, values, options);
  values = valuesBeside(x, values);
  indices = indicesBeside(x, indices);
  const put = (x: Tensor) => indexPut(x, indices, values, options);
  const others = [values, ...indices.filter((index) => index !== null)];
  if (!canPlan(x, indices)) return inplace(x, others, put);
  const { accumulate = false } = options;
  const write = () =>
    writeIndexed(x, indices, castTo(values, x.info), accumulate);
  return inplaceBy(x, others, put, write);
}
