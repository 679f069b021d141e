// The element types and PyTorch's promotion lattice. Pure: knows nothing of
// tensors, storage or devices.

import { ValueError } from "./errors.ts";

/** Name of an element type, spelled as in PyTorch without `torch.`. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool"
  | "complex64"
  | "complex128";

/** The element type `"float32"`, the default. */
export const float32 = "float32";
/** The element type `"float64"`. */
export const float64 = "float64";
/** The element type `"float16"`. */
export const float16 = "float16";
/** The element type `"bfloat16"`. */
export const bfloat16 = "bfloat16";
/** The element type `"int64"`. */
export const int64 = "int64";
/** The element type `"int32"`. */
export const int32 = "int32";
/** The element type `"int16"`. */
export const int16 = "int16";
/** The element type `"int8"`. */
export const int8 = "int8";
/** The element type `"uint8"`. */
export const uint8 = "uint8";
/** The element type `"bool"`. */
export const bool = "bool";
/** The element type `"complex64"`: two float32. */
export const complex64 = "complex64";
/** The element type `"complex128"`: two float64. */
export const complex128 = "complex128";

/** Category in the promotion lattice: bool < integer < floating point < complex. */
export type Category = 0 | 1 | 2 | 3;

/** What the code asks about an element type; one object per type, so that types compare by identity. */
export interface DTypeInfo {
  /** Public name. */
  readonly name: DType;
  /** Dense index, for tables of kernels. */
  readonly code: number;
  /** Bytes per element. */
  readonly bytes: number;
  /** 0 bool, 1 integer, 2 floating point, 3 complex. */
  readonly category: Category;
  /** PyTorch's C++ name, as in its error messages: `Float`, `Long`. */
  readonly scalarName: string;
  /** PyTorch's Python name of the C type in dtype errors: `float`, `long int`. */
  readonly cName: string;
  /** Smallest integer value, 0 where it does not apply. */
  readonly min: number;
  /** Largest integer value, 0 where it does not apply. */
  readonly max: number;
}

function info(
  name: DType,
  code: number,
  bytes: number,
  category: Category,
  scalarName: string,
  cName: string,
  min = 0,
  max = 0,
): DTypeInfo {
  return { name, code, bytes, category, scalarName, cName, min, max };
}

/** `bool` */
export const BOOL: DTypeInfo = info("bool", 0, 1, 0, "Bool", "bool", 0, 1);
/** `uint8` */
export const UINT8: DTypeInfo = info(
  "uint8",
  1,
  1,
  1,
  "Byte",
  "unsigned char",
  0,
  255,
);
/** `int8` */
export const INT8: DTypeInfo = info(
  "int8",
  2,
  1,
  1,
  "Char",
  "signed char",
  -128,
  127,
);
/** `int16` */
export const INT16: DTypeInfo = info(
  "int16",
  3,
  2,
  1,
  "Short",
  "short",
  -32768,
  32767,
);
/** `int32` */
export const INT32: DTypeInfo = info(
  "int32",
  4,
  4,
  1,
  "Int",
  "int",
  -2147483648,
  2147483647,
);
/** `int64` */
export const INT64: DTypeInfo = info(
  "int64",
  5,
  8,
  1,
  "Long",
  "long int",
  -(2 ** 63),
  2 ** 63,
);
/** `float16` */
export const FLOAT16: DTypeInfo = info("float16", 6, 2, 2, "Half", "c10::Half");
/** `bfloat16` */
export const BFLOAT16: DTypeInfo = info(
  "bfloat16",
  7,
  2,
  2,
  "BFloat16",
  "c10::BFloat16",
);
/** `float32` */
export const FLOAT32: DTypeInfo = info("float32", 8, 4, 2, "Float", "float");
/** `float64` */
export const FLOAT64: DTypeInfo = info("float64", 9, 8, 2, "Double", "double");

