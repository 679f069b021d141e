// Fourier transforms of batches of lines. All is computed in float64, so that
// float32 gives results that are exact but for the last rounding.

import type { Strided } from "../../tensor/device.ts";
import type { FourierTask } from "../../tensor/device_fourier.ts";
import type { CpuStorage } from "../storage.ts";
import { runSteps } from "./interpret.ts";
import { type Places, sourceOf, targetOf } from "./lines.ts";
import { planFor } from "./plan.ts";

/** Numbers of a block of lines that are worked on side by side. */
const BLOCK = 4096;

/** See `Device.fourier`. */
export function runFourier(task: FourierTask, out: Strided, x: Strided): void {
  const { kind, length, scale } = task;
  const [outer, , inner] = x.shape as [number, number, number];
  const whole = kind === "r2c" && out.shape[1] === length;
  const source = sourceOf(kind, length, inner);
  const target = targetOf(kind, length, inner, whole);
  const { steps, table, room } = planFor(kind, length, false);
  const most = Math.min(inner, Math.max(1, Math.floor(BLOCK / room)));
  const line = bufferOf(0, 2 * room * most);
  const other = bufferOf(1, 2 * room * most);
  const from = numbersOf(x);
  const to = numbersOf(out);
  const sign = task.backward ? -1 : 1;
  for (let b = 0; b < outer; b++) {
    for (let q = 0; q < inner; q += most) {
      const columns = Math.min(most, inner - q);
      const begin = from.at + b * source.batch + q * source.across;
      load(line, from.data, begin, columns, source);
      const found = runSteps(steps, table, line, other, columns, sign);
      const end = to.at + b * target.batch + q * target.across;
      store(to.data, end, found, columns, target, scale);
      if (whole) storeRest(to.data, end, columns, target, length);
    }
  }
}

/** What lines are worked on in, kept for the next call unless it is large. */
const BUFFERS: Float64Array[] = [];

function bufferOf(which: number, length: number): Float64Array {
  const known = BUFFERS[which];
  if (known !== undefined && known.length >= length) return known;
  const made = new Float64Array(length);
  if (length <= 2 * BLOCK) BUFFERS[which] = made;
  return made;
}

interface Numbers {
  readonly data: Float64Array | Float32Array;
  readonly at: number;
}

function numbersOf(x: Strided): Numbers {
  const { data, base } = x.storage as CpuStorage;
  const offset = x.info.category === 3 ? 2 * x.offset : x.offset;
  return { data: data as Float64Array, at: base + offset };
}

function load(
  line: Float64Array,
  x: Float64Array | Float32Array,
  at: number,
  columns: number,
  { count, along, across, imaginary }: Places,
): void {
  let next = 0;
  for (let j = 0; j < count; j++) {
    let i = at + j * along;
    for (let q = 0; q < columns; q++, i += across, next += 2) {
      line[next] = x[i]!;
      line[next + 1] = imaginary === 0 ? 0 : x[i + imaginary]!;
    }
  }
}

function store(
  x: Float64Array | Float32Array,
  at: number,
  line: Float64Array,
  columns: number,
  { count, along, across, imaginary }: Places,
  scale: number,
): void {
  let next = 0;
  for (let j = 0; j < count; j++) {
    let i = at + j * along;
    for (let q = 0; q < columns; q++, i += across, next += 2) {
      x[i] = scale * line[next]!;
      if (imaginary !== 0) x[i + imaginary] = scale * line[next + 1]!;
    }
  }
}

/** The second half of a spectrum: the first, conjugated, from its end. */
function storeRest(
  x: Float64Array | Float32Array,
  at: number,
  columns: number,
  { along, across }: Places,
  length: number,
): void {
  for (let j = 1; 2 * j < length; j++) {
    let from = at + j * along;
    let to = at + (length - j) * along;
    for (let q = 0; q < columns; q++, from += across, to += across) {
      x[to] = x[from]!;
      x[to + 1] = -x[from + 1]!;
    }
  }
}
