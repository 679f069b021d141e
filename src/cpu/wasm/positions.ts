// Positions by kernels: checked indices, places of what is not zero, binary
// searches, running extremes.

import type { Device, Storage, Strided } from "../../tensor/device.ts";
import { INT32, INT64 } from "../../tensor/dtype.ts";
import { broadcastStrides, mergeDims } from "../geometry.ts";
import { blockSize, giveBlock, takeBlock } from "../heap.ts";
import { MEMORY } from "../memory.ts";
import { allocate, type CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { wasmCopy } from "./copy.ts";
import { OUTER } from "./copy_kernel.ts";
import { CELLS, launchBlocks, writePointers, writeWalk } from "./gather.ts";
import { NUMBERS, WORDS } from "./kernel.ts";
import { PLANE_OUTER } from "./plane_kernel.ts";
import {
  countKernel,
  ENDS,
  FLAG,
  foldKernel,
  listKernel,
  type ZeroType,
} from "./position_kernel.ts";
import { reach } from "./reach.ts";
import { launchRun, launchRuns, PIECE, writeOuter } from "./runs.ts";
import {
  extremesKernel,
  LENGTH,
  searchKernel,
  STRIDE,
} from "./search_kernel.ts";

/** Where kernels tell that an index is out of range. */
let flag = 0;
let flagView = new Int32Array(1);

function hasFlag(): boolean {
  if (flag !== 0 || MEMORY === null) return flag !== 0;
  flag = takeBlock(blockSize(64));
  if (flag === 0) return false;
  flagView = new Int32Array(
    MEMORY.buffer as unknown as ArrayBuffer,
    flag,
    1,
  );
  return true;
}

/** Folds indices as `Device.foldIndex` does if all are in range; else returns false. */
export function wasmFoldIndex(
  out: Strided,
  index: Strided,
  size: number,
  wraps: boolean,
  scale: number,
  carry: boolean,
): boolean {
  const { count } = out;
  if (count < TUNING.indexLeast || count === 0) return false;
  if (index.info !== INT32 && index.info !== INT64) return false;
  const { pointer } = out.storage as CpuStorage;
  if (pointer === 0 || !hasFlag()) return false;
  const from = reach(index, 0);
  if (from === 0) return false;
  const { bytes } = index.info;
  const to = pointer + out.offset * 4;
  NUMBERS[0] = size;
  NUMBERS[1] = wraps ? -size : 0;
  NUMBERS[2] = scale;
  WORDS[FLAG] = flag;
  flagView[0] = 0;
  if (index.dense && index.count === count) {
    launchRun(foldKernel(bytes === 8, carry, true), from, to, count, bytes, 4);
    return flagView[0] === 0;
  }
  const walk = mergeDims(out.shape, [
    out.strides,
    broadcastStrides(index, out.shape),
  ]);
  const { shape, strides } = walk;
  const last = shape.length - 1;
  if (last > OUTER) return false;
  const n = shape[last]!;
  const [to_, from_] = strides as [number[], number[]];
  writeOuter(shape, from_, bytes, to_, 4, -1);
  const step = from_[last]!;
  launchRuns(
    foldKernel(bytes === 8, carry, step === 1),
    from,
    to,
    n,
    step * bytes,
    to_[last]! * 4,
    count / n,
  );
  return flagView[0] === 0;
}

/** How elements are told from zero, by code. */
const ZEROS: readonly ZeroType[] = [
  "b8",
  "b8",
  "b8",
  "b16",
  "b32",
  "b64",
  "half",
  "half",
  "f32",
  "f64",
];

/** The same elements in order; null where there is no room or no kernel. */
function inOrder(device: Device, x: Strided): Strided | null {
  if (x.dense) return x;
  const { info, shape, count } = x;
  const storage = allocate(device, info, count);
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d]!;
  }
  const out = { storage, info, shape, strides, offset: 0, count, dense: true };
  return wasmCopy(out, x) ? out : null;
}