/** `complex64`: its elements are pairs of float32. */
export const COMPLEX64: DTypeInfo = info(
  "complex64",
  10,
  8,
  3,
  "ComplexFloat",
  "c10::complex<float>",
);
/** `complex128`: its elements are pairs of float64. */
export const COMPLEX128: DTypeInfo = info(
  "complex128",
  11,
  16,
  3,
  "ComplexDouble",
  "c10::complex<double>",
);

/** The element types of numbers as memory holds them, indexed by {@linkcode DTypeInfo.code}. */
export const DTYPES: readonly DTypeInfo[] = [
  BOOL,
  UINT8,
  INT8,
  INT16,
  INT32,
  INT64,
  FLOAT16,
  BFLOAT16,
  FLOAT32,
  FLOAT64,
];

/** All element types: those of {@linkcode DTYPES}, and those of pairs of them. */
export const ALL_DTYPES: readonly DTypeInfo[] = [
  ...DTYPES,
  COMPLEX64,
  COMPLEX128,
];

const BY_NAME: ReadonlyMap<string, DTypeInfo> = new Map(
  ALL_DTYPES.map((dtype) => [dtype.name, dtype]),
);

/** Looks up an element type by its public name. */
export function dtypeInfo(name: DType): DTypeInfo {
  if (name === "float32") return FLOAT32;
  const found = BY_NAME.get(name);
  if (found === undefined) {
    throw new ValueError(
      `unknown dtype ${JSON.stringify(name)}`,
      `the dtypes are ${ALL_DTYPES.map((dtype) => dtype.name).join(", ")}`,
    );
  }
  return found;
}

/** The type of the parts of a complex type; any other type itself. */
export function partInfo(info: DTypeInfo): DTypeInfo {
  return info === COMPLEX64 ? FLOAT32 : info === COMPLEX128 ? FLOAT64 : info;
}

/** The complex type whose parts have a type, or that is the default one beside integers. */
export function complexInfo(info: DTypeInfo): DTypeInfo {
  if (info.category === 3) return info;
  const part = info.category === 2 ? info : defaultFloat;
  return part === FLOAT64 ? COMPLEX128 : COMPLEX64;
}

/** Promotes two element types as `torch.promote_types` does. */
export function promote(a: DTypeInfo, b: DTypeInfo): DTypeInfo {
  if (a === b) return a;
  if (a.category !== b.category) {
    if (a === FLOAT64 && b === COMPLEX64) return COMPLEX128;
    if (b === FLOAT64 && a === COMPLEX64) return COMPLEX128;
    return a.category > b.category ? a : b;
  }
  if (a.category === 1) {
    // uint8 with a signed type needs the next signed type that holds both.
    if (a === UINT8) return b === INT8 ? INT16 : b;
    if (b === UINT8) return a === INT8 ? INT16 : a;
  }
  // Neither 16-bit float holds the other.
  if (
    (a === FLOAT16 && b === BFLOAT16) || (a === BFLOAT16 && b === FLOAT16)
  ) return FLOAT32;
  return a.code > b.code ? a : b;
}

let defaultFloat: DTypeInfo = FLOAT32;

/** The type that floating-point literals get. */
export function defaultDtypeInfo(): DTypeInfo {
  return defaultFloat;
}

/**
 * Returns the default floating-point type. See `torch.get_default_dtype`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.getDefaultDtype(), "float32");
 * ```
 */
export function getDefaultDtype(): DType {
  return defaultFloat.name;
}

/**
 * Sets the default floating-point type, which numbers get. See
 * `torch.set_default_dtype`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.setDefaultDtype("float64");
 * assertEquals(dg.tensor([1, 2]).dtype, "float64");
 * dg.setDefaultDtype("float32");
 * ```
 */
export function setDefaultDtype(dtype: DType): void {
  const wanted = dtypeInfo(dtype);
  if (wanted.category !== 2) {
    throw new TypeError(
      "only floating-point types are supported as the default type",
    );
  }
  defaultFloat = wanted;
}
