// The checksum of zip files. Pure. Its own few lines, because the built-in one
// comes with a library that takes longer to load than most files to check.

/** Bytes that one step takes, each with a table of its own. */
const STEP = 8;

let tables: Int32Array | null = null;

/** The tables one after the other: that of the last byte of a step first. */
function makeTables(): Int32Array {
  const out = new Int32Array(256 * STEP);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    out[n] = crc;
  }
  for (let at = 256; at < out.length; at++) {
    const before = out[at - 256]!;
    out[at] = (before >>> 8) ^ out[before & 255]!;
  }
  return out;
}

/** The CRC-32 of zip, gzip and PNG, of parts that follow one another: pass what the part before gave. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const t = tables ??= makeTables();
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - STEP; i <= end; i += STEP) {
    const a = crc ^ (bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
      bytes[i + 3]! << 24);
    crc = t[1792 | a & 255]! ^ t[1536 | a >>> 8 & 255]! ^
      t[1280 | a >>> 16 & 255]! ^ t[1024 | a >>> 24]! ^
      t[768 | bytes[i + 4]!]! ^ t[512 | bytes[i + 5]!]! ^
      t[256 | bytes[i + 6]!]! ^ t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 255]!;
  }
  return ~crc >>> 0;
}
