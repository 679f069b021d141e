// A convolution as a product of matrices: the rows of the left operand are
// the weights of output channels, the columns of the right one are windows of
// the image, which are packed straight from it, a few at a time. Nothing here
// knows of dimensions: tables say where the elements of windows lie.

import { MOST_THREADS } from "../threads.ts";
import { packByTable, pushNeighbours } from "./conv_pack.ts";
import { runPanelFunction, type Runs } from "./conv_panel.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  add,
  assign,
  count,
  define,
  div,
  less,
  min,
  mul,
  num,
  push,
  readWords,
  rem,
  sub,
  threadNumber,
} from "./gemm_code.ts";
import { scratch } from "./gemm_scratch.ts";
import { panelFunction } from "./gemm_panel.ts";
import { MODE } from "./gemm_store.ts";
import { type FloatType, ROWS } from "./gemm_tile.ts";
import {
  compileKernel,
  launch,
  NUMBERS,
  NUMBERS_AT,
  type WasmKernel,
  WORDS,
} from "./kernel.ts";

/** Longest depth of a panel: a strip of each side fits a level-1 cache. */
const DEPTH = 256;
/** Rows of weights that meet the packed windows at a time: they stay in a level-2 cache. */
const HEIGHT = 16 * ROWS;
/** Most strips of windows that are packed at a time. */
const MOST_STRIPS = 8;
/** Longest runs of elements that are read as they lie. */
export const LONGEST_RUN = 7;
/** Rows up to which windows are read as they lie. */
const MOST_ROWS = 64;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 19;
/** Bytes for a tile that is cut off. */
const SPARE = 256;

/** Scratch memory of this file, see gemm_scratch.ts. */
const PURPOSE = { weights: 16, own: 17 };

/** A convolution as the kernels see it: counts, addresses and strides in bytes. */
export interface TableProduct {
  /** Element type. */
  type: FloatType;
  /** Number of products per group that share the weights. */
  batch: number;
  /** Number of groups, each with weights of its own. */
  groups: number;
  /** Output channels of a group. */
  rows: number;
  /** Windows of a product. */
  columns: number;
  /** Elements of a window, all channels. */
  depth: number;
  /** The image. */
  x: number;
  /** From one product's image to the next. */
  xBatch: number;
  /** From group to group. */
  xGroup: number;
  /** Where windows begin: a table that ends with a whole strip. */
  windows: number;
  /** Where the elements of a window lie from its beginning. */
  elements: number;
  /** In which runs they come, where windows may be read as they lie. */
  runs: Runs | null;
  /** The weights. */
  w: number;
  /** From group to group. */
  wGroup: number;
  /** Where the weights of channels begin: a table with {@linkcode ROWS} entries more. */
  channels: number;
  /** Where the weights for the elements of a window lie from there. */
  weights: number;
  /** The result: windows side by side. */
  out: number;
  /** From product to product. */
  outBatch: number;
  /** From group to group. */
  outGroup: number;
  /** From channel to channel. */
  outRow: number;
  /** What is added to the results: whole strips of the bias, channel by channel; 0 where there is none. */
  bias: number;
}

/** How rows are cut into strips: `tall` rows in strips of `height`, the others in strips of two less. */
interface Cut {
  readonly height: number;
  readonly strips: number;
  readonly tall: number;
  readonly tallStrips: number;
  /** Rows of all strips. */
  readonly padded: number;
}

/** Cuts rows into strips, which have an even number, so that few are computed in vain. */
function cutRows(rows: number): Cut {
  const strips = Math.ceil(rows / ROWS);
  const height = 2 * Math.ceil(rows / strips / 2);
  const short = height === 2 ? 0 : Math.floor((strips * height - rows) / 2);
  const tallStrips = strips - short;
  const tall = Math.min(tallStrips * height, rows);
  return {
    height,
    strips,
    tall,
    tallStrips,
    padded: strips * height - 2 * short,
  };
}

