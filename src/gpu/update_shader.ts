// Kernels that change several operands in one pass: the steps of optimizers.

import type { Strided, UpdateKernel } from "../tensor/device.ts";
import { type Expr, printAll } from "../tensor/expr.ts";
import { CALL, KIND } from "./call.ts";
import { elementOf } from "./element.ts";
import {
  type Engine,
  FLOATS,
  type Source,
  word,
  wordF,
  WORDS,
} from "./program.ts";
import { printIndex, putMerged } from "./walk.ts";
import { spelling } from "./wgsl_spelling.ts";

const THREADS = 128;

/** Where the numbers of a kernel stand. */
interface Places {
  readonly params: number;
  /** Lengths of the dimensions, then the strides of each operand. */
  readonly dims: number;
  readonly rank: number;
}

/** Changes operands in place; see `Device.update`. */
export function runUpdate(
  engine: Engine,
  kernel: UpdateKernel,
  operands: readonly Strided[],
  params: readonly number[],
): void {
  const { count, shape } = operands[0]!;
  if (count === 0) return;
  let n = 0;
  WORDS[n++] = count;
  for (let k = 0; k < operands.length; k++) WORDS[n++] = operands[k]!.offset;
  const paramsAt = n;
  for (let k = 0; k < params.length; k++) FLOATS[n++] = params[k]!;
  const dims = n;
  const rank = putMerged(shape, 0, shape.length, operands, dims);
  n += rank * (1 + operands.length);
  const groups = Math.ceil(count / THREADS);
  const { programs } = engine;
  CALL.begin(n);
  let added = true;
  for (let k = 0; added && k < operands.length; k++) {
    added = CALL.add(operands[k]!);
  }
  CALL.name(added, KIND.update, kernel.id, rank << 5 | params.length);
  if (programs.runNamed(groups)) return;
  const made = programs.launch(
    `update ${kernel.id} ${rank}`,
    operands.map((x, k) => ({
      name: `a${k}`,
      x,
      write: kernel.bodies[k] !== null,
    })),
    () => printUpdate(kernel, operands, { params: paramsAt, dims, rank }),
    n,
    groups,
  );
  programs.keepNamed(made);
}

function printUpdate(
  { bodies }: UpdateKernel,
  operands: readonly Strided[],
  { params, dims, rank }: Places,
): Source {
  const { kind } = elementOf(operands[0]!.info);
  const places = operands.map((_, k) => `at${k}`);
  const lines = [
    `let i = i32(flat * ${THREADS}u + lane);`,
    `if (i >= ${word(0)}) { return; }`,
    ...places.map((at, k) => `var ${at} = ${word(1 + k)};`),
    printIndex("i", dims, rank, places),
  ];
  operands.forEach((_, k) => lines.push(`let x${k} = load_a${k}(at${k});`));
  const changed = bodies.flatMap((body, k) => body === null ? [] : [k]);
  const { definitions, results } = printAll(
    bodies.filter((body): body is Expr => body !== null),
    spelling(
      kind,
      operands.map((_, k) => `x${k}`),
      (index) => wordF(params + index),
    ),
  );
  lines.push(...definitions);
  changed.forEach((k, j) => lines.push(`let r${k} = ${results[j]!};`));
  changed.forEach((k) => lines.push(`store_a${k}(at${k}, r${k});`));
  return { body: lines.join("\n"), threads: [THREADS, 1, 1] };
}
