// What the package exports: indexing, scattering, sorting and searching.
// In-place forms are methods only, as in PyTorch; what ops share among
// themselves stays inside.

export {
  argsort,
  msort,
  sort,
  type SortOptions,
  topk,
  type TopkOptions,
} from "../tensor/ops/sorting.ts";
export {
  histogram,
  histogramdd,
  type HistogramddOptions,
  type HistogramddResult,
  type HistogramOptions,
} from "../tensor/ops/histogram_edges.ts";
export {
  diagonalScatter,
  selectScatter,
  sliceScatter,
  type SliceScatterOptions,
} from "../tensor/ops/view_scatter.ts";
export { isin, type IsinOptions } from "../tensor/ops/membership.ts";
export {
  bincount,
  type BincountOptions,
  histc,
  type HistcOptions,
} from "../tensor/ops/histogram.ts";
export {
  unique,
  uniqueConsecutive,
  type UniqueConsecutiveOptions,
  type UniqueOptions,
  type UniqueResult,
} from "../tensor/ops/unique.ts";
export {
  argwhere,
  bucketize,
  type BucketizeOptions,
  nonzero,
  type NonzeroOptions,
  type NonzeroResult,
  searchsorted,
  type SearchsortedOptions,
} from "../tensor/ops/searching.ts";
export {
  indexReduce,
  scatterReduce,
  type ScatterReduceOptions,
  type ScatterReduction,
} from "../tensor/ops/scatter_reduce.ts";
export { put, type PutOptions } from "../tensor/ops/put.ts";
export {
  maskedFill,
  maskedScatter,
  maskedSelect,
  type MaskValue,
} from "../tensor/ops/masks.ts";
export {
  scatter,
  scatterAdd,
  type ScatterOptions,
} from "../tensor/ops/scatter.ts";
export { gather, take, takeAlongDim } from "../tensor/ops/gather.ts";
export { indexFill } from "../tensor/ops/index_fill.ts";
export {
  indexAdd,
  type IndexAddOptions,
  indexCopy,
  indexSelect,
} from "../tensor/ops/index_select.ts";
export { indexPut, type IndexPutOptions } from "../tensor/ops/index_put.ts";
export type { Index, IndexArray } from "../tensor/indexing.ts";
export type { IndexValue } from "../tensor/ops/indexing.ts";
export type { Four, Named, Three, Two } from "../tensor/results.ts";
export type { FillDiagonalOptions } from "../tensor/ops/fill_diagonal.ts";
