// Fused computations on rows: a workgroup per row. Each step combines the
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
  engine.programs.launch(
    `rows ${kernel.id} ${outer.rank}`,
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
      ),
    }),
    w,
    rows,
  );
}

function printRows(
  kernel: RowKernel,
  names: readonly string[],
  totalCount: number,
  paramsAt: number,
  outerAt: number,
  outerRank: number,
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
  const loads = inputs.map((e, k) => {
    const at = names.indexOf(`x${k}`);
    return `let ${e} = load_x${k}(${place(at)});`;
  }).join("\n");
  const lines = [
    `let inside = i32(flat) < ${word(1)};`,
    "let row = select(0, i32(flat), inside);",
    `let end = select(0, ${word(0)}, inside);`,
    ...names.map((_, k) => `var at${k} = ${word(2 + k)};`),
    printIndex("row", outerAt, outerRank, names.map((_, k) => `at${k}`)),
  ];
  const loop = (body: string) =>
    `for (var k = i32(lane); k < end; k += ${THREADS}) {
${loads}
${body}
}`;
  steps.forEach(({ fold, of, finish, kept }, s) => {
    const element = spell(of, [...inputs, ...values]);
    const combine = (a: string, b: string) =>
      fold === "sum" ? `${a} + ${b}` : `maxFloat(${a}, ${b})`;
    const folded = [...inputs, ...values.slice(0, steps.length)];
    folded[arity + steps.length] = `folded${s}`;
    const end = finish === null ? null : spell(finish, folded);
    lines.push(
      `var acc${s} = ${fold === "sum" ? "0.0" : "(-infinity())"};`,
      loop(`${element.definitions}
let e = ${element.result};
${kept ? `store_out(${place(0)}, e);` : ""}
acc${s} = ${combine(`acc${s}`, "e")};`),
      `shared_acc[lane] = acc${s};
workgroupBarrier();
for (var width = ${THREADS / 2}u; width > 0u; width = width >> 1u) {
  if (lane < width) { shared_acc[lane] = ${
        combine("shared_acc[lane]", "shared_acc[lane + width]")
      }; }
  workgroupBarrier();
}
let folded${s} = shared_acc[0];
workgroupBarrier();
${end?.definitions ?? ""}
let value${s} = ${end === null ? `folded${s}` : end.result};`,
    );
  });
  if (result !== null) {
    const kept = steps.some((step) => step.kept);
    const end = spell(result, [...inputs, ...values, "kept"]);
    lines.push(
      loop(`${kept ? `let kept = load_out(${place(0)});` : ""}
${end.definitions}
store_out(${place(0)}, ${end.result});`),
    );
  }
  if (totalCount > 0) {
    lines.push("if (lane == 0u && inside) {");
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
