// Fused computations on rows: as many threads per row as it has work for, and as
// many rows per workgroup as there is room for. A row that fits is read once and
// stays in registers; longer ones are read once per step. Each step combines the
// elements in a tree of workgroup memory; then every element gets its result.

import type { RowKernel, Strided } from "../tensor/device.ts";
import { type Expr, print } from "../tensor/expr.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  word,
  wordF,
  WORDS,
} from "./program.ts";
import { merged, printIndex } from "./walk.ts";
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

/** See `Device.rows`. */
export function runRows(
  engine: Engine,
  kernel: RowKernel,
  out: Strided | null,
  totals: readonly Strided[],
  inputs: readonly Strided[],
  params: readonly number[],
): void {
  const first = inputs[0]!;
  const rank = first.shape.length;
  const n = rank === 0 ? 1 : first.shape[rank - 1]!;
  const rowShape = first.shape.slice(0, -1);
  const rows = rowShape.reduce((product, m) => product * m, 1);
  if (rows === 0 || (n === 0 && totals.length === 0)) return;
  const operands = out === null ? [...inputs] : [out, ...inputs];
  const outer = merged(
    rowShape,
    operands.map(({ strides }) => strides.slice(0, -1)),
  );
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = rows;
  for (const x of operands) WORDS[w++] = x.offset;
  for (const x of operands) {
    WORDS[w++] = rank === 0 ? 0 : x.strides[rank - 1]!;
  }
  for (const x of totals) WORDS[w++] = x.offset;
  const paramsAt = w;
  for (const p of params) FLOATS[w++] = p;
  const outerAt = w;
  w = outer.put(w);
  const names = operands.map((_, k) =>
    out === null ? `x${k}` : k === 0 ? "out" : `x${k - 1}`
  );
  const bound: Operand[] = operands.map((x, k) => ({
    name: names[k]!,
    x,
    write: names[k] === "out",
  }));
  totals.forEach((x, k) => bound.push({ name: `total${k}`, x, write: true }));
  const cut = cutOf(n);
  engine.programs.launch(
    `rows ${kernel.id} ${outer.rank} ${cut.threads} ${cut.each}`,
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
        outer.rank,
        cut,
      ),
    }),
    w,
    Math.ceil(rows / (THREADS / cut.threads)),
  );
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
