// Joining tensors along a dimension, and the forms of it with names of their own.

import type { Vjp } from "../../grad/node.ts";
import { checkArray } from "../arguments.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  commonDeviceOf,
  emptyTensor,
  resultInfoOf,
  stridedLike,
} from "../op.ts";
import { normalizeDim, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { isDense } from "../view.ts";
import { atleast1d, atleast2d, atleast3d } from "./unit_dimensions.ts";

/** Where each input lies along the dimension; skipped ones are the old-fashioned empties of shape [0]. */
interface CatOptions {
  readonly dim: number;
  readonly starts: readonly number[];
  readonly lengths: readonly (number | null)[];
  readonly shape: readonly number[];
}

/** Rules for as many inputs as were ever joined at once: they differ in the input's number only. */
const CAT_VJPS: Vjp<CatOptions>[] = [];
const STACK_VJPS: Vjp<number>[] = [];

function catVjp(k: number): Vjp<CatOptions> {
  return (g, _n, { dim, starts, lengths }) => {
    const length = lengths[k]!;
    if (length === null) return g.newZeros([0]);
    return g.narrow(dim, starts[k]!, length);
  };
}

function stackVjp(k: number): Vjp<number> {
  return (g, _n, dim) => g.select(dim, k);
}

const CAT = defineKernel<CatOptions>({
  name: "cat",
  forward: (inputs, { dim, starts, lengths, shape }) => {
    const device = commonDeviceOf(inputs);
    const out = emptyTensor(device, resultInfoOf(inputs), shape);
    inputs.forEach((x, k) => {
      if (lengths[k] === null || x.count === 0) return;
      const offset = starts[k]! * out.strides[dim]!;
      const dense = isDense(x.shape, out.strides);
      device.copy(stridedLike(out, x.shape, out.strides, offset, dense), x);
    });
    return out;
  },
  vjps: CAT_VJPS,
});

/**
 * Joins tensors along an existing dimension; shapes agree in all others, types
 * promote. See `torch.cat`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2]]);
 * assertEquals(dg.cat([x, x]).tolist(), [[1, 2], [1, 2]]);
 * assertEquals(dg.cat([x, x], 1).tolist(), [[1, 2, 1, 2]]);
 * ```
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  checkArray(tensors, "cat", "tensors");
  if (tensors.length === 0) {
    throw new ValueError("cat(): expected a non-empty list of Tensors");
  }
  const skipped = (x: Tensor) => x.shape.length === 1 && x.shape[0] === 0;
  const zero = tensors.findIndex((x) => x.shape.length === 0);
  if (zero >= 0) {
    throw new RuntimeError(
      `zero-dimensional tensor (at position ${zero}) cannot be concatenated`,
      "stack() joins 0-d tensors",
    );
  }
  const model = tensors.find((x) => !skipped(x)) ?? tensors[0]!;
  const at = normalizeDim(dim, model.shape.length);
  const starts: number[] = [];
  const lengths: (number | null)[] = [];
  let total = 0;
  tensors.forEach((x, k) => {
    starts.push(total);
    if (skipped(x) && model.shape.length !== 1) {
      lengths.push(null);
      return;
    }
    checkJoin(model, x, at, k);
    lengths.push(x.shape[at]!);
    total += x.shape[at]!;
  });
  while (CAT_VJPS.length < tensors.length) {
    CAT_VJPS.push(catVjp(CAT_VJPS.length));
  }
  const shape = model.shape.with(at, total);
  return run(CAT, tensors, { dim: at, starts, lengths, shape });
}

function checkJoin(model: Tensor, x: Tensor, dim: number, k: number): void {
  if (x.shape.length !== model.shape.length) {
    throw new RuntimeError(
      `Tensors must have same number of dimensions: got ${model.shape.length} and ${x.shape.length}`,
    );
  }
  for (let d = 0; d < x.shape.length; d++) {
    if (d === dim || x.shape[d] === model.shape[d]) continue;
    throw new RuntimeError(
      `Sizes of tensors must match except in dimension ${dim}. Expected size ${
        model.shape[d]
      } but got size ${x.shape[d]} for tensor number ${k} in the list.`,
      `the shapes are ${showShape(model.shape)} and ${showShape(x.shape)}`,
    );
  }
}

/**
 * Joins tensors along an existing dimension: another name of {@linkcode cat}. See `torch.concat`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.concat([dg.ones(1), dg.zeros(1)]).tolist(), [1, 0]);
 * ```
 */
export function concat(tensors: readonly Tensor[], dim = 0): Tensor {
  return cat(tensors, dim);
}

/**
 * Joins tensors along an existing dimension: another name of {@linkcode cat}. See `torch.concatenate`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.concatenate([dg.ones(1), dg.zeros(1)]).tolist(), [1, 0]);
 * ```
 */
export function concatenate(tensors: readonly Tensor[], dim = 0): Tensor {
  return cat(tensors, dim);
}

const STACK = defineKernel<number>({
  name: "stack",
  forward: (inputs, dim) => {
    const device = commonDeviceOf(inputs);
    const { shape } = inputs[0]!;
    const out = emptyTensor(
      device,
      resultInfoOf(inputs),
      shape.toSpliced(dim, 0, inputs.length),
    );
    const strides = out.strides.toSpliced(dim, 1);
    const dense = isDense(shape, strides);
    inputs.forEach((x, k) => {
      const offset = k * out.strides[dim]!;
      device.copy(stridedLike(out, shape, strides, offset, dense), x);
    });
    return out;
  },
  vjps: STACK_VJPS,
});

/**
 * Joins tensors of one shape along a new dimension; types promote. See `torch.stack`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(dg.stack([x, x]).tolist(), [[1, 2], [1, 2]]);
 * assertEquals(dg.stack([x, x], 1).tolist(), [[1, 1], [2, 2]]);
 * ```
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkArray(tensors, "stack", "tensors");
  const first = tensors[0];
  if (first === undefined) {
    throw new RuntimeError("stack expects a non-empty TensorList");
  }
  tensors.forEach((x, k) => {
    if (sameShape(x.shape, first.shape)) return;
    throw new RuntimeError(
      `stack expects each tensor to be equal size, but got ${
        showShape(first.shape)
      } at entry 0 and ${showShape(x.shape)} at entry ${k}`,
    );
  });
  const at = normalizeDim(dim, first.shape.length + 1);
  while (STACK_VJPS.length < tensors.length) {
    STACK_VJPS.push(stackVjp(STACK_VJPS.length));
  }
  return run(STACK, tensors, at);
}

/**
 * Joins tensors along the second dimension, vectors along the first. See `torch.hstack`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.hstack([dg.ones([2, 1]), dg.zeros([2, 1])]).tolist(), [[1, 0], [1, 0]]);
 * ```
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const parts = nonEmpty("hstack", tensors).map(atleast1d);
  return cat(parts, parts[0]!.shape.length === 1 ? 0 : 1);
}

function nonEmpty(name: string, tensors: readonly Tensor[]): readonly Tensor[] {
  checkArray(tensors, name, "tensors");
  if (tensors.length === 0) {
    throw new RuntimeError(`${name} expects a non-empty TensorList`);
  }
  return tensors;
}

/**
 * Joins tensors along the first dimension; vectors are rows. See `torch.vstack`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.vstack([dg.ones(2), dg.zeros(2)]).tolist(), [[1, 1], [0, 0]]);
 * ```
 */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return cat(nonEmpty("vstack", tensors).map(atleast2d), 0);
}

/**
 * Joins tensors along the first dimension: another name of {@linkcode vstack}. See `torch.row_stack`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.rowStack([dg.ones(2), dg.zeros(2)]).tolist(), [[1, 1], [0, 0]]);
 * ```
 */
export function rowStack(tensors: readonly Tensor[]): Tensor {
  return vstack(tensors);
}

/**
 * Joins tensors along the third dimension, after {@linkcode atleast3d}. See `torch.dstack`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.dstack([dg.ones(2), dg.zeros(2)]).tolist(), [[[1, 0], [1, 0]]]);
 * ```
 */
export function dstack(tensors: readonly Tensor[]): Tensor {
  return cat(nonEmpty("dstack", tensors).map(atleast3d), 2);
}

/**
 * Joins tensors along the second dimension; vectors are columns. See `torch.column_stack`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.columnStack([dg.ones(2), dg.zeros(2)]).tolist(), [[1, 0], [1, 0]]);
 * ```
 */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  const columns = nonEmpty("column_stack", tensors).map((x) =>
    x.shape.length <= 1 ? x.reshape([x.count, 1]) : x
  );
  return cat(columns, 1);
}
