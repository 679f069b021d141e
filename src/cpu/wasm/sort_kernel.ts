// Kernels that sort rows: by insertion where they are short, else by digits,
// the lowest first, which is stable and takes no comparisons. Items are rows.

import { perItem } from "./copy_kernel.ts";
import { type FunctionBuilder, I32, I64 } from "./emitter.ts";
import { compileKernel, type WasmKernel } from "./kernel.ts";
import type { MEMORY_OPS } from "./opcodes.ts";
import {
  add,
  ALL_COUNTS,
  below,
  isWide,
  keyVariables,
  pushKey,
  reversing,
  SORT_BYTES,
  type SortType,
} from "./sort_code.ts";
import { build, CALL, insert, order, radix } from "./sort_digits.ts";

/** Places of the arguments that only sorts have. */
export const SORT_WORD = {
  /** First of the sorted elements. */
  values: 24,
  /** First of their positions. */
  indices: 25,
  /** Memory of the threads. */
  scratch: 26,
  /** Bytes of one thread's. */
  share: 27,
  /** Not 0 where the largest come first. */
  descending: 28,
  /** Elements of a row that are wanted. */
  keep: 29,
  /** Candidates that are held at a time; more than are wanted. */
  held: 30,
} as const;

/** Place of the thread's number. */
const THREAD = 63;
const LOADS: Readonly<Record<number, keyof typeof MEMORY_OPS>> = {
  1: "i32.load8_u",
  2: "i32.load16_u",
  4: "i32.load",
  8: "i64.load",
};

const STORES: Readonly<Record<number, keyof typeof MEMORY_OPS>> = {
  1: "i32.store8",
  2: "i32.store16",
  4: "i32.store",
  8: "i64.store",
};

/** Variables of a kernel that does rows. */
interface Row {
  readonly f: FunctionBuilder;
  readonly p: number;
  readonly step: number;
  readonly count: number;
  /** Memory of this thread. */
  readonly scratch: number;
  /** What turns keys around, or 0. */
  readonly turn: number;
  readonly keep: number;
}

/** A kernel whose items are rows; `body` leaves the address of the sorted positions in a variable. */
function perRow(
  type: SortType,
  body: (row: Row) => number,
): FunctionBuilder {
  const bytes = SORT_BYTES[type];
  return perItem(({ f, w, p, q, count }) => {
    const local = () => f.local(I32);
    const [scratch, turn, keep, end] = [local(), local(), local(), local()];
    const [values, indices] = [local(), local()];
    const word = (name: keyof typeof SORT_WORD) =>
      f.get(0).memory("i32.load", 4 * SORT_WORD[name]);
    word("scratch").get(0).memory("i32.load", 4 * THREAD);
    word("share").op("i32.mul").op("i32.add").set(scratch);
    f.i32(reversing(type)).i32(0);
    word("descending").op("select").set(turn);
    word("keep").set(keep);
    const at = body({ f, p, step: w.xStep, count, scratch, turn, keep });
    word("values").get(q).i32(bytes).op("i32.mul").op("i32.add").set(values);
    word("indices").get(q).i32(8).op("i32.mul").op("i32.add").set(indices);
    f.get(at).get(keep).i32(3).op("i32.shl").op("i32.add").set(end);
    below(f, at, end, () => {
      f.get(values).get(p).get(at).memory("i32.load").tee(keep).get(w.xStep);
      f.op("i32.mul").op("i32.add").memory(LOADS[bytes]!);
      f.memory(STORES[bytes]!).get(indices).get(keep);
      f.op("i64.extend_i32_u").memory("i64.store");
      add(f, values, bytes);
      add(f, indices, 8);
      add(f, at, 8);
    });
  });
}

/** Sorts whole rows by digits. */
function wholeRows(type: SortType): FunctionBuilder {
  return perRow(type, ({ f, p, step, count, scratch, turn }) => {
    const list = f.local(I32);
    f.get(p).get(step).get(scratch).get(count).get(turn).i32(0);
    f.call(CALL.order).set(list);
    return list;
  });
}

