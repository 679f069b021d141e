// Bessel functions of order 0 and 1. They have no gradient, as in PyTorch. Past
// the first zeros, from 8 on, their errors are small beside the height of the
// waves; beside values near a zero they are not.

import { call, type NumberFn } from "../expr.ts";
import { defineMap, map1, type MapOp } from "../map_op.ts";
import { refuseHalf } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

function plain(
  name: string,
  fn: NumberFn,
  kernel: string,
  samples: readonly (readonly [number])[],
): MapOp {
  return defineMap({
    name,
    arity: 1,
    float: true,
    check: refuseHalf(kernel),
    kernel: (x) => call(fn, x),
    samples,
  });
}

const BESSEL_J0 = plain("besselJ0", "j0", "bessel_j0_cpu", [
  [0.7],
  [-4.5],
  [6],
  [12],
]);

/**
 * The Bessel function of the first kind of order 0 of each element. Integers become floats. See `torch.special.bessel_j0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.besselJ0(x).item().toFixed(6), "0.765198");
 * ```
 */
export function besselJ0(x: Tensor): Tensor {
  return map1(BESSEL_J0, x);
}

const BESSEL_J1 = plain("besselJ1", "j1", "bessel_j1_cpu", [
  [0.7],
  [-4.5],
  [6],
  [12],
]);

/**
 * The Bessel function of the first kind of order 1 of each element. Integers become floats. See `torch.special.bessel_j1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.besselJ1(x).item().toFixed(6), "0.440051");
 * ```
 */
export function besselJ1(x: Tensor): Tensor {
  return map1(BESSEL_J1, x);
}

const BESSEL_Y0 = plain("besselY0", "y0", "bessel_y0_cpu", [
  [0.7],
  [1.9],
  [4.5],
  [6],
  [12],
]);

/**
 * The Bessel function of the second kind of order 0 of each element; `-Infinity` at 0, NaN below. Integers become floats. See `torch.special.bessel_y0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.besselY0(x).item().toFixed(6), "0.088257");
 * ```
 */
export function besselY0(x: Tensor): Tensor {
  return map1(BESSEL_Y0, x);
}

const BESSEL_Y1 = plain("besselY1", "y1", "bessel_y1_cpu", [
  [0.7],
  [1.9],
  [4.5],
  [6],
  [12],
]);

/**
 * The Bessel function of the second kind of order 1 of each element; `-Infinity` at 0, NaN below. Integers become floats. See `torch.special.bessel_y1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.besselY1(x).item().toFixed(6), "-0.781213");
 * ```
 */
export function besselY1(x: Tensor): Tensor {
  return map1(BESSEL_Y1, x);
}

const SPHERICAL_BESSEL_J0 = plain(
  "sphericalBesselJ0",
  "sphericalJ0",
  "spherical_bessel_j0_cpu",
  [[0.7], [-4.5], [6], [12]],
);

/**
 * The spherical Bessel function of the first kind of order 0 of each element: `sin(x) / x`, and 1 at 0. Integers become floats. See `torch.special.spherical_bessel_j0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.sphericalBesselJ0(x).item().toFixed(6), "0.841471");
 * ```
 */
export function sphericalBesselJ0(x: Tensor): Tensor {
  return map1(SPHERICAL_BESSEL_J0, x);
}
