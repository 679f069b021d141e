// Powers. PyTorch computes common exponents by other means, and which value of
// the base or the exponent is a plain number decides the name of the node.

import { MODE } from "../../grad/mode.ts";
import { IN0, IN1, OUT } from "../../grad/node.ts";
import type { Node, Vjp } from "../../grad/node.ts";
import { COMPLEX128, FLOAT64 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr, param } from "../expr.ts";
import { inplace } from "../inplace.ts";
import {
  defineMap,
  map1,
  map2,
  mapInto1,
  mapInto2,
  type MapOp,
} from "../map_op.ts";
import { besideNumber, isWhole, type PlainNumber } from "../number_operand.ts";
import { checkFits } from "../number_range.ts";
import { isTensorOperand, type Operand, toTensor } from "../op.ts";
import { refuseBool } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./where.ts";

/** The gradient for a base whose exponent is a plain number. */
function baseRule(g: Tensor, n: Node, [e]: readonly number[]): Tensor {
  if (e === 0) return g.newZeros(g.shape);
  const x = n.input(0);
  // Only where nothing is recorded: in PyTorch the second derivative of a square
  // is a constant that still depends on the base.
  if (e === 2 && !MODE.grad) return g.mul(x.mul(2));
  return g.mul(x.pow(e! - 1).mul(e!));
}

function withExponent(
  exponent: number,
  kernel: (x: Expr) => Expr,
  float: boolean,
): MapOp {
  return defineMap({
    name: "pow",
    arity: 1,
    float,
    kernel,
    vjps: [baseRule],
    saves: [IN0],
    samples: [[0.7], [1.3]],
    params: [exponent],
  });
}

const POW_WHOLE = withExponent(4, (x) => call("pow", x, param(0)), false);
const POW_FLOAT = withExponent(2.5, (x) => call("pow", x, param(0)), true);
const SQUARE = withExponent(2, (x) => call("mul", x, x), false);

/** Exponents with a way of their own: the values differ from those of `pow`. */
const SPECIAL: ReadonlyMap<number, MapOp> = new Map([
  [2, SQUARE],
  [3, withExponent(3, (x) => call("mul", call("mul", x, x), x), false)],
  [0.5, withExponent(0.5, (x) => call("sqrt", x), true)],
  [
    -0.5,
    withExponent(-0.5, (x) => call("div", 1, call("sqrt", x)), true),
  ],
  [-1, withExponent(-1, (x) => call("div", 1, x), true)],
  [-2, withExponent(-2, (x) => call("div", 1, call("mul", x, x)), true)],
]);

/** Which exponents are real numbers of 0 or more. */
function notNegative(y: Tensor): Tensor {
  if (y.info.category < 3) return y.ge(0);
  return y.real.ge(0).logicalAnd(y.imag.eq(0));
}

/** Takes logarithms where the base is not 0; 0 to a power of 0 or more does not change with the exponent. */
function exponentRule(g: Tensor, n: Node): Tensor {
  const x = n.input(0);
  const flat = x.eq(0).logicalAnd(notNegative(n.input(1)));
  // A negative base has a logarithm among the complex numbers.
  const base = n.output().info.category === 3 ? x.typeAs(n.output()) : x;
  return g.mul(where(flat, 0, n.output().mul(base.log())));
}

const POW = defineMap({
  name: "pow",
  node: "PowBackward1",
  arity: 2,
  check: refuseBool("pow"),
  kernel: (x, y) => call("pow", x, y),
  vjps: [
    (g, n) => {
      const y = n.input(1);
      const slope = y.mul(n.input(0).pow(y.sub(1)));
      return g.mul(where(y.eq(0), 0, slope));
    },
    exponentRule,
  ],
  saves: [IN0 | IN1, IN0 | IN1 | OUT],
  samples: [[0.7, 1.5], [1.3, -2], [2.5, 0.5]],
});

/** The gradient for an exponent whose base is a plain number. */
const ofNumberRule: Vjp<readonly number[]> = (g, n, [base]) => {
  const turned = base! < 0 && g.info.category === 3;
  const log = turned ? { re: Math.log(-base!), im: Math.PI } : Math.log(base!);
  const slope = n.output().mul(log);
  return g.mul(
    base === 0 ? where(notNegative(n.input(0)), 0, slope) : slope,
  );
};

