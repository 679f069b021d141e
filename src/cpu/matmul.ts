// Matrix products in JavaScript: a plain loop where the matrices are small, one
// pass over the matrix where one side is a vector, and tiles of 2 × 4 results
// over packed panels for the rest. Floats accumulate in float64.

import type { Epilogue, Strided, TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { finish } from "./epilogue.ts";
import { compileSource, type Kind, kindOf, load, store } from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** An array in which products are computed. */
type Pack = Float64Array | BigInt64Array | Int32Array;

/** `o = a @ b` for one pair of matrices: sizes, then array, start and strides of each. */
type Product = (
  m: number,
  n: number,
  k: number,
  o: TypedArray,
  oo: number,
  om: number,
  on: number,
  a: TypedArray,
  ao: number,
  am: number,
  ak: number,
  b: TypedArray,
  bo: number,
  bk: number,
  bn: number,
) => void;

/** Copies `lanes` vectors of length `k`, interleaved and filled up with zeros to `width`. */
type Packer = (
  width: number,
  lanes: number,
  k: number,
  pack: Pack,
  to: number,
  a: TypedArray,
  ao: number,
  alane: number,
  ak: number,
) => void;

/** Computes one tile from two panels of length `k`. */
type Tile = (
  k: number,
  left: Pack,
  from: number,
  right: Pack,
  tile: Pack,
) => void;

/** Stores the part of a tile that lies in the result, added to what is there unless `first`. */
type Put = (
  m: number,
  n: number,
  first: boolean,
  tile: Pack,
  o: TypedArray,
  oo: number,
  om: number,
  on: number,
) => void;

/** Rows of a tile. */
const ROWS = 2;
/** Columns of a tile. */
const COLUMNS = 4;
/** Length of the panels: four columns of float64 fill half of a level-1 cache. */
const DEPTH = 512;
/** Rows that are packed at a time: half of a level-2 cache. */
const BLOCK = 128;
/** Up to this many multiplications the plain loop is faster than packing. */
const SMALL = 256;

/** Arithmetic of the accumulators. */
function accumulator(info: DTypeInfo): Kind {
  const kind = kindOf(info);
  return kind === "f32" ? "f64" : kind;
}

function sum(kind: Kind, s: string, p: string, q: string): string {
  if (kind === "i64") return `${s}=BigInt.asIntN(64,${s}+${p}*${q});`;
  if (kind === "i32") return `${s}=(${s}+Math.imul(${p},${q}))|0;`;
  return `${s}+=${p}*${q};`;
}

function zero(kind: Kind): string {
  return kind === "i64" ? "0n" : "0";
}

const PRODUCTS: (Product | undefined)[] = [];

/** One result after the other, from inner products. */
function compileProduct(info: DTypeInfo): Product {
  const kind = accumulator(info);
  const own = kindOf(info);
  const a = (at: string) => load(info, own, `a[${at}]`);
  const b = (at: string) => load(info, own, `b[${at}]`);
  const z = zero(kind);
  return compileSource(
    `(m,n,k,o,oo,om,on,a,ao,am,ak,b,bo,bk,bn)=>{` +
      `for(let i=0;i<m;i++){for(let j=0;j<n;j++){` +
      `let s=${z},t=${z},x=ao+i*am,y=bo+j*bn,p=0;` +
      `for(;p+2<=k;p+=2){${sum(kind, "s", a("x"), b("y"))}${
        sum(kind, "t", a("x+ak"), b("y+bk"))
      }x+=2*ak;y+=2*bk;}` +
      `if(p<k){${sum(kind, "s", a("x"), b("y"))}}` +
      `${sum(kind, "s", "t", kind === "i64" ? "1n" : "1")}` +
      `o[oo+i*om+j*on]=${store(info, kind, "s")};}}}`,
  );
}

const SWEEPS: (
  | ((acc: Pack, ...rest: Parameters<Product>) => void)
  | undefined
)[] = [];

/** Row by row of `b`, which lies in memory that way: each is added to all results of a row of `a`. */
function compileSweep(
  info: DTypeInfo,
): (acc: Pack, ...rest: Parameters<Product>) => void {
  const kind = accumulator(info);
  const own = kindOf(info);
  const a = (at: string) => load(info, own, `a[${at}]`);
  const b = (at: string) => load(info, own, `b[${at}]`);
  return compileSource(
    `(acc,m,n,k,o,oo,om,on,a,ao,am,ak,b,bo,bk,bn)=>{` +
      `for(let i=0;i<m;i++){for(let j=0;j<n;j++)acc[j]=${zero(kind)};` +
      `for(let p=0;p<k;p++){const v=${a("ao+i*am+p*ak")};let y=bo+p*bk;` +
      `for(let j=0;j<n;j++,y+=bn){${sum(kind, "acc[j]", "v", b("y"))}}}` +
      `for(let j=0;j<n;j++)o[oo+i*om+j*on]=${store(info, kind, "acc[j]")};}}`,
  );
}

const PACKERS: (Packer | undefined)[] = [];

function compilePacker(info: DTypeInfo): Packer {
  const kind = kindOf(info);
  return compileSource(
    `(width,lanes,k,pack,to,a,ao,alane,ak)=>{` +
      `for(let l=0;l<width;l++){let t=to+l;` +
      `if(l<lanes){let x=ao+l*alane;for(let p=0;p<k;p++){pack[t]=${
        load(info, kind, "a[x]")
      };t+=width;x+=ak;}}` +
      `else for(let p=0;p<k;p++){pack[t]=${zero(kind)};t+=width;}}}`,
  );
}

const TILES = new Map<Kind, Tile>();

function compileTile(kind: Kind): Tile {
  const names: string[] = [];
  let body = "";
  for (let i = 0; i < ROWS; i++) body += `const x${i}=left[a+${i}];`;
  for (let j = 0; j < COLUMNS; j++) body += `const y${j}=right[b+${j}];`;
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < COLUMNS; j++) {
      names.push(`s${i}${j}`);
      body += sum(kind, `s${i}${j}`, `x${i}`, `y${j}`);
    }
  }
  return compileSource(
    `(k,left,a,right,tile)=>{let ${
      names.map((name) => `${name}=${zero(kind)}`).join(",")
    };const e=k*${COLUMNS};for(let b=0;b<e;b+=${COLUMNS},a+=${ROWS}){${body}}${
      names.map((name, t) => `tile[${t}]=${name};`).join("")
    }}`,
  );
}

