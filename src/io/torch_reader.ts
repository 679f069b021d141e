// PyTorch's .pt and .pth files: a zip file with a pickle, which says what there
// is, and the memory of each storage. What the pickle may name is listed here;
// it is what `torch.load(weights_only=True)` allows, as far as it has a
// counterpart.

import { MODE } from "../grad/mode.ts";
import { makeTensor } from "../tensor/fields.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { markParameter } from "../tensor/parameter_mark.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isDense } from "../tensor/view.ts";
import { type ByteSource, malformed } from "./byte_source.ts";
import {
  checkedCount,
  FILE_TYPES,
  type FileType,
  type LoadOptions,
  tensorFromBytes,
} from "./element_bytes.ts";
import { inflateLimit, type InflateOptions } from "./inflate.ts";
import { setEntry } from "./named_tensors.ts";
import {
  Global,
  isDict,
  type PickleHost,
  PickleReader,
} from "./pickle_reader.ts";
import {
  dtypeGlobals,
  storageGlobals,
  StorageType,
  UNSIGNED,
} from "./torch_types.ts";
import { ZipReader } from "./zip_reader.ts";

/** What a tensor object takes in memory, roughly. */
const TENSOR_COST = 256;

/** The memory of one or several tensors; it is read when the first of them is made. */
class StoredMemory {
  /** Name of its record. */
  readonly key: string;
  /** Type of the elements; null where the tensors say. */
  readonly type: FileType | null;
  /** Number of elements, or of bytes where there is no type. */
  readonly length: number;
  /** All elements, by type. */
  readonly bases = new Map<FileType, Tensor>();

  constructor(key: string, type: FileType | null, length: number) {
    this.key = key;
    this.type = type;
    this.length = length;
  }
}

