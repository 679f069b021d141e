// Counts what ran, so that witness.ts can tell after a call which path it took.

/** How often each engine was called. */
export const TALLY: {
  /** Kernels in WebAssembly. */
  kernels: number;
  /** Products of a BLAS. */
  blas: number;
  /** Calls that the accelerator took. */
  accelerated: number;
} = { kernels: 0, blas: 0, accelerated: 0 };
