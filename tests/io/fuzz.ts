// Reads damaged files by the hundred thousand: each is read or refused by one of
// our errors, at once, and without allocating more than ten times its size.
//
//     deno run --allow-read tests/io/fuzz.ts --count 100000 [--seed 1] [FORMAT…]

import * as dg from "@dinograd/dinograd";
import { PRESSURE } from "../../src/tensor/sweeper.ts";
import { goldenBytes, GOLDENS } from "./golden_files.ts";
import { Dice, mutate } from "./mutation.ts";

/** How a format is read, and from which files damaged ones are made. */
interface Format {
  readonly suffixes: readonly string[];
  readonly zipped: boolean;
  read(bytes: Uint8Array, maxBytes: number): unknown;
}

const CSV = 'a,"b, c",d\n1,2.5,true\n-3,,false\n"4","5e3",TRUE\r\n';

/** The formats by name. */
export const FORMATS: Readonly<Record<string, Format>> = {
  npy: {
    suffixes: [".npy"],
    zipped: false,
    read: (bytes) => dg.io.loadNpy(bytes),
  },
  npz: {
    suffixes: [".npz"],
    zipped: true,
    read: (bytes, maxBytes) => dg.io.loadNpz(bytes, { maxBytes }),
  },
  safetensors: {
    suffixes: [".safetensors"],
    zipped: false,
    read: (bytes) => dg.io.loadSafetensors(bytes),
  },
  pt: {
    suffixes: [".pt", ".pth"],
    zipped: true,
    read: (bytes, maxBytes) => dg.io.loadTorch(bytes, { maxBytes }),
  },
  idx: {
    suffixes: [".idx", ".gz"],
    zipped: false,
    read: (bytes, maxBytes) => dg.utils.data.readIdx(bytes, { maxBytes }),
  },
  csv: {
    suffixes: [],
    zipped: false,
    read: (bytes) => dg.utils.data.readCsv(bytes).columns,
  },
};

/** Undamaged files of a format, refused ones included. */
function seedsOf(format: Format): Uint8Array[] {
  if (format.suffixes.length === 0) return [new TextEncoder().encode(CSV)];
  return Object.keys(GOLDENS)
    // The writer of the tests cannot write a file of PyTorch's old format.
    .filter((name) => name !== "legacy.pt" || !format.zipped)
    .filter((name) => format.suffixes.some((suffix) => name.endsWith(suffix)))
    .map((name) => goldenBytes(name));
}

const MAKERS = [
  "ArrayBuffer",
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "BigInt64Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
] as const;

/** Counts the bytes of all buffers made while it is on. */
class Meter {
  bytes = 0;
  readonly #originals = new Map<string, unknown>();

  start(): void {
    for (const name of MAKERS) {
      const original = Reflect.get(globalThis, name) as ArrayBufferConstructor;
      this.#originals.set(name, original);
      const meter = new Proxy(original, {
        construct: (target, args: [number], newTarget) => {
          const made = Reflect.construct(target, args, newTarget);
          const shares = (args[0] as unknown) instanceof ArrayBuffer;
          // A sweep's claim is address space that nobody touches.
          const claims = made.resizable && made.byteLength === PRESSURE;
          if (!shares && !claims) this.bytes += made.byteLength;
          return made;
        },
      });
      Reflect.set(globalThis, name, meter);
    }
  }

  stop(): void {
    for (const [name, original] of this.#originals) {
      Reflect.set(globalThis, name, original);
    }
  }
}

/** What is small enough not to count: tables and the like. */
const SLACK = 4096;
/** Far more than any takes, on a busy machine as well. */
const MOST_MS = 10_000;

/** What came out of a run. */
export interface Outcome {
  /** How many files were read in spite of the damage. */
  read: number;
  /** How many were refused. */
  refused: number;
  /** The most bytes that were allocated, as a multiple of the file's size, beyond the slack. */
  mostBytes: number;
  /** The longest time that one took, in milliseconds. */
  mostMs: number;
}

function isOurs(error: unknown): boolean {
  return error instanceof dg.RuntimeError || error instanceof dg.ValueError ||
    error instanceof RangeError;
}

/** Bytes of the tensors of a value, each storage once, after looking at the small ones. */
function lookAt(value: unknown): number {
  const storages = new Map<object, number>();
  const open = [value];
  const seen = new Set<unknown>();
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (dg.isTensor(next)) {
      const x = next as dg.Tensor;
      storages.set(x.storage, x.storage.length * x.itemsize);
      if (x.numel() < 1000) String(x);
    } else if (!ArrayBuffer.isView(next)) {
      const items = next instanceof Set ? next : Object.values(next);
      for (const item of items) open.push(item);
    }
  }
  return storages.values().reduce((total, bytes) => total + bytes, 0);
}

function fail(bytes: Uint8Array, message: string, cause?: unknown): never {
  throw new Error(`${message}; the file is\n${bytes.toHex()}`, { cause });
}

/** Reads `count` damaged files of a format; throws at the first that goes wrong. */
export function fuzz(name: string, count: number, seed: number): Outcome {
  const format = FORMATS[name]!;
  const seeds = seedsOf(format);
  const dice = new Dice(seed);
  const outcome: Outcome = { read: 0, refused: 0, mostBytes: 0, mostMs: 0 };
  const meter = new Meter();
  for (let i = 0; i < count; i++) {
    const bytes = mutate(dice.of(seeds), dice, format.zipped);
    meter.bytes = 0;
    meter.start();
    const start = performance.now();
    let value: unknown;
    try {
      value = format.read(bytes, 10 * bytes.length);
      outcome.read++;
    } catch (error) {
      meter.stop();
      if (!isOurs(error)) fail(bytes, "an error that is not ours", error);
      outcome.refused++;
    } finally {
      meter.stop();
    }
    const ms = performance.now() - start;
    const allocated = meter.bytes + lookAt(value) - SLACK;
    outcome.mostMs = Math.max(outcome.mostMs, ms);
    outcome.mostBytes = Math.max(
      outcome.mostBytes,
      allocated / Math.max(1, bytes.length),
    );
    if (ms > MOST_MS) fail(bytes, `it took ${ms} ms`);
    if (allocated > 10 * bytes.length) {
      fail(bytes, `it allocated ${allocated} bytes`);
    }
  }
  return outcome;
}

if (import.meta.main) {
  const args = [...Deno.args];
  const option = (name: string, otherwise: number) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args.splice(at, 2)[1]);
  };
  const count = option("--count", 100_000);
  const seed = option("--seed", 1);
  for (const name of args.length > 0 ? args : Object.keys(FORMATS)) {
    const start = performance.now();
    const { read, refused, mostBytes, mostMs } = fuzz(name, count, seed);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${name}: ${count} damaged files in ${seconds} s: ${refused} refused, ${read} read; the slowest took ${
        mostMs.toFixed(0)
      } ms, the most allocated ${mostBytes.toFixed(1)} times its size`,
    );
  }
}
