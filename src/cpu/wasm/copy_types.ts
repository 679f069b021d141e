// Element types as copies see them.

/** Element types; without conversion only their size counts, and `b16` stands for all of 16 bits. */
export type CopyType =
  | "f32"
  | "f64"
  | "i32"
  | "i64"
  | "i8"
  | "i16"
  | "u8"
  | "bool"
  | "b16"
  | "f16"
  | "bf16";

/** Bytes of an element. */
export const COPY_BYTES: Readonly<Record<CopyType, number>> = {
  f32: 4,
  f64: 8,
  i32: 4,
  i64: 8,
  i8: 1,
  i16: 2,
  u8: 1,
  bool: 1,
  b16: 2,
  f16: 2,
  bf16: 2,
};

/** By the code of the element type. */
export const COPY_TYPES: readonly CopyType[] = [
  "bool",
  "u8",
  "i8",
  "i16",
  "i32",
  "i64",
  "f16",
  "bf16",
  "f32",
  "f64",
];
