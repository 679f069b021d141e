// What an element type can hold, and which types go into which. Pure: knows
// nothing of tensors.

import {
  type DType,
  type DTypeInfo,
  dtypeInfo,
  getDefaultDtype,
  partInfo,
  promote,
} from "./dtype.ts";
import { showByToString } from "./inspect.ts";

/** A number as C's `%g` writes it, with six digits. */
function general(value: number | bigint): string {
  const number = Number(value);
  // All digits, to see whether it lies halfway: C takes the even neighbour.
  const whole = number.toExponential(60);
  const halfway = /^(-?\d\.\d{4}[02468])50*e/.exec(whole);
  const [digits, power] = halfway === null
    ? number.toExponential(5).split("e") as [string, string]
    : [halfway[1]!, whole.split("e")[1]!];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) {
    return String(Number(`${digits}e${power}`));
  }
  const sign = exponent < 0 ? "-" : "+";
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${Number(digits)}e${sign}${size}`;
}

/** The limits of a floating-point type, as {@linkcode finfo} gives them. */
export class Finfo {
  /** Bits per element. */
  readonly bits: number;
  /** The step from 1 to the next larger number. */
  readonly eps: number;
  /** The largest number. */
  readonly max: number;
  /** The lowest number. */
  readonly min: number;
  /** The smallest positive number with full precision. */
  readonly smallestNormal: number;
  /** The same as {@linkcode Finfo.smallestNormal}. */
  readonly tiny: number;
  /** The power of ten that decimal digits are good for. */
  readonly resolution: number;
  /** The type. */
  readonly dtype: DType;

  /** Computes the limits of `bits` bits, of which `fraction` hold the fraction. */
  constructor(dtype: DType, bits: number, fraction: number) {
    // 2 ** 1024 is no number, so the largest is made of half of that.
    const half = 2 ** (2 ** (bits - fraction - 2) - 1);
    this.bits = bits;
    this.eps = 2 ** -fraction;
    this.max = half * (2 - this.eps);
    this.min = -this.max;
    this.smallestNormal = 4 / half / 2;
    this.tiny = this.smallestNormal;
    const digits = Math.floor(fraction * Math.LN2 / Math.LN10);
    this.resolution = Number(`1e-${digits}`);
    this.dtype = dtype;
  }

  /** Shows the limits as PyTorch does. */
  toString(): string {
    const fields = {
      resolution: this.resolution,
      min: this.min,
      max: this.max,
      eps: this.eps,
      "smallest_normal": this.smallestNormal,
      tiny: this.tiny,
    };
    const shown = Object.entries(fields).map(([k, v]) => `${k}=${general(v)}`);
    return `finfo(${shown.join(", ")}, dtype=${this.dtype})`;
  }
}

showByToString(Finfo.prototype);

/** The type of the bounds of an integer type: numbers, but for int64, whose bounds only bigints hold. */
export type IntegerBound<D extends DType> = D extends "int64" ? bigint : number;

/** The limits of an integer type, as {@linkcode iinfo} gives them. */
export class Iinfo<D extends DType = DType> {
  /** Bits per element. */
  readonly bits: number;
  /** The largest integer; a bigint for int64. */
  readonly max: IntegerBound<D>;
  /** The lowest integer; a bigint for int64. */
  readonly min: IntegerBound<D>;
  /** The type. */
  readonly dtype: DType;

  /** Takes the limits of a type. */
  constructor({ name, bytes, min, max }: DTypeInfo) {
    this.bits = 8 * bytes;
    const wide = name === "int64";
    this.max = (wide ? 2n ** 63n - 1n : max) as IntegerBound<D>;
    this.min = (wide ? -(2n ** 63n) : min) as IntegerBound<D>;
    this.dtype = name;
  }

  /** Shows the limits as PyTorch does. */
  toString(): string {
    return `iinfo(min=${general(this.min)}, max=${
      general(this.max)
    }, dtype=${this.dtype})`;
  }
}

showByToString(Iinfo.prototype);

/** Bits of the fraction, by type. */
const FRACTION: Readonly<Partial<Record<DType, number>>> = {
  float16: 10,
  bfloat16: 7,
  float32: 23,
  float64: 52,
};

/**
 * What a floating-point type can hold: `bits`, `eps`, `max`, `min`, `tiny`,
 * `smallestNormal`, `resolution` and `dtype`. The default type where none is
 * given; a complex type has the limits of its parts. Throws a TypeError for
 * integers and bool. See `torch.finfo`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.finfo("float32").eps, 2 ** -23);
 * assertEquals(dg.finfo("float16").max, 65504);
 * ```
 */
export function finfo(dtype: DType = getDefaultDtype()): Finfo {
  // A complex type has the limits of its parts.
  const { name, bytes } = partInfo(dtypeInfo(dtype));
  const fraction = FRACTION[name];
  if (fraction === undefined) {
    throw new TypeError(
      "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
    );
  }
  return new Finfo(name, 8 * bytes, fraction);
}

/**
 * What an integer type can hold: `bits`, `max`, `min` and `dtype`. The bounds
 * of int64 are bigints. Throws a TypeError for other types. See `torch.iinfo`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.iinfo("uint8").max, 255);
 * assertEquals(dg.iinfo("int32").min, -(2 ** 31));
 * ```
 */
export function iinfo<const D extends DType>(dtype: D): Iinfo<D> {
  const info = dtypeInfo(dtype);
  if (info.category >= 2) {
    throw new TypeError(
      "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
    );
  }
  if (info.category === 0) {
    throw new TypeError("torch.bool is not supported by torch.iinfo");
  }
  return new Iinfo<D>(info);
}

/**
 * The smallest type that holds both types, as far as one does. See
 * `torch.promote_types`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.promoteTypes("int32", "float32"), "float32");
 * assertEquals(dg.promoteTypes("uint8", "int8"), "int16");
 * ```
 */
export function promoteTypes(type1: DType, type2: DType): DType {
  return promote(dtypeInfo(type1), dtypeInfo(type2)).name;
}

/**
 * Tells whether an op in place may store one type in another: floats do not go
 * into integers, nor anything else into bool. See `torch.can_cast`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.canCast("int64", "float32"), true);
 * assertEquals(dg.canCast("float32", "int64"), false);
 * ```
 */
export function canCast(from: DType, to: DType): boolean {
  return dtypeInfo(from).category <= dtypeInfo(to).category;
}
