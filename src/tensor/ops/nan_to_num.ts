// Replacing NaN and the infinities by numbers.

import { IN0 } from "../../grad/node.ts";
import { BFLOAT16, type DTypeInfo, FLOAT16 } from "../dtype.ts";
import { call, param } from "../expr.ts";
import { inputInfo } from "../is_tensor.ts";
import { defineMap, map1, mapInto1 } from "../map_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { viewAsComplex, viewAsReal } from "./complex.ts";

const NAN_TO_NUM = defineMap({
  name: "nanToNum",
  arity: 1,
  kernel: (x) =>
    call(
      "select",
      call("ne", x, x),
      param(0),
      call(
        "select",
        call("gt", x, param(3)),
        param(1),
        call("select", call("lt", x, param(4)), param(2), x),
      ),
    ),
  vjps: [(g, n) => g.mul(n.input(0).isfinite())],
  saves: [IN0],
  samples: [[1], [-2.5]],
  params: [0, 9, -9, 99, -99],
});

/** Options of {@linkcode nanToNum}. */
export interface NanToNumOptions {
  /** What NaN becomes; 0 where not given. */
  readonly nan?: number;
  /** What infinity becomes; the largest number of the type where not given. */
  readonly posinf?: number;
  /** What negative infinity becomes; the smallest number of the type where not given. */
  readonly neginf?: number;
}

const KEYS = ["nan", "posinf", "neginf"];

/** The largest number of a floating-point type. */
function largest(info: DTypeInfo): number {
  if (info === FLOAT16) return 65504;
  if (info === BFLOAT16) return 3.3895313892515355e38;
  return info.bytes === 8 ? Number.MAX_VALUE : 3.4028234663852886e38;
}

function paramsOf(
  fn: string,
  info: DTypeInfo,
  options: NanToNumOptions,
): number[] {
  checkOptions(options, KEYS, fn);
  const top = largest(info);
  const { nan = 0, posinf = top, neginf = -top } = options;
  return [nan, posinf, neginf, top, -top];
}

/**
 * Replaces NaN by 0 and the infinities by the largest numbers of the type, or
 * by what is given; integers stay as they are. See `torch.nan_to_num`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([NaN, Infinity, 1]);
 * assertEquals(x.nanToNum({ posinf: 7 }).tolist(), [0, 7, 1]);
 * ```
 */
export function nanToNum(x: Tensor, options: NanToNumOptions = {}): Tensor {
  if (inputInfo(x, "nanToNum").category === 3) {
    return viewAsComplex(nanToNum(viewAsReal(x), options));
  }
  const params = paramsOf("nanToNum", x.info, options);
  return x.info.category === 2 ? map1(NAN_TO_NUM, x, params) : x.clone();
}

/** Replaces in place; see {@linkcode nanToNum}. */
export function nanToNum_(x: Tensor, options: NanToNumOptions = {}): Tensor {
  if (x.info.category === 3) {
    nanToNum_(viewAsReal(x), options);
    return x;
  }
  const params = paramsOf("nanToNum_", x.info, options);
  // Integers have nothing to replace; they count as changed all the same.
  return x.info.category === 2 ? mapInto1(NAN_TO_NUM, x, params) : x.copy_(x);
}
