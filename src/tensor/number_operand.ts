// Plain numbers beside a tensor where the number is a parameter of the kernel
// and not a tensor of its own: what it does to the type.

import type { DTypeInfo } from "./dtype.ts";
import { castTo, checkNumber, numberInfo } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** A plain number as the user writes it. */
export type PlainNumber = number | boolean | bigint;

/** The type that a tensor of type `info` has together with a plain number. */
function infoBeside(info: DTypeInfo, value: PlainNumber): DTypeInfo {
  const own = typeof value === "boolean" ? info : numberInfo(value, info);
  return own.category > info.category ? own : info;
}

/** Converts `x` to the type that it has together with a plain number; what changes has no gradient. */
export function besideNumber(x: Tensor, value: PlainNumber): Tensor {
  checkNumber(value);
  return castTo(x, infoBeside(x.info, value));
}

/** The type of a few plain numbers among themselves: a float where one has a fraction. */
export function isWhole(value: PlainNumber): boolean {
  return typeof value !== "number" || Number.isInteger(value);
}
