// What the package exports: products of matrices and vectors, and the spectra of
// pieces of signals. In-place forms are methods only, as in PyTorch; what ops
// share among themselves stays inside.

export { bmm, dot, matmul, mm, mv, vdot } from "../tensor/ops/matmul.ts";
export { addmm, addmv, addr } from "../tensor/ops/products.ts";
export { addbmm, baddbmm } from "../tensor/ops/batch_products.ts";
export {
  chainMatmul,
  inner,
  type PairedDims,
  tensordot,
} from "../tensor/ops/contraction.ts";
export {
  cross,
  ger,
  kron,
  outer,
  trace,
} from "../tensor/ops/vector_products.ts";
export {
  istft,
  type IstftOptions,
  type ShortTimeOptions,
  stft,
  type StftOptions,
} from "../tensor/ops/stft.ts";
export { einsum } from "../tensor/ops/einsum.ts";
