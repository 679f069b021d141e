// A column of CSV: from text to a tensor, by a type that was given or found.

import { tensor } from "../tensor/create.ts";
import { type DType, dtypeInfo, INT64 } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a column becomes: a tensor of an element type, text, or the numbers of its classes. */
export type ColumnType = DType | "string" | "category";

/** Where a column stands, for messages. */
export interface ColumnPlace {
  /** The file. */
  readonly source: string;
  /** The name of the column. */
  readonly name: string;
  /** The line of each row. */
  readonly lines: readonly number[];
}

/** A column that was read. */
export interface Column {
  /** Its elements: a tensor, or text with null where it is missing. */
  readonly values: Tensor | (string | null)[];
  /** The classes whose numbers the elements are, for `"category"`. */
  readonly classes?: readonly string[];
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["+inf", Infinity],
  ["-inf", -Infinity],
  ["infinity", Infinity],
  ["-infinity", -Infinity],
]);
const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["false", 0],
]);

function parseNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : SPECIAL.get(text.toLowerCase());
}

function parseBoolean(text: string): number | undefined {
  if (text === "0" || text === "1") return Number(text);
  return BOOLEANS.get(text.toLowerCase());
}

/** Whether text is an integer that int64 holds. */
function isInteger(text: string): boolean {
  if (!INTEGER.test(text)) return false;
  if (text.length < 18) return true;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, value) === value;
}

/** The type that fits all fields: bool, int64, a floating-point type, or text. */
function findType(
  fields: readonly string[],
  missing: Set<string>,
  float: DType,
): ColumnType {
  let gaps = false;
  let booleans = true;
  let integers = true;
  let numbers = true;
  let present = 0;
  for (const field of fields) {
    const text = field.trim();
    if (missing.has(text)) {
      gaps = true;
      continue;
    }
    present++;
    booleans &&= BOOLEANS.has(text.toLowerCase());
    integers &&= isInteger(text);
    numbers &&= integers || parseNumber(text) !== undefined;
    if (!booleans && !numbers) return "string";
  }
  if (present > 0 && booleans) return gaps ? "string" : "bool";
  // Only floating-point types have something to put into the gaps.
  return gaps || !integers || present === 0 ? float : INT64.name;
}

function refuse(
  { source, name, lines }: ColumnPlace,
  row: number,
  problem: string,
): never {
  throw new RuntimeError(
    `${source}, line ${lines[row]}, column ${JSON.stringify(name)}: ${problem}`,
  );
}

/** Elements of a type, which all but floating-point types need in every row. */
function toTensor(
  fields: readonly string[],
  missing: Set<string>,
  type: DType,
  place: ColumnPlace,
): Tensor {
  const info = dtypeInfo(type);
  const numbers = new Float64Array(fields.length);
  const exact = info === INT64 ? new BigInt64Array(fields.length) : null;
  fields.forEach((raw, row) => {
    const text = raw.trim();
    if (missing.has(text)) {
      if (info.category === 2) numbers[row] = NaN;
      else refuse(place, row, `the value is missing, and ${type} has no NaN`);
      return;
    }
    const value = info.category === 0 ? parseBoolean(text) : parseNumber(text);
    const fits = value !== undefined &&
      (info.category !== 1 || INTEGER.test(text));
    if (!fits) refuse(place, row, `${JSON.stringify(text)} is no ${type}`);
    const wide = info.category === 1 &&
      (exact !== null
        ? !isInteger(text)
        : value < info.min || value > info.max);
    if (wide) refuse(place, row, `${text} is out of range for ${type}`);
    numbers[row] = value;
    if (exact !== null) exact[row] = BigInt(text.replace("+", ""));
  });
  return exact === null ? tensor(numbers, { dtype: type }) : tensor(exact);
}

/** Numbers of the classes, which are sorted; -1 where there is none. */
function toCategories(
  fields: readonly string[],
  missing: Set<string>,
): Column {
  const present = new Set(fields.filter((text) => !missing.has(text.trim())));
  const classes = [...present].sort();
  const numbers = new Map(classes.map((text, i) => [text, i]));
  const codes = Int32Array.from(fields, (text) => numbers.get(text) ?? -1);
  return { values: tensor(codes).long(), classes };
}

/** What is known of the types of columns. */
export interface ColumnRules {
  /** What stands for a missing value. */
  readonly missing: Set<string>;
  /** The type of numbers that are not all integers. */
  readonly float: DType;
}

/** Reads a column, by its type if that was given. */
export function readColumn(
  fields: readonly string[],
  type: ColumnType | undefined,
  { missing, float }: ColumnRules,
  place: ColumnPlace,
): Column {
  const wanted = type ?? findType(fields, missing, float);
  if (wanted === "category") return toCategories(fields, missing);
  if (wanted === "string") {
    const text = (field: string) => missing.has(field.trim()) ? null : field;
    return { values: fields.map(text) };
  }
  return { values: toTensor(fields, missing, wanted, place) };
}
