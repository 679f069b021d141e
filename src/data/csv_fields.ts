// Splitting CSV text into fields, as RFC 4180 says: quotes may hold separators
// and line ends, and a doubled quote stands for one. Knows nothing of types.

import { RuntimeError, ValueError } from "../tensor/errors.ts";

/** How the text is written. */
export interface CsvDialect {
  /** What stands between fields; a comma where not given. */
  readonly separator?: string;
  /** What encloses fields that hold separators; a double quote where not given. */
  readonly quote?: string;
  /** Lines that begin with it are passed over; none where not given. */
  readonly comment?: string;
  /** How many lines to pass over at the beginning; 0 where not given. */
  readonly skip?: number;
}

/** Fields by column, and the line of each row. */
export interface CsvFields {
  /** The fields of each column. */
  readonly columns: string[][];
  /** The line on which each row begins, from 1. */
  readonly lines: number[];
}

function checkDialect(dialect: CsvDialect): [string, string] {
  const { separator = ",", quote = '"', comment } = dialect;
  if (separator.length !== 1 || quote.length !== 1 || separator === quote) {
    throw new ValueError("separator and quote must be one letter each");
  }
  if (comment === "") throw new ValueError("comment must not be empty");
  return [separator, quote];
}

/** Reads fields one after the other. */
class Splitter {
  readonly #name: string;
  readonly #text: string;
  readonly #separator: string;
  readonly #quote: string;
  #at: number;
  #line = 1;

  constructor(name: string, text: string, separator: string, quote: string) {
    this.#name = name;
    this.#text = text;
    this.#separator = separator;
    this.#quote = quote;
    // A byte order mark is no part of the first name.
    this.#at = text.startsWith("\ufeff") ? 1 : 0;
  }

  get line(): number {
    return this.#line;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
    this.#line++;
  }

  error(message: string): RuntimeError {
    return new RuntimeError(`${this.#name}, line ${this.#line}: ${message}`);
  }

  /** Reads a field, and whether it is the last of its row. */
  field(): [string, boolean] {
    const text = this.#text;
    let value: string;
    if (text[this.#at] === this.#quote) value = this.#quoted();
    else {
      const start = this.#at;
      while (this.#at < text.length && !this.#atEnd()) this.#at++;
      value = text.slice(start, this.#at);
    }
    return [value, this.#endField()];
  }

  /** Whether a separator or a line end is next. */
  #atEnd(): boolean {
    const letter = this.#text[this.#at];
    return letter === this.#separator || letter === "\n" || letter === "\r";
  }

  /** Passes over what ends a field; true at the end of the row. */
  #endField(): boolean {
    const text = this.#text;
    const letter = text[this.#at];
    if (letter === undefined) return true;
    this.#at++;
    if (letter === this.#separator) return false;
    if (letter === "\r" && text[this.#at] === "\n") this.#at++;
    this.#line++;
    return true;
  }

  #quoted(): string {
    const text = this.#text;
    const quote = this.#quote;
    const first = this.#line;
    let value = "";
    let start = this.#at + 1;
    for (;;) {
      const end = text.indexOf(quote, start);
      if (end < 0) {
        this.#line = first;
        throw this.error("a quote is opened and never closed");
      }
      const part = text.slice(start, end);
      for (const letter of part) if (letter === "\n") this.#line++;
      value += part;
      this.#at = end + 1;
      if (text[this.#at] !== quote) break;
      value += quote;
      start = this.#at + 1;
    }
    if (this.#at < text.length && !this.#atEnd()) {
      throw this.error("a field goes on after its closing quote");
    }
    return value;
  }
}

/** Splits text into fields by column. Empty lines are passed over; rows of another length are an error. */
export function splitCsv(
  name: string,
  text: string,
  dialect: CsvDialect,
): CsvFields {
  const [separator, quote] = checkDialect(dialect);
  const { comment, skip = 0 } = dialect;
  const splitter = new Splitter(name, text, separator, quote);
  for (let i = 0; i < skip && !splitter.ended; i++) splitter.skipLine();
  const columns: string[][] = [];
  const lines: number[] = [];
  while (!splitter.ended) {
    const empty = splitter.startsWith("\n") || splitter.startsWith("\r\n");
    if (empty || (comment !== undefined && splitter.startsWith(comment))) {
      splitter.skipLine();
      continue;
    }
    const { line } = splitter;
    let count = 0;
    for (let last = false; !last; count++) {
      const [value, ends] = splitter.field();
      last = ends;
      if (lines.length === 0) columns.push([value]);
      else columns[count]?.push(value);
    }
    if (count !== columns.length) {
      throw new RuntimeError(
        `${name}, line ${line}: ${count} fields instead of ${columns.length}`,
        "rows have as many fields as the first one; is the separator right?",
      );
    }
    lines.push(line);
  }
  return { columns, lines };
}
