// Fused computations on rows: as many threads per row as it has work for, and as
// many rows per workgroup as there is room for. A row that fits is read once and
// stays in registers; longer ones are read once per step. Each step combines the
// elements in a tree of workgroup memory; then every element gets its result.

import type { RowKernel, Strided } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { type Expr, print } from "../tensor/expr.ts";
import { CALL, shorten } from "./call.ts";
import { elementOf, type Kind } from "./element.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  type Pipeline,
  word,
  wordF,
  WORDS,
  wordU,
} from "./program.ts";
import { checkTurns } from "./turns.ts";
import { printIndex, putMerged } from "./walk.ts";
import { spelling } from "./wgsl_spelling.ts";
import { declareTree, printTree, type Tree } from "./workgroup_tree.ts";

const THREADS = 256;
/** Elements of a row that a thread keeps in registers, at most. */
const MOST_KEPT = 16;

/** How rows are cut. */
interface Cut {
  /** Threads per row, a power of two: two to the power of `bits`. */
  readonly threads: number;
  readonly bits: number;
  /** Elements that each thread keeps; 0 where the row is read again for each step. */
  readonly each: number;
}

function cutOf(n: number): Cut {
  let bits = 0;
  while (2 ** bits < THREADS && 2 ** bits * 4 < n) bits++;
  const threads = 2 ** bits;
  const each = Math.ceil(n / threads);
  if (each > MOST_KEPT) return { threads, bits, each: 0 };
  // Few texts: beyond four, fours.
  return { threads, bits, each: each <= 4 ? each : Math.ceil(each / 4) * 4 };
}

/** Codes of types below this are none of floats. */
const FEWEST_FLOAT = 6;

/** How the threads of a row combine numbers. */
function treeOf(threads: number): Tree {
  return {
    threads,
    near: 1,
    type: "f32",
    acc: "acc",
    all: true,
    combine: (a, b) => `${a} + ${b}`,
  };
}

/** The operands that have an element for each one of the rows: the result, if any, then the inputs. */
const LONG: Strided[] = [];

/** See `Device.rows`. */
export function runRows(
  engine: Engine,
  kernel: RowKernel,
  out: Strided | null,
  totals: readonly Strided[],
  inputs: readonly Strided[],
  params: readonly number[],
  rank: number,
): void {
  const { shape, info } = inputs[0]!;
  const dims = shape.length;
  const first = Math.max(dims - rank, 0);
  let n = 1;
  for (let d = first; d < dims; d++) n *= shape[d]!;
  let rows = 1;
  for (let d = 0; d < first; d++) rows *= shape[d]!;
  if (rows === 0 || (n === 0 && totals.length === 0)) return;
  shorten(LONG, 0);
  if (out !== null) LONG.push(out);
  for (let k = 0; k < inputs.length; k++) LONG.push(inputs[k]!);
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = rows;
  for (let k = 0; k < LONG.length; k++) WORDS[w++] = LONG[k]!.offset;
  for (let k = 0; k < totals.length; k++) WORDS[w++] = totals[k]!.offset;
  const paramsAt = w;
  for (let k = 0; k < params.length; k++) FLOATS[w++] = params[k]!;
  const outerAt = w;
  const outer = putMerged(shape, 0, first, LONG, outerAt);
  w += outer * (1 + LONG.length);
  const innerAt = w;
  const inner = putMerged(shape, first, dims, LONG, innerAt);
  w += inner * (1 + LONG.length);
  const cut = cutOf(n);
  if (cut.each === 0) {
    checkTurns(engine.context, n / cut.threads * (kernel.steps.length + 1));
  }
  const groups = Math.ceil(rows / (THREADS / cut.threads));
  const { programs, context } = engine;
  const { lanes } = context.abilities.subgroups;
  CALL.begin(w);
  let known = dims < 16 && params.length < 8;
  // The common type, or the one operand that has another.
  let slot = info.code;
  for (let k = 0; known && k < LONG.length; k++) {
    known = CALL.add(LONG[k]!);
    if (LONG[k]!.info === info) continue;
    known &&= slot === FLOAT32.code && LONG[k]!.info === INT32 &&
      k < FEWEST_FLOAT;
    slot = k;
  }
  for (let k = 0; known && k < totals.length; k++) {
    known = totals[k]!.info === info && CALL.add(totals[k]!);
  }
  let table: Map<number, Pipeline> | undefined;
  let code = 0;
  if (known) {
    // 20 bits, and those of the operands.
    code = CALL.places * 2 ** 20 +
      (((cut.bits << 5 | cut.each) << 4 | outer) << 7 |
        inner << 3 | params.length);
    // The kernel says how many operands there are, their types are apart.
    table = programs.rows[kernel.id * 16 + slot] ??= new Map();
    const found = table.get(code);
    if (found !== undefined) {
      // Nothing here keeps a tensor alive.
      shorten(LONG, 0);
      programs.run(found, CALL.memories, CALL.words, groups);
      return;
    }
  }
  const names = LONG.map((_, k) =>
    out === null ? `x${k}` : k === 0 ? "out" : `x${k - 1}`
  );
  const shift = out === null ? 0 : 1;
  const changed = kernel.changes.map(({ input }) => input + shift);
  const bound: Operand[] = LONG.map((x, k) => ({
    name: names[k]!,
    x,
    write: names[k] === "out" || changed.includes(k),
  }));
  shorten(LONG, 0);
  totals.forEach((x, k) => bound.push({ name: `total${k}`, x, write: true }));
  const made = programs.launch(
    `rows ${kernel.id} ${outer} ${inner} ${cut.threads} ${cut.each}`,
    bound,
    () => ({
      threads: [THREADS, 1, 1],
      declarations: declareTree(treeOf(cut.threads), lanes),
      body: printRows(
        kernel,
        names,
        bound.map(({ x }) => elementOf(x.info).kind),
        { totalsAt: 2 + names.length, paramsAt },
        { at: outerAt, rank: outer },
        { at: innerAt, rank: inner },
        cut,
        lanes,
      ),
    }),
    w,
    groups,
  );
  if (made !== null) table?.set(code, made);
}

