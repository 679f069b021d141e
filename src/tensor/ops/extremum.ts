// Largest and smallest elements: over any dimensions, along one with
// positions, and both at once. NaN wins everywhere.

import { IN0, OUT, OUT1 } from "../../grad/node.ts";
import {
  type AlongOptions,
  alongOptions,
  argAlong,
  evenlyBackward,
  extremesAlong,
  reshaped,
} from "../along_op.ts";
import type { ReduceKernel } from "../device.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { call } from "../expr.ts";
import {
  defineMulti,
  type MultiOp,
  runMulti,
  unrecorded,
} from "../kernel_op.ts";
import {
  defineReduce,
  fold,
  keepReduced,
  reduce,
  reducedDims,
  reduceKernel,
  type ReduceOptions,
  reduceOptions,
} from "../reduce_op.ts";
import { pickedBackward } from "../picked_op.ts";
import { type Named, named } from "../results.ts";
import { checkOptions, type Dims, normalizeDim, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of reductions that have no dtype. */
export interface KeepdimOptions {
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
}

const KEYS = ["keepdim"];

const LARGEST: ReduceKernel = reduceKernel({
  start: "lowest",
  step: (acc, x) => call("max", acc, x),
});

const SMALLEST: ReduceKernel = reduceKernel({
  start: "highest",
  step: (acc, x) => call("min", acc, x),
});

/** The gradient of an extreme value per group, evenly to the elements that have it. */
function sharedBackward(
  g: Tensor,
  x: Tensor,
  value: Tensor,
  o: ReduceOptions,
): Tensor {
  const mask = x.eq(keepReduced(value, o));
  const holders = mask.sum(o.dims, { keepdim: true });
  return keepReduced(g, o).mul(mask).div(holders);
}

const AMAX = defineReduce({
  name: "amax",
  start: "lowest",
  step: (acc, x) => call("max", acc, x),
  result: "same",
  needsElements: true,
  vjp: (g, n, o) => sharedBackward(g, n.input(0), n.output(), o),
  saves: IN0 | OUT,
  samples: [[1, 2, -3.5]],
});

/**
 * Largest element over all or some dimensions; its gradient is shared evenly
 * among equal elements. See `torch.amax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 5], [4, 2]]);
 * assertEquals(x.amax().item(), 5);
 * assertEquals(x.amax(1).tolist(), [5, 4]);
 * ```
 */
export function amax(
  x: Tensor,
  dim?: Dims | null,
  options: KeepdimOptions = {},
): Tensor {
  checkOptions(options, KEYS, "amax");
  return reduce(AMAX, x, dim, options.keepdim);
}

const AMIN = defineReduce({
  name: "amin",
  start: "highest",
  step: (acc, x) => call("min", acc, x),
  result: "same",
  needsElements: true,
  vjp: (g, n, o) => sharedBackward(g, n.input(0), n.output(), o),
  saves: IN0 | OUT,
  samples: [[1, 2, -3.5]],
});

/**
 * Smallest element over all or some dimensions; its gradient is shared evenly
 * among equal elements. See `torch.amin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 5], [4, 2]]).amin(0).tolist(), [1, 2]);
 * ```
 */
export function amin(
  x: Tensor,
  dim?: Dims | null,
  options: KeepdimOptions = {},
): Tensor {
  checkOptions(options, KEYS, "amin");
  return reduce(AMIN, x, dim, options.keepdim);
}

const AMINMAX = defineMulti<ReduceOptions>({
  name: "aminmax",
  forward: ([x], o) => {
    const dims = o.dims.length === 0 ? null : o.dims;
    return [SMALLEST, LARGEST].map((kernel) =>
      fold(kernel, x!.info, x!.info, x!, dims, o.keepdim)
    );
  },
  vjps: [(_g, n, o) => {
    const x = n.input(0);
    const [gmin, gmax] = n.grads!;
    const low = gmin ? sharedBackward(gmin, x, n.output(0), o) : null;
    const high = gmax ? sharedBackward(gmax, x, n.output(1), o) : null;
    return low === null ? high : high === null ? low : low.add(high);
  }],
  saves: [IN0 | OUT | OUT1],
});

/**
 * Smallest and largest element, over all dimensions or along one. See `torch.aminmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { min, max } = dg.tensor([3, 1, 2]).aminmax();
 * assertEquals([min.item(), max.item()], [1, 3]);
 * ```
 */
export function aminmax(
  x: Tensor,
  dim?: number | null,
  options: KeepdimOptions = {},
): Named<"min" | "max"> {
  checkOptions(options, KEYS, "aminmax");
  const dims = reducedDims(dim, x.shape.length);
  if (dims === null && x.count === 0) {
    throw new RuntimeError(
      "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.",
    );
  }
  if (dims !== null && x.shape[dims[0]!] === 0) {
    throw new IndexError(
      `aminmax: Expected reduction dim ${dims[0]} to have non-zero size.`,
      `the shape is ${showShape(x.shape)}`,
    );
  }
  const all = reduceOptions(x, dims, options.keepdim ?? false);
  const [min, max] = runMulti(AMINMAX, [x], all);
  return named({ min: min!, max: max! }, "aminmax");
}

function position(
  name: string,
  largest: boolean,
  x: Tensor,
  dim: number | null | undefined,
  options: KeepdimOptions,
): Tensor {
  checkOptions(options, KEYS, name);
  if (x.info.category === 0) {
    throw new RuntimeError(
      `${name}(): does not support bool input`,
      'convert it with to("uint8") first',
    );
  }
  const { keepdim = false } = options;
  if (dim != null) {
    const o = alongOptions(name, x, dim, keepdim);
    return argAlong(x, largest, o.dim, keepdim);
  }
  if (x.count === 0) {
    throw new IndexError(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0.`,
    );
  }
  return unrecorded(() => {
    const out = argAlong(x.reshape(-1), largest, 0, false);
    return keepdim ? reshaped(out, x.shape.map(() => 1)) : out;
  });
}

/**
 * Position of the largest element as int64, along a dimension or in the
 * flattened tensor; the first of equals. See `torch.argmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 5], [4, 2]]);
 * assertEquals(x.argmax().item(), 1);
 * assertEquals(x.argmax(1).tolist(), [1, 0]);
 * ```
 */
export function argmax(
  x: Tensor,
  dim?: number | null,
  options: KeepdimOptions = {},
): Tensor {
  return position("argmax", true, x, dim, options);
}

/**
 * Position of the smallest element as int64, along a dimension or in the
 * flattened tensor; the first of equals. See `torch.argmin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 5], [4, 2]]).argmin(0).tolist(), [0, 1]);
 * ```
 */
export function argmin(
  x: Tensor,
  dim?: number | null,
  options: KeepdimOptions = {},
): Tensor {
  return position("argmin", false, x, dim, options);
}

const MAX = defineReduce({
  name: "max",
  node: "MaxBackward1",
  start: "lowest",
  step: (acc, x) => call("max", acc, x),
  result: "same",
  needsElements: true,
  vjp: (g, n) => evenlyBackward(g, n.input(0), n.output()),
  saves: IN0 | OUT,
  samples: [[1, 2, -3.5]],
});

const MIN = defineReduce({
  name: "min",
  node: "MinBackward1",
  start: "highest",
  step: (acc, x) => call("min", acc, x),
  result: "same",
  needsElements: true,
  vjp: (g, n) => evenlyBackward(g, n.input(0), n.output()),
  saves: IN0 | OUT,
  samples: [[1, 2, -3.5]],
});

const MAX_ALONG = defineMulti<AlongOptions>({
  name: "max",
  forward: ([x], o) => extremesAlong(x!, true, o),
  vjps: [pickedBackward],
  saves: [OUT1],
});

const MIN_ALONG = defineMulti<AlongOptions>({
  name: "min",
  forward: ([x], o) => extremesAlong(x!, false, o),
  vjps: [pickedBackward],
  saves: [OUT1],
});

function along(
  op: MultiOp<AlongOptions>,
  x: Tensor,
  dim: number,
  options: KeepdimOptions,
): Named<"values" | "indices"> {
  checkOptions(options, KEYS, op.name);
  normalizeDim(dim, x.shape.length);
  const o = alongOptions(op.name, x, dim, options.keepdim ?? false);
  const [values, indices] = runMulti(op, [x], o);
  return named({ values: values!, indices: indices! }, op.name);
}

/**
 * Largest element of all; its gradient is shared evenly among equal elements.
 * See `torch.max`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 5], [4, 2]]);
 * assertEquals(x.max().item(), 5);
 * const { values, indices } = x.max(1);
 * assertEquals([values.tolist(), indices.tolist()], [[5, 4], [1, 0]]);
 * assertEquals(x.max(dg.tensor(3)).tolist(), [[3, 5], [4, 3]]);
 * ```
 */
