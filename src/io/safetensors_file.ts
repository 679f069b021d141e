// Reading the safetensors format: all tensors, or single ones and single rows
// by range, without reading the rest of the file.

import { checkInteger, shown } from "../tensor/arguments.ts";
import { IndexError } from "../tensor/errors.ts";
import { checkOptions, type Shape } from "../tensor/shape.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ByteSource, openSource, type Readable } from "./byte_source.ts";
import { type LoadOptions, readTensor } from "./element_bytes.ts";
import { setEntry } from "./named_tensors.ts";
import {
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors_header.ts";

/** What a file says of a tensor. */
export interface SafetensorsInfo {
  /** The type that the tensor gets. */
  readonly dtype: DType;
  /** Length along each dimension. */
  readonly shape: Shape;
}

/**
 * An open safetensors file, of which only what is asked for is read. See
 * `safetensors.safe_open`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/model.safetensors`;
 * dg.io.saveSafetensors({ w: dg.arange(6).reshape([3, 2]) }, path);
 * using file = new dg.io.SafetensorsFile(path);
 * assertEquals(file.keys(), ["w"]);
 * assertEquals(file.info("w"), { dtype: "float32", shape: [3, 2] });
 * assertEquals(file.rows("w", 1, 3).tolist(), [[2, 3], [4, 5]]);
 * ```
 */
export class SafetensorsFile {
  readonly #source: ByteSource;
  readonly #header: SafetensorsHeader;
  readonly #options: LoadOptions;

  /** Opens a path, a file URL or bytes, and reads the header. Throws a RuntimeError where it breaks the format's rules. */
  constructor(from: Readable, options: LoadOptions = {}) {
    checkOptions(options, ["device"], "SafetensorsFile");
    this.#source = openSource(from, "safetensors");
    this.#options = options;
    try {
      this.#header = readSafetensorsHeader(this.#source);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The names of the tensors. */
  keys(): string[] {
    return [...this.#header.entries.keys()];
  }

  /** The text of the header by name. */
  metadata(): Record<string, string> {
    const out: Record<string, string> = {};
    for (const [key, text] of this.#header.metadata) setEntry(out, key, text);
    return out;
  }

  /** The type and the shape of a tensor, without reading it. Throws an IndexError where there is none of the name. */
  info(name: string): SafetensorsInfo {
    const { type, shape } = this.#entry(name);
    return { dtype: type.info.name, shape: [...shape] };
  }

  /** Reads a tensor. Throws an IndexError where there is none of the name. */
  tensor(name: string): Tensor {
    const { type, shape, offset } = this.#entry(name);
    return this.#read(type, shape, offset);
  }

  /** Reads the rows from `start` up to, not including, `end`: elements along the first dimension. */
  rows(name: string, start: number, end: number): Tensor {
    const { type, shape, offset } = this.#entry(name);
    checkInteger(start, "rows", "start");
    checkInteger(end, "rows", "end");
    const [length = 0, ...rest] = shape;
    if (start < 0 || start > end || end > length || shape.length === 0) {
      throw new IndexError(
        `rows ${start} to ${end} of ${
          JSON.stringify(name)
        } are out of range: its shape is [${shape.join(", ")}]`,
      );
    }
    const row = rest.reduce((count, n) => count * n, type.bytes);
    return this.#read(type, [end - start, ...rest], offset + start * row);
  }

  /** Closes the file. A second call does nothing. */
  close(): void {
    this.#source.close();
  }

  /** What the end of a `using` block calls; see {@linkcode SafetensorsFile.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #entry(name: string): SafetensorsEntry {
    const entry = this.#header.entries.get(name);
    if (entry === undefined) {
      throw new IndexError(
        `File does not contain tensor ${shown(name)}`,
        `it holds ${this.keys().slice(0, 20).join(", ") || "none"}`,
      );
    }
    return entry;
  }

  #read(
    type: SafetensorsEntry["type"],
    shape: readonly number[],
    offset: number,
  ): Tensor {
    const layout = { type, shape, littleEndian: true };
    return readTensor(this.#source, offset, layout, this.#options);
  }
}

/**
 * Reads all tensors of a safetensors file: a path, a file URL or its bytes.
 * Unsigned integers are widened as by {@linkcode loadNpy}. Throws a
 * RuntimeError where the file breaks the format's rules. See
 * `safetensors.torch.load_file`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeSafetensors({ "0.weight": dg.ones(3) });
 * assertEquals(Object.keys(dg.io.loadSafetensors(bytes)), ["0.weight"]);
 * ```
 */
export function loadSafetensors(
  from: Readable,
  options: LoadOptions = {},
): Record<string, Tensor> {
  checkOptions(options, ["device"], "loadSafetensors");
  using file = new SafetensorsFile(from, options);
  const out: Record<string, Tensor> = {};
  for (const name of file.keys()) setEntry(out, name, file.tensor(name));
  return out;
}
