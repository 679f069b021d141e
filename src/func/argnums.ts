// Which arguments of a function a transform is about.

import { RuntimeError } from "../tensor/errors.ts";
import type { Argnums } from "./types.ts";
import { kindOf } from "./tree.ts";

/** Fails, when a transform is made rather than where it is used, unless it is of a function. */
export function checkFunction(fn: unknown, name: string): void {
  if (typeof fn === "function") return;
  throw new TypeError(
    `${name}(): argument 'fn' must be a function, not ${kindOf(fn)}`,
  );
}

/** The numbers of the arguments, from the start; throws PyTorch's sentences. */
export function resolveArgnums(argnums: Argnums, count: number): number[] {
  const list: readonly unknown[] = Array.isArray(argnums)
    ? argnums
    : [argnums as number];
  if (list.length === 0) throw new RuntimeError("argnums must be non-empty");
  const out = list.map((n) => resolve(n, count));
  if (new Set(out).size !== out.length) {
    throw new RuntimeError(
      `argnums elements must be unique, got [${list.join(", ")}]`,
    );
  }
  return out;
}

function resolve(n: unknown, count: number): number {
  if (typeof n !== "number" || !Number.isInteger(n)) {
    throw new RuntimeError(
      `argnums must be int or Tuple[int, ...], got: ${kindOf(n)}`,
      "argnums is an integer or an array of integers",
    );
  }
  if (n >= -count && n < count) return n < 0 ? n + count : n;
  throw new RuntimeError(
    `Got argnum=${n}, but only ${count} positional inputs`,
  );
}

/** What the numbers select: the argument itself for a single number, else an array. */
export function select(
  args: readonly unknown[],
  argnums: Argnums,
  numbers: readonly number[],
): unknown {
  return Array.isArray(argnums)
    ? numbers.map((n) => args[n])
    : args[numbers[0]!];
}
