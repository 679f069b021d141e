// What must hold for every reduction: the loops fold the expressions over any
// dimensions of any geometry, and the derivatives are those of the function.

import { RuntimeError } from "../../src/tensor/errors.ts";
import {
  type DTypeInfo,
  DTYPES,
  FLOAT32,
  FLOAT64,
  INT64,
} from "../../src/tensor/dtype.ts";
import { castTo, type Sample } from "../../src/tensor/op.ts";
import { reduce, type ReduceOp } from "../../src/tensor/reduce_op.ts";
import { countElements, type Dims } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { checkDerivatives } from "./derivatives.ts";
import { evaluate, rounding } from "./expr_oracle.ts";
import { assertAllRead, collectReads, type Reads } from "./honesty.ts";
import { publicFunction } from "./public_function.ts";
import {
  assertValues,
  leafOf,
  repeated,
  spaced,
  tensorOf,
  transposed,
  valuesOf,
} from "./tensors.ts";

/** The dimensions that are reduced, from the start. */
function reducedDims(dims: Dims | null, rank: number): number[] {
  if (dims === null) return Array.from({ length: rank }, (_, d) => d);
  return [dims].flat().map((d) => d < 0 ? d + rank : d);
}

function startValue(op: ReduceOp, info: DTypeInfo): number {
  const { start } = op.kernel;
  if (typeof start === "number") return start;
  const sign = start === "lowest" ? -1 : 1;
  if (info.category === 2) return sign * Infinity;
  // As bigints the limits of int64 are exact; no sample comes near them.
  return sign < 0 ? info.min : info.max;
}

/** Folds one row of elements by the book: the prologue rounds as elements do, sums do not. */
function fold(op: ReduceOp, values: readonly number[], info: DTypeInfo) {
  const { start: _, prologue, step, finish } = op.kernel;
  const round = rounding(info);
  const wide = rounding(info.category === 2 ? FLOAT64 : info);
  let acc = startValue(op, info);
  for (const value of values) {
    const x = prologue === null
      ? value
      : evaluate(prologue, [value], [], round);
    acc = evaluate(step, [acc, x], [], wide);
  }
  if (finish === null) return acc;
  return evaluate(finish, [acc], [values.length], wide);
}

/** What the expressions say, in the element type of the result, which goldens check, and how far off it may be. */
function expectedValues(
  op: ReduceOp,
  x: Tensor,
  dims: Dims | null,
  info: DTypeInfo,
): { values: number[]; slack: number[] } {
  const own = op.result === "bool" || op.result === "int64";
  const compute = own ? x.info : info;
  const values = valuesOf(castTo(x, compute));
  const reduced = reducedDims(dims, x.shape.length);
  const kept = x.shape.map((_, d) => d).filter((d) => !reduced.includes(d));
  const rows = new Map<number, number[]>();
  const rowCount = kept.reduce((n, d) => n * x.shape[d]!, 1);
  for (let row = 0; row < rowCount; row++) rows.set(row, []);
  const at = x.shape.map(() => 0);
  for (const value of values) {
    const row = kept.reduce((n, d) => n * x.shape[d]! + at[d]!, 0);
    rows.get(row)!.push(value);
    for (let d = at.length - 1; d >= 0; d--) {
      if (++at[d]! < x.shape[d]!) break;
      at[d] = 0;
    }
  }
  const out = [...rows.values()].map((row) => fold(op, row, compute));
  const stored = op.result === "bool" ? out.map((v) => Number(v !== 0)) : out;
  return {
    values: valuesOf(tensorOf(stored, [stored.length], info)),
    slack: [...rows.values()].map((row) => slackOf(op, row, compute)),
  };
}

/**
 * How far off a sum or product of floats may be: kernels add in trees, and
 * float32 in float32 within a tree, as PyTorch does. Three roundings of the sum
 * of sizes are allowed; in float64, what the fold above rounds itself.
 */
function slackOf(op: ReduceOp, row: readonly number[], info: DTypeInfo) {
  const { step } = op.kernel;
  const adds = step.kind === "call" && (step.fn === "add" || step.fn === "mul");
  if (!adds || (info !== FLOAT32 && info !== FLOAT64)) return 0;
  const size = fold(op, row.map(Math.abs), info);
  return info === FLOAT32
    ? size * 3 * 2 ** -24
    : size * Math.max(row.length, 3) * 2 ** -53;
}

/** Fails unless the elements are the expected ones, or as near as `slack` says. */
function assertNear(
  actual: Tensor,
  expected: readonly number[],
  slack: readonly number[],
  what: string,
): void {
  const near = valuesOf(actual).map((value, i) => {
    const wanted = expected[i] ?? NaN;
    return Math.abs(value - wanted) <= slack[i]! && value !== 0
      ? wanted
      : value;
  });
  assertValues(
    tensorOf(near, actual.shape, actual.info),
    expected,
    what,
  );
}

