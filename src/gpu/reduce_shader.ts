// Reductions over the last dimensions. Three ways: a thread per result, a
// workgroup per result, and a workgroup per piece of a result whose pieces are
// combined by a second kernel. Which one serves depends on shapes only, and the
// order of combining on nothing else, so results are the same every time.

import type { ReduceKernel, Strided } from "../tensor/device.ts";
import { type DTypeInfo, FLOAT32, INT32 } from "../tensor/dtype.ts";
import { type Expr, isCondition, print } from "../tensor/expr.ts";
import { convertKind, elementOf, type Kind, storeFrom } from "./element.ts";
import { FLOATS, type Source, word, wordF, WORDS } from "./program.ts";
import type { Engine } from "./program.ts";
import { separated } from "./reduce_step.ts";
import { merged, printIndex } from "./walk.ts";
import { literal, spelling } from "./wgsl_spelling.ts";

/** Threads of a workgroup. */
const THREADS = 256;
/** Elements below which one thread reduces all of them. */
const ALONE = 64;
/** Elements of one piece of a large reduction. */
const PIECE = 8192;
/** Results from which each has enough neighbours to keep the GPU busy by itself. */
const MANY = 128;

/** Memory for an intermediate result. */
export type Temporary = (info: DTypeInfo, shape: readonly number[]) => Strided;

/** A kernel's printed parts. */
interface Parts {
  readonly kind: Kind;
  readonly start: string;
  /** `fn prepare(x) -> kind`, `fn combine(acc, x) -> kind`. */
  readonly declarations: string;
}

/** Spells an expression as the body of a function; conditions become 0 or 1. */
function functionOf(
  name: string,
  args: readonly string[],
  kind: Kind,
  expr: Expr,
  param: (index: number) => string = () => "0",
): string {
  const printed = print(expr, spelling(kind, args, param));
  const value = isCondition(expr)
    ? `select(${literal(kind, 0)},${literal(kind, 1)},${printed.result})`
    : printed.result;
  return `fn ${name}(${
    args.map((arg) => `${arg}: ${kind}`).join(", ")
  }) -> ${kind} {
${printed.definitions.join("\n")}
return ${value};
}`;
}

/** The start value of an accumulator. */
export function startOf(kernel: ReduceKernel, info: DTypeInfo): string {
  const { kind } = elementOf(info);
  const { start } = kernel;
  if (typeof start === "number") return literal(kind, start);
  const lowest = start === "lowest";
  if (kind === "f32") return lowest ? "(-infinity())" : "infinity()";
  // int64 lives in 32 bits here.
  const [min, max] = info.name === "int64"
    ? [-(2 ** 31), 2 ** 31 - 1]
    : [info.min, info.max];
  return literal(kind, lowest ? min : max);
}

/** What all kernels of a reduction or scan share. */
export function partsOf(kernel: ReduceKernel, compute: DTypeInfo): Parts {
  const { kind } = elementOf(compute);
  return {
    kind,
    start: startOf(kernel, compute),
    declarations: [
      kernel.prologue === null
        ? `fn prepare(x: ${kind}) -> ${kind} { return x; }`
        : functionOf("prepare", ["x"], kind, kernel.prologue),
      functionOf("combine", ["acc", "x"], kind, kernel.step),
    ].join("\n"),
  };
}

/** Reduces the last `rank` dimensions of `x` into `out`. */
export function runReduce(
  engine: Engine,
  temporary: Temporary,
  asked: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
): void {
  const kernel = separated(asked);
  const outer = x.shape.length - rank;
  const count = x.shape.slice(outer).reduce((n, m) => n * m, 1);
  if (out.count === 0) return;
  if (count > 2 * PIECE && out.count < MANY) {
    const pieces = Math.min(1024, Math.ceil(count / PIECE));
    const kept = elementOf(compute).kind === "f32" ? FLOAT32 : INT32;
    const parts = temporary(kept, [out.count, pieces]);
    const first = { ...kernel, finish: null };
    reduceOnce(engine, `r${kernel.id}p`, first, compute, parts, x, rank, {
      pieces,
      count,
    });
    const second = { ...kernel, prologue: null };
    const key = `r${kernel.id}c`;
    reduceOnce(engine, key, second, compute, out, parts, 1, {
      pieces: 1,
      count,
    });
    return;
  }
  reduceOnce(engine, `r${kernel.id}`, kernel, compute, out, x, rank, {
    pieces: 1,
    count,
  });
}

/** How one pass is cut. */
export interface Cut {
  /** Pieces per result. */
  readonly pieces: number;
  /** Elements per result of the whole reduction, for the epilogue. */
  readonly count: number;
}

