// Elementwise kernels: maps, copies and fills. Inputs may be broadcast, strided
// or numbers of the host; nothing is copied first.

import type { Strided } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { type Expr, input, isCondition, print } from "../tensor/expr.ts";
import { broadcastStrides, mergeDims } from "../tensor/geometry.ts";
import { convertKind, elementOf, type Kind, storeFrom } from "./element.ts";
import { GpuStorage } from "./gpu_storage.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  type Source,
  word,
  wordF,
  WORDS,
  wordU,
} from "./program.ts";
import { spelling } from "./wgsl_spelling.ts";
import { refuseZeroDivisor } from "./zero_divisor.ts";

const THREADS = 128;
const NAMES = ["a", "b", "c"];
const IDENTITY: Expr = input(0);

/** What a kernel gets for an input: elements, or a number of the host. */
type Source1 = Strided | number;

/** A 0-d tensor of the host stands for its number. */
function sourceOf(x: Strided): Source1 {
  if (x.storage instanceof GpuStorage) return x;
  return Number(x.storage.device.readOne(x));
}

/** Computes `body` for each element of `out`, in the arithmetic of `compute`. */
export function runMap(
  engine: Engine,
  key: string,
  body: Expr,
  compute: DTypeInfo,
  out: Strided,
  inputs: readonly Strided[],
  params: readonly number[],
): void {
  if (out.count === 0) return;
  const { kind } = elementOf(compute);
  const sources = inputs.map(sourceOf);
  if (kind === "i32") {
    sources.forEach((x, index) => {
      if (x === 0) refuseZeroDivisor(body, index);
    });
  }
  const tensors = sources.filter((x): x is Strided => typeof x === "object");
  const { shape, strides } = mergeDims(
    out.shape,
    [out, ...tensors].map((x) => broadcastStrides(x, out.shape)),
  );
  // One dimension is the most frequent case; mergeDims gives two at least.
  const rank = shape.length === 2 && shape[0] === 1 ? 1 : shape.length;
  const skip = shape.length - rank;
  const dense = rank === 1 &&
    strides.every((s, k) => s[skip] === 1 || (k > 0 && s[skip] === 0));
  const wide = dense && isWide(out, tensors, strides, skip);
  let n = 0;
  WORDS[n++] = out.count;
  [out, ...tensors].forEach((x) => WORDS[n++] = x.offset);
  if (!dense) {
    for (let d = skip; d < shape.length; d++) WORDS[n++] = shape[d]!;
    for (const s of strides) {
      for (let d = skip; d < shape.length; d++) WORDS[n++] = s[d]!;
    }
  }
  const numbersAt = n;
  for (const x of sources) if (typeof x === "number") putNumber(kind, n++, x);
  for (const p of params) putNumber(kind, n++, p);
  // Which inputs are numbers, and which repeat one element.
  let layout = dense ? (wide ? "v" : "d") : `s${rank}`;
  let k = 0;
  for (const x of sources) {
    if (typeof x === "number") layout += "n";
    else layout += dense && strides[++k]![skip] === 0 ? "0" : "1";
  }
  const plan: Plan = {
    kind,
    body,
    out,
    layout,
    rank,
    numbersAt,
    inputs: sources,
  };
  const operands: Operand[] = [{ name: "out", x: out, write: true, wide }];
  sources.forEach((x, i) => {
    if (typeof x === "number") return;
    const repeats = layout[layout.length - sources.length + i] === "0";
    operands.push({
      name: NAMES[i]!,
      x,
      write: false,
      wide: wide && !repeats,
    });
  });
  const perThread = wide ? 4 : 1;
  const items = Math.ceil(out.count / perThread);
  engine.programs.launch(
    `map ${key} ${kind} ${layout}`,
    operands,
    () => printMap(plan),
    n,
    Math.ceil(items / THREADS),
  );
}

function putNumber(kind: Kind, at: number, value: number): void {
  if (kind === "f32") FLOATS[at] = value;
  else WORDS[at] = Math.trunc(value);
}

/** Whether all operands can be walked four elements at a time. */
function isWide(
  out: Strided,
  tensors: readonly Strided[],
  strides: readonly (readonly number[])[],
  skip: number,
): boolean {
  // The last vector may go beyond what is counted, but not beyond the storage.
  if (out.count % 4 !== 0 && out.offset + out.count !== out.storage.length) {
    return false;
  }
  const all = [out, ...tensors];
  return all.every((x, k) => {
    const { memory } = x.storage as GpuStorage;
    if (
      memory.arena || memory.segments.length > 1 ||
      elementOf(x.info).bytes !== 4
    ) {
      return false;
    }
    if (strides[k]![skip] === 1) return x.offset % 4 === 0;
    // An element that repeats is read alone, from a binding of its own.
    return all.every((y, j) =>
      j === k || (y.storage as GpuStorage).memory !== memory
    );
  });
}

