// What a device is tested for when it is requested: whether it can be read
// without awaiting, and whether it computes what it should. A driver that gets
// these wrong would give wrong numbers silently, so it is refused.

import type { Device, ReduceKernel, Strided } from "../tensor/device.ts";
import { type DTypeInfo, FLOAT32, INT32 } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { call, type Expr, input } from "../tensor/expr.ts";
import type { GpuDevice } from "./gpu_device.ts";
import { runTurns, turnsFrom } from "./turns.ts";

/** Whether a staging buffer that was mapped before can be read at once. */
export function canReadSync(device: GPUDevice): boolean {
  const source = device.createBuffer({ size: 16, usage: 0x80 | 0x04 | 0x08 });
  const staging = device.createBuffer({
    size: 16,
    usage: 0x01 | 0x08,
    mappedAtCreation: true,
  });
  try {
    staging.getMappedRange();
    staging.unmap();
    device.queue.writeBuffer(source, 0, new Int32Array([7, 8, 9, 10]));
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    staging.mapAsync(1).catch(() => {});
    const found = new Int32Array(staging.getMappedRange());
    return found[0] === 7 && found[3] === 10;
  } catch {
    return false;
  } finally {
    source.destroy();
    staging.destroy();
  }
}

/** One question: an expression of numbers, and its value for each of them. */
interface Question {
  readonly name: string;
  readonly body: Expr;
  readonly values: readonly number[];
  readonly answers: readonly number[];
}

const X = input(0);

const QUESTIONS: readonly Question[] = [
  {
    name: "comparisons with NaN",
    body: call("select", call("eq", X, X), 1, 0),
    values: [NaN, 1, Infinity],
    answers: [0, 1, 1],
  },
  {
    name: "division by zero",
    body: call("div", 1, X),
    values: [0, -0, Infinity, NaN],
    answers: [Infinity, -Infinity, 0, NaN],
  },
  {
    name: "maxima with NaN",
    body: call("max", X, 0),
    values: [NaN, -1, Infinity],
    answers: [NaN, 0, Infinity],
  },
  {
    name: "rounding half to even",
    body: call("round", X),
    values: [0.5, 1.5, 2.5, -0.5],
    answers: [0, 2, 2, -0],
  },
  {
    name: "the exponential function",
    body: call("exp", X),
    values: [0, 1, -Infinity, 100],
    answers: [1, Math.E, 0, Infinity],
  },
];

function dense(
  device: Device,
  count: number,
  info: DTypeInfo = FLOAT32,
): Strided {
  const storage = device.allocate(info, count);
  return {
    storage,
    info,
    shape: [count],
    strides: [1],
    offset: 0,
    count,
    dense: true,
  };
}

function agrees(found: number, wanted: number): boolean {
  if (Number.isNaN(wanted)) return Number.isNaN(found);
  if (!Number.isFinite(wanted)) return found === wanted;
  return Math.abs(found - wanted) <= 1e-6 * Math.abs(wanted);
}

/** Small whole numbers, of which each is divided by each, and whose roots are drawn. */
const NUMBERS = Array.from({ length: 64 }, (_, k) => k + 1);
const PAIRS = NUMBERS.flatMap((a) => NUMBERS.map((b) => [a, b] as const));

/** A question of two inputs, whose answers are to be right to the last bit. */
interface ExactQuestion {
  readonly body: Expr;
  readonly values: readonly number[];
  readonly seconds: readonly number[];
  readonly answers: readonly number[];
}

const ROUNDING: readonly ExactQuestion[] = [
  {
    body: call("div", X, input(1)),
    values: PAIRS.map(([a]) => a),
    seconds: PAIRS.map(([, b]) => b),
    answers: PAIRS.map(([a, b]) => Math.fround(a / b)),
  },
  {
    // Compilers like to multiply by the reciprocal of a constant.
    body: call("add", call("div", X, 6), call("sqrt", input(1))),
    values: NUMBERS,
    seconds: NUMBERS.map(() => 0),
    answers: NUMBERS.map((a) => Math.fround(a / 6)),
  },
  {
    body: call("sqrt", call("add", X, input(1))),
    values: NUMBERS,
    seconds: NUMBERS.map(() => 0),
    answers: NUMBERS.map((a) => Math.fround(Math.sqrt(a))),
  },
];

