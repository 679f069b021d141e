// Integer expressions and loops as kernels of products need them: addresses,
// counts, items of work. Written inside out, as formulas read.

import { type FunctionBuilder, I32 } from "./emitter.ts";

/** Pushes a value. */
export type Push = (f: FunctionBuilder) => void;
/** A variable or what pushes a value. */
export type Value = number | Push;

/** Pushes a value. */
export function push(f: FunctionBuilder, value: Value): FunctionBuilder {
  if (typeof value === "number") f.get(value);
  else value(f);
  return f;
}

/** `variable = value`. */
export function assign(
  f: FunctionBuilder,
  variable: number,
  value: Value,
): void {
  push(f, value).set(variable);
}

/** A new variable with a value. */
export function define(f: FunctionBuilder, value: Value): number {
  const variable = f.local(I32);
  assign(f, variable, value);
  return variable;
}

/** A constant. */
export function num(value: number): Push {
  return (f) => void f.i32(value);
}

/** The sum of values. */
export function add(first: Value, ...rest: Value[]): Push {
  return (f) => {
    push(f, first);
    for (const value of rest) push(f, value).op("i32.add");
  };
}

/** The difference of two values. */
export function sub(x: Value, y: Value): Push {
  return (f) => void push(push(f, x), y).op("i32.sub");
}

/** The product of values. */
export function mul(first: Value, ...rest: Value[]): Push {
  return (f) => {
    push(f, first);
    for (const value of rest) push(f, value).op("i32.mul");
  };
}

/** The quotient, rounded down. */
export function div(x: Value, y: Value): Push {
  return (f) => void push(push(f, x), y).op("i32.div_u");
}

/** The rest of the quotient. */
export function rem(x: Value, y: Value): Push {
  return (f) => void push(push(f, x), y).op("i32.rem_u");
}

/** The smaller of two values, which are pushed twice. */
export function min(x: Value, y: Value): Push {
  return (f) => {
    push(push(f, x), y);
    push(push(f, x), y).op("i32.lt_s").op("select");
  };
}

/** Whether the first value is smaller. */
export function less(x: Value, y: Value): Push {
  return (f) => void push(push(f, x), y).op("i32.lt_s");
}

/** Counts a variable from `from` to below `to`. */
export function count(
  f: FunctionBuilder,
  variable: number,
  from: Value,
  to: Value,
  step: Value,
  body: () => void,
): void {
  assign(f, variable, from);
  push(f, less(variable, to)).if().loop();
  body();
  assign(f, variable, add(variable, step));
  push(f, less(variable, to)).brIf(0).end().end();
}

/** `times` times the body; `times` is a variable that ends at 0. */
export function repeat(
  f: FunctionBuilder,
  times: number,
  body: () => void,
): void {
  f.get(times).if().loop();
  body();
  f.get(times).i32(1).op("i32.sub").tee(times).brIf(0).end().end();
}

/** `variable += bytes`. */
export function advance(
  f: FunctionBuilder,
  variable: number,
  bytes: Value,
): void {
  assign(f, variable, add(variable, bytes));
}

/** Reads the words of a kernel's arguments into variables. */
export function readWords<const Name extends string>(
  f: FunctionBuilder,
  names: readonly Name[],
): Record<Name, number> {
  const out = {} as Record<Name, number>;
  names.forEach((name, i) => {
    out[name] = define(f, (g) => void g.get(0).memory("i32.load", 4 * i));
  });
  return out;
}

/** The number of the thread that runs the kernel; see `launch`. */
export function threadNumber(f: FunctionBuilder): void {
  f.get(0).memory("i32.load", 4 * 63);
}
