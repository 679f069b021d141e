// Kernels that copy: runs of neighbours, runs of any strides with conversion,
// matrices that are transposed by tiles, and one value again and again.

import { beginKernel } from "./argument_words.ts";
import {
  convertScalar,
  isScalarType,
  loadScalar,
  storeScalar,
} from "./cast_code.ts";
import { convertFour } from "./cast_vectors.ts";
import { COPY_BYTES, type CopyType } from "./copy_types.ts";
import { F64, type FunctionBuilder, I32, V128 } from "./emitter.ts";
import { compileKernel, NUMBERS_AT, type WasmKernel } from "./kernel.ts";
import { VectorCode } from "./vector_code.ts";

/** Places of the arguments among the words. */
export const WORD = {
  /** First element that is read. */
  x: 0,
  /** First element that is written. */
  out: 1,
  /** Elements of a run. */
  length: 2,
  /** Bytes between elements that are read; for tiles, between their rows. */
  xStep: 3,
  /** Bytes between elements that are written; for tiles, between their rows. */
  outStep: 4,
  /** Pieces that a run is cut into. */
  pieces: 5,
  /** Elements of a piece. */
  pieceLength: 6,
  /** Rows of the matrix that tiles read; tiles only. */
  rows: 7,
  /** Length, bytes to read on, bytes to write on, for each outer dimension, the last first. */
  outer: 8,
} as const;

/** Dimensions outside of a run, at most. */
export const OUTER = 5;

type Names = Exclude<keyof typeof WORD, "outer">;

/** Variables of a kernel that does runs. */
export interface Frame {
  readonly f: FunctionBuilder;
  /** Arguments by name. */
  readonly w: Record<Names, number>;
  /** Where this item reads. */
  readonly p: number;
  /** Where this item writes. */
  readonly q: number;
  /** Number of this item's piece. */
  readonly piece: number;
  /** Elements of this item. */
  readonly count: number;
  /** Free for use. */
  readonly spare: number;
}

/** A kernel whose items are pieces of runs; `body` does one of them. */
export function perItem(body: (frame: Frame) => void): FunctionBuilder {
  const { outer: _, ...words } = WORD;
  const { f, w } = beginKernel(words);
  const [p, q, piece, count, rest, spare] = [
    f.local(I32),
    f.local(I32),
    f.local(I32),
    f.local(I32),
    f.local(I32),
    f.local(I32),
  ];
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  f.get(1).get(w.pieces).op("i32.div_u").tee(rest);
  f.get(w.pieces).op("i32.mul").set(piece);
  f.get(1).get(piece).op("i32.sub").set(piece);
  f.get(w.length).get(piece).get(w.pieceLength).op("i32.mul").op("i32.sub");
  f.tee(count).get(w.pieceLength).get(count).get(w.pieceLength);
  f.op("i32.lt_u").op("select").set(count);
  f.get(w.x).set(p).get(w.out).set(q);
  for (let d = 0; d < OUTER; d++) {
    const at = 4 * (WORD.outer + 3 * d);
    // `spare` is the quotient; `rest` becomes the index along the dimension.
    f.get(rest).if().get(rest).get(0).memory("i32.load", at);
    f.op("i32.div_u").set(spare);
    f.get(rest).get(spare).get(0).memory("i32.load", at).op("i32.mul");
    f.op("i32.sub").set(rest);
    f.get(p).get(rest).get(0).memory("i32.load", at + 4);
    f.op("i32.mul").op("i32.add").set(p);
    f.get(q).get(rest).get(0).memory("i32.load", at + 8);
    f.op("i32.mul").op("i32.add").set(q);
    f.get(spare).set(rest).end();
  }
  body({ f, w, p, q, piece, count, spare });
  f.get(1).i32(1).op("i32.add").set(1).br(0).end().end();
  return f;
}

/** Adds a constant to a variable. */
export function advance(
  f: FunctionBuilder,
  variable: number,
  by: number,
): void {
  f.get(variable).i32(by).op("i32.add").set(variable);
}

/** Moves `p` and `q` to the start of the piece. */
function toPiece({ f, w, p, q, piece }: Frame): void {
  for (const [at, step] of [[p, w.xStep], [q, w.outStep]] as const) {
    f.get(at).get(piece).get(w.pieceLength).op("i32.mul").get(step);
    f.op("i32.mul").op("i32.add").set(at);
  }
}

