// What must hold for every elementwise op: its loops compute its expression on
// every geometry and element type, its in-place form does the same, and its
// derivatives are those of the function.

import { callsMath } from "../../src/cpu/wasm/vector_print.ts";
import { RuntimeError } from "../../src/tensor/errors.ts";
import {
  BOOL,
  defaultDtypeInfo,
  type DTypeInfo,
  DTYPES,
  FLOAT32,
  FLOAT64,
  INT64,
} from "../../src/tensor/dtype.ts";
import {
  map1,
  map2,
  map3,
  mapInto1,
  mapInto2,
  mapInto3,
  type MapOp,
} from "../../src/tensor/map_op.ts";
import { castTo } from "../../src/tensor/op.ts";
import { broadcastShapes, type Shape } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { checkDerivatives, gradients, weights } from "./derivatives.ts";
import { evaluate, rounding } from "./expr_oracle.ts";
import { assertAllRead, collectReads, type Reads } from "./honesty.ts";
import { publicFunction } from "./public_function.ts";
import {
  assertValues,
  broadcastValues,
  leafOf,
  repeated,
  spaced,
  tensorOf,
  transposed,
  valuesOf,
} from "./tensors.ts";

/** Applies the op to tensors. */
export function applyMap(op: MapOp, inputs: readonly Tensor[]): Tensor {
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  switch (op.kernel.arity) {
    case 1:
      return map1(op, a, op.params);
    case 2:
      return map2(op, a, b, op.params);
    default:
      return map3(op, a, b, c, op.params);
  }
}

/** Applies the in-place form of the op to the first of tensors. */
export function applyInto(op: MapOp, inputs: readonly Tensor[]): Tensor {
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  switch (op.kernel.arity) {
    case 1:
      return mapInto1(op, a, op.params);
    case 2:
      return mapInto2(op, a, b, op.params);
    default:
      return mapInto3(op, a, b, c, op.params);
  }
}

/** The type that inputs of one type are computed in. */
export function computeInfo(op: MapOp, info: DTypeInfo): DTypeInfo {
  return op.float && info.category !== 2 ? defaultDtypeInfo() : info;
}

/** What the expression says, in the element type of the result. */
function expectedValues(op: MapOp, inputs: readonly Tensor[]): number[] {
  const compute = computeInfo(op, inputs[0]!.info);
  const shape = inputs.map((x) => x.shape).reduce(broadcastShapes);
  const columns = inputs.map((x) => broadcastValues(castTo(x, compute), shape));
  const round = rounding(compute);
  const { body } = op.kernel;
  const values = columns[0]!.map((_, i) =>
    evaluate(body, columns.map((column) => column[i]!), op.params, round)
  );
  const info = op.condition ? BOOL : compute;
  const stored = info === BOOL ? values.map((v) => Number(v !== 0)) : values;
  return valuesOf(tensorOf(stored, shape, info));
}

function check(op: MapOp, inputs: readonly Tensor[], what: string): void {
  const out = applyMap(op, inputs);
  const expected = expectedValues(op, inputs);
  if (
    out.info.category === 2 && out.info.bytes > 2 && callsMath(op.kernel.body)
  ) {
    assertClose(out, expected, `${op.name}, ${what}`);
  } else assertValues(out, expected, `${op.name}, ${what}`);
  if (!out.dense) throw new Error(`${op.name}, ${what}: not contiguous`);
}

/**
 * Vectors compute exp and its like within 2 ulp in float32, where the expected
 * values are float64 results that were rounded, and within 4 in float64: the
 * next steps may double that. Special values and zeros are exact. See
 * src/cpu/ACCURACY.md.
 */
function assertClose(
  actual: Tensor,
  expected: readonly number[],
  what: string,
): void {
  const [ulps, least, last] = actual.info === FLOAT64
    ? [8, 2 ** -1074, 2 ** -52]
    : [4, 2 ** -149, 2 ** -23];
  // Left of zero polygamma is the difference of larger numbers.
  const size = what.startsWith("polygamma") ? 16 : 0;
  const near = valuesOf(actual).map((value, i) => {
    const want = expected[i]!;
    const room = ulps * Math.max(least, Math.max(Math.abs(want), size) * last);
    const usual = want !== 0 && Number.isFinite(want);
    return usual && Math.abs(value - want) <= room ? want : value;
  });
  assertValues(tensorOf(near, actual.shape, actual.info), expected, what);
}

/** Values that break carelessly written loops. */
const FLOATS = [
  [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 3, 1e-5, 40.25],
  [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 3, 7.75],
  [NaN, Infinity, -Infinity, 0, -0, 1, -0.5],
];