/** Finds the first of many: what may be among them is held and sorted now and then. */
function firstOfRows(type: SortType): FunctionBuilder {
  const wide = isWide(type);
  return perRow(type, ({ f, p, step, count, scratch, turn, keep }) => {
    const variables = keyVariables(f);
    const local = () => f.local(I32);
    const [list, held, full, i, from, to] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const at = local();
    const worst = f.local(wide ? I64 : I32);
    const key = () => {
      f.get(at);
      pushKey(f, type, variables);
      f.get(turn);
      if (wide) f.op("i64.extend_i32_s").op("i64.xor");
      else f.op("i32.xor");
    };
    /** Sorts what is held, all or none of it listed. */
    const sort = (listed: number) => {
      f.get(p).get(step).get(scratch).get(held).get(turn).i32(listed);
      f.call(CALL.order).set(from);
    };
    /** Keeps the first ones of what was sorted. */
    const shrink = () => {
      f.get(list).set(to).get(list).get(keep).i32(3).op("i32.shl");
      f.op("i32.add").set(held);
      below(f, to, held, () => {
        f.get(to).get(from).memory("i64.load").memory("i64.store");
        add(f, to, 8);
        add(f, from, 8);
      });
      f.get(p).get(to).i32(8).op("i32.sub").memory("i32.load").get(step);
      f.op("i32.mul").op("i32.add").set(at);
      key();
      f.set(worst).get(keep).set(held);
    };
    f.get(scratch).i32(ALL_COUNTS).op("i32.add").set(list);
    f.get(0).memory("i32.load", 4 * SORT_WORD.held).tee(full).set(held);
    sort(0);
    shrink();
    f.get(full).set(i);
    f.get(p).get(i).get(step).op("i32.mul").op("i32.add").set(at);
    below(f, i, count, () => {
      key();
      f.get(worst).op(wide ? "i64.lt_u" : "i32.lt_u").if();
      f.get(list).get(held).i32(3).op("i32.shl").op("i32.add").get(i);
      f.memory("i32.store");
      f.get(held).i32(1).op("i32.add").tee(held).get(full).op("i32.eq").if();
      sort(1);
      shrink();
      f.get(p).get(i).get(step).op("i32.mul").op("i32.add").set(at);
      f.end().end();
      add(f, i, 1);
      f.get(at).get(step).op("i32.add").set(at);
    });
    sort(1);
    return from;
  });
}

/** Finds the first few by insertion, or sorts short rows whole. */
function fewOfRows(type: SortType): FunctionBuilder {
  const wide = isWide(type);
  return perRow(type, ({ f, p, step, count, scratch, turn, keep }) => {
    const variables = keyVariables(f);
    const local = () => f.local(I32);
    const [i, from, at, last, end] = [
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const [key, worst] = [f.local(I64), f.local(I64)];
    // Keys of 64 bits have their positions elsewhere.
    const apart = wide ? 8 * INSERTED : 0;
    f.get(scratch).tee(end).get(keep).i32(3).op("i32.shl").op("i32.add");
    f.set(last).get(p).set(from).i32(0).set(i).i64(-1n).set(worst);
    below(f, i, count, () => {
      f.get(from);
      pushKey(f, type, variables);
      f.get(turn);
      if (wide) f.op("i64.extend_i32_s").op("i64.xor").set(key);
      else {
        f.op("i32.xor").op("i64.extend_i32_u").i64(32n).op("i64.shl");
        f.get(i).op("i64.extend_i32_u").op("i64.or").set(key);
      }
      f.get(key).get(worst).op("i64.lt_u").get(end).get(last);
      f.op("i32.lt_u").op("i32.or").if();
      // Where all places are taken, the worst one is given up.
      f.get(end).get(last).op("i32.lt_u").if().get(end).i32(8).op("i32.add");
      f.set(end).end();
      f.get(end).i32(8).op("i32.sub").set(at);
      f.block().loop().get(at).get(scratch).op("i32.eq").brIf(1);
      f.get(at).i32(8).op("i32.sub").memory("i64.load").get(key);
      f.op("i64.le_u").brIf(1);
      f.get(at).get(at).i32(8).op("i32.sub").memory("i64.load");
      f.memory("i64.store");
      if (wide) {
        f.get(at).get(at).i32(8).op("i32.sub").memory("i32.load", apart);
        f.memory("i32.store", apart);
      }
      add(f, at, -8);
      f.br(0).end().end();
      f.get(at).get(key).memory("i64.store");
      if (wide) f.get(at).get(i).memory("i32.store", apart);
      f.get(end).get(last).op("i32.eq").if().get(end).i32(8).op("i32.sub");
      f.memory("i64.load").set(worst).end().end();
      add(f, i, 1);
      f.get(from).get(step).op("i32.add").set(from);
    });
    f.get(scratch).i32(apart).op("i32.add").set(at);
    return at;
  });
}

/** Most elements that are found by insertion. */
export const INSERTED = 64;

/** Bytes of scratch memory that a thread needs for sorting so many elements at a time. */
export function sortScratch(count: number): number {
  return ALL_COUNTS + 16 * Math.max(count, INSERTED);
}

const WHOLE = new Map<SortType, WasmKernel>();
const FIRST = new Map<SortType, WasmKernel>();
const INSERTION = new Map<SortType, WasmKernel>();

function cached(
  table: Map<SortType, WasmKernel>,
  type: SortType,
  run: (type: SortType) => FunctionBuilder,
): WasmKernel {
  let kernel = table.get(type);
  if (kernel === undefined) {
    kernel = compileKernel(
      table === INSERTION ? { run: run(type) } : {
        run: run(type),
        build: build(type, false),
        lower: build(type, true),
        radix: radix(type),
        insert: insert(type),
        order: order(type),
      },
    );
    table.set(type, kernel);
  }
  return kernel;
}

/** The kernel that sorts whole rows. */
export function wholeKernel(type: SortType): WasmKernel {
  return cached(WHOLE, type, wholeRows);
}

/** The kernel that sorts out the first elements of long rows. */
export function firstKernel(type: SortType): WasmKernel {
  return cached(FIRST, type, firstOfRows);
}

/** The kernel for up to {@linkcode INSERTED} elements of each row. */
export function insertionKernel(type: SortType): WasmKernel {
  return cached(INSERTION, type, fewOfRows);
}
