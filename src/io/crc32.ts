// The checksum of zip files. Pure. Its own few lines, because the built-in one
// comes with a library that takes longer to load than most files to check.

let tables: readonly Uint32Array[] | null = null;

/** Tables for four bytes at a time. */
function makeTables(): readonly Uint32Array[] {
  const out = Array.from({ length: 4 }, () => new Uint32Array(256));
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    out[0]![n] = crc >>> 0;
  }
  for (let k = 1; k < 4; k++) {
    for (let n = 0; n < 256; n++) {
      const before = out[k - 1]![n]!;
      out[k]![n] = (before >>> 8) ^ out[0]![before & 255]!;
    }
  }
  return out;
}

/** The CRC-32 of zip, gzip and PNG, of parts that follow one another: pass what the part before gave. */
export function crc32(bytes: Uint8Array, before = 0): number {
  tables ??= makeTables();
  const [t0, t1, t2, t3] = tables as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let crc = ~before;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    crc ^= bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
      bytes[i + 3]! << 24;
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^
      t0[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 255]!;
  }
  return ~crc >>> 0;
}