/** Whether a value is a shape, strides or the like. */
function isSize(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Reads one file. */
class TorchReader implements PickleHost {
  readonly name: string;
  readonly #source: ByteSource;
  readonly #zip: ZipReader;
  readonly #options: LoadOptions;
  readonly #prefix: string;
  readonly #littleEndian: boolean;
  readonly #memories = new Map<string, StoredMemory>();
  readonly #globals: ReadonlyMap<string, unknown>;
  #budget: number;

  constructor(source: ByteSource, options: LoadTorchOptions) {
    this.name = source.name;
    this.#source = source;
    this.#options = options;
    const limit = inflateLimit(source.size, options);
    this.#budget = limit;
    this.#zip = new ZipReader(source, limit);
    this.#prefix = findPrefix(source, this.#zip);
    this.#littleEndian = this.#byteOrder();
    this.#globals = new Map<string, unknown>([
      ...this.#functions(),
      ["torch.Tensor", new Global("torch.Tensor")],
      ...storageGlobals(),
      ...dtypeGlobals(),
    ]);
  }

  read(): unknown {
    return new PickleReader(this.#record("data.pkl"), this).read();
  }

  global(name: string): unknown {
    return this.#globals.get(name);
  }

  spend(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget >= 0) return;
    throw malformed(
      this,
      "its contents would take far more memory than the file is long",
      "if you trust the file, allow more with { maxBytes }",
    );
  }

  persistent(id: unknown): StoredMemory {
    const [kind, type, key, , length] = Array.isArray(id) ? id : [];
    const known = type instanceof StorageType;
    if (
      kind !== "storage" || !known || typeof key !== "string" ||
      !Number.isSafeInteger(length) || length < 0
    ) throw malformed(this, "the pickle names a storage wrongly");
    const found = this.#memories.get(key);
    if (found !== undefined) {
      if (found.type === type.type && found.length === length) return found;
      throw malformed(this, `the storage ${key} has two types or lengths`);
    }
    const memory = new StoredMemory(key, type.type, length);
    this.#memories.set(key, memory);
    return memory;
  }

  #record(name: string): Uint8Array {
    const entry = this.#zip.entries.get(`${this.#prefix}/${name}`);
    if (entry !== undefined) return this.#zip.read(entry);
    throw malformed(
      this,
      `PytorchStreamReader failed locating file ${name}: file not found`,
    );
  }

  #byteOrder(): boolean {
    if (!this.#zip.entries.has(`${this.#prefix}/byteorder`)) return true;
    const order = new TextDecoder().decode(this.#record("byteorder"));
    if (order !== "little" && order !== "big") {
      throw malformed(this, `Unknown endianness type: ${order.slice(0, 20)}`);
    }
    return order === "little";
  }

  #functions(): [string, Global][] {
    const list: [string, NonNullable<Global["call"]>][] = [
      ["collections.OrderedDict", (args) => this.#orderedDict(args)],
      [
        "torch._utils._rebuild_tensor_v2",
        (args) => this.#tensor(args, args[6], null),
      ],
      ["torch._utils._rebuild_tensor_v3", (args) => this.#tensorV3(args)],
      ["torch._utils._rebuild_parameter", (args) => this.#parameter(args)],
      [
        "torch._utils._rebuild_parameter_with_state",
        (args) => this.#parameter(args),
      ],
      ["torch._tensor._rebuild_from_type_v2", (args) => this.#typed(args)],
      ["torch.Size", ([size]) => this.#size(size)],
      ["torch.device", ([kind]) => String(kind)],
      ["_codecs.encode", (args) => this.#bytes(args)],
      ["collections.Counter", (args) => this.#counter(args)],
      ["builtins.bytearray", (args) => this.#byteArray(args)],
      ["__builtin__.bytearray", (args) => this.#byteArray(args)],
      ["builtins.set", (args) => this.#set(args)],
      ["__builtin__.set", (args) => this.#set(args)],
    ];
    return list.map(([name, call]) => [name, new Global(name, call)]);
  }

  #refuse(name: string): never {
    throw malformed(this, `the pickle calls ${name} wrongly`);
  }

  #orderedDict([pairs = []]: readonly unknown[]): unknown {
    const out: Record<string, unknown> = {};
    if (!Array.isArray(pairs)) this.#refuse("OrderedDict");
    for (const pair of pairs) {
      if (!Array.isArray(pair) || typeof pair[0] !== "string") {
        this.#refuse("OrderedDict");
      }
      this.spend(2 * TENSOR_COST);
      setEntry(out, pair[0], pair[1]);
    }
    return out;
  }

  #set([items = []]: readonly unknown[]): Set<unknown> {
    if (!Array.isArray(items)) this.#refuse("set");
    this.spend(40 * items.length);
    return new Set(items);
  }

  #size(value: unknown): unknown {
    return isSize(value) ? value : this.#refuse("torch.Size");
  }

  /** Bytes, which old pickles write as text. */
  #bytes([text, encoding]: readonly unknown[]): Uint8Array {
    if (typeof text !== "string" || encoding !== "latin1") {
      this.#refuse("_codecs.encode");
    }
    this.spend(text.length);
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }

  #byteArray([bytes = new Uint8Array()]: readonly unknown[]): Uint8Array {
    return bytes instanceof Uint8Array ? bytes : this.#refuse("bytearray");
  }

  #counter([counts = {}]: readonly unknown[]): unknown {
    return isDict(counts) ? counts : this.#refuse("Counter");
  }

  /** Attributes that somebody gave a parameter are left out. */
  #parameter([x, requiresGrad]: readonly unknown[]): Tensor {
    if (!isTensor(x)) this.#refuse("_rebuild_parameter");
    markParameter(x);
    return requiresGrad === true ? this.#tracked(x) : x;
  }

  /** A tensor with attributes, as buffers are, which are left out. */
  #typed([make, type, args]: readonly unknown[]): unknown {
    const known = make instanceof Global && type instanceof Global &&
      make.name.startsWith("torch._utils._rebuild_tensor_") &&
      type.name === "torch.Tensor";
    if (!known || make.call === null || !Array.isArray(args)) {
      this.#refuse("_rebuild_from_type_v2");
    }
    return make.call(args);
  }

  #tracked(x: Tensor): Tensor {
    if (x.info.category < 2) this.#refuse("a tensor that requires grad");
    return MODE.inference ? x : x.requiresGrad_();
  }

  #tensorV3(args: readonly unknown[]): Tensor {
    const name = args[6];
    const type = typeof name !== "string"
      ? undefined
      : UNSIGNED[name] ?? FILE_TYPES[name as keyof typeof FILE_TYPES];
    const known = type ?? this.#refuse("_rebuild_tensor_v3");
    return this.#tensor(args, args[7], known);
  }

  /** `flags` says how PyTorch sees the memory: `neg` as if with the other sign. */
  #tensor(
    args: readonly unknown[],
    flags: unknown,
    given: FileType | null,
  ): Tensor {
    const [memory, offset, shape, strides, requiresGrad] = args;
    if (
      !(memory instanceof StoredMemory) || !isSize([offset]) ||
      !isSize(shape) || !isSize(strides) || shape.length !== strides.length
    ) this.#refuse("_rebuild_tensor");
    const type = memory.type ?? given ?? this.#refuse("_rebuild_tensor");
    this.spend(TENSOR_COST + 16 * shape.length);
    const base = this.#base(memory, type);
    const at = offset as number;
    let out = viewOf(this, base, shape, strides, at);
    if (isDict(flags) && flags.neg === true) {
      this.spend(out.count * type.bytes);
      out = out.neg();
    }
    return requiresGrad === true ? this.#tracked(out) : out;
  }

  /** All elements of a storage. */
  #base(memory: StoredMemory, type: FileType): Tensor {
    const known = memory.bases.get(type);
    if (known !== undefined) return known;
    const size = memory.length * (memory.type === null ? 1 : type.bytes);
    const entry = this.#zip.entries.get(`${this.#prefix}/data/${memory.key}`);
    if (entry !== undefined && entry.size !== size) {
      throw malformed(
        this,
        `the storage ${memory.key} has ${entry.size} bytes instead of ${size}`,
      );
    }
    if (size % type.bytes !== 0) this.#refuse("_rebuild_tensor");
    this.spend(size);
    const bytes = this.#record(`data/${memory.key}`);
    const shape = [size / type.bytes];
    const littleEndian = this.#littleEndian;
    const layout = { type, shape, littleEndian };
    const base = tensorFromBytes(bytes, layout, this.#options);
    memory.bases.set(type, base);
    return base;
  }
}

