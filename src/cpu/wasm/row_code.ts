// The code of fused computations on rows. One element at a time it would read:
// a pass per step that folds, then a pass that stores. Rows lie either one
// element after another, or side by side, so that a vector holds as many rows.

import type { RowKernel, RowStep } from "../../tensor/device.ts";
import { type Expr, inputsOf } from "../../tensor/expr.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import { NUMBERS_AT } from "./kernel.ts";
import { expBelow, expDouble, logDouble } from "./row_math.ts";
import { type Value, VectorCode } from "./vector_code.ts";
import { BUILDS, callsMath } from "./vector_print.ts";

/** Places of the arguments among the words. */
export const WORD = {
  /** Elements of a row. */
  length: 0,
  /** Rows whose distance is the inner one. */
  inner: 1,
  /** Stretches of rows side by side that make up those. */
  blocks: 2,
  /** Rows of a stretch, at most. */
  width: 3,
  /** Address, bytes between outer rows, inner rows and elements, of each operand; the output first. */
  operands: 5,
  /** Addresses of the results of rows. */
  totals: 42,
  /** Scratch memory, of which each thread has its own part. */
  scratch: 46,
} as const;

/** Operands, at most. */
export const OPERANDS = 9;
/** Rows side by side that are walked together, at most. */
export const WIDTH = 512;

/** Floating-point types that rows may have. */
export type RowType = "f32" | "f64";

const UPPER = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const JOINED = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** The value of a step: for elements, and in float64 for what is computed of it. */
export interface StepValue {
  readonly narrow: Value;
  readonly wide: readonly Value[];
}

/** Whether an expression calls a function. */
function calls(expr: Expr | null, fn: string): boolean {
  return expr !== null && expr.kind === "call" &&
    (expr.fn === fn || expr.args.some((arg) => calls(arg, fn)));
}

/** Prints the loops of one kernel. */
export class RowCode {
  readonly f: FunctionBuilder = new FunctionBuilder([I32, I32, I32]);
  readonly v: VectorCode = new VectorCode(this.f);
  readonly kernel: RowKernel;
  readonly type: RowType;
  /** By operand, the output first: whether a vector is one element in every lane. */
  readonly splats: readonly boolean[];
  readonly bytes: 4 | 8;
  readonly lanes: 4 | 2;
  readonly shape: "f32x4" | "f64x2";
  /** Where the row begins, by operand, and where a pass is. */
  readonly starts: number[];
  readonly at: number[];
  readonly left: number;
  readonly length: number;
  #params = new Map<string, Value>();

  constructor(kernel: RowKernel, type: RowType, splats: readonly boolean[]) {
    this.kernel = kernel;
    this.type = type;
    this.splats = splats;
    this.bytes = type === "f32" ? 4 : 8;
    this.lanes = type === "f32" ? 4 : 2;
    this.shape = type === "f32" ? "f32x4" : "f64x2";
    this.starts = splats.map(() => this.f.local(I32));
    this.at = splats.map(() => this.f.local(I32));
    this.left = this.f.local(I32);
    this.length = this.f.local(I32);
    this.loadParams();
  }

  /** Loads an argument word into a variable of its own. */
  word(index: number): number {
    const out = this.f.local(I32);
    this.f.get(0).memory("i32.load", 4 * index).set(out);
    return out;
  }

  loadParams(): void {
    const found = new Set<number>();
    const visit = (e: Expr | null): void => {
      if (e?.kind === "param") found.add(e.index);
      if (e?.kind === "call") e.args.forEach(visit);
    };
    const { steps, result, totals } = this.kernel;
    [...steps.flatMap(({ of, finish }) => [of, finish]), result, ...totals]
      .forEach(visit);
    for (const index of found) {
      this.f.get(0).memory("v128.load64_splat", NUMBERS_AT + 8 * index);
      const wide = this.v.keep();
      this.#params.set(`wide ${index}`, wide);
      this.#params.set(`narrow ${index}`, this.narrowOf([wide], true));
    }
  }

  /** Whether a step's elements are exponentials of what is at most 0. */
  isBelow(e: Expr): boolean {
    if (e.kind !== "call" || e.fn !== "sub") return false;
    const { arity, steps } = this.kernel;
    const [x, top] = e.args;
    if (x?.kind !== "input" || top?.kind !== "input") return false;
    const step = steps[top.index - arity];
    return step?.fold === "max" && step.finish === null &&
      step.of.kind === "input" && step.of.index === x.index;
  }

