// JavaScript values as they become tensors: numbers, booleans, bigints, typed
// arrays and nested arrays of them, as one flat array, a shape and a type.
// Pure: knows nothing of devices; a tensor among the values is read through its
// public face.

import { type Complex, isComplexNumber } from "./complex_number.ts";
import type { TypedArray } from "./device.ts";
import {
  BOOL,
  complexInfo,
  defaultDtypeInfo,
  type DTypeInfo,
  FLOAT16,
  FLOAT32,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  INT8,
  promote,
  UINT8,
} from "./dtype.ts";
import { RuntimeError, ValueError } from "./errors.ts";
import { isTensor } from "./is_tensor.ts";
import { integerFits, overflow } from "./number_range.ts";
import { countElements } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** An array whose elements all have one machine type. */
export type HostArray =
  | TypedArray
  | Uint8ClampedArray
  | Uint32Array
  | BigUint64Array;

/** What a tensor can be made of. */
export type TensorData =
  | number
  | boolean
  | bigint
  | Complex
  | HostArray
  | Tensor
  | readonly TensorData[];

/** Flat values, row-major, and what they are. */
export interface HostValues {
  /** The values; booleans as 0 and 1, complex numbers as pairs. */
  readonly values: ArrayLike<number> | ArrayLike<bigint>;
  /** Length along each dimension. */
  readonly shape: readonly number[];
  /** The type that the values ask for. */
  readonly info: DTypeInfo;
}

/** The type of an array's elements; unsigned types that do not exist here give the next larger one. */
export function arrayInfo(data: HostArray): DTypeInfo {
  if (data instanceof Float32Array) return FLOAT32;
  if (data instanceof Float64Array) return FLOAT64;
  if (data instanceof Float16Array) return FLOAT16;
  if (data instanceof Int32Array || data instanceof Uint16Array) return INT32;
  if (data instanceof Int16Array) return INT16;
  if (data instanceof Int8Array) return INT8;
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) {
    return UINT8;
  }
  return INT64;
}

function isHostArray(x: object): x is HostArray {
  return ArrayBuffer.isView(x) && "BYTES_PER_ELEMENT" in x;
}

/** Flattens what a caller gave. */
export function readData(data: TensorData): HostValues {
  if (typeof data === "object" && data !== null && isHostArray(data)) {
    return { values: data, shape: [data.length], info: arrayInfo(data) };
  }
  const info = defaultDtypeInfo();
  if (typeof data === "number") return { values: [data], shape: [], info };
  if (Array.isArray(data) && data.length > 0 && allNumbers(data)) {
    return { values: data as readonly number[], shape: [data.length], info };
  }
  const shape = shapeOf(data);
  const reader = new Reader(shape);
  reader.visit(data, 0);
  return reader.finish();
}

function allNumbers(data: readonly TensorData[]): boolean {
  for (let i = 0; i < data.length; i++) {
    if (typeof data[i] !== "number") return false;
  }
  return true;
}

/** The shape that the first element of each level suggests. */
function shapeOf(data: TensorData): number[] {
  const shape: number[] = [];
  let level: TensorData | undefined = data;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  if (typeof level === "object" && level !== null && isHostArray(level)) {
    shape.push(level.length);
  }
  return shape;
}

/** Collects values level by level; numbers go into one Float64Array, bigints beside them where they come. */
class Reader {
  readonly #shape: readonly number[];
  readonly #values: Float64Array;
  #bigs: BigInt64Array | null = null;
  /** Imaginary parts, where there are some. */
  #imaginary: Float64Array | null = null;
  #info: DTypeInfo | null = null;
  #at = 0;

  constructor(shape: readonly number[]) {
    this.#shape = shape;
    this.#values = new Float64Array(countElements(shape));
  }

  visit(data: TensorData, dim: number): void {
    const expected = this.#shape[dim];
    if (expected === undefined) return this.#one(data);
    if (
      typeof data !== "object" || data === null || isTensor(data) ||
      isComplexNumber(data)
    ) {
      throw new TypeError("not a sequence");
    }
    if (data.length !== expected) {
      throw new ValueError(
        `expected sequence of length ${expected} at dim ${dim} (got ${data.length})`,
        "all rows of a tensor have the same length",
      );
    }
    if (isHostArray(data)) return this.#array(data, dim);
    if (dim === this.#shape.length - 1) return this.#row(data);
    for (let i = 0; i < expected; i++) this.visit(data[i]!, dim + 1);
  }

  finish(): HostValues {
    const info = this.#info ?? defaultDtypeInfo();
    if (this.#imaginary !== null) {
      const pairs = new Float64Array(2 * this.#values.length);
      this.#values.forEach((value, k) => {
        pairs[2 * k] = value;
        pairs[2 * k + 1] = this.#imaginary![k]!;
      });
      return { values: pairs, shape: this.#shape, info };
    }
    const exact = this.#bigs !== null && info.category < 2;
    const values = exact ? this.#bigs! : this.#values;
    return { values, shape: this.#shape, info };
  }

  /** The innermost level: numbers are the common case. */
  #row(data: readonly TensorData[]): void {
    const values = this.#values;
    const n = data.length;
    let i = 0;
    let at = this.#at;
    for (; i < n; i++) {
      const value = data[i];
      if (typeof value !== "number") break;
      values[at++] = value;
    }
    this.#at = at;
    if (i > 0) this.#meet(defaultDtypeInfo());
    for (; i < n; i++) this.#one(data[i]!);
  }

  #one(value: TensorData): void {
    switch (typeof value) {
      case "number":
        this.#meet(defaultDtypeInfo());
        return this.#put(value);
      case "boolean":
        this.#meet(BOOL);
        return this.#put(Number(value));
      case "bigint":
        this.#meet(INT64);
        return this.#putBig(value);
      case "object":
        if (value !== null && isTensor(value)) return this.#tensor(value);
        if (isComplexNumber(value)) {
          this.#meet(complexInfo(defaultDtypeInfo()));
          return this.#putComplex(value);
        }
    }
    if (Array.isArray(value)) {
      throw new ValueError(
        `expected a number at dim ${this.#shape.length} (got a sequence)`,
        "all elements of a tensor are nested equally deep",
      );
    }
    throw new RuntimeError(
      `Could not infer dtype of ${value === null ? "null" : typeof value}`,
      "a tensor is made of numbers, booleans, bigints, typed arrays or nested arrays of them",
    );
  }