export function max(x: Tensor, dim?: null): Tensor;
/** Largest elements along a dimension, with their positions; the first of equals. */
export function max(
  x: Tensor,
  dim: number,
  options?: KeepdimOptions,
): Named<"values" | "indices">;
/** The larger of two elements each; see `maximum`. */
export function max(x: Tensor, other: Tensor): Tensor;
export function max(
  x: Tensor,
  arg?: number | Tensor | null,
  options: KeepdimOptions = {},
): Tensor | Named<"values" | "indices"> {
  if (typeof arg === "number") return along(MAX_ALONG, x, arg, options);
  checkOptions(options, [], "max");
  return arg == null ? reduce(MAX, x) : x.maximum(arg);
}

/**
 * Smallest element of all; its gradient is shared evenly among equal elements.
 * See `torch.min`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 5], [4, 2]]);
 * assertEquals(x.min().item(), 1);
 * const [values, indices] = x.min(1);
 * assertEquals([values.tolist(), indices.tolist()], [[1, 2], [0, 1]]);
 * ```
 */
export function min(x: Tensor, dim?: null): Tensor;
/** Smallest elements along a dimension, with their positions; the first of equals. */
export function min(
  x: Tensor,
  dim: number,
  options?: KeepdimOptions,
): Named<"values" | "indices">;
/** The smaller of two elements each; see `minimum`. */
export function min(x: Tensor, other: Tensor): Tensor;
export function min(
  x: Tensor,
  arg?: number | Tensor | null,
  options: KeepdimOptions = {},
): Tensor | Named<"values" | "indices"> {
  if (typeof arg === "number") return along(MIN_ALONG, x, arg, options);
  checkOptions(options, [], "min");
  return arg == null ? reduce(MIN, x) : x.minimum(arg);
}
