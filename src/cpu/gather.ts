// Gather and scatter along a dimension. Indices were checked and made
// non-negative by the ops.

import type { ScatterMode, Strided, TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { splitStrides } from "../tensor/geometry.ts";
import { broadcastStrides, forEachOuter, mergeDims } from "./geometry.ts";
import { compileSource, type Kind, kindOf, load, store } from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** Moves `n` elements; `j` is where along `dim`, from an index array of numbers or bigints. */
type Loop = (
  n: number,
  o: TypedArray,
  oo: number,
  on: number,
  od: number,
  a: TypedArray,
  ao: number,
  an: number,
  ad: number,
  j: TypedArray,
  jo: number,
  jn: number,
) => void;

const GATHERS: (Loop | undefined)[] = [];
const SCATTERS: Record<ScatterMode, (Loop | undefined)[]> = {
  set: [],
  sum: [],
  prod: [],
  amax: [],
  amin: [],
};

function position(index: DTypeInfo): string {
  return index.bytes === 8 ? "Number(j[jo])" : "j[jo]";
}

const HEAD = "(n,o,oo,on,od,a,ao,an,ad,j,jo,jn)=>{for(let i=0;i<n;i++){";
const TAIL = "oo+=on;ao+=an;jo+=jn;}}";

function combine(mode: ScatterMode, kind: Kind): string {
  const wrap = (value: string) =>
    kind === "i64"
      ? `BigInt.asIntN(64,${value})`
      : kind === "i32"
      ? `(${value}|0)`
      : value;
  switch (mode) {
    case "set":
      return "Y";
    case "sum":
      return wrap("X+Y");
    case "prod":
      return kind === "i32" ? "Math.imul(X,Y)" : wrap("X*Y");
    case "amax":
      return kind === "i64" ? "(X>Y?X:Y)" : "Math.max(X,Y)";
    case "amin":
      return kind === "i64" ? "(X<Y?X:Y)" : "Math.min(X,Y)";
  }
}

function runAlong(
  loop: Loop,
  shape: readonly number[],
  o: Strided,
  oStrides: readonly number[],
  od: number,
  a: Strided,
  aStrides: readonly number[],
  ad: number,
  index: Strided,
): void {
  const so = o.storage as CpuStorage;
  const sa = a.storage as CpuStorage;
  const sj = index.storage as CpuStorage;
  const at = [so.base + o.offset, sa.base + a.offset, sj.base + index.offset];
  const walk = mergeDims(shape, [oStrides, aStrides, index.strides]);
  const last = walk.shape.length - 1;
  const n = walk.shape[last]!;
  const [on, an, jn] = walk.strides.map((strides) => strides[last]!);
  forEachOuter(walk, at, 1, (from) =>
    loop(
      n,
      so.data,
      from[0]!,
      on!,
      od,
      sa.data,
      from[1]!,
      an!,
      ad,
      sj.data,
      from[2]!,
      jn!,
    ));
}

/** See `Device.gather`. */
export function runGather(
  out: Strided,
  x: Strided,
  dim: number,
  index: Strided,
): void {
  const key = x.info.code * 10 + index.info.code;
  const loop = GATHERS[key] ??= compileSource<Loop>(
    `${HEAD}o[oo]=a[ao+${position(index.info)}*ad];${TAIL}`,
  );
  const { strides, along } = splitStrides(x, dim);
  runAlong(loop, index.shape, out, out.strides, 0, x, strides, along, index);
}

/** See `Device.scatter`. */
export function runScatter(
  out: Strided,
  dim: number,
  index: Strided,
  src: Strided,
  mode: ScatterMode,
): void {
  const key = out.info.code * 10 + index.info.code;
  const kind = kindOf(out.info);
  const loop = SCATTERS[mode][key] ??= compileSource<Loop>(
    `${HEAD}const t=oo+${position(index.info)}*od;const X=${
      load(out.info, kind, "o[t]")
    },Y=${load(out.info, kind, "a[ao]")};o[t]=${
      store(out.info, kind, combine(mode, kind))
    };${TAIL}`,
  );
  const { strides, along } = splitStrides(out, dim);
  runAlong(loop, index.shape, out, strides, along, src, src.strides, 0, index);
}

type FoldLoop = (
  n: number,
  o: TypedArray,
  oo: number,
  j: TypedArray,
  jo: number,
  jn: number,
  size: number,
  low: number,
  scale: number,
) => number;

const FOLDS: (FoldLoop | undefined)[] = [];

/** Folds indices until one is out of range; returns how many were good. */
function compileFold(index: DTypeInfo, carry: boolean): FoldLoop {
  return compileSource<FoldLoop>(
    `(n,o,oo,j,jo,jn,size,low,scale)=>{for(let i=0;i<n;i++){const J=${
      position(index)
    };if(!(J>=low&&J<size))return i;o[oo+i]=${
      carry ? "o[oo+i]+" : ""
    }(J<0?J+size:J)*scale;jo+=jn;}return n;}`,
  );
}

/** See `Device.foldIndex`. */
export function runFoldIndex(
  out: Strided,
  index: Strided,
  size: number,
  wraps: boolean,
  scale: number,
  carry: boolean,
): number | null {
  const key = index.info.code * 2 + (carry ? 1 : 0);
  const loop = FOLDS[key] ??= compileFold(index.info, carry);
  const so = out.storage as CpuStorage;
  const sj = index.storage as CpuStorage;
  const walk = mergeDims(out.shape, [
    out.strides,
    broadcastStrides(index, out.shape),
  ]);
  const last = walk.shape.length - 1;
  const n = walk.shape[last]!;
  const jn = walk.strides[1]![last]!;
  const low = wraps ? -size : 0;
  let bad: number | null = null;
  const at = [so.base + out.offset, sj.base + index.offset];
  forEachOuter(walk, at, 1, ([oo, jo]) => {
    if (bad !== null) return;
    const good = loop(n, so.data, oo!, sj.data, jo!, jn, size, low, scale);
    if (good < n) bad = Number(sj.data[jo! + good * jn]);
  });
  return bad;
}
