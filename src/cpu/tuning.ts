// From which size on which engine serves: measured on the machine that
// bench/RESULTS.md names. The tests set them to send the same calls down
// every path.

/** Where the paths part. `Infinity` switches a path off. */
export const TUNING: {
  /** Elements of the longest tensor in a slab, where WebAssembly does not reach it. */
  slabMost: number;
  /** Elements of an elementwise op from which WebAssembly serves. */
  mapLeast: number;
  /** Elements of a reduction, scan or copy from which WebAssembly serves. */
  reduceLeast: number;
  /** Elements of a gather, scatter or search from which WebAssembly serves: faster from the first that leaves the slabs. */
  indexLeast: number;
  /** Elements of a sort from which WebAssembly serves: faster from the first that leaves the slabs. */
  sortLeast: number;
  /** Elements of narrow types from which it pays to convert them for a kernel of wide ones: level between 128 and 512. */
  stageLeast: number;
  /** Multiply-adds of a matrix product from which WebAssembly serves. */
  matmulLeast: number;
  /** Multiply-adds of a convolution from which WebAssembly serves. */
  convolveLeast: number;
  /** Multiply-adds of a matrix product from which a BLAS serves, where there is one. */
  blasLeast: number;
  /** Numbers of a batch of Fourier transforms from which WebAssembly serves. */
  fourierLeast: number;
  /** Most items that a thread takes at a time: bounds the grain of launches. */
  threadLeast: number;
} = {
  slabMost: 32,
  mapLeast: 33,
  reduceLeast: 33,
  indexLeast: 33,
  sortLeast: 33,
  stageLeast: 256,
  matmulLeast: 216,
  convolveLeast: 128,
  blasLeast: 64 ** 3,
  fourierLeast: 33,
  threadLeast: 65536,
};
