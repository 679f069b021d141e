// Writing zip files, entry by entry, stored or deflated; zip64 where numbers
// need it. Knows nothing of what is in the entries.

import { crc32 } from "./crc32.ts";
import { deflateRaw } from "./inflate.ts";

/** What becomes an entry. */
export interface ZipContent {
  /** Name, with slashes. */
  readonly name: string;
  /** The contents, in parts. */
  readonly parts: readonly Uint8Array[];
}

/** How entries are written. */
export interface ZipOptions {
  /** Whether they are compressed. */
  readonly compressed: boolean;
  /** The contents of each entry begin at a multiple of this. */
  readonly alignment: number;
}

const MOST_32 = 0xffffffff;
/** 1980-01-01, the first day of zip: equal contents give equal files. */
const DATE = 33;
/** The identifier of PyTorch's padding. */
const PADDING = 0x4246;

/** An entry that was written. */
interface Written {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** Puts little-endian numbers one after the other. */
class Fields {
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.#view = new DataView(new ArrayBuffer(length));
  }

  u16(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint16(this.#at, value, true);
      this.#at += 2;
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, Math.min(value, MOST_32), true);
      this.#at += 4;
    }
    return this;
  }

  u64(...values: number[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
    return this;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer);
  }
}

/** Fields that both headers of an entry have. */
function common(fields: Fields, entry: Written): Fields {
  const { name, method, crc, packed, size } = entry;
  // Bit 11: the name is UTF-8.
  return fields.u16(0x0800, method, 0, DATE).u32(crc, packed, size)
    .u16(name.length);
}

/** Extra data before the contents: the sizes, where they need 64 bits, and padding. */
function localExtra(entry: Written, alignment: number): Uint8Array {
  const wide = entry.size >= MOST_32 || entry.packed >= MOST_32;
  const start = entry.offset + 30 + entry.name.length + (wide ? 20 : 0) + 4;
  const padding = (alignment - start % alignment) % alignment;
  const pads = alignment > 1;
  const fields = new Fields((wide ? 20 : 0) + (pads ? 4 + padding : 0));
  if (wide) fields.u16(1, 16).u64(entry.size, entry.packed);
  if (pads) fields.u16(PADDING, padding);
  return fields.bytes;
}

function localHeader(entry: Written, alignment: number): Uint8Array[] {
  const extra = localExtra(entry, alignment);
  const fields = common(new Fields(30).u32(0x04034b50).u16(20), entry)
    .u16(extra.length);
  return [fields.bytes, entry.name, extra];
}

function listedHeader(entry: Written): Uint8Array[] {
  const wide = [entry.size, entry.packed, entry.offset]
    .filter((value) => value >= MOST_32);
  const extra = wide.length === 0
    ? new Uint8Array()
    : new Fields(4 + 8 * wide.length).u16(1, 8 * wide.length).u64(...wide)
      .bytes;
  const fields = common(new Fields(46).u32(0x02014b50).u16(20, 20), entry)
    .u16(extra.length, 0, 0, 0).u32(0, entry.offset);
  return [fields.bytes, entry.name, extra];
}

function endRecords(count: number, size: number, offset: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  if (count >= 0xffff || size >= MOST_32 || offset >= MOST_32) {
    out.push(
      new Fields(56).u32(0x06064b50).u64(44).u16(45, 45).u32(0, 0)
        .u64(count, count, size, offset).bytes,
      new Fields(20).u32(0x07064b50, 0).u64(offset + size).u32(1).bytes,
    );
  }
  const few = Math.min(count, 0xffff);
  const end = new Fields(22).u32(0x06054b50).u16(0, 0, few, few)
    .u32(size, offset).u16(0);
  out.push(end.bytes);
  return out;
}

function deflated(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return deflateRaw(joined);
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** The parts of a zip file, in order. Contents are asked for one by one. */
export function* zipChunks(
  contents: Iterable<ZipContent>,
  { compressed, alignment }: ZipOptions,
): Generator<Uint8Array> {
  const list: Written[] = [];
  let offset = 0;
  for (const { name, parts } of contents) {
    const data = compressed ? [deflated(parts)] : parts;
    const entry: Written = {
      name: new TextEncoder().encode(name),
      method: compressed ? 8 : 0,
      crc: parts.reduce((crc, part) => crc32(part, crc), 0),
      packed: total(data),
      size: total(parts),
      offset,
    };
    list.push(entry);
    const chunks = [...localHeader(entry, alignment), ...data];
    yield* chunks;
    offset += total(chunks);
  }
  const headers = list.flatMap(listedHeader);
  yield* headers;
  yield* endRecords(list.length, total(headers), offset);
}