/** Looks into a storage, after a check that it lies inside. */
function viewOf(
  source: { readonly name: string },
  base: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): Tensor {
  const count = checkedCount(source, shape);
  let last = offset;
  shape.forEach((n, d) => last += (n - 1) * strides[d]!);
  if (count > 0 && !(last < base.count)) {
    throw malformed(
      source,
      `a tensor of shape [${
        shape.join(", ")
      }] reaches beyond its storage of ${base.count} elements`,
    );
  }
  const dense = isDense(shape, strides);
  const at = count > 0 ? offset : 0;
  return makeTensor(base.storage, base.info, shape, strides, at, count, dense);
}

/** The folder of the zip file in which everything lies. */
function findPrefix(source: ByteSource, zip: ZipReader): string {
  const names = [...zip.entries.keys()];
  const prefixes = names.filter((name) => /^[^/]*\/data\.pkl$/.test(name))
    .map((name) => name.slice(0, name.indexOf("/")));
  if (names.some((name) => /^[^/]*\/constants\.pkl$/.test(name))) {
    throw malformed(
      source,
      "this is a TorchScript archive, which holds a program",
      "in Python, load it with torch.jit.load and save its state_dict()",
    );
  }
  if (prefixes.length === 1) return prefixes[0]!;
  throw malformed(
    source,
    "PytorchStreamReader failed locating file data.pkl: file not found",
    "this is a zip file, but not one of torch.save",
  );
}

/** Options of {@linkcode loadTorch}. */
export interface LoadTorchOptions extends LoadOptions, InflateOptions {}

/** Tells files that are no zip files apart, for the message. */
function checkMagic(source: ByteSource): void {
  const start = [...source.read(0, Math.min(4, source.size))];
  if (start[0] === 0x50 && start[1] === 0x4b) return;
  // Since version 1.6 of PyTorch, files are zip files.
  const legacy = start[0] === 0x80 && start[2] === 0x8a;
  throw malformed(
    source,
    legacy
      ? "this file has PyTorch's old format, from before version 1.6, which is not supported"
      : "this is no file of torch.save: it begins differently",
    legacy
      ? "in Python, load it and save it again with torch.save"
      : "it may be truncated, or of another format",
  );
}

/** Fails where the result holds what only the pickle itself has a use for. */
function checkResult(source: ByteSource, value: unknown): void {
  const seen = new Set<unknown>();
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    if (isTensor(next) || next instanceof Uint8Array) continue;
    seen.add(next);
    if (Array.isArray(next) || next instanceof Set) {
      for (const item of next) open.push(item);
    } else if (isDict(next)) {
      for (const item of Object.values(next)) open.push(item);
    } else {
      const what = next instanceof Global ? next.name : "a storage";
      throw malformed(source, `it holds ${what}, which is no tensor`);
    }
  }
}

/** Reads what a file holds. */
export function readTorch(
  source: ByteSource,
  options: LoadTorchOptions,
): unknown {
  checkMagic(source);
  const value = new TorchReader(source, options).read();
  checkResult(source, value);
  return value;
}
