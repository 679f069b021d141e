// Elements as the bytes of a file: which types files have, their byte order,
// and tensors from and to them. Knows nothing of headers and containers.

import { type DeviceLike, deviceOf } from "../tensor/device.ts";
import {
  BFLOAT16,
  BOOL,
  COMPLEX128,
  COMPLEX64,
  type DTypeInfo,
  FLOAT16,
  FLOAT32,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  INT8,
  partInfo,
  UINT8,
} from "../tensor/dtype.ts";
import { makeTensor } from "../tensor/fields.ts";
import { emptyTensor, toDense } from "../tensor/op.ts";
import { countElements, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isDense } from "../tensor/view.ts";
import { type ByteSource, malformed } from "./byte_source.ts";

/** Where tensors of a file go. */
export interface LoadOptions {
  /** The device on which the tensors live; the default device where not given. */
  readonly device?: DeviceLike;
}

/** Values that a device takes. */
type Values = ArrayLike<number> | BigInt64Array;

/** An element type of files. */
export interface FileType {
  /** The type that tensors get. */
  readonly info: DTypeInfo;
  /** Bytes per element in the file. */
  readonly bytes: number;
  /** Looks at aligned bytes of this machine's order as values. */
  readonly view: (buffer: ArrayBuffer, offset: number, n: number) => Values;
}

function fileType(info: DTypeInfo, view: FileType["view"]): FileType {
  return { info, bytes: info.bytes, view };
}

/** The types of files that are types of tensors too, by name. */
export const FILE_TYPES: Readonly<Record<DTypeInfo["name"], FileType>> = {
  bool: fileType(BOOL, (b, at, n) => new Uint8Array(b, at, n)),
  uint8: fileType(UINT8, (b, at, n) => new Uint8Array(b, at, n)),
  int8: fileType(INT8, (b, at, n) => new Int8Array(b, at, n)),
  int16: fileType(INT16, (b, at, n) => new Int16Array(b, at, n)),
  int32: fileType(INT32, (b, at, n) => new Int32Array(b, at, n)),
  int64: fileType(INT64, (b, at, n) => new BigInt64Array(b, at, n)),
  float16: fileType(FLOAT16, (b, at, n) => new Float16Array(b, at, n)),
  bfloat16: fileType(BFLOAT16, widenBfloat16),
  float32: fileType(FLOAT32, (b, at, n) => new Float32Array(b, at, n)),
  float64: fileType(FLOAT64, (b, at, n) => new Float64Array(b, at, n)),
  complex64: fileType(COMPLEX64, (b, at, n) => new Float32Array(b, at, 2 * n)),
  complex128: fileType(
    COMPLEX128,
    (b, at, n) => new Float64Array(b, at, 2 * n),
  ),
};

/** Unsigned types of files: tensors get the next signed type that holds them. */
export const UNSIGNED_16: FileType = {
  info: INT32,
  bytes: 2,
  view: (b, at, n) => new Uint16Array(b, at, n),
};
/** See {@linkcode UNSIGNED_16}. */
export const UNSIGNED_32: FileType = {
  info: INT64,
  bytes: 4,
  view: (b, at, n) => new Uint32Array(b, at, n),
};
/** See {@linkcode UNSIGNED_16}; what needs the 64th bit is refused. */
export const UNSIGNED_64: FileType = {
  info: INT64,
  bytes: 8,
  view: (b, at, n) => {
    const values = new BigInt64Array(b, at, n);
    for (let i = 0; i < n; i++) {
      if (values[i]! < 0n) {
        throw new RangeError(
          `the value ${
            BigInt.asUintN(64, values[i]!)
          } of an unsigned 64-bit element does not fit int64`,
        );
      }
    }
    return values;
  },
};

/** The 16 bits of a bfloat16 are the upper half of a float32. */
function widenBfloat16(buffer: ArrayBuffer, at: number, n: number): Values {
  const bits = new Uint16Array(buffer, at, n);
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Turns each element of `width` bytes around, in place. */
function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) {
    bytes.subarray(at, at + width).reverse();
  }
}

