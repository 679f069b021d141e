// What pickles of PyTorch call element types and the storages that hold them.

import {
  FILE_TYPES,
  type FileType,
  UNSIGNED_16,
  UNSIGNED_32,
  UNSIGNED_64,
} from "./element_bytes.ts";

/** PyTorch's names of storages, by element type. */
export const STORAGES: Readonly<Record<string, FileType>> = {
  FloatStorage: FILE_TYPES.float32,
  DoubleStorage: FILE_TYPES.float64,
  HalfStorage: FILE_TYPES.float16,
  BFloat16Storage: FILE_TYPES.bfloat16,
  LongStorage: FILE_TYPES.int64,
  IntStorage: FILE_TYPES.int32,
  ShortStorage: FILE_TYPES.int16,
  CharStorage: FILE_TYPES.int8,
  ByteStorage: FILE_TYPES.uint8,
  BoolStorage: FILE_TYPES.bool,
  ComplexFloatStorage: FILE_TYPES.complex64,
  ComplexDoubleStorage: FILE_TYPES.complex128,
};

/** Types that have no storage of their own in PyTorch. */
export const UNSIGNED: Readonly<Record<string, FileType>> = {
  uint16: UNSIGNED_16,
  uint32: UNSIGNED_32,
  uint64: UNSIGNED_64,
};

/** A type of storage as a pickle names it. */
export class StorageType {
  /** Type of the elements; null where the tensors say. */
  readonly type: FileType | null;

  /** Takes the type. */
  constructor(type: FileType | null) {
    this.type = type;
  }
}

/** Types of storages by their names. */
export function storageGlobals(): [string, unknown][] {
  const typed = Object.keys(STORAGES).map((name): [string, unknown] => [
    `torch.${name}`,
    new StorageType(STORAGES[name]!),
  ]);
  return [...typed, ["torch.storage.UntypedStorage", new StorageType(null)]];
}

/** Element types stand for themselves, by our names, which are PyTorch's. */
export function dtypeGlobals(): [string, unknown][] {
  return [...Object.keys(FILE_TYPES), ...Object.keys(UNSIGNED)]
    .map((name) => [`torch.${name}`, name]);
}
