// The idx format of the MNIST files: a type, a shape and the elements.

import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type ByteSource,
  malformed,
  openSource,
  type Readable,
  withSource,
} from "../io/byte_source.ts";
import {
  FILE_TYPES,
  type FileType,
  type LoadOptions,
  readTensor,
} from "../io/element_bytes.ts";
import { gunzip, inflateLimit, type InflateOptions } from "../io/inflate.ts";

/** Options of {@linkcode readIdx}. */
export interface ReadIdxOptions extends LoadOptions, InflateOptions {}

/** The codes of the types. */
const TYPES: Readonly<Record<number, FileType>> = {
  0x08: FILE_TYPES.uint8,
  0x09: FILE_TYPES.int8,
  0x0b: FILE_TYPES.int16,
  0x0c: FILE_TYPES.int32,
  0x0d: FILE_TYPES.float32,
  0x0e: FILE_TYPES.float64,
};

function readPlain(source: ByteSource, options: LoadOptions): Tensor {
  const [zero, zero2, code, rank] = source.read(0, 4);
  const type = TYPES[code!];
  if (zero !== 0 || zero2 !== 0 || type === undefined) {
    throw malformed(source, "this is no idx file: it begins differently");
  }
  const sizes = source.read(4, 4 * rank!);
  const view = new DataView(sizes.buffer, sizes.byteOffset);
  const shape = Array.from({ length: rank! }, (_, d) => view.getUint32(4 * d));
  const layout = { type, shape, littleEndian: false };
  const out = readTensor(source, 4 + 4 * rank!, layout, options);
  const rest = source.size - (4 + 4 * rank! + out.count * type.bytes);
  if (rest !== 0) {
    throw malformed(source, `the file goes on for ${rest} bytes after its end`);
  }
  return out;
}

/**
 * Reads a file of the idx format, in which MNIST and its kin come, compressed by
 * gzip or not: a path, a file URL or its bytes. Images are uint8 of shape
 * [count, height, width], labels uint8 of shape [count]. Throws a RuntimeError
 * where the file is damaged.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * const labels = dg.utils.data.readIdx(bytes);
 * assertEquals(labels.tolist(), [7, 2, 1]);
 * ```
 */
export function readIdx(from: Readable, options: ReadIdxOptions = {}): Tensor {
  checkOptions(options, ["device", "maxBytes"], "readIdx");
  return withSource(from, "idx", (source) => {
    const start = source.read(0, Math.min(2, source.size));
    if (start[0] !== 0x1f || start[1] !== 0x8b) {
      return readPlain(source, options);
    }
    const limit = inflateLimit(source.size, options);
    const bytes = gunzip(source, source.read(0, source.size), limit);
    return readPlain(openSource(bytes, source.name), options);
  });
}
