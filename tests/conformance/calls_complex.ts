// Calls of ops with complex numbers in between: pairs of real numbers go in and
// come out, so that finite differences check both parts of every gradient.

import * as dg from "@dinograd/dinograd";
import { type Call, call, type Calls } from "./call.ts";

type Tensor = dg.Tensor;

/** Complex numbers whose parts stand beside each other in the last dimension. */
function z(x: Tensor): Tensor {
  return dg.complex(x.select(-1, 0), x.select(-1, 1));
}

/** A call of a function of one complex tensor. */
function one(fn: (x: Tensor) => Tensor, shape = [3, 2]): Call {
  return call([shape], (x) => parts(fn(z(x))));
}

/** A call of a function of two complex tensors. */
function two(
  fn: (x: Tensor, y: Tensor) => Tensor,
  shape = [3, 2],
  other = shape,
): Call {
  return call([shape, other], (x, y) => parts(fn(z(x), z(y))));
}

function parts(x: Tensor): Tensor {
  return x.isComplex() ? dg.viewAsReal(x) : x;
}

/** Functions of one number that have a complex derivative. */
const MAPS = [
  "exp",
  "exp2",
  "expm1",
  "log",
  "log2",
  "log10",
  "log1p",
  "sqrt",
  "rsqrt",
  "reciprocal",
  "square",
  "neg",
  "sin",
  "cos",
  "tan",
  "sinh",
  "cosh",
  "tanh",
  "asin",
  "acos",
  "atan",
  "asinh",
  "acosh",
  "atanh",
  "sigmoid",
] as const;

/** The calls, by op. */
export const COMPLEX_CALLS: Calls = {
  viewAsReal: [one((x) => x)],
  viewAsComplex: [
    call([[3, 2]], (x) => dg.viewAsReal(dg.viewAsComplex(x.clone()).exp())),
  ],
  complex: [
    call([[3], [2, 1]], (x, y) => dg.viewAsReal(dg.complex(x, y))),
    call([[3], []], (x, y) => dg.complex(x, y).mul(dg.complex(y, x)).real),
  ],
  polar: [
    call([[3], [2, 1]], (x, y) => dg.viewAsReal(dg.polar(x.square(), y))),
  ],
  conj: [
    one((x) => x.conj().mul(x).exp()),
    one((x) => x.conjPhysical().mul(x.conj())),
  ],
  abs: [one((x) => x.abs())],
  sgn: [one((x) => x.sgn())],
  angle: [one((x) => x.angle())],
  vdot: [two((x, y) => dg.vdot(x, y)), call([[3], [3]], dg.vdot)],
  "complex maps": MAPS.map((name) => one((x) => x[name]())),
  "complex pairs": [
    two((x, y) => x.add(y)),
    two((x, y) => x.sub(y, { alpha: 2 })),
    two((x, y) => x.mul(y), [2, 3, 2], [3, 2]),
    two((x, y) => x.div(y), [2, 3, 2], [3, 2]),
    two((x, y) => x.pow(y)),
    two((x, y) => x.addcmul(y, y, { value: 0.5 })),
    two((x, y) => x.addcdiv(y, x)),
    two((x, y) => x.lerp(y, 0.3)),
    two((x, y) => dg.where(dg.tensor([true, false, true]), x, y)),
    call([[3, 2], [3]], (x, y) => parts(z(x).mul(y).add(y))),
    call([[3, 2], []], (x, y) => parts(z(x).div(y).sub(y))),
  ],
  "complex numbers": [
    one((x) => x.mul({ re: 0.5, im: -2 })),
    one((x) => dg.sub({ re: 1, im: 2 }, x)),
    one((x) => x.pow(3)),
    one((x) => x.pow(-2)),
    one((x) => x.pow(2.5)),
    one((x) => x.pow({ re: 0.5, im: 1 })),
    one((x) => dg.pow(2, x)),
    one((x) => dg.pow(-2, x)),
    call([[3]], (x) => parts(x.mul({ re: 0, im: 1 }).exp())),
  ],
  "complex sums": [
    one((x) => x.sum()),
    one((x) => x.sum(0, { keepdim: true }), [2, 3, 2]),
    one((x) => x.mean(1), [2, 3, 2]),
    one((x) => x.prod()),
    one((x) => x.prod(1), [2, 3, 2]),
    one((x) => x.cumsum(0)),
    one((x) => x.cumprod(0)),
    one((x) => x.var()),
    one((x) => x.std(0), [3, 2, 2]),
    one((x) => dg.varMean(x)[1]),
    one((x) => x.norm()),
    one((x) => x.norm(1, { p: 1 }), [2, 3, 2]),
  ],
  "complex products": [
    two((x, y) => x.matmul(y), [2, 3, 2], [3, 2, 2]),
    two((x, y) => x.matmul(y), [2, 2, 3, 2], [3, 2, 2]),
    two((x, y) => x.bmm(y), [2, 2, 3, 2], [2, 3, 2, 2]),
    two((x, y) => x.mv(y), [2, 3, 2], [3, 2]),
    two((x, y) => x.dot(y)),
    two((x, y) => x.outer(y)),
    two((x, y) => x.addmm(x, y, { alpha: 2 }), [2, 2, 2], [2, 2, 2]),
    one((x) => x.matmul(x.mH), [2, 3, 2]),
  ],
  "complex places": [
    one((x) => x.at(dg.tensor([2, 0, 2], { dtype: "int64" }))),
    one((x) => x.at("::2").t(), [3, 2, 2]),
    one((x) => x.flip([0]).roll(1, 0)),
    one((x) => dg.cat([x, x.mul(x)])),
    one((x) => dg.stack([x.real, x.imag])),
    one((x) => x.gather(0, dg.tensor([1, 1], { dtype: "int64" }))),
    one((x) => x.repeat([2]).unfold(0, 2, 2)),
    one((x) => dg.nn.functional.pad(x, [1, 2])),
    one((x) => x.tril(), [2, 2, 2]),
    one((x) => x.diagonal(), [2, 2, 2]),
    one((x) => x.maskedFill(dg.tensor([true, false, true]), 2)),
    two((x, y) => x.indexAdd(0, dg.tensor([1, 1, 0], { dtype: "int64" }), y)),
    two((x, y) => x.scatterAdd(0, dg.tensor([1, 1, 0], { dtype: "int64" }), y)),
  ],
  "complex parts in place": [
    one((x) => {
      const out = x.mul(1);
      out.real.mul_(x.imag);
      return out;
    }),
    one((x) => {
      const out = x.mul(1);
      dg.viewAsReal(out).at(1).mul_(2);
      return out.square();
    }),
    call([[3, 2]], (x) => {
      const out = x.mul(1);
      dg.viewAsComplex(out).mul_({ re: 0, im: 1 });
      return out;
    }),
    one((x) => x.mul(1).mul_(x).add_(1)),
    one((x) => x.mul(1).copy_(x.abs())),
  ],
};
