// Fused computations along rows whose elements are neighbours: a vector holds
// elements of one row. Items are rows.

import type { RowStep } from "../../tensor/device.ts";
import type { FunctionBuilder } from "./emitter.ts";
import { type RowCode, type StepValue, WORD } from "./row_code.ts";
import type { Value } from "./vector_code.ts";

/** What a pass does with the operands of several vectors; `single` where each holds one element only. */
type Body = (
  operands: readonly (readonly Value[])[],
  single: boolean,
) => void;

/** One pass over a row. Operands in `fixed` are the same for all of it. */
function pass(
  c: RowCode,
  { reads, walks }: ReturnType<RowCode["walk"]>,
  fixed: ReadonlyMap<number, Value>,
  unroll: number,
  body: Body,
): void {
  const { f, left, bytes, lanes } = c;
  const moving = walks.filter((k) => !fixed.has(k));
  for (const k of moving) f.get(c.starts[k]!).set(c.at[k]!);
  f.get(c.length).set(left);
  for (const vectors of [unroll, 1, 0]) {
    const single = vectors === 0;
    const elements = single ? 1 : vectors * lanes;
    c.whileLeft(left, elements, () => {
      const operands: Value[][] = [];
      for (let j = 0; j < Math.max(vectors, 1); j++) {
        const row: Value[] = operands[j] = [];
        for (const k of reads) {
          row[k] = fixed.get(k) ?? c.loadElement(k, 16 * j, single);
        }
      }
      body(operands, single);
      for (const k of moving) c.advance(c.at[k]!, elements * bytes);
    });
  }
}

/** What becomes of the elements of a step. */
interface Fold {
  /** Takes the elements of some vectors, of which only the first lane counts if there is a single one. */
  add(xs: readonly Value[], single: boolean): void;
  /** The number in float64, in both lanes. */
  finish(): Value;
}

/** The largest of all lanes, in all lanes. */
function largest(c: RowCode, tops: readonly Value[]): Value {
  const { v } = c;
  const more = (x: Value, y: Value) => v.op(`${c.shape}.pmax`, x, y);
  let top = tops.reduce(more);
  for (let half = 8; half >= c.bytes; half /= 2) {
    const turned = Array.from({ length: 16 }, (_, k) => (k + half) % 16);
    top = more(top, v.shuffle(top, top, turned));
  }
  return top;
}

/** Vectors of one sum; neighbouring vectors of float32 are added first. */
function parts(c: RowCode, xs: readonly Value[]): readonly Value[] {
  if (c.type === "f64" || xs.length === 1) return xs;
  const out: Value[] = [];
  for (let j = 0; j < xs.length; j += 2) {
    out.push(c.v.op("f32x4.add", xs[j]!, xs[j + 1]!));
  }
  return parts(c, out);
}

/** Adds vectors to a sum in float64. */
function addWide(
  c: RowCode,
  sums: readonly Value[],
  xs: readonly Value[],
  single: boolean,
): void {
  const { f, v } = c;
  const wide = single
    ? [v.op("v128.and", c.halves(xs[0]!)[0]!, c.first)]
    : xs.flatMap((x) => c.halves(x));
  wide.forEach((x, j) => {
    const sum = sums[j % sums.length]!;
    f.get(sum).get(x).simd("f64x2.add").set(sum);
  });
}

/** The sum of numbers of both lanes, in both. */
function both(c: RowCode, sums: readonly Value[]): Value {
  const { f, v } = c;
  const sum = sums.reduce((x, y) => v.op("f64x2.add", x, y));
  f.get(sum).lane("f64x2", 0).get(sum).lane("f64x2", 1).op("f64.add");
  f.simd("f64x2.splat");
  return v.keep();
}

/**
 * A sum of float32 numbers up to 1 with every digit, as needed where it is 1
 * and a little more: what adding to a total from 1 on loses is added up apart.
 */
class ExactSum implements Fold {
  readonly #c: RowCode;
  readonly #totals: Value[];
  readonly #lost: Value[];

  constructor(c: RowCode) {
    this.#c = c;
    this.#totals = [1, 1].map((one) => c.started(one, "f32x4"));
    this.#lost = [0, 0].map((zero) => c.started(zero, "f32x4"));
  }

  add(xs: readonly Value[], single: boolean): void {
    const { f, v } = this.#c;
    xs.forEach((x, j) => {
      const total = this.#totals[j % 2]!;
      const lost = this.#lost[j % 2]!;
      const y = single ? v.op("v128.and", x, this.#first) : x;
      const sum = v.op("f32x4.add", total, y);
      const rest = v.op("f32x4.sub", y, v.op("f32x4.sub", sum, total));
      f.get(lost).get(rest).simd("f32x4.add").set(lost).get(sum).set(total);
    });
  }

  get #first(): Value {
    return this.#c.f.hoisted(new Int32Array([-1, 0, 0, 0]));
  }

