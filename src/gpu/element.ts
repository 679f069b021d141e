// How elements are stored on the GPU and how WGSL spells reading and writing
// them. WGSL has no 8-, 16- and 64-bit integers: an element takes a 32-bit word,
// only float16 takes half of one.

import type { TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";

/** Kinds of arithmetic. */
export type Kind = "f32" | "i32";

/** What WGSL calls the stored type. */
export type WordType = "f32" | "i32" | "f16";

/** How an element type is stored. */
export interface Element {
  /** The stored type. */
  readonly word: WordType;
  /** Bytes of a stored element. */
  readonly bytes: 2 | 4;
  /** The arithmetic it is computed in. */
  readonly kind: Kind;
  /** Spells the value of a stored word. */
  load(word: string): string;
  /** Spells the word that is stored for a value of {@linkcode Element.kind}. */
  store(value: string): string;
}

function same(text: string): string {
  return text;
}

function element(
  word: WordType,
  load: (word: string) => string,
  store: (value: string) => string,
): Element {
  const kind = word === "i32" ? "i32" : "f32";
  return { word, bytes: word === "f16" ? 2 : 4, kind, load, store };
}

/** By name; the stores of narrow types wrap and round as casts do. */
const ELEMENTS: Readonly<Record<string, Element>> = {
  bool: element("i32", same, (v) => `select(0,1,(${v})!=0)`),
  uint8: element("i32", same, (v) => `((${v})&255)`),
  int8: element("i32", same, (v) => `(((${v})<<24u)>>24u)`),
  int16: element("i32", same, (v) => `(((${v})<<16u)>>16u)`),
  int32: element("i32", same, same),
  // No tensor has it, but ops may say that they compute in it.
  int64: element("i32", same, same),
  float16: element("f16", (w) => `f32(${w})`, (v) => `f16(${v})`),
  bfloat16: element("f32", same, (v) => `roundToBfloat16(${v})`),
  float32: element("f32", same, same),
};

/** The same by number of the type, as far as asked for. */
const BY_CODE: Element[] = [];

/** How elements of a type are stored and computed. */
export function elementOf(info: DTypeInfo): Element {
  const known = BY_CODE[info.code];
  if (known !== undefined) return known;
  const found = ELEMENTS[info.name];
  if (found === undefined) refuseType(info);
  return BY_CODE[info.code] = found;
}

/** Fails because the GPU has no such type: WGSL has none, or float16 is not offered by this one. */
export function refuseType(info: DTypeInfo): never {
  if (info.name === "float16") {
    throw new RuntimeError(
      "Cannot convert a WebGPU Tensor to float16 dtype as this WebGPU device doesn't support float16. Please use float32 instead.",
      "its adapter does not offer the feature shader-f16; float32 and bfloat16 are there on every adapter",
    );
  }
  if (info.category === 3) {
    throw new RuntimeError(
      `Cannot convert a WebGPU Tensor to ${info.name} dtype as the WebGPU framework doesn't support ${info.name}.`,
      "complex numbers are on the CPU only; their parts, real(), imag() or viewAsReal(), go to any device",
    );
  }
  const long = info.name === "int64";
  const other = long ? "int32" : "float32";
  throw new RuntimeError(
    `Cannot convert a WebGPU Tensor to ${info.name} dtype as the WebGPU framework doesn't support ${info.name}. Please use ${other} instead.`,
    long
      ? "WGSL has no int64; where no type is named, what is int64 on the CPU is int32 here"
      : `WGSL has no ${info.name}; convert with to("${other}") before to(device)`,
  );
}

/** Bytes of a stored element. */
export function storedBytes(info: DTypeInfo): number {
  return elementOf(info).bytes;
}

/** Spells a value of one kind as another. */
export function convertKind(from: Kind, to: Kind, value: string): string {
  if (from === to) return value;
  return to === "f32" ? `f32(${value})` : `toInteger(${value})`;
}

/** Spells the word stored for a value of `kind`. */
export function storeFrom(info: DTypeInfo, kind: Kind, value: string): string {
  const own = elementOf(info);
  if (info.category === 0 && kind === "f32") {
    // NaN counts as true; drivers may assume that there is none, so look at bits.
    return `select(0,1,(bitcast<u32>(${value})&0x7fffffffu)!=0u)`;
  }
  return own.store(convertKind(kind, own.kind, value));
}

const BITS = new Uint32Array(1);
const FLOAT = new Float32Array(BITS.buffer);

/** Turns what the host stores into what the GPU stores. */
export function toWords(
  info: DTypeInfo,
  values: TypedArray,
): Float32Array | Int32Array | Uint16Array {
  switch (info.name) {
    case "float32":
      return values as Float32Array;
    case "int32":
      return values as Int32Array;
    case "float16":
      return new Uint16Array(
        values.buffer,
        values.byteOffset,
        values.length,
      );
    case "bfloat16": {
      const out = new Int32Array(values.length);
      for (let i = 0; i < out.length; i++) {
        out[i] = (values as Uint16Array)[i]! << 16;
      }
      return out;
    }
    default:
      return Int32Array.from(values as Uint8Array);
  }
}

/** Turns stored words back into what the host stores; `make` makes the host's array. */
export function fromWords(
  info: DTypeInfo,
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
): TypedArray {
  const { buffer, byteOffset } = bytes;
  const ints = () => new Int32Array(buffer, byteOffset, count);
  switch (info.name) {
    case "float32":
      return new Float32Array(buffer, byteOffset, count);
    case "float16":
      return new Float16Array(buffer, byteOffset, count);
    case "int32":
      return ints();
    case "int16":
      return Int16Array.from(ints());
    case "int8":
      return Int8Array.from(ints());
    case "uint8":
    case "bool":
      return Uint8Array.from(ints());
    case "bfloat16":
      return Uint16Array.from(ints(), (word) => word >>> 16);
    default:
      return refuseType(info);
  }
}

/** The number that a stored word stands for. */
export function numberOfWord(info: DTypeInfo, word: number): number {
  if (elementOf(info).kind === "i32") return word | 0;
  BITS[0] = word;
  return FLOAT[0]!;
}
