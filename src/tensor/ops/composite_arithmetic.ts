// Several steps of arithmetic in one kernel: scaled products and quotients,
// interpolation, and the conversion of angles.

import { checkRealFactor } from "../arguments.ts";
import { IN0, IN1, IN2 } from "../../grad/node.ts";
import type { DTypeInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr, param } from "../expr.ts";
import { checkTensor } from "../is_tensor.ts";
import {
  defineMap,
  map1,
  map2,
  map3,
  mapInto1,
  mapInto2,
  mapInto3,
  type MapOp,
} from "../map_op.ts";
import { checkFits } from "../number_range.ts";
import { resultInfoOf } from "../op.ts";
import { refuseBool, refuseIntegers } from "../refusal.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { sub } from "./arithmetic.ts";

/** Options of {@linkcode addcmul} and {@linkcode addcdiv}. */
export interface ValueOptions {
  /** Factor of the product or quotient; 1 where not given. */
  readonly value?: number;
}

const VALUE = ["value"];

function valueOf(fn: string, options: ValueOptions): number[] {
  checkOptions(options, VALUE, fn);
  const { value = 1 } = options;
  checkRealFactor(fn, "value", value);
  return [value];
}

/** As {@linkcode valueOf}; among integers the factor is one as well. */
function factorOf(
  fn: string,
  tensors: readonly Tensor[],
  options: ValueOptions,
): number[] {
  const params = valueOf(fn, options);
  const value = params[0]!;
  if (value === 1 || tensors[0]!.info.category >= 2) return params;
  const info = resultInfoOf(tensors);
  if (info.category !== 1) return params;
  checkFits(value, info);
  return [Math.trunc(value)];
}

const ADDCMUL = defineMap({
  name: "addcmul",
  arity: 3,
  check: refuseBool("addcmul_cpu_out"),
  kernel: (x, y, z) => call("add", x, call("mul", call("mul", param(0), y), z)),
  vjps: [
    (g) => g,
    (g, n, [value]) => g.mul(scaled(n.input(2), value!)),
    (g, n, [value]) => g.mul(scaled(n.input(1), value!)),
  ],
  saves: [0, IN2, IN1],
  samples: [[1, 2, 3], [-0.5, 1.5, -2]],
  params: [2.5],
});

/** Spares the multiplication by one. */
function scaled(x: Tensor, value: number): Tensor {
  return value === 1 ? x : x.mul(value);
}

/**
 * Adds a scaled product: `x + value * tensor1 * tensor2`. Shapes broadcast,
 * types promote. See `torch.addcmul`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(x.addcmul(x, x, { value: 10 }).tolist(), [11, 42]);
 * ```
 */
export function addcmul(
  x: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  options: ValueOptions = {},
): Tensor {
  const params = factorOf("addcmul", [x, tensor1, tensor2], options);
  return map3(ADDCMUL, x, tensor1, tensor2, params);
}

/** Adds a scaled product in place; see {@linkcode addcmul}. */
export function addcmul_(
  x: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  options: ValueOptions = {},
): Tensor {
  const params = factorOf("addcmul_", [x, tensor1, tensor2], options);
  return mapInto3(ADDCMUL, x, tensor1, tensor2, params);
}

const ADDCDIV = defineMap({
  name: "addcdiv",
  arity: 3,
  kernel: (x, y, z) => call("add", x, call("div", call("mul", param(0), y), z)),
  vjps: [
    (g) => g,
    (g, n, [value]) => g.mul(n.input(2).reciprocal().mul(value!)),
    (g, n, [value]) => {
      const z = n.input(2);
      return g.neg().mul(scaled(n.input(1), value!).div(z.mul(z)));
    },
  ],
  saves: [0, IN2, IN1 | IN2],
  samples: [[1, 2, 3], [-0.5, 1.5, -2]],
  params: [2.5],
});

/** Quotients of integers are not added: PyTorch would round some and not others. */
function checkQuotient(y: Tensor, z: Tensor): void {
  if (y.info.category >= 2 || z.info.category >= 2) return;
  throw new RuntimeError(
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.",
    "convert one of the tensors with float() first",
  );
}

/**
 * Adds a scaled quotient: `x + value * tensor1 / tensor2`. Shapes broadcast,
 * types promote; two integer tensors are refused. See `torch.addcdiv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(x.addcdiv(x, x, { value: 10 }).tolist(), [11, 12]);
 * ```
 */
export function addcdiv(
  x: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  options: ValueOptions = {},
): Tensor {
  checkQuotient(tensor1, tensor2);
  return map3(ADDCDIV, x, tensor1, tensor2, valueOf("addcdiv", options));
}

