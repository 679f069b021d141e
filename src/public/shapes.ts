// What the package exports: views, joining, splitting and conversion. In-place
// forms are methods only, as in PyTorch; what ops share among themselves stays
// inside.

export {
  broadcastTensors,
  broadcastTo,
  expand,
  expandAs,
  flatten,
  type FlattenOptions,
  ravel,
  reshape,
  reshapeAs,
  unflatten,
  view,
  viewAs,
} from "../tensor/ops/movement.ts";
export { adjoint } from "../tensor/ops/matrix_transpose.ts";
export { blockDiag } from "../tensor/ops/block_diagonal.ts";
export {
  broadcastShapes,
  isFloatingPoint,
  isInference,
  isNonzero,
  isSameSize,
  isSigned,
  numel,
  unravelIndex,
} from "../tensor/ops/inquiry.ts";
export {
  clone,
  contiguous,
  detach,
  fill,
  type FillValue,
} from "../tensor/ops/copying.ts";
export {
  moveaxis,
  movedim,
  permute,
  swapaxes,
  swapdims,
  t,
  transpose,
} from "../tensor/ops/dimensions.ts";
export {
  atleast1d,
  atleast2d,
  atleast3d,
  squeeze,
  unsqueeze,
} from "../tensor/ops/unit_dimensions.ts";
export { narrow, select, unfold } from "../tensor/ops/slicing.ts";
export {
  cat,
  columnStack,
  concat,
  concatenate,
  dstack,
  hstack,
  rowStack,
  stack,
  vstack,
} from "../tensor/ops/joining.ts";
export { flip, fliplr, flipud, roll, rot90 } from "../tensor/ops/flipping.ts";
export {
  chunk,
  type Cuts,
  dsplit,
  hsplit,
  split,
  splitWithSizes,
  tensorSplit,
  unbind,
  vsplit,
} from "../tensor/ops/splitting.ts";
export {
  repeat,
  repeatInterleave,
  type RepeatInterleaveOptions,
  tile,
} from "../tensor/ops/repeating.ts";
export {
  diag,
  diagEmbed,
  diagflat,
  diagonal,
  type DiagonalOptions,
  type WhichDiagonalOptions,
} from "../tensor/ops/diagonals.ts";
export {
  type TriangleIndicesOptions,
  tril,
  trilIndices,
  triu,
  triuIndices,
} from "../tensor/ops/triangles.ts";
export { to, type ToOptions, type ToTarget } from "../tensor/ops/conversion.ts";
export { asStrided } from "../tensor/ops/as_strided.ts";
export {
  canCast,
  type Finfo,
  finfo,
  type Iinfo,
  iinfo,
  type IntegerBound,
  promoteTypes,
} from "../tensor/dtype_limits.ts";
export { resultType } from "../tensor/ops/result_type.ts";
