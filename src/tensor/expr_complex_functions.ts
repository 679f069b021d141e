// The parts of functions of complex numbers, made of functions of real ones.
// The forms avoid intermediate results that overflow or cancel where the value
// does not. Pure; see expr_complex.ts.

import { call, constant, type Expr, type ExprLike, type Fn } from "./expr.ts";
import type { Parts } from "./expr_complex.ts";

type Rule = (...args: Parts[]) => Parts;

const add = (x: ExprLike, y: ExprLike) => call("add", x, y);
const sub = (x: ExprLike, y: ExprLike) => call("sub", x, y);
const mul = (x: ExprLike, y: ExprLike) => call("mul", x, y);
const div = (x: ExprLike, y: ExprLike) => call("div", x, y);
const neg = (x: Expr) => call("neg", x);
const abs = (x: Expr) => call("abs", x);
const sqrt = (x: Expr) => call("sqrt", x);
const choose = (c: Expr, x: ExprLike, y: ExprLike) => call("select", c, x, y);
const isZero = (x: Expr) => call("eq", x, 0);
const isEndless = (x: Expr) => call("eq", abs(x), Infinity);

/** Whether one part is infinite and none NaN: values there are limits, which formulas miss as NaN. */
function isFar(x: Parts): Expr {
  return call("and", call("eq", size(x), Infinity), call("eq", noNumber(x), 0));
}

/** 0, or NaN where a part is NaN. */
function noNumber({ re, im }: Parts): Expr {
  return mul(
    0,
    add(
      choose(isEndless(re), 0, re),
      im === null ? 0 : choose(isEndless(im), 0, im),
    ),
  );
}

/** The direction of what is infinitely far: parts that are not infinite are 0 beside those that are. */
function direction(x: Parts): [Expr, Expr] {
  const unit = (part: Expr) =>
    call("copysign", choose(isEndless(part), 1, 0), part);
  return [unit(x.re), unit(imOf(x))];
}

const ONE: Parts = { re: constant(1), im: null };

function imOf({ im }: Parts): Expr {
  return im ?? constant(0);
}

function plus(x: Parts, y: Parts): Parts {
  const im = x.im === null ? y.im : y.im === null ? x.im : add(x.im, y.im);
  return { re: add(x.re, y.re), im };
}

function minus(x: Parts, y: Parts): Parts {
  const im = y.im === null ? x.im : x.im === null ? neg(y.im) : sub(x.im, y.im);
  return { re: sub(x.re, y.re), im };
}

function negative(x: Parts): Parts {
  return { re: neg(x.re), im: x.im && neg(x.im) };
}

function times(x: Parts, y: Parts): Parts {
  if (x.im === null) {
    return { re: mul(x.re, y.re), im: y.im && mul(x.re, y.im) };
  }
  if (y.im === null) return { re: mul(x.re, y.re), im: mul(x.im, y.re) };
  return {
    re: sub(mul(x.re, y.re), mul(x.im, y.im)),
    im: add(mul(x.re, y.im), mul(x.im, y.re)),
  };
}

/** Divides by the larger part of the divisor first, as PyTorch and NumPy do: nothing overflows on the way. */
function over(x: Parts, y: Parts): Parts {
  if (y.im === null) {
    return { re: div(x.re, y.re), im: x.im && div(x.im, y.re) };
  }
  const [a, b] = [x.re, imOf(x)];
  const [c, d] = [abs(y.re), abs(y.im)];
  const wide = call("ge", c, d);
  const large = choose(wide, y.re, y.im);
  const small = choose(wide, y.im, y.re);
  const ratio = div(small, large);
  const scale = div(1, add(large, mul(small, ratio)));
  const zero = isZero(large);
  return {
    re: choose(
      zero,
      div(a, c),
      mul(choose(wide, add(a, mul(b, ratio)), add(mul(a, ratio), b)), scale),
    ),
    im: choose(
      zero,
      div(b, c),
      mul(choose(wide, sub(b, mul(a, ratio)), sub(mul(b, ratio), a)), scale),
    ),
  };
}

function size(x: Parts): Expr {
  return x.im === null ? abs(x.re) : call("hypot", x.re, x.im);
}

/** Multiplied with i, and with -i. */
function turned(x: Parts): Parts {
  return { re: neg(imOf(x)), im: x.re };
}
function turnedBack(x: Parts): Parts {
  return { re: imOf(x), im: neg(x.re) };
}

function exp(x: Parts): Parts {
  const b = imOf(x);
  const e = call("exp", x.re);
  // Infinity times the sine of zero is zero here, and so is zero times anything.
  const none = isZero(e);
  return {
    re: choose(none, e, mul(e, call("cos", b))),
    im: choose(
      isZero(b),
      b,
      choose(none, call("copysign", 0, b), mul(e, call("sin", b))),
    ),
  };
}

