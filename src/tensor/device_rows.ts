// What a fused computation on rows is made of: expressions of elements, and of
// numbers that a row has once. Types only; see device.ts for what devices do.

import type { Expr } from "./expr.ts";

/** One pass over a row: a number of all its elements. */
export interface RowStep {
  /** How elements are combined; floats are added in float64. */
  readonly fold: "sum" | "max";
  /** What is combined: inputs are the elements, then the values of the steps before. */
  readonly of: Expr;
  /** Makes the step's value, in float64, of what came out, which is the input after those of all steps; null leaves it. */
  readonly finish: Expr | null;
  /** Whether what is combined stays in `out`, from where the result reads it. At most one step does. */
  readonly kept: boolean;
}

/** A number that every row has once, and changes. */
export interface RowChange {
  /** Which input; it is one of {@linkcode RowKernel.single}. */
  readonly input: number;
  /** What it becomes when all else is done, computed as totals are. */
  readonly to: Expr;
}

/** A fused computation on rows: a few steps, then an expression for every element. */
export interface RowKernel {
  /** Dense number of the kernel, for tables of compiled code. */
  readonly id: number;
  /** Number of inputs. */
  readonly arity: number;
  /**
   * The steps, in order; the value of step `k` is input `arity + k` of what
   * follows. Input `arity + steps.length + 1` of steps and of the result is the
   * position in the row.
   */
  readonly steps: readonly RowStep[];
  /** The result for each element; input `arity + steps.length` is what a step kept. Null where there is none. */
  readonly result: Expr | null;
  /** Results for each row, computed in float64 of the values of the steps and of inputs that are single. */
  readonly totals: readonly Expr[];
  /** Inputs of which a row repeats one element; there may be more that are not listed. */
  readonly single: readonly number[];
  /** Which of those change. */
  readonly changes: readonly RowChange[];
}