/** Packs strips of weights, stretch by stretch of the depth; an item is a strip. */
function weightKernel(type: FloatType, height: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["to", "from", "toGroup", "fromGroup", "channels", "weights"] as const,
    ...["k", "depth", "strips", "tallStrips", "padded"] as const,
  ]);
  const item = f.local(I32);
  const at = f.local(I32);
  const strip = f.local(I32);
  const length = f.local(I32);
  const row = f.local(I32);
  const bytes = num(type.bytes);
  count(f, item, 1, 2, num(1), () => {
    assign(f, strip, rem(item, w.strips));
    const group = div(item, w.strips);
    // Strips beyond the tall ones are two rows shorter.
    assign(f, row, mul(strip, num(height)));
    push(f, less(w.tallStrips, strip)).if();
    assign(f, row, sub(row, mul(num(2), sub(strip, w.tallStrips))));
    f.end();
    count(f, at, num(0), w.k, w.depth, () => {
      assign(f, length, min(w.depth, sub(w.k, at)));
      const start = add(mul(w.padded, at), mul(row, length));
      const pack = (callee: number): void => {
        push(f, add(w.to, mul(group, w.toGroup), mul(start, bytes)));
        push(f, add(w.from, mul(group, w.fromGroup)));
        push(f, add(w.channels, mul(row, num(4))));
        push(f, add(w.weights, mul(at, num(4)))).get(length).call(callee);
      };
      if (height === 2) {
        pack(1);
        return;
      }
      push(f, less(strip, w.tallStrips)).if();
      pack(1);
      f.else();
      pack(2);
      f.end();
    });
  });
  return compileKernel({
    run: f,
    tall: packByTable(type, height),
    ...(height > 2 && { short: packByTable(type, height - 2) }),
  });
}

/** Packs a few strips of windows and multiplies the weights with them; that is an item. */
function productKernel(
  type: FloatType,
  height: number,
  runs: Runs | null,
): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["x", "xBatch", "xGroup", "windows", "elements"] as const,
    ...["left", "leftGroup", "out", "outBatch", "outGroup", "pitch"] as const,
    ...["rows", "tall", "padded", "n", "k", "depth", "bias"] as const,
    ...["strips", "most", "parts", "groups", "own", "share"] as const,
  ]);
  const own = define(f, add(w.own, mul(threadNumber, w.share)));
  const spare = define(f, add(own, sub(w.share, num(SPARE))));
  const one = define(f, add(0, num(NUMBERS_AT)));
  const lowest = define(f, add(0, num(NUMBERS_AT + 8)));
  const [item, at, strip, group, batch, first] = locals6(f);
  const [last, length, row, high, image, left] = locals6(f);
  const [out, to, size, weights, lanes] = locals6(f);
  const bytes = num(type.bytes);
  const columns = num(type.columns);
  const width = type.columns * type.bytes;

  /** Does one or the other with a strip, as its windows lie side by side or not. */
  const whereBeside = (beside: () => void, apart: () => void): void => {
    assign(f, lanes, add(w.windows, mul(strip, num(4 * type.columns))));
    if (runs === null) {
      apart();
      return;
    }
    pushNeighbours(f, lanes, type.columns, type.bytes);
    f.if();
    beside();
    f.else();
    apart();
    f.end();
  };
  /** Pushes where a tile goes, and multiplies. */
  const finish = (callee: number): void => {
    assign(f, to, add(out, mul(row, w.pitch), mul(strip, num(width))));
    f.get(to).get(w.pitch);
    push(f, min(columns, sub(w.n, mul(strip, columns)))).get(spare);
    // Stretches of the depth behind the first add to what is there.
    f.i32(MODE.added).i32(MODE.plain);
    push(f, add(w.bias, at)).op("select");
    f.get(to);
    push(f, add(w.bias, mul(add(mul(group, w.rows), row), num(width))));
    f.get(at).op("select").get(w.pitch).i32(width).get(at).op("select");
    f.get(one).get(one).get(lowest).call(callee);
  };
  /** Multiplies `high` rows from `row` on with all strips. */
  const panels = (callee: number): void => {
    assign(f, left, add(weights, mul(row, length, bytes)));
    count(f, strip, first, last, num(1), () => {
      whereBeside(() => {
        push(f, div(length, num(runs!.length))).get(high).get(left);
        f.get(lanes).memory("i32.load").get(image).op("i32.add");
        push(f, add(w.elements, mul(at, num(4))));
        finish(callee + (height === 2 ? 1 : 2));
      }, () => {
        push(push(f, length), high).get(left);
        push(f, add(own, mul(sub(strip, first), size))).i32(width);
        finish(callee);
      });
    });
  };

  count(f, item, 1, 2, num(1), () => {
    const whole = define(f, div(item, w.parts));
    assign(f, group, rem(whole, w.groups));
    assign(f, batch, div(whole, w.groups));
    assign(f, first, mul(rem(item, w.parts), w.most));
    assign(f, last, min(add(first, w.most), w.strips));
    assign(f, image, add(w.x, mul(batch, w.xBatch), mul(group, w.xGroup)));
    assign(f, out, add(w.out, mul(batch, w.outBatch)));
    assign(f, out, add(out, mul(group, w.outGroup)));
    count(f, at, num(0), w.k, w.depth, () => {
      assign(f, length, min(w.depth, sub(w.k, at)));
      assign(f, size, mul(length, num(width)));
      assign(f, weights, add(w.left, mul(group, w.leftGroup)));
      assign(f, weights, add(weights, mul(w.padded, at, bytes)));
      count(f, strip, first, last, num(1), () => {
        whereBeside(() => {}, () => {
          push(f, add(own, mul(sub(strip, first), size))).get(image).get(lanes);
          push(f, add(w.elements, mul(at, num(4)))).get(length).call(1);
        });
      });
      count(f, row, num(0), w.tall, num(HEIGHT / ROWS * height), () => {
        assign(f, high, num(HEIGHT / ROWS * height));
        assign(f, high, min(high, sub(w.tall, row)));
        panels(2);
      });
      if (height === 2) return;
      push(f, w.tall).get(w.rows).op("i32.lt_s").if();
      assign(f, row, w.tall);
      assign(f, high, sub(w.rows, w.tall));
      panels(3);
      f.end();
    });
  });
  return compileKernel({
    run: f,
    pack: packByTable(type, type.columns),
    tall: panelFunction(type, height),
    ...(height > 2 && { short: panelFunction(type, height - 2) }),
    ...(runs && {
      tallRuns: runPanelFunction(type, height, runs),
      ...(height > 2 && {
        shortRuns: runPanelFunction(type, height - 2, runs),
      }),
    }),
  });
}

