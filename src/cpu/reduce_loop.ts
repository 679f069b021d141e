// Reductions and scans as JavaScript loops. Floats accumulate in float64,
// integers in their own arithmetic.

import type { ReduceKernel, Strided, TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { type Expr, isCondition, print } from "../tensor/expr.ts";
import { forEachOuter, mergeDims } from "./geometry.ts";
import {
  compileSource,
  hoistParams,
  type Kind,
  kindOf,
  literal,
  load,
  spelling,
  store,
} from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

type Accumulator = number | bigint;

/** Folds `m` rows of `n` elements into an accumulator. */
type FoldLoop = (
  m: number,
  n: number,
  a: TypedArray,
  ao: number,
  am: number,
  an: number,
  acc: Accumulator,
) => Accumulator;

/** Stores the finished accumulator. */
type Finish = (
  o: TypedArray,
  oo: number,
  acc: Accumulator,
  p: readonly number[],
) => void;

interface Compiled {
  readonly start: Accumulator;
  readonly fold: FoldLoop;
  readonly finish: Finish;
}

/** Keyed by kernel, then by element types of arithmetic, input and output. */
const COMPILED: Map<number, Compiled>[] = [];
const SCANS: Map<number, ScanLoop>[] = [];

/** Floats accumulate in float64, whatever their own width. */
function accumulatorKind(info: DTypeInfo): Kind {
  const kind = kindOf(info);
  return kind === "f32" ? "f64" : kind;
}

function startValue(kernel: ReduceKernel, info: DTypeInfo): number | bigint {
  const { start } = kernel;
  if (typeof start === "number") {
    return info.bytes === 8 && info.category === 1 ? BigInt(start) : start;
  }
  const lowest = start === "lowest";
  if (info.category === 2) return lowest ? -Infinity : Infinity;
  if (info.bytes === 8) return lowest ? -(2n ** 63n) : 2n ** 63n - 1n;
  return lowest ? info.min : info.max;
}

/** An expression with its definitions, as a statement that assigns it; conditions become 0 or 1. */
function assignment(
  target: string,
  expr: Expr,
  kind: Kind,
  inputs: readonly string[],
): string {
  const printed = print(expr, spelling(kind, inputs));
  const value = isCondition(expr)
    ? `(${printed.result}?${literal(kind, 1)}:${literal(kind, 0)})`
    : printed.result;
  return `{${printed.definitions.join("")}${target}=${value};}`;
}

/** Statements that bring the loaded element `X` through the prologue. */
function element(
  kernel: ReduceKernel,
  info: DTypeInfo,
  x: DTypeInfo,
  kind: Kind,
): string {
  const own = kernel.prologue === null ? kind : kindOf(info);
  // A prologue is arithmetic on elements and rounds as elements do.
  const loaded = load(x, own, "a[ai]");
  if (kernel.prologue === null) return `const X=${loaded};`;
  return `const Y=${loaded};let X;${
    assignment("X", kernel.prologue, own, ["Y"])
  }`;
}

function compile(
  kernel: ReduceKernel,
  info: DTypeInfo,
  out: DTypeInfo,
  x: DTypeInfo,
): Compiled {
  const kind = accumulatorKind(info);
  const step = assignment("acc", kernel.step, kind, ["acc", "X"]);
  const fold = compileSource<FoldLoop>(
    `(m,n,a,ao,am,an,acc)=>{for(let r=0;r<m;r++){let ai=ao+r*am;for(let i=0;i<n;i++){${
      element(kernel, info, x, kind)
    }${step}ai+=an;}}return acc;}`,
  );
  const last = kernel.finish === null
    ? ""
    : assignment("acc", kernel.finish, kind, ["acc"]);
  const finish = compileSource<Finish>(
    `(o,oo,acc,p)=>{${hoistParams(kind, last)}${last}o[oo]=${
      store(out, kind, "acc")
    };}`,
  );
  return { start: startValue(kernel, info), fold, finish };
}

/** Reduces the last `rank` dimensions; see `Device.reduce`. */
export function runReduce(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
): void {
  const table = COMPILED[kernel.id] ??= new Map();
  const key = (compute.code * 10 + out.info.code) * 10 + x.info.code;
  let code = table.get(key);
  if (code === undefined) {
    code = compile(kernel, compute, out.info, x.info);
    table.set(key, code);
  }
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  let target = so.base + out.offset;
  const origin = sx.base + x.offset;
  if (out.count === 1 && x.dense) {
    const acc = x.count === 0
      ? code.start
      : code.fold(1, x.count, sx.data, origin, 0, 1, code.start);
    code.finish(so.data, target, acc, [x.count]);
    return;
  }
  const split = x.shape.length - rank;
  const inner = mergeDims(x.shape.slice(split), [x.strides.slice(split)]);
  const size = inner.shape.reduce((n, length) => n * length, 1);
  const outer = mergeDims(x.shape.slice(0, split), [x.strides.slice(0, split)]);
  const d = inner.shape.length - 2;
  const [m, n] = [inner.shape[d]!, inner.shape[d + 1]!];
  const [am, an] = [inner.strides[0]![d]!, inner.strides[0]![d + 1]!];
  const { fold, finish, start } = code;
  const p = [size];
  const offsets = [0];
  forEachOuter(outer, [origin], 0, (at) => {
    let acc = start;
    if (d === 0) {
      if (size > 0) acc = fold(m, n, sx.data, at[0]!, am, an, acc);
    } else {
      offsets[0] = at[0]!;
      forEachOuter(inner, offsets, 2, (from) => {
        acc = fold(m, n, sx.data, from[0]!, am, an, acc);
      });
    }
    finish(so.data, target++, acc, p);
  });
}

type ScanLoop = (
  n: number,
  o: TypedArray,
  oo: number,
  a: TypedArray,
  ao: number,
  an: number,
  start: Accumulator,
) => void;

function compileScan(
  kernel: ReduceKernel,
  info: DTypeInfo,
  out: DTypeInfo,
  x: DTypeInfo,
): ScanLoop {
  const kind = accumulatorKind(info);
  return compileSource(
    `(n,o,oo,a,ao,an,acc)=>{let ai=ao;for(let i=0;i<n;i++){${
      element(kernel, info, x, kind)
    }${assignment("acc", kernel.step, kind, ["acc", "X"])}o[oo+i]=${
      store(out, kind, "acc")
    };ai+=an;}}`,
  );
}

/** Running reduction along the last dimension; see `Device.scan`. */
export function runScan(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
): void {
  const table = SCANS[kernel.id] ??= new Map();
  const key = (compute.code * 10 + out.info.code) * 10 + x.info.code;
  let loop = table.get(key);
  if (loop === undefined) {
    loop = compileScan(kernel, compute, out.info, x.info);
    table.set(key, loop);
  }
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  const start = startValue(kernel, compute);
  forEachRow(
    x,
    [],
    (n, from, step, row) =>
      loop(
        n,
        so.data,
        so.base + out.offset + row * n,
        sx.data,
        from,
        step,
        start,
      ),
  );
}

/** Calls `visit(length, start, stride, row number, starts of the others)` for each row of the last dimension. */
export function forEachRow(
  x: Strided,
  others: readonly Strided[],
  visit: (
    n: number,
    from: number,
    step: number,
    row: number,
    starts: readonly number[],
  ) => void,
): void {
  const rank = x.shape.length;
  const base = (s: Strided) => (s.storage as CpuStorage).base + s.offset;
  const n = rank === 0 ? 1 : x.shape[rank - 1]!;
  const step = rank === 0 ? 1 : x.strides[rank - 1]!;
  const outer = {
    shape: x.shape.slice(0, -1),
    strides: [x, ...others].map((s) => s.strides.slice(0, -1)),
  };
  let row = 0;
  forEachOuter(
    outer,
    [x, ...others].map(base),
    0,
    (at) => visit(n, at[0]!, step, row++, at.slice(1)),
  );
}
