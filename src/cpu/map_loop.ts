// Elementwise kernels as JavaScript loops: one for operands in order or
// single, one for two dimensions of any strides. Compiled once per kernel,
// element type and form.

import type { MapKernel, Strided, TypedArray } from "../tensor/device.ts";
import { BOOL, type DTypeInfo } from "../tensor/dtype.ts";
import { isCondition, print } from "../tensor/expr.ts";
import { broadcastStrides, forEachOuter, mergeDims } from "./geometry.ts";
import {
  compileSource,
  hoistParams,
  type Kind,
  kindOf,
  load,
  spelling,
  store,
} from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

type FlatLoop = (
  n: number,
  o: TypedArray,
  oo: number,
  a: TypedArray,
  ao: number,
  b: TypedArray,
  bo: number,
  c: TypedArray,
  co: number,
  p: readonly number[],
) => void;

type StridedLoop = (
  m: number,
  n: number,
  o: TypedArray,
  oo: number,
  om: number,
  on: number,
  a: TypedArray,
  ao: number,
  am: number,
  an: number,
  b: TypedArray,
  bo: number,
  bm: number,
  bn: number,
  c: TypedArray,
  co: number,
  cm: number,
  cn: number,
  p: readonly number[],
) => void;

const FLAT: (FlatLoop | undefined)[] = [];
const STRIDED: (StridedLoop | undefined)[] = [];
const ARRAYS = ["a", "b", "c"];

/** The statement that computes and stores one element. */
function statement(
  kernel: MapKernel,
  info: DTypeInfo,
  kind: Kind,
  inputs: readonly string[],
  target: string,
): string {
  const printed = print(kernel.body, spelling(kind, inputs));
  const value = isCondition(kernel.body)
    ? `${printed.result}?1:0`
    : store(info, kind, printed.result);
  return `${printed.definitions.join("")}${target}=${value};`;
}

/** Code for operands in order; bit k of `single` says that input k is one element. */
function compileFlat(
  kernel: MapKernel,
  info: DTypeInfo,
  single: number,
): FlatLoop {
  const kind = kindOf(info);
  let before = "";
  const inputs = ARRAYS.slice(0, kernel.arity).map((x, k) => {
    if ((single & (1 << k)) === 0) return `X${k}`;
    before += `const X${k}=${load(info, kind, `${x}[${x}o]`)};`;
    return `X${k}`;
  });
  const arrays = ARRAYS.slice(0, kernel.arity);
  const loop = (offset: (x: string) => string, end: string): string => {
    const loads = arrays.map((x, k) =>
      single & (1 << k)
        ? ""
        : `const X${k}=${load(info, kind, `${x}[${offset(x)}i]`)};`
    ).join("");
    const body = statement(kernel, info, kind, inputs, `o[${offset("o")}i]`);
    return `for(let i=0;i<${end};i++){${loads}${body}}`;
  };
  // V8 checks no bounds where the loop ends at the length of the array, which
  // nearly halves the time; larger tensors that are no views take that branch.
  const whole = ["o", ...arrays.filter((_, k) => !(single & (1 << k)))]
    .map((x) => `${x}o===0&&${x}.length===n`).join("&&");
  const fast = loop(() => "", "o.length");
  return compileSource(
    `(n,o,oo,a,ao,b,bo,c,co,p)=>{${
      hoistParams(kind, fast)
    }${before}if(${whole}){${fast}}else{${loop((x) => `${x}o+`, "n")}}}`,
  );
}

function compileStrided(kernel: MapKernel, info: DTypeInfo): StridedLoop {
  const kind = kindOf(info);
  const used = ARRAYS.slice(0, kernel.arity);
  const loads = used.map((x, k) =>
    `const X${k}=${load(info, kind, `${x}[${x}i]`)};`
  )
    .join("");
  const body = loads +
    statement(kernel, info, kind, used.map((_, k) => `X${k}`), "o[oi]");
  const all = ["o", ...used];
  const start = all.map((x) => `let ${x}i=${x}o+r*${x}m;`).join("");
  const next = all.map((x) => `${x}i+=${x}n;`).join("");
  return compileSource(
    `(m,n,o,oo,om,on,a,ao,am,an,b,bo,bm,bn,c,co,cm,cn,p)=>{${
      hoistParams(kind, body)
    }for(let r=0;r<m;r++){${start}for(let i=0;i<n;i++){${body}${next}}}}`,
  );
}

/** How an operand lies beside a dense output: 0 in order, 1 a single element, -1 neither. */
export function lies(x: Strided, count: number): number {
  if (x.count === count && x.dense) return 0;
  return x.count === 1 || repeatsOne(x) ? 1 : -1;
}

/** Whether an operand is one element expanded, as the gradient of a sum is. */
function repeatsOne(x: Strided): boolean {
  const { strides } = x;
  for (let d = 0; d < strides.length; d++) {
    if (strides[d] !== 0 && x.shape[d] !== 1) return false;
  }
  return x.count > 0;
}