/** Adds a scaled quotient in place; see {@linkcode addcdiv}. */
export function addcdiv_(
  x: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  options: ValueOptions = {},
): Tensor {
  checkQuotient(tensor1, tensor2);
  return mapInto3(ADDCDIV, x, tensor1, tensor2, valueOf("addcdiv_", options));
}

/** From the nearer end, so that a weight of one gives the end exactly. */
function interpolate(x: Expr, end: Expr, weight: Expr): Expr {
  const span = call("sub", end, x);
  return call(
    "select",
    call("lt", call("abs", weight), 0.5),
    call("add", x, call("mul", weight, span)),
    call("sub", end, call("mul", span, call("sub", 1, weight))),
  );
}

const LERP: MapOp = defineMap({
  name: "lerp",
  arity: 2,
  check: refuseIntegers("lerp_kernel_scalar"),
  kernel: (x, end) => interpolate(x, end, param(0)),
  vjps: [
    (g, _n, [weight]) => g.mul(1 - weight!),
    (g, _n, [weight]) => g.mul(weight!),
  ],
  samples: [[1, 2], [-0.5, 3]],
  params: [0.25],
});

const LERP_TENSOR: MapOp = defineMap({
  name: "lerp",
  node: "LerpBackward1",
  arity: 3,
  check: refuseIntegers("lerp_kernel_tensor"),
  kernel: interpolate,
  vjps: [
    (g, n) => g.mul(sub(1, n.input(2))),
    (g, n) => g.mul(n.input(2)),
    (g, n) => g.mul(n.input(1).sub(n.input(0))),
  ],
  saves: [IN2, IN2, IN0 | IN1],
  samples: [[1, 2, 0.25], [-0.5, 3, 0.75]],
});

/** Interpolation promotes for the sake of a 0-d weight only. */
function checkEnds(x: Tensor, end: Tensor, weight: number | Tensor): void {
  checkTensor(end, "lerp", "end");
  if (typeof weight !== "number") checkTensor(weight, "lerp", "weight");
  checkType(x.info, end.info, "end");
  if (typeof weight === "object" && weight.shape.length > 0) {
    checkType(x.info, weight.info, "weight");
  }
}

function checkType(wanted: DTypeInfo, found: DTypeInfo, name: string): void {
  if (wanted === found) return;
  throw new RuntimeError(
    `expected dtype ${wanted.cName} for \`${name}\` but got dtype ${found.cName}`,
    `convert it with to("${wanted.name}")`,
  );
}

/**
 * Interpolates: `x + weight * (end - x)`; the weight is a number or a tensor.
 * All have one floating-point type; shapes broadcast. See `torch.lerp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 10]);
 * assertEquals(x.lerp(dg.tensor([4, 20]), 0.25).tolist(), [1, 12.5]);
 * ```
 */
export function lerp(x: Tensor, end: Tensor, weight: number | Tensor): Tensor {
  checkEnds(x, end, weight);
  return typeof weight === "object"
    ? map3(LERP_TENSOR, x, end, weight)
    : map2(LERP, x, end, [weight]);
}

/** Interpolates in place; see {@linkcode lerp}. */
export function lerp_(x: Tensor, end: Tensor, weight: number | Tensor): Tensor {
  checkEnds(x, end, weight);
  return typeof weight === "object"
    ? mapInto3(LERP_TENSOR, x, end, weight)
    : mapInto2(LERP, x, end, [weight]);
}

function conversion(name: string, node: string, factor: number): MapOp {
  return defineMap({
    name,
    node,
    arity: 1,
    float: true,
    kernel: (x) => call("mul", x, factor),
    vjps: [(g) => g.mul(factor)],
    samples: [[1], [-2.5]],
  });
}

const DEG2RAD = conversion("deg2rad", "Deg2RadBackward0", Math.PI / 180);
const RAD2DEG = conversion("rad2deg", "Rad2DegBackward0", 180 / Math.PI);

/**
 * Converts degrees to radians. See `torch.deg2rad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([180], { dtype: "float64" });
 * assertEquals(x.deg2rad().tolist(), [Math.PI]);
 * ```
 */
export function deg2rad(x: Tensor): Tensor {
  return map1(DEG2RAD, x);
}

/** Converts to radians in place; see {@linkcode deg2rad}. */
export function deg2rad_(x: Tensor): Tensor {
  return mapInto1(DEG2RAD, x);
}

/**
 * Converts radians to degrees. See `torch.rad2deg`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([Math.PI], { dtype: "float64" });
 * assertEquals(x.rad2deg().tolist(), [180]);
 * ```
 */
export function rad2deg(x: Tensor): Tensor {
  return map1(RAD2DEG, x);
}

/** Converts to degrees in place; see {@linkcode rad2deg}. */
export function rad2deg_(x: Tensor): Tensor {
  return mapInto1(RAD2DEG, x);
}
