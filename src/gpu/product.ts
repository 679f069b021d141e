// What all kernels of matrix products share: the numbers of a call, which
// operands are read as vectors of four, and what becomes of the sums.

import type { Epilogue, Strided } from "../tensor/device.ts";
import { convertKind, elementOf, type Kind } from "./element.ts";
import { GpuStorage } from "./gpu_storage.ts";
import { FLOATS, type Operand, word, wordF, WORDS } from "./program.ts";

/** A product, or a piece of each of its sums. */
export interface Product {
  /** The results; where there are pieces, each has its own, dense. */
  readonly out: Strided;
  /** The left operand. */
  readonly x: Strided;
  /** The right operand. */
  readonly y: Strided;
  /** Pieces of each sum. */
  readonly pieces: number;
  /** What becomes of the sums; null where there are pieces. */
  readonly epilogue: Epilogue | null;
}

/** Places of the numbers of a call. */
export const AT = {
  m: 0,
  n: 1,
  k: 2,
  down: 3,
  across: 4,
  batch: 5,
  /** Inner elements of a piece. */
  length: 6,
  x: 7,
  y: 11,
  out: 15,
  tasks: 19,
  alpha: 20,
  beta: 21,
  addend: 22,
} as const;

/** How many numbers there are. */
export const PRODUCT_WORDS = 26;

/** Puts the numbers of a product in place: `down` by `across` workgroups for each matrix. */
export function putProduct(
  product: Product,
  down: number,
  across: number,
): void {
  const { out, x, y, pieces, epilogue } = product;
  const batch = x.shape[0]!;
  const m = x.shape[1]!;
  const k = x.shape[2]!;
  const n = y.shape[2]!;
  WORDS[AT.m] = m;
  WORDS[AT.n] = n;
  WORDS[AT.k] = k;
  WORDS[AT.down] = down;
  WORDS[AT.across] = across;
  WORDS[AT.batch] = batch;
  // A multiple of four, so that pieces begin with whole vectors.
  WORDS[AT.length] = Math.ceil(k / pieces / 4) * 4;
  put(AT.x, x.offset, x.strides);
  put(AT.y, y.offset, y.strides);
  if (pieces === 1) put(AT.out, out.offset, out.strides);
  else put(AT.out, out.offset, [m * n, n, 1]);
  WORDS[AT.tasks] = down * across * batch * pieces;
  if (epilogue === null) return;
  const { alpha, addend, beta } = epilogue;
  const numbers = elementOf(x.info).kind === "f32" ? FLOATS : WORDS;
  numbers[AT.alpha] = alpha;
  numbers[AT.beta] = beta;
  if (addend !== null) put(AT.addend, addend.offset, addend.strides);
}

function put(at: number, offset: number, strides: readonly number[]): void {
  WORDS[at] = offset;
  for (let d = 0; d < 3; d++) WORDS[at + 1 + d] = strides[d]!;
}

/** Which way an operand is read: dimension 1 or 2 has the neighbours; and whether by vectors. */
export interface Reading {
  /** The dimension along which neighbouring threads read. */
  readonly along: 1 | 2;
  /** Whether they read vectors of four. */
  readonly wide: boolean;
}

/** All ways to read; the number of one is where it stands. */
const WAYS: readonly Reading[] = [
  { along: 1, wide: false },
  { along: 1, wide: true },
  { along: 2, wide: false },
  { along: 2, wide: true },
];

function wayOf({ along, wide }: Reading): number {
  return 2 * (along - 1) + (wide ? 1 : 0);
}

/** How one operand would be read by itself. */
export function readingOf(x: Strided): Reading {
  const { strides } = x;
  const outer = strides[1]!;
  const inner = strides[2]!;
  const along = inner === 1 || outer !== 1 ? 2 : 1;
  const step = along === 2 ? inner : outer;
  const far = along === 2 ? outer : inner;
  const { memory } = x.storage as GpuStorage;
  // A vector lies within the matrix altogether or not at all.
  const wide = !memory.arena && memory.segments.length === 1 && step === 1 &&
    ((x.offset | far | strides[0]! | x.shape[along]!) & 3) === 0;
  return WAYS[wayOf({ along, wide })]!;
}

/** How the operands of a product are read. */
export interface Readings {
  /** The left one. */
  readonly x: Reading;
  /** The right one. */
  readonly y: Reading;
  /** A number for both. */
  readonly code: number;
}

/** All pairs of ways, by their number. */
const PAIRS: readonly Readings[] = WAYS.flatMap((x, k) =>
  WAYS.map((y, j) => ({ x, y, code: 4 * k + j }))
);

/**
 * How the operands of a product are read; `vector` is the one that is read
 * element by element. A memory that both lie in is bound one way.
 */
