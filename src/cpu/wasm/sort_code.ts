// Code for sorting: elements become unsigned keys that order as they do. A key
// of 32 bits and the position of its element lie together in 64 bits, the key
// above; keys of 64 bits are sorted by one half after the other.

import { type FunctionBuilder, I32, I64 } from "./emitter.ts";

/** Element types as sorts see them. */
export type SortType =
  | "u8"
  | "i8"
  | "i16"
  | "half"
  | "brain"
  | "i32"
  | "i64"
  | "f32"
  | "f64";

/** Bytes of an element. */
export const SORT_BYTES: Readonly<Record<SortType, number>> = {
  u8: 1,
  i8: 1,
  i16: 2,
  half: 2,
  brain: 2,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
};

/** Bits of a digit. */
export const DIGIT = 8;
/** Bytes of the counts of one digit. */
export const COUNTS: number = 4 << DIGIT;
/** Bytes of the counts of all digits of 32 bits. */
export const ALL_COUNTS: number = 4 * COUNTS;

/** Digits of a key, or of half of a long one. */
export function digitsOf(type: SortType): number {
  return Math.min(SORT_BYTES[type], 4);
}

/** Whether keys have 64 bits. */
export function isWide(type: SortType): boolean {
  return SORT_BYTES[type] === 8;
}

/** Pops the bits of a float in `word` and leaves its key there: NaN last, both zeros alike. */
function floatWord(f: FunctionBuilder, word: number, infinity: number): void {
  // Minus zero becomes zero.
  f.set(word).i32(0).get(word);
  f.get(word).i32(-0x80000000).op("i32.eq").op("select").set(word);
  f.i32(-1).get(word).get(word).i32(31).op("i32.shr_s");
  f.i32(-0x80000000).op("i32.or").op("i32.xor");
  f.get(word).i32(0x7fffffff).op("i32.and").i32(infinity).op("i32.gt_u");
  f.op("select");
}

/** Variables that keys are computed in. */
export interface KeyVariables {
  readonly word: number;
  readonly long: number;
}

/** Declares them. */
export function keyVariables(f: FunctionBuilder): KeyVariables {
  return { word: f.local(I32), long: f.local(I64) };
}

/** Pops an address and pushes the key of the element there, ascending: 64 bits for long types, else 32. */
export function pushKey(
  f: FunctionBuilder,
  type: SortType,
  { word, long }: KeyVariables,
): void {
  switch (type) {
    case "u8":
      f.memory("i32.load8_u");
      break;
    case "i8":
      f.memory("i32.load8_s").i32(128).op("i32.add");
      break;
    case "i16":
      f.memory("i32.load16_s").i32(32768).op("i32.add");
      break;
    case "i32":
      f.memory("i32.load").i32(-0x80000000).op("i32.xor");
      break;
    case "f32":
      f.memory("i32.load");
      floatWord(f, word, 0x7f800000);
      break;
    case "half":
    case "brain":
      f.memory("i32.load16_u").i32(16).op("i32.shl");
      floatWord(f, word, type === "half" ? 0x7c000000 : 0x7f800000);
      f.i32(16).op("i32.shr_u");
      break;
    case "i64":
      f.memory("i64.load").i64(-(2n ** 63n)).op("i64.xor");
      break;
    case "f64":
      f.memory("i64.load").set(long).i64(0n).get(long);
      f.get(long).i64(-(2n ** 63n)).op("i64.eq").op("select").set(long);
      f.i64(-1n).get(long).get(long).i64(63n).op("i64.shr_s");
      f.i64(-(2n ** 63n)).op("i64.or").op("i64.xor");
      f.get(long).i64(2n ** 63n - 1n).op("i64.and");
      f.i64(0x7ff0000000000000n).op("i64.gt_u").op("select");
      break;
  }
}

/** Bits that turn a key around. */
export function reversing(type: SortType): number {
  return type === "u8" || type === "i8"
    ? 0xff
    : SORT_BYTES[type] === 2
    ? 0xffff
    : -1;
}

/** Repeats while `at` is below `end`. */
export function below(
  f: FunctionBuilder,
  at: number,
  end: number,
  body: () => void,
): void {
  f.block().loop().get(at).get(end).op("i32.ge_u").brIf(1);
  body();
  f.br(0).end().end();
}

/** Adds a constant to a variable. */
export function add(f: FunctionBuilder, variable: number, by: number): void {
  f.get(variable).i32(by).op("i32.add").set(variable);
}
