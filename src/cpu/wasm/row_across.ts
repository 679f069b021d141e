// Fused computations on rows that lie side by side, as columns of a matrix do:
// a vector holds elements of several rows. Items are stretches of such rows;
// their sums lie in scratch memory while the elements are walked in the order
// in which they lie, so that pages and lines are used whole.

import type { RowStep } from "../../tensor/device.ts";
import type { Expr } from "../../tensor/expr.ts";
import { type FunctionBuilder, I32 } from "./emitter.ts";
import { type RowCode, type StepValue, WIDTH, WORD } from "./row_code.ts";
import type { Value } from "./vector_code.ts";

/** Bytes between the scratch of steps: numbers in float64, then as elements have them; the last vector may reach past the end. */
export const STEP_BYTES: number = 16 * WIDTH + 64;
const NARROW = 8 * WIDTH + 32;

/** Variables of the function. */
interface Frame {
  readonly c: RowCode;
  /** Where the scratch of this thread begins, and of this vector by 8 bytes and by the size of an element. */
  readonly scratch: number;
  readonly wide: number;
  readonly narrow: number;
  /** Rows of the item, and those left in a pass. */
  readonly width: number;
  readonly rest: number;
  /** Bytes between elements, by operand. */
  readonly steps: readonly number[];
  /** Where the elements of the pass begin, by operand. */
  readonly rows: readonly number[];
  /** Where those that are walked together are, by element and operand. */
  readonly places: readonly (readonly number[])[];
}

/** Elements of a row that are walked together, so that numbers of rows are loaded and stored once for them. */
const TOGETHER = 4;

/** Loops over the rows of the item, vectors at a time. */
function overWidth(
  { c, scratch, wide, narrow, width, rest }: Frame,
  moving: readonly number[],
  unroll: number,
  body: (vectors: number, single: boolean) => void,
): void {
  const { f, bytes, lanes } = c;
  f.get(scratch).set(wide).get(scratch).set(narrow).get(width).set(rest);
  for (const vectors of [unroll, 1, 0]) {
    if (vectors === 1 && unroll === 1) continue;
    const elements = vectors === 0 ? 1 : vectors * lanes;
    c.whileLeft(rest, elements, () => {
      body(Math.max(vectors, 1), vectors === 0);
      for (const at of moving) c.advance(at, elements * bytes);
      c.advance(wide, elements * 8);
      c.advance(narrow, elements * bytes);
    });
  }
}

/** Loads or stores a number of each row; `half` counts vectors of float64. */
function loadWide(r: Frame, step: number, half: number, single: boolean) {
  const { f, v } = r.c;
  f.get(r.wide).memory(
    single ? "v128.load64_splat" : "v128.load",
    step * STEP_BYTES + (single ? 0 : 16 * half),
  );
  return v.keep();
}

function storeWide(
  r: Frame,
  step: number,
  half: number,
  single: boolean,
  x: Value,
): void {
  const { f } = r.c;
  const offset = step * STEP_BYTES + (single ? 0 : 16 * half);
  f.get(r.wide).get(x);
  if (single) f.lane("f64x2", 0).memory("f64.store", offset);
  else f.memory("v128.store", offset);
}

function loadNarrow(r: Frame, step: number, j: number, single: boolean) {
  const { f, v, bytes } = r.c;
  f.get(r.narrow).memory(
    single ? `v128.load${bytes === 4 ? 32 : 64}_splat` : "v128.load",
    step * STEP_BYTES + NARROW + (single ? 0 : 16 * j),
  );
  return v.keep();
}

function storeNarrow(
  r: Frame,
  step: number,
  j: number,
  single: boolean,
  x: Value,
): void {
  const { f, shape, type } = r.c;
  const offset = step * STEP_BYTES + NARROW + (single ? 0 : 16 * j);
  f.get(r.narrow).get(x);
  if (single) f.lane(shape, 0).memory(`${type}.store`, offset);
  else f.memory("v128.store", offset);
}

/** Vectors of float64 for each vector of elements that count. */
function halvesOf(c: RowCode, single: boolean): number {
  return c.type === "f32" && !single ? 2 : 1;
}

/** What a pass does with the elements of some expressions: by element of the row, then by expression. */
type Body = (
  xs: readonly (readonly Value[])[],
  j: number,
  single: boolean,
) => void;

