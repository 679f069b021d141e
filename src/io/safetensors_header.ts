// The header of the safetensors format: JSON that says where each tensor lies.
// It is checked as the format demands: every byte of the data belongs to one
// tensor, and no name comes twice.

import { type ByteSource, malformed } from "./byte_source.ts";
import {
  checkedCount,
  FILE_TYPES,
  type FileType,
  UNSIGNED_16,
  UNSIGNED_32,
  UNSIGNED_64,
} from "./element_bytes.ts";

/** Where a tensor lies. */
export interface SafetensorsEntry {
  /** Type of the elements. */
  readonly type: FileType;
  /** Length along each dimension. */
  readonly shape: readonly number[];
  /** Byte of the file at which the elements begin. */
  readonly offset: number;
}

/** What a header says. */
export interface SafetensorsHeader {
  /** Text by name, of no meaning to the format. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The tensors by name, in the order of the header. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
}

/** The format's codes of the types. */
const TYPES: ReadonlyMap<string, FileType> = new Map([
  ["BOOL", FILE_TYPES.bool],
  ["U8", FILE_TYPES.uint8],
  ["I8", FILE_TYPES.int8],
  ["I16", FILE_TYPES.int16],
  ["I32", FILE_TYPES.int32],
  ["I64", FILE_TYPES.int64],
  ["F16", FILE_TYPES.float16],
  ["BF16", FILE_TYPES.bfloat16],
  ["F32", FILE_TYPES.float32],
  ["F64", FILE_TYPES.float64],
  ["C64", FILE_TYPES.complex64],
  ["U16", UNSIGNED_16],
  ["U32", UNSIGNED_32],
  ["U64", UNSIGNED_64],
]);

/** The largest header that the format allows. */
const MOST_HEADER = 100_000_000;
const METADATA = "__metadata__";

/** The code of a type. */
export function safetensorsCode(type: FileType): string {
  for (const [code, known] of TYPES) if (known === type) return code;
  throw new TypeError(`safetensors has no ${type.info.name}`);
}

/** Reads and checks the header of a file. */
export function readSafetensorsHeader(source: ByteSource): SafetensorsHeader {
  if (source.size < 8) {
    throw malformed(source, "HeaderTooSmall: the file has less than 8 bytes");
  }
  const prefix = source.read(0, 8);
  const length = Number(
    new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true),
  );
  if (length > MOST_HEADER) {
    throw malformed(
      source,
      `HeaderTooLarge: the header would have ${length} bytes`,
      "this is no safetensors file",
    );
  }
  if (8 + length > source.size) {
    throw malformed(
      source,
      `InvalidHeaderLength: the header would have ${length} bytes and the file has ${source.size}`,
      "it is truncated, or no safetensors file",
    );
  }
  const json = parseJson(source, source.read(8, length));
  return checkHeader(source, json, 8 + length);
}

/** An object of JSON, nothing of which is known. */
type Json = Readonly<Record<string, unknown>>;

function parseJson(source: ByteSource, bytes: Uint8Array): Json {
  if (bytes[0] !== 0x7b) {
    throw malformed(source, "InvalidHeaderStart: the header is no JSON object");
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformed(source, "InvalidHeader: the header is not UTF-8");
  }
  const keys = countKeys(source, text);
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw malformed(source, `InvalidHeaderDeserialization: ${reason}`);
  }
  let distinct = 0;
  for (const value of Object.values(json)) {
    distinct += 1;
    if (isObject(value)) distinct += Object.keys(value).length;
  }
  // JSON.parse keeps the last of several values with one name, in silence.
  if (distinct !== keys) {
    throw malformed(source, "InvalidHeader: a name comes twice");
  }
  return json;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Counts the keys of JSON, which may be three levels deep: no header is deeper. */
function countKeys(source: ByteSource, text: string): number {
  let depth = 0;
  let keys = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x5c: // a backslash
        if (quoted) i++;
        break;
      case 0x22: // a quote
        quoted = !quoted;
        break;
      case 0x3a: // a colon
        if (!quoted) keys++;
        break;
      case 0x5b:
      case 0x7b: // opening brackets
        if (!quoted && ++depth > 3) {
          throw malformed(source, "InvalidHeader: it is nested too deeply");
        }
        break;
      case 0x5d:
      case 0x7d: // closing brackets
        if (!quoted) depth--;
    }
  }
  return keys;
}

function checkHeader(
  source: ByteSource,
  json: Json,
  start: number,
): SafetensorsHeader {
  const entries = new Map<string, SafetensorsEntry>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  for (const name of Object.keys(json)) {
    if (name === METADATA) continue;
    const label = JSON.stringify(name);
    const value = json[name];
    if (!isObject(value)) {
      throw malformed(source, `InvalidTensor: ${label} is no object`);
    }
    const { type, shape, begin, end } = checkEntry(source, label, value);
    ranges.push({ name, begin, end });
    entries.set(name, { type, shape, offset: start + begin });
  }
  checkRanges(source, ranges, source.size - start);
  return { metadata: checkMetadata(source, json[METADATA]), entries };
}

function checkEntry(
  source: ByteSource,
  label: string,
  value: Json,
): { type: FileType; shape: number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw malformed(source, `InvalidTensor: ${label} has a field ${unknown}`);
  }
  const type = typeof dtype === "string" ? TYPES.get(dtype) : undefined;
  if (type === undefined) {
    throw malformed(
      source,
      `the tensor ${label} has the element type ${
        JSON.stringify(dtype)
      }, which is not supported`,
      `supported are ${[...TYPES.keys()].join(", ")}`,
    );
  }
  if (!Array.isArray(shape)) {
    throw malformed(source, `InvalidTensor: ${label} has no shape`);
  }
  const count = checkedCount(source, shape);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2
    ? offsets
    : [NaN, NaN];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end)) {
    throw malformed(source, `InvalidOffset: ${label} has no data_offsets`);
  }
  if (end - begin !== count * type.bytes) {
    throw malformed(
      source,
      `TensorInvalidInfo: ${label} has ${count} elements of ${type.bytes} bytes and ${
        end - begin
      } bytes of data`,
    );
  }
  return { type, shape, begin, end };
}

/** Tensors follow one another without gaps and without sharing, up to the end. */
function checkRanges(
  source: ByteSource,
  ranges: { name: string; begin: number; end: number }[],
  size: number,
): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of ranges) {
    if (begin !== at) {
      throw malformed(
        source,
        `InvalidOffset: ${
          JSON.stringify(name)
        } begins at byte ${begin} of the data; ${
          begin < at ? "another tensor lies there" : "nothing lies before it"
        }`,
      );
    }
    at = end;
  }
  if (at !== size) {
    throw malformed(
      source,
      `MetadataIncompleteBuffer: the tensors take ${at} bytes and there are ${size}`,
      "the file is truncated, or something was appended to it",
    );
  }
}

function checkMetadata(
  source: ByteSource,
  value: unknown,
): Map<string, string> {
  const out = new Map<string, string>();
  if (value === undefined) return out;
  if (!isObject(value)) {
    throw malformed(source, "InvalidHeader: __metadata__ is no object");
  }
  for (const key of Object.keys(value)) {
    const text = value[key];
    if (typeof text !== "string") {
      throw malformed(source, "InvalidHeader: __metadata__ holds only text");
    }
    out.set(key, text);
  }
  return out;
}