/** Numbers of the kernels, which no op has. */
const FIRST_ID = -10;

/** Asks a question of one input or two. */
function ask(
  device: GpuDevice,
  k: number,
  body: Expr,
  values: readonly number[],
  seconds: readonly number[] | null,
): Strided {
  const x = dense(device, values.length);
  const out = dense(device, values.length);
  device.write(x, values);
  const y = seconds === null ? null : dense(device, seconds.length);
  if (y !== null) device.write(y, seconds!);
  const kernel = { id: FIRST_ID - k, arity: y === null ? 1 : 2, body };
  device.map(kernel, FLOAT32, out, x, y, null, []);
  return out;
}

/** What of arithmetic WGSL leaves open. */
export interface Arithmetic {
  /** Whether quotients and square roots are rounded correctly. */
  readonly exactRounding: boolean;
  /** How many turns the loops of a thread may take together. */
  readonly mostTurns: number;
}

/**
 * Fails if the device computes wrong numbers, alone or together with its
 * neighbours; tells what WGSL leaves open.
 */
export async function testArithmetic(device: GpuDevice): Promise<Arithmetic> {
  const questions = QUESTIONS.map(({ body, values }, k) =>
    ask(device, k, body, values, null)
  );
  const rounding = ROUNDING.map(({ body, values, seconds }, k) =>
    ask(device, QUESTIONS.length + k, body, values, seconds)
  );
  const sum = sumOfWorkgroups(device);
  const turns = dense(device, 1, INT32);
  runTurns(device.engine, turns);
  // An awaited read takes 11 ms, for however many.
  const found = await device.readAll([...questions, ...rounding, turns, sum]);
  QUESTIONS.forEach(({ name, values, answers }, k) => {
    const wrong = answers.findIndex((answer, i) =>
      !agrees(Number(found[k]![i]), answer)
    );
    if (wrong < 0) return;
    refuse(
      name,
      `${values[wrong]} gives ${found[k]![wrong]} in place of ${
        answers[wrong]
      }`,
    );
  });
  checkSum(Number(found.at(-1)![0]));
  const exactRounding = ROUNDING.every(({ answers }, k) =>
    answers.every((answer, i) => found[QUESTIONS.length + k]![i] === answer)
  );
  return { exactRounding, mostTurns: turnsFrom(Number(found.at(-2)![0])) };
}

/** More than a workgroup has threads, and any order of adding them is exact. */
const COUNT = 1000;

const SUM: ReduceKernel = {
  id: -1_999_999,
  start: 0,
  step: call("add", input(0), input(1)),
  prologue: null,
  finish: null,
};

/** A sum for which the threads of a workgroup must see each other's numbers. */
function sumOfWorkgroups(device: GpuDevice): Strided {
  const x = dense(device, COUNT);
  const out = dense(device, 1);
  device.write(x, Array.from({ length: COUNT }, (_, i) => i));
  device.reduce(SUM, FLOAT32, out, x, 1);
  return out;
}

function checkSum(found: number): void {
  const answer = COUNT * (COUNT - 1) / 2;
  if (found === answer) return;
  refuse(
    "the memory that a workgroup shares",
    `the sum of 0 to ${COUNT - 1} is ${found} in place of ${answer}`,
  );
}

function refuse(what: string, how: string): never {
  throw new RuntimeError(
    `this WebGPU device is not usable: it gets ${what} wrong (${how})`,
    "update the driver, or request another adapter with { powerPreference } or { forceFallbackAdapter }",
  );
}
