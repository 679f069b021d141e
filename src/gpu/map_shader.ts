// Elementwise kernels: maps, copies and fills. Inputs may be broadcast, strided
// or numbers of the host; nothing is copied first.

import type { MapKernel, Strided } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { input } from "../tensor/expr.ts";
import { broadcastStrides } from "../tensor/geometry.ts";
import { sameShape } from "../tensor/shape.ts";
import { CALL, KIND, shorten } from "./call.ts";
import { elementOf, type Kind } from "./element.ts";
import { GpuStorage } from "./gpu_storage.ts";
import { runFlat } from "./map_flat.ts";
import { type MapInput, NAMES, printEach, THREADS } from "./map_text.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  type Source,
  word,
  WORDS,
} from "./program.ts";
import { printIndex, putMerged, type Stepped } from "./walk.ts";
import { refuseZeroDivisor } from "./zero_divisor.ts";

const NONE: readonly number[] = [];
/** The number itself, and the element itself: kernels that no op has. */
const FILL: MapKernel = { id: -1, arity: 1, body: input(0) };
const COPY: MapKernel = { id: -2, arity: 1, body: input(0) };

/** Computes a kernel for each element of `out`, in the arithmetic of `compute`. */
export function runMap(
  engine: Engine,
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): void {
  if (out.count === 0) return;
  if (runFlat(engine, kernel, compute, out, a, b, c, params)) return;
  const inputs = b === null ? [a] : c === null ? [a, b] : [a, b, c];
  runStrided(engine, kernel, compute, out, inputs, params);
}

/** Sets every element. */
export function runFill(engine: Engine, out: Strided, number: Strided): void {
  runMap(engine, FILL, out.info, out, number, null, null, NONE);
}

/** Copies with conversion; `x` is broadcast to `out`. */
export function runCopy(engine: Engine, out: Strided, x: Strided): void {
  // Computed as it is stored there, then converted as it is stored here.
  runMap(engine, COPY, x.info, out, x, null, null, NONE);
}

/** The operands of the call that lie here, the result first. */
const STRIDED: Strided[] = [];
/** How they lie in the result's shape. */
const WALKED: Stepped[] = [];

/** An operand as it lies stretched to a shape. */
function stretched(x: Strided, shape: readonly number[]): Stepped {
  return sameShape(x.shape, shape)
    ? x
    : { strides: broadcastStrides(x, shape) };
}

function runStrided(
  engine: Engine,
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  inputs: readonly Strided[],
  params: readonly number[],
): void {
  const { kind } = elementOf(compute);
  const { shape } = out;
  let n = 0;
  WORDS[n++] = out.count;
  const put = (value: number) => {
    if (kind === "f32") FLOATS[n++] = value;
    else WORDS[n++] = Math.trunc(value);
  };
  // What an op that failed may have left.
  shorten(STRIDED, 0);
  STRIDED[0] = out;
  WALKED[0] = out;
  // Which inputs are numbers, and which of another type.
  let layout = inputs.length;
  for (let k = 0; k < inputs.length; k++) {
    const x = inputs[k]!;
    const { info, storage } = x;
    layout <<= 2;
    if (storage instanceof GpuStorage) {
      WALKED[STRIDED.length] = stretched(x, shape);
      STRIDED.push(x);
      layout |= info === compute ? 1 : 2;
      continue;
    }
    const value = Number(storage.device.readOne(x));
    if (kind === "i32" && value === 0) refuseZeroDivisor(kernel.body, k);
    put(value);
  }
  const paramsAt = n;
  for (let k = 0; k < params.length; k++) put(params[k]!);
  const offsetsAt = n;
  const count = STRIDED.length;
  for (let k = 0; k < count; k++) WORDS[n++] = STRIDED[k]!.offset;
  const at = n;
  const rank = putMerged(shape, 0, shape.length, WALKED, at);
  n += rank * (1 + count);
  const across = dimensionAcross(at, rank, count);
  const groups = across < 0
    ? Math.ceil(out.count / THREADS)
    : tilesOf(at, rank, across);
  const { programs } = engine;
  CALL.begin(n);
  let added = rank < 16 && params.length < 4;
  for (let k = 0; added && k < count; k++) added = CALL.add(STRIDED[k]!);
  // Six bits where there are two inputs, and all others; three have more.
  const own = (((layout << 2 | params.length) << 4 | compute.code) << 4 |
        rank) << 4 | (across + 1);
  CALL.name(added && own < 2 ** 20, KIND.strided, kernel.id, own);
  const known = programs.runNamed(groups);
  // Nothing here keeps a tensor alive.
  shorten(STRIDED, 0);
  shorten(WALKED, 0);
  if (known) return;
  const operands: Operand[] = [{ name: "out", x: out, write: true }];
  let number = 1;
  const found: MapInput[] = inputs.map((x, k) => {
    const { info } = x;
    if (!(x.storage instanceof GpuStorage)) return { number: number++, info };
    operands.push({ name: NAMES[k]!, x, write: false });
    return { number: -1, info };
  });
  const made = programs.launch(
    `strided ${kernel.id} ${compute.code} ${layout} ${rank} ${across}`,
    operands,
    () =>
      printStrided(kernel, kind, found, paramsAt, operands, offsetsAt, {
        rank,
        at,
        across,
      }),
    n,
    groups,
  );
  programs.keepNamed(made);
}