/** The logarithm of the distance from zero; near 1 it is small, and its digits come from log1p. */
function logSize(x: Parts): Expr {
  const [p, q] = [abs(x.re), abs(imOf(x))];
  const [large, small] = [call("max", p, q), call("min", p, q)];
  const h = size(x);
  const near = call("and", call("gt", h, 0.5), call("lt", h, 2));
  const excess = add(
    mul(sub(large, 1), add(large, 1)),
    mul(small, small),
  );
  return choose(near, mul(0.5, call("log1p", excess)), call("log", h));
}

function log(x: Parts): Parts {
  return { re: logSize(x), im: call("atan2", imOf(x), x.re) };
}

function log1p(x: Parts): Parts {
  const b = imOf(x);
  const one = add(x.re, 1);
  const excess = add(mul(x.re, add(x.re, 2)), mul(b, b));
  const near = call("lt", add(abs(x.re), abs(b)), 0.5);
  return {
    re: choose(
      near,
      mul(0.5, call("log1p", excess)),
      logSize({ re: one, im: b }),
    ),
    im: call("atan2", b, one),
  };
}

function root(x: Parts): Parts {
  const b = imOf(x);
  const t = sqrt(add(mul(0.5, abs(x.re)), mul(0.5, size(x))));
  const other = choose(
    call("or", isZero(t), isEndless(b)),
    abs(b),
    div(mul(0.5, abs(b)), t),
  );
  const right = call("not", call("signbit", x.re));
  return {
    re: choose(right, t, other),
    im: call("copysign", choose(right, other, t), b),
  };
}

/** A product in which zero times infinity is zero. */
function steady(x: Expr, y: Expr): Expr {
  const z = mul(x, y);
  const lost = call("and", call("ne", z, z), call("or", isZero(x), isZero(y)));
  return choose(lost, 0, z);
}

function sin(x: Parts): Parts {
  const b = imOf(x);
  return {
    re: steady(call("sin", x.re), call("cosh", b)),
    im: steady(call("cos", x.re), call("sinh", b)),
  };
}

function cos(x: Parts): Parts {
  const b = imOf(x);
  return {
    re: mul(call("cos", x.re), call("cosh", b)),
    im: neg(steady(call("sin", x.re), call("sinh", b))),
  };
}

/** Kahan's form; where it would overflow, the value is 1 or -1 and a little beside. */
function tanh(x: Parts): Parts {
  const b = imOf(x);
  const s = call("sinh", x.re);
  const t = call("tan", b);
  const beta = add(1, mul(t, t));
  const below = add(1, mul(beta, mul(s, s)));
  const far = call("gt", abs(x.re), 20);
  const rest = mul(
    mul(4, mul(call("sin", b), call("cos", b))),
    call("exp", mul(-2, abs(x.re))),
  );
  return {
    re: choose(
      far,
      call("copysign", 1, x.re),
      div(mul(mul(beta, sqrt(add(1, mul(s, s)))), s), below),
    ),
    im: choose(
      far,
      choose(isEndless(x.re), 0, rest),
      div(t, below),
    ),
  };
}

function atanh(x: Parts): Parts {
  const [a, b] = [x.re, imOf(x)];
  const left = sub(1, a);
  const square = mul(b, b);
  const far = isFar(x);
  return {
    re: choose(
      far,
      call("copysign", 0, a),
      mul(
        0.25,
        call("log1p", div(mul(4, a), add(mul(left, left), square))),
      ),
    ),
    im: choose(
      far,
      call("copysign", Math.PI / 2, b),
      mul(
        0.5,
        call("atan2", mul(2, b), sub(mul(left, add(1, a)), square)),
      ),
    ),
  };
}

/** The roots of 1 - x and 1 + x, of which Kahan makes the inverse functions. */
function roots(x: Parts): [Parts, Parts] {
  return [root(minus(ONE, x)), root(plus(ONE, x))];
}

function asin(x: Parts): Parts {
  const [p, q] = roots(x);
  const [a, b] = direction(x);
  const far = isFar(x);
  return {
    re: choose(
      far,
      call("atan2", a, abs(b)),
      call("atan2", x.re, sub(mul(p.re, q.re), mul(imOf(p), imOf(q)))),
    ),
    im: choose(
      far,
      call("copysign", Infinity, b),
      call("asinh", sub(mul(p.re, imOf(q)), mul(imOf(p), q.re))),
    ),
  };
}