function locals6(
  f: FunctionBuilder,
): [number, number, number, number, number, number] {
  const six = () => f.local(I32);
  return [six(), six(), six(), six(), six(), six()];
}

/** The same memory as {@linkcode NUMBERS} for float32. */
const FLOATS = new Float32Array(NUMBERS.buffer, NUMBERS.byteOffset, 4);

/** The kernels by bytes of an element and rows of a strip. */
const WEIGHTS: WasmKernel[] = [];
/** As {@linkcode WEIGHTS}, and by runs. */
const PRODUCTS: Map<number, WasmKernel>[] = [];

/** The kernel for a type, a height of strips and runs. */
function productFor(
  type: FloatType,
  height: number,
  runs: Runs | null,
): WasmKernel {
  const known = PRODUCTS[type.bytes * 8 + height] ??= new Map();
  const key = runs === null ? 0 : runs.length + LONGEST_RUN * runs.gap;
  let kernel = known.get(key);
  if (kernel === undefined) {
    kernel = productKernel(type, height, runs);
    known.set(key, kernel);
  }
  return kernel;
}

/** Computes products whose operands tables describe. Returns whether there was room. */
export function tableProduct(p: TableProduct): boolean {
  const { type, rows, groups, batch } = p;
  const { bytes } = type;
  const k = p.depth;
  const cut = cutRows(rows);
  const { height, padded } = cut;
  const parts = Math.ceil(k / DEPTH);
  const runs = rows > MOST_ROWS ? null : p.runs;
  const unit = runs?.length ?? 1;
  const depth = Math.ceil(k / parts / unit) * unit;
  const strips = Math.ceil(p.columns / type.columns);
  const tasks = batch * groups;
  const most = Math.max(
    1,
    Math.min(MOST_STRIPS, Math.floor(strips * tasks / 16)),
  );
  const width = type.columns * bytes;
  const share = most * depth * width + SPARE;
  const left = scratch(PURPOSE.weights, groups * padded * k * bytes);
  const own = scratch(PURPOSE.own, MOST_THREADS * share);
  if (left === 0 || own === 0) return false;

  const key = bytes * 8 + height;
  let args = [left, p.w, padded * k * bytes, p.wGroup, p.channels, p.weights];
  args.push(k, depth, cut.strips, cut.tallStrips, padded);
  for (let i = 0; i < args.length; i++) WORDS[i] = args[i]!;
  const weightItems = groups * cut.strips;
  const weightGrain = Math.ceil(WORTH / 8 / (k * height));
  launch(WEIGHTS[key] ??= weightKernel(type, height), weightItems, weightGrain);

  args = [p.x, p.xBatch, p.xGroup, p.windows, p.elements];
  args.push(left, padded * k * bytes, p.out, p.outBatch, p.outGroup, p.outRow);
  args.push(rows, cut.tall, padded, p.columns, k, depth, p.bias);
  const pieces = Math.ceil(strips / most);
  args.push(strips, most, pieces, groups, own, share);
  for (let i = 0; i < args.length; i++) WORDS[i] = args[i]!;
  const numbers = bytes === 4 ? FLOATS : NUMBERS;
  numbers[0] = 1;
  numbers[8 / bytes] = -Infinity;
  const grain = Math.ceil(WORTH / (most * type.columns * k * rows));
  launch(productFor(type, height, runs), tasks * pieces, grain);
  return true;
}
