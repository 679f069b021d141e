// Golden cases as the GPU has them: int32 in place of int64, and float32 in
// place of float64 where a case has no other floats. A case that has no such
// form is left out for a reason, which is counted.

import {
  decodeNumber,
  type GoldenCase,
  type GoldenNumber,
} from "../golden_case.ts";

import { HAS_FLOAT16 } from "./gpu_test_case.ts";

/** Why a case has no form on the GPU. */
export type Reason =
  /** It has float64 beside other floats, or numbers that are too large or small for float32. */
  | "float64"
  /** It has integers of more than 32 bits, or asks for int64 by name. */
  | "int64"
  /** It has float16, which this GPU does not offer. */
  | "float16"
  /** It is refused on the CPU because int32 is not int64; here it is. */
  | "int32 indices"
  /** A kernel cannot report that an element it divides by is zero. */
  | "zero divisors"
  /** Which of equal elements is named is up to PyTorch's search on the CPU. */
  | "ties";

/** A case on the GPU; `narrowed` where its answers are float64's. */
export interface Translation {
  readonly golden: GoldenCase;
  readonly narrowed: boolean;
}

const MOST_INTEGER = 2 ** 31;
const MOST_FLOAT = 3.4e38;
const LEAST_FLOAT = 1.2e-38;

/** float64 is what these are about. */
const DOUBLE = new Set(["double", "floatPower"]);

/** What the CPU says of int32 tensors where it wants int64. */
const INT32_REFUSED =
  /should be type int64|or Byte, but got Int$|"avgPool2d" not implemented for 'Int'/;

/** What is found on the way through a case. */
class Search {
  reason: Reason | null = null;
  readonly floats = new Set<string>();

  /** The same value in the GPU's types. */
  translate(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.translate(each));
    if (value === "int64") return "int32";
    if (typeof value === "string" && value.includes("float")) {
      this.floats.add(value);
    }
    if (value === "float64") return "float32";
    if (typeof value !== "object" || value === null) return value;
    const { dtype, data } = value as { dtype?: string; data?: GoldenNumber[] };
    if (Array.isArray(data)) this.#examine(dtype, data);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, this.translate(each)]),
    );
  }

  #examine(dtype: string | undefined, data: readonly GoldenNumber[]): void {
    for (const item of data) {
      const size = Math.abs(Number(decodeNumber(item)));
      if (dtype === "int64" && size >= MOST_INTEGER) this.reason ??= "int64";
      if (dtype !== "float64" || !(size > 0 && size < Infinity)) continue;
      if (size > MOST_FLOAT || size < LEAST_FLOAT) this.reason ??= "float64";
    }
  }
}

function hasTies(x: unknown): boolean {
  const { data } = x as { data: readonly GoldenNumber[] };
  return new Set(data).size < data.length;
}

function refusal({ op, args, error }: GoldenCase): Reason | null {
  if (DOUBLE.has(op)) return "float64";
  if (op === "long") return "int64";
  if (op === "kthvalue" && hasTies(args[0])) return "ties";
  const { message = "" } = error ?? {};
  if (message.includes("ZeroDivision")) {
    return typeof args[1] === "number" ? null : "zero divisors";
  }
  return INT32_REFUSED.test(message) ? "int32 indices" : null;
}

/** A case on the GPU, or why there is none. */
export function translated(golden: GoldenCase): Translation | Reason {
  const search = new Search();
  const { error, ...rest } = golden;
  const here = {
    ...search.translate(rest) as GoldenCase,
    ...(error === undefined ? {} : { error }),
  };
  if (search.floats.has("float16") && !HAS_FLOAT16) search.reason ??= "float16";
  const narrowed = search.floats.has("float64");
  if (narrowed && search.floats.size > 1) search.reason ??= "float64";
  return search.reason ?? refusal(golden) ?? { golden: here, narrowed };
}

/** Messages name the types that the CPU has in place of the GPU's. */
export function translatedMessage(text: string): string {
  return text
    .replaceAll("long int", "int")
    .replaceAll("Long", "Int")
    .replaceAll("int64", "int32")
    .replaceAll("Double", "Float")
    .replaceAll("double", "float")
    .replaceAll("float64", "float32");
}
