// What floating-point numbers are made of: neighbours, mantissas, exponents.

import { OUT1 } from "../../grad/node.ts";
import type { DTypeInfo } from "../dtype.ts";
import { INT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call } from "../expr.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import { defineMap, map1, map2, mapInto2 } from "../map_op.ts";
import { notDifferentiable } from "../not_differentiable.ts";
import { castTo } from "../op.ts";
import { type Named, named } from "../results.ts";
import type { Tensor } from "../tensor.ts";

function checkNeighbours(info: DTypeInfo): void {
  if (info.category === 2 && info.bytes >= 4) return;
  throw new RuntimeError(
    `"nextafter_cpu" not implemented for '${info.scalarName}'`,
    'convert the operands with to("float32") first',
  );
}

const NEXTAFTER_MAP = defineMap({
  name: "nextafter",
  arity: 2,
  check: checkNeighbours,
  kernel: (x, y) => call("nextafter", x, y),
  samples: [[1, 2], [-3, 5], [0, -1]],
});

const NEXTAFTER = notDifferentiable(NEXTAFTER_MAP, "nextafter");

/**
 * The number next to each element of `x` in the direction of `y`. Takes float32
 * and float64; shapes broadcast, types promote. It has no gradient. See
 * `torch.nextafter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.nextafter(dg.tensor([1, 1]), dg.tensor([2, 0]));
 * assertEquals(x.tolist(), [1 + 2 ** -23, 1 - 2 ** -24]);
 * ```
 */
export function nextafter(x: Tensor, y: Tensor): Tensor {
  return map2(NEXTAFTER, x, y);
}

/** Goes to the next number in place; see {@linkcode nextafter}. */
export function nextafter_(x: Tensor, y: Tensor): Tensor {
  return mapInto2(NEXTAFTER, x, y);
}

function checkFloat(info: DTypeInfo): void {
  if (info.category === 2) return;
  throw new RuntimeError(
    "torch.frexp() only supports floating-point dtypes",
    'convert it with to("float32") first',
  );
}

const MANTISSA = defineMap({
  name: "frexp",
  arity: 1,
  check: checkFloat,
  kernel: (x) => call("mantissa", x),
  samples: [[3], [-0.1], [0.5]],
});

const EXPONENT = defineMap({
  name: "frexp",
  arity: 1,
  check: checkFloat,
  kernel: (x) => call("exponent", x),
  samples: [[3], [-0.1], [0.5]],
});

const FREXP = defineMulti<null>({
  name: "frexp",
  forward: ([x]) => [map1(MANTISSA, x!), castTo(map1(EXPONENT, x!), INT32)],
  vjps: [(g, n) => g.div(n.output(1).to(g.dtype).exp2())],
  saves: [OUT1],
});

/**
 * Takes each element apart: `x = mantissa * 2 ** exponent`, the mantissa from
 * 0.5 to below 1 in size, the exponent int32. 0, NaN and infinities stay what
 * they are, with exponent 0. See `torch.frexp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { mantissa, exponent } = dg.frexp(dg.tensor([3, -0.5]));
 * assertEquals(mantissa.tolist(), [0.75, -0.5]);
 * assertEquals(exponent.tolist(), [2, 0]);
 * ```
 */
export function frexp(x: Tensor): Named<"mantissa" | "exponent"> {
  const [mantissa, exponent] = runMulti(FREXP, [x], null);
  return named({ mantissa: mantissa!, exponent: exponent! }, "frexp");
}
