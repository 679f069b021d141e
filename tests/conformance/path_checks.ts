// What kernels compute is what loops compute: every elementwise op and every
// reduction, at sizes around each width of a vector and each limit between the
// paths, aligned and not. Arithmetic gives the same bits; functions such as exp
// and sums of floats have the tolerances that are stated here.

import type { CpuStorage } from "../../src/cpu/storage.ts";
import { TUNING } from "../../src/cpu/tuning.ts";
import { callsMath } from "../../src/cpu/wasm/vector_print.ts";
import { hostDevice, type Strided } from "../../src/tensor/device.ts";
import {
  BOOL,
  type DTypeInfo,
  DTYPES,
  FLOAT32,
  FLOAT64,
} from "../../src/tensor/dtype.ts";
import { makeTensor } from "../../src/tensor/fields.ts";
import type { MapOp } from "../../src/tensor/map_op.ts";
import { reduce, type ReduceOp } from "../../src/tensor/reduce_op.ts";
import {
  countElements,
  type Dims,
  type Shape,
} from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isDense } from "../../src/tensor/view.ts";
import type { Call } from "./call.ts";
import { leaves, outcome } from "./call_checks.ts";
import { computeInfo, pools, refuses as refusesMap } from "./map_checks.ts";
import { FEW_SIZES, onKernels, onLoops, SIZES } from "./paths.ts";
import { refuses as refusesReduce, valuesFor } from "./reduce_checks.ts";
import { tensorOf } from "./tensors.ts";

/** Elements after a tensor that nobody may touch. */
const MARGIN = 19;

/** How a tensor lies in its storage. */
interface Place {
  /** Elements before it. */
  readonly offset: number;
  /** Distance of its elements. */
  readonly step: number;
  /** Dimensions from the outermost one in memory on. */
  readonly order?: readonly number[];
}

/** A tensor in the shared memory, amid ones. */
function placed(
  values: readonly number[] | null,
  shape: Shape,
  info: DTypeInfo,
  { offset, step, order = shape.map((_, d) => d) }: Place,
): Tensor {
  const strides = shape.map(() => 0);
  let size = step;
  for (const d of order.toReversed()) {
    strides[d] = size;
    size *= shape[d]!;
  }
  const count = countElements(shape);
  const dense = step === 1 && isDense(shape, strides);
  return onKernels(() => {
    const device = hostDevice();
    const length = size + offset + MARGIN;
    const storage = device.allocate(info, length);
    const all = makeTensor(storage, info, [length], [1], 0, length, true);
    device.fill(all, info.name === "int64" ? 1n : 1);
    const x = makeTensor(storage, info, shape, strides, offset, count, dense);
    if (values !== null) device.copy(x, tensorOf(values, shape, info));
    return x;
  });
}

/** Everything in the storage of a tensor, what lies around it included. */
function contents(x: Strided): ArrayLike<number | bigint> {
  const { data, base, length } = x.storage as CpuStorage;
  return (data as Float32Array).subarray(base, base + length);
}

/** Fails unless all elements are the same, or as near as `room` says. */
function assertSame(
  kernels: ArrayLike<number | bigint>,
  loops: ArrayLike<number | bigint>,
  room: (expected: number, i: number) => number,
  what: () => string,
): void {
  for (let i = 0; i < loops.length; i++) {
    const [value, expected] = [kernels[i]!, loops[i]!];
    if (Object.is(value, expected)) continue;
    const far = Math.abs(Number(value) - Number(expected));
    // Zeros of different signs are no rounding errors.
    if (far > 0 && far <= room(Number(expected), i)) continue;
    throw new Error(
      `${what()}: at ${i} kernels give ${value}, loops ${expected}`,
    );
  }
}

const EXACT = (): number => 0;

/**
 * Functions such as exp are within 2 ulp in float32 and 4 in float64; arithmetic
 * around them may double that.
 */
const MATH_ROOM: ReadonlyMap<DTypeInfo, (expected: number) => number> = new Map(
  [
    [FLOAT32, (x) => x && 4 * Math.max(2 ** -149, Math.abs(x) * 2 ** -23)],
    [FLOAT64, (x) => x && 8 * Math.max(2 ** -1074, Math.abs(x) * 2 ** -52)],
  ],
);

/** Which operand of a call is a single element and which has gaps; -1 for none, the last is the result. */
type Way = readonly [single: number, stepped: number];

const PLAIN: Way = [-1, -1];

