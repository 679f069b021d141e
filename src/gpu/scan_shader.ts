// Running reductions along the last dimension. A workgroup walks a piece of a
// row, block by block; rows of many pieces are reduced by piece first, and what
// came before a piece is where its scan begins.

import type { ReduceKernel, Strided } from "../tensor/device.ts";
import { type DTypeInfo, FLOAT32, INT32 } from "../tensor/dtype.ts";
import { CALL, KIND } from "./call.ts";
import { convertKind, elementOf } from "./element.ts";
import { putPieces, ROW } from "./piece_walk.ts";
import type { Engine, Operand } from "./program.ts";
import {
  partsOf,
  PIECES,
  reduceOnce,
  type Temporary,
} from "./reduce_shader.ts";
import { separated } from "./reduce_step.ts";

/** Threads of a workgroup, and elements of a block. */
const THREADS = 256;
/** Elements of a piece. */
const PIECE = 4096;

/** Running reduction along the last dimension; `out` is dense and shaped like `x`. */
export function runScan(
  engine: Engine,
  temporary: Temporary,
  asked: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
): void {
  if (out.count === 0) return;
  const kernel = separated(asked);
  const n = x.shape.at(-1) ?? 1;
  const pieces = Math.ceil(n / PIECE);
  if (pieces === 1) {
    scanPieces(engine, kernel, compute, out, x, 1, null);
    return;
  }
  const rows = out.count / n;
  const kept = elementOf(compute).kind === "f32" ? FLOAT32 : INT32;
  const totals = temporary(kept, [rows, pieces]);
  reduceOnce(engine, PIECES, kernel, compute, totals, x, 1, {
    pieces,
    length: Math.ceil(n / pieces),
    count: n,
  });
  const carries = temporary(kept, [rows, pieces]);
  const rest = {
    ...kernel,
    id: kernel.id < 0 ? kernel.id : -2 - kernel.id,
    prologue: null,
  };
  runScan(engine, temporary, rest, compute, carries, totals);
  scanPieces(engine, kernel, compute, out, x, pieces, carries);
}

function scanPieces(
  engine: Engine,
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  pieces: number,
  carries: Strided | null,
): void {
  const n = x.shape.at(-1) ?? 1;
  const walk = putPieces(x, out, carries, out.count / n, pieces, n);
  const { programs } = engine;
  CALL.begin(walk.words);
  const added = CALL.add(out) && CALL.add(x) &&
    (carries === null || CALL.add(carries));
  CALL.name(added, KIND.scan, kernel.id, walk.rank * 16 + compute.code);
  if (programs.runNamed(walk.pieces)) return;
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
  ];
  if (carries !== null) {
    operands.push({ name: "carry", x: carries, write: false });
  }
  const made = programs.launch(
    `s${kernel.id} ${compute.code} ${walk.rank} ${carries === null}`,
    operands,
    () => {
      const { kind, start, declarations } = partsOf(kernel, compute);
      const own = elementOf(x.info).kind;
      const value = `prepare(${
        convertKind(own, kind, `load_x(base + k * ${ROW.step})`)
      })`;
      const result = convertKind(kind, elementOf(out.info).kind, "acc");
      return {
        threads: [THREADS, 1, 1],
        declarations: `${declarations}
var<workgroup> shared_acc: array<${kind}, ${THREADS}>;`,
        body: `${walk.print()}
var carry: ${kind} = ${start};
${
          carries === null
            ? ""
            : `if (piece > 0) { carry = load_carry(${ROW.beside} + task - 1); }`
        }
for (var block = begin; block < end; block += ${THREADS}) {
  let k = block + i32(lane);
  var acc: ${kind} = ${start};
  if (k < end) { acc = ${value}; }
  if (lane == 0u) { acc = combine(carry, acc); }
  shared_acc[lane] = acc;
  workgroupBarrier();
  for (var width = 1u; width < ${THREADS}u; width = width << 1u) {
    if (lane >= width) { acc = combine(shared_acc[lane - width], acc); }
    workgroupBarrier();
    shared_acc[lane] = acc;
    workgroupBarrier();
  }
  if (k < end) { store_out(${ROW.out} + row * ${ROW.length} + k, ${result}); }
  carry = shared_acc[${THREADS - 1}];
  workgroupBarrier();
}`,
      };
    },
    walk.words,
    walk.pieces,
  );
  programs.keepNamed(made);
}
