// Eigenvalues and eigenvectors of every square matrix of a batch.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT32, FLOAT64 } from "../../tensor/dtype.ts";
import { allocate, free } from "../storage.ts";
import { balance, undoBalance } from "./balance.ts";
import { addProduct, type Block, blockOf, elementsOf } from "./block.ts";
import { startOf } from "./block.ts";
import { makeHessenberg } from "./hessenberg.ts";
import { lengthOf } from "./householder.ts";
import { findSchur } from "./schur.ts";
import { findVectors } from "./schur_vectors.ts";
import {
  formRows,
  type TridiagonalRoom,
  tridiagonalRoom,
  tridiagonalRoomLength,
} from "./tridiagonal.ts";
import { finish, finishVectors, integersOf, load } from "./work.ts";
import { vectorsFor, type Work, workFor } from "./work.ts";

/** What `info` says of a matrix that is not finite. */
const NOT_FINITE = -1;

/** Memory for one matrix. */
interface EigRoom {
  /** What becomes the Schur form. */
  readonly x: Block;
  /** The orthogonal matrix's columns, as rows. */
  readonly q: Block;
  /** What the reflections need; their vectors give way to the form's eigenvectors. */
  readonly reflections: TridiagonalRoom;
  /** Eigenvectors, as rows. */
  readonly out: Block;
  /** The smallest normal number of the matrices' type, and some more. */
  readonly least: number;
}

/** See the task `"eig"` of `MatrixTask`. */
export function runEig(results: readonly Strided[], x: Strided): void {
  const [re, im, vectorsRe, vectorsIm, info] = results as [
    Strided,
    Strided,
    Strided,
    Strided,
    Strided,
  ];
  const [batch, n] = x.shape as [number, number];
  const wanted = vectorsRe.shape[1] !== 0;
  const found = integersOf(info);
  if (batch === 0 || n === 0) return void found.fill(0);
  const { device } = re.storage;
  const valuesRe = vectorsFor(re);
  const valuesIm = vectorsFor(im);
  const partRe = workFor(vectorsRe);
  const partIm = workFor(vectorsIm);
  const home = allocate(device, FLOAT64, x.count);
  const spare = allocate(device, FLOAT64, wanted ? 2 * n * n : 0);
  const more = allocate(device, FLOAT64, tridiagonalRoomLength(n));
  const reflections = tridiagonalRoom(more, n);
  load({ home, at: 0, batch, rows: n, columns: n, own: false }, x);
  const least = x.info === FLOAT32
    ? 2 ** -126 * (n / 2 ** -23)
    : 2 ** -1022 * (n / 2 ** -52);
  for (let b = 0; b < batch; b++) {
    const room = {
      x: blockOf(home, b * n * n, n, n),
      q: blockOf(spare, 0, n, n),
      out: blockOf(spare, n * n, n, n),
      reflections,
      least,
    };
    const from = b * n;
    const wr = valuesRe.subarray(from, from + n);
    const wi = valuesIm.subarray(from, from + n);
    const { failed, scale } = decompose(room, wr, wi, wanted);
    found[b] = failed;
    // Which values are pairs shows before they are scaled: those may vanish.
    if (wanted) store(room.out, wi, partRe, partIm, b);
    if (scale === 1) continue;
    for (let i = 0; i < n; i++) {
      wr[i]! *= scale;
      wi[i]! *= scale;
    }
  }
  free(home);
  free(spare);
  free(more);
  finish(partRe, vectorsRe);
  finish(partIm, vectorsIm);
  finishVectors(re, valuesRe);
  finishVectors(im, valuesIm);
}