/** One pass over the elements; `out` has `pieces` results for each one of the reduction. */
export function reduceOnce(
  engine: Engine,
  key: string,
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
  { pieces, count }: Cut,
): void {
  const outer = x.shape.length - rank;
  const kept = merged(x.shape.slice(0, outer), [x.strides.slice(0, outer)]);
  const dropped = merged(x.shape.slice(outer), [x.strides.slice(outer)]);
  const size = x.shape.slice(outer).reduce((n, m) => n * m, 1);
  const alone = pieces === 1 && (size <= ALONE || prefersColumns(x, outer));
  const results = x.shape.slice(0, outer).reduce((n, m) => n * m, 1);
  let n = 0;
  WORDS[n++] = results;
  WORDS[n++] = size;
  WORDS[n++] = x.offset;
  WORDS[n++] = out.offset;
  WORDS[n++] = Math.ceil(size / pieces);
  FLOATS[n] = count;
  if (elementOf(compute).kind === "i32") WORDS[n] = count;
  n++;
  WORDS[n++] = pieces;
  const keptAt = n;
  n = kept.put(n);
  const droppedAt = n;
  n = dropped.put(n);
  engine.programs.launch(
    `${key} ${compute.code} ${alone ? "a" : "g"} ${kept.rank} ${dropped.rank}`,
    [
      { name: "out", x: out, write: true },
      { name: "x", x, write: false },
    ],
    () => {
      const { kind, start, declarations } = partsOf(kernel, compute);
      const own = elementOf(x.info).kind;
      const load = convertKind(own, kind, "load_x(at)");
      const fetch = `fn fetch(base: i32, k: i32) -> ${kind} {
var at = base;
${printIndex("k", droppedAt, dropped.rank, ["at"])}
return prepare(${load});
}
fn origin(result: i32) -> i32 {
var at = ${word(2)};
${printIndex("result", keptAt, kept.rank, ["at"])}
return at;
}`;
      const finish = kernel.finish === null
        ? `fn done(acc: ${kind}) -> ${kind} { return acc; }`
        : functionOf(
          "done",
          ["acc"],
          kind,
          kernel.finish,
          () => kind === "f32" ? wordF(5) : word(5),
        );
      const all = [declarations, fetch, finish].join("\n");
      const put = (at: string, value: string) =>
        `store_out(${word(3)} + ${at}, ${
          out.info.category === 0
            ? storeFrom(out.info, kind, value)
            : convertKind(kind, elementOf(out.info).kind, value)
        });`;
      return alone
        ? printAlone(all, kind, start, put)
        : printGroup(all, kind, start, put);
    },
    n,
    alone ? Math.ceil(results / THREADS) : results * pieces,
  );
}

/** Whether neighbouring results lie side by side in memory, and there are enough of them. */
function prefersColumns(x: Strided, outer: number): boolean {
  if (outer === 0) return false;
  const lead = x.shape.slice(0, outer).reduce((n, m) => n * m, 1);
  return lead >= 1024 && x.strides[outer - 1] === 1;
}

function printAlone(
  declarations: string,
  kind: Kind,
  start: string,
  put: (at: string, value: string) => string,
): Source {
  return {
    threads: [THREADS, 1, 1],
    declarations,
    body: `let result = i32(flat * ${THREADS}u + lane);
if (result >= ${word(0)}) { return; }
let base = origin(result);
var acc: ${kind} = ${start};
for (var k = 0; k < ${word(1)}; k++) { acc = combine(acc, fetch(base, k)); }
${put("result", "done(acc)")}`,
  };
}

function printGroup(
  declarations: string,
  kind: Kind,
  start: string,
  put: (at: string, value: string) => string,
): Source {
  return {
    threads: [THREADS, 1, 1],
    declarations: `${declarations}
var<workgroup> shared_acc: array<${kind}, ${THREADS}>;`,
    body: `let size = ${word(1)};
let length = ${word(4)};
let pieces = ${word(6)};
let task = i32(flat);
let inside = task < ${word(0)} * pieces;
let result = select(0, task / pieces, inside);
let begin = select(0, (task % pieces) * length, inside);
let end = select(0, min(size, begin + length), inside);
let base = origin(result);
var acc: ${kind} = ${start};
for (var k = begin + i32(lane); k < end; k += ${THREADS}) { acc = combine(acc, fetch(base, k)); }
shared_acc[lane] = acc;
workgroupBarrier();
for (var width = ${THREADS / 2}u; width > 0u; width = width >> 1u) {
  if (lane < width) { shared_acc[lane] = combine(shared_acc[lane], shared_acc[lane + width]); }
  workgroupBarrier();
}
if (lane == 0u && inside) { ${put("task", "done(shared_acc[0])")} }`,
  };
}