/** Elements of a tile along each of its two dimensions: whole sectors of memory both ways. */
const TILE = 16;
/** Elements below which tiles do not pay. */
const LEAST_TILED = 4096;

/**
 * The dimension along which an input has its neighbours, where the result has
 * its own along the last one; -1 where all agree. A workgroup computes a tile of
 * the two then: neighbouring threads read neighbours on either side.
 */
function dimensionAcross(at: number, rank: number, operands: number): number {
  const last = rank - 1;
  if (last < 1) return -1;
  const steps = at + rank;
  if (WORDS[steps + last] !== 1 || WORDS[at + last]! < TILE) return -1;
  let all = 1;
  for (let d = 0; d < rank; d++) all *= WORDS[at + d]!;
  if (all < LEAST_TILED) return -1;
  for (let k = 1; k < operands; k++) {
    const own = steps + k * rank;
    if (WORDS[own + last] === 1 || WORDS[own + last] === 0) continue;
    for (let d = last - 1; d >= 0; d--) {
      if (WORDS[own + d] !== 1) continue;
      if (WORDS[at + d]! >= TILE) return d;
      break;
    }
  }
  return -1;
}

function tilesOf(at: number, rank: number, across: number): number {
  let tiles = 1;
  for (let d = 0; d < rank; d++) {
    const n = WORDS[at + d]!;
    tiles *= d === across || d === rank - 1 ? Math.ceil(n / TILE) : n;
  }
  return tiles;
}

/** How the dimensions are walked. */
interface StridedWalk {
  readonly rank: number;
  /** Where shape and strides stand among the numbers. */
  readonly at: number;
  /** See {@linkcode dimensionAcross}. */
  readonly across: number;
}

function printStrided(
  kernel: MapKernel,
  kind: Kind,
  inputs: readonly MapInput[],
  paramsAt: number,
  operands: readonly Operand[],
  offsetsAt: number,
  walk: StridedWalk,
): Source {
  const out = operands[0]!.x.info;
  const each = printEach(kind, kernel.body, out, inputs, paramsAt);
  const places = operands.map(({ name }) => `at_${name}`);
  const tiled = walk.across >= 0;
  return {
    declarations: each.declarations,
    threads: [tiled ? TILE * TILE : THREADS, 1, 1],
    body: `${
      places.map((at, k) => `var ${at} = ${word(offsetsAt + k)};`).join("\n")
    }
${
      tiled ? printTile(walk, places) : `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
${printIndex("i", walk.at, walk.rank, places)}`
    }
store_out(at_out, ${each.call((_, name) => `load_${name}(at_${name})`)});`,
  };
}

/** Adds the places of a thread's element of a tile. */
function printTile(
  { rank, at, across }: StridedWalk,
  places: readonly string[],
): string {
  const last = rank - 1;
  const size = (d: number) => word(at + d);
  const move = (d: number) =>
    places.map((place, k) =>
      `${place} += c${d} * ${word(at + rank + k * rank + d)};`
    ).join(" ");
  const tile = (d: number, lane: string) =>
    `let tiles${d} = (${size(d)} + ${TILE - 1}) / ${TILE};
let c${d} = (rest % tiles${d}) * ${TILE} + ${lane};
rest = rest / tiles${d};`;
  const lines = [
    "var rest = i32(flat);",
    tile(last, `i32(lane) % ${TILE}`),
    tile(across, `i32(lane) / ${TILE}`),
  ];
  for (let d = last - 1; d >= 0; d--) {
    if (d === across) continue;
    lines.push(`let c${d} = rest % ${size(d)}; rest = rest / ${size(d)};`);
  }
  lines.push(
    `if (rest > 0 || c${last} >= ${size(last)} || c${across} >= ${
      size(across)
    }) { return; }`,
  );
  for (let d = 0; d < rank; d++) lines.push(move(d));
  return lines.join("\n");
}
