// PyTorch's .pt and .pth files as functions, and how they are written: so that
// `torch.load(weights_only=True)` reads them. Tensors that share memory still
// do when they are read again.

import type { Storage } from "../tensor/device.ts";
import { makeTensor } from "../tensor/fields.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { toDense } from "../tensor/op.ts";
import { isParameter } from "../tensor/parameter_mark.ts";
import { checkOptions, contiguousStrides } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Readable, withSource } from "./byte_source.ts";
import { FILE_TYPES, tensorBytes } from "./element_bytes.ts";
import { PickleWriter } from "./pickle_writer.ts";
import { joinBytes, replaceFile } from "./replace_file.ts";
import { type LoadTorchOptions, readTorch } from "./torch_reader.ts";
import { STORAGES } from "./torch_types.ts";
import { zipChunks, type ZipContent } from "./zip_writer.ts";

/** PyTorch begins each record at a multiple of this. */
const ALIGNMENT = 64;

/** The name of a type's storage in PyTorch. */
function storageName(x: Tensor): string {
  const type = FILE_TYPES[x.dtype];
  return Object.keys(STORAGES).find((name) => STORAGES[name] === type)!;
}

/** The memory of a storage, as one row of its elements. */
function wholeStorage(x: Tensor): Tensor {
  const { storage, info } = x;
  const { length } = storage;
  return makeTensor(storage, info, [length], [1], 0, length, true);
}

/** How one tensor is written. */
interface Placed {
  /** Number of the record. */
  readonly key: number;
  /** Number of elements in the record. */
  readonly length: number;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Decides what the records are. */
class Records {
  readonly #shared: ReadonlyMap<Storage, number>;
  readonly #keys = new Map<Storage, number>();
  /** What is read for each record, in order. */
  readonly contents: Tensor[] = [];

  constructor(tensors: readonly Tensor[]) {
    const shared = new Map<Storage, number>();
    for (const x of tensors) {
      const memory = memoryOf(x);
      shared.set(memory, (shared.get(memory) ?? 0) + 1);
    }
    this.#shared = shared;
  }

  /**
   * The record of a tensor: all of its storage where others look into it or it
   * takes all of it, else its own elements, since a row must not bring its
   * whole matrix along.
   */
  place(x: Tensor): Placed {
    const { length } = x.storage;
    const alone = this.#shared.get(memoryOf(x)) === 1;
    if (alone && x.count < length) {
      const key = this.contents.push(toDense(x.detach())) - 1;
      const strides = contiguousStrides(x.shape);
      return { key, length: x.count, offset: 0, strides };
    }
    const memory = memoryOf(x);
    let key = this.#keys.get(memory);
    if (key === undefined) {
      key = this.contents.push(wholeStorage(x)) - 1;
      this.#keys.set(memory, key);
    }
    return { key, length, offset: x.offset, strides: x.strides };
  }
}

/** `x.data` is another name of the memory of `x`. */
function memoryOf(x: Tensor): Storage {
  return x.storage.owner ?? x.storage;
}

/** All tensors of a value, each as often as it is there once. */
function tensorsOf(value: unknown): Tensor[] {
  const found = new Set<unknown>();
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null || found.has(next)) continue;
    found.add(next);
    if (isTensor(next)) continue;
    const items = next instanceof Map || Array.isArray(next)
      ? next.values()
      : Object.values(next);
    for (const item of items) open.push(item);
  }
  return [...found].filter((x) => isTensor(x));
}

function writeTensor(x: Tensor, records: Records, out: PickleWriter): void {
  const { key, length, offset, strides } = records.place(x);
  out.global("torch._utils", "_rebuild_tensor_v2");
  out.op(0x28, 0x28); // MARK MARK
  out.value("storage");
  out.global("torch", storageName(x));
  out.value(String(key));
  out.value("cpu");
  out.value(length);
  out.op(0x74, 0x51); // TUPLE BINPERSID
  out.value(offset);
  out.tuple(x.shape);
  out.tuple(strides);
  out.value(x.requiresGrad);
  out.global("collections", "OrderedDict");
  out.op(0x29, 0x52, 0x74, 0x52); // EMPTY_TUPLE REDUCE TUPLE REDUCE
}

