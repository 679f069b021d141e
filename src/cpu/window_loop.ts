// Sums and largest elements of windows as JavaScript loops.

import type { Strided, TypedArray, Windows } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { compileSource, kindOf, literal, load, store } from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** Sums the windows of one row: `m` results, each of `inner` columns. */
type SumLoop = (
  m: number,
  inner: number,
  o: TypedArray,
  oo: number,
  a: TypedArray,
  ao: number,
  w: Windows,
) => void;

const SUMS: (SumLoop | undefined)[] = [];

/** Floats accumulate in float64, integers in their own arithmetic. */
function compileSum(info: DTypeInfo): SumLoop {
  const own = kindOf(info);
  const kind = own === "f32" ? "f64" : own;
  const element = load(info, kind, "a[at]");
  const sum = kind === "i64"
    ? "BigInt.asIntN(64,acc+X)"
    : kind === "i32"
    ? "(acc+X)|0"
    : "acc+X*f";
  return compileSource<SumLoop>(
    `(m,inner,o,oo,a,ao,w)=>{const{starts,lengths,weights,most}=w,step=w.step*inner;for(let i=0;i<m;i++){const n=lengths[i],first=ao+starts[i]*inner;for(let j=0;j<inner;j++){let acc=${
      literal(kind, 0)
    },at=first+j;for(let k=0;k<n;k++){const X=${element},f=weights===null?1:weights[i*most+k];acc=${sum};at+=step;}o[oo++]=${
      store(info, kind, "acc")
    };}}}`,
  );
}

/** See `Device.windowSum`. */
export function runWindowSum(
  out: Strided,
  x: Strided,
  dim: number,
  windows: Windows,
): void {
  const loop = SUMS[x.info.code] ??= compileSum(x.info);
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  const m = windows.starts.length;
  const n = x.shape[dim]!;
  let inner = 1;
  for (let d = dim + 1; d < x.shape.length; d++) inner *= x.shape[d]!;
  let to = so.base + out.offset;
  let from = sx.base + x.offset;
  if (out.count === 0) return;
  for (let row = out.count / (m * inner); row > 0; row--) {
    loop(m, inner, so.data, to, sx.data, from, windows);
    to += m * inner;
    from += n * inner;
  }
}

/** Finds the largest elements of the windows of one plane. */
type MaxLoop = (
  o: TypedArray,
  j: BigInt64Array,
  oo: number,
  jo: number,
  a: TypedArray,
  ao: number,
  d: Windows,
  h: Windows,
  w: Windows,
  height: number,
  width: number,
) => void;

const MAXIMA: (MaxLoop | undefined)[] = [];

function compileMax(info: DTypeInfo): MaxLoop {
  const kind = kindOf(info);
  const element = load(info, kind, "a[ao+at]");
  const lowest = info.category === 2
    ? "-Infinity"
    : literal(kind, info.bytes === 8 ? -(2 ** 63) : info.min);
  return compileSource<MaxLoop>(
    `(o,j,oo,jo,a,ao,d,h,w,height,width)=>{` +
      `for(let p=0;p<d.starts.length;p++)for(let q=0;q<h.starts.length;q++)for(let r=0;r<w.starts.length;r++){` +
      `let best=${lowest},where=(d.starts[p]*height+h.starts[q])*width+w.starts[r],found=false;` +
      `for(let x=0,s=d.starts[p];x<d.lengths[p];x++,s+=d.step)` +
      `for(let y=0,t=h.starts[q];y<h.lengths[q];y++,t+=h.step)` +
      `for(let z=0,at=(s*height+t)*width+w.starts[r];z<w.lengths[r];z++,at+=w.step){` +
      `const X=${element};if(X>best||X!==X){best=X;where=at;}found=true;}` +
      `o[oo++]=found?a[ao+where]:${store(info, kind, "best")};` +
      `j[jo++]=BigInt(where);}}`,
  );
}

/** Of one position, for the dimensions that there are not. */
const ONE: Windows = {
  starts: new Int32Array(1),
  lengths: new Int32Array([1]),
  step: 1,
  weights: null,
  most: 1,
  sliding: null,
};

/** Windows over exactly three dimensions, and the lengths of these. */
export function threeWindows(
  x: Strided,
  windows: readonly Windows[],
): {
  readonly windows: readonly [Windows, Windows, Windows];
  readonly shape: readonly [number, number, number];
} {
  const missing = 3 - windows.length;
  const at = (k: number) => windows[k - missing] ?? ONE;
  const from = x.shape.length - 3;
  const length = (k: number) => k < missing ? 1 : x.shape[from + k]!;
  return {
    windows: [at(0), at(1), at(2)],
    shape: [length(0), length(1), length(2)],
  };
}

/** See `Device.windowMax`. */
export function runWindowMax(
  values: Strided,
  indices: Strided,
  x: Strided,
  windows: readonly Windows[],
): void {
  if (values.count === 0) return;
  const loop = MAXIMA[x.info.code] ??= compileMax(x.info);
  const so = values.storage as CpuStorage;
  const sj = indices.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  const { windows: [d, h, w], shape } = threeWindows(x, windows);
  const [depth, height, width] = shape;
  const size = d.starts.length * h.starts.length * w.starts.length;
  const planes = values.count / size;
  const j = sj.data as BigInt64Array;
  let to = so.base + values.offset;
  let where = sj.base + indices.offset;
  let from = sx.base + x.offset;
  for (let plane = 0; plane < planes; plane++) {
    loop(so.data, j, to, where, sx.data, from, d, h, w, height, width);
    to += size;
    where += size;
    from += depth * height * width;
  }
}