/** Lists positions as `Device.nonzero` does, or returns null where no kernel serves. */
export function wasmNonzero(device: Device, input: Strided): Storage | null {
  const { count, info } = input;
  if (count < TUNING.indexLeast || count === 0 || MEMORY === null) return null;
  if ((input.storage as CpuStorage).pointer === 0) return null;
  const x = inOrder(device, input);
  if (x === null) return null;
  const storage = x.storage as CpuStorage;
  if (storage.pointer === 0) return null;
  const from = storage.pointer + x.offset * info.bytes;
  const type = ZEROS[info.code]!;
  const pieces = Math.ceil(count / PIECE);
  const size = blockSize(4 * pieces + 4 + 4 * FEW);
  const scratch = takeBlock(size);
  if (scratch === 0) return null;
  try {
    const counts = new Int32Array(MEMORY.buffer, scratch, pieces + 1);
    launchRun(countKernel(type), from, scratch, count, info.bytes, 4);
    let total = 0;
    for (let k = 0; k < pieces; k++) {
      const found = counts[k]!;
      counts[k] = total;
      total += found;
    }
    counts[pieces] = total;
    // This may sweep, but what it takes back is nothing that is still in use.
    const out = allocate(device, INT32, total);
    if (out.pointer === 0 && total > FEW) return null;
    if (total === 0) return out;
    const place = scratch + 4 * pieces + 4;
    WORDS[ENDS] = scratch;
    launchRun(
      listKernel(type),
      from,
      out.pointer === 0 ? place : out.pointer,
      count,
      info.bytes,
      0,
    );
    if (out.pointer === 0) {
      const found = new Int32Array(MEMORY.buffer, place, total);
      (out.data as Int32Array).set(found, out.base);
    }
    return out;
  } finally {
    giveBlock(scratch, size);
  }
}

/** Positions that are carried over where the list is too short for the shared memory. */
const FEW = 64;

/** Searches as `Device.searchSorted` does, or returns false where no kernel serves. */
export function wasmSearchSorted(
  out: Strided,
  sorted: Strided,
  values: Strided,
  right: boolean,
): boolean {
  const { count, info } = values;
  if (count < TUNING.indexLeast || count === 0) return false;
  const type = CELLS[info.code]!;
  if (type === null || sorted.info !== info) return false;
  if ((out.storage as CpuStorage).pointer === 0) return false;
  const rank = sorted.shape.length;
  const shared = rank === 1 && values.shape.length !== 1;
  const rows = shared
    ? values.shape.map(() => 0)
    : sorted.strides.with(rank - 1, 0);
  const walk = mergeDims(values.shape, [out.strides, values.strides, rows]);
  const last = walk.shape.length - 1;
  if (last - 1 > PLANE_OUTER || !writePointers(out, values, sorted)) {
    return false;
  }
  const { bytes } = out.info;
  const sizes = [bytes, info.bytes, info.bytes];
  const planes = writeWalk(walk, last - 1, last, sizes);
  WORDS[LENGTH] = sorted.shape[rank - 1]!;
  WORDS[STRIDE] = sorted.strides[rank - 1]! * info.bytes;
  const [m, n] = [walk.shape[last - 1]!, walk.shape[last]!];
  const columnBlock = Math.min(n, SEARCHES);
  const rowBlock = Math.min(m, Math.ceil(SEARCHES / columnBlock));
  const kernel = searchKernel(type, right, bytes === 8);
  launchBlocks(kernel, planes, m, n, rowBlock, columnBlock, SEARCHES);
  return true;
}

/** Searches that are enough work for a thread. */
const SEARCHES = 1024;

/** Scans as `Device.argScan` does, or returns false where no kernel serves. */
export function wasmArgScan(
  largest: boolean,
  values: Strided,
  indices: Strided,
  x: Strided,
): boolean {
  const { count, info } = x;
  if (count < TUNING.indexLeast || count === 0) return false;
  const type = CELLS[info.code]!;
  if (type === null || x.shape.length === 0) return false;
  if ((values.storage as CpuStorage).pointer === 0) return false;
  const last = x.shape.length - 1;
  if (last > PLANE_OUTER || !writePointers(values, x, indices)) return false;
  // Dimensions stay as they are: a row must not become a part of a longer one.
  const shape = last === 0 ? [1, ...x.shape] : x.shape.slice();
  const strides = [values, x, indices].map((y) =>
    last === 0 ? [0, ...y.strides] : y.strides.slice()
  );
  const columns = shape.length - 1;
  const sizes = [info.bytes, info.bytes, 8];
  const walk = { shape, strides };
  const planes = writeWalk(walk, columns - 1, columns, sizes);
  const [m, n] = [shape[columns - 1]!, shape[columns]!];
  const rowBlock = Math.min(m, Math.ceil(PIECE / n));
  launchBlocks(extremesKernel(largest, type), planes, m, n, rowBlock, n);
  return true;
}
