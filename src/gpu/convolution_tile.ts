// Convolutions as products of matrices: the left operand are the weights, the
// right one the windows of the image, which are never written out: tiles of them
// go through workgroup memory as they are found in the image. Where a thread's
// four windows begin is computed once; what the window looks like are constants
// of the text. Results that are few, such as a weight's gradient, have long
// sums, which are cut into pieces as those of other products.

import type { Strided } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { CALL, KIND } from "./call.ts";
import { numberOf } from "./convolution_name.ts";
import { elementOf } from "./element.ts";
import type { GpuMemory, GpuStorage } from "./gpu_storage.ts";
import {
  groupsOf,
  leastPieces,
  type NumberedTiling,
  piecesFor,
  tilingFor,
} from "./matmul_shader.ts";
import { runCopy } from "./map_shader.ts";
import { printTiles, TILE_REACH } from "./matmul_tile.ts";
import {
  BIAS,
  type Convolution,
  convolutionText,
  type Layout,
  OUT_IMAGE,
  type Places,
  POSITIONS,
  SIZES,
} from "./convolution_text.ts";
import { AT } from "./product.ts";
import { type Engine, type Operand, WORDS } from "./program.ts";
import { sumPieces } from "./piece_sum.ts";
import type { Temporary } from "./reduce_shader.ts";
import { nestedTurns, turnsAtOnce } from "./turns.ts";

/** Output channels and elements of a window below which a tile would be mostly empty. */
const LEAST_CHANNELS = 8;
const LEAST_WINDOW = 8;
/** Multiplications below which one launch of the direct kernel does. */
const LEAST_WORK = 2 ** 16;

function sizeFrom(shape: readonly number[], first: number): number {
  let size = 1;
  for (let d = first; d < shape.length; d++) size *= shape[d]!;
  return size;
}

/** Runs a convolution by tiles; tells whether it is one of those that this pays for, or that have to go so. */
export function runTiledConvolution(
  engine: Engine,
  temporary: Temporary,
  call: Convolution,
): boolean {
  const { out, x, w, bias, geometry } = call;
  const { shape } = out;
  const images = shape[0]!;
  const groups = shape[1]!;
  const channels = shape[2]!;
  // The dimensions of the result lie side by side.
  let positions = 1;
  let dense = true;
  for (let d = shape.length - 1; d >= 3; d--) {
    if (shape[d] !== 1 && out.strides[d] !== positions) dense = false;
    positions *= shape[d]!;
  }
  const columns = images * positions;
  const k = sizeFrom(w.shape, 2);
  const small = channels < LEAST_CHANNELS || k < LEAST_WINDOW ||
    out.count * k < LEAST_WORK;
  // However empty the tiles, no thread of the direct kernel loops for so long.
  const long = nestedTurns(w.shape, 2) > turnsAtOnce(engine.context);
  if (!long && (small || !dense)) return false;
  const tiling = tilingFor(engine, groups, channels, columns);
  const { down, across } = groupsOf(tiling, channels, columns);
  const tasks = down * across * groups;
  let pieces = bias === null
    ? piecesFor(engine, tasks, k, TILE_REACH)
    : leastPieces(engine.context, k, TILE_REACH);
  const order = pieces === 1 ? null : orderOf(out, positions);
  if (!dense || (pieces > 1 && order === null)) {
    if (long) {
      const whole = temporary(out.info, shape);
      runTiledConvolution(engine, temporary, { ...call, out: whole });
      runCopy(engine, out, whole);
      return true;
    }
    pieces = 1;
  }
  const kept = elementOf(out.info).kind === "f32" ? FLOAT32 : INT32;
  const own = pieces === 1 ? bias : null;
  const all = bias === own ? pieces : pieces + 1;
  const parts = pieces === 1
    ? null
    : temporary(kept, [all, groups, channels, columns]);
  if (all > pieces) addBias(engine, parts!, bias!);
  const target = parts ?? out;
  WORDS[AT.m] = channels;
  WORDS[AT.n] = columns;
  WORDS[AT.k] = k;
  WORDS[AT.down] = down;
  WORDS[AT.across] = across;
  WORDS[AT.batch] = groups;
  WORDS[AT.length] = Math.ceil(k / pieces / 4) * 4;
  WORDS[AT.x] = w.offset;
  WORDS[AT.x + 1] = w.strides[0]!;
  WORDS[AT.x + 2] = w.strides[1]!;
  WORDS[AT.y] = x.offset;
  WORDS[AT.y + 1] = x.strides[1]!;
  WORDS[AT.out] = target.offset;
  WORDS[AT.out + 1] = parts === null ? out.strides[1]! : channels * columns;
  WORDS[AT.out + 2] = parts === null ? out.strides[2]! : columns;
  WORDS[AT.tasks] = tasks * pieces;
  WORDS[POSITIONS] = positions;
  WORDS[OUT_IMAGE] = out.strides[0]!;
  if (own !== null) {
    WORDS[BIAS] = own.offset;
    WORDS[BIAS + 1] = own.strides[0]!;
    WORDS[BIAS + 2] = own.strides[1]!;
  }
  const outSize = SIZES;
  const xSize = put(outSize, shape, 3);
  const xStride = put(xSize, x.shape, 3);
  WORDS[xStride] = x.strides[0]!;
  const wStride = put(xStride + 1, x.strides, 2);
  const n = put(wStride, w.strides, 2);
  const places: Places = { outSize, xSize, xStride, wStride };
  const inOrder = isDense(w);
  const wide = inOrder && isWide(w, k, x, own);
  const taskCount = tasks * pieces;
  const { programs } = engine;
  CALL.begin(n);
  const added = CALL.add(target) && CALL.add(w) && CALL.add(x) &&
    (own === null || CALL.add(own));
  const way = tiling.number << 3 | (inOrder ? 4 : 0) | (wide ? 2 : 0) |
    (parts === null ? 0 : 1);
  CALL.name(added, KIND.tiles, numberOf(w, geometry), way);
  if (!programs.runNamed(taskCount)) {
    compile(
      engine,
      { ...call, bias: own },
      tiling,
      target,
      places,
      n,
      taskCount,
      {
        dense: inOrder,
        wide,
        whole: parts === null,
      },
    );
  }
  if (parts !== null) addPieces(engine, temporary, out, parts, order!);
  return true;
}

