// Reading zip files: the list of entries at the end, and single entries by
// range, stored or deflated, in plain zip and zip64. Knows nothing of what is
// in the entries.

import { type ByteSource, malformed } from "./byte_source.ts";
import { crc32 } from "./crc32.ts";
import { inflateRaw, tooLarge } from "./inflate.ts";

/** An entry as the list at the end describes it. */
export interface ZipEntry {
  /** Name, with slashes. */
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** Checksum of the contents. */
  readonly crc: number;
  /** Bytes in the file. */
  readonly packed: number;
  /** Bytes of the contents. */
  readonly size: number;
  /** Where the entry's own header begins. */
  readonly offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LISTED = 0x02014b50;
const LOCAL = 0x04034b50;
/** In place of a number that needs 64 bits. */
const SEE_EXTRA = 0xffffffff;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A zip file. */
export class ZipReader {
  /** The entries by name, in the order of the list. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #source: ByteSource;
  readonly #limit: number;
  #made = 0;

  /** Reads the list; entries may become `limit` bytes in all. */
  constructor(source: ByteSource, limit: number) {
    this.#source = source;
    this.#limit = limit;
    this.entries = readList(source);
  }

  /** The contents of an entry, checked against its checksum. */
  read(entry: ZipEntry): Uint8Array {
    const source = this.#source;
    this.#made += entry.size;
    if (this.#made > this.#limit) throw tooLarge(source, this.#limit);
    const packed = source.read(this.dataOffset(entry), entry.packed);
    const bytes = entry.method === 0
      ? packed
      : inflateRaw(source, packed, entry.size);
    if (bytes.length !== entry.size) {
      throw malformed(
        source,
        `the entry ${entry.name} has ${bytes.length} bytes instead of ${entry.size}`,
      );
    }
    if (crc32(bytes) !== entry.crc) {
      throw malformed(
        source,
        `Bad CRC-32 for file ${JSON.stringify(entry.name)}`,
        "the file is damaged; copy or download it again",
      );
    }
    return bytes;
  }

  /** Where the data of an entry begin. */
  dataOffset(entry: ZipEntry): number {
    const header = viewOf(this.#source.read(entry.offset, 30));
    if (header.getUint32(0, true) !== LOCAL) {
      throw malformed(
        this.#source,
        `Bad magic number for the header of ${JSON.stringify(entry.name)}`,
      );
    }
    return entry.offset + 30 + header.getUint16(26, true) +
      header.getUint16(28, true);
  }
}

/** Where the list is. */
interface ListPlace {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

/** Finds the end record: it is last, but for a comment of at most 64 KiB. */
function findList(source: ByteSource): ListPlace {
  const length = Math.min(source.size, 22 + 0xffff);
  const tail = viewOf(source.read(source.size - length, length));
  for (let at = length - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    if (at + 22 + tail.getUint16(at + 20, true) !== length) continue;
    const place = {
      count: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
    return findList64(source, source.size - length + at) ?? place;
  }
  throw malformed(
    source,
    "failed finding central directory",
    "this is no zip file, or it is truncated",
  );
}

/** The place by 64-bit numbers, where the file has them. */
function findList64(source: ByteSource, end: number): ListPlace | null {
  if (end < 20) return null;
  const locator = viewOf(source.read(end - 20, 20));
  if (locator.getUint32(0, true) !== LOCATOR_64) return null;
  const at = Number(locator.getBigUint64(8, true));
  const record = viewOf(source.read(at, 56));
  if (record.getUint32(0, true) !== END_64) {
    throw malformed(source, "the zip64 end record is damaged");
  }
  return {
    count: Number(record.getBigUint64(32, true)),
    size: Number(record.getBigUint64(40, true)),
    offset: Number(record.getBigUint64(48, true)),
  };
}

function readList(source: ByteSource): Map<string, ZipEntry> {
  const place = findList(source);
  if (place.count * 46 > place.size) {
    throw malformed(source, "the list of entries is too short");
  }
  const bytes = source.read(place.offset, place.size);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < place.count; i++) {
    at = readEntry(source, bytes, at, entries);
  }
  checkPlaces(source, entries, place.offset);
  return entries;
}

/** Reads one entry of the list and returns where the next one begins. */
function readEntry(
  source: ByteSource,
  bytes: Uint8Array,
  at: number,
  entries: Map<string, ZipEntry>,
): number {
  const view = viewOf(bytes);
  if (at + 46 > bytes.length || view.getUint32(at, true) !== LISTED) {
    throw malformed(source, "Bad magic number for central directory");
  }
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const end = extraEnd + view.getUint16(at + 32, true);
  if (end > bytes.length) {
    throw malformed(source, "the list of entries ends too early");
  }
  const name = new TextDecoder().decode(bytes.subarray(at + 46, nameEnd));
  if (view.getUint16(at + 8, true) & 1) {
    throw malformed(source, `the entry ${JSON.stringify(name)} is encrypted`);
  }
  const method = view.getUint16(at + 10, true);
  if (method !== 0 && method !== 8) {
    throw malformed(
      source,
      `the entry ${
        JSON.stringify(name)
      } is compressed by method ${method}; only deflate is supported`,
    );
  }
  const wide = wideNumbers(bytes.subarray(nameEnd, extraEnd));
  const number = (value: number) =>
    value === SEE_EXTRA ? wide.shift() ?? value : value;
  // In the order in which the extra field has them.
  const size = number(view.getUint32(at + 24, true));
  const packed = number(view.getUint32(at + 20, true));
  const offset = number(view.getUint32(at + 42, true));
  const crc = view.getUint32(at + 16, true);
  if (entries.has(name)) {
    throw malformed(
      source,
      `two entries have the name ${JSON.stringify(name)}`,
    );
  }
  entries.set(name, { name, method, crc, packed, size, offset });
  return end;
}

/** The 64-bit numbers of an extra field. */
function wideNumbers(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const out: number[] = [];
      const end = Math.min(at + 4 + length, extra.length);
      for (let i = at + 4; i + 8 <= end; i += 8) {
        out.push(Number(view.getBigUint64(i, true)));
      }
      return out;
    }
    at += 4 + length;
  }
  return [];
}

/** Entries that share bytes would let a small file become a huge one. */
function checkPlaces(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  listOffset: number,
): void {
  const sorted = [...entries.values()].sort((a, b) => a.offset - b.offset);
  sorted.forEach(({ name, offset, packed, size, method }, i) => {
    const next = sorted[i + 1]?.offset ?? listOffset;
    const fits = Number.isSafeInteger(size) && offset + 30 + packed <= next;
    if (!fits || (method === 0 && size !== packed)) {
      throw malformed(
        source,
        `the entry ${JSON.stringify(name)} does not fit where it should be`,
      );
    }
  });
}
