// `save` and `load`: the format is what the name of the file ends with.

import { ValueError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LoadOptions } from "./element_bytes.ts";
import type { InflateOptions } from "./inflate.ts";
import type { NamedTensors } from "./named_tensors.ts";
import { loadNpy, saveNpy } from "./npy.ts";
import { loadNpz, saveNpz } from "./npz.ts";
import { loadSafetensors } from "./safetensors_file.ts";
import { saveSafetensors } from "./safetensors_write.ts";
import { loadTorch, saveTorch } from "./torch_file.ts";

/** Options of {@linkcode load}. */
export interface LoadFileOptions extends LoadOptions, InflateOptions {}

const SUFFIXES = [".npy", ".npz", ".safetensors", ".pt", ".pth"] as const;

/** The suffix that says what a file holds. */
function suffixOf(path: string | URL): (typeof SUFFIXES)[number] {
  if (typeof path !== "string" && !(path instanceof URL)) {
    throw new TypeError(
      `expected a path or a file URL, not ${typeof path}; the value comes first: save(value, path)`,
    );
  }
  const name = path instanceof URL ? path.pathname : path;
  const found = SUFFIXES.find((suffix) => name.toLowerCase().endsWith(suffix));
  if (found !== undefined) return found;
  throw new ValueError(
    `${name}: the name does not say what the file holds`,
    `the suffixes are ${SUFFIXES.join(", ")}`,
  );
}

/**
 * Writes a file whose suffix says its format: `.npy` for one tensor, `.npz` and
 * `.safetensors` for tensors by name, `.pt` and `.pth` for anything that
 * `dg.io.encodeTorch` takes, such as the state of a training. The file takes the
 * place of an old one only when it is complete. Needs `--allow-write`. See
 * `torch.save`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/state.safetensors`;
 * dg.save({ weight: dg.ones(2) }, path);
 * assertEquals(dg.load(path).weight!.tolist(), [1, 1]);
 * ```
 */
export function save(value: unknown, path: string | URL): void {
  switch (suffixOf(path)) {
    case ".npy":
      return saveNpy(value as Tensor, path);
    case ".npz":
      return saveNpz(value as NamedTensors, path);
    case ".safetensors":
      return saveSafetensors(value as NamedTensors, path);
    default:
      return saveTorch(value, path);
  }
}

/**
 * Reads a file whose suffix says its format; see {@linkcode save}. A `.npy` file
 * gives a tensor, `.npz` and `.safetensors` files tensors by name, `.pt` and
 * `.pth` files what was saved, of which only tensors and containers are
 * accepted. Needs `--allow-read`. Throws a RuntimeError that names the file
 * where it is damaged. See `torch.load`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/x.npy`;
 * dg.save(dg.tensor([1, 2]), path);
 * assertEquals(dg.load<dg.Tensor>(path).tolist(), [1, 2]);
 * ```
 */
export function load<T = Record<string, Tensor>>(
  path: string | URL,
  options: LoadFileOptions = {},
): T {
  checkOptions(options, ["device", "maxBytes"], "load");
  const { device } = options;
  const place = device === undefined ? {} : { device };
  switch (suffixOf(path)) {
    case ".npy":
      return loadNpy(path, place) as T;
    case ".npz":
      return loadNpz(path, options) as T;
    case ".safetensors":
      return loadSafetensors(path, place) as T;
    default:
      return loadTorch<T>(path, options);
  }
}
