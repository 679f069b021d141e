// NumPy's .npz format: a zip file of .npy files, compressed or not.

import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type ByteSource,
  malformed,
  openSource,
  type Readable,
  withSource,
} from "./byte_source.ts";
import type { LoadOptions } from "./element_bytes.ts";
import { inflateLimit, type InflateOptions } from "./inflate.ts";
import { type NamedTensors, setEntry, tensorEntries } from "./named_tensors.ts";
import { npyChunks, readNpy } from "./npy.ts";
import { joinBytes, replaceFile } from "./replace_file.ts";
import { ZipReader } from "./zip_reader.ts";
import { zipChunks, type ZipContent } from "./zip_writer.ts";

/** Options of {@linkcode loadNpz}. */
export interface LoadNpzOptions extends LoadOptions, InflateOptions {
  /** Which arrays to read; all where not given. */
  readonly names?: readonly string[];
}

/** Options of {@linkcode saveNpz} and {@linkcode encodeNpz}. */
export interface NpzOptions {
  /** Compresses the arrays, as `numpy.savez_compressed` does; false where not given. */
  readonly compressed?: boolean;
}

/** Reads the arrays of a zip file by name. */
export function readNpz(
  source: ByteSource,
  options: LoadNpzOptions,
): Record<string, Tensor> {
  const zip = new ZipReader(source, inflateLimit(source.size, options));
  const names = options.names ??
    [...zip.entries.keys()].map((name) => name.replace(/\.npy$/, ""));
  const out: Record<string, Tensor> = {};
  for (const name of names) {
    const entry = zip.entries.get(`${name}.npy`);
    if (entry === undefined) {
      throw malformed(
        source,
        `${name} is not an array in the archive`,
        `it holds ${[...zip.entries.keys()].slice(0, 20).join(", ")}`,
      );
    }
    const label = `${source.name}, ${entry.name}`;
    setEntry(out, name, readNpy(openSource(zip.read(entry), label), options));
  }
  return out;
}

function* contents(
  entries: readonly [string, Tensor][],
): Generator<ZipContent> {
  for (const [name, x] of entries) {
    yield { name: `${name}.npy`, parts: [...npyChunks(x, {})] };
  }
}

/** The parts of a file, in order. */
export function npzChunks(
  tensors: NamedTensors,
  { compressed = false }: NpzOptions,
): Iterable<Uint8Array> {
  const entries = tensorEntries(tensors, "saveNpz");
  return zipChunks(contents(entries), { compressed, alignment: 1 });
}

/**
 * Reads a `.npz` file, compressed or not: a path, a file URL or its bytes. Gives
 * the arrays by name. Throws a RuntimeError where the file is damaged or would
 * become more than `maxBytes`. See `numpy.load` and {@linkcode loadNpy}.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeNpz({ x: dg.ones(2), y: dg.zeros(3) });
 * const { x, y } = dg.io.loadNpz(bytes);
 * assertEquals([x!.tolist(), y!.tolist()], [[1, 1], [0, 0, 0]]);
 * ```
 */
export function loadNpz(
  from: Readable,
  options: LoadNpzOptions = {},
): Record<string, Tensor> {
  checkOptions(options, ["device", "maxBytes", "names"], "loadNpz");
  return withSource(from, "npz", (source) => readNpz(source, options));
}

/**
 * Makes the bytes of a `.npz` file. See `numpy.savez` and
 * `numpy.savez_compressed`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros(1000);
 * const bytes = dg.io.encodeNpz({ x }, { compressed: true });
 * assertEquals(bytes.length < 1000, true);
 * ```
 */
export function encodeNpz(
  tensors: NamedTensors,
  options: NpzOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions(options, ["compressed"], "encodeNpz");
  return joinBytes(npzChunks(tensors, options));
}

/**
 * Writes tensors to a `.npz` file, which takes the place of an old one only when
 * it is complete. See `numpy.savez`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/data.npz`;
 * dg.io.saveNpz({ x: dg.tensor([1, 2]) }, path);
 * assertEquals(dg.io.loadNpz(path).x!.tolist(), [1, 2]);
 * ```
 */
export function saveNpz(
  tensors: NamedTensors,
  path: string | URL,
  options: NpzOptions = {},
): void {
  checkOptions(options, ["compressed"], "saveNpz");
  replaceFile(path, npzChunks(tensors, options));
}