function acos(x: Parts): Parts {
  const [p, q] = roots(x);
  const [a, b] = direction(x);
  const far = isFar(x);
  return {
    re: choose(
      far,
      call("atan2", abs(b), a),
      mul(2, call("atan2", p.re, q.re)),
    ),
    im: choose(
      far,
      neg(call("copysign", Infinity, b)),
      call("asinh", sub(mul(q.re, imOf(p)), mul(imOf(q), p.re))),
    ),
  };
}

function acosh(x: Parts): Parts {
  const p = root(minus(x, ONE));
  const q = root(plus(x, ONE));
  const [a, b] = direction(x);
  const far = isFar(x);
  return {
    re: choose(
      far,
      Infinity,
      call("asinh", add(mul(p.re, q.re), mul(imOf(p), imOf(q)))),
    ),
    im: choose(far, call("atan2", b, a), mul(2, call("atan2", imOf(p), q.re))),
  };
}

/**
 * Powers of zero are what C says of exp(y log 0): 0 where the exponent's real
 * part is positive, infinite where it is negative, else NaN. PyTorch has 1 for a
 * plain exponent of 0.
 */
function pow(x: Parts, y: Parts): Parts {
  const { re, im } = exp(times(y, log(x)));
  const zero = isZero(size(x));
  const unless = (below: number) =>
    choose(call("gt", y.re, 0), 0, choose(call("lt", y.re, 0), below, NaN));
  const raised = {
    re: choose(zero, unless(Infinity), re),
    im: choose(zero, unless(NaN), imOf({ re, im })),
  };
  if (y.im !== null) return raised;
  const one = isZero(y.re);
  return { re: choose(one, 1, raised.re), im: choose(one, 0, raised.im) };
}

function scaled(x: Parts, factor: number): Parts {
  return times({ re: constant(factor), im: null }, x);
}

function both(fn: Fn, join: Fn): Rule {
  return (x, y) => {
    const re = call(fn, x!.re, y!.re);
    if (x!.im === null && y!.im === null) return { re, im: null };
    return { re: call(join, re, call(fn, imOf(x!), imOf(y!))), im: null };
  };
}

/** What stays a function of real numbers where its argument is one. */
function orReal(fn: Fn, rule: Rule): Rule {
  return (...args) =>
    args.every(({ im }) => im === null)
      ? { re: call(fn, ...args.map(({ re }) => re)), im: null }
      : rule(...args);
}

const RULES: Partial<Record<Fn, (...args: Parts[]) => Parts>> = {
  add: (x, y) => plus(x!, y!),
  sub: (x, y) => minus(x!, y!),
  mul: (x, y) => times(x!, y!),
  div: (x, y) => over(x!, y!),
  neg: (x) => negative(x!),
  abs: (x) => ({ re: size(x!), im: null }),
  sqrt: (x) => root(x!),
  pow: (x, y) => pow(x!, y!),
  exp: (x) => exp(x!),
  exp2: (x) => exp(scaled(x!, Math.LN2)),
  expm1: (x) => {
    const b = imOf(x!);
    const half = call("sin", mul(0.5, b));
    return {
      re: sub(
        mul(call("expm1", x!.re), call("cos", b)),
        mul(2, mul(half, half)),
      ),
      im: imOf(exp(x!)),
    };
  },
  log: (x) => log(x!),
  log2: (x) => scaled(log(x!), Math.LOG2E),
  log10: (x) => scaled(log(x!), Math.LOG10E),
  log1p: (x) => log1p(x!),
  sin: (x) => sin(x!),
  cos: (x) => cos(x!),
  tan: (x) => turnedBack(tanh(turned(x!))),
  sinh: (x) => turnedBack(sin(turned(x!))),
  cosh: (x) => cos(turned(x!)),
  tanh: (x) => tanh(x!),
  asin: (x) => asin(x!),
  acos: (x) => acos(x!),
  atan: (x) => turnedBack(atanh(turned(x!))),
  asinh: (x) => turnedBack(asin(turned(x!))),
  acosh: (x) => acosh(x!),
  atanh: (x) => atanh(x!),
  select: (c, x, y) => {
    const im = x!.im === null && y!.im === null
      ? null
      : choose(c!.re, imOf(x!), imOf(y!));
    return { re: choose(c!.re, x!.re, y!.re), im };
  },
  eq: both("eq", "and"),
  ne: both("ne", "or"),
};

/** How each function that has a complex meaning reads; others are functions of real numbers only. */
export const COMPLEX_FUNCTIONS: Readonly<Partial<Record<Fn, Rule>>> = Object
  .fromEntries(
    (Object.entries(RULES) as [Fn, Rule][]).map((
      [fn, rule],
    ) => [fn, fn === "select" ? rule : orReal(fn, rule)]),
  );
