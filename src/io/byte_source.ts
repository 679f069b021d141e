// Where bytes come from: an array in memory, or a file of which only the parts
// that are asked for are read. Knows nothing of formats; it promises that no
// more is allocated than there are bytes.

import { RuntimeError } from "../tensor/errors.ts";

/** What can be read from: a path or a file URL (which need `--allow-read`), or the bytes themselves. */
export type Readable = string | URL | Uint8Array;

/** Bytes that are read by range. */
export interface ByteSource {
  /** What messages call it: the path, or the name of the format. */
  readonly name: string;
  /** How many bytes there are. */
  readonly size: number;
  /** Reads a range; fails where it does not lie inside. The result may share memory with the source. */
  read(offset: number, length: number): Uint8Array;
  /** Closes the file, if there is one. A second call does nothing. */
  close(): void;
}

/** An error that names what was read. */
export function malformed(
  source: { readonly name: string },
  message: string,
  hint?: string,
): RuntimeError {
  return new RuntimeError(`${source.name}: ${message}`, hint);
}

/** Fails where a range does not lie inside. */
function checkRange(source: ByteSource, offset: number, length: number): void {
  const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length) &&
    offset >= 0 && length >= 0 && offset + length <= source.size;
  if (fits) return;
  throw malformed(
    source,
    `the file ends too early: ${length} bytes are expected from byte ${offset} on, and there are ${source.size} in all`,
    "it is truncated or damaged; copy or download it again",
  );
}

class MemorySource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.name = name;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  close(): void {}
}

class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  #file: Deno.FsFile | null;

  constructor(path: string | URL) {
    this.name = path instanceof URL ? path.href : path;
    this.#file = Deno.openSync(path);
    let status: Deno.FileInfo;
    try {
      status = this.#file.statSync();
    } catch (error) {
      this.close();
      throw error;
    }
    this.size = status.size;
    // A device or a pipe has no size, and may have no end.
    if (!status.isFile) {
      this.close();
      throw malformed(this, "this is no regular file");
    }
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    if (this.#file === null) throw malformed(this, "the file was closed");
    const out = new Uint8Array(length);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let at = 0; at < length;) {
      const count = this.#file.readSync(out.subarray(at));
      if (count === null) {
        throw malformed(this, "the file became shorter while it was read");
      }
      at += count;
    }
    return out;
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}

/** Opens what a caller gave; `format` names bytes in messages. */
export function openSource(from: Readable, format: string): ByteSource {
  if (from instanceof Uint8Array) return new MemorySource(from, format);
  if (typeof from === "string" || from instanceof URL) {
    return new FileSource(from);
  }
  throw new TypeError(
    `${format}: expected a path, a file URL or a Uint8Array, not ${typeof from}`,
  );
}

/** Opens, reads and closes. */
export function withSource<T>(
  from: Readable,
  format: string,
  use: (source: ByteSource) => T,
): T {
  const source = openSource(from, format);
  try {
    return use(source);
  } finally {
    source.close();
  }
}
