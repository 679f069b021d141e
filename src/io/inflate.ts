// Compression, by the zlib that Deno has built in. It is loaded when it is
// first needed, and told how much it may make of what it reads.

import { RuntimeError } from "../tensor/errors.ts";
import { malformed } from "./byte_source.ts";

/** What `process.getBuiltinModule("node:zlib")` gives, as far as it is used. */
interface Zlib {
  inflateRawSync(
    bytes: Uint8Array,
    options: { maxOutputLength: number },
  ): Uint8Array<ArrayBuffer>;
  gunzipSync(
    bytes: Uint8Array,
    options: { maxOutputLength: number },
  ): Uint8Array<ArrayBuffer>;
  deflateRawSync(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

let loaded: Zlib | null = null;

function zlib(): Zlib {
  if (loaded !== null) return loaded;
  const { process } = globalThis as unknown as {
    process?: { getBuiltinModule?(name: string): unknown };
  };
  const found = process?.getBuiltinModule?.("node:zlib") as Zlib | undefined;
  if (found === undefined) {
    throw new RuntimeError(
      "compressed files need zlib, which this runtime does not have",
    );
  }
  return loaded = found;
}

/** How much compressed files may become. */
export interface InflateOptions {
  /**
   * Most bytes that a compressed file may become, so that a small hostile file
   * cannot fill the memory: ten times its size or 16 MiB, whichever is more,
   * where not given.
   */
  readonly maxBytes?: number;
}

/** What is always allowed. */
const SMALL = 16 * 2 ** 20;

/** The limit for a file of a size. */
export function inflateLimit(size: number, options: InflateOptions): number {
  const { maxBytes = Math.max(10 * size, SMALL) } = options;
  if (!(maxBytes >= 0)) {
    throw new TypeError(`maxBytes must be a number of bytes, not ${maxBytes}`);
  }
  return maxBytes;
}

/** An error for what became more than it may. */
export function tooLarge(
  source: { readonly name: string },
  limit: number,
): RuntimeError {
  return malformed(
    source,
    `it would become more than ${limit} bytes when decompressed`,
    "if you trust the file, allow more with { maxBytes }",
  );
}

function run(
  source: { readonly name: string },
  limit: number,
  inflate: (options: { maxOutputLength: number }) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  try {
    return inflate({ maxOutputLength: Math.max(1, Math.min(limit, 2 ** 32)) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw tooLarge(source, limit);
    }
    throw malformed(
      source,
      `the compressed data are damaged: ${error.message}`,
    );
  }
}

/** Decompresses an entry of a zip file. */
export function inflateRaw(
  source: { readonly name: string },
  bytes: Uint8Array,
  limit: number,
): Uint8Array<ArrayBuffer> {
  const { inflateRawSync } = zlib();
  return run(source, limit, (options) => inflateRawSync(bytes, options));
}

/** Decompresses a gzip file. */
export function gunzip(
  source: { readonly name: string },
  bytes: Uint8Array,
  limit: number,
): Uint8Array<ArrayBuffer> {
  const { gunzipSync } = zlib();
  return run(source, limit, (options) => gunzipSync(bytes, options));
}

/** Compresses an entry of a zip file. */
export function deflateRaw(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return zlib().deflateRawSync(bytes);
}
