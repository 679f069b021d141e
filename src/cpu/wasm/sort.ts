// Sorts by kernels: which way for how many, and memory for the threads.

import type { Strided } from "../../tensor/device.ts";
import { blockSize, giveBlock, takeBlock } from "../heap.ts";
import { THREADS } from "../threads.ts";
import { TUNING } from "../tuning.ts";
import { OUTER, WORD } from "./copy_kernel.ts";
import { launch, type WasmKernel, WORDS } from "./kernel.ts";
import { bringBack, reach } from "./reach.ts";
import type { SortType } from "./sort_code.ts";
import {
  firstKernel,
  INSERTED,
  insertionKernel,
  SORT_WORD,
  sortScratch,
  wholeKernel,
} from "./sort_kernel.ts";

/** How sorts see element types, by code. */
const TYPES: readonly SortType[] = [
  "u8", // bool
  "u8",
  "i8",
  "i16",
  "i32",
  "i64",
  "half",
  "brain",
  "f32",
  "f64",
];

/** Elements that are enough work for a thread. */
const GRAIN = 2048;

/** Sorts as `Device.sort` does, or returns false where no kernel serves. */
export function wasmSort(
  values: Strided,
  indices: Strided,
  x: Strided,
  descending: boolean,
): boolean {
  const { count, info, shape, strides } = x;
  const last = shape.length - 1;
  if (count < TUNING.sortLeast || count === 0) return false;
  if (last < 0 || last > OUTER || values.count === 0) return false;
  if (!values.dense || !indices.dense) return false;
  const n = shape[last]!;
  const keep = values.shape[last]!;
  const type = TYPES[info.code]!;
  let kernel: WasmKernel;
  let held = n;
  if (keep <= INSERTED && (keep < n || n <= INSERTED)) {
    kernel = insertionKernel(type);
    held = keep;
  } else if (keep < n / 8) {
    kernel = firstKernel(type);
    held = 2 * keep;
  } else kernel = wholeKernel(type);
  const rows = count / n;
  const share = Math.ceil(sortScratch(held) / 64) * 64;
  const size = blockSize(share * (rows === 1 ? 1 : THREADS.count));
  const scratch = takeBlock(size);
  if (scratch === 0) return false;
  try {
    const from = reach(x, 0);
    const to = reach(values, 1);
    const positions = reach(indices, 2);
    if (from === 0 || to === 0 || positions === 0) return false;
    let write = keep;
    let at: number = WORD.outer;
    for (let d = last - 1; d >= 0; d--) {
      WORDS[at] = shape[d]!;
      WORDS[at + 1] = strides[d]! * info.bytes;
      WORDS[at + 2] = write;
      write *= shape[d]!;
      at += 3;
    }
    WORDS[WORD.x] = from;
    WORDS[WORD.out] = 0;
    WORDS[WORD.length] = n;
    WORDS[WORD.xStep] = strides[last]! * info.bytes;
    WORDS[WORD.outStep] = 0;
    WORDS[WORD.pieces] = 1;
    WORDS[WORD.pieceLength] = n;
    WORDS[SORT_WORD.values] = to;
    WORDS[SORT_WORD.indices] = positions;
    WORDS[SORT_WORD.scratch] = scratch;
    WORDS[SORT_WORD.share] = share;
    WORDS[SORT_WORD.descending] = descending ? 1 : 0;
    WORDS[SORT_WORD.keep] = keep;
    WORDS[SORT_WORD.held] = held;
    launch(kernel, rows, Math.max(1, Math.ceil(GRAIN / n)));
    bringBack(values, 1);
    bringBack(indices, 2);
    return true;
  } finally {
    giveBlock(scratch, size);
  }
}
