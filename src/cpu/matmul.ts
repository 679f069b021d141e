// Matrix products as plain loops over packed rows and columns; floats
// accumulate in float64.

import type { Strided, TypedArray } from "../tensor/device.ts";
import { compileSource, kindOf, load, store } from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** Computes one row of the result from a packed row and the packed, transposed right side. */
type RowLoop = (
  n: number,
  k: number,
  row: Pack,
  right: Pack,
  o: TypedArray,
  oo: number,
  on: number,
) => void;

type Pack = Float64Array | BigInt64Array | Int32Array;

/** Copies `m` × `k` elements, rows first, into a pack. */
type Packer = (
  m: number,
  k: number,
  pack: Pack,
  a: TypedArray,
  ao: number,
  am: number,
  ak: number,
) => void;

const ROWS: (RowLoop | undefined)[] = [];
const PACKERS: (Packer | undefined)[] = [];

function compileRow(x: Strided): RowLoop {
  const kind = kindOf(x.info);
  const acc = kind === "f32" ? "f64" : kind;
  const zero = kind === "i64" ? "0n" : "0";
  const term = (s: string, q: string) =>
    kind === "i64"
      ? `${s}=BigInt.asIntN(64,${s}+row[p]*right[${q}+p]);`
      : kind === "i32"
      ? `${s}=(${s}+Math.imul(row[p],right[${q}+p]))|0;`
      : `${s}+=row[p]*right[${q}+p];`;
  const put = (s: string, j: string) =>
    `o[oo+(${j})*on]=${store(x.info, acc, s)};`;
  // Four columns at once share the loads of the row.
  return compileSource(
    `(n,k,row,right,o,oo,on)=>{let j=0;for(;j+4<=n;j+=4){let s0=${zero},s1=${zero},s2=${zero},s3=${zero};const q0=j*k,q1=q0+k,q2=q1+k,q3=q2+k;for(let p=0;p<k;p++){${
      [0, 1, 2, 3].map((i) => term(`s${i}`, `q${i}`)).join("")
    }}${
      [0, 1, 2, 3].map((i) => put(`s${i}`, `j+${i}`)).join("")
    }}for(;j<n;j++){let s0=${zero};const q0=j*k;for(let p=0;p<k;p++){${
      term("s0", "q0")
    }}${put("s0", "j")}}}`,
  );
}

function compilePacker(x: Strided): Packer {
  const kind = kindOf(x.info);
  return compileSource(
    `(m,k,pack,a,ao,am,ak)=>{for(let i=0,t=0;i<m;i++){let ai=ao+i*am;for(let p=0;p<k;p++,t++){pack[t]=${
      load(x.info, kind, "a[ai]")
    };ai+=ak;}}}`,
  );
}

function makePack(x: Strided, length: number): Pack {
  const kind = kindOf(x.info);
  if (kind === "i64") return new BigInt64Array(length);
  return kind === "i32" ? new Int32Array(length) : new Float64Array(length);
}

/** See `Device.matmul`. */
export function runMatmul(out: Strided, x: Strided, y: Strided): void {
  const [batch, m, n] = out.shape as [number, number, number];
  const k = x.shape[2]!;
  if (out.count === 0) return;
  const { code } = x.info;
  const row = ROWS[code] ??= compileRow(x);
  const packer = PACKERS[code] ??= compilePacker(x);
  const left = makePack(x, k);
  const right = makePack(x, n * k);
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  const sy = y.storage as CpuStorage;
  const [xb, xm, xk] = x.strides as [number, number, number];
  const [yb, yk, yn] = y.strides as [number, number, number];
  const [ob, om, on] = out.strides as [number, number, number];
  for (let b = 0; b < batch; b++) {
    if (b === 0 || yb !== 0) {
      packer(n, k, right, sy.data, sy.base + y.offset + b * yb, yn, yk);
    }
    for (let i = 0; i < m; i++) {
      const from = sx.base + x.offset + b * xb + i * xm;
      packer(1, k, left, sx.data, from, 0, xk);
      const to = so.base + out.offset + b * ob + i * om;
      row(n, k, left, right, so.data, to, on);
    }
  }
}