const PUTS: (Put | undefined)[] = [];

function compilePut(info: DTypeInfo): Put {
  const kind = accumulator(info);
  const there = load(info, kindOf(info), "o[x]");
  return compileSource(
    `(m,n,first,tile,o,oo,om,on)=>{for(let i=0;i<m;i++){` +
      `let x=oo+i*om;for(let j=0;j<n;j++,x+=on){const s=tile[i*${COLUMNS}+j];` +
      `o[x]=first?${store(info, kind, "s")}:${
        store(
          info,
          kind,
          kind === "i32" ? `((s+${there})|0)` : `(s+${there})`,
        )
      };}}}`,
  );
}

/** Memory that every product uses again. */
interface Scratch {
  left: Pack;
  right: Pack;
  readonly tile: Pack;
}

const SCRATCH = new Map<Kind, Scratch>();

function makePack(kind: Kind, length: number): Pack {
  if (kind === "i64") return new BigInt64Array(length);
  return kind === "i32" ? new Int32Array(length) : new Float64Array(length);
}

function scratchFor(kind: Kind, left: number, right: number): Scratch {
  let scratch = SCRATCH.get(kind);
  if (scratch === undefined) {
    const [a, b] = [makePack(kind, left), makePack(kind, right)];
    scratch = { left: a, right: b, tile: makePack(kind, ROWS * COLUMNS) };
    SCRATCH.set(kind, scratch);
  }
  if (scratch.left.length < left) scratch.left = makePack(kind, left);
  if (scratch.right.length < right) scratch.right = makePack(kind, right);
  return scratch;
}

