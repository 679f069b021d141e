// Says which op ran where and why: collects what the devices' witnesses tell of
// one function and shows it as a table. It decides nothing.

import type { DType } from "./dtype.ts";
import { showByToString } from "./inspect.ts";
import { OPS } from "./op.ts";
import { ROW_NAMES } from "./row_op.ts";
import { SLOPES } from "./slope_op.ts";
import { type Account, WITNESSES } from "./witness.ts";

/** Calls of one op on operands of the same shapes that went the same way. */
export interface ExplainedCalls {
  /** The op, where devices know it by a kernel of its own; else what the device was asked for. */
  readonly op: string;
  /** Shape of the result, then of the operands. */
  readonly shapes: readonly (readonly number[])[];
  /** Element type of the result. */
  readonly dtype: DType;
  /** How often. */
  readonly calls: number;
  /** The device that computed: `"cpu"` or `"webgpu"`. */
  readonly device: string;
  /** What of the device: `"BLAS"`, `"WebAssembly"` or `"JavaScript"`, or the kernels of a GPU. */
  readonly path: string;
  /** Why not something faster; with an accelerator, what it estimated. */
  readonly why: string;
  /** Milliseconds on the host altogether; a GPU goes on computing after its calls returned. */
  readonly time: number;
}

/** What {@linkcode explain} returns. Printing it shows a table. */
export class Explanation<T> {
  /** What the function returned. */
  readonly result: T;
  /** What ran, in order of first use. */
  readonly rows: readonly ExplainedCalls[];

  /** Wraps what was found out. */
  constructor(result: T, rows: readonly ExplainedCalls[]) {
    this.result = result;
    this.rows = rows;
  }

  /** The rows as a table. */
  toString(): string {
    const table = [
      ["op", "shapes", "type", "calls", "ms", "where", "why"],
      ...this.rows.map((row) => [
        row.op,
        showShapes(row.shapes),
        row.dtype,
        String(row.calls),
        row.time.toFixed(2),
        `${row.device}: ${row.path}`,
        row.why,
      ]),
    ];
    const widths = table[0]!.map((_, k) =>
      Math.max(...table.map((cells) => cells[k]!.length))
    );
    return table.map((cells) =>
      cells.map((text, k) =>
        k === 3 || k === 4 ? text.padStart(widths[k]!) : text.padEnd(widths[k]!)
      ).join("  ").trimEnd()
    ).join("\n");
  }
}

showByToString(Explanation.prototype);

/** `[2, 3] of [2, 4], [4, 3]`: the result's shape first. */
export function showShapes(shapes: readonly (readonly number[])[]): string {
  const [out, ...rest] = shapes.map((shape) => `[${shape.join(", ")}]`);
  return rest.length === 0 ? out! : `${out} of ${rest.join(", ")}`;
}

/** The names of ops by their kernels. */
export function namesOfKernels(): Map<object, string> {
  const names = new Map<object, string>(ROW_NAMES);
  for (const op of OPS) {
    if ("kernel" in op && typeof op.kernel === "object" && op.kernel !== null) {
      names.set(op.kernel, op.name);
    }
  }
  for (const { kernel, name } of SLOPES) names.set(kernel, name);
  return names;
}

/**
 * Runs a function and tells which op ran where and why: on the CPU by a BLAS, a
 * kernel in WebAssembly or a loop in JavaScript, on a GPU by which kernels, and
 * what an accelerator estimated (see `accelerate`). Print what it returns, or
 * look at its `rows`; the function's own result is `result`. What is not
 * explained costs nothing.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([64, 64]);
 * const { rows, result } = dg.explain(() => x.matmul(x).exp());
 * assertEquals(rows.map(({ op }) => op), ["matmul", "exp"]);
 * assertEquals(rows.every(({ device }) => device === "cpu"), true);
 * assertEquals(result.shape, [64, 64]);
 * ```
 */
export function explain<T>(run: () => T): Explanation<T> {
  const names = namesOfKernels();
  const rows = new Map<string, ExplainedCalls>();
  const tell = (account: Account) => {
    const { method, kernel, shapes, dtype, device, path, why, time } = account;
    // A number that becomes an operand is no work.
    if (method === "fill" && shapes[0]!.length === 0) return;
    const op = (kernel === null ? undefined : names.get(kernel)) ?? method;
    const key = JSON.stringify([op, shapes, dtype, device, path, why]);
    const known = rows.get(key);
    const calls = 1 + (known?.calls ?? 0);
    const sum = time + (known?.time ?? 0);
    rows.set(key, { op, shapes, dtype, calls, device, path, why, time: sum });
  };
  const stops = Array.from(WITNESSES, (witness) => witness(tell));
  try {
    return new Explanation(run(), [...rows.values()]);
  } finally {
    for (const stop of stops.reverse()) stop();
  }
}
