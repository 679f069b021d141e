// Kernels that find the largest elements of windows over one to three
// dimensions and their positions. Four windows of float32 that lie side by side
// are searched at once; the tables of the windows lie in memory.

import { F32, F64, type FunctionBuilder, I32, V128 } from "./emitter.ts";
import { compileKernel, type WasmKernel } from "./kernel.ts";
import { beginKernel } from "./argument_words.ts";
import { advance, countDown } from "./window_kernel.ts";

/** Places of the arguments among the words: for each dimension its length, its windows and their tables. */
export const MAX = {
  x: 0,
  values: 1,
  indices: 2,
  depth: 3,
  height: 4,
  width: 5,
  planes: 6,
  rows: 7,
  columns: 8,
  depthStarts: 9,
  heightStarts: 10,
  widthStarts: 11,
  depthLengths: 12,
  heightLengths: 13,
  widthLengths: 14,
  depthStep: 15,
  heightStep: 16,
  widthStep: 17,
  /** The windows of a row from the first to before the second are of one length and equally far apart. */
  regularFrom: 18,
  regularTo: 19,
  /** How far. */
  stride: 20,
} as const;

/** How four windows of a row are read at once: not at all, from neighbours, from every second element, or one by one. */
export type MaxReading = "single" | "dense" | "even" | "apart";

const LANES = new Int32Array([0, 1, 2, 3]);
const EVEN = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** Variables of a kernel, by name. */
type Names<K extends string> = Readonly<Record<K, number>>;

function variables<K extends string>(
  f: FunctionBuilder,
  type: number,
  ...names: readonly K[]
): Names<K> {
  const out = {} as Record<K, number>;
  for (const name of names) out[name] = f.local(type);
  return out;
}

/** Loads the elements of four windows at an address. */
function loadFour(
  f: FunctionBuilder,
  reading: MaxReading,
  p: number,
  jump: number,
  x: number,
): void {
  if (reading === "dense") f.get(p).memory("v128.load").set(x);
  else if (reading === "even") {
    f.get(p).memory("v128.load").get(p).memory("v128.load", 16);
    f.shuffle(EVEN).set(x);
  } else {
    f.get(p).memory("v128.load32_splat").set(x);
    for (let lane = 1; lane < 4; lane++) {
      f.get(p).get(jump).op("i32.add").tee(p).get(x);
      f.memoryLane("v128.load32_lane", lane).set(x);
    }
  }
}