/** A parameter is one in PyTorch as well. */
function writeParameter(x: Tensor, records: Records, out: PickleWriter): void {
  out.global("torch._utils", "_rebuild_parameter");
  out.op(0x28); // MARK
  writeTensor(x, records, out);
  out.value(x.requiresGrad);
  out.global("collections", "OrderedDict");
  out.op(0x29, 0x52, 0x74, 0x52); // EMPTY_TUPLE REDUCE TUPLE REDUCE
}

function text(name: string, content: string): ZipContent {
  return {
    name: `archive/${name}`,
    parts: [new TextEncoder().encode(content)],
  };
}

function* contents(value: unknown): Generator<ZipContent> {
  const records = new Records(tensorsOf(value));
  const writer = new PickleWriter((object, out) => {
    if (!isTensor(object)) return false;
    if (isParameter(object)) writeParameter(object, records, out);
    else writeTensor(object, records, out);
    return true;
  });
  yield { name: "archive/data.pkl", parts: [writer.write(value)] };
  yield text("byteorder", "little");
  for (const [key, x] of records.contents.entries()) {
    yield { name: `archive/data/${key}`, parts: [tensorBytes(x)] };
  }
  yield text("version", "3\n");
}

/** The parts of a file, in order. */
export function torchChunks(value: unknown): Iterable<Uint8Array> {
  return zipChunks(contents(value), {
    compressed: false,
    alignment: ALIGNMENT,
  });
}

/**
 * Reads a `.pt` or `.pth` file that `torch.save` wrote: a path, a file URL or its
 * bytes. Files may hold tensors, numbers, text and containers of them, as a
 * state dict does: dictionaries become objects, lists and tuples arrays,
 * `None` null; tensors that share memory still do. Whatever else a file asks
 * for is refused by name and nothing in it is run; models saved whole and the
 * format from before PyTorch 1.6 are among that. See
 * `torch.load(weights_only=True)`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeTorch({ weight: dg.ones(2), epoch: 3 });
 * const { weight, epoch } = dg.io.loadTorch<
 *   { weight: dg.Tensor; epoch: number }
 * >(bytes);
 * assertEquals([weight.tolist(), epoch], [[1, 1], 3]);
 * ```
 */
export function loadTorch<T = Record<string, Tensor>>(
  from: Readable,
  options: LoadTorchOptions = {},
): T {
  checkOptions(options, ["device", "maxBytes"], "loadTorch");
  return withSource(from, "pt", (source) => readTorch(source, options)) as T;
}

/**
 * Makes the bytes of a `.pt` file: of a tensor, or of arrays, plain objects and
 * maps of tensors, numbers, text, booleans and null. Integers become Python's
 * int, other numbers float; the keys of an object are text, except for those of
 * an optimizer's state, and the keys of a map may be integers. Throws a TypeError for anything else. See
 * `torch.save`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dg.io.encodeTorch({ weight: dg.ones([2, 2]) });
 * assertEquals(new TextDecoder().decode(bytes.subarray(0, 2)), "PK");
 * ```
 */
export function encodeTorch(value: unknown): Uint8Array<ArrayBuffer> {
  return joinBytes(torchChunks(value));
}

/**
 * Writes a `.pt` file, which takes the place of an old one only when it is
 * complete. See `torch.save` and {@linkcode encodeTorch}.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/model.pt`;
 * dg.io.saveTorch({ bias: dg.tensor([1, 2]) }, path);
 * assertEquals(dg.io.loadTorch(path).bias!.tolist(), [1, 2]);
 * ```
 */
export function saveTorch(value: unknown, path: string | URL): void {
  replaceFile(path, torchChunks(value));
}
