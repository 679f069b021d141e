// Reading a tensor: its elements as numbers, nested arrays, typed arrays and
// text. Synchronous on every device.

import { isTracked, nodeOf } from "../grad/history.ts";
import { BATCHING } from "./batching.ts";
import type { Complex } from "./complex_number.ts";
import { deviceOf, type Strided, type TypedArray } from "./device.ts";
import { part } from "./device_complex.ts";
import { type DTypeInfo, INT64 } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { Fields } from "./fields.ts";
import { formatTensor, pythonFloat } from "./format.ts";
import { showByToString } from "./inspect.ts";
import { isParameter } from "./parameter_mark.ts";
import { showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { isUninitialized, showUninitialized } from "./uninitialized.ts";

/** Nested arrays of numbers, booleans or complex numbers, as `tolist()` returns them. */
export type Nested = number | boolean | Complex | readonly Nested[];

/** Reading a tensor. */
export class Reading extends Fields {
  /** Reads the only element: a number, a boolean for bool (`item<boolean>()`), or `{ re, im }` for complex types (`item<Complex>()`). See `Tensor.item`. */
  item<T extends number | boolean | Complex = number>(): T {
    if (this.info.category === 3) return onlyComplex(this) as T;
    const value = onlyElement(this);
    if (this.info.category === 0) return (value !== 0) as T;
    return (typeof value === "bigint" ? safeNumber(value) : value) as T;
  }

  /** Reads the only element as a bigint, exactly. */
  itemBigInt(): bigint {
    const value = onlyElement(this);
    return typeof value === "bigint" ? value : BigInt(Math.trunc(value));
  }

  /** Copies the elements, row-major, into a typed array of their type; bool is Uint8Array, bfloat16 Uint16Array of its bits, a complex number its two parts. */
  typedArray(): TypedArray {
    return this.storage.device.read(this);
  }

  /** The asynchronous twin of {@linkcode Reading.typedArray}. */
  async read(): Promise<TypedArray> {
    const [values] = await this.storage.device.readAll([this]);
    return values!;
  }

  /**
   * The elements as nested arrays of numbers (booleans for bool, `{ re, im }` for
   * complex types); a number where 0-d. The caller names the type where it matters, as in
   * `x.tolist<number[][]>()` for a matrix. See `Tensor.tolist`.
   */
  tolist<T extends Nested = Nested>(): T {
    const flat = this.info.category === 3
      ? complexValues(this)
      : flatValues(this);
    let at = 0;
    const build = (dim: number): Nested => {
      if (dim === this.shape.length) return flat[at++]!;
      return Array.from({ length: this.shape[dim]! }, () => build(dim + 1));
    };
    return build(0) as T;
  }

  /** What `JSON.stringify` writes: the elements, as {@linkcode Reading.tolist} gives them. */
  toJSON(): Nested {
    return this.tolist();
  }

  /** Shows the tensor exactly as PyTorch does; its device where that is not the default one. */
  override toString(): string {
    if (isUninitialized(this)) return showUninitialized(this);
    const self = this as unknown as Tensor;
    const mapped = BATCHING.show?.(self) ?? null;
    if (mapped !== null) return mapped;
    const { device } = this.storage;
    const text = formatTensor({
      shape: this.shape,
      dtype: this.info.name,
      device: device === deviceOf(undefined) ? null : device.type,
      requiresGrad: isTracked(self),
      gradFnName: nodeName(self),
      element: (index) => {
        let at = this.offset;
        index.forEach((i, d) => at += i * this.strides[d]!);
        if (this.info.category === 3) return complexAt(this, at);
        const value = device.readOne(scalarAt(this, at));
        return this.info.category === 0 ? value !== 0 : value;
      },
    });
    return isParameter(this) ? `Parameter containing:\n${text}` : text;
  }

  /**
   * A tensor of one element converts to its number; in text, a 0-d tensor shows
   * its number and a larger one what `toString()` gives. Operators such as `+`
   * are refused with more than one element.
   */
  [Symbol.toPrimitive](hint: string): number | string {
    const text = hint === "string";
    const mapped = this.storage.device.lift !== undefined ||
      isUninitialized(this);
    if (text && (mapped || this.shape.length > 0)) return this.toString();
    if (this.count !== 1) {
      throw new RuntimeError(
        "only one element tensors can be converted to Python scalars",
        `the shape is ${
          showShape(this.shape)
        }; JavaScript's operators take numbers: write x.add(y), x.mul(2), x.lt(y), and \`\${x}\` in text`,
      );
    }
    if (text && this.info.category === 3) return showComplex(onlyComplex(this));
    if (text && this.info === INT64) return String(this.itemBigInt());
    if (this.info.category === 3) refuseNumber();
    const value: number | boolean = this.item();
    return text ? String(value) : Number(value);
  }
}

showByToString(Reading.prototype);

/**
 * Reads several tensors at the cost of one: the asynchronous twin of
 * `typedArray()`. On the CPU nothing has to be waited for.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = await dg.read([dg.ones(2), dg.zeros(1)]);
 * assertEquals([a, b], [new Float32Array([1, 1]), new Float32Array(1)]);
 * ```
 */
export async function read(
  tensors: readonly Tensor[],
): Promise<TypedArray[]> {
  const out = new Array<TypedArray>(tensors.length);
  const devices = new Set(tensors.map((x) => x.storage.device));
  await Promise.all(
    Array.from(devices, async (device) => {
      const places = [...tensors.keys()].filter((k) =>
        tensors[k]!.storage.device === device
      );
      const all = await device.readAll(places.map((k) => tensors[k]!));
      places.forEach((place, k) => out[place] = all[k]!);
    }),
  );
  return out;
}

/** The name that is shown; a view whose history is void shows that, as in PyTorch. */
function nodeName(x: Tensor): string | null {
  try {
    return nodeOf(x)?.name ?? null;
  } catch (error) {
    if (error instanceof RuntimeError) return "Invalid";
    throw error;
  }
}

/** One element of a tensor as a 0-d geometry. */
function scalarAt(x: Strided, offset: number): Strided {
  return {
    storage: x.storage,
    info: x.info,
    shape: [],
    strides: [],
    offset,
    count: 1,
    dense: true,
  };
}

/** The element at a position of the memory of a complex tensor. */
function complexAt(x: Strided, offset: number): Complex {
  const one = scalarAt(x, offset);
  const { device } = x.storage;
  const re = device.readOne(part(one, 0));
  return { re: Number(re), im: Number(device.readOne(part(one, 1))) };
}

function onlyComplex(x: Fields): Complex {
  checkOnly(x);
  return complexAt(x, x.offset);
}

/** All elements of a complex tensor, row-major. */
function complexValues(x: Fields): Complex[] {
  const pairs = x.storage.device.read(x) as Float64Array;
  return Array.from({ length: x.count }, (_, k) => ({
    re: pairs[2 * k]!,
    im: pairs[2 * k + 1]!,
  }));
}

/** Fails where a complex number would have to be a real one. */
function refuseNumber(): never {
  throw new RuntimeError(
    "value cannot be converted to type double without overflow",
    "complex numbers are no real ones; take real(), imag() or abs() first",
  );
}

/** As Python shows a complex number: `(1+2j)`. */
function showComplex({ re, im }: Complex): string {
  const sign = im < 0 || Object.is(im, -0) ? "-" : "+";
  const size = (x: number) => pythonFloat(x).replace(/\.0$/, "");
  const text = `${size(Math.abs(im))}j`;
  if (re === 0 && !Object.is(re, -0)) return sign === "-" ? `-${text}` : text;
  return `(${size(re)}${sign}${text})`;
}

/** All elements, row-major, as numbers (booleans for bool). */
export function flatValues(x: Fields): (number | boolean)[] {
  if (x.info.category === 3) refuseNumber();
  const data = x.storage.device.read(x);
  const out = new Array<number | boolean>(x.count);
  for (let i = 0; i < out.length; i++) {
    const value = decode(x.info, data[i]!);
    out[i] = x.info.category === 0
      ? value !== 0
      : typeof value === "bigint"
      ? safeNumber(value)
      : value;
  }
  return out;
}

/** The value of an element as it stands in a typed array; only bfloat16 is stored in disguise. */
function decode(
  info: DTypeInfo,
  stored: number | bigint,
): number | bigint {
  if (info.name !== "bfloat16") return stored;
  BITS[0] = (stored as number) << 16;
  return FLOAT_OF_BITS[0]!;
}

const BITS = new Int32Array(1);
const FLOAT_OF_BITS = new Float32Array(BITS.buffer);

function safeNumber(value: bigint): number {
  if (value > EXACT || value < -EXACT) {
    throw new RangeError(
      `${value} does not fit a JavaScript number exactly; read it with itemBigInt() or typedArray()`,
    );
  }
  return Number(value);
}

const EXACT = 2n ** 53n;

function onlyElement(x: Fields): number | bigint {
  checkOnly(x);
  return x.storage.device.readOne(x);
}

function checkOnly(x: Fields): void {
  if (x.count !== 1) {
    throw new RuntimeError(
      `a Tensor with ${x.count} elements cannot be converted to Scalar`,
      `the shape is ${
        showShape(x.shape)
      }; item() reads a single element, tolist() and typedArray() read all`,
    );
  }
}