/** What the text of a kernel depends on. */
interface Plan {
  readonly kind: Kind;
  readonly body: Expr;
  readonly out: Strided;
  readonly layout: string;
  readonly rank: number;
  readonly numbersAt: number;
  readonly inputs: readonly Source1[];
}

function printMap(plan: Plan): Source {
  const { kind, body, out, layout, inputs, numbersAt } = plan;
  const letters = layout.slice(layout.length - inputs.length);
  const number = kind === "f32" ? wordF : word;
  let numbers = numbersAt;
  const texts = inputs.map((x, i) =>
    typeof x === "number" ? number(numbers++) : `x${i}`
  );
  const paramsAt = numbers;
  const condition = isCondition(body);
  const printed = print(
    body,
    spelling(kind, texts, (index) => number(paramsAt + index)),
  );
  const args = inputs
    .map((x, i) => typeof x === "number" ? "" : `x${i}: ${kind}`)
    .filter((text) => text !== "");
  const resultKind = condition ? "i32" : elementOf(out.info).kind;
  const result = condition
    ? `select(0,1,${printed.result})`
    : out.info.category === 0
    ? storeFrom(out.info, kind, printed.result)
    : convertKind(kind, resultKind, printed.result);
  const declarations = `fn each(${args.join(", ")}) -> ${resultKind} {
${printed.definitions.join("\n")}
return ${result};
}`;
  const value = (load: (i: number, name: string, own: Kind) => string) =>
    `each(${
      inputs.map((x, i) => {
        if (typeof x === "number") return "";
        const own = elementOf(x.info).kind;
        return convertKind(own, kind, load(i, NAMES[i]!, own));
      }).filter((text) => text !== "").join(", ")
    })`;
  const start = `let i = i32(flat * ${THREADS}u + lane);`;
  const threads = [THREADS, 1, 1] as const;
  if (layout[0] === "s") {
    return { declarations, threads, body: printStrided(plan, start, value) };
  }
  const offset = offsetWords(inputs);
  if (layout[0] === "d") {
    const body = `${start}
if (i >= ${word(0)}) { return; }
store_out(${word(1)} + i, ${
      value((k, name) =>
        letters[k] === "0"
          ? `load_${name}(${word(offset[k]!)})`
          : `load_${name}(${word(offset[k]!)} + i)`
      )
    });`;
    return { declarations, threads, body };
  }
  const loads = inputs.map((x, k) => {
    if (typeof x === "number") return "";
    const name = NAMES[k]!;
    return letters[k] === "0"
      ? `let v${k} = vec4<${elementOf(x.info).kind}>(load_${name}(${
        word(offset[k]!)
      }));`
      : `let v${k} = load4_${name}(${word(offset[k]!)} / 4 + i);`;
  }).join("\n");
  const lanes = ["x", "y", "z", "w"].map((c) => value((k) => `v${k}.${c}`));
  return {
    declarations,
    threads,
    body: `${start}
if (i * 4 >= ${word(0)}) { return; }
${loads}
store4_out(${word(1)} / 4 + i, vec4<${resultKind}>(${lanes.join(",\n")}));`,
  };
}

/** Where the offset of each input stands among the numbers. */
function offsetWords(inputs: readonly Source1[]): number[] {
  let next = 2;
  return inputs.map((x) => typeof x === "number" ? -1 : next++);
}

function printStrided(
  plan: Plan,
  start: string,
  value: (load: (i: number, name: string) => string) => string,
): string {
  const { rank, inputs } = plan;
  const tensors = inputs.filter((x) => typeof x === "object").length;
  const shapeAt = 2 + tensors;
  const lines = [
    start,
    `if (i >= ${word(0)}) { return; }`,
    "var rest = u32(i);",
    `var at_out = ${word(1)};`,
  ];
  const offset = offsetWords(inputs);
  inputs.forEach((x, k) => {
    if (typeof x === "object") {
      lines.push(`var at_${NAMES[k]} = ${word(offset[k]!)};`);
    }
  });
  for (let d = rank - 1; d >= 0; d--) {
    const size = wordU(shapeAt + d);
    lines.push(
      d === 0
        ? "{ let c = i32(rest);"
        : `{ let c = i32(rest % ${size}); rest = rest / ${size};`,
    );
    let k = 1;
    lines.push(`at_out += c * ${word(shapeAt + rank + d)};`);
    inputs.forEach((x, i) => {
      if (typeof x === "number") return;
      lines.push(
        `at_${NAMES[i]} += c * ${word(shapeAt + rank + rank * k++ + d)};`,
      );
    });
    lines.push("}");
  }
  lines.push(
    `store_out(at_out, ${value((_, name) => `load_${name}(at_${name})`)});`,
  );
  return lines.join("\n");
}

/** Copies with conversion; `x` is broadcast to `out`. */
export function runCopy(engine: Engine, out: Strided, x: Strided): void {
  // Computed as it is stored there, then converted as it is stored here.
  runMap(engine, "copy", IDENTITY, x.info, out, [x], []);
}
