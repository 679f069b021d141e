// Fused computations on rows as JavaScript loops. Steps give numbers in
// float64; what is computed for an element rounds as elements do.

import type { RowKernel, Strided, TypedArray } from "../tensor/device.ts";
import { type Expr, print } from "../tensor/expr.ts";
import { forEachOuter, mergeDims } from "./geometry.ts";
import {
  compileSource,
  hoistParams,
  type Kind,
  kindOf,
  spelling,
} from "./spelling.ts";
import { runCopy } from "./map_loop.ts";
import { allocate, type CpuStorage } from "./storage.ts";

/**
 * Does `m` rows of `n` elements. `arrays`, `at`, `rows` and `steps` hold memory,
 * start, distance of rows and of elements of each operand, the output first;
 * totals go to position `row` and on.
 */
type RowLoop = (
  m: number,
  n: number,
  p: readonly number[],
  arrays: readonly TypedArray[],
  at: readonly number[],
  rows: readonly number[],
  steps: readonly number[],
  totals: readonly TypedArray[],
  totalsAt: readonly number[],
  row: number,
) => void;

/** Keyed by kernel, then 1 for float64. */
const LOOPS: RowLoop[][] = [];

function assign(
  target: string,
  expr: Expr,
  kind: Kind,
  names: readonly string[],
): string {
  const { definitions, result } = print(expr, spelling(kind, names));
  return `${definitions.join("")}${target}=${result};`;
}

function compile(kernel: RowKernel, kind: Kind): RowLoop {
  const { arity, steps, result, totals, single, changes } = kernel;
  const all = (name: string, count: number) =>
    Array.from({ length: count }, (_, k) => `${name}${k}`);
  const elements = all("X", arity);
  const wide = all("W", steps.length);
  // In the arithmetic of elements, the numbers of a row are rounded.
  const names = [...elements, ...all("V", steps.length), "K", "i"];
  const wideNames = [...elements, ...wide, "F"];
  const begin = all("i", arity + 1).map((i, k) => `${i}=s${k}`).join();
  const loads = elements.map((x, k) => `const ${x}=a${k + 1}[i${k + 1}];`);
  const next = all("i", arity + 1).map((i, k) => `${i}+=d${k}`).join();
  const loop = (body: string) =>
    `for(let i=0,${begin};i<n;i++,${next}){${loads.join("")}${body}}`;
  const round = (value: string) =>
    kind === "f32" ? `Math.fround(${value})` : value;
  const passes = steps.map(({ fold, of, finish, kept }, k) =>
    `let F=${fold === "sum" ? "0" : "-Infinity"};${
      loop(
        `${assign("const E", of, kind, names)}${kept ? "a0[i0]=E;" : ""}F=${
          fold === "sum" ? "F+E" : "Math.max(F,E)"
        };`,
      )
    }{${
      finish === null ? "W=F;" : assign("W", finish, "f64", wideNames)
    }}W${k}=W;V${k}=${round(`W${k}`)};`
  );
  const last = result === null ? "" : loop(
    `${steps.some((step) => step.kept) ? "const K=a0[i0];" : ""}{${
      assign("a0[i0]", result, kind, names)
    }}`,
  );
  const ends = totals.map((expr, j) =>
    `{${assign(`t${j}[b${j}+row]`, expr, "f64", wideNames)}}`
  );
  const changed = changes.map(({ to }, j) =>
    assign(`const C${j}`, to, "f64", wideNames)
  );
  const stores = changes.map(({ input }, j) =>
    `a${input + 1}[s${input + 1}]=C${j};`
  );
  const alone = single.map((k) => `const X${k}=a${k + 1}[s${k + 1}];`);
  const text = [
    ...passes.map((pass) => `{${pass}}`),
    last,
    `{${[...alone, ...ends, ...changed, ...stores].join("")}}`,
  ].join("");
  const variables = [
    ...all("a", arity + 1).map((a, k) =>
      `const ${a}=arrays[${k}],d${k}=steps[${k}];let s${k}=at[${k}];`
    ),
    ...totals.map((_, j) => `const t${j}=totals[${j}],b${j}=totalsAt[${j}];`),
    `let W=0;`,
    ...steps.map((_, k) => `let W${k}=0,V${k}=0;`),
  ];
  const advance = all("s", arity + 1).map((s, k) => `${s}+=rows[${k}];`);
  return compileSource(
    `(m,n,p,arrays,at,rows,steps,totals,totalsAt,row)=>{${
      hoistParams("f64", text)
    }${variables.join("")}for(let r=0;r<m;r++){${text}${
      advance.join("")
    }row++;}}`,
  );
}