/** Launches a kernel that has no name yet, or cannot have one. */
function compile(
  engine: Engine,
  call: Convolution,
  tiling: NumberedTiling,
  target: Strided,
  places: Places,
  words: number,
  taskCount: number,
  layout: Layout,
): void {
  const { x, w, bias, geometry } = call;
  const { dense, wide, whole } = layout;
  const operands: Operand[] = [
    { name: "out", x: target, write: true },
    { name: "x", x: w, write: false, wide },
    { name: "y", x, write: false },
  ];
  if (bias !== null) operands.push({ name: "bias", x: bias, write: false });
  const { stride, padding, dilation, spread } = geometry;
  const window = w.shape.slice(3);
  const { programs } = engine;
  const made = programs.launch(
    `convolve ${tiling.rows}x${tiling.columns} ${
      [window, stride, padding, dilation, spread].join(" ")
    } ${dense ? "d" : ""}${wide ? "v" : ""}${bias === null ? "" : "b"}${
      whole ? "" : "p"
    }`,
    operands,
    () => printTiles(tiling, convolutionText(call, places, layout)),
    words,
    taskCount,
  );
  programs.keepNamed(made);
}

/** Puts the values from the k-th on among the numbers from `at` on; returns what is next. */
function put(at: number, values: readonly number[], k: number): number {
  let next = at;
  for (let d = k; d < values.length; d++) WORDS[next++] = values[d]!;
  return next;
}

/**
 * The dimensions of the results in the order in which they lie in memory: image,
 * group, channel and position by number; null where there are gaps.
 */
function orderOf(out: Strided, positions: number): number[] | null {
  const shape = [...out.shape.slice(0, 3), positions];
  const strides = [...out.strides.slice(0, 3), 1];
  const order = [0, 1, 2, 3].filter((d) => shape[d] !== 1)
    .sort((a, b) => strides[b]! - strides[a]!);
  const dense = contiguousStrides(order.map((d) => shape[d]!));
  return order.every((d, k) => strides[d] === dense[k]) ? order : null;
}

/** Where sums are in pieces, what is added to them is one more, the last. */
function addBias(engine: Engine, parts: Strided, bias: Strided): void {
  const { storage, info, offset } = parts;
  const shape = parts.shape.slice(1);
  const count = parts.strides[0]!;
  runCopy(engine, {
    storage,
    info,
    shape,
    strides: parts.strides.slice(1),
    offset: offset + (parts.shape[0]! - 1) * count,
    count,
    dense: true,
  }, { ...bias, shape, strides: [...bias.strides, 0], count, dense: false });
}

/** Adds the pieces up, in order: they lie by channel, the results as they like. */
function addPieces(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  parts: Strided,
  order: readonly number[],
): void {
  const [pieces, groups, channels, columns] = parts.shape as [
    number,
    number,
    number,
    number,
  ];
  const positions = columns / out.shape[0]!;
  const each = channels * columns;
  const sizes = [out.shape[0]!, groups, channels, positions];
  const steps = [positions, each, columns, 1];
  const shape = order.map((d) => sizes[d]!);
  const strides = contiguousStrides(shape);
  sumPieces(
    engine,
    temporary,
    { ...out, shape, strides, dense: true },
    {
      ...parts,
      shape: [...shape, pieces],
      strides: [...order.map((d) => steps[d]!), groups * each],
      dense: false,
    },
  );
}

/** Whether a channel's weights lie side by side. */
function isDense({ shape, strides }: Strided): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 2; d--) {
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d]!;
  }
  return true;
}

/** Whether the weights can be read by vectors. */
function isWide(
  w: Strided,
  k: number,
  x: Strided,
  bias: Strided | null,
): boolean {
  const { memory } = w.storage as GpuStorage;
  return !memory.arena && memory.segments.length === 1 &&
    ((w.offset | k | w.strides[0]! | w.strides[1]!) & 3) === 0 &&
    !lies(x, memory) && (bias === null || !lies(bias, memory));
}

function lies(x: Strided, { segments }: GpuMemory): boolean {
  return (x.storage as GpuStorage).memory.segments === segments;
}