export function readings(
  { x, y, epilogue }: Product,
  vector: "x" | "y" | null,
): Readings {
  const left = readingOf(x);
  const right = readingOf(y);
  let own = left.wide && vector !== "x";
  let other = right.wide && vector !== "y";
  if (own || other) {
    const addend = epilogue?.addend;
    const a = segmentsOf(x);
    const b = segmentsOf(y);
    const c = addend == null ? null : segmentsOf(addend);
    const shared = a === b && own !== other;
    own &&= !shared && a !== c;
    other &&= !shared && b !== c;
  }
  return PAIRS[
    8 * (left.along - 1) + (own ? 4 : 0) + 2 * (right.along - 1) +
    (other ? 1 : 0)
  ]!;
}

function segmentsOf(x: Strided): unknown {
  return (x.storage as GpuStorage).memory.segments;
}

/** The operands of a product, as kernels call them. */
export function operandsOf(
  { out, x, y, epilogue }: Product,
  reading: Readings,
): Operand[] {
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false, wide: reading.x.wide },
    { name: "y", x: y, write: false, wide: reading.y.wide },
  ];
  if (epilogue?.addend != null) {
    operands.push({ name: "addend", x: epilogue.addend, write: false });
  }
  return operands;
}

/** Whether the device can apply an epilogue: what is added must be here. */
export function applies(epilogue: Epilogue): boolean {
  return epilogue.addend === null ||
    epilogue.addend.storage instanceof GpuStorage;
}

/** `fn keep(sum, b, row, column, place)`: applies the epilogue and stores a result. */
export function printKeep({ out, epilogue }: Product, kind: Kind): string {
  const number = kind === "f32" ? wordF : word;
  const lines = ["var v = sum;"];
  if (epilogue !== null) {
    lines.push(`v = v * ${number(AT.alpha)};`);
    const { addend, relu } = epilogue;
    if (addend !== null) {
      const at = ["b", "row", "column"]
        .map((name, d) => `${name} * ${word(AT.addend + 1 + d)}`);
      const value = convertKind(
        elementOf(addend.info).kind,
        kind,
        `load_addend(${word(AT.addend)} + ${at.join(" + ")})`,
      );
      lines.push(`v = v + ${number(AT.beta)} * ${value};`);
    }
    if (relu) {
      lines.push(kind === "f32" ? "v = maxFloat(v, 0.0);" : "v = max(v, 0);");
    }
  }
  const own = elementOf(out.info).kind;
  return `fn keep(sum: ${kind}, b: i32, row: i32, column: i32, out0: i32) {
${lines.join("\n")}
store_out(out0 + row * ${word(AT.out + 2)} + column * ${word(AT.out + 3)}, ${
    convertKind(kind, own, "v")
  });
}`;
}

/** `fn vector_NAME(base, near, far, ends)`: four neighbours of an operand, zero outside of it. */
export function printVector(
  name: "x" | "y",
  x: Strided,
  { along, wide }: Reading,
  kind: Kind,
): string {
  const at = AT[name];
  const near = word(at + 1 + along);
  const far = word(at + 1 + (3 - along));
  const own = elementOf(x.info).kind;
  const head =
    `fn vector_${name}(base: i32, near: i32, far: i32, ends: vec2<i32>) -> vec4<${kind}> {
var v = vec4<${kind}>();
if (far >= ends.y) { return v; }`;
  if (wide) {
    const value = `load4_${name}((base + near + far * ${far}) / 4)`;
    return `${head}
if (near < ends.x) { v = ${own === kind ? value : `vec4<${kind}>(${value})`}; }
return v;
}`;
  }
  const lanes = ["x", "y", "z", "w"].map((lane, j) => {
    const value = `load_${name}(at + ${j} * ${near})`;
    return `if (near + ${j} < ends.x) { v.${lane} = ${
      convertKind(own, kind, value)
    }; }`;
  });
  return `${head}
let at = base + near * ${near} + far * ${far};
${lanes.join("\n")}
return v;
}`;
}

/** The beginning of all kernels: which matrix, which piece, where. */
export function printTask(): string {
  return `var task = i32(flat);
let inside = task < ${word(AT.tasks)};
let m = ${word(AT.m)};
let n = ${word(AT.n)};
let across = task % ${word(AT.across)};
task = task / ${word(AT.across)};
let down = task % ${word(AT.down)};
task = task / ${word(AT.down)};
let b = task % ${word(AT.batch)};
let piece = task / ${word(AT.batch)};
let begin = piece * ${word(AT.length)};
let end = select(begin, min(${word(AT.k)}, begin + ${word(AT.length)}), inside);
let x0 = ${word(AT.x)} + b * ${word(AT.x + 1)};
let y0 = ${word(AT.y)} + b * ${word(AT.y + 1)};
let out0 = ${word(AT.out)} + (piece * ${word(AT.batch)} + b) * ${
    word(AT.out + 1)
  };`;
}