function check(op: ReduceOp, x: Tensor, dims: Dims | null, what: string): void {
  const out = reduce(op, x, dims);
  const name = `${op.name} over ${JSON.stringify(dims)}, ${what}`;
  const { values, slack } = expectedValues(op, x, dims, out.info);
  assertNear(out, values, slack, name);
  const kept = reduce(op, x, dims, true);
  assertValues(kept, valuesOf(out), `${name}, keepdim`);
  const reduced = reducedDims(dims, x.shape.length);
  const shape = x.shape.map((n, d) => reduced.includes(d) ? 1 : n);
  if (String(kept.shape) !== String(shape)) {
    throw new Error(`${name}: keepdim gives [${kept.shape}]`);
  }
}

const FLOATS = [1, -2.5, 0, 3, 0.1, 7, -0.5, 40.25, 1e-3, 2, -1, 0.75];

/** Values that fit an element type and are reduced without overflow. */
export function valuesFor(
  op: ReduceOp,
  info: DTypeInfo,
  count: number,
): number[] {
  const pool = info.category === 0
    ? [0, 1, 1]
    : info.category === 1
    ? [1, 2, 1, 0, 3]
    : [...FLOATS, ...op.samples.flat()];
  return Array.from({ length: count }, (_, i) => pool[i % pool.length]!);
}

/** Tells whether the function that users call refuses an element type; its expressions need not fit that type then. */
export function refuses(op: ReduceOp, info: DTypeInfo): boolean {
  const call = publicFunction(op.name);
  try {
    call(tensorOf([1, 0], [2], info));
    return false;
  } catch (error) {
    if (error instanceof RuntimeError) return true;
    throw error;
  }
}

/** Every element type; geometries for three of them. */
export function checkReduceValues(op: ReduceOp): void {
  for (const info of DTYPES) {
    if (refuses(op, info)) continue;
    const shape = [3, 4, 5];
    const values = valuesFor(op, info, countElements(shape));
    const x = tensorOf(values, shape, info);
    check(op, x, null, info.name);
    if (info !== FLOAT32 && info !== FLOAT64 && info !== INT64) continue;
    const forms = [x, spaced(x), transposed(x)];
    for (const dims of [null, 0, 1, -1, [0, 1], [0, 2], [2, 1, 0]]) {
      forms.forEach((form, k) => check(op, form, dims, `${info.name}, ${k}`));
    }
    const long = valuesFor(op, info, 1030).map((v) =>
      info === INT64 ? v % 2 : v
    );
    check(op, tensorOf(long, [1030], info), null, "1030 elements");
    check(op, tensorOf(long, [2, 515], info), 0, "2 rows");
    check(op, tensorOf(long, [515, 2], info), 0, "515 rows");
    check(op, tensorOf([2], [], info), null, "0-d");
    check(op, repeated(tensorOf([2], [], info), [3, 2]), 1, "expanded");
    if (op.needsElements) continue;
    check(op, tensorOf([], [0, 3], info), 1, "no rows");
    check(op, tensorOf([], [0, 3], info), 0, "empty rows");
    check(op, tensorOf([], [0, 3], info), null, "empty");
  }
  if (refuses(op, FLOAT64)) return;
  for (const special of [NaN, Infinity, -Infinity, -0]) {
    const values = [1, special, -2, 3];
    check(op, tensorOf(values), null, String(special));
    check(op, tensorOf(values, [2, 2]), 0, String(special));
    check(op, tensorOf(values, [2, 2], FLOAT32), 1, String(special));
  }
}

/** Ops whose type takes one dimension only. */
const ONE_DIM: ReadonlySet<string> = new Set(["prod"]);

/** Tells whether users can reduce over these dimensions, and whether this record does it then. */
function serves(op: ReduceOp, x: Tensor, dims: Dims | null): boolean {
  if (ONE_DIM.has(op.name) && typeof dims === "object" && dims) return false;
  const call = publicFunction(op.name);
  try {
    const out = dims === null ? call(x) : call(x, dims);
    return (out as Tensor).gradFn?.op.vjps === op.vjps;
  } catch {
    return false;
  }
}

/** First and second derivatives at the samples, over all and over some dimensions. */
export function checkReduceDerivatives(op: ReduceOp): void {
  if (op.vjps.length === 0) return;
  const reads: Reads = new Map();
  let served = 0;
  for (const sample of op.samples) {
    const n = sample.length;
    const twice = [...sample, ...sample.map((value) => value / 2 + 0.1)];
    const cases: [Sample, number[], Dims | null, boolean][] = [
      [sample, [n], null, false],
      [sample, [n], 0, true],
      [sample, [n, 1], 0, false],
      [sample, [1, n], [0, 1], true],
      [sample, [1, n, 1], 1, false],
      [twice, [2, n], null, false],
      [twice, [2, n], 1, false],
      [twice, [n, 2], 0, true],
    ];
    for (const [values, shape, dims, keepdim] of cases) {
      const x = leafOf(values, shape);
      if (!serves(op, x, dims)) continue;
      served++;
      const fn = ([x]: readonly Tensor[]) => reduce(op, x!, dims, keepdim);
      const where = `${op.name} of [${shape}] over ${JSON.stringify(dims)}`;
      checkDerivatives(fn, [x], where);
      collectReads(op, fn, [x], reads);
    }
  }
  if (served === 0) throw new Error(`dg.${op.name} never uses its record`);
  assertAllRead(op, reads);
}
