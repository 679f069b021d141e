// Hands out blocks of the shared memory and takes them back: small blocks by
// size class out of spans of a mebibyte, large ones as runs of pages that merge
// with their neighbours when they are free. It knows neither tensors nor who
// uses a block; see reclaim.ts for when blocks come back by themselves.

import { ensurePages, HEAP_START, LIMITS, MEMORY } from "./memory.ts";

/** Every block starts at a multiple of this: a cache line. */
const LINE = 64;
/** Unit of large blocks. */
const PAGE = 65536;
/** What small blocks are cut from. */
const SPAN = 16 * PAGE;
/** Blocks from this size on are runs of pages. */
const LARGE = 4 * PAGE;

/** Sizes of the small classes: up to 16 lines each its own, then an eighth apart. */
const SIZES: number[] = [];
for (let lines = 1; lines * LINE < LARGE;) {
  SIZES.push(lines * LINE);
  lines += lines < 16 ? 1 : 2 ** (Math.floor(Math.log2(lines)) - 3);
}

/** Class of a small request, by its number of lines. */
const CLASS_OF_LINES = new Uint8Array(LARGE / LINE + 1).fill(SIZES.length);
for (let index = SIZES.length - 1; index >= 0; index--) {
  CLASS_OF_LINES.fill(index, 0, SIZES[index]! / LINE + 1);
}

/** Free small blocks, by class. */
const free: number[][] = SIZES.map(() => []);
/** Rest of the span that each class is cut from: where it starts and ends. */
const cutFrom = new Float64Array(SIZES.length);
const cutTo = new Float64Array(SIZES.length);
/** Class that a span was cut for, by its first page; see {@linkcode trim}. */
const spans = new Map<number, number>();

/** Free runs of pages, ascending: first pages and lengths. */
const runStarts: number[] = [HEAP_START / PAGE];
// The last page stays free: kernels may read a vector beyond the end of a block.
const runLengths: number[] = MEMORY === null
  ? [0]
  : [LIMITS.maximum - HEAP_START / PAGE - 1];

/** Bytes that a request really takes, so little more that reuse is likely. */
export function blockSize(bytes: number): number {
  if (bytes <= LARGE - LINE) {
    const index = CLASS_OF_LINES[Math.max(Math.ceil(bytes / LINE), 1)]!;
    if (index < SIZES.length) return SIZES[index]!;
  }
  const pages = Math.ceil(bytes / PAGE);
  const step = Math.max(2 ** (Math.floor(Math.log2(pages)) - 3), 1);
  return Math.ceil(pages / step) * step * PAGE;
}

/** Takes a block of a size that {@linkcode blockSize} gave; 0 where there is no room. */
export function takeBlock(size: number): number {
  if (size >= LARGE) return takeRun(size / PAGE) * PAGE;
  const index = CLASS_OF_LINES[size / LINE]!;
  const list = free[index]!;
  if (list.length > 0) return list.pop()!;
  if (cutFrom[index]! + size > cutTo[index]!) {
    const page = takeRun(SPAN / PAGE);
    if (page === 0) return 0;
    spans.set(page, index);
    cutFrom[index] = page * PAGE;
    cutTo[index] = page * PAGE + SPAN;
  }
  const pointer = cutFrom[index]!;
  cutFrom[index] = pointer + size;
  return pointer;
}

/** Gives a block back. */
export function giveBlock(pointer: number, size: number): void {
  if (size >= LARGE) giveRun(pointer / PAGE, size / PAGE);
  else free[CLASS_OF_LINES[size / LINE]!]!.push(pointer);
}

/** Takes pages from the shortest run that has enough; 0 where none has. */
function takeRun(pages: number): number {
  const run = shortestRun(pages);
  if (run < 0) {
    if (!trim()) return 0;
    return shortestRun(pages) < 0 ? 0 : takeRun(pages);
  }
  const start = runStarts[run]!;
  // One more, because kernels may read a vector beyond the end of a block.
  if (!ensurePages(start + pages + 1)) return 0;
  if (runLengths[run] === pages) {
    runStarts.splice(run, 1);
    runLengths.splice(run, 1);
  } else {
    runStarts[run] = start + pages;
    runLengths[run]! -= pages;
  }
  return start;
}

function shortestRun(pages: number): number {
  let best = -1;
  for (let i = 0; i < runLengths.length; i++) {
    const length = runLengths[i]!;
    if (length < pages || (best >= 0 && length >= runLengths[best]!)) continue;
    best = i;
    if (length === pages) break;
  }
  return best;
}

/** Gives pages back and merges them with free neighbours. */
function giveRun(start: number, pages: number): void {
  let low = 0;
  let high = runStarts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runStarts[middle]! < start) low = middle + 1;
    else high = middle;
  }
  const joinsNext = runStarts[low] === start + pages;
  const joinsLast = low > 0 &&
    runStarts[low - 1]! + runLengths[low - 1]! === start;
  if (joinsLast && joinsNext) {
    runLengths[low - 1]! += pages + runLengths[low]!;
    runStarts.splice(low, 1);
    runLengths.splice(low, 1);
  } else if (joinsLast) runLengths[low - 1]! += pages;
  else if (joinsNext) {
    runStarts[low] = start;
    runLengths[low]! += pages;
  } else {
    runStarts.splice(low, 0, start);
    runLengths.splice(low, 0, pages);
  }
}

/** Turns spans of small blocks that are free as a whole back into pages; tells whether there were any. */
export function trim(): boolean {
  let any = false;
  for (let index = 0; index < SIZES.length; index++) {
    const whole = freeSpans(index);
    if (whole.size === 0) continue;
    any = true;
    free[index] = free[index]!.filter((pointer) => !whole.has(spanOf(pointer)));
    if (whole.has((cutTo[index]! - SPAN) / PAGE)) {
      cutFrom[index] = cutTo[index] = 0;
    }
    for (const page of whole) {
      spans.delete(page);
      giveRun(page, SPAN / PAGE);
    }
  }
  return any;
}

/** First pages of the spans of a class in which every block is free. */
function freeSpans(index: number): Set<number> {
  const counts = new Map<number, number>();
  for (const pointer of free[index]!) {
    const page = spanOf(pointer);
    counts.set(page, (counts.get(page) ?? 0) + 1);
  }
  const blocks = Math.floor(SPAN / SIZES[index]!);
  const current = (cutTo[index]! - SPAN) / PAGE;
  const cut = (cutFrom[index]! - current * PAGE) / SIZES[index]!;
  const out = new Set<number>();
  for (const [page, count] of counts) {
    if (count === (page === current ? cut : blocks)) out.add(page);
  }
  return out;
}

/** First page of the span that a small block lies in; spans need not be aligned. */
function spanOf(pointer: number): number {
  const last = Math.floor(pointer / PAGE);
  for (let page = last; page > last - SPAN / PAGE; page--) {
    if (spans.has(page)) return page;
  }
  throw new Error(`${pointer} lies in no span`);
}

/** Bytes of pages that are not free, in small or large blocks. */
export function reservedBytes(): number {
  const unused = runLengths.reduce((sum, length) => sum + length, 0);
  return MEMORY === null
    ? 0
    : LIMITS.maximum * PAGE - HEAP_START - unused * PAGE;
}

/** What gives back blocks that are kept for speed only. */
const reserves: (() => void)[] = [];

/** Registers what gives back the blocks that a kernel keeps between its calls. */
export function onShortage(giveBack: () => void): void {
  reserves.push(giveBack);
}

/** Takes back what kernels keep. Only to be called while no pointer is in use. */
export function emptyReserves(): void {
  for (const giveBack of reserves) giveBack();
}
