// NumPy's .npy format: one array in one file, in versions 1 to 3 and both
// orders. See numpy.lib.format.

import { checkOptions } from "../tensor/shape.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { shown } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type ByteSource,
  malformed,
  type Readable,
  withSource,
} from "./byte_source.ts";
import {
  FILE_TYPES,
  type LoadOptions,
  readTensor,
  tensorBytes,
} from "./element_bytes.ts";
import { npyCode, npyPreamble, parseNpyHeader } from "./npy_header.ts";
import { joinBytes, replaceFile } from "./replace_file.ts";

/** Options of {@linkcode saveNpy} and {@linkcode encodeNpy}. */
export interface NpyOptions {
  /** Writes the elements so that the first dimension runs fastest; false where not given. */
  readonly fortranOrder?: boolean;
}

/** NumPy reads no longer header either, unless it is told to. */
const MOST_HEADER = 10_000;

/** Reads an array that begins at the first byte of a source. */
export function readNpy(source: ByteSource, options: LoadOptions): Tensor {
  const start = source.read(0, Math.min(source.size, 12));
  const magic = String.fromCharCode(...start.subarray(0, 6));
  if (magic !== "\x93NUMPY") {
    throw malformed(source, "this is no .npy file: it begins differently");
  }
  if (start.length < 12) throw malformed(source, "the file ends too early");
  const [major, minor] = [start[6]!, start[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw malformed(
      source,
      `we only support format version (1,0), (2,0), and (3,0), not (${major},${minor})`,
    );
  }
  const view = new DataView(start.buffer, start.byteOffset);
  const wide = major > 1;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > MOST_HEADER) {
    throw malformed(
      source,
      `Header info length (${length}) is large and may not be safe to load securely.`,
    );
  }
  const at = wide ? 12 : 10;
  const encoding = major === 3 ? "utf-8" : "latin1";
  const text = new TextDecoder(encoding).decode(source.read(at, length));
  const header = parseNpyHeader(source, text);
  return readTensor(source, at + length, header, options);
}

/** The parts of a file, in order. */
export function* npyChunks(
  x: Tensor,
  { fortranOrder = false }: NpyOptions,
): Generator<Uint8Array<ArrayBuffer>> {
  if (!isTensor(x)) {
    throw new TypeError(
      `saveNpy(): expected a tensor, not ${
        shown(x)
      }; .npz and .safetensors hold several by name`,
    );
  }
  const code = npyCode(FILE_TYPES[x.dtype]);
  if (code === undefined) {
    throw new TypeError(
      `Got unsupported ScalarType ${x.info.scalarName}: NumPy has no ${x.dtype}; convert with to("float32"), or save as .safetensors`,
    );
  }
  yield npyPreamble(code, fortranOrder, x.shape);
  const plain = x.detach();
  const ordered = fortranOrder
    ? plain.permute(x.shape.map((_, d) => x.shape.length - 1 - d))
    : plain;
  yield tensorBytes(ordered);
}

/**
 * Reads a `.npy` file: a path, a file URL or its bytes. Unsigned integers of 16
 * and 32 bits become int32 and int64; those of 64 bits int64 where they fit.
 * Throws a RuntimeError that names the file where it is damaged, or where its
 * elements are no numbers. See `numpy.load`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeNpy(dg.tensor([[1, 2], [3, 4]]));
 * assertEquals(dg.io.loadNpy(bytes).tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function loadNpy(from: Readable, options: LoadOptions = {}): Tensor {
  checkOptions(options, ["device"], "loadNpy");
  return withSource(from, "npy", (source) => readNpy(source, options));
}

/**
 * Makes the bytes of a `.npy` file, those that NumPy would write. Throws a
 * TypeError for bfloat16, which NumPy does not have. See `numpy.save`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeNpy(dg.zeros(2), { fortranOrder: true });
 * assertEquals(bytes.length, 128 + 2 * 4);
 * ```
 */
export function encodeNpy(
  x: Tensor,
  options: NpyOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions(options, ["fortranOrder"], "encodeNpy");
  return joinBytes(npyChunks(x, options));
}

/**
 * Writes a tensor to a `.npy` file, which takes the place of an old one only
 * when it is complete. See `numpy.save`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/x.npy`;
 * dg.io.saveNpy(dg.tensor([1, 2]), path);
 * assertEquals(dg.io.loadNpy(path).tolist(), [1, 2]);
 * ```
 */
export function saveNpy(
  x: Tensor,
  path: string | URL,
  options: NpyOptions = {},
): void {
  checkOptions(options, ["fortranOrder"], "saveNpy");
  replaceFile(path, npyChunks(x, options));
}
