// Adds up the pieces of long sums, in order.

import type { ReduceKernel, Strided } from "../tensor/device.ts";
import { call, input } from "../tensor/expr.ts";
import type { Engine } from "./program.ts";
import { runReduce, type Temporary } from "./reduce_shader.ts";

/** Its number is none that ops have. */
const SUM: ReduceKernel = {
  id: -1,
  start: 0,
  step: call("add", input(0), input(1)),
  prologue: null,
  finish: null,
};

/** Sums along the last dimension of `parts`, which are of the type that sums are kept in. */
export function sumPieces(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  parts: Strided,
): void {
  runReduce(engine, temporary, SUM, parts.info, out, parts, 1);
}
