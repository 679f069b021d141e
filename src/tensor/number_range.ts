// Whether a plain number fits an element type, as PyTorch checks it. Pure:
// knows nothing of tensors.

import { shown } from "./arguments.ts";
import { type DTypeInfo, partInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";

/** Names of the C types in PyTorch's sentence, where they differ from {@linkcode DTypeInfo.cName}. */
const C_NAMES: Readonly<Record<string, string>> = {
  uint8: "uint8_t",
  int8: "int8_t",
  int16: "int16_t",
  int64: "int64_t",
};

/** Largest finite value of the floating-point types whose range PyTorch checks. */
const LARGEST: Readonly<Record<string, number>> = {
  float16: 65504,
  float32: 3.4028234663852886e38,
};

/** Whether an integer type holds a value; unsigned types also take what wraps around to them. */
export function integerFits(value: number | bigint, info: DTypeInfo): boolean {
  if (info.category === 0) return true;
  const { min, max } = info;
  const lowest = min === 0 ? -max : min;
  if (typeof value === "bigint") {
    return value >= BigInt(lowest) && value < BigInt(max) + BELOW[info.code]!;
  }
  // 2 ** 63 as a float is one more than int64 holds.
  return value >= lowest &&
    (info.name === "int64" ? value < max : value <= max);
}

/** What to add to {@linkcode DTypeInfo.max} for an exclusive bound: nothing for int64. */
const BELOW: readonly bigint[] = [1n, 1n, 1n, 1n, 1n, 0n];

/** Fails unless a number fits an element type; floating-point types take infinities. */
export function checkFits(
  value: number | bigint | boolean,
  info: DTypeInfo,
): void {
  if (typeof value === "boolean") return;
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw new TypeError(`expected a tensor or a number, not ${shown(value)}`);
  }
  if (info.category >= 2) {
    const largest = LARGEST[partInfo(info).name];
    const size = Math.abs(Number(value));
    if (largest === undefined || !(size > largest) || size === Infinity) return;
  } else if (integerFits(value, info)) return;
  overflow(value, checkedName(info), info);
}

/** How PyTorch's sentence about values out of range names a type. */
export function checkedName(info: DTypeInfo): string {
  return C_NAMES[info.name] ?? info.cName;
}

/** Fails with PyTorch's sentence for a value out of range; `type` is how it names the type there. */
export function overflow(
  value: number | bigint,
  type: string,
  info: DTypeInfo,
): never {
  throw new RuntimeError(
    `value cannot be converted to type ${type} without overflow`,
    `${value} is outside the range of ${info.name}`,
  );
}
