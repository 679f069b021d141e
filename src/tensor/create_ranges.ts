// Making tensors of evenly spaced numbers, with PyTorch's own roundings, which
// in arange are those of blocks of one vector register.

import {
  allocateLike,
  CREATE_KEYS,
  type CreateOptions,
  finish,
} from "./create.ts";
import { BOOL, defaultDtypeInfo, type DTypeInfo, INT64 } from "./dtype.ts";
import { refuseComplex } from "./complex_refusal.ts";
import { RuntimeError } from "./errors.ts";
import { wrapIntegers } from "./host_data.ts";
import { checkFits } from "./number_range.ts";
import { fma, roundTo, spaced } from "./spacing.ts";
import { checkOptions } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

function store(out: Tensor, values: Float64Array): Tensor {
  const { info, storage: { device } } = out;
  device.write(out, info.category === 1 ? wrapIntegers(values, info) : values);
  return out;
}

function refuseBool(name: string, info: DTypeInfo): void {
  if (info === BOOL) {
    throw new RuntimeError(`"${name}_cpu" not implemented for 'Bool'`);
  }
}

/** An end or a step of {@linkcode arange}. */
type Bound = number | bigint | CreateOptions | undefined;

/**
 * Numbers from `start` (0 where not given) up to but not including `end`. The
 * type is the default floating-point type, also for integers: give
 * `{ dtype: "int64" }`, or bigints, for integers. Throws a RuntimeError where the
 * step is zero or leads away from `end`. See `torch.arange`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(3).tolist(), [0, 1, 2]);
 * assertEquals(dg.arange(1, 2, 0.5).tolist(), [1, 1.5]);
 * assertEquals(dg.arange(3, { dtype: "int64" }).dtype, "int64");
 * ```
 */
export function arange(end: number | bigint, options?: CreateOptions): Tensor;
/** Numbers from `start` up to but not including `end`. */
export function arange(
  start: number | bigint,
  end: number | bigint | undefined,
  options?: CreateOptions,
): Tensor;
/** Numbers from `start` up to but not including `end`, `step` apart. */
export function arange(
  start: number | bigint,
  end: number | bigint | undefined,
  step: number | bigint | undefined,
  options?: CreateOptions,
): Tensor;
export function arange(...args: (number | bigint | Bound)[]): Tensor {
  const last = args.at(-1);
  const options = typeof last === "object" ? last : {};
  checkOptions(options, CREATE_KEYS, "arange");
  const [first, second, third] = args.filter((x) => typeof x !== "object");
  const integers = [first, second, third].some((x) => typeof x === "bigint") &&
    [first, second, third].every((x) => typeof x !== "number");
  const model = integers ? INT64 : defaultDtypeInfo();
  const start = second === undefined ? 0 : Number(first);
  const end = Number(second === undefined ? first : second);
  const step = third === undefined ? 1 : Number(third);
  const info = allocateLike([0], model, options).info;
  refuseBool("arange", info);
  if (info.category === 3) refuseComplex("arange_cpu", info);
  const count = rangeLength(info, start, end, step);
  const out = allocateLike([count], model, options);
  return finish(store(out, rangeValues(info, start, step, count)), options);
}

function rangeLength(
  info: DTypeInfo,
  start: number,
  end: number,
  step: number,
): number {
  const by = info === INT64 ? Math.trunc(step) : step;
  if (!(by > 0 || by < 0)) throw new RuntimeError("step must be nonzero");
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw new RuntimeError(`unsupported range: ${start} -> ${end}`);
  }
  if (step > 0 ? end < start : end > start) {
    throw new RuntimeError(
      "upper bound and lower bound inconsistent with step sign",
      `from ${start} steps of ${step} never reach ${end}`,
    );
  }
  if (info !== INT64) return Math.ceil((end - start) / step);
  const whole = Math.trunc(end) - Math.trunc(start);
  return Math.ceil(whole / by);
}

function rangeValues(
  info: DTypeInfo,
  start: number,
  step: number,
  count: number,
): Float64Array {
  const values = new Float64Array(count);
  if (info.category !== 2) {
    const from = Math.trunc(start);
    const by = Math.trunc(step);
    for (let i = 0; i < count; i++) values[i] = from + by * i;
    return values;
  }
  // PyTorch fills two registers of 32 bytes at a time, each from a rounded
  // first value, and what is left over one by one.
  const width = 32 / info.bytes;
  const blocks = count - count % (2 * width);
  for (let i = 0; i < blocks; i += width) {
    const base = roundTo(info, fma(step, i, start));
    for (let k = 0; k < width; k++) values[i + k] = fma(step, k, base);
  }
  for (let i = blocks; i < count; i++) values[i] = fma(step, i, start);
  return values;
}

function checkSteps(
  name: string,
  info: DTypeInfo,
  start: number,
  end: number,
  steps: number,
): void {
  if (!Number.isInteger(steps)) {
    throw new TypeError(`${name}(): steps must be an integer, got ${steps}`);
  }
  if (steps < 0) throw new RuntimeError("number of steps must be non-negative");
  refuseBool(name, info);
  checkFits(start, info);
  checkFits(end, info);
}

/**
 * `steps` evenly spaced numbers from `start` to `end`, both included; the second
 * half is computed back from `end`. See `torch.linspace`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.linspace(-1, 1, 5).tolist(), [-1, -0.5, 0, 0.5, 1]);
 * ```
 */
export function linspace(
  start: number,
  end: number,
  steps: number,
  options: CreateOptions = {},
): Tensor {
  checkOptions(options, CREATE_KEYS, "linspace");
  const { info } = allocateLike([0], defaultDtypeInfo(), options);
  checkSteps("linspace", info, start, end, steps);
  const out = allocateLike([steps], info, options);
  return finish(store(out, spaced(info, start, end, steps)), options);
}

/** Options of {@linkcode logspace}. */
export interface LogspaceOptions extends CreateOptions {
  /** The base; 10 where not given. */
  readonly base?: number;
}

/**
 * `steps` numbers from `base ** start` to `base ** end`, their logarithms evenly
 * spaced. See `torch.logspace`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.logspace(0, 3, 4, { base: 2 }).tolist(), [1, 2, 4, 8]);
 * ```
 */
export function logspace(
  start: number,
  end: number,
  steps: number,
  options: LogspaceOptions = {},
): Tensor {
  checkOptions(options, [...CREATE_KEYS, "base"], "logspace");
  const { base = 10 } = options;
  const { info } = allocateLike([0], defaultDtypeInfo(), options);
  checkSteps("logspace", info, start, end, steps);
  const out = allocateLike([steps], info, options);
  const values = spaced(info, start, end, steps);
  for (let i = 0; i < steps; i++) {
    values[i] = Math.pow(base, roundTo(info, values[i]!));
  }
  return finish(store(out, values), options);
}
