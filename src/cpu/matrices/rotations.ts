// Rotations of neighbouring rows, as the iterations for eigenvalues and singular
// values make them: noted down sweep by sweep and applied together, a few
// columns at a time, which stay in the processor's caches.

import type { CpuStorage } from "../storage.ts";
import { STRIP, wasmRotate } from "../wasm/rotate.ts";
import { type Block, blockOf, elementsOf, startOf } from "./block.ts";

/** Most rotations that are noted down before they are applied. */
const MOST = 8192;
/** Sweeps of the whole matrix that are worth waiting for. */
const SWEEPS = 16;

/** Columns of the narrowest matrix that is cut into strips. */
const LEAST = 4;

/** The length of rows that hold `n` elements, and can be cut into strips. */
export function rowLength(n: number): number {
  return Math.ceil(n / STRIP) * STRIP;
}

/** A matrix whose rows are of {@linkcode rowLength}. */
export function stripedBlock(
  home: CpuStorage,
  at: number,
  rows: number,
  columns: number,
): Block {
  return blockOf(home, at, rows, columns, rowLength(columns));
}

/** Makes a matrix of {@linkcode stripedBlock} ones on the diagonal and zeros elsewhere. */
export function setIdentity(x: Block): void {
  const data = elementsOf(x);
  for (let i = 0; i < x.rows; i++) {
    const row = startOf(x) + i * x.down;
    data.fill(0, row, row + x.down);
    data[row + i] = 1;
  }
}

/** Rotations of rows that wait to be applied to a matrix. */
export class Rotations {
  /** The matrix, dense rows; null where only numbers are wanted. */
  readonly matrix: Block | null;
  /** Cosine and sine of each rotation. */
  readonly #numbers: Float64Array;
  /** First row, last row and direction of each sweep. */
  readonly #sweeps: number[] = [];
  #count = 0;

  /** Starts without any. */
  constructor(matrix: Block | null) {
    this.matrix = matrix;
    const rows = matrix === null ? 0 : matrix.rows;
    const count = Math.max(Math.min(SWEEPS * rows, MOST), rows);
    this.#numbers = new Float64Array(2 * count);
  }

  /**
   * Begins a sweep of one rotation for each row from `low` to below `high` with
   * the next one. They come in ascending or descending order.
   */
  begin(low: number, high: number, ascending: boolean): void {
    if (this.matrix === null) return;
    if (2 * (this.#count + high - low) > this.#numbers.length) this.apply();
    this.#sweeps.push(low, high, ascending ? 1 : 0);
  }

  /**
   * Notes a rotation down: row `j` becomes `c` times itself plus `s` times the
   * next one, which becomes `c` times itself minus `s` times row `j`.
   */
  note(c: number, s: number): void {
    if (this.matrix === null) return;
    this.#numbers[2 * this.#count] = c;
    this.#numbers[2 * this.#count + 1] = s;
    this.#count++;
  }

  /** Applies what waits. */
  apply(): void {
    const { matrix } = this;
    if (matrix === null || this.#count === 0) return;
    const { home, at, down, columns } = matrix;
    const place = home.pointer === 0 ? 0 : home.pointer + 8 * at;
    // Where the rows are long enough for whole strips, they are cut in those.
    const strips = down % STRIP === 0 && columns >= LEAST;
    const numbers = this.#numbers;
    const sweeps = this.#sweeps;
    if (
      !strips ||
      !wasmRotate(place, 8 * down, columns, numbers, this.#count, sweeps)
    ) rotateRows(matrix, numbers, sweeps);
    this.#sweeps.length = 0;
    this.#count = 0;
  }
}

/** Rotates sweep by sweep. */
function rotateRows(
  x: Block,
  numbers: Float64Array,
  sweeps: readonly number[],
): void {
  const data = elementsOf(x);
  let at = 0;
  for (let k = 0; k < sweeps.length; k += 3) {
    const low = sweeps[k]!;
    const high = sweeps[k + 1]!;
    const ascending = sweeps[k + 2] === 1;
    for (let i = 0; i < high - low; i++) {
      const row = ascending ? low + i : high - 1 - i;
      rotatePair(x, data, row, row + 1, numbers[at]!, numbers[at + 1]!);
      at += 2;
    }
  }
}

/** Rotates two rows. */
export function rotatePair(
  x: Block,
  data: Float64Array,
  first: number,
  second: number,
  c: number,
  s: number,
): void {
  let p = startOf(x) + first * x.down;
  let q = startOf(x) + second * x.down;
  for (let j = 0; j < x.columns; j++, p++, q++) {
    const a = data[p]!;
    const b = data[q]!;
    data[p] = c * a + s * b;
    data[q] = c * b - s * a;
  }
}
