// Adding integers up at few places, as counting does: each workgroup adds what
// it finds to places of its own, and those of all are summed in order. Sums of
// integers are the same in every order.

import type { Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { sumPieces } from "./piece_sum.ts";
import { type Engine, word, WORDS } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";

const THREADS = 256;
/** Places that a workgroup has memory for. */
const MOST_PLACES = 2048;
/** Positions that a workgroup looks at, at least. */
const PIECE = 4096;
/** Workgroups, at most. */
const MOST_PIECES = 256;

/** Whether a vector of integers is short enough to be added up so. */
export function isHistogram(out: Strided): boolean {
  return out.info === INT32 && out.shape.length === 1 && out.dense &&
    out.count <= MOST_PLACES;
}

/** Adds `src` to the places of `out` that a vector of positions names. */
export function runHistogram(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  index: Strided,
  src: Strided,
): void {
  const n = index.count;
  const pieces = Math.min(MOST_PIECES, Math.ceil(n / PIECE));
  const parts = temporary(INT32, [out.count, pieces]);
  WORDS[0] = n;
  WORDS[1] = Math.ceil(n / pieces);
  WORDS[2] = pieces;
  WORDS[3] = out.count;
  WORDS[4] = out.offset;
  WORDS[5] = index.offset;
  WORDS[6] = index.strides[0]!;
  WORDS[7] = src.offset;
  WORDS[8] = src.strides[0]!;
  engine.programs.launch(
    "histogram",
    [
      { name: "parts", x: parts, write: true },
      { name: "out", x: out, write: false },
      { name: "index", x: index, write: false },
      { name: "src", x: src, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      declarations: `var<workgroup> sums: array<atomic<i32>, ${MOST_PLACES}>;`,
      // What was there before counts once.
      body: `let piece = i32(flat);
for (var k = i32(lane); k < ${word(3)}; k += ${THREADS}) {
  var before = 0;
  if (piece == 0) { before = load_out(${word(4)} + k); }
  atomicStore(&sums[k], before);
}
workgroupBarrier();
let end = min(${word(0)}, (piece + 1) * ${word(1)});
for (var k = piece * ${word(1)} + i32(lane); k < end; k += ${THREADS}) {
  let place = load_index(${word(5)} + k * ${word(6)});
  atomicAdd(&sums[place], load_src(${word(7)} + k * ${word(8)}));
}
workgroupBarrier();
if (piece < ${word(2)}) {
  for (var k = i32(lane); k < ${word(3)}; k += ${THREADS}) {
    store_parts(k * ${word(2)} + piece, atomicLoad(&sums[k]));
  }
}`,
    }),
    9,
    pieces,
  );
  sumPieces(engine, temporary, out, parts);
}
