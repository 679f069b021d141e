// CSV files as columns: which of them are what, and what they are called.

import { shown } from "../tensor/arguments.ts";
import { type DType, dtypeInfo, getDefaultDtype } from "../tensor/dtype.ts";
import { IndexError, RuntimeError, ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { stack } from "../tensor/ops/joining.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Readable, withSource } from "../io/byte_source.ts";
import { gunzip, inflateLimit, type InflateOptions } from "../io/inflate.ts";
import { setEntry } from "../io/named_tensors.ts";
import { type Column, type ColumnType, readColumn } from "./csv_column.ts";
import { type CsvDialect, splitCsv } from "./csv_fields.ts";

/** Options of {@linkcode parseCsv}. */
export interface CsvOptions extends CsvDialect {
  /** Whether the first row has the names (true where not given), or the names. */
  readonly header?: boolean | readonly string[];
  /** Types by name of column; the others are found by looking. */
  readonly columns?: Readonly<Record<string, ColumnType>>;
  /** The floating-point type of the columns of numbers that are found; the default type where not given. */
  readonly dtype?: DType;
  /** What stands for a missing value: nothing, `NA`, `N/A`, `NaN`, `nan`, `null`, `NULL` and `None` where not given. */
  readonly missing?: readonly string[];
}

/** Options of {@linkcode readCsv}. */
export interface ReadCsvOptions extends CsvOptions, InflateOptions {}

const KEYS = [
  "separator",
  "quote",
  "comment",
  "skip",
  "header",
  "columns",
  "dtype",
  "missing",
];
const MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"];

/**
 * The columns of a CSV file, as `parseCsv` and `readCsv` give them.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const table = dg.utils.data.parseCsv("width,height,name\n1,2,a\n3,4,b\n");
 * assertEquals(table.names, ["width", "height", "name"]);
 * assertEquals(table.tensor().tolist(), [[1, 2], [3, 4]]);
 * assertEquals(table.text("name"), ["a", "b"]);
 * ```
 */
export class CsvTable {
  /** The names, in order. */
  readonly names: readonly string[];
  /** Number of rows. */
  readonly length: number;
  /** The columns by name: tensors of one dimension, or text with null where it is missing. */
  readonly columns: Readonly<Record<string, Tensor | (string | null)[]>>;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #float: DType;

  /** Takes the columns by name and the type of matrices; `parseCsv` and `readCsv` make tables. */
  constructor(
    columns: ReadonlyMap<string, Column>,
    length: number,
    float: DType,
  ) {
    this.#columns = columns;
    this.#float = float;
    this.names = [...columns.keys()];
    this.length = length;
    const record: Record<string, Tensor | (string | null)[]> = {};
    for (const [name, { values }] of columns) setEntry(record, name, values);
    this.columns = record;
  }

  #column(name: string): Column {
    const found = this.#columns.get(name);
    if (found !== undefined) return found;
    throw new IndexError(
      `there is no column ${shown(name)}`,
      `the columns are ${this.names.join(", ")}`,
    );
  }

  /** A column of numbers. Throws a TypeError where it is text. */
  column(name: string): Tensor {
    const { values } = this.#column(name);
    if (isTensor(values)) return values;
    throw new TypeError(
      `the column ${shown(name)} is text; read it as "category" for numbers`,
    );
  }

  /** A column of text. Throws a TypeError where it is numbers. */
  text(name: string): (string | null)[] {
    const { values } = this.#column(name);
    if (!isTensor(values)) return values;
    throw new TypeError(
      `the column ${shown(name)} is ${values.dtype}; read it as "string"`,
    );
  }

  /** The classes of a column that was read as `"category"`. */
  classes(name: string): readonly string[] {
    const { classes } = this.#column(name);
    if (classes !== undefined) return classes;
    throw new TypeError(
      `the column ${shown(name)} has no classes; read it as "category"`,
    );
  }

  /**
   * Columns side by side, a row for each row of the file: all columns of numbers
   * where no names are given, of the file's floating-point type where no type is.
   */
  tensor(
    names?: readonly string[],
    options: { readonly dtype?: DType } = {},
  ): Tensor {
    checkOptions(options, ["dtype"], "CsvTable.tensor");
    const { dtype = this.#float } = options;
    const wanted = names ??
      this.names.filter((name) => isTensor(this.columns[name]));
    if (wanted.length === 0) throw new ValueError("no columns of numbers");
    return stack(wanted.map((name) => this.column(name).to(dtype)), 1);
  }
}

/** The names of the columns; those of the first row are taken out of it. */
function takeNames(
  source: string,
  columns: string[][],
  lines: number[],
  header: boolean | readonly string[],
): string[] {
  let names: string[];
  if (header === true) {
    names = columns.map((fields) => fields.shift()!.trim());
    lines.shift();
  } else if (header === false) {
    names = columns.map((_, i) => String(i));
  } else {
    names = [...header];
    if (names.length !== columns.length && columns.length > 0) {
      throw new RuntimeError(
        `${source}: ${columns.length} columns and ${names.length} names`,
      );
    }
  }
  if (new Set(names).size !== names.length) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    throw new RuntimeError(
      `${source}: two columns have the name ${JSON.stringify(twice)}`,
      "give names with { header: [...] } and pass over the first line with { skip: 1 }",
    );
  }
  return names;
}

