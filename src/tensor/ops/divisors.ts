// Common divisors and multiples of integers.

import { call } from "../expr.ts";
import { defineMap, map2, mapInto2 } from "../map_op.ts";
import { requireIntegers } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

const GCD = defineMap({
  name: "gcd",
  arity: 2,
  check: requireIntegers("gcd_cpu"),
  kernel: (x, y) => call("gcd", x, y),
  samples: [[12, 18], [-6, 4], [0, 5]],
});

/**
 * The greatest common divisor of each two integers, which is never negative; 0
 * for two zeros. Shapes broadcast, types promote. See `torch.gcd`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([12, -6], { dtype: "int64" });
 * const y = dg.tensor([18, 4], { dtype: "int64" });
 * assertEquals(dg.gcd(x, y).tolist(), [6, 2]);
 * ```
 */
export function gcd(x: Tensor, y: Tensor): Tensor {
  return map2(GCD, x, y);
}

/** Takes the greatest common divisor in place; see {@linkcode gcd}. */
export function gcd_(x: Tensor, y: Tensor): Tensor {
  return mapInto2(GCD, x, y);
}

const LCM = defineMap({
  name: "lcm",
  arity: 2,
  check: requireIntegers("lcm_cpu"),
  kernel: (x, y) => {
    const common = call("gcd", x, y);
    const part = call("truncDiv", x, call("max", common, 1));
    return call("abs", call("mul", part, y));
  },
  samples: [[4, 6], [-6, 4], [0, 5]],
});

/**
 * The least common multiple of each two integers, which is not negative where
 * the type holds it; 0 where one is 0. Shapes broadcast, types promote. See
 * `torch.lcm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4, -6], { dtype: "int64" });
 * const y = dg.tensor([6, 4], { dtype: "int64" });
 * assertEquals(dg.lcm(x, y).tolist(), [12, 12]);
 * ```
 */
export function lcm(x: Tensor, y: Tensor): Tensor {
  return map2(LCM, x, y);
}

/** Takes the least common multiple in place; see {@linkcode lcm}. */
export function lcm_(x: Tensor, y: Tensor): Tensor {
  return mapInto2(LCM, x, y);
}