/** Bytes of elements, in this machine's order and where a typed array may begin. */
function nativeBytes(
  bytes: Uint8Array,
  width: number,
  littleEndian: boolean,
): Uint8Array<ArrayBuffer> {
  const swap = width > 1 && littleEndian !== LITTLE_ENDIAN;
  const shared = !(bytes.buffer instanceof ArrayBuffer);
  if (!swap && !shared && bytes.byteOffset % width === 0) {
    return bytes as Uint8Array<ArrayBuffer>;
  }
  const copy = new Uint8Array(bytes);
  if (swap) swapBytes(copy, width);
  return copy;
}

/** How the elements of a tensor lie in a file. */
export interface Layout {
  /** Type of the elements. */
  readonly type: FileType;
  /** Length along each dimension. */
  readonly shape: Shape;
  /** Whether the least significant byte comes first. */
  readonly littleEndian: boolean;
  /** Whether the first dimension is the one whose elements are neighbours. */
  readonly fortranOrder?: boolean;
}

/** Most dimensions that a tensor of a file has, as in NumPy and PyTorch. */
const MOST_DIMENSIONS = 64;

/**
 * Number of elements of a shape that a file declares, after a check that it is
 * one: what follows may rely on every number being a safe integer.
 */
export function checkedCount(
  source: { readonly name: string },
  shape: readonly unknown[],
): number {
  if (shape.length > MOST_DIMENSIONS) {
    throw malformed(
      source,
      `a shape of ${shape.length} dimensions; at most ${MOST_DIMENSIONS} are supported`,
    );
  }
  // Zeros count as one, so that dimensions beside a zero are bounded as well.
  let bound = 1;
  for (const n of shape) {
    if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 0) {
      throw malformed(source, `a dimension of a shape is ${String(n)}`);
    }
    bound *= Math.max(n, 1);
    if (!Number.isSafeInteger(bound)) {
      throw malformed(source, `the shape [${shape.join(", ")}] is too large`);
    }
  }
  return countElements(shape as readonly number[]);
}

/** Strides under which the first dimension runs fastest. */
function fortranStrides(shape: Shape): number[] {
  let step = 1;
  return shape.map((n) => {
    const stride = step;
    step *= Math.max(n, 1);
    return stride;
  });
}

/** Makes a tensor of the bytes of its elements, which are as many as the layout says. */
export function tensorFromBytes(
  bytes: Uint8Array,
  layout: Layout,
  options: LoadOptions,
): Tensor {
  const { type, shape, littleEndian, fortranOrder = false } = layout;
  // The parts of a complex number are numbers of their own.
  const word = partInfo(type.info).bytes < type.info.bytes
    ? type.bytes / 2
    : type.bytes;
  const native = nativeBytes(bytes, word, littleEndian);
  const count = native.length / type.bytes;
  const values = type.view(native.buffer, native.byteOffset, count);
  const out = emptyTensor(deviceOf(options.device), type.info, shape);
  out.storage.device.write(out, values);
  if (!fortranOrder) return out;
  const strides = fortranStrides(shape);
  const dense = isDense(shape, strides);
  return makeTensor(out.storage, out.info, shape, strides, 0, count, dense);
}

/** Reads the elements of a tensor that begin at a byte of a source. */
export function readTensor(
  source: ByteSource,
  offset: number,
  layout: Layout,
  options: LoadOptions,
): Tensor {
  const length = checkedCount(source, layout.shape) * layout.type.bytes;
  return tensorFromBytes(source.read(offset, length), layout, options);
}

/** The elements of a tensor as bytes, row-major, the least significant first. */
export function tensorBytes(x: Tensor): Uint8Array<ArrayBuffer> {
  const values = x.storage.device.read(toDense(x));
  const bytes = new Uint8Array(
    values.buffer as ArrayBuffer,
    values.byteOffset,
    values.byteLength,
  );
  const { bytes: word } = partInfo(x.info);
  if (!LITTLE_ENDIAN && word > 1) swapBytes(bytes, word);
  return bytes;
}
