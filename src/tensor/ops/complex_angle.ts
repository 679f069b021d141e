// Magnitude, direction and angle of complex numbers, none of which has a
// complex derivative: the rules give the gradient by both parts, and hold as
// they stand. See complex.ts.

import { IN0, OUT } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMap, map1 } from "../map_op.ts";
import { ZERO_VJP } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { imag, real, timesI } from "./complex.ts";
import { where } from "./where.ts";

const COMPLEX_ABS = defineKernel<null>({
  name: "abs",
  forward: ([z]) => real(z!).hypot(imag(z!)),
  vjps: [(g, n) => g.mul(n.input(0).sgn())],
  saves: [IN0],
  complexRules: true,
});

/** Distances from zero. */
export function complexAbs(z: Tensor): Tensor {
  return run(COMPLEX_ABS, [z], null);
}

const COMPLEX_SGN = defineKernel<null>({
  name: "sgn",
  forward: ([z]) => {
    const size = complexAbs(z!);
    return where(size.eq(0), 0, z!.div(size));
  },
  vjps: [(g, n) => {
    const size = n.input(0).abs();
    const direction = n.output();
    const scaled = g.div(size);
    const along = real(scaled.mul(direction.conj())).mul(direction);
    return where(size.eq(0), 0, scaled.sub(along));
  }],
  saves: [IN0 | OUT],
  complexRules: true,
});

/** Numbers of magnitude 1 in the same directions; 0 for 0. */
export function complexSgn(z: Tensor): Tensor {
  return run(COMPLEX_SGN, [z], null);
}

const COMPLEX_ANGLE = defineKernel<null>({
  name: "angle",
  forward: ([z]) => imag(z!).atan2(real(z!)),
  vjps: [(g, n) => {
    const z = n.input(0);
    return where(z.eq(0), 0, timesI(g.mul(z).div(z.abs().square())));
  }],
  saves: [IN0],
  complexRules: true,
});

const ANGLE = defineMap({
  name: "angle",
  arity: 1,
  float: true,
  kernel: (x) =>
    call(
      "select",
      call("lt", x, 0),
      Math.PI,
      call("select", call("ne", x, x), x, 0),
    ),
  vjps: [ZERO_VJP],
  samples: [[1], [-2.5]],
});

/**
 * The angle of each number with the positive real axis, in radians: 0 or pi for
 * a real tensor. See `torch.angle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert, assertEquals } from "@std/assert";
 *
 * assertEquals(dg.angle(dg.tensor([1, -1])).tolist(), [0, Math.fround(Math.PI)]);
 * const z = dg.tensor([{ re: 0, im: 2 }]);
 * assert(dg.angle(z).allclose(dg.tensor([Math.PI / 2])));
 * ```
 */
export function angle(x: Tensor): Tensor {
  checkTensor(x, "angle", "input");
  return x.info.category === 3 ? run(COMPLEX_ANGLE, [x], null) : map1(ANGLE, x);
}
