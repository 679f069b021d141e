// Writing the safetensors format, byte for byte as its own library does it.

import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { FILE_TYPES, tensorBytes } from "./element_bytes.ts";
import { type NamedTensors, setEntry, tensorEntries } from "./named_tensors.ts";
import { joinBytes, replaceFile } from "./replace_file.ts";
import { safetensorsCode } from "./safetensors_header.ts";

/** Options of {@linkcode saveSafetensors} and {@linkcode encodeSafetensors}. */
export interface SafetensorsOptions {
  /** Text by name, which goes into the header. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The library's order of the types: the widest first, so that all are aligned. */
const ORDER = [
  "int64",
  "float64",
  "float32",
  "int32",
  "bfloat16",
  "float16",
  "int16",
  "int8",
  "uint8",
  "bool",
];

/** Compares texts by their UTF-8 bytes, as Rust does: by code points. */
function compareText(a: string, b: string): number {
  const x = new TextEncoder().encode(a);
  const y = new TextEncoder().encode(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return x.length - y.length;
}

function header(
  entries: readonly [string, Tensor][],
  { metadata }: SafetensorsOptions,
): Uint8Array {
  const fields: string[] = [];
  if (metadata !== undefined) {
    const sorted: Record<string, string> = {};
    for (const key of Object.keys(metadata).sort(compareText)) {
      const text = metadata[key];
      if (typeof text !== "string") {
        throw new TypeError(
          `saveSafetensors(): metadata holds only text, and ${key} is no text`,
        );
      }
      setEntry(sorted, key, text);
    }
    fields.push(`"__metadata__":${JSON.stringify(sorted)}`);
  }
  let at = 0;
  for (const [name, x] of entries) {
    const value = {
      dtype: safetensorsCode(FILE_TYPES[x.dtype]),
      shape: x.shape,
      "data_offsets": [at, at + x.nbytes],
    };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
    at += x.nbytes;
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  // Spaces at the end make the tensors begin at a multiple of 8 bytes.
  const length = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + length).fill(0x20);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.set(json, 8);
  return out;
}

/** The parts of a file, in order. */
export function* safetensorsChunks(
  tensors: NamedTensors,
  options: SafetensorsOptions,
): Generator<Uint8Array> {
  const entries = tensorEntries(tensors, "saveSafetensors");
  for (const [name] of entries) {
    if (name === "__metadata__") {
      throw new TypeError(
        "saveSafetensors(): __metadata__ cannot be the name of a tensor",
      );
    }
  }
  entries.sort(([a, x], [b, y]) =>
    ORDER.indexOf(x.dtype) - ORDER.indexOf(y.dtype) || compareText(a, b)
  );
  yield header(entries, options);
  for (const [, x] of entries) yield tensorBytes(x);
}

/**
 * Makes the bytes of a safetensors file. Views are written with the elements
 * that they show, and tensors that share memory each with its own. See
 * `safetensors.torch.save`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeSafetensors({ w: dg.ones([2, 2]) }, {
 *   metadata: { format: "pt" },
 * });
 * assertEquals(dg.io.loadSafetensors(bytes).w!.sum().item(), 4);
 * ```
 */
export function encodeSafetensors(
  tensors: NamedTensors,
  options: SafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions(options, ["metadata"], "encodeSafetensors");
  return joinBytes(safetensorsChunks(tensors, options));
}

/**
 * Writes tensors to a safetensors file, which takes the place of an old one only
 * when it is complete. See `safetensors.torch.save_file`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/model.safetensors`;
 * dg.io.saveSafetensors({ bias: dg.tensor([1, 2]) }, path);
 * assertEquals(dg.io.loadSafetensors(path).bias!.tolist(), [1, 2]);
 * ```
 */
export function saveSafetensors(
  tensors: NamedTensors,
  path: string | URL,
  options: SafetensorsOptions = {},
): void {
  checkOptions(options, ["metadata"], "saveSafetensors");
  replaceFile(path, safetensorsChunks(tensors, options));
}
