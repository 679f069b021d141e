/**
 * Data sets, samplers, batches and readers: PyTorch's `torch.utils.data`.
 *
 * @module
 */
// The namespace `dg.utils.data`; nothing is defined here.

export {
  type Collated,
  type Converted,
  defaultCollate,
  defaultConvert,
} from "./collate.ts";
export {
  DataLoader,
  type DataLoaderOptions,
  type DataSource,
} from "./data_loader.ts";
export { Dataset, type DatasetLike, IterableDataset } from "./dataset.ts";
export {
  ChainDataset,
  ConcatDataset,
  type DatasetStack,
  StackDataset,
  type StackSample,
} from "./dataset_combined.ts";
export { TensorDataset, type TensorSample } from "./dataset_tensor.ts";
export {
  BatchSampler,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  type Sized,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedSamplerOptions,
} from "./sampler.ts";
export { randomSplit, Subset } from "./subset.ts";
export type { Column, ColumnType } from "./csv_column.ts";
export type { CsvDialect } from "./csv_fields.ts";
export {
  type CsvOptions,
  CsvTable,
  parseCsv,
  readCsv,
  type ReadCsvOptions,
} from "./csv_table.ts";
export { readIdx, type ReadIdxOptions } from "./idx.ts";
