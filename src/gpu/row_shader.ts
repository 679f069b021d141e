// Fused computations on rows: as many threads per row as it has work for, and as
// many rows per workgroup as there is room for. A row that fits is read once and
// stays in registers; longer ones are read once per step. Each step combines the
// elements in a tree of workgroup memory; then every element gets its result.

import type { RowKernel, Strided } from "../tensor/device.ts";
import { type Expr, print } from "../tensor/expr.ts";
import { CALL, shorten } from "./call.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  type Pipeline,
  word,
  wordF,
  WORDS,
} from "./program.ts";
import { printIndex, putMerged } from "./walk.ts";
import { spelling } from "./wgsl_spelling.ts";

const THREADS = 256;
/** Elements of a row that a thread keeps in registers, at most. */
const MOST_KEPT = 16;

/** How rows are cut. */
interface Cut {
  /** Threads per row, a power of two. */
  readonly threads: number;
  /** Elements that each thread keeps; 0 where the row is read again for each step. */
  readonly each: number;
}

function cutOf(n: number): Cut {
  let threads = 1;
  while (threads < THREADS && threads * 4 < n) threads *= 2;
  const each = Math.ceil(n / threads);
  if (each > MOST_KEPT) return { threads, each: 0 };
  // Few texts: beyond four, fours.
  return { threads, each: each <= 4 ? each : Math.ceil(each / 4) * 4 };
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
): void {
  const { shape, info } = inputs[0]!;
  const rank = shape.length;
  const last = rank - 1;
  const n = rank === 0 ? 1 : shape[last]!;
  let rows = 1;
  for (let d = 0; d < last; d++) rows *= shape[d]!;
  if (rows === 0 || (n === 0 && totals.length === 0)) return;
  shorten(LONG, 0);
  if (out !== null) LONG.push(out);
  for (let k = 0; k < inputs.length; k++) LONG.push(inputs[k]!);
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = rows;
  for (let k = 0; k < LONG.length; k++) WORDS[w++] = LONG[k]!.offset;
  for (let k = 0; k < LONG.length; k++) {
    WORDS[w++] = rank === 0 ? 0 : LONG[k]!.strides[last]!;
  }
  for (let k = 0; k < totals.length; k++) WORDS[w++] = totals[k]!.offset;
  const paramsAt = w;
  for (let k = 0; k < params.length; k++) FLOATS[w++] = params[k]!;
  const outerAt = w;
  const outer = putMerged(shape, 0, last, LONG, outerAt);
  w += outer * (1 + LONG.length);
  const cut = cutOf(n);
  const groups = Math.ceil(rows / (THREADS / cut.threads));
  const { programs } = engine;
  CALL.begin(w);
  let known = rank < 16 && params.length < 4;
  for (let k = 0; known && k < LONG.length; k++) {
    known = LONG[k]!.info === info && CALL.add(LONG[k]!);
  }
  for (let k = 0; known && k < totals.length; k++) {
    known = totals[k]!.info === info && CALL.add(totals[k]!);
  }
  let table: Map<number, Pipeline> | undefined;
  let code = 0;
  if (known) {
    // 20 bits, of which `threads` and `each` take 14, and those of the operands.
    code = CALL.places * 2 ** 20 +
      ((((cut.threads << 5 | cut.each) << 4 | outer) << 2) | params.length);
    // The kernel says how many operands there are, their common type is apart.
    table = programs.rows[kernel.id * 16 + info.code] ??= new Map();
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
  const bound: Operand[] = LONG.map((x, k) => ({
    name: names[k]!,
    x,
    write: names[k] === "out",
  }));
  shorten(LONG, 0);
  totals.forEach((x, k) => bound.push({ name: `total${k}`, x, write: true }));
  const made = programs.launch(
    `rows ${kernel.id} ${outer} ${cut.threads} ${cut.each}`,
    bound,
    () => ({
      threads: [THREADS, 1, 1],
      declarations: `var<workgroup> shared_acc: array<f32, ${THREADS}>;`,
      body: printRows(
        kernel,
        names,
        totals.length,
        paramsAt,
        outerAt,
        outer,
        cut,
      ),
    }),
    w,
    groups,
  );
  if (made !== null) table?.set(code, made);
}

function printRows(
  kernel: RowKernel,
  names: readonly string[],
  totalCount: number,
  paramsAt: number,
  outerAt: number,
  outerRank: number,
  { threads, each }: Cut,
): string {
  const { arity, steps, result, totals } = kernel;
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
  const stride = (k: number) => word(2 + names.length + k);
  const place = (k: number) => `(at${k} + k * ${stride(k)})`;
  const load = (k: number) => `load_x${k}(${place(names.indexOf(`x${k}`))})`;
  const lines = [
    `let share = i32(lane) % ${threads};`,
    `let number = i32(flat) * ${THREADS / threads} + i32(lane) / ${threads};`,
    `let inside = number < ${word(1)};`,
    "let row = select(0, number, inside);",
    `let end = select(0, ${word(0)}, inside);`,
    ...names.map((_, k) => `var at${k} = ${word(2 + k)};`),
    printIndex("row", outerAt, outerRank, names.map((_, k) => `at${k}`)),
  ];
  /** Statements for each element of the thread; those of registers have a number. */
  const loop = (body: (j: number) => string) =>
    each === 0
      ? `for (var k = share; k < end; k += ${threads}) {
${inputs.map((e, k) => `let ${e} = ${load(k)};`).join("\n")}
${body(-1)}
}`
      : Array.from(
        { length: each },
        (_, j) =>
          `{ let k = share + ${j * threads};
if (k < end) {
${inputs.map((e) => `let ${e} = ${e}_${j};`).join("\n")}
${body(j)}
} }`,
      ).join("\n");
  const keeps = steps.some((step) => step.kept) && result !== null;
  for (let j = 0; j < each; j++) {
    if (keeps) lines.push(`var kept_${j} = 0.0;`);
    inputs.forEach((e, k) =>
      lines.push(
        `var ${e}_${j} = 0.0; { let k = share + ${
          j * threads
        }; if (k < end) { ${e}_${j} = ${load(k)}; } }`,
      )
    );
  }
  steps.forEach(({ fold, of, finish, kept }, s) => {
    const element = spell(of, [...inputs, ...values]);
    const combine = (a: string, b: string) =>
      fold === "sum" ? `${a} + ${b}` : `maxFloat(${a}, ${b})`;
    const folded = [...inputs, ...values.slice(0, steps.length)];
    folded[arity + steps.length] = `folded${s}`;
    const end = finish === null ? null : spell(finish, folded);
    const keep = (j: number) =>
      !kept
        ? ""
        : j >= 0 && keeps
        ? `kept_${j} = e;`
        : `store_out(${place(0)}, e);`;
    lines.push(
      `var acc${s} = ${fold === "sum" ? "0.0" : "(-infinity())"};`,
      loop((j) =>
        `${element.definitions}
let e = ${element.result};
${keep(j)}
acc${s} = ${combine(`acc${s}`, "e")};`
      ),
      printTree(threads, `acc${s}`, combine),
      `let folded${s} = ${
        threads === 1 ? `acc${s}` : "shared_acc[i32(lane) - share]"
      };`,
      threads === 1 ? "" : "workgroupBarrier();",
      end?.definitions ?? "",
      `let value${s} = ${end === null ? `folded${s}` : end.result};`,
    );
  });
  if (result !== null) {
    const end = spell(result, [...inputs, ...values, "kept"]);
    const kept = (j: number) =>
      !keeps
        ? ""
        : j >= 0
        ? `let kept = kept_${j};`
        : `let kept = load_out(${place(0)});`;
    lines.push(
      loop((j) =>
        `${kept(j)}
${end.definitions}
store_out(${place(0)}, ${end.result});`
      ),
    );
  }
  if (totalCount > 0) {
    lines.push("if (share == 0 && inside) {");
    totals.forEach((expr, k) => {
      const end = spell(expr, [...inputs, ...values]);
      lines.push(
        `{ ${end.definitions}
store_total${k}(${word(2 + 2 * names.length + k)} + row, ${end.result}); }`,
      );
    });
    lines.push("}");
  }
  return lines.join("\n");
}

/** Combines a number of each thread of a row; the first of them has the result. */
function printTree(
  threads: number,
  acc: string,
  combine: (a: string, b: string) => string,
): string {
  if (threads === 1) return "";
  return `shared_acc[lane] = ${acc};
workgroupBarrier();
for (var width = ${threads / 2}; width > 0; width = width / 2) {
  if (share < width) { shared_acc[lane] = ${
    combine("shared_acc[lane]", "shared_acc[i32(lane) + width]")
  }; }
  workgroupBarrier();
}`;
}
