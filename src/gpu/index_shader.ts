// Gathering along a dimension, and the checks that indices go through first.

import type { ReduceKernel, Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { call, input } from "../tensor/expr.ts";
import { broadcastStrides } from "../tensor/geometry.ts";
import { sameShape } from "../tensor/shape.ts";
import { CALL, KIND, shorten } from "./call.ts";
import { convertKind, elementOf } from "./element.ts";
import { GpuStorage } from "./gpu_storage.ts";
import { type Engine, word, WORDS } from "./program.ts";
import { runReduce, type Temporary } from "./reduce_shader.ts";
import { printIndex, putMerged, type Stepped } from "./walk.ts";

const THREADS = 128;

/** What is read along the index, without a step there. */
const FROM = { strides: [] as number[] };
/** The operands whose dimensions are merged. */
const WALKED: Stepped[] = [];

/** See `Device.gather`. */
export function runGather(
  engine: Engine,
  out: Strided,
  x: Strided,
  dim: number,
  index: Strided,
): void {
  if (out.count === 0) return;
  const { shape } = index;
  shorten(FROM.strides, x.strides.length);
  for (let d = 0; d < x.strides.length; d++) FROM.strides[d] = x.strides[d]!;
  FROM.strides[dim] = 0;
  WORDS[0] = index.count;
  WORDS[1] = out.offset;
  WORDS[2] = x.offset;
  WORDS[3] = index.offset;
  WORDS[4] = x.shape.length === 0 ? 0 : x.strides[dim]!;
  const at = 5;
  WALKED[0] = out;
  WALKED[1] = FROM;
  WALKED[2] = index;
  const rank = putMerged(shape, 0, shape.length, WALKED, at);
  shorten(WALKED, 0);
  const w = at + 4 * rank;
  const groups = Math.ceil(index.count / THREADS);
  const { programs } = engine;
  CALL.begin(w);
  const added = CALL.add(out) && CALL.add(x) && CALL.add(index);
  CALL.name(added, KIND.gather, 0, rank);
  if (programs.runNamed(groups)) return;
  const made = programs.launch(
    `gather ${rank}`,
    [
      { name: "out", x: out, write: true },
      { name: "x", x, write: false },
      { name: "index", x: index, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
var o = ${word(1)};
var a = ${word(2)};
var j = ${word(3)};
${printIndex("i", at, rank, ["o", "a", "j"])}
store_out(o, ${
        convertKind(
          elementOf(x.info).kind,
          elementOf(out.info).kind,
          `load_x(a + load_index(j) * ${word(4)})`,
        )
      });`,
    }),
    w,
    groups,
  );
  programs.keepNamed(made);
}

/** No element is out of range; and none, but some count from the end. */
const NONE = 2 ** 31 - 1;
const NEGATIVE = NONE - 1;

/** Its number is none that ops have. */
const LEAST: ReduceKernel = {
  id: -2_000_000,
  start: NONE,
  step: call("min", input(0), input(1)),
  prologue: null,
  finish: null,
};

/** Elements of a storage that were found to be indices in range. */
interface Known {
  readonly version: number;
  readonly offset: number;
  readonly count: number;
  readonly size: number;
  /** Whether some of them count from the end. */
  readonly wraps: boolean;
  /** Elements of each run in which none occurs twice; 0 where that is not known. */
  readonly run: number;
  /** How far apart the elements of a run lie. */
  readonly step: number;
}

/** What was found out last of each storage: the same indices are often used twice. */
const KNOWN = new WeakMap<GpuStorage, Known>();

/** Whether a storage goes by one name: with several it has several versions. */
function hasOneName({ watched, owner }: GpuStorage): boolean {
  return watched !== null && owner === null;
}

/** Whether the same elements, unchanged since, were found to be in range. */
function isKnown(index: Strided, size: number, wraps: boolean): boolean {
  const storage = index.storage as GpuStorage;
  const known = KNOWN.get(storage);
  if (
    known === undefined || !hasOneName(storage) ||
    known.version !== storage.version || known.size > size ||
    known.wraps && !wraps
  ) return false;
  // Every look at a storage that is known as a whole; else the same part.
  return known.count === storage.length ||
    index.dense && known.offset === index.offset && known.count === index.count;
}

/** See `Device.knowsIndex`. */
export function knowsIndex(index: Strided, size: number): boolean {
  return index.info === INT32 && index.dense &&
    index.storage instanceof GpuStorage && isKnown(index, size, false);
}

/** See `Device.vouch`. */
export function vouch(index: Strided, size: number, run = 0, step = 1): void {
  if (index.info === INT32) remember(index, size, false, run, step);
}

/** Whether no two elements along any row of the last dimension are known to be equal. */
export function areDistinct(index: Strided): boolean {
  const storage = index.storage as GpuStorage;
  const known = KNOWN.get(storage);
  if (
    known === undefined || known.run === 0 || !hasOneName(storage) ||
    known.version !== storage.version || known.count !== storage.length
  ) return false;
  const last = index.shape.length - 1;
  const step = index.strides[last]!;
  // Of a single run each part; of several, all of them as they lie.
  if (known.run === known.count) return step !== 0;
  return step === known.step && index.shape[last] === known.run &&
    index.offset === 0 && index.count === known.count;
}

function remember(
  index: Strided,
  size: number,
  wraps: boolean,
  run: number,
  step: number,
): void {
  const storage = index.storage as GpuStorage;
  if (!index.dense || !hasOneName(storage)) return;
  const { version } = storage;
  const { offset, count } = index;
  KNOWN.set(storage, { version, offset, count, size, wraps, run, step });
}

/** Distances are as distinct as the positions that they were made of. */
function keepDistinct(out: Strided, index: Strided): void {
  const known = KNOWN.get(index.storage as GpuStorage)!;
  const { count } = out;
  if (known.run !== count || index.count !== count || known.wraps) return;
  vouch(out, NONE, count, 1);
}

/**
 * See `Device.foldIndex`. Whether an index is out of range is read back at
 * once: the failure belongs to the op that was called with it.
 */
export function runFoldIndex(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  index: Strided,
  size: number,
  wraps: boolean,
  scale: number,
  carry: boolean,
): number | null {
  if (out.count === 0) return null;
  const faults = temporary(INT32, [out.count]);
  WORDS[0] = out.count;
  WORDS[1] = out.offset;
  WORDS[2] = index.offset;
  WORDS[3] = size;
  WORDS[4] = wraps ? -size : 0;
  WORDS[5] = scale;
  WORDS[6] = carry ? 1 : 0;
  const at = 7;
  WALKED[0] = out;
  WALKED[1] = sameShape(index.shape, out.shape)
    ? index
    : { strides: broadcastStrides(index, out.shape) };
  const rank = putMerged(out.shape, 0, out.shape.length, WALKED, at);
  shorten(WALKED, 0);
  const w = at + 3 * rank;
  const groups = Math.ceil(out.count / THREADS);
  const { programs } = engine;
  CALL.begin(w);
  const added = CALL.add(out) && CALL.add(index) && CALL.add(faults);
  CALL.name(added, KIND.fold, 0, rank);
  if (!programs.runNamed(groups)) {
    const made = programs.launch(
      `fold ${rank}`,
      [
        { name: "out", x: out, write: true },
        { name: "index", x: index, write: false },
        { name: "faults", x: faults, write: true },
      ],
      () => ({
        threads: [THREADS, 1, 1],
        body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
var o = ${word(1)};
var j = ${word(2)};
${printIndex("i", at, rank, ["o", "j"])}
let index = load_index(j);
let bad = index < ${word(4)} || index >= ${word(3)};
store_faults(i, select(select(${NONE}, ${NEGATIVE}, index < 0), i, bad));
if (!bad) {
  var place = select(index, index + ${word(3)}, index < 0) * ${word(5)};
  if (${word(6)} != 0) { place += load_out(o); }
  store_out(o, place);
}`,
      }),
      w,
      groups,
    );
    programs.keepNamed(made);
  }
  if (isKnown(index, size, wraps)) {
    if (scale !== 0 && !carry) keepDistinct(out, index);
    return null;
  }
  const { device } = out.storage;
  const fault = temporary(INT32, [1]);
  runReduce(engine, temporary, LEAST, INT32, fault, faults, 1);
  const first = Number(device.readOne(fault));
  if (first >= NEGATIVE) {
    remember(index, size, first === NEGATIVE, 0, 1);
    return null;
  }
  let rest = first;
  let place = index.offset;
  const strides = broadcastStrides(index, out.shape);
  for (let d = out.shape.length - 1; d >= 0; d--) {
    place += (rest % out.shape[d]!) * strides[d]!;
    rest = Math.floor(rest / out.shape[d]!);
  }
  return Number(
    device.readOne({
      ...index,
      storage: index.storage,
      info: index.info,
      shape: [],
      strides: [],
      offset: place,
      count: 1,
      dense: true,
    }),
  );
}
