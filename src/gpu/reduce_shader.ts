// Reductions over the last dimensions. As many threads share a result as it has
// work for, and they lie as the elements lie: along a result, or across
// neighbouring ones. Where results are few, each is cut into pieces, which a
// second kernel combines. All that depends on shapes and strides only, so
// results are the same every time.

import type { ReduceKernel, Strided } from "../tensor/device.ts";
import { type DTypeInfo, FLOAT32, INT32 } from "../tensor/dtype.ts";
import { type Expr, isCondition, print } from "../tensor/expr.ts";
import { CALL } from "./call.ts";
import { convertKind, elementOf, type Kind, storeFrom } from "./element.ts";
import type { GpuStorage } from "./gpu_storage.ts";
import {
  FLOATS,
  type Pipeline,
  type Source,
  word,
  wordF,
  WORDS,
} from "./program.ts";
import type { Engine } from "./program.ts";
import { separated } from "./reduce_step.ts";
import { printIndex, putMerged } from "./walk.ts";
import { literal, spelling } from "./wgsl_spelling.ts";
import { declareTree, printTree, type Tree } from "./workgroup_tree.ts";

/** Threads of a workgroup. */
const THREADS = 256;
/** Elements of one piece of a large reduction, about. */
const PIECE = 4096;
/** Workgroups that keep a large GPU busy. */
const BUSY = 256;

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

/** What a pass of a reduction does: all of it, … */
const WHOLE = 0;
/** … pieces of it, which are not finished, … */
export const PIECES = 1;
/** … or what becomes of them. */
const COMBINED = 2;

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
  if (out.count === 0) return;
  const size = sizeOf(x.shape, x.shape.length - rank, x.shape.length);
  if (size > 2 * PIECE) {
    // Few results do not fill a workgroup, but their pieces do.
    const groups = out.count / planReduction(x, rank, size).results;
    if (groups < BUSY) {
      const pieces = Math.min(
        Math.ceil(size / PIECE),
        Math.ceil(2 * BUSY / groups),
      );
      const kept = elementOf(compute).kind === "f32" ? FLOAT32 : INT32;
      const parts = temporary(kept, [out.count, pieces]);
      // Pieces begin with whole vectors.
      const length = Math.ceil(size / pieces / 4) * 4;
      reduceOnce(engine, PIECES, asked, compute, parts, x, rank, {
        pieces,
        length,
        count: size,
      });
      reduceOnce(engine, COMBINED, asked, compute, out, parts, 1, {
        pieces: 1,
        length: pieces,
        count: size,
      });
      return;
    }
  }
  reduceOnce(engine, WHOLE, asked, compute, out, x, rank, {
    pieces: 1,
    length: size,
    count: size,
  });
}

/** Number of elements in dimensions `from` to `to`. */
function sizeOf(shape: readonly number[], from: number, to: number): number {
  let size = 1;
  for (let d = from; d < to; d++) size *= shape[d]!;
  return size;
}

/** How one pass is cut. */
export interface Cut {
  /** Pieces per result. */
  readonly pieces: number;
  /** Elements of each piece but the last. */
  readonly length: number;
  /** Elements per result of the whole reduction, for the epilogue. */
  readonly count: number;
}

/** How the threads of a workgroup lie. */
interface Plan {
  /** Threads that share a result, a power of two. */
  readonly shares: number;
  /** Results of a workgroup: their product is the number of threads. */
  readonly results: number;
  /** Whether neighbouring threads have neighbouring results, not elements. */
  readonly columns: boolean;
}

/** Neighbouring threads read neighbouring elements: of one result, or of neighbouring ones. */
function planReduction(x: Strided, rank: number, length: number): Plan {
  const { shape, strides } = x;
  const outer = shape.length - rank;
  // Dimensions of size 1 have no neighbours.
  let kept = outer - 1;
  while (kept >= 0 && shape[kept] === 1) kept--;
  let inner = shape.length - 1;
  while (inner >= outer && shape[inner] === 1) inner--;
  const columns = kept >= 0 && strides[kept] === 1 &&
    (inner < outer || strides[inner] !== 1);
  let shares = 1;
  if (!columns) {
    while (shares < THREADS && shares * 16 < length) shares *= 2;
    return { shares, results: THREADS / shares, columns };
  }
  let results = 8;
  const neighbours = shape[kept]!;
  while (results < 32 && results < neighbours) results *= 2;
  const most = THREADS / results;
  while (shares < most && shares * 16 < length) shares *= 2;
  return { shares, results: THREADS / shares, columns };
}

/** Whether the elements of each result can be read by vectors of four. */
function isWide(x: Strided, rank: number, length: number): boolean {
  const { memory } = x.storage as GpuStorage;
  if (memory.arena || memory.segments.length > 1) return false;
  const last = x.shape.length - 1;
  if (x.strides[last] !== 1 || ((x.offset | length) & 3) !== 0) return false;
  if ((x.shape[last]! & 3) !== 0) return false;
  for (let d = 0; d < last; d++) {
    if (x.shape[d] !== 1 && (x.strides[d]! & 3) !== 0) return false;
  }
  return rank > 0;
}

/** The one operand whose dimensions are merged. */
const WALKED: Strided[] = [];
/** Where the dimensions that stay stand among the numbers. */
const KEPT_AT = 7;

