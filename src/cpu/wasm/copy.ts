// Copies by kernels: finds runs of neighbours, matrices to transpose, or else
// the longest runs of any strides.

import type { Strided, TypedArray } from "../../tensor/device.ts";
import { broadcastStrides, mergeDims } from "../geometry.ts";
import { type CpuStorage, makeArray } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import {
  bandRows,
  castKernel,
  fillKernel,
  moveKernel,
  OUTER,
  tileKernel,
  WORD,
} from "./copy_kernel.ts";
import { COPY_BYTES, COPY_TYPES, type CopyType } from "./copy_types.ts";
import { launch, NUMBERS, WORDS } from "./kernel.ts";
import { grainOf, launchRun, launchRuns, writeOuter } from "./runs.ts";

/** Types that stand for all of their size where nothing is converted. */
const BY_SIZE: readonly (CopyType | undefined)[] = [
  undefined,
  "u8",
  "b16",
  undefined,
  "i32",
  undefined,
  undefined,
  undefined,
  "i64",
];

/** Address of the first element. */
function address(x: Strided): number {
  return (x.storage as CpuStorage).pointer + x.offset * x.info.bytes;
}

/** Whether no strides go backwards. */
function forwards(strides: readonly number[]): boolean {
  for (const stride of strides) if (stride < 0) return false;
  return true;
}

/** Copies as `Device.copy` does, or returns false where no kernel serves. */
export function wasmCopy(out: Strided, x: Strided): boolean {
  const { count, info } = out;
  if (count < TUNING.reduceLeast) return false;
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  // What overlaps may have to be copied in a certain order.
  if (so.pointer === 0 || sx.pointer === 0 || so.pointer === sx.pointer) {
    return false;
  }
  // Integers of one size differ in what their bits mean only.
  const same = info === x.info ||
    (info.bytes === x.info.bytes && info.category === 1 &&
      x.info.category < 2);
  const from = same ? BY_SIZE[info.bytes]! : COPY_TYPES[x.info.code]!;
  const to = same ? from : COPY_TYPES[info.code]!;
  if (out.dense && x.dense && x.count === count) {
    const kernel = same ? moveKernel(info.bytes) : castKernel(from, to, true);
    const { bytes } = x.info;
    launchRun(kernel, address(x), address(out), count, bytes, info.bytes);
    return true;
  }
  return copyStrided(out, x, from, to, same);
}

function copyStrided(
  out: Strided,
  x: Strided,
  from: CopyType,
  to: CopyType,
  same: boolean,
): boolean {
  if (!forwards(out.strides) || !forwards(x.strides)) return false;
  const walk = mergeDims(out.shape, [
    broadcastStrides(out, out.shape),
    broadcastStrides(x, out.shape),
  ]);
  const { shape } = walk;
  const [to_, from_] = walk.strides as [number[], number[]];
  const last = shape.length - 1;
  if (last > OUTER) return false;
  const [read, write] = [COPY_BYTES[from], COPY_BYTES[to]];
  const along = same && read >= 4 && to_[last] === 1 && from_[last]! > 1
    ? from_.indexOf(1)
    : -1;
  const side = 16 / read;
  const tiled = along >= 0 && shape[along]! >= side && shape[last]! >= side;
  writeOuter(shape, from_, read, to_, write, tiled ? along : -1);
  const n = shape[last]!;
  if (tiled) {
    WORDS[WORD.x] = address(x);
    WORDS[WORD.out] = address(out);
    WORDS[WORD.length] = n;
    const rows = shape[along]!;
    const band = bandRows(read);
    const bands = Math.ceil(rows / band);
    WORDS[WORD.xStep] = from_[last]! * read;
    WORDS[WORD.outStep] = to_[along]! * write;
    WORDS[WORD.pieces] = bands;
    WORDS[WORD.pieceLength] = n;
    WORDS[WORD.rows] = rows;
    const items = bands * (out.count / (rows * n));
    launch(tileKernel(read), items, grainOf(n * band));
    return true;
  }
  const neighbours = to_[last] === 1 && from_[last] === 1;
  const kernel = neighbours && same && n * read >= 64
    ? moveKernel(read)
    : castKernel(from, to, neighbours);
  launchRuns(
    kernel,
    address(x),
    address(out),
    n,
    from_[last]! * read,
    to_[last]! * write,
    out.count / n,
  );
  return true;
}

/** One element of each type, by code, to look at its bytes. */
const ONE: (TypedArray | undefined)[] = [];

/** Sets every element of dense memory to a stored value, or returns false. */
export function wasmFill(out: Strided, value: number | bigint): boolean {
  const { count, info } = out;
  const { pointer } = out.storage as CpuStorage;
  if (count < TUNING.reduceLeast || pointer === 0) return false;
  const one = ONE[info.code] ??= makeArray(info, 1);
  one[0] = value;
  const { bytes } = info;
  const element = new Uint8Array(one.buffer);
  for (let k = 0; k < 16; k++) PATTERN[k] = element[k % bytes]!;
  launchRun(fillKernel(bytes), 0, address(out), count, 0, bytes);
  return true;
}

/** The vector that a fill repeats, among the arguments. */
const PATTERN = new Uint8Array(NUMBERS.buffer, NUMBERS.byteOffset, 16);