  finish(): Value {
    const c = this.#c;
    const { v } = c;
    const one = v.splat("f64x2", 1);
    const wide = this.#totals.flatMap((total) =>
      c.halves(total).map((half) => v.op("f64x2.sub", half, one))
    );
    return both(c, [...wide, ...this.#lost.flatMap((x) => c.halves(x))]);
  }
}

/** The largest element so far. */
class Largest implements Fold {
  readonly #c: RowCode;
  readonly #tops: Value[];

  constructor(c: RowCode) {
    this.#c = c;
    this.#tops = [0, 1, 2, 3].map(() => c.started(-Infinity, c.shape));
  }

  add(xs: readonly Value[]): void {
    const { f, shape } = this.#c;
    // A NaN may be missed here: its exponential is NaN whatever is subtracted.
    xs.forEach((x, j) => {
      const top = this.#tops[j]!;
      f.get(top).get(x).simd(`${shape}.pmax`).set(top);
    });
  }

  finish(): Value {
    return this.#c.halves(largest(this.#c, this.#tops))[0]!;
  }
}

/** A sum in float64. */
class Sum implements Fold {
  readonly #c: RowCode;
  readonly #exact: boolean;
  readonly #sums: Value[];

  constructor(c: RowCode, exact: boolean) {
    this.#c = c;
    this.#exact = exact;
    this.#sums = [0, 1, 2, 3].map(() => c.started(0, "f64x2"));
  }

  add(xs: readonly Value[], single: boolean): void {
    const c = this.#c;
    addWide(c, this.#sums, this.#exact ? xs : parts(c, xs), single);
  }

  finish(): Value {
    return both(this.#c, this.#sums);
  }
}

function started(c: RowCode, step: RowStep): Fold {
  if (step.fold === "max") return new Largest(c);
  const exact = c.isExact(step);
  return exact && c.sumsPowers(step) ? new ExactSum(c) : new Sum(c, exact);
}

/** The steps and the result of one row. */
function row(c: RowCode): StepValue[] {
  const { f, kernel } = c;
  const fixed = new Map<number, Value>();
  for (let k = 1; k <= kernel.arity; k++) {
    if (!c.splats[k]) continue;
    f.get(c.starts[k]!).set(c.at[k]!);
    fixed.set(k, c.loadElement(k, 0, true));
  }
  const values: StepValue[] = [];
  for (const steps of c.groups()) {
    const folds = steps.map((step) => started(c, step));
    const unroll = steps.some(({ of }) => c.isMath(of)) ? 2 : 4;
    const exprs = steps.map(({ of }) => of);
    const walk = c.walk(exprs, steps.some(({ kept }) => kept));
    pass(c, walk, fixed, unroll, (operands, single) => {
      const inputs = operands.map((x) => c.named(x, values));
      steps.forEach((step, k) => {
        const xs = inputs.map((x) => c.element(step.of, x));
        if (step.kept) xs.forEach((x, j) => c.storeElement(x, 16 * j, single));
        folds[k]!.add(xs, single);
      });
    });
    steps.forEach((step, k) =>
      values.push(c.finished(step, [folds[k]!.finish()], values, true))
    );
  }
  const { result } = kernel;
  if (result !== null) {
    const unroll = c.isMath(result) ? 2 : 4;
    pass(c, c.walk([result], true), fixed, unroll, (operands, single) => {
      const xs = operands.map((x) => c.element(result, c.named(x, values)));
      xs.forEach((x, j) => c.storeElement(x, 16 * j, single));
    });
  }
  return values;
}

/** The function of a kernel along rows. */
export function alongRows(c: RowCode): FunctionBuilder {
  const { f, type, kernel } = c;
  const inner = c.word(WORD.inner);
  f.get(0).memory("i32.load", 4 * WORD.length).set(c.length);
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  c.locate(...c.split(1, inner));
  const values = row(c);
  kernel.totals.forEach((total, j) => {
    const [wide] = c.total(total, values);
    f.get(0).memory("i32.load", 4 * (WORD.totals + j));
    f.get(1).i32(c.bytes).op("i32.mul").op("i32.add");
    f.get(wide!).lane("f64x2", 0);
    if (type === "f32") f.op("f32.demote_f64");
    f.memory(`${type}.store`);
  });
  c.advance(1, 1);
  f.br(0).end().end();
  return f;
}