/** Small enough for every integer type; divisors and counts of bits are positive. */
const INTEGERS = [[0, 1, 2, 3, -1, -4, 5, 7], [1, 2, 3], [1, 2]];

/** Values of each input, by element type. */
export function pools(op: MapOp, info: DTypeInfo): number[][] {
  const { arity } = op.kernel;
  if (info.category === 0) {
    return [[0, 1], [1, 0], [1, 0]].slice(0, arity);
  }
  if (info.category === 1) return INTEGERS.slice(0, arity);
  return FLOATS.slice(0, arity).map((pool, k) => [
    ...pool,
    ...op.samples.map((sample) => sample[k]!),
  ]);
}

/** Input `k` of `n` with its pool along dimension `k`: together all combinations. */
export function combined(
  pools: readonly number[][],
  info: DTypeInfo,
): Tensor[] {
  return pools.map((pool, k) =>
    tensorOf(
      pool,
      pools.slice(k).map((_, d) => d === 0 ? pool.length : 1),
      info,
    )
  );
}

/** All combinations as equally long columns, repeated until there are `least`. */
function columns(
  pools: readonly number[][],
  info: DTypeInfo,
  least: number,
): Tensor[] {
  let count = pools.reduce((n, pool) => n * pool.length, 1);
  const total = count;
  while (count < least) count += total;
  let step = 1;
  return pools.map((pool) => {
    const width = step;
    step *= pool.length;
    const values = Array.from(
      { length: count },
      (_, i) => pool[Math.floor(i / width) % pool.length]!,
    );
    return tensorOf(values, [count], info);
  });
}

function geometries(op: MapOp, info: DTypeInfo): void {
  const values = pools(op, info);
  check(op, combined(values, info), `${info.name} broadcast`);
  const long = columns(values, info, 1030);
  check(op, long, `${info.name} of ${long[0]!.count} elements`);
  check(op, long.map(spaced), `${info.name} with gaps`);
  check(op, [spaced(long[0]!), ...long.slice(1)], `${info.name}, mixed`);
  const even = long.map((x) => {
    const rows = Math.floor(x.count / 7);
    return tensorOf(valuesOf(x).slice(0, rows * 7), [rows, 7], info);
  });
  check(op, even.map(transposed), `${info.name} transposed`);
  check(op, [transposed(even[0]!), ...even.slice(1)], "one transposed");
  const single = values.map((pool) => tensorOf([pool[1]!], [], info));
  check(op, single, `${info.name} 0-d`);
  check(op, single.map((x) => repeated(x, [3, 2])), `${info.name} expanded`);
  check(op, [long[0]!, ...single.slice(1)], `${info.name} with 0-d`);
  check(op, single.map(() => tensorOf([], [0, 3], info)), "empty");
  check(op, values.map((pool) => tensorOf(pool.slice(0, 2), [2], info)), "two");
}

/**
 * Tells whether the op refuses an element type, as it may with a RuntimeError
 * only: by its own check, or in the function that users call.
 */
export function refuses(op: MapOp, info: DTypeInfo): boolean {
  const one = pools(op, info).map((pool) => tensorOf([pool[1]!], [1], info));
  try {
    applyMap(op, one);
    return false;
  } catch (error) {
    if (error instanceof RuntimeError) return true;
    assertRefused(() => publicFunction(op.name)(...one), op.name);
    return true;
  }
}

/** Every element type and geometry. */
export function checkMapValues(op: MapOp): void {
  let taken = 0;
  for (const info of DTYPES) {
    if (refuses(op, info)) continue;
    taken++;
    if (info === FLOAT32 || info === FLOAT64 || info === INT64) {
      geometries(op, info);
    } else check(op, combined(pools(op, info), info), info.name);
  }
  if (taken === 0) throw new Error(`${op.name} takes no element type`);
}

/** The in-place form gives what the op gives, where that fits. */
export function checkMapInplace(op: MapOp): void {
  for (const info of [FLOAT64, FLOAT32, INT64]) {
    if (refuses(op, info)) continue;
    const inputs = columns(pools(op, info), info, 40);
    const out = applyMap(op, inputs);
    for (const form of [spaced, (x: Tensor) => x.clone()]) {
      const x = form(inputs[0]!);
      const into = () => applyInto(op, [x, ...inputs.slice(1)]);
      if (out.info.category > info.category) {
        assertRefused(into, `${op.name}_ of ${info.name}`);
        continue;
      }
      const { version } = x;
      if (into() !== x) throw new Error(`${op.name}_ returns another tensor`);
      assertValues(x, valuesOf(castTo(out, info)), `${op.name}_`);
      if (x.version !== version + 1) {
        throw new Error(`${op.name}_ raises the version to ${x.version}`);
      }
    }
  }
  if (op.vjps.length > 0) recordedInplace(op);
}

