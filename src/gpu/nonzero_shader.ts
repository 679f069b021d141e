// Positions of elements that are not zero: counted by a running sum, which says
// where each of them goes.

import type {
  MapKernel,
  ReduceKernel,
  Storage,
  Strided,
} from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { call, input } from "../tensor/expr.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { runMap } from "./map_shader.ts";
import { type Engine, word, WORDS } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";
import { runScan } from "./scan_shader.ts";

const THREADS = 128;
/** Numbers that no ops have. */
const FLAG: MapKernel = { id: -3, arity: 1, body: call("ne", input(0), 0) };
const COUNT: ReduceKernel = {
  id: -1_000_000,
  start: 0,
  step: call("add", input(0), input(1)),
  prologue: null,
  finish: null,
};

/** See `Device.nonzero`. */
export function findNonzero(
  engine: Engine,
  temporary: Temporary,
  x: Strided,
): Storage {
  const { device } = x.storage;
  const n = x.count;
  if (n === 0) return device.allocate(INT32, 0);
  const flags = temporary(INT32, x.shape);
  runMap(engine, FLAG, x.info, flags, x, null, null, []);
  const flat = { ...flags, shape: [n], strides: contiguousStrides([n]) };
  const counts = temporary(INT32, [n]);
  runScan(engine, temporary, COUNT, INT32, counts, flat);
  const total = Number(device.readOne({ ...counts, offset: n - 1, count: 1 }));
  const out = temporary(INT32, [total]);
  WORDS[0] = n;
  engine.programs.launch(
    "compact",
    [
      { name: "out", x: out, write: true },
      { name: "flags", x: flags, write: false },
      { name: "counts", x: counts, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
if (load_flags(i) != 0) { store_out(load_counts(i) - 1, i); }`,
    }),
    1,
    Math.ceil(n / THREADS),
  );
  return out.storage;
}
