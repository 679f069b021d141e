// Equality up to rounding, and of whole tensors.

import { RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineMap, map2 } from "../map_op.ts";
import { checkOptions, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const ISCLOSE = defineMap({
  name: "isclose",
  arity: 2,
  float: true,
  kernel: (x, y) => {
    const gap = call("abs", call("sub", x, y));
    const allowed = call(
      "add",
      param(1),
      call("abs", call("mul", param(0), y)),
    );
    return call(
      "or",
      call("eq", x, y),
      call(
        "or",
        // An infinite gap is none that any tolerance allows.
        call("and", call("lt", gap, Infinity), call("le", gap, allowed)),
        call(
          "and",
          call("ne", param(2), 0),
          call("and", call("ne", x, x), call("ne", y, y)),
        ),
      ),
    );
  },
  samples: [[1, 1.05], [1, 2], [NaN, NaN], [Infinity, Infinity]],
  params: [0.1, 0, 1],
});

/** Options of {@linkcode isclose} and {@linkcode allclose}. */
export interface CloseOptions {
  /** Tolerance relative to the second tensor; 1e-5 where not given. */
  readonly rtol?: number;
  /** Absolute tolerance; 1e-8 where not given. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

const KEYS = ["rtol", "atol", "equalNan"];

/**
 * Tells which elements of two tensors are close: `|x - y| <= atol + rtol * |y|`.
 * Both have one type; shapes broadcast. See `torch.isclose`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(x.isclose(dg.tensor([1.000001, 2.1])).tolist(), [true, false]);
 * ```
 */
export function isclose(
  x: Tensor,
  y: Tensor,
  options: CloseOptions = {},
): Tensor {
  checkTensor(y, "isclose", "other");
  checkOptions(options, KEYS, "isclose");
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  if (x.info !== y.info) {
    throw new RuntimeError(
      `${x.info.scalarName} did not match ${y.info.scalarName}`,
      `convert one of them, for example with to("${x.info.name}")`,
    );
  }
  if (!(rtol >= 0)) throw negative("rtol", rtol);
  if (!(atol >= 0)) throw negative("atol", atol);
  const close = map2(ISCLOSE, x, y, [rtol, atol, Number(equalNan)]);
  // Integers are compared as such before they are rounded to floats.
  const exact = x.info.category === 1 && rtol === 0 && atol === 0;
  return exact ? x.eq(y) : close;
}

function negative(name: string, value: number): RuntimeError {
  return new RuntimeError(
    `${name} must be greater than or equal to zero, but got ${value}`,
  );
}

/**
 * Tells whether all elements of two tensors are close; see {@linkcode isclose}.
 * See `torch.allclose`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * assert(dg.allclose(dg.tensor([1, 2]), dg.tensor([1, 2.000001])));
 * ```
 */
export function allclose(
  x: Tensor,
  y: Tensor,
  options: CloseOptions = {},
): boolean {
  checkOptions(options, KEYS, "allclose");
  return isclose(x, y, options).all().item<boolean>();
}

/**
 * Tells whether two tensors have the same shape and equal elements; NaN equals
 * nothing. See `torch.equal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(dg.equal(dg.tensor([1, 2]), dg.tensor([1, 2])));
 * assertFalse(dg.equal(dg.tensor([1, 2]), dg.tensor([[1, 2]])));
 * ```
 */
export function equal(x: Tensor, y: Tensor): boolean {
  checkTensor(y, "equal", "other");
  return sameShape(x.shape, y.shape) && x.eq(y).all().item<boolean>();
}
