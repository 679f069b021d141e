// The two paths of the CPU device: kernels in WebAssembly for whatever they
// serve, whatever its size, and loops in JavaScript only. The limits between
// them are set here and nowhere else in the conformance test; tests of one
// kernel set its own limit.

import { TUNING } from "../../src/cpu/tuning.ts";

type Limits = Partial<typeof TUNING>;

/** Computes with other limits, and puts back the usual ones. */
export function withLimits<T>(limits: Limits, compute: () => T): T {
  const usual = { ...TUNING };
  try {
    Object.assign(TUNING, limits);
    return compute();
  } finally {
    Object.assign(TUNING, usual);
  }
}

/** All limits from which on kernels serve; threads change nothing. */
function limits(value: number): Limits {
  const names = Object.keys(TUNING).filter((name) => name.endsWith("Least"));
  const out: Record<string, number> = {};
  for (const name of names) out[name] = value;
  // No BLAS: its products are its own.
  return { ...out, blasLeast: Infinity, threadLeast: 64 };
}

/** Computes by loops only. */
export function onLoops<T>(compute: () => T): T {
  return withLimits(limits(Infinity), compute);
}

/**
 * Computes by kernels from the first element on; usually even the tiniest tensor
 * lies in the shared memory, and a thread takes few items at a time.
 */
export function onKernels<T>(
  compute: () => T,
  { slabMost = 0, threadLeast = 64 }: Partial<typeof TUNING> = {},
): T {
  return withLimits({ ...limits(0), slabMost, threadLeast }, compute);
}

/** Computes on both paths that a limit separates: kernels from the first element on, then loops. */
export function onBoth<T>(
  limit: keyof typeof TUNING,
  compute: () => T,
  threadLeast: number = TUNING.threadLeast,
): [kernels: T, loops: T] {
  const from = (least: number) =>
    withLimits({ [limit]: least, threadLeast }, compute);
  return [from(1), from(Infinity)];
}

/** Around every width of a vector and of the unrolled loops: 16 bytes, 64 bytes, and more. */
export const SIZES: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 34],
  ...[63, 64, 65, 127, 129, 1003],
];

/** Sizes at which all ways to lie are tried. */
export const FEW_SIZES: readonly number[] = [1, 5, 17, 34];
