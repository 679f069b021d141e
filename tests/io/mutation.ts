// Files that were damaged by chance: bytes, numbers and digits changed, parts
// cut out, doubled and exchanged. Entries of zip files are also damaged from
// within, with checksums that fit, so that what lies behind them is reached.

import * as dg from "@dinograd/dinograd";
import { openSource } from "../../src/io/byte_source.ts";
import { joinBytes } from "../../src/io/replace_file.ts";
import { ZipReader } from "../../src/io/zip_reader.ts";
import { zipChunks } from "../../src/io/zip_writer.ts";

/** Draws integers. */
export class Dice {
  readonly #generator: dg.Generator;

  constructor(seed: number) {
    this.#generator = new dg.Generator(seed);
  }

  /** An integer from 0 to `n - 1`; 0 where n is 0. */
  below(n: number): number {
    return n > 0 ? this.#generator.random32() % n : 0;
  }

  /** One of several. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Bytes, and integers of 4 and 8 bytes, at which mistakes show. */
const BYTES = [0, 1, 2, 0x28, 0x2e, 0x30, 0x39, 0x7f, 0x80, 0xfe, 0xff];
const NUMBERS = [0n, 1n, 255n, 65536n, 2n ** 31n, 2n ** 32n, 2n ** 63n, -1n];

type Mutation = (bytes: Uint8Array, dice: Dice) => Uint8Array;

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const out = bytes.slice();
  if (out.length > 0) out[at] = value;
  return out;
}

/** Replaces a range. */
function replaced(
  bytes: Uint8Array,
  at: number,
  length: number,
  by: Uint8Array,
): Uint8Array {
  return joinBytes([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

function changeDigit(bytes: Uint8Array, dice: Dice): Uint8Array {
  const start = dice.below(bytes.length);
  for (let i = start; i < Math.min(bytes.length, start + 200); i++) {
    if (bytes[i]! < 0x30 || bytes[i]! > 0x39) continue;
    const digits = dice.of(["0", "1", "9", "99", "9999999999", "-1", "1e9"]);
    return replaced(bytes, i, 1, new TextEncoder().encode(digits));
  }
  return bytes;
}

function changeNumber(bytes: Uint8Array, dice: Dice): Uint8Array {
  const out = bytes.slice();
  const width = dice.of([4, 8]);
  if (out.length < width) return out;
  const at = dice.below(out.length - width + 1);
  const view = new DataView(out.buffer);
  const value = dice.of(NUMBERS);
  if (width === 8) view.setBigInt64(at, value, dice.below(4) > 0);
  else view.setInt32(at, Number(BigInt.asIntN(32, value)), dice.below(4) > 0);
  return out;
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << dice.below(8)));
  },
  (bytes, dice) => changed(bytes, dice.below(bytes.length), dice.of(BYTES)),
  (bytes, dice) => changed(bytes, dice.below(bytes.length), dice.below(256)),
  changeNumber,
  changeDigit,
  (bytes, dice) => bytes.slice(0, dice.below(bytes.length)),
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    return replaced(bytes, at, dice.below(20), new Uint8Array());
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    const from = dice.below(bytes.length);
    const part = bytes.subarray(from, from + dice.below(40));
    return replaced(bytes, at, dice.below(2) * part.length, part);
  },
  (bytes, dice) => {
    const more = new Uint8Array(dice.below(30)).fill(dice.of(BYTES));
    return replaced(bytes, dice.below(bytes.length), 0, more);
  },
];

function mutateBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  let out = bytes;
  const count = dice.below(2) === 0 ? 1 : 2 + dice.below(4);
  for (let left = count; left > 0; left--) {
    out = dice.of(MUTATIONS)(out, dice);
  }
  return out;
}

/** Damages an entry and writes the zip file anew around it. */
function mutateEntry(bytes: Uint8Array, dice: Dice): Uint8Array {
  const zip = new ZipReader(openSource(bytes, "zip"), Infinity);
  const entries = [...zip.entries.values()];
  const damaged = dice.below(entries.length);
  const contents = entries.map((entry, i) => {
    const data = zip.read(entry);
    return {
      name: entry.name,
      parts: [i === damaged ? mutateBytes(data, dice) : data],
    };
  });
  return joinBytes(zipChunks(contents, { compressed: false, alignment: 1 }));
}

/** Damages a file, or what is in it where it is a zip file. */
export function mutate(
  bytes: Uint8Array,
  dice: Dice,
  zipped: boolean,
): Uint8Array {
  return zipped && dice.below(3) > 0
    ? mutateEntry(bytes, dice)
    : mutateBytes(bytes, dice);
}
