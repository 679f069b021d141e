// What one kernel computes for one element, as data. Every device prints the
// same expressions in its own language. Pure: knows nothing of tensors.

/** Functions of numbers; every device prints all of them. */
export type NumberFn =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "trunc"
  | "round" // half to even
  | "min" // propagates NaN
  | "max" // propagates NaN
  | "fmod" // sign of the dividend, as in C
  | "remainder" // sign of the divisor, as in Python
  | "floorDiv" // rounds down, as in Python
  | "truncDiv" // integers: rounds to zero
  | "pow"
  | "exp"
  | "exp2"
  | "expm1"
  | "log"
  | "log2"
  | "log10"
  | "log1p"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "atan2"
  | "hypot"
  | "erf"
  | "erfc"
  | "erfinv"
  | "lgamma"
  | "digamma"
  | "polygamma" // (order, x)
  | "zeta" // (s, q): Hurwitz's
  | "i0" // Bessel functions, modified ones and those times exp(-|x|) or exp(x)
  | "i0e"
  | "i1"
  | "i1e"
  | "j0"
  | "j1"
  | "y0"
  | "y1"
  | "k0"
  | "k0e"
  | "k1"
  | "k1e"
  | "sphericalJ0" // sin(x) / x
  | "erfcx" // exp(x * x) * erfc(x)
  | "ndtr" // the normal distribution, its logarithm and its inverse
  | "logNdtr"
  | "ndtri"
  | "gammainc" // (a, x): the regularized incomplete gamma functions
  | "gammaincc"
  | "copysign"
  | "nextafter" // (x, y): the neighbour of x towards y, in the type computed in
  | "mantissa" // of x = mantissa * 2 ** exponent, from 1/2 to below 1
  | "exponent" // of the same; 0 where x is 0 or not finite
  | "bitAnd"
  | "bitOr"
  | "bitXor"
  | "bitNot"
  | "shiftLeft"
  | "shiftRight"
  | "gcd" // of integers; never negative
  | "select"; // (condition, then, otherwise)

/** Functions whose result is a condition. */
export type ConditionFn =
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "eq"
  | "ne"
  | "and"
  | "or"
  | "not"
  | "signbit";

/** Every function an expression may call. */
export type Fn = NumberFn | ConditionFn;

/** A scalar expression. Nodes are shared by identity: a device computes a shared node once. */
export type Expr =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "param"; readonly index: number }
  | { readonly kind: "const"; readonly value: number }
  | { readonly kind: "call"; readonly fn: Fn; readonly args: readonly Expr[] };

/** Refers to the element of the input at `index`. */
export function input(index: number): Expr {
  return { kind: "input", index };
}

/** Collects the indices of the inputs that an expression reads. */
export function inputsOf(
  expr: Expr,
  found: Set<number> = new Set(),
): Set<number> {
  if (expr.kind === "input") found.add(expr.index);
  if (expr.kind === "call") expr.args.forEach((arg) => inputsOf(arg, found));
  return found;
}

/** Refers to a number that is given at each call, such as a bound or a slope. */
export function param(index: number): Expr {
  return { kind: "param", index };
}

/** A number known when the op is defined. */
export function constant(value: number): Expr {
  return { kind: "const", value };
}

/** An operand of {@linkcode call}: a plain number stands for a constant. */
export type ExprLike = Expr | number;

/** Calls a function. */
export function call(fn: Fn, ...args: ExprLike[]): Expr {
  return {
    kind: "call",
    fn,
    args: args.map((arg) => typeof arg === "number" ? constant(arg) : arg),
  };
}

const CONDITIONS: ReadonlySet<string> = new Set<ConditionFn>([
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
  "not",
  "signbit",
]);

/** Tells whether the value of an expression is a condition rather than a number. */
export function isCondition(expr: Expr): boolean {
  return expr.kind === "call" && CONDITIONS.has(expr.fn);
}

/** How one device spells each function and the leaves. */
export interface Spelling {
  /** Spells an input element. */
  input(index: number): string;
  /** Spells a number given at the call. */
  param(index: number): string;
  /** Spells a constant. */
  constant(value: number): string;
  /** Spells each call, given spelled arguments. */
  readonly calls: Readonly<Record<Fn, (...args: string[]) => string>>;
  /** Spells the definition of a shared value. */
  define(name: string, value: string, isCondition: boolean): string;
}

/** A printed expression: definitions of shared values, then the result. */
export interface Printed {
  /** Statements that come first. */
  readonly definitions: readonly string[];
  /** The expression that follows them. */
  readonly result: string;
}

/** Several printed expressions: definitions of shared values, then the results. */
export interface PrintedAll {
  /** Statements that come first. */
  readonly definitions: readonly string[];
  /** The expressions that follow them, in order. */
  readonly results: readonly string[];
}

/** Prints an expression; values used more than once get a name and are computed once. */
export function print(expr: Expr, spelling: Spelling): Printed {
  const { definitions, results } = printAll([expr], spelling);
  return { definitions, result: results[0]! };
}

/** Prints expressions that may share values; see {@linkcode print}. */
export function printAll(
  exprs: readonly Expr[],
  spelling: Spelling,
): PrintedAll {
  const uses = new Map<Expr, number>();
  const count = (e: Expr): void => {
    const n = uses.get(e) ?? 0;
    uses.set(e, n + 1);
    if (n === 0 && e.kind === "call") e.args.forEach(count);
  };
  exprs.forEach(count);
  const names = new Map<Expr, string>();
  const definitions: string[] = [];
  const spell = (e: Expr): string => {
    if (e.kind === "input") return spelling.input(e.index);
    if (e.kind === "param") return spelling.param(e.index);
    if (e.kind === "const") return spelling.constant(e.value);
    const known = names.get(e);
    if (known !== undefined) return known;
    const text = spelling.calls[e.fn](...e.args.map(spell));
    if (uses.get(e) === 1) return text;
    const name = `t${names.size}`;
    names.set(e, name);
    definitions.push(spelling.define(name, text, isCondition(e)));
    return name;
  };
  const results = exprs.map(spell);
  return { definitions, results };
}