/** Dimensions that are walked, as numbers of the call: their lengths, then the strides of each operand. */
interface Dims {
  readonly at: number;
  readonly rank: number;
}

/** Statements that find the places `p0` and so on of the element `k` for the named operands. */
function printPlaces(
  { at, rank }: Dims,
  operands: readonly number[],
): string {
  const stride = (k: number, d: number) => word(at + rank * (1 + k) + d);
  if (rank < 2) {
    return operands.map((k) =>
      `let p${k} = at${k}${rank === 0 ? "" : ` + k * ${stride(k, 0)}`};`
    ).join("\n");
  }
  const lines = operands.map((k) => `var p${k} = at${k};`);
  lines.push("{ var rest = u32(k);");
  for (let d = rank - 1; d >= 0; d--) {
    const size = wordU(at + d);
    lines.push(
      d === 0
        ? "let c = i32(rest);"
        : `let c${d} = i32(rest % ${size}); rest = rest / ${size};`,
    );
    const c = d === 0 ? "c" : `c${d}`;
    operands.forEach((k) => lines.push(`p${k} += ${c} * ${stride(k, d)};`));
  }
  lines.push("}");
  return lines.join("\n");
}

function printRows(
  kernel: RowKernel,
  names: readonly string[],
  kinds: readonly Kind[],
  { totalsAt, paramsAt }: Record<"totalsAt" | "paramsAt", number>,
  outer: Dims,
  inner: Dims,
  { threads, each }: Cut,
  lanes: number,
): string {
  const { arity, steps, result, totals, single, changes } = kernel;
  const inputs = Array.from({ length: arity }, (_, k) => `e${k}`);
  const values = steps.map((_, k) => `value${k}`);
  const param = (index: number) => wordF(paramsAt + index);
  const spell = (expr: Expr, all: readonly string[]) => {
    const { definitions, result } = print(
      expr,
      spelling("f32", all, param),
    );
    return { definitions: definitions.join("\n"), result };
  };
  /** What expressions read: `next` stands after the values of all steps. */
  const leaves = (known: number, next: string) => {
    const all = [...inputs, ...values.slice(0, known)];
    all[arity + steps.length] = next;
    all[arity + steps.length + 1] = "f32(k)";
    return all;
  };
  const outputs = result === null && !steps.some((step) => step.kept)
    ? []
    : [0];
  const shift = names[0] === "out" ? 1 : 0;
  const many = inputs.flatMap((_, k) => single.includes(k) ? [] : [k]);
  const load = (k: number, at: string) => {
    const value = `load_x${k}(${at})`;
    return kinds[k + shift] === "f32" ? value : `f32(${value})`;
  };
  const lines = [
    `let share = i32(lane) % ${threads};`,
    `let number = i32(flat) * ${THREADS / threads} + i32(lane) / ${threads};`,
    `let inside = number < ${word(1)};`,
    "let row = select(0, number, inside);",
    `let end = select(0, ${word(0)}, inside);`,
    ...names.map((_, k) => `var at${k} = ${word(2 + k)};`),
    printIndex("row", outer.at, outer.rank, names.map((_, k) => `at${k}`)),
    ...single.map((k) => `let e${k} = ${load(k, `at${k + shift}`)};`),
  ];
  /** Statements for each element of the thread; those of registers have a number. */
  const loop = (body: (j: number) => string, places: readonly number[]) =>
    each === 0
      ? `for (var k = share; k < end; k += ${threads}) {
${printPlaces(inner, [...places, ...many.map((k) => k + shift)])}
${many.map((k) => `let e${k} = ${load(k, `p${k + shift}`)};`).join("\n")}
${body(-1)}
}`
      : Array.from(
        { length: each },
        (_, j) =>
          `{ let k = share + ${j * threads};
if (k < end) {
${printPlaces(inner, places)}
${many.map((k) => `let e${k} = e${k}_${j};`).join("\n")}
${body(j)}
} }`,
      ).join("\n");
  const keeps = steps.some((step) => step.kept) && result !== null;
  for (let j = 0; j < each; j++) {
    if (keeps) lines.push(`var kept_${j} = 0.0;`);
    many.forEach((k) => lines.push(`var e${k}_${j} = 0.0;`));
    lines.push(
      `{ let k = share + ${j * threads}; if (k < end) {
${printPlaces(inner, many.map((k) => k + shift))}
${many.map((k) => `e${k}_${j} = ${load(k, `p${k + shift}`)};`).join("\n")}
} }`,
    );
  }
  steps.forEach(({ fold, of, finish, kept }, s) => {
    const element = spell(of, leaves(s, ""));
    const combine = (a: string, b: string) =>
      fold === "sum" ? `${a} + ${b}` : `maxFloat(${a}, ${b})`;
    const end = finish === null ? null : spell(finish, leaves(s, `acc${s}`));
    const stays = kept && !(keeps && each > 0);
    const keep = (j: number) =>
      !kept ? "" : stays ? "store_out(p0, e);" : `kept_${j} = e;`;
    lines.push(
      `var acc${s} = ${fold === "sum" ? "0.0" : "(-infinity())"};`,
      loop(
        (j) =>
          `${element.definitions}
let e = ${element.result};
${keep(j)}
acc${s} = ${combine(`acc${s}`, "e")};`,
        stays ? outputs : [],
      ),
      printTree({ ...treeOf(threads), acc: `acc${s}`, combine }, lanes),
      end?.definitions ?? "",
      `let value${s} = ${end === null ? `acc${s}` : end.result};`,
    );
  });
  if (result !== null) {
    const end = spell(result, leaves(steps.length, "kept"));
    const kept = (j: number) =>
      !keeps
        ? ""
        : each > 0
        ? `let kept = kept_${j};`
        : "let kept = load_out(p0);";
    lines.push(
      loop(
        (j) =>
          `${kept(j)}
${end.definitions}
store_out(p0, ${end.result});`,
        outputs,
      ),
    );
  }
  // Nobody of the row reads any more what changes.
  if (changes.length > 0) lines.push("storageBarrier();");
  if (totals.length + changes.length > 0) {
    lines.push("if (share == 0 && inside) {");
    const all = leaves(steps.length, "");
    totals.forEach((expr, k) => {
      const end = spell(expr, all);
      lines.push(
        `{ ${end.definitions}
store_total${k}(${word(totalsAt + k)} + row, ${end.result}); }`,
      );
    });
    changes.forEach(({ to }, j) => {
      const end = spell(to, all);
      lines.push(
        `var changed${j}: f32; { ${end.definitions}
changed${j} = ${end.result}; }`,
      );
    });
    changes.forEach(({ input }, j) =>
      lines.push(`store_x${input}(at${input + shift}, changed${j});`)
    );
    lines.push("}");
  }
  return lines.join("\n");
}
