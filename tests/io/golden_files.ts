// The files of tests/goldens/files, which NumPy, safetensors and PyTorch made,
// and what is in them.

import * as dg from "@dinograd/dinograd";

/** A tensor by type, shape and the bytes of its elements. */
export interface Described {
  dtype: string;
  shape: number[];
  bytes: string;
}

/** What is known of a file. */
export interface Golden {
  tensors?: Record<string, Described>;
  error?: string;
  metadata?: Record<string, string>;
  strides?: Record<string, number[]>;
  requiresGrad?: Record<string, boolean>;
  value?: Record<string, unknown>;
  momentum?: Described;
}

const FOLDER = new URL("../goldens/", import.meta.url);

/** What is known of each file, by name. */
export const GOLDENS: Record<string, Golden> = JSON.parse(
  Deno.readTextFileSync(new URL("files.json", FOLDER)),
).files;

/** The path of a file. */
export function goldenPath(name: string): URL {
  return new URL(`files/${name}`, FOLDER);
}

/** The bytes of a file. */
export function goldenBytes(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(goldenPath(name));
}

/** A tensor as the goldens describe it. */
export function describe(x: dg.Tensor): Described {
  const values = x.typedArray();
  const bytes = new Uint8Array(
    values.buffer,
    values.byteOffset,
    values.byteLength,
  );
  return { dtype: x.dtype, shape: [...x.shape], bytes: bytes.toHex() };
}

/** Reads a file of any format: a path or bytes whose format the name tells. */
export function readAny(
  name: string,
  from: string | URL | Uint8Array = goldenPath(name),
): unknown {
  if (name.endsWith(".npy")) return dg.io.loadNpy(from);
  if (name.endsWith(".npz")) return dg.io.loadNpz(from);
  if (name.endsWith(".safetensors")) return dg.io.loadSafetensors(from);
  if (name.includes(".idx")) return dg.utils.data.readIdx(from);
  return dg.io.loadTorch(from);
}

/** The tensors of what was read; a single one has no name. */
export function tensorsOf(value: unknown): Record<string, dg.Tensor> {
  return dg.isTensor(value)
    ? { "": value as dg.Tensor }
    : value as Record<string, dg.Tensor>;
}