function ofNumber(base: number, float: boolean): MapOp {
  return defineMap({
    name: "pow",
    node: "PowBackward2",
    arity: 1,
    float,
    kernel: (x) => call("pow", param(0), x),
    vjps: [ofNumberRule],
    saves: [IN0 | OUT],
    samples: [[1.5], [-2]],
    params: [base],
  });
}

const POW_OF_WHOLE = ofNumber(2, false);
const POW_OF_FLOAT = ofNumber(2.5, true);

/** The op for a plain exponent, after PyTorch's check. */
function opOf(x: Tensor, exponent: PlainNumber): MapOp {
  const e = Number(exponent);
  if (x.info.category >= 2) return SPECIAL.get(e) ?? POW_FLOAT;
  if (!isWhole(exponent)) return SPECIAL.get(e) ?? POW_FLOAT;
  if (e < 0) {
    throw new RuntimeError(
      "Integers to negative integer powers are not allowed.",
      "convert the base with float() first",
    );
  }
  checkFits(exponent, x.info);
  return SPECIAL.get(e) ?? POW_WHOLE;
}

/**
 * Raises `x` to a power; base and exponent may be tensors or numbers. The
 * derivative is 0 where the exponent is 0, and that for the exponent is 0 where
 * the base is 0 and the exponent not negative. See `torch.pow`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3]);
 * assertEquals(x.pow(2).tolist(), [1, 4, 9]);
 * assertEquals(dg.pow(2, x).tolist(), [2, 4, 8]);
 * assertEquals(x.pow(x).tolist(), [1, 4, 27]);
 * ```
 */
export function pow(x: Operand, exponent: Operand): Tensor {
  if (typeof exponent === "object") {
    if (typeof x === "object" || !isTensorOperand(exponent)) {
      return map2(POW, x, exponent);
    }
    const op = exponent.info.category >= 2 || !isWhole(x)
      ? POW_OF_FLOAT
      : POW_OF_WHOLE;
    return map1(op, besideNumber(exponent, x), [Number(x)]);
  }
  const base = toTensor(x, exponent);
  const op = opOf(base, exponent);
  return map1(op, besideNumber(base, exponent), [Number(exponent)]);
}

/** Raises to a power in place; see {@linkcode pow}. */
export function pow_(x: Tensor, exponent: Operand): Tensor {
  if (typeof exponent === "object") return mapInto2(POW, x, exponent);
  if (besideNumber(x, exponent) !== x) {
    return inplace(x, [], (base) => pow(base, exponent));
  }
  return mapInto1(opOf(x, exponent), x, [Number(exponent)]);
}

/** As {@linkcode pow} for an operand of float64. */
function toDouble(x: Operand): Operand {
  if (!isTensorOperand(x)) return x;
  return x.to(x.info.category === 3 ? "complex128" : "float64");
}

/**
 * Raises to a power in float64. See `torch.float_power`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const y = dg.floatPower(dg.tensor([1, 2], { dtype: "int64" }), -1);
 * assertEquals(y.tolist(), [1, 0.5]);
 * assertEquals(y.dtype, "float64");
 * ```
 */
export function floatPower(x: Operand, exponent: Operand): Tensor {
  return pow(toDouble(x), toDouble(exponent));
}

/** Raises a float64 tensor to a power in place; see {@linkcode floatPower}. */
export function floatPower_(x: Tensor, exponent: Operand): Tensor {
  if (x.info !== FLOAT64 && x.info !== COMPLEX128) {
    throw new RuntimeError(
      `the base given to floatPower_ has dtype ${x.info.scalarName} but the operation's result requires dtype Double`,
      "convert it with double() first",
    );
  }
  return pow_(x, toDouble(exponent));
}

const TWO = [2];

/**
 * Multiplies each element by itself; bool gives int64. See `torch.square`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.square(dg.tensor([3, -2])).tolist(), [9, 4]);
 * ```
 */
export function square(x: Tensor): Tensor {
  return map1(SQUARE, besideNumber(x, 2), TWO);
}

/** Squares in place; see {@linkcode square}. */
export function square_(x: Tensor): Tensor {
  return pow_(x, 2);
}