function assertRefused(call: () => unknown, what: string): void {
  try {
    call();
  } catch (error) {
    if (error instanceof RuntimeError) return;
    throw error;
  }
  throw new Error(`${what} does not throw`);
}

function recordedInplace(op: MapOp): void {
  const results = [applyMap, applyInto].map((apply) => {
    const leaves = sampleLeaves(op, 0);
    const out = apply(op, [leaves[0]!.clone(), ...leaves.slice(1)]);
    const targets = leaves.filter((x) => x.requiresGrad);
    return gradients([out], targets, [weights(out, 0)]);
  });
  results[0]!.forEach((gradient, k) =>
    assertValues(results[1]![k]!, valuesOf(gradient), `gradient of ${op.name}_`)
  );
}

/** An input without a rule that the samples give as 0 and 1 only is a mask. */
function isMask(op: MapOp, k: number): boolean {
  return op.vjps[k] === null &&
    op.samples.every((sample) => sample[k] === 0 || sample[k] === 1);
}

/** An input for derivatives: a leaf, a mask, or a value without a rule. */
function inputOf(
  op: MapOp,
  k: number,
  values: readonly number[],
  shape: Shape,
  info: DTypeInfo = FLOAT64,
): Tensor {
  if (isMask(op, k)) return tensorOf(values, shape, BOOL);
  return op.vjps[k] == null
    ? tensorOf(values, shape, info)
    : leafOf(values, shape, info);
}

/** The inputs of one sample. */
function sampleLeaves(op: MapOp, at: number, info = FLOAT64): Tensor[] {
  return op.samples[at]!.map((value, k) => inputOf(op, k, [value], [], info));
}

/** Splits the inputs into those with a rule and a function of these alone. */
function differentiable(op: MapOp, inputs: readonly Tensor[]) {
  const wanted = inputs.filter((_, k) => op.vjps[k] != null);
  const fn = (given: readonly Tensor[]): Tensor => {
    let next = 0;
    return applyMap(
      op,
      inputs.map((x, k) => op.vjps[k] == null ? x : given[next++]!),
    );
  };
  return { wanted, fn };
}

/** Derivatives up to the third order at the samples, and through broadcasting. */
export function checkMapDerivatives(op: MapOp): void {
  if (op.vjps.length === 0) return;
  const reads: Reads = new Map();
  op.samples.forEach((sample, at) => {
    const { wanted, fn } = differentiable(op, sampleLeaves(op, at));
    checkDerivatives(fn, wanted, `${op.name} at [${sample.join(", ")}]`, 3);
    collectReads(op, fn, wanted, reads);
    // Rules take short cuts at 0, and read something else there.
    const zeroed = { ...op, params: op.params.map(() => 0) };
    const zero = differentiable(zeroed, sampleLeaves(op, at));
    collectReads(op, zero.fn, zero.wanted, reads);
  });
  assertAllRead(op, reads);
  const spread = op.samples[0]!.map((value, k) => {
    const shape = k === 0 ? [2, 1] : k === 1 ? [3] : [];
    const values = new Array(shape[0] ?? 1).fill(value);
    return inputOf(op, k, values, shape);
  });
  const { wanted, fn } = differentiable(op, spread);
  checkDerivatives(fn, wanted, `${op.name} broadcast`);
}

/** float32 results and gradients are float64's, rounded. */
export function checkMapPrecision(op: MapOp): void {
  op.samples.forEach((sample, at) => {
    const rounded = sample.map(Math.fround);
    const exact = precision({ ...op, samples: [rounded] }, 0, FLOAT64);
    const short = precision(op, at, FLOAT32);
    exact.forEach((value, k) => {
      const near = Math.abs(short[k]! - value) <= 1e-5 * (1 + Math.abs(value));
      if (near || Object.is(value, short[k])) return;
      throw new Error(
        `${op.name} at [${sample.join(", ")}] in float32: ${
          short[k]
        }, in float64 ${value}`,
      );
    });
  });
}

function precision(op: MapOp, at: number, info: DTypeInfo): number[] {
  if (refuses(op, info)) return [];
  const leaves = sampleLeaves(op, at, info);
  const out = applyMap(op, leaves);
  if (op.vjps.length === 0) return valuesOf(out);
  const targets = leaves.filter((x) => x.requiresGrad);
  const seed = tensorOf([1], [], info);
  return [out, ...gradients([out], targets, [seed])].flatMap(valuesOf);
}
