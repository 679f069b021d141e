// Comparisons: the results are bool and have no gradient.

import { call } from "../expr.ts";
import { defineMap, map1 } from "../map_op.ts";
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
