// Packs the right operand of a product for all who read it: strips of columns,
// by groups that are packed where they lie close to each other.

import { onShortage } from "../heap.ts";
import { THREADS } from "../threads.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  add,
  assign,
  count,
  div,
  min,
  mul,
  num,
  push,
  readWords,
  rem,
  sub,
} from "./gemm_code.ts";
import type { Matrices } from "./gemm_product.ts";
import { packFunction } from "./gemm_pack.ts";
import { scratch } from "./gemm_scratch.ts";
import type { FloatType } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Strips of columns that are packed as one item of work, a few steps at a time: rows are read ahead. */
const WIDE_GROUP = 32;
const FEW_STEPS = 8;
/** The same where columns are dense: few are read at a time, many steps of each. */
const NARROW_GROUP = 8;
const MANY_STEPS = 64;
/** Strips that every thread reads at least: whole cache lines. */
const FEWEST = 4;
/** Elements that are worth a thread's while. */
const WORTH = 2 ** 15;

/** Packs strips of columns; an item is a group of them. */
function packKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const {
    to,
    from,
    fromBatch,
    step,
    column,
    n,
    k,
    strips,
    groups,
    group,
    stretch,
  } = readWords(
    f,
    [
      "to",
      "from",
      "fromBatch",
      "step",
      "column",
      "n",
      "k",
      "strips",
      "groups",
      "group",
      "stretch",
    ],
  );
  const item = f.local(I32);
  const at = f.local(I32);
  const strip = f.local(I32);
  const batch = f.local(I32);
  const first = f.local(I32);
  const last = f.local(I32);
  const columns = num(type.columns);
  const size = num(type.columns * type.bytes);
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, groups));
    assign(f, first, mul(rem(item, groups), group));
    assign(f, last, min(add(first, group), strips));
    count(f, at, num(0), k, stretch, () => {
      count(f, strip, first, last, num(1), () => {
        const row = add(mul(add(mul(batch, strips), strip), k), at);
        push(f, add(to, mul(row, size)));
        const start = mul(strip, columns, column);
        push(f, add(from, mul(batch, fromBatch), start, mul(at, step)));
        push(push(f, column), step);
        push(f, min(columns, sub(n, mul(strip, columns))));
        push(f, min(stretch, sub(k, at))).call(1);
      });
    });
  });
  return compileKernel({ run: f, pack: packFunction(type, type.columns) });
}

/** The packing kernels by bytes of an element. */
const PACKS: WasmKernel[] = [];

/** What was packed last: the mark of its product, if it had one, and which part of the operand. */
const LAST: { mark: object | null; b: number; n: number; k: number } = {
  mark: null,
  b: 0,
  n: 0,
  k: 0,
};

// The block may be given back, and another one begin at its address.
onShortage(() => LAST.mark = null);

/**
 * Packs `b[from..]` for all of a batch, `n` columns and `k` rows; a stride of 0
 * packs one for all. Returns the address, or 0 where there is no room.
 */
export function packRight(
  x: Matrices,
  b: number,
  batch: number,
  n: number,
  k: number,
): number {
  const { bytes, columns } = x.type;
  const strips = Math.ceil(n / columns);
  const byColumns = x.bStep === bytes;
  let group = byColumns ? NARROW_GROUP : WIDE_GROUP;
  if (THREADS.count > 1 && k * n > WORTH) {
    // Every thread gets some.
    const share = Math.ceil(strips / (2 * THREADS.count));
    group = Math.max(Math.min(group, share), FEWEST);
  }
  const groups = Math.ceil(strips / group);
  const count = x.bBatch === 0 ? 1 : batch;
  const packed = scratch(0, count * strips * columns * k * bytes);
  if (packed === 0) return 0;
  if (count === 1) {
    const same = LAST.b === b && LAST.n === n && LAST.k === k;
    if (same && x.mark !== null && LAST.mark === x.mark) return packed;
    LAST.b = b;
    LAST.n = n;
    LAST.k = k;
    LAST.mark = x.mark;
  } else LAST.mark = null;
  WORDS[0] = packed;
  WORDS[1] = b;
  WORDS[2] = x.bBatch;
  WORDS[3] = x.bStep;
  WORDS[4] = x.bColumn;
  WORDS[5] = n;
  WORDS[6] = k;
  WORDS[7] = strips;
  WORDS[8] = groups;
  WORDS[9] = group;
  WORDS[10] = byColumns ? MANY_STEPS : FEW_STEPS;
  const grain = Math.ceil(WORTH / (k * columns * group));
  launch(PACKS[bytes] ??= packKernel(x.type), count * groups, grain);
  return packed;
}
