// The header of NumPy's .npy format: a Python dictionary in text, of which
// exactly three entries are understood. See numpy.lib.format.

import { malformed } from "./byte_source.ts";
import {
  FILE_TYPES,
  type FileType,
  UNSIGNED_16,
  UNSIGNED_32,
  UNSIGNED_64,
} from "./element_bytes.ts";
import type { Shape } from "../tensor/shape.ts";

/** What a header says. */
export interface NpyHeader {
  /** Type of the elements. */
  readonly type: FileType;
  /** Whether the least significant byte comes first. */
  readonly littleEndian: boolean;
  /** Whether the first dimension runs fastest. */
  readonly fortranOrder: boolean;
  /** Length along each dimension. */
  readonly shape: readonly number[];
}

/** NumPy's codes of the types, without the byte order. */
const TYPES: ReadonlyMap<string, FileType> = new Map([
  ["b1", FILE_TYPES.bool],
  ["u1", FILE_TYPES.uint8],
  ["i1", FILE_TYPES.int8],
  ["i2", FILE_TYPES.int16],
  ["i4", FILE_TYPES.int32],
  ["i8", FILE_TYPES.int64],
  ["f2", FILE_TYPES.float16],
  ["f4", FILE_TYPES.float32],
  ["f8", FILE_TYPES.float64],
  ["c8", FILE_TYPES.complex64],
  ["c16", FILE_TYPES.complex128],
  ["u2", UNSIGNED_16],
  ["u4", UNSIGNED_32],
  ["u8", UNSIGNED_64],
]);

/** What NumPy's codes of other types stand for. */
const REFUSED: Readonly<Record<string, string>> = {
  O: "Python objects (they are pickled, which could run any code)",
  U: "text",
  S: "bytes",
  a: "bytes",
  V: "raw bytes",
  c: "complex numbers of another size",
  f: "floating-point numbers of another size",
  M: "dates",
  m: "time differences",
};

type Named = { readonly name: string };

/** Splits a Python literal into its tokens. */
function tokens(source: Named, text: string): string[] {
  const pattern =
    /\s*(?:('[^'\\\n]*'|"[^"\\\n]*"|True|False|\d+L?|[{}()[\],:])|(\S))/gy;
  const found: string[] = [];
  for (const [, token, other] of text.matchAll(pattern)) {
    if (token === undefined) {
      throw malformed(source, `the header has an unexpected ${other}`);
    }
    found.push(token);
  }
  return found;
}

/** Reads tokens one after the other. */
class Tokens {
  readonly #source: Named;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(source: Named, text: string) {
    this.#source = source;
    this.#tokens = tokens(source, text);
  }

  /** The next token, if it is the wanted one. */
  take(wanted: string): boolean {
    if (this.#tokens[this.#at] !== wanted) return false;
    this.#at++;
    return true;
  }

  /** The next token, whatever it is; empty at the end. */
  next(): string {
    return this.#tokens[this.#at++] ?? "";
  }

  /** Fails unless the next token is the wanted one. */
  expect(wanted: string): void {
    if (!this.take(wanted)) {
      throw malformed(this.#source, `the header lacks a ${wanted}`);
    }
  }

  /** A string without its quotes. */
  string(): string {
    const token = this.next();
    if (!/^['"]/.test(token)) {
      throw malformed(this.#source, `the header has ${token} for a string`);
    }
    return token.slice(1, -1);
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length;
  }
}

function parseDescr(source: Named, tokens: Tokens): string {
  if (tokens.take("[") || tokens.take("{") || tokens.take("(")) {
    throw malformed(
      source,
      "structured element types are not supported",
      "save each field as an array of its own",
    );
  }
  return tokens.string();
}

function parseFlag(source: Named, tokens: Tokens): boolean {
  const token = tokens.next();
  if (token === "True" || token === "False") return token === "True";
  throw malformed(source, `fortran_order is not a valid bool: ${token}`);
}

function parseShape(source: Named, tokens: Tokens): number[] {
  tokens.expect("(");
  const shape: number[] = [];
  while (!tokens.take(")")) {
    const token = tokens.next();
    const n = /^\d+L?$/.test(token) ? Number.parseInt(token, 10) : NaN;
    if (!Number.isSafeInteger(n)) {
      throw malformed(source, `shape is not valid: ${token}`);
    }
    shape.push(n);
    if (!tokens.take(",")) {
      tokens.expect(")");
      break;
    }
  }
  return shape;
}

/** The type that NumPy's `descr` names. */
function typeOf(source: Named, descr: string): FileType {
  const type = /^[<>|=]/.test(descr) ? TYPES.get(descr.slice(1)) : undefined;
  if (type !== undefined) return type;
  const meaning = REFUSED[descr.replace(/^[<>|=]/, "")[0] ?? ""];
  throw malformed(
    source,
    `the element type ${JSON.stringify(descr)} is not supported${
      meaning === undefined ? "" : `: ${meaning}`
    }`,
    "convert the array in NumPy first, as with astype(np.float32)",
  );
}

/** Reads the text of a header. */
export function parseNpyHeader(source: Named, text: string): NpyHeader {
  const tokens = new Tokens(source, text);
  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  tokens.expect("{");
  while (!tokens.take("}")) {
    const key = tokens.string();
    tokens.expect(":");
    if (key === "descr") descr = parseDescr(source, tokens);
    else if (key === "fortran_order") fortranOrder = parseFlag(source, tokens);
    else if (key === "shape") shape = parseShape(source, tokens);
    else throw malformed(source, `the header has an unknown entry ${key}`);
    if (!tokens.take(",")) {
      tokens.expect("}");
      break;
    }
  }
  if (!tokens.ended) {
    throw malformed(source, "the header goes on after its end");
  }
  if (
    descr === undefined || fortranOrder === undefined || shape === undefined
  ) {
    throw malformed(
      source,
      "the header does not contain the correct keys: descr, fortran_order, shape",
    );
  }
  const type = typeOf(source, descr);
  return { type, littleEndian: descr[0] !== ">", fortranOrder, shape };
}

/** The code of a type that NumPy has. */
export function npyCode(type: FileType): string | undefined {
  for (const [code, known] of TYPES) {
    if (known === type) return `${type.bytes === 1 ? "|" : "<"}${code}`;
  }
  return undefined;
}

/** Alignment of the first element in a file, as NumPy chooses it. */
const ALIGNMENT = 64;

/** The bytes of a file up to the first element, byte for byte as NumPy writes them. */
export function npyPreamble(
  code: string,
  fortranOrder: boolean,
  shape: Shape,
): Uint8Array<ArrayBuffer> {
  const order = fortranOrder ? "True" : "False";
  const size = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  // NumPy leaves room for the growing dimension to get longer.
  const growing = shape[fortranOrder ? shape.length - 1 : 0];
  const room = growing === undefined ? 0 : 21 - String(growing).length;
  const dict =
    `{'descr': '${code}', 'fortran_order': ${order}, 'shape': ${size}, }${
      " ".repeat(room)
    }`;
  const unpadded = 10 + dict.length + 1;
  const padding = ALIGNMENT - unpadded % ALIGNMENT;
  const text = `\x93NUMPY\x01\x00..${dict}${" ".repeat(padding)}\n`;
  const out = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  new DataView(out.buffer).setUint16(8, out.length - 10, true);
  return out;
}