/** The product by tiles; see {@linkcode Product} for the arguments. */
function tiled(info: DTypeInfo, ...args: Parameters<Product>): void {
  const [m, n, k, o, oo, om, on, a, ao, am, ak, b, bo, bk, bn] = args;
  const { code } = info;
  const kind = accumulator(info);
  // What was stored between two panels is rounded; 16-bit floats lose too much.
  const depth = info.category === 2 && info.bytes === 2 ? k : DEPTH;
  const packer = PACKERS[code] ??= compilePacker(info);
  const put = PUTS[code] ??= compilePut(info);
  let multiply = TILES.get(kind);
  if (multiply === undefined) TILES.set(kind, multiply = compileTile(kind));
  const longest = Math.min(depth, k);
  const rows = Math.min(BLOCK, m + m % ROWS);
  const scratch = scratchFor(kind, rows * longest, COLUMNS * longest);
  const { left, right, tile } = scratch;
  for (let p = 0; p < k; p += depth) {
    const length = Math.min(depth, k - p);
    for (let block = 0; block < m; block += BLOCK) {
      const end = Math.min(block + BLOCK, m);
      for (let i = block; i < end; i += ROWS) {
        const lanes = Math.min(ROWS, end - i);
        const to = (i - block) * length;
        packer(ROWS, lanes, length, left, to, a, ao + i * am + p * ak, am, ak);
      }
      for (let j = 0; j < n; j += COLUMNS) {
        const columns = Math.min(COLUMNS, n - j);
        const from = bo + p * bk + j * bn;
        packer(COLUMNS, columns, length, right, 0, b, from, bn, bk);
        for (let i = block; i < end; i += ROWS) {
          multiply(length, left, (i - block) * length, right, tile);
          const x = oo + i * om + j * on;
          put(Math.min(ROWS, end - i), columns, p === 0, tile, o, x, om, on);
        }
      }
    }
  }
}

/** Chooses among the ways to compute a product. */
function product(info: DTypeInfo, ...args: Parameters<Product>): void {
  const [m, n, k, o, oo, om, on, a, ao, am, ak, b, bo, bk, bn] = args;
  if (m > 3 && n > 3 && m * n * k > SMALL) {
    tiled(info, ...args);
    return;
  }
  const { code } = info;
  if (m <= 3 && bn < bk && n > 3 && k > 1) {
    const kind = accumulator(info);
    const sweep = SWEEPS[code] ??= compileSweep(info);
    sweep(scratchFor(kind, 0, n).right, ...args);
    return;
  }
  if (n <= 3 && am < ak && m > 3 && k > 1) {
    // The transposed product, so that the matrix is read as it lies.
    const kind = accumulator(info);
    const sweep = SWEEPS[code] ??= compileSweep(info);
    const { right } = scratchFor(kind, 0, m);
    sweep(right, n, m, k, o, oo, on, om, b, bo, bn, bk, a, ao, ak, am);
    return;
  }
  const direct = PRODUCTS[code] ??= compileProduct(info);
  direct(m, n, k, o, oo, om, on, a, ao, am, ak, b, bo, bk, bn);
}

/** See `Device.matmul`. */
export function runMatmul(
  out: Strided,
  x: Strided,
  y: Strided,
  epilogue: Epilogue | null,
): void {
  if (out.count === 0) return;
  multiply(out, x, y);
  if (epilogue !== null) finish(out, epilogue);
}

function multiply(out: Strided, x: Strided, y: Strided): void {
  const { info } = x;
  const k = x.shape[2]!;
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  const sy = y.storage as CpuStorage;
  const { shape, strides } = out;
  const batch = shape[0]!;
  for (let i = 0; i < batch; i++) {
    product(
      info,
      shape[1]!,
      shape[2]!,
      k,
      so.data,
      so.base + out.offset + i * strides[0]!,
      strides[1]!,
      strides[2]!,
      sx.data,
      sx.base + x.offset + i * x.strides[0]!,
      x.strides[1]!,
      x.strides[2]!,
      sy.data,
      sy.base + y.offset + i * y.strides[0]!,
      y.strides[1]!,
      y.strides[2]!,
    );
  }
}