/** One pass over the elements; `out` has `pieces` results for each one of the reduction. */
export function reduceOnce(
  engine: Engine,
  pass: number,
  asked: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
  { pieces, length, count }: Cut,
): void {
  const dims = x.shape.length;
  const outer = dims - rank;
  const results = sizeOf(x.shape, 0, outer);
  const plan = planReduction(x, rank, length);
  const wide = !plan.columns && plan.shares > 1 && isWide(x, rank, length);
  WORDS[0] = results;
  WORDS[1] = sizeOf(x.shape, outer, dims);
  WORDS[2] = x.offset;
  WORDS[3] = out.offset;
  WORDS[4] = length;
  if (elementOf(compute).kind === "i32") WORDS[5] = count;
  else FLOATS[5] = count;
  WORDS[6] = pieces;
  WALKED[0] = x;
  const kept = putMerged(x.shape, 0, outer, WALKED, KEPT_AT);
  const droppedAt = KEPT_AT + 2 * kept;
  const dropped = putMerged(x.shape, outer, dims, WALKED, droppedAt);
  WALKED.pop();
  const words = droppedAt + 2 * dropped;
  const groups = Math.ceil(results * pieces / plan.results);
  const { programs } = engine;
  CALL.begin(words);
  let table: Map<number, Pipeline> | undefined;
  let code = 0;
  if (CALL.add(out) && CALL.add(x) && dims < 16) {
    const { reductions } = programs;
    table = reductions.get(asked.id * 4 + pass);
    if (table === undefined) {
      reductions.set(asked.id * 4 + pass, table = new Map());
    }
    // 28 bits for the operands, then 11 for the plan.
    const types = compute.code << 8 | out.info.code << 4 | x.info.code;
    code = (CALL.places << 20 | types << 8 | kept << 4 | dropped) +
      (plan.shares << 2 | (plan.columns ? 2 : 0) | (wide ? 1 : 0)) * 2 ** 28;
    const found = table.get(code);
    if (found !== undefined) {
      programs.run(found, CALL.memories, CALL.words, groups);
      return;
    }
  }
  const made = programs.launch(
    `reduce ${asked.id} ${pass} ${compute.code} ${plan.shares}${
      plan.columns ? "c" : ""
    }${wide ? "v" : ""} ${kept} ${dropped}`,
    [
      { name: "out", x: out, write: true },
      { name: "x", x, write: false, wide },
    ],
    () => {
      const kernel = kernelOf(asked, pass);
      const { kind, start, declarations } = partsOf(kernel, compute);
      const own = elementOf(x.info).kind;
      const convert = (value: string) => convertKind(own, kind, value);
      const step = wide
        ? `let v = load4_x(at / 4);
${
          ["x", "y", "z", "w"].map((lane) =>
            `acc = combine(acc, prepare(${convert(`v.${lane}`)}));`
          ).join("\n")
        }`
        : `acc = combine(acc, prepare(${convert("load_x(at)")}));`;
      const finish = kernel.finish === null
        ? `fn done(acc: ${kind}) -> ${kind} { return acc; }`
        : functionOf(
          "done",
          ["acc"],
          kind,
          kernel.finish,
          () => kind === "f32" ? wordF(5) : word(5),
        );
      const text = {
        declarations: [declarations, finish].join("\n"),
        kind,
        start,
        origin: printIndex("result", KEPT_AT, kept, ["base"]),
        step: `var at = base;
${printIndex("k", droppedAt, dropped, ["at"])}
${step}`,
        put: (at: string, value: string) =>
          `store_out(${word(3)} + ${at}, ${
            out.info.category === 0
              ? storeFrom(out.info, kind, value)
              : convertKind(kind, elementOf(out.info).kind, value)
          });`,
      };
      return printReduction(
        plan,
        wide ? 4 : 1,
        text,
        engine.context.abilities.subgroups.lanes,
      );
    },
    words,
    groups,
  );
  if (made !== null) table?.set(code, made);
}

/** What a pass computes. */
function kernelOf(asked: ReduceKernel, pass: number): ReduceKernel {
  const kernel = separated(asked);
  switch (pass) {
    case WHOLE:
      return kernel;
    case COMBINED:
      return { ...kernel, prologue: null };
    default:
      return { ...kernel, finish: null };
  }
}

/** The parts of a kernel's text. */
interface Text {
  readonly declarations: string;
  readonly kind: Kind;
  readonly start: string;
  /** Adds the place of `result` to `base`. */
  readonly origin: string;
  /** Combines `acc` with the elements at `k`. */
  readonly step: string;
  put(at: string, value: string): string;
}

function printReduction(
  { shares, results, columns }: Plan,
  each: number,
  { declarations, kind, start, origin, step, put }: Text,
  lanes: number,
): Source {
  const [share, own, near] = columns
    ? [`i32(lane) / ${results}`, `i32(lane) % ${results}`, results]
    : [`i32(lane) % ${shares}`, `i32(lane) / ${shares}`, 1];
  const tree: Tree = {
    threads: shares,
    near,
    type: kind,
    acc: "acc",
    all: false,
    combine: (a, b) => `combine(${a}, ${b})`,
  };
  return {
    threads: [THREADS, 1, 1],
    declarations: `${declarations}
${declareTree(tree, lanes)}`,
    body: `let share = ${share};
let pieces = ${word(6)};
let task = i32(flat) * ${results} + ${own};
let inside = task < ${word(0)} * pieces;
// Neighbours in a piece have neighbouring results.
let result = select(0, task % ${word(0)}, inside);
let piece = task / ${word(0)};
let begin = piece * ${word(4)};
let end = select(0, min(${word(1)}, begin + ${word(4)}), inside);
var base = ${word(2)};
${origin}
var acc: ${kind} = ${start};
for (var k = begin + share * ${each}; k < end; k += ${shares * each}) {
${step}
}
${printTree(tree, lanes)}
if (share == 0 && inside) { ${put("result * pieces + piece", "done(acc)")} }`,
  };
}