/** Computes an expression per element; see `Device.map`. */
export function runMap(
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): void {
  const { count } = out;
  if (out.dense) {
    const la = lies(a, count);
    const lb = b === null ? 0 : lies(b, count);
    const lc = c === null ? 0 : lies(c, count);
    if (la >= 0 && lb >= 0 && lc >= 0) {
      const single = la | (lb << 1) | (lc << 2);
      const key = (kernel.id * 10 + compute.code) * 8 + single;
      const loop = FLAT[key] ??
        (FLAT[key] = compileFlat(kernel, compute, single));
      const so = out.storage as CpuStorage;
      const sa = a.storage as CpuStorage;
      const sb = b === null ? sa : b.storage as CpuStorage;
      const sc = c === null ? sa : c.storage as CpuStorage;
      loop(
        count,
        so.data,
        so.base + out.offset,
        sa.data,
        sa.base + a.offset,
        sb.data,
        b === null ? 0 : sb.base + b.offset,
        sc.data,
        c === null ? 0 : sc.base + c.offset,
        params,
      );
      return;
    }
  }
  runStrided(kernel, compute, out, a, b ?? a, c ?? a, params);
}

function runStrided(
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided,
  c: Strided,
  params: readonly number[],
): void {
  if (out.count === 0) return;
  const key = kernel.id * 10 + compute.code;
  const loop = STRIDED[key] ??
    (STRIDED[key] = compileStrided(kernel, compute));
  const operands = [out, a, b, c];
  const walk = mergeDims(
    out.shape,
    operands.map((x) => broadcastStrides(x, out.shape)),
  );
  const [so, sa, sb, sc] = operands.map((x) => x.storage as CpuStorage) as [
    CpuStorage,
    CpuStorage,
    CpuStorage,
    CpuStorage,
  ];
  const d = walk.shape.length - 2;
  const m = walk.shape[d]!;
  const n = walk.shape[d + 1]!;
  const [to, ta, tb, tc] = walk.strides as [
    number[],
    number[],
    number[],
    number[],
  ];
  forEachOuter(
    walk,
    operands.map((x) => (x.storage as CpuStorage).base + x.offset),
    2,
    (at) =>
      loop(
        m,
        n,
        so.data,
        at[0]!,
        to[d]!,
        to[d + 1]!,
        sa.data,
        at[1]!,
        ta[d]!,
        ta[d + 1]!,
        sb.data,
        at[2]!,
        tb[d]!,
        tb[d + 1]!,
        sc.data,
        at[3]!,
        tc[d]!,
        tc[d + 1]!,
        params,
      ),
  );
}

/** Kernels without an expression: conversion between element types, by pair of codes. */
const COPIES: (StridedLoop | undefined)[] = [];

const NO_PARAMS: readonly number[] = [];

/** Copies with conversion; `x` is broadcast to `out`. */
export function runCopy(out: Strided, x: Strided): void {
  if (out.count === 0) return;
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  if (
    out.info === x.info && out.dense && x.dense && out.count === x.count &&
    out.count > 16
  ) {
    const from = sx.base + x.offset;
    // Both arrays have the same type; `set` is the fastest copy there is.
    (so.data as Float32Array).set(
      (sx.data as Float32Array).subarray(from, from + x.count),
      so.base + out.offset,
    );
    return;
  }
  const key = out.info.code * 10 + x.info.code;
  const loop = COPIES[key] ?? (COPIES[key] = compileCopy(out.info, x.info));
  const { data } = sx;
  if (out.dense && (x.count === 1 || x.dense && x.count === out.count)) {
    const to = so.base + out.offset;
    const from = sx.base + x.offset;
    const step = x.count === out.count ? 1 : 0;
    const n = out.count;
    loop(
      1,
      n,
      so.data,
      to,
      0,
      1,
      data,
      from,
      0,
      step,
      data,
      0,
      0,
      0,
      data,
      0,
      0,
      0,
      NO_PARAMS,
    );
    return;
  }
  const walk = mergeDims(out.shape, [
    broadcastStrides(out, out.shape),
    broadcastStrides(x, out.shape),
  ]);
  const d = walk.shape.length - 2;
  const [to, tx] = walk.strides as [number[], number[]];
  forEachOuter(
    walk,
    [so.base + out.offset, sx.base + x.offset],
    2,
    (at) =>
      loop(
        walk.shape[d]!,
        walk.shape[d + 1]!,
        so.data,
        at[0]!,
        to[d]!,
        to[d + 1]!,
        sx.data,
        at[1]!,
        tx[d]!,
        tx[d + 1]!,
        sx.data,
        0,
        0,
        0,
        sx.data,
        0,
        0,
        0,
        [],
      ),
  );
}

function compileCopy(to: DTypeInfo, from: DTypeInfo): StridedLoop {
  const kind = kindOf(from);
  const value = to === from
    ? "a[ai]"
    : to === BOOL
    ? store(to, kind, load(from, kind, "a[ai]"))
    : store(to, kind, load(from, kind, "a[ai]"));
  return compileSource(
    `(m,n,o,oo,om,on,a,ao,am,an,b,bo,bm,bn,c,co,cm,cn,p)=>{for(let r=0;r<m;r++){let oi=oo+r*om,ai=ao+r*am;for(let i=0;i<n;i++){o[oi]=${value};oi+=on;ai+=an;}}}`,
  );
}
