// Elementwise kernels: maps, copies and fills. Inputs may be broadcast, strided
// or numbers of the host; nothing is copied first.

import type { MapKernel, Strided } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { input } from "../tensor/expr.ts";
import { broadcastStrides } from "../tensor/geometry.ts";
import { elementOf, type Kind } from "./element.ts";
import { GpuStorage } from "./gpu_storage.ts";
import { runFlat } from "./map_flat.ts";
import { type MapInput, NAMES, printEach, THREADS } from "./map_text.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  type Source,
  word,
  WORDS,
} from "./program.ts";
import { merged, printIndex } from "./walk.ts";
import { refuseZeroDivisor } from "./zero_divisor.ts";

const NONE: readonly number[] = [];
/** The number itself, and the element itself: kernels that no op has. */
const FILL: MapKernel = { id: -1, arity: 1, body: input(0) };
const COPY: MapKernel = { id: -2, arity: 1, body: input(0) };

/** Computes a kernel for each element of `out`, in the arithmetic of `compute`. */
export function runMap(
  engine: Engine,
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): void {
  if (out.count === 0) return;
  if (runFlat(engine, kernel, compute, out, a, b, c, params)) return;
  const inputs = b === null ? [a] : c === null ? [a, b] : [a, b, c];
  runStrided(engine, kernel, compute, out, inputs, params);
}

/** Sets every element. */
export function runFill(engine: Engine, out: Strided, number: Strided): void {
  runMap(engine, FILL, out.info, out, number, null, null, NONE);
}

/** Copies with conversion; `x` is broadcast to `out`. */
export function runCopy(engine: Engine, out: Strided, x: Strided): void {
  // Computed as it is stored there, then converted as it is stored here.
  runMap(engine, COPY, x.info, out, x, null, null, NONE);
}

function runStrided(
  engine: Engine,
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  inputs: readonly Strided[],
  params: readonly number[],
): void {
  const { kind } = elementOf(compute);
  const operands: Operand[] = [{ name: "out", x: out, write: true }];
  let n = 0;
  WORDS[n++] = out.count;
  const put = (value: number) => {
    if (kind === "f32") FLOATS[n++] = value;
    else WORDS[n++] = Math.trunc(value);
  };
  // Which inputs are numbers, and where those stand.
  let layout = "";
  const found: MapInput[] = inputs.map((x, k) => {
    const { info, storage } = x;
    if (storage instanceof GpuStorage) {
      operands.push({ name: NAMES[k]!, x, write: false });
      layout += info === compute ? "1" : "2";
      return { number: -1, info };
    }
    layout += "n";
    const value = Number(storage.device.readOne(x));
    if (kind === "i32" && value === 0) refuseZeroDivisor(kernel.body, k);
    put(value);
    return { number: n - 1, info };
  });
  const paramsAt = n;
  for (const p of params) put(p);
  const offsetsAt = n;
  for (const { x } of operands) WORDS[n++] = x.offset;
  const walk = merged(
    out.shape,
    operands.map(({ x }) => broadcastStrides(x, out.shape)),
  );
  const walkAt = n;
  n = walk.put(n);
  engine.programs.launch(
    `strided ${kernel.id} ${compute.code} ${layout} ${walk.rank}`,
    operands,
    () =>
      printStrided(kernel, kind, found, paramsAt, operands, offsetsAt, {
        rank: walk.rank,
        at: walkAt,
      }),
    n,
    Math.ceil(out.count / THREADS),
  );
}

function printStrided(
  kernel: MapKernel,
  kind: Kind,
  inputs: readonly MapInput[],
  paramsAt: number,
  operands: readonly Operand[],
  offsetsAt: number,
  walk: { readonly rank: number; readonly at: number },
): Source {
  const out = operands[0]!.x.info;
  const each = printEach(kind, kernel.body, out, inputs, paramsAt);
  const places = operands.map(({ name }) => `at_${name}`);
  return {
    declarations: each.declarations,
    threads: [THREADS, 1, 1],
    body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
${places.map((at, k) => `var ${at} = ${word(offsetsAt + k)};`).join("\n")}
${printIndex("i", walk.at, walk.rank, places)}
store_out(at_out, ${each.call((_, name) => `load_${name}(at_${name})`)});`,
  };
}
