// Writing a file so that there is never half of one: everything goes to a
// temporary name beside it, which takes the place of the old file at the end.
// Knows nothing of formats.

/** A name beside `path` that nothing else uses. */
function temporaryName(path: string | URL): string | URL {
  const suffix = `.${crypto.randomUUID()}.tmp`;
  return path instanceof URL ? new URL(path.href + suffix) : path + suffix;
}

function writeAll(file: Deno.FsFile, chunks: Iterable<Uint8Array>): void {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      at += file.writeSync(chunk.subarray(at));
    }
  }
  // The name must not point to data that is still on its way to the disk.
  file.syncSync();
}

/**
 * Writes a file from its parts, which are made one by one. Where anything fails,
 * the temporary file is removed and what was there before stays as it was.
 */
export function replaceFile(
  path: string | URL,
  chunks: Iterable<Uint8Array>,
): void {
  const temporary = temporaryName(path);
  const file = Deno.openSync(temporary, { write: true, createNew: true });
  try {
    try {
      writeAll(file, chunks);
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
  } catch (error) {
    Deno.removeSync(temporary);
    throw error;
  }
}

/** Joins parts to one array. */
export function joinBytes(
  chunks: Iterable<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const parts = [...chunks];
  const out = new Uint8Array(
    parts.reduce((total, part) => total + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