  #tensor(x: Tensor): void {
    if (x.numel() !== 1) {
      throw new ValueError(
        "only one element tensors can be converted to Python scalars",
        "stack() and cat() join tensors",
      );
    }
    this.#meet(x.info);
    if (x.info.category === 3) this.#putComplex(x.item<Complex>());
    else if (x.info === INT64) this.#putBig(x.itemBigInt());
    else this.#put(Number(x.item()));
  }

  #array(data: HostArray, dim: number): void {
    if (dim !== this.#shape.length - 1) throw new TypeError("not a sequence");
    const info = arrayInfo(data);
    this.#meet(info);
    for (let i = 0; i < data.length; i++) {
      const value = data[i]!;
      if (typeof value === "bigint") this.#putBig(value);
      else this.#put(value);
    }
  }

  #meet(info: DTypeInfo): void {
    this.#info = this.#info === null ? info : promote(this.#info, info);
  }

  #put(value: number): void {
    if (this.#bigs !== null && Number.isFinite(value)) {
      this.#bigs[this.#at] = BigInt(Math.trunc(value));
    }
    this.#values[this.#at++] = value;
  }

  #putComplex({ re, im }: Complex): void {
    this.#imaginary ??= new Float64Array(this.#values.length);
    this.#imaginary[this.#at] = im;
    this.#put(re);
  }

  #putBig(value: bigint): void {
    if (this.#bigs === null) {
      this.#bigs = new BigInt64Array(this.#values.length);
      for (let i = 0; i < this.#at; i++) {
        const before = this.#values[i]!;
        if (Number.isFinite(before)) {
          this.#bigs[i] = BigInt(Math.trunc(before));
        }
      }
    }
    if (!integerFits(value, INT64)) {
      throw new ValueError(
        "Overflow when unpacking long long",
        `${value} is outside the range of int64`,
      );
    }
    this.#bigs[this.#at] = value;
    this.#values[this.#at++] = Number(value);
  }
}

/** Arrays of the integer types, from numbers that are cut off and wrap around as a cast in C does. */
const TRUNCATED: Readonly<
  Record<string, (values: ArrayLike<number>) => TypedArray>
> = {
  uint8: (values) => Uint8Array.from(values),
  int8: (values) => Int8Array.from(values),
  int16: (values) => Int16Array.from(values),
  int32: (values) => Int32Array.from(values),
  int64: toInt64,
};

/** Integers within ±2⁶³ as int64, by halves: a bigint for each would take ten times as long. */
function toInt64(values: ArrayLike<number>): BigInt64Array {
  const out = new BigInt64Array(values.length);
  const halves = new Int32Array(out.buffer);
  const low = LITTLE_ENDIAN ? 0 : 1;
  for (let i = 0; i < values.length; i++) {
    const value = Math.trunc(values[i]!);
    const upper = Math.floor(value / 4294967296);
    halves[2 * i + low] = value - upper * 4294967296;
    halves[2 * i + 1 - low] = upper;
  }
  return out;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Numbers converted to an integer type as a cast in C does it: cut off, and wrapping around. */
export function wrapIntegers(
  values: ArrayLike<number>,
  info: DTypeInfo,
): TypedArray {
  return TRUNCATED[info.name]!(values);
}

/** Values converted to an integer type as `torch.tensor` does it: what is out of range is an error. */
export function toIntegers(
  values: ArrayLike<number> | ArrayLike<bigint>,
  info: DTypeInfo,
): TypedArray {
  for (let i = 0; i < values.length; i++) {
    if (!integerFits(values[i]!, info)) overflow(values[i]!, info.name, info);
  }
  if (typeof values[0] !== "bigint") {
    return wrapIntegers(values as ArrayLike<number>, info);
  }
  if (info === INT64) {
    return values instanceof BigInt64Array
      ? values
      : BigInt64Array.from(values as ArrayLike<bigint>);
  }
  return wrapIntegers(
    Float64Array.from(values as ArrayLike<bigint>, Number),
    info,
  );
}