function denseSteps({ shape }: Strided): number[] {
  const out = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    out[d] = step;
    step *= shape[d]!;
  }
  return out;
}

/** The last `rank` dimensions as one: the same memory where they lie so, else a dense copy. */
function flattened(x: Strided, rank: number): Strided {
  const { shape, strides, info, count } = x;
  const keep = shape.length - rank;
  const walk = mergeDims(shape.slice(keep), [strides.slice(keep)]);
  const size = shape.slice(keep).reduce((n, length) => n * length, 1);
  const outer = shape.slice(0, keep);
  // The shape merges to one dimension, before which there is a 1.
  if (walk.shape.length === 2 && walk.shape[0] === 1) {
    const steps = [...strides.slice(0, keep), walk.strides[0]![1]!];
    return { ...x, shape: [...outer, size], strides: steps };
  }
  const storage = allocate(x.storage.device, info, count);
  const out = { storage, info, count, offset: 0, dense: true };
  runCopy({ ...out, shape, strides: denseSteps(x) }, x);
  const flat = [...outer, size];
  return { ...out, shape: flat, strides: denseSteps({ ...x, shape: flat }) };
}

/** See `Device.rows`. */
export function runRows(
  kernel: RowKernel,
  out: Strided | null,
  totals: readonly Strided[],
  inputs: readonly Strided[],
  params: readonly number[],
  rowRank: number,
): void {
  const first = inputs[0]!;
  if (first.count === 0 && totals.every((x) => x.count === 0)) return;
  if (rowRank > 1) {
    const flat = inputs.map((x) => flattened(x, rowRank));
    const kept = out === null ? null : flattened(out, rowRank);
    runRows(kernel, kept, totals, flat, params, 1);
    if (out !== null && kept!.storage !== out.storage) {
      runCopy(out, { ...kept!, shape: out.shape, strides: denseSteps(out) });
    }
    return;
  }
  const kind = kindOf(first.info);
  const code = (LOOPS[kernel.id] ??= [])[kind === "f64" ? 1 : 0] ??= compile(
    kernel,
    kind,
  );
  const operands = [out ?? first, ...inputs];
  const rank = first.shape.length;
  const n = rank === 0 ? 1 : first.shape[rank - 1]!;
  const arrays: TypedArray[] = [];
  const at: number[] = [];
  const steps: number[] = [];
  for (let k = 0; k < operands.length; k++) {
    const { storage, offset, strides } = operands[k]!;
    const own = storage as CpuStorage;
    arrays.push(own.data);
    at.push(own.base + offset);
    steps.push(rank === 0 ? 0 : strides[rank - 1]!);
  }
  const places = totals.map(({ storage }) => (storage as CpuStorage).data);
  const placesAt = totals.map(({ storage, offset }) =>
    (storage as CpuStorage).base + offset
  );
  if (rank <= 2) {
    const m = rank === 2 ? first.shape[0]! : 1;
    const rows = operands.map(({ strides }) => rank === 2 ? strides[0]! : 0);
    code(m, n, params, arrays, at, rows, steps, places, placesAt, 0);
    return;
  }
  const walk = mergeDims(
    first.shape.slice(0, -1),
    operands.map(({ strides }) => strides.slice(0, -1)),
  );
  const d = walk.shape.length - 1;
  const m = walk.shape[d]!;
  const rows = walk.strides.map((s) => s[d]!);
  let row = 0;
  forEachOuter(walk, at, 1, (starts) => {
    code(m, n, params, arrays, starts, rows, steps, places, placesAt, row);
    row += m;
  });
}
