// The kernels of reductions, compiled once per signature.

import type { FunctionBuilder } from "./emitter.ts";
import { compileKernel, type WasmKernel } from "./kernel.ts";
import { columns } from "./reduce_columns.ts";
import type { FoldSignature } from "./reduce_pattern.ts";
import { rows } from "./reduce_rows.ts";

const ROWS = new Map<string, WasmKernel>();
const COLUMNS = new Map<string, WasmKernel>();

function cached(
  table: Map<string, WasmKernel>,
  s: FoldSignature,
  build: (s: FoldSignature) => FunctionBuilder,
): WasmKernel {
  const key = `${s.op} ${s.map} ${s.finish} ${s.from} ${s.to} ${s.narrow}`;
  let kernel = table.get(key);
  if (kernel === undefined) {
    table.set(key, kernel = compileKernel({ run: build(s) }));
  }
  return kernel;
}

/** The kernel along rows. */
export function rowKernel(s: FoldSignature): WasmKernel {
  return cached(ROWS, s, rows);
}

/** The kernel along columns. */
export function columnKernel(s: FoldSignature): WasmKernel {
  return cached(COLUMNS, s, columns);
}
