// Kernels that change several operands in one pass: the steps of optimizers.

import type { Strided, UpdateKernel } from "../tensor/device.ts";
import { type Expr, printAll } from "../tensor/expr.ts";
import { broadcastStrides, mergeDims } from "../tensor/geometry.ts";
import { elementOf } from "./element.ts";
import {
  type Engine,
  FLOATS,
  type Source,
  word,
  wordF,
  WORDS,
  wordU,
} from "./program.ts";
import { spelling } from "./wgsl_spelling.ts";

const THREADS = 128;

/** Changes operands in place; see `Device.update`. */
export function runUpdate(
  engine: Engine,
  kernel: UpdateKernel,
  operands: readonly Strided[],
  params: readonly number[],
): void {
  const { count } = operands[0]!;
  if (count === 0) return;
  const { shape, strides } = mergeDims(
    operands[0]!.shape,
    operands.map((x) => broadcastStrides(x, operands[0]!.shape)),
  );
  // One dimension is the most frequent case; mergeDims gives two at least.
  const skip = shape.length === 2 && shape[0] === 1 ? 1 : 0;
  const rank = shape.length - skip;
  let n = 0;
  WORDS[n++] = count;
  for (const x of operands) WORDS[n++] = x.offset;
  for (let d = skip; d < shape.length; d++) WORDS[n++] = shape[d]!;
  for (const s of strides) {
    for (let d = skip; d < shape.length; d++) WORDS[n++] = s[d]!;
  }
  const paramsAt = n;
  for (const p of params) FLOATS[n++] = p;
  engine.programs.launch(
    `update ${kernel.id} ${rank}`,
    operands.map((x, k) => ({
      name: `a${k}`,
      x,
      write: kernel.bodies[k] !== null,
    })),
    () => printUpdate(kernel, operands, rank, paramsAt),
    n,
    Math.ceil(count / THREADS),
  );
}

function printUpdate(
  { bodies }: UpdateKernel,
  operands: readonly Strided[],
  rank: number,
  paramsAt: number,
): Source {
  const { kind } = elementOf(operands[0]!.info);
  const count = operands.length;
  const shapeAt = 1 + count;
  const lines = [
    `let i = i32(flat * ${THREADS}u + lane);`,
    `if (i >= ${word(0)}) { return; }`,
    "var rest = u32(i);",
  ];
  operands.forEach((_, k) => lines.push(`var at${k} = ${word(1 + k)};`));
  for (let d = rank - 1; d >= 0; d--) {
    const size = wordU(shapeAt + d);
    lines.push(
      d === 0
        ? "{ let c = i32(rest);"
        : `{ let c = i32(rest % ${size}); rest = rest / ${size};`,
    );
    operands.forEach((_, k) =>
      lines.push(`at${k} += c * ${word(shapeAt + rank * (1 + k) + d)};`)
    );
    lines.push("}");
  }
  operands.forEach((_, k) => lines.push(`let x${k} = load_a${k}(at${k});`));
  const changed = bodies.flatMap((body, k) => body === null ? [] : [k]);
  const { definitions, results } = printAll(
    bodies.filter((body): body is Expr => body !== null),
    spelling(
      kind,
      operands.map((_, k) => `x${k}`),
      (index) => wordF(paramsAt + index),
    ),
  );
  lines.push(...definitions);
  changed.forEach((k, j) => lines.push(`let r${k} = ${results[j]!};`));
  changed.forEach((k) => lines.push(`store_a${k}(at${k}, r${k});`));
  return { body: lines.join("\n"), threads: [THREADS, 1, 1] };
}