/** Runs of neighbours on both sides, without conversion. */
function moveRuns(bytes: number): FunctionBuilder {
  return perItem((frame) => {
    const { f, p, q, count } = frame;
    toPiece(frame);
    f.get(q).get(p).get(count).i32(bytes).op("i32.mul").memoryCopy();
  });
}

/** Runs of any strides, with conversion. */
function castRuns(
  from: CopyType,
  to: CopyType,
  neighbours: boolean,
): FunctionBuilder {
  const scalar = isScalarType(from) && isScalarType(to);
  return perItem((frame) => {
    const { f, w, p, q, count } = frame;
    const spare = f.local(F64);
    const v = new VectorCode(f);
    toPiece(frame);
    if (neighbours && from !== to) {
      f.block().loop().get(count).i32(4).op("i32.lt_u").brIf(1);
      convertFour(v, from, to, p, q, false);
      advance(f, p, 4 * COPY_BYTES[from]);
      advance(f, q, 4 * COPY_BYTES[to]);
      advance(f, count, -4);
      f.br(0).end().end();
    }
    f.block().loop().get(count).op("i32.eqz").brIf(1);
    if (scalar || from === to) {
      f.get(q).get(p);
      loadScalar(f, from);
      convertScalar(f, from, to, spare);
      storeScalar(f, to);
    } else convertFour(v, from, to, p, q, true);
    for (const [at, step] of [[p, w.xStep], [q, w.outStep]] as const) {
      f.get(at).get(step).op("i32.add").set(at);
    }
    advance(f, count, -1);
    f.br(0).end().end();
  });
}

