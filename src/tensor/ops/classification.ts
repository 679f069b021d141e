// Which elements are NaN, infinite, finite: tests of one tensor. The results
// are bool and have no gradient.

import { BOOL } from "../dtype.ts";
import { call } from "../expr.ts";
import { inputInfo } from "../is_tensor.ts";
import { defineMap, map1 } from "../map_op.ts";
import { emptyTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const ISNAN = defineMap({
  name: "isnan",
  arity: 1,
  kernel: (x) => call("ne", x, x),
  samples: [[0], [NaN]],
});

/**
 * Tells which elements are NaN. See `torch.isnan`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([NaN, 1]).isnan().tolist(), [true, false]);
 * ```
 */
export function isnan(x: Tensor): Tensor {
  return map1(ISNAN, x);
}

const ISINF = defineMap({
  name: "isinf",
  arity: 1,
  float: true,
  kernel: (x) => call("eq", call("abs", x), Infinity),
  samples: [[0], [NaN], [-Infinity]],
});

/**
 * Tells which elements are infinite. See `torch.isinf`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([-Infinity, 1]).isinf().tolist(), [true, false]);
 * ```
 */
export function isinf(x: Tensor): Tensor {
  if (inputInfo(x, "isinf").category === 3) {
    return x.real.isinf().logicalOr(x.imag.isinf());
  }
  return map1(ISINF, x);
}

const ISFINITE = defineMap({
  name: "isfinite",
  arity: 1,
  float: true,
  kernel: (x) => call("lt", call("abs", x), Infinity),
  samples: [[0], [NaN], [-Infinity]],
});

/**
 * Tells which elements are neither NaN nor infinite. See `torch.isfinite`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([-Infinity, 1]).isfinite().tolist(), [false, true]);
 * ```
 */
export function isfinite(x: Tensor): Tensor {
  if (inputInfo(x, "isfinite").category === 3) {
    return x.real.isfinite().logicalAnd(x.imag.isfinite());
  }
  return map1(ISFINITE, x);
}

const ISPOSINF = defineMap({
  name: "isposinf",
  arity: 1,
  float: true,
  kernel: (x) => call("eq", x, Infinity),
  samples: [[0], [Infinity], [-Infinity]],
});

/**
 * Tells which elements are positive infinity. See `torch.isposinf`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([Infinity, -Infinity]).isposinf().tolist(), [true, false]);
 * ```
 */
export function isposinf(x: Tensor): Tensor {
  return map1(ISPOSINF, x);
}

const ISNEGINF = defineMap({
  name: "isneginf",
  arity: 1,
  float: true,
  kernel: (x) => call("eq", x, -Infinity),
  samples: [[0], [Infinity], [-Infinity]],
});

/**
 * Tells which elements are negative infinity. See `torch.isneginf`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([Infinity, -Infinity]).isneginf().tolist(), [false, true]);
 * ```
 */
export function isneginf(x: Tensor): Tensor {
  return map1(ISNEGINF, x);
}

/**
 * Tells which elements are real numbers: all of a real tensor, and of a complex
 * one those whose imaginary part is 0. See `torch.isreal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, NaN]).isreal().tolist(), [true, true]);
 * ```
 */
export function isreal(x: Tensor): Tensor {
  if (inputInfo(x, "isreal").category === 3) return x.imag.eq(0);
  const out = emptyTensor(x.storage.device, BOOL, x.shape);
  out.storage.device.fill(out, 1);
  return out;
}