/** One pass over all elements. */
function pass(
  r: Frame,
  exprs: readonly Expr[],
  stores: boolean,
  body: Body,
): void {
  const { c } = r;
  const { f, left } = c;
  const { walks } = c.walk(exprs, stores);
  for (const k of walks) f.get(c.starts[k]!).set(r.rows[k]!);
  f.get(c.length).set(left);
  for (const together of [TOGETHER, 1]) {
    c.whileLeft(left, together, () => {
      for (let i = 0; i < together; i++) {
        for (const k of walks) {
          f.get(r.rows[k]!).tee(r.places[i]![k]!);
          f.get(r.steps[k]!).op("i32.add").set(r.rows[k]!);
        }
      }
      elements(r, exprs, stores, together, body);
    });
  }
}

/** Walks over some elements of all rows of the item. */
function elements(
  r: Frame,
  exprs: readonly Expr[],
  stores: boolean,
  together: number,
  body: Body,
): void {
  const { c } = r;
  const { kernel, splats } = c;
  const isMath = exprs.some((expr) => c.isMath(expr));
  const unroll = (isMath ? 2 : 4) / (together === 1 ? 1 : 2);
  const { reads, walks } = c.walk(exprs, stores);
  const used = exprs.flatMap((expr) => c.reads(expr));
  const places = r.places.slice(0, together);
  const fixed = places.map((at) =>
    new Map(
      reads.filter((k) => splats[k])
        .map((k) => [k, c.loadElement(k, 0, true, at[k]!)]),
    )
  );
  const moving = places.flatMap((at) =>
    walks.filter((k) => !fixed[0]!.has(k)).map((k) => at[k]!)
  );
  overWidth(r, moving, unroll, (vectors, single) => {
    for (let j = 0; j < vectors; j++) {
      const values: Value[] = [];
      kernel.steps.forEach((_, k) => {
        const at = kernel.arity + k;
        if (used.includes(at)) values[at] = loadNarrow(r, k, j, single);
      });
      const xs = places.map((at, i) => {
        const operands: Value[] = [];
        for (const k of reads) {
          operands[k] = fixed[i]!.get(k) ??
            c.loadElement(k, 16 * j, single, at[k]!);
        }
        const inputs = c.named(operands, []);
        values.forEach((value, at) => inputs[at] = value);
        return exprs.map((expr) => c.element(expr, inputs));
      });
      body(xs, j, single);
    }
  });
}

/** The numbers of the steps so far, in float64. */
function known(r: Frame, count: number, single: boolean): StepValue[] {
  return Array.from({ length: count }, (_, k) => ({
    narrow: 0,
    wide: Array.from(
      { length: halvesOf(r.c, single) },
      (_, h) => loadWide(r, k, h, single),
    ),
  }));
}

/** Adds neighbours until one is left. */
function joined(
  xs: readonly Value[],
  join: (x: Value, y: Value) => Value,
): Value {
  if (xs.length === 1) return xs[0]!;
  const out: Value[] = [];
  for (let i = 0; i < xs.length; i += 2) out.push(join(xs[i]!, xs[i + 1]!));
  return joined(out, join);
}

/** Takes elements into the number of step `k`. */
function take(
  r: Frame,
  step: RowStep,
  k: number,
  xs: readonly Value[],
  j: number,
  single: boolean,
): void {
  const { c } = r;
  const { v, shape } = c;
  if (step.kept) {
    xs.forEach((x, i) => c.storeElement(x, 16 * j, single, r.places[i]![0]!));
  }
  if (step.fold === "max") {
    // A NaN may be missed here: its exponential is NaN whatever is subtracted.
    const larger = (x: Value, y: Value) => v.op(`${shape}.pmax`, x, y);
    const top = loadNarrow(r, k, j, single);
    storeNarrow(r, k, j, single, larger(top, joined(xs, larger)));
    return;
  }
  const count = halvesOf(c, single);
  const addWide = (x: Value, y: Value) => v.op("f64x2.add", x, y);
  const add = (x: Value, y: Value) => v.op(`${shape}.add`, x, y);
  const wide = c.isExact(step)
    ? xs.map((x) => c.halves(x))
    : [c.halves(joined(xs, add))];
  for (let h = 0; h < count; h++) {
    const part = joined(wide.map((halves) => halves[h]!), addWide);
    const sum = loadWide(r, k, count * j + h, single);
    storeWide(r, k, count * j + h, single, addWide(sum, part));
  }
}

