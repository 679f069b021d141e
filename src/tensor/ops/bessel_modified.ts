// Modified Bessel functions of order 0 and 1. Those of the second kind, and those
// of the first under their long names, have no gradient, as in PyTorch.

import { IN0, OUT } from "../../grad/node.ts";
import { call, type NumberFn } from "../expr.ts";
import { defineMap, map1, mapInto1, type MapOp } from "../map_op.ts";
import { refuseHalf } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

const SAMPLES: readonly (readonly [number])[] = [[0.7], [2.5], [-1.4], [9]];

const I0 = defineMap({
  name: "i0",
  arity: 1,
  float: true,
  kernel: (x) => call("i0", x),
  vjps: [(g, n) => g.mul(i1(n.input(0)))],
  saves: [IN0],
  samples: SAMPLES,
});

/**
 * The modified Bessel function of the first kind of order 0 of each element. Integers become floats. See `torch.special.i0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.i0(x).item().toFixed(6), "1.266066");
 * ```
 */
export function i0(x: Tensor): Tensor {
  return map1(I0, x);
}

/** Computes the modified Bessel function of order 0 in place; see {@linkcode i0}. */
export function i0_(x: Tensor): Tensor {
  return mapInto1(I0, x);
}

const I0E = defineMap({
  name: "i0e",
  node: "SpecialI0EBackward0",
  arity: 1,
  float: true,
  kernel: (x) => call("i0e", x),
  vjps: [(g, n) => {
    const x = n.input(0);
    return g.mul(i1e(x).sub(x.sgn().mul(n.output())));
  }],
  saves: [IN0 | OUT],
  samples: SAMPLES,
});

/**
 * {@linkcode i0} times `exp(-|x|)` of each element, which does not overflow. Integers become floats. See `torch.special.i0e`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.i0e(x).item().toFixed(6), "0.465760");
 * ```
 */
export function i0e(x: Tensor): Tensor {
  return map1(I0E, x);
}

/** i1(x) / x, which is 1/2 at 0. */
function perInput(value: Tensor, x: Tensor): Tensor {
  const zero = x.eq(0);
  return value.div(x.maskedFill(zero, 1)).maskedFill(zero, 0.5);
}

const I1 = defineMap({
  name: "i1",
  node: "SpecialI1Backward0",
  arity: 1,
  float: true,
  kernel: (x) => call("i1", x),
  vjps: [(g, n) => {
    const x = n.input(0);
    return g.mul(i0(x).sub(perInput(n.output(), x)));
  }],
  saves: [IN0 | OUT],
  samples: SAMPLES,
});

/**
 * The modified Bessel function of the first kind of order 1 of each element. Integers become floats. See `torch.special.i1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.i1(x).item().toFixed(6), "0.565159");
 * ```
 */
export function i1(x: Tensor): Tensor {
  return map1(I1, x);
}

const I1E = defineMap({
  name: "i1e",
  node: "SpecialI1EBackward0",
  arity: 1,
  float: true,
  kernel: (x) => call("i1e", x),
  vjps: [(g, n) => {
    const x = n.input(0);
    const y = n.output();
    const slope = i0e(x).sub(perInput(y, x)).sub(x.sgn().mul(y));
    return g.mul(slope);
  }],
  saves: [IN0 | OUT],
  samples: SAMPLES,
});

/**
 * {@linkcode i1} times `exp(-|x|)` of each element, which does not overflow. Integers become floats. See `torch.special.i1e`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.i1e(x).item().toFixed(6), "0.207910");
 * ```
 */
export function i1e(x: Tensor): Tensor {
  return map1(I1E, x);
}

/** A function without a gradient, of floats of at least 32 bits. */
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

const MODIFIED_BESSEL_I0 = plain(
  "modifiedBesselI0",
  "i0",
  "modified_bessel_i0_cpu",
  SAMPLES,
);

/**
 * {@linkcode i0} of each element, without a gradient. Integers become floats. See `torch.special.modified_bessel_i0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.modifiedBesselI0(x).item().toFixed(6), "1.266066");
 * ```
 */
export function modifiedBesselI0(x: Tensor): Tensor {
  return map1(MODIFIED_BESSEL_I0, x);
}

const MODIFIED_BESSEL_I1 = plain(
  "modifiedBesselI1",
  "i1",
  "modified_bessel_i1_cpu",
  SAMPLES,
);

/**
 * {@linkcode i1} of each element, without a gradient. Integers become floats. See `torch.special.modified_bessel_i1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.modifiedBesselI1(x).item().toFixed(6), "0.565159");
 * ```
 */
export function modifiedBesselI1(x: Tensor): Tensor {
  return map1(MODIFIED_BESSEL_I1, x);
}

const MODIFIED_BESSEL_K0 = plain(
  "modifiedBesselK0",
  "k0",
  "modified_bessel_k0_cpu",
  [[0.7], [2.5], [9]],
);

/**
 * The modified Bessel function of the second kind of order 0 of each element; infinite at 0, NaN below. Integers become floats. See `torch.special.modified_bessel_k0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.modifiedBesselK0(x).item().toFixed(6), "0.421024");
 * ```
 */
export function modifiedBesselK0(x: Tensor): Tensor {
  return map1(MODIFIED_BESSEL_K0, x);
}

const MODIFIED_BESSEL_K1 = plain(
  "modifiedBesselK1",
  "k1",
  "modified_bessel_k1_cpu",
  [[0.7], [2.5], [9]],
);

/**
 * The modified Bessel function of the second kind of order 1 of each element; infinite at 0, NaN below. Integers become floats. See `torch.special.modified_bessel_k1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.modifiedBesselK1(x).item().toFixed(6), "0.601907");
 * ```
 */
export function modifiedBesselK1(x: Tensor): Tensor {
  return map1(MODIFIED_BESSEL_K1, x);
}

const SCALED_MODIFIED_BESSEL_K0 = plain(
  "scaledModifiedBesselK0",
  "k0e",
  "scaled_modified_bessel_k0_cpu",
  [[0.7], [2.5], [9]],
);

/**
 * {@linkcode modifiedBesselK0} times `exp(x)` of each element, which does not vanish. Integers become floats. See `torch.special.scaled_modified_bessel_k0`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.scaledModifiedBesselK0(x).item().toFixed(6), "1.144463");
 * ```
 */
export function scaledModifiedBesselK0(x: Tensor): Tensor {
  return map1(SCALED_MODIFIED_BESSEL_K0, x);
}

const SCALED_MODIFIED_BESSEL_K1 = plain(
  "scaledModifiedBesselK1",
  "k1e",
  "scaled_modified_bessel_k1_cpu",
  [[0.7], [2.5], [9]],
);

/**
 * {@linkcode modifiedBesselK1} times `exp(x)` of each element, which does not vanish. Integers become floats. See `torch.special.scaled_modified_bessel_k1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.scaledModifiedBesselK1(x).item().toFixed(6), "1.636153");
 * ```
 */
export function scaledModifiedBesselK1(x: Tensor): Tensor {
  return map1(SCALED_MODIFIED_BESSEL_K1, x);
}