function makeTable(
  source: string,
  text: string,
  options: CsvOptions,
): CsvTable {
  const { header = true, columns: types = {}, missing = MISSING } = options;
  const { columns, lines } = splitCsv(source, text, options);
  const names = takeNames(source, columns, lines, header);
  for (const name of Object.keys(types)) {
    if (names.includes(name)) continue;
    throw new ValueError(
      `${source}: there is no column ${JSON.stringify(name)}`,
      `the columns are ${names.join(", ")}`,
    );
  }
  const { dtype: float = getDefaultDtype() } = options;
  if (dtypeInfo(float).category !== 2) {
    throw new TypeError(`dtype must be a floating-point type, not ${float}`);
  }
  const rules = { missing: new Set(missing), float };
  const out = new Map<string, Column>();
  names.forEach((name, i) => {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    const place = { source, name, lines };
    out.set(name, readColumn(columns[i] ?? [], type, rules, place));
  });
  return new CsvTable(out, lines.length, float);
}

/**
 * Reads CSV text into columns. A column becomes int64 where all of its fields
 * are integers, `dtype` where they are numbers or some are missing
 * (NaN), bool where all are `true` or `false`, else text; `columns` gives types
 * by name, `"category"` for the numbers of classes. Throws a RuntimeError that
 * names the line where rows differ in length or a field does not fit its type.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const table = dg.utils.data.parseCsv("x,y,kind\n1,2.5,b\n3,,a\n", {
 *   columns: { kind: "category" },
 * });
 * assertEquals(table.column("x").tolist(), [1, 3]);
 * assertEquals(table.column("y").tolist(), [2.5, NaN]);
 * assertEquals(table.column("kind").tolist(), [1, 0]);
 * assertEquals(table.classes("kind"), ["a", "b"]);
 * assertEquals(table.tensor(["x", "y"]).shape, [2, 2]);
 * ```
 */
export function parseCsv(text: string, options: CsvOptions = {}): CsvTable {
  checkOptions(options, KEYS, "parseCsv");
  if (typeof text !== "string") {
    throw new TypeError(
      `parseCsv(): expected text, not ${shown(text)}; readCsv() takes a path`,
    );
  }
  return makeTable("csv", text, options);
}

/**
 * Reads a CSV file, which may be compressed by gzip: a path, a file URL or its
 * bytes. See {@linkcode parseCsv}.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("1;2\n3;4\n");
 * const table = dg.utils.data.readCsv(bytes, {
 *   header: false,
 *   separator: ";",
 * });
 * assertEquals(table.tensor().tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function readCsv(
  from: Readable,
  options: ReadCsvOptions = {},
): CsvTable {
  checkOptions(options, [...KEYS, "maxBytes"], "readCsv");
  return withSource(from, "csv", (source) => {
    const raw = source.read(0, source.size);
    const limit = inflateLimit(source.size, options);
    const gzip = raw[0] === 0x1f && raw[1] === 0x8b;
    const bytes = gzip ? gunzip(source, raw, limit) : raw;
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      throw new RuntimeError(`${source.name}: the text is not UTF-8`);
    }
    return makeTable(source.name, text, options);
  });
}
