// The larger and the smaller of two tensors, and the positive part. Where both
// are equal the gradient goes half to each, as in PyTorch.

import { IN0, IN1, OUT, type Vjp } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { call } from "../expr.ts";
import { defineMap, map1, map2, mapInto1, type MapOp } from "../map_op.ts";
import { type Operand, ZERO_VJP } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { slopeRule } from "../slope_op.ts";
import { where } from "./where.ts";

/** The gradient of one that shares it where both are equal and loses it where the other wins, by `order`. */
function halved(
  name: string,
  order: "lt" | "gt",
): Vjp<readonly number[]> {
  return slopeRule(name, [IN0, IN1], (g, x, y) => {
    const half = call("select", call("eq", x!, y!), call("div", g, 2), g);
    return call("select", call(order, x!, y!), 0, half);
  }, (g, n) => {
    const [x, y] = [n.input(0), n.input(1)];
    return where(x[order](y), 0, where(x.eq(y), g.div(2), g));
  });
}

const MAXIMUM = defineMap({
  name: "maximum",
  arity: 2,
  kernel: (x, y) => call("max", x, y),
  vjps: [halved("maximum", "lt"), halved("maximum", "gt")],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [3, -0.5]],
});

/**
 * The larger of two elements; NaN if either is. See `torch.maximum`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.maximum(dg.tensor([1, -2]), 0).tolist(), [1, 0]);
 * ```
 */
export function maximum(x: Operand, y: Operand): Tensor {
  return map2(MAXIMUM, x, y);
}

const MINIMUM = defineMap({
  name: "minimum",
  arity: 2,
  kernel: (x, y) => call("min", x, y),
  vjps: [halved("minimum", "gt"), halved("minimum", "lt")],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [3, -0.5]],
});

/**
 * The smaller of two elements; NaN if either is. See `torch.minimum`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.minimum(dg.tensor([1, -2]), 0).tolist(), [0, -2]);
 * ```
 */
export function minimum(x: Operand, y: Operand): Tensor {
  return map2(MINIMUM, x, y);
}

/** The op that prefers a number to NaN; the first operand wins where both are equal. */
function ignoringNan(name: "fmax" | "fmin", order: "ge" | "le"): MapOp {
  const wins = (x: Tensor, y: Tensor): Tensor =>
    x[order](y).logicalOr(y.isnan());
  return defineMap({
    name,
    arity: 2,
    kernel: (x, y) =>
      call("select", call("or", call(order, x, y), call("ne", y, y)), x, y),
    vjps: [
      (g, n) => where(wins(n.input(0), n.input(1)), g, 0),
      (g, n) => where(wins(n.input(0), n.input(1)), 0, g),
    ],
    saves: [IN0 | IN1, IN0 | IN1],
    samples: [[1, 2], [3, -0.5]],
  });
}

const FMAX = ignoringNan("fmax", "ge");
const FMIN = ignoringNan("fmin", "le");

/**
 * The larger of two elements; NaN only if both are. See `torch.fmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fmax(dg.tensor([1, NaN]), dg.tensor([2, 0])).tolist(), [2, 0]);
 * ```
 */
export function fmax(x: Operand, y: Operand): Tensor {
  return map2(FMAX, x, y);
}

/**
 * The smaller of two elements; NaN only if both are. See `torch.fmin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fmin(dg.tensor([1, NaN]), dg.tensor([2, 0])).tolist(), [1, 0]);
 * ```
 */
export function fmin(x: Operand, y: Operand): Tensor {
  return map2(FMIN, x, y);
}

/** The gradient of {@linkcode relu}. An op of its own, so that the gradient can be differentiated by the input as well: that is zero. */
const THRESHOLD: MapOp = defineMap({
  name: "thresholdBackward",
  node: "ThresholdBackwardBackward0",
  arity: 2,
  kernel: (g, y) => call("select", call("le", y, 0), 0, g),
  vjps: [(g, n) => map2(THRESHOLD, g, n.input(1)), ZERO_VJP],
  saves: [IN1, 0],
  samples: [[1, 2], [-2.5, -1]],
});

const RELU = defineMap({
  name: "relu",
  arity: 1,
  check: (info) => {
    if (info.category === 0) {
      throw new RuntimeError("Boolean inputs not supported for relu");
    }
  },
  // Not `max`: a negative zero stays one, as does NaN.
  kernel: (x) => call("select", call("lt", x, 0), 0, x),
  vjps: [(g, n) => map2(THRESHOLD, g, n.output())],
  saves: [OUT],
  samples: [[1], [-2.5]],
});

/**
 * The positive part: negative elements become 0; the derivative at 0 is 0. See
 * `torch.relu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.relu(dg.tensor([1, -2])).tolist(), [1, 0]);
 * ```
 */
export function relu(x: Tensor): Tensor {
  return map1(RELU, x);
}

/** Takes the positive part in place; see {@linkcode relu}. */
export function relu_(x: Tensor): Tensor {
  return mapInto1(RELU, x);
}