  /** Whether a step adds such exponentials in float32. */
  sumsPowers({ of }: RowStep): boolean {
    return this.type === "f32" && of.kind === "call" && of.fn === "exp" &&
      this.isBelow(of.args[0]!);
  }

  /** Whether an expression takes many instructions other than such exponentials. */
  isMath(expr: Expr): boolean {
    return callsMath(expr) &&
      !(expr.kind === "call" && expr.fn === "exp" &&
        this.isBelow(expr.args[0]!));
  }

  /** Prints an expression of elements. */
  element(expr: Expr, inputs: readonly Value[]): Value {
    return this.#print(expr, inputs, this.type);
  }

  /** Prints an expression of numbers of rows, in float64. */
  wide(expr: Expr, inputs: readonly Value[]): Value {
    return this.#print(expr, inputs, "f64");
  }

  #print(expr: Expr, inputs: readonly Value[], type: RowType): Value {
    const { v } = this;
    const known = new Map<Expr, Value>();
    const visit = (e: Expr): Value => {
      switch (e.kind) {
        case "input":
          return inputs[e.index]!;
        case "param":
          return this.#params.get(
            `${type === "f32" ? "narrow" : "wide"} ${e.index}`,
          )!;
        case "const":
          return v.splat(type === "f32" ? "f32x4" : "f64x2", e.value);
        case "call": {
          let value = known.get(e);
          if (value === undefined) {
            const args = e.args.map(visit);
            if (type === "f64" && e.fn === "exp") {
              value = expDouble(v, args[0]!);
            } else if (type === "f64" && e.fn === "log") {
              value = logDouble(v, args[0]!);
            } else if (e.fn === "exp" && this.isBelow(e.args[0]!)) {
              value = expBelow(v, args[0]!);
            } else value = BUILDS[type][e.fn]!(v, ...args);
            known.set(e, value);
          }
          return value;
        }
      }
    };
    return visit(expr);
  }

  /** The elements' form of numbers in float64; `same` where all lanes are to be equal. */
  narrowOf(wide: readonly Value[], same: boolean): Value {
    const { v, f, type } = this;
    if (type === "f64") return wide[0]!;
    const low = v.op("f32x4.demote_f64x2_zero", wide[0]!);
    if (same) {
      f.get(low).lane("f32x4", 0).simd("f32x4.splat");
      return v.keep();
    }
    return v.shuffle(low, v.op("f32x4.demote_f64x2_zero", wide[1]!), JOINED);
  }

  /** Both halves of a vector in float64. */
  halves(x: Value): Value[] {
    const { v } = this;
    if (this.type === "f64") return [x];
    return [
      v.op("f64x2.promote_low_f32x4", x),
      v.op("f64x2.promote_low_f32x4", v.shuffle(x, x, UPPER)),
    ];
  }

  /** The value of a step of what came out. */
  finished(
    step: RowStep,
    folded: readonly Value[],
    values: readonly StepValue[],
    same: boolean,
  ): StepValue {
    const { finish } = step;
    const wide = finish === null
      ? folded
      : folded.map((value, h) =>
        this.wide(finish, this.#wideInputs(values, h, value))
      );
    return { wide, narrow: this.narrowOf(wide, same) };
  }

  #wideInputs(
    values: readonly StepValue[],
    half: number,
    folded: Value,
  ): Value[] {
    const { arity, steps } = this.kernel;
    const inputs: Value[] = [];
    values.forEach(({ wide }, k) => inputs[arity + k] = wide[half]!);
    inputs[arity + steps.length] = folded;
    return inputs;
  }

  /** Values of a total, one for each half. */
  total(expr: Expr, values: readonly StepValue[]): Value[] {
    return values[0]!.wide.map((_, h) =>
      this.wide(expr, this.#wideInputs(values, h, 0))
    );
  }

  /** Loads the elements of an operand at its place in the pass. */
  loadElement(
    k: number,
    offset: number,
    single: boolean,
    at: number = this.at[k]!,
  ): Value {
    const splat = single || this.splats[k]!;
    this.f.get(at).memory(
      splat ? `v128.load${this.bytes === 4 ? 32 : 64}_splat` : "v128.load",
      splat ? 0 : offset,
    );
    return this.v.keep();
  }

  /** Stores an element's result at its place. */
  storeElement(
    x: Value,
    offset: number,
    single: boolean,
    at: number = this.at[0]!,
  ): void {
    const { f, type } = this;
    f.get(at).get(x);
    if (!single) f.memory("v128.store", offset);
    else f.lane(this.shape, 0).memory(`${type}.store`);
  }

  /** Inputs that an expression reads, by number. */
  reads(expr: Expr): number[] {
    const found = new Set<number>();
    const visit = (e: Expr): void => {
      if (e.kind === "input") found.add(e.index);
      if (e.kind === "call") e.args.forEach(visit);
    };
    visit(expr);
    return [...found];
  }

  /** Steps that need nothing of each other, in order: one pass does all of a group. */
  groups(): RowStep[][] {
    const { arity, steps } = this.kernel;
    const out: RowStep[][] = [];
    let begin = 0;
    steps.forEach((step, k) => {
      const waits = this.reads(step.of).some((index) => index >= arity + begin);
      if (k === 0 || waits) {
        begin = k;
        out.push([]);
      }
      out.at(-1)!.push(step);
    });
    return out;
  }

  /** The operands that a pass reads and those that it walks, the output first. */
  walk(
    exprs: readonly Expr[],
    stores: boolean,
  ): { reads: number[]; walks: number[] } {
    const { arity, steps } = this.kernel;
    const found = [...new Set(exprs.flatMap((expr) => this.reads(expr)))];
    const inputs = found.filter((k) => k < arity).map((k) => k + 1);
    const kept = found.includes(arity + steps.length);
    return {
      reads: kept ? [0, ...inputs] : inputs,
      walks: stores || kept ? [0, ...inputs] : inputs,
    };
  }

  /** Inputs as expressions number them: elements, values of steps, what was kept. */
  named(operands: readonly Value[], values: readonly StepValue[]): Value[] {
    const { arity, steps } = this.kernel;
    const out: Value[] = [];
    for (let k = 0; k < arity; k++) out[k] = operands[k + 1]!;
    values.forEach(({ narrow }, k) => out[arity + k] = narrow);
    out[arity + steps.length] = operands[0]!;
    return out;
  }

  /** Adds a constant to a variable. */
  advance(variable: number, by: number): void {
    this.f.get(variable).i32(by).op("i32.add").set(variable);
  }

  /** Repeats `body` while `elements` are left in a variable. */
  whileLeft(left: number, elements: number, body: () => void): void {
    const { f } = this;
    f.block().loop().get(left).i32(elements).op("i32.lt_u").brIf(1);
    body();
    this.advance(left, -elements);
    f.br(0).end().end();
  }

  /** Sets where an item begins, for each operand, by its outer and inner number. */
  locate(outer: number, inner: number): void {
    const { f } = this;
    this.starts.forEach((start, k) => {
      const at = 4 * (WORD.operands + 4 * k);
      f.get(0).memory("i32.load", at);
      f.get(outer).get(0).memory("i32.load", at + 4).op("i32.mul");
      f.op("i32.add");
      f.get(inner).get(0).memory("i32.load", at + 8).op("i32.mul");
      f.op("i32.add").set(start);
    });
  }

  /** Divides a number by a word into outer and inner number. */
  split(item: number, word: number): [number, number] {
    const { f } = this;
    const [outer, inner] = [f.local(I32), f.local(I32)];
    f.get(item).get(word).op("i32.div_u").set(outer);
    f.get(item).get(outer).get(word).op("i32.mul").op("i32.sub").set(inner);
    return [outer, inner];
  }

  /** Whether every digit of a sum counts, because it may be 1 and a little more. */
  isExact(step: RowStep): boolean {
    return calls(step.finish, "log");
  }

  /** A vector variable with a start value. */
  started(value: number, type: "f32x4" | "f64x2"): Value {
    const out = this.f.local(V128);
    this.f.get(this.v.splat(type, value)).set(out);
    return out;
  }

  /** Lane 0 alone. */
  get first(): Value {
    return this.f.hoisted(new Int32Array([-1, -1, 0, 0]));
  }
}

/** Whether all of a kernel can be printed. */
export function printsRows(kernel: RowKernel, type: RowType): boolean {
  const position = kernel.arity + kernel.steps.length + 1;
  const prints = (e: Expr | null, wide: boolean): boolean => {
    if (e?.kind === "input") return e.index !== position;
    if (e === null || e.kind !== "call") return true;
    const known = wide && (e.fn === "exp" || e.fn === "log") ||
      BUILDS[wide ? "f64" : "f32"][e.fn] !== undefined;
    return known && e.args.every((arg) => prints(arg, wide));
  };
  const { steps, result, totals } = kernel;
  const wide = type === "f64";
  return steps.every(({ of, finish }) =>
    prints(of, wide) && prints(finish, true)
  ) && prints(result, wide) &&
    totals.every((total) =>
      prints(total, true) &&
      inputsOf(total).values().every((k) => k >= kernel.arity)
    );
}