/** Leaves eigenvalues in `re` and `im`; returns what `info` says, and by what they are to be multiplied. */
function decompose(
  { x, q, reflections, out, least }: EigRoom,
  re: Float64Array,
  im: Float64Array,
  wanted: boolean,
): { failed: number; scale: number } {
  // First where its squares exist, then, balanced, at about 1.
  const scale = rescale(x, true);
  if (Number.isNaN(scale)) {
    re.fill(NaN);
    im.fill(NaN);
    if (wanted) fill(out, NaN);
    return { failed: NOT_FINITE, scale: 1 };
  }
  const balanced = balance(x);
  const more = rescale(x, false);
  const { low, high } = balanced;
  const { v: vectors, taus } = reflections;
  makeHessenberg(x, low, high, reflections, taus);
  if (wanted) formRows(q, reflections);
  const failed = findSchur({ x, q: wanted ? q : null, low, high, re, im });
  if (wanted) {
    findVectors(vectors, { x, re, im, least });
    addProduct(out, 1, vectors, q, 0);
    undoBalance(out, balanced);
    normalize(out, im);
  }
  return { failed, scale: more * scale };
}

function fill(x: Block, value: number): void {
  const start = startOf(x);
  elementsOf(x).fill(value, start, start + x.rows * x.columns);
}

/** Divides a matrix by a power of two near its largest element, where that is asked for or needed, and returns it; NaN where an element is not finite. */
function rescale(x: Block, needed: boolean): number {
  const data = elementsOf(x);
  const start = startOf(x);
  const end = start + x.rows * x.columns;
  let most = 0;
  for (let i = start; i < end; i++) {
    const size = Math.abs(data[i]!);
    if (size > most || size !== size) most = size;
  }
  if (!(most < Infinity)) return NaN;
  if (most === 0 || (needed && most > 1e-130 && most < 1e130)) return 1;
  const power = Math.floor(Math.log2(most));
  const scale = 2 ** Math.max(Math.min(power, 1000), -1000);
  for (let i = start; i < end; i++) data[i]! /= scale;
  return scale;
}

/** Makes vectors, the rows of `v`, of length 1; of a complex one the largest element becomes real, as LAPACK's `geev` has it. */
function normalize(v: Block, im: Float64Array): void {
  const data = elementsOf(v);
  const n = v.columns;
  for (let i = 0; i < n; i++) {
    const p = startOf(v) + i * v.down;
    const pair = im[i] !== 0;
    const parts = pair ? 2 : 1;
    // Both parts lie together.
    const length = lengthOf(data, p, 1, parts * n);
    for (let j = p; j < p + parts * n; j++) data[j]! /= length;
    if (!pair) continue;
    turnLargest(data, p, p + n, n);
    i++;
  }
}

/** Turns a complex vector until its largest element is real. */
function turnLargest(
  data: Float64Array,
  p: number,
  q: number,
  n: number,
): void {
  let most = 0;
  let where = 0;
  for (let j = 0; j < n; j++) {
    const size = data[p + j]! ** 2 + data[q + j]! ** 2;
    if (size <= most) continue;
    most = size;
    where = j;
  }
  const a = data[p + where]!;
  const b = data[q + where]!;
  const length = Math.hypot(a, b);
  const cosine = a / length;
  const sine = b / length;
  for (let j = 0; j < n; j++) {
    const re = data[p + j]!;
    const im = data[q + j]!;
    data[p + j] = cosine * re + sine * im;
    data[q + j] = cosine * im - sine * re;
  }
  data[q + where] = 0;
}

/** Stores vectors, the rows of `v`, as columns; each second one of a pair is the first one's conjugate. */
function store(
  v: Block,
  im: Float64Array,
  re: Work,
  imaginary: Work,
  b: number,
): void {
  const data = elementsOf(v);
  const n = v.columns;
  const real = re.home.data as Float64Array;
  const other = imaginary.home.data as Float64Array;
  const toRe = re.home.base + re.at + b * n * n;
  const toIm = imaginary.home.base + imaginary.at + b * n * n;
  for (let i = 0; i < n; i++) {
    const pair = im[i] !== 0;
    const p = startOf(v) + i * v.down;
    for (let j = 0; j < n; j++) {
      const at = j * n + i;
      real[toRe + at] = data[p + j]!;
      other[toIm + at] = pair ? data[p + n + j]! : 0;
      if (!pair) continue;
      real[toRe + at + 1] = data[p + j]!;
      other[toIm + at + 1] = -data[p + n + j]!;
    }
    if (pair) i++;
  }
}