/** Folds all elements into the numbers of a group of steps, of which the first is number `begin`. */
function fold(r: Frame, steps: readonly RowStep[], begin: number): void {
  const { c } = r;
  const { v, shape } = c;
  overWidth(r, [], 1, (_, single) =>
    steps.forEach((step, i) => {
      if (step.fold === "max") {
        const lowest = v.splat(shape, -Infinity);
        return storeNarrow(r, begin + i, 0, single, lowest);
      }
      for (let h = 0; h < halvesOf(c, single); h++) {
        storeWide(r, begin + i, h, single, v.splat("f64x2", 0));
      }
    }));
  const exprs = steps.map(({ of }) => of);
  const stores = steps.some(({ kept }) => kept);
  pass(
    r,
    exprs,
    stores,
    (xs, j, single) =>
      steps.forEach((step, i) =>
        take(r, step, begin + i, xs.map((x) => x[i]!), j, single)
      ),
  );
  overWidth(r, [], 1, (_, single) =>
    steps.forEach((step, i) => {
      const k = begin + i;
      const count = halvesOf(c, single);
      const folded = step.fold === "max"
        ? c.halves(loadNarrow(r, k, 0, single)).slice(0, count)
        : Array.from({ length: count }, (_, h) => loadWide(r, k, h, single));
      const values = known(r, k, single);
      const { wide, narrow } = c.finished(step, folded, values, single);
      wide.forEach((x, h) => storeWide(r, k, h, single, x));
      storeNarrow(r, k, 0, single, narrow);
    }));
}

/** Stores the results of rows; `row` is the number of the first. */
function storeTotals(r: Frame, row: number): void {
  const { c } = r;
  const { f, bytes, kernel, shape, type } = c;
  const place = f.local(I32);
  f.get(row).i32(bytes).op("i32.mul").set(place);
  overWidth(r, [], 1, (_, single) => {
    const values = known(r, kernel.steps.length, single);
    kernel.totals.forEach((total, t) => {
      const narrow = c.narrowOf(c.total(total, values), single);
      f.get(0).memory("i32.load", 4 * (WORD.totals + t));
      f.get(place).op("i32.add").get(narrow);
      if (single) f.lane(shape, 0).memory(`${type}.store`);
      else f.memory("v128.store");
    });
    c.advance(place, bytes * (single ? 1 : c.lanes));
  });
}

/** The function of a kernel across rows. */
export function acrossRows(c: RowCode): FunctionBuilder {
  const { f, kernel } = c;
  const inner = c.word(WORD.inner);
  const blocks = c.word(WORD.blocks);
  const most = c.word(WORD.width);
  const [scratch, wide, narrow, width, rest, column, row] = Array.from(
    { length: 7 },
    () => f.local(I32),
  ) as [number, number, number, number, number, number, number];
  const steps = c.starts.map((_, k) => c.word(WORD.operands + 4 * k + 3));
  const rows = c.starts.map(() => f.local(I32));
  const places = Array.from(
    { length: TOGETHER },
    (_, i) => i === 0 ? c.at : rows.map(() => f.local(I32)),
  );
  const r: Frame = {
    ...{ c, scratch, wide, narrow, width, rest, steps, rows, places },
  };
  f.get(0).memory("i32.load", 4 * WORD.length).set(c.length);
  f.get(0).memory("i32.load", 4 * 63);
  f.i32(STEP_BYTES * kernel.steps.length).op("i32.mul");
  f.get(0).memory("i32.load", 4 * WORD.scratch).op("i32.add").set(scratch);
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  const [outer, block] = c.split(1, blocks);
  f.get(block).get(most).op("i32.mul").set(column);
  f.get(inner).get(column).op("i32.sub").tee(width).get(most);
  f.op("i32.gt_u").if().get(most).set(width).end();
  c.locate(outer, column);
  f.get(outer).get(inner).op("i32.mul").get(column).op("i32.add").set(row);
  let begin = 0;
  for (const steps of c.groups()) {
    fold(r, steps, begin);
    begin += steps.length;
  }
  const { result } = kernel;
  if (result !== null) {
    pass(
      r,
      [result],
      true,
      (xs, j, single) =>
        xs.forEach(([x], i) =>
          c.storeElement(x!, 16 * j, single, r.places[i]![0]!)
        ),
    );
  }
  if (kernel.totals.length > 0) storeTotals(r, row);
  c.advance(1, 1);
  f.br(0).end().end();
  return f;
}