/** Which bytes of two vectors the steps of a transposition take. */
const STEPS: Record<number, readonly (readonly number[])[]> = {
  4: [
    [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23],
    [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31],
  ],
  8: [
    [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
    [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31],
  ],
};

/** Bytes of a cache line: a band of tiles reads whole ones. */
const LINE = 64;

/** Rows of a band of tiles. */
export function bandRows(bytes: number): number {
  return LINE / bytes;
}

/**
 * Transposes. What is read has its neighbours along `rows`, what is written
 * along `length`; an item is a band of `rows` as wide as a cache line. Tiles at
 * the ends lie over the ones before them.
 */
function tiles(bytes: number): FunctionBuilder {
  const side = 16 / bytes;
  const band = bandRows(bytes);
  return perItem(({ f, w, p, q, piece, count, spare: column }) => {
    const v = Array.from({ length: side }, () => f.local(V128));
    const t = Array.from({ length: side }, () => f.local(V128));
    const [row, end, from, to, limit] = [
      f.local(I32),
      f.local(I32),
      f.local(I32),
      f.local(I32),
      f.local(I32),
    ];
    /** Pushes the smaller of a variable and the last place of a tile before `length`. */
    const clamped = (variable: number, length: number) => {
      f.get(variable).get(length).i32(side).op("i32.sub").tee(limit);
      f.get(variable).get(limit).op("i32.lt_u").op("select");
    };
    f.i32(0).set(column);
    f.block().loop().get(column).get(w.length).op("i32.ge_u").brIf(1);
    f.get(piece).i32(band).op("i32.mul").set(row);
    f.get(w.rows).get(row).op("i32.sub").tee(end).i32(band);
    f.get(end).i32(band).op("i32.lt_u").op("select");
    f.get(row).op("i32.add").set(end);
    f.block().loop().get(row).get(end).op("i32.ge_u").brIf(1);
    clamped(column, w.length);
    f.set(count);
    clamped(row, w.rows);
    f.set(limit);
    f.get(p).get(limit).i32(bytes).op("i32.mul").op("i32.add");
    f.get(count).get(w.xStep).op("i32.mul").op("i32.add").set(from);
    f.get(q).get(limit).get(w.outStep).op("i32.mul").op("i32.add");
    f.get(count).i32(bytes).op("i32.mul").op("i32.add").set(to);
    for (let k = 0; k < side; k++) {
      f.get(from).memory("v128.load").set(v[k]!);
      if (k < side - 1) f.get(from).get(w.xStep).op("i32.add").set(from);
    }
    transpose(f, bytes, v, t);
    for (let k = 0; k < side; k++) {
      f.get(to).get(v[k]!).memory("v128.store");
      if (k < side - 1) f.get(to).get(w.outStep).op("i32.add").set(to);
    }
    advance(f, row, side);
    f.br(0).end().end();
    advance(f, column, side);
    f.br(0).end().end();
  });
}

/** Transposes the tile in the variables `v`, by way of `t`. */
function transpose(
  f: FunctionBuilder,
  bytes: number,
  v: readonly number[],
  t: readonly number[],
): void {
  const halves = STEPS[8]!;
  if (bytes === 8) {
    f.get(v[0]!).get(v[1]!).shuffle(halves[0]!).get(v[0]!).get(v[1]!);
    f.shuffle(halves[1]!).set(v[1]!).set(v[0]!);
    return;
  }
  for (let k = 0; k < 4; k++) {
    const pair = k < 2 ? 0 : 1;
    f.get(v[pair]!).get(v[pair + 2]!).shuffle(STEPS[4]![k % 2]!).set(t[k]!);
  }
  // Now t0 = 0 and 2 mixed, low; t1 the same, high; t2 and t3 of 1 and 3.
  for (let k = 0; k < 4; k++) {
    const pair = k < 2 ? 0 : 1;
    f.get(t[pair]!).get(t[pair + 2]!).shuffle(STEPS[4]![k % 2]!).set(v[k]!);
  }
}

/** Sets elements of a run of neighbours to the first of the numbers' bytes. */
function fillRuns(bytes: number): FunctionBuilder {
  return perItem((frame) => {
    const { f, q, count, spare } = frame;
    const value = f.local(V128);
    toPiece(frame);
    f.get(0).memory("v128.load", NUMBERS_AT).set(value);
    f.block().loop().get(count).i32(64 / bytes).op("i32.lt_u").brIf(1);
    for (let k = 0; k < 4; k++) {
      f.get(q).get(value).memory("v128.store", 16 * k);
    }
    advance(f, q, 64);
    advance(f, count, -64 / bytes);
    f.br(0).end().end();
    // Fewer than a line are left: the pattern repeats every 16 bytes.
    f.get(q).get(count).i32(bytes).op("i32.mul").op("i32.add").set(spare);
    f.block().loop().get(q).get(spare).op("i32.eq").brIf(1);
    f.get(q).get(value).lane("i32x4", 0);
    if (bytes === 8) f.op("drop").get(value).lane("i64x2", 0);
    f.memory(
      bytes === 8
        ? "i64.store"
        : bytes === 4
        ? "i32.store"
        : bytes === 2
        ? "i32.store16"
        : "i32.store8",
    );
    advance(f, q, bytes);
    f.br(0).end().end();
  });
}

const KERNELS: (WasmKernel | undefined)[] = [];
const TYPES: readonly CopyType[] = [
  "f32",
  "f64",
  "i32",
  "i64",
  "u8",
  "bool",
  "b16",
  "i8",
  "i16",
  "f16",
  "bf16",
];

/** The kernel for runs of neighbours of `bytes` each. */
export function moveKernel(bytes: number): WasmKernel {
  return KERNELS[bytes] ??= compileKernel({ run: moveRuns(bytes) });
}

/** The kernel that fills with elements of `bytes` each. */
export function fillKernel(bytes: number): WasmKernel {
  return KERNELS[16 + bytes] ??= compileKernel({ run: fillRuns(bytes) });
}

/** The kernel that transposes elements of 4 or 8 bytes. */
export function tileKernel(bytes: number): WasmKernel {
  return KERNELS[32 + bytes] ??= compileKernel({ run: tiles(bytes) });
}

/** The kernel that converts, for runs of neighbours or of any strides. */
export function castKernel(
  from: CopyType,
  to: CopyType,
  neighbours: boolean,
): WasmKernel {
  const pair = TYPES.indexOf(from) * 16 + TYPES.indexOf(to);
  const key = 48 + 2 * pair + (neighbours ? 1 : 0);
  return KERNELS[key] ??= compileKernel({
    run: castRuns(from, to, neighbours),
  });
}