/** Items are rows of results. */
function build(bytes: 4 | 8, reading: MaxReading): FunctionBuilder {
  const { f, w: args } = beginKernel(MAX);
  const v = variables(
    f,
    I32,
    ...["base", "z", "y", "zs", "ys", "xs", "zn", "yn", "xn", "where"] as const,
    ...["zLeft", "yLeft", "xLeft", "at", "p", "q", "jump", "next"] as const,
    ...["column", "start", "length", "to", "index", "wins", "plane"] as const,
  );
  const w = variables(
    f,
    V128,
    ...["x", "best", "at", "where", "wins", "lanes", "next"] as const,
  );
  const type = bytes === 4 ? "f32" : "f64";
  const best = f.local(bytes === 4 ? F32 : F64);
  const x = f.local(bytes === 4 ? F32 : F64);
  const table = (to: number, base: number, at: number) => {
    f.get(base).get(at).i32(4).op("i32.mul").op("i32.add");
    f.memory("i32.load").set(to);
  };
  /** Pushes the position of the first element of the window in line `y` of layer `z`. */
  const position = (z: number, y: number) => {
    f.get(z).get(args.height).op("i32.mul").get(y).op("i32.add");
    f.get(args.width).op("i32.mul").get(v.xs).op("i32.add");
  };
  /** Walks the positions of a window, its address `p` with them. */
  const walk = (line: () => void, visit: () => void) => {
    f.get(v.zs).set(v.z).get(v.zn).set(v.zLeft);
    countDown(f, v.zLeft, () => {
      f.get(v.ys).set(v.y).get(v.yn).set(v.yLeft);
      countDown(f, v.yLeft, () => {
        position(v.z, v.y);
        f.tee(v.at).i32(bytes).op("i32.mul").get(v.base).op("i32.add");
        f.set(v.p);
        line();
        f.get(v.xn).set(v.xLeft);
        countDown(f, v.xLeft, () => {
          visit();
          f.get(v.p).get(v.next).op("i32.add").set(v.p);
        });
        f.get(v.y).get(args.heightStep).op("i32.add").set(v.y);
      });
      f.get(v.z).get(args.depthStep).op("i32.add").set(v.z);
    });
  };
  /** Searches one window; a NaN wins, the last one too. */
  const searchOne = () => {
    if (bytes === 4) f.f32(-Infinity).set(best);
    else f.f64(-Infinity).set(best);
    position(v.zs, v.ys);
    f.set(v.where);
    walk(() => {}, () => {
      f.get(v.p).memory(`${type}.load`).tee(x).get(best).op(`${type}.gt`);
      f.get(x).get(x).op(`${type}.ne`).op("i32.or").set(v.wins);
      f.get(x).get(best).get(v.wins).op("select").set(best);
      f.get(v.at).get(v.where).get(v.wins).op("select").set(v.where);
      f.get(v.at).get(args.widthStep).op("i32.add").set(v.at);
    });
    f.get(v.to).get(best).memory(`${type}.store`);
    f.get(v.index).get(v.where).op("i64.extend_i32_u").memory("i64.store");
  };
  /** Searches four windows. */
  const searchFour = () => {
    const spread = (at: number) =>
      f.get(at).simd("i32x4.splat").get(w.lanes).simd("i32x4.add");
    f.vector(new Float32Array(4).fill(-Infinity)).set(w.best);
    position(v.zs, v.ys);
    f.set(v.where);
    spread(v.where).set(w.where);
    walk(() => spread(v.at).set(w.at), () => {
      f.get(v.p).set(v.q);
      loadFour(f, reading, v.q, v.jump, w.x);
      f.get(w.x).get(w.best).simd("f32x4.gt");
      f.get(w.x).get(w.x).simd("f32x4.ne").simd("v128.or").set(w.wins);
      f.get(w.x).get(w.best).get(w.wins).simd("v128.bitselect").set(w.best);
      f.get(w.at).get(w.where).get(w.wins).simd("v128.bitselect");
      f.set(w.where).get(w.at).get(w.next).simd("i32x4.add").set(w.at);
    });
    f.get(v.to).get(w.best).memory("v128.store");
    f.get(v.index).get(w.where).simd("i64x2.extend_low_i32x4_s");
    f.memory("v128.store");
    f.get(v.index).get(w.where).simd("i64x2.extend_high_i32x4_s");
    f.memory("v128.store", 16);
  };
  const pass = (windows: number) => {
    f.get(v.column).i32(windows).op("i32.add").set(v.column);
    for (
      const [variable, size] of [
        [v.to, bytes],
        [v.index, 8],
        [v.start, 4],
        [v.length, 4],
      ] as const
    ) advance(f, variable, windows * size);
  };

  f.get(args.widthStep).i32(bytes).op("i32.mul").set(v.next);
  f.get(args.stride).i32(bytes).op("i32.mul").set(v.jump);
  f.get(args.stride).simd("i32x4.splat").vector(LANES).simd("i32x4.mul");
  f.set(w.lanes).get(args.widthStep).simd("i32x4.splat").set(w.next);
  f.get(args.values).get(1).get(args.columns).op("i32.mul").i32(bytes);
  f.op("i32.mul").op("i32.add").set(v.to);
  f.get(args.indices).get(1).get(args.columns).op("i32.mul").i32(8);
  f.op("i32.mul").op("i32.add").set(v.index);
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  f.get(1).get(args.rows).op("i32.rem_u").set(v.y);
  f.get(1).get(args.rows).op("i32.div_u").tee(v.plane);
  f.get(args.planes).op("i32.rem_u").set(v.z);
  f.get(v.plane).get(args.planes).op("i32.div_u").get(args.depth);
  f.op("i32.mul").get(args.height).op("i32.mul").get(args.width);
  f.op("i32.mul").i32(bytes).op("i32.mul").get(args.x).op("i32.add");
  f.set(v.base);
  table(v.zs, args.depthStarts, v.z);
  table(v.zn, args.depthLengths, v.z);
  table(v.ys, args.heightStarts, v.y);
  table(v.yn, args.heightLengths, v.y);
  f.get(args.widthStarts).set(v.start).get(args.widthLengths).set(v.length);
  f.i32(0).set(v.column);
  f.block().loop();
  f.get(v.column).get(args.columns).op("i32.eq").brIf(1);
  f.get(v.start).memory("i32.load").set(v.xs);
  f.get(v.length).memory("i32.load").set(v.xn);
  if (reading === "single") {
    searchOne();
    pass(1);
  } else {
    f.get(v.column).get(args.regularFrom).op("i32.ge_s");
    f.get(v.column).i32(4).op("i32.add").get(args.regularTo).op("i32.le_s");
    f.op("i32.and").if();
    searchFour();
    pass(4);
    f.else();
    searchOne();
    pass(1);
    f.end();
  }
  f.br(0).end().end();
  advance(f, 1, 1);
  f.br(0).end().end();
  return f;
}

const KERNELS: Partial<Record<`${4 | 8} ${MaxReading}`, WasmKernel>> = {};

/** Largest elements of windows of float32, or of float64 one window at a time; items are rows of results. */
export function maxKernel(
  ...[bytes, reading]: [4, MaxReading] | [8, "single"]
): WasmKernel {
  return KERNELS[`${bytes} ${reading}`] ??= compileKernel({
    run: build(bytes, reading),
  });
}