function checkMapAt(
  op: MapOp,
  info: DTypeInfo,
  n: number,
  offset: number,
  [single, stepped]: Way,
): void {
  const { arity } = op.kernel;
  const stepOf = (k: number) => k === stepped ? 2 : 1;
  const [a, b, c] = pools(op, info).map((pool, k) => {
    const length = k === single ? 1 : n;
    // Pools of one length would always meet with the same partners.
    const values = Array.from(
      { length },
      (_, i) => pool[(i + k * Math.floor(i / pool.length)) % pool.length]!,
    );
    const place = { offset: (offset + k + 1) % 4, step: stepOf(k) };
    return placed(values, k === single ? [] : [n], info, place);
  });
  const result = op.condition ? BOOL : info;
  const run = (path: <T>(compute: () => T) => T) => {
    const out = placed(null, [n], result, { offset, step: stepOf(arity) });
    const { device } = out.storage;
    path(() =>
      device.map(op.kernel, info, out, a!, b ?? null, c ?? null, op.params)
    );
    return contents(out);
  };
  const loops = run(onLoops);
  const near = callsMath(op.kernel.body)
    ? MATH_ROOM.get(result) ?? EXACT
    : EXACT;
  // Left of zero polygamma is the difference of larger numbers.
  const size = op.name === "polygamma" ? 16 : 0;
  const room = (x: number) => x && near(Math.max(Math.abs(x), size));
  const what = () =>
    `${op.name} of ${n} ${info.name} from ${offset}, way ${single} ${stepped}`;
  assertSame(run(onKernels), loops, room, what);
  if (Math.abs(n - TUNING.mapLeast) > 1) return;
  assertSame(run((compute) => compute()), loops, room, what);
}

/** An elementwise op on both paths. */
export function checkMapPaths(op: MapOp): void {
  for (const info of DTYPES) {
    if (refusesMap(op, info) || computeInfo(op, info) !== info) continue;
    SIZES.forEach((n, k) => checkMapAt(op, info, n, k % 4, PLAIN));
    FEW_SIZES.forEach((n) => {
      for (let offset = 0; offset < 4; offset++) {
        checkMapAt(op, info, n, offset, PLAIN);
      }
      for (let k = 0; k <= op.kernel.arity; k++) {
        checkMapAt(op, info, n, k, [-1, k]);
        if (k > 0 && k < op.kernel.arity) checkMapAt(op, info, n, k, [k, -1]);
      }
    });
  }
}

/** The shapes and dimensions of a reduction of `n` elements. */
function reductions(n: number): [shape: Shape, dims: Dims | null][] {
  return [[[n], null], [[3, n], 1], [[n, 3], 0], [[n, 2], 1], [[2, n], 0]];
}

function checkReduceAt(
  op: ReduceOp,
  info: DTypeInfo,
  n: number,
  place: Place,
): void {
  for (const [shape, dims] of reductions(n)) {
    const values = valuesFor(op, info, countElements(shape));
    const order = place.order?.slice(-shape.length);
    const at = order === undefined || shape.length === 1
      ? { offset: place.offset, step: place.step }
      : { ...place, order };
    const x = placed(values, shape, info, at);
    const loops = onLoops(() => reduce(op, x, dims));
    const { step } = op.kernel;
    const adds = step.kind === "call" && /^(add|mul)$/.test(step.fn);
    const sizes = adds && info.category === 2
      ? onLoops(() => reduce(op, x.abs(), dims).typedArray())
      : [];
    // Kernels add in trees: three roundings of the sum of sizes in float32.
    const room = (_: number, i: number) =>
      Number(sizes[i] ?? 0) *
      (loops.info === FLOAT32 ? 3 * 2 ** -24 : Math.max(n, 3) * 2 ** -53);
    const what = () =>
      `${op.name} of [${shape}] ${info.name} over ${dims}, ${
        JSON.stringify(at)
      }`;
    const expected = loops.typedArray();
    const kernels = onKernels(() => reduce(op, x, dims));
    assertSame(kernels.typedArray(), expected, room, what);
    if (Math.abs(x.count - TUNING.reduceLeast) > 3) continue;
    assertSame(reduce(op, x, dims).typedArray(), expected, room, what);
  }
}

/** A reduction on both paths. */
export function checkReducePaths(op: ReduceOp): void {
  for (const info of DTYPES) {
    if (refusesReduce(op, info)) continue;
    for (const [k, n] of SIZES.entries()) {
      if (n === 0 && op.needsElements) continue;
      checkReduceAt(op, info, n, { offset: k % 4, step: 1 });
    }
    for (const n of FEW_SIZES) {
      for (let offset = 0; offset < 4; offset++) {
        checkReduceAt(op, info, n, { offset, step: 1, order: [1, 0] });
      }
      checkReduceAt(op, info, n, { offset: 1, step: 2 });
    }
  }
}

/** Results and gradients of calls on both paths, in float32 and float64. */
export function checkCallPaths(
  name: string,
  calls: readonly Call[],
  usually: boolean,
): void {
  calls.forEach((call, i) => {
    for (const info of [FLOAT32, FLOAT64]) {
      const run = () => outcome(call, leaves(call, info));
      const loops = onLoops(run);
      // Sums in another order, and functions of them.
      const relative = info === FLOAT32 ? 4e-6 : 1e-13;
      const largest = loops.reduce(
        (most, value) =>
          Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most,
        1,
      );
      const room = (x: number) => relative * (Math.abs(x) + largest);
      const what = () =>
        `${name}, call ${i}, ${JSON.stringify(call.shapes)}, ${info.name}`;
      const kernels = onKernels(run);
      if (kernels.length !== loops.length) throw new Error(what());
      assertSame(kernels, loops, room, what);
      if (usually) assertSame(run(), loops, room, what);
    }
  });
}
