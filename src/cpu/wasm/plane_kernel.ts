// The frame of kernels that read by positions: rows and columns of three
// operands of any strides (result, elements, positions), cut into blocks that
// threads can share. It knows nothing of what is done with a row.

import { beginKernel } from "./argument_words.ts";
import { type FunctionBuilder, I32 } from "./emitter.ts";

/** Places of the arguments among the words. */
export const PLANE = {
  /** First element of the result. */
  out: 0,
  /** First element of what is read. */
  x: 1,
  /** First position. */
  index: 2,
  /** Rows of a plane. */
  rows: 3,
  /** Columns of a plane. */
  columns: 4,
  /** Rows of a block. */
  rowBlock: 5,
  /** Blocks that the rows are cut into. */
  rowBlocks: 6,
  /** Columns of a block. */
  columnBlock: 7,
  /** Blocks that the columns are cut into. */
  columnBlocks: 8,
  /** Bytes that one step of a position means. */
  unit: 9,
  /** Bytes between rows, for each operand. */
  outRow: 10,
  /** See {@linkcode PLANE.outRow}. */
  xRow: 11,
  /** See {@linkcode PLANE.outRow}. */
  indexRow: 12,
  /** Bytes between columns, for each operand. */
  outColumn: 13,
  /** See {@linkcode PLANE.outColumn}. */
  xColumn: 14,
  /** See {@linkcode PLANE.outColumn}. */
  indexColumn: 15,
  /** Length and bytes between neighbours of each operand, for each outer dimension, the last first. */
  outer: 16,
} as const;

/** Dimensions outside of a plane, at most. */
export const PLANE_OUTER = 4;

type Names = Exclude<keyof typeof PLANE, "outer">;

/** Variables of a kernel while it does a row; it may change `q`, `p`, `j` and `count`. */
export interface PlaneRow {
  readonly f: FunctionBuilder;
  /** Arguments by name. */
  readonly w: Record<Names, number>;
  /** Where the row's result begins. */
  readonly q: number;
  /** Where the row's elements begin. */
  readonly p: number;
  /** Where the row's positions begin. */
  readonly j: number;
  /** Columns of the row. */
  readonly count: number;
}

/** A kernel whose items are blocks of planes; `body` does one row of a block. */
export function perPlane(body: (row: PlaneRow) => void): FunctionBuilder {
  const { outer: _, ...words } = PLANE;
  const { f, w } = beginKernel(words);
  const local = () => f.local(I32);
  const [rest, quotient, left, wide] = [local(), local(), local(), local()];
  const [q, p, j, count] = [local(), local(), local(), local()];
  const [row, column] = [local(), local()];
  const starts = [local(), local(), local()];
  const own = [q, p, j];
  const rowSteps = [w.outRow, w.xRow, w.indexRow];
  const columnSteps = [w.outColumn, w.xColumn, w.indexColumn];

  /** Sets `into` to the remainder of `rest` by a variable, `rest` to the quotient. */
  const divide = (by: number, into: number) => {
    f.get(rest).get(by).op("i32.div_u").set(quotient);
    f.get(rest).get(quotient).get(by).op("i32.mul").op("i32.sub").set(into);
    f.get(quotient).set(rest);
  };
  /** Sets `into` to the length of a block: of `total`, from `at` on, at most `most`. */
  const clip = (total: number, at: number, most: number, into: number) => {
    f.get(total).get(at).op("i32.sub").tee(into).get(most);
    f.get(into).get(most).op("i32.lt_u").op("select").set(into);
  };

  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  f.get(1).set(rest);
  divide(w.columnBlocks, column);
  divide(w.rowBlocks, row);
  f.get(row).get(w.rowBlock).op("i32.mul").set(row);
  f.get(column).get(w.columnBlock).op("i32.mul").set(column);
  clip(w.rows, row, w.rowBlock, left);
  clip(w.columns, column, w.columnBlock, wide);
  [w.out, w.x, w.index].forEach((pointer, k) => {
    f.get(pointer).get(row).get(rowSteps[k]!).op("i32.mul").op("i32.add");
    f.get(column).get(columnSteps[k]!).op("i32.mul").op("i32.add");
    f.set(starts[k]!);
  });
  for (let d = 0; d < PLANE_OUTER; d++) {
    const at = 4 * (PLANE.outer + 4 * d);
    f.get(rest).if().get(0).memory("i32.load", at).set(column);
    divide(column, column);
    starts.forEach((start, k) => {
      f.get(start).get(column).get(0).memory("i32.load", at + 4 + 4 * k);
      f.op("i32.mul").op("i32.add").set(start);
    });
    f.end();
  }
  f.loop();
  starts.forEach((start, k) => f.get(start).set(own[k]!));
  f.get(wide).set(count);
  body({ f, w, q, p, j, count });
  starts.forEach((start, k) =>
    f.get(start).get(rowSteps[k]!).op("i32.add").set(start)
  );
  f.get(left).i32(1).op("i32.sub").tee(left).brIf(0).end();
  f.get(1).i32(1).op("i32.add").set(1).br(0).end().end();
  return f;
}
