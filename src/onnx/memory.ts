// The memory of traced tensors: instead of elements it has the value of the
// graph that they are. Reading a strided view becomes reshaping, slicing and
// transposing; writing into a part makes a new value.

import {
  type Device,
  hostDevice,
  type Storage,
  type Strided,
} from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { countOf, type Graph, type Value } from "./graph.ts";

/** A write into a part of memory that has no value yet. */
interface Piece {
  readonly x: Strided;
  readonly value: Value;
}

/** What all names of one memory share. */
export interface Contents {
  /** All elements, in row-major order, in any shape; null before the first write. */
  value: Value | null;
  /** Writes into parts, in order, which are not in `value` yet. */
  pieces: Piece[];
}

/** Memory of the tracing device. */
export class TracedStorage implements Storage {
  device: Device;
  readonly length: number;
  readonly owner: Storage | null;
  readonly info: DTypeInfo;
  readonly contents: Contents;
  version = 0;

  constructor(
    device: Device,
    info: DTypeInfo,
    length: number,
    contents: Contents,
    owner: Storage | null,
  ) {
    this.device = device;
    this.info = info;
    this.length = length;
    this.contents = contents;
    this.owner = owner;
  }
}

/** Positions of the elements of a strided operand, row-major. */
function positions(x: Strided): BigInt64Array {
  const out = new BigInt64Array(x.count);
  const index = new Array<number>(x.shape.length).fill(0);
  let at = x.offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = BigInt(at);
    for (let d = x.shape.length - 1; d >= 0; d--) {
      at += x.strides[d]!;
      if (++index[d]! < x.shape[d]!) break;
      at -= x.strides[d]! * x.shape[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** Whether an operand is all of its memory, in order. */
function isWhole(x: Strided): boolean {
  return x.dense && x.offset === 0 && x.count === x.storage.length;
}

/** Dimensions that walk through memory, the largest steps first. */
function walkingDims(x: Strided): number[] {
  return [...x.shape.keys()]
    .filter((d) => x.shape[d] !== 1 && x.strides[d] !== 0)
    .sort((a, b) => x.strides[b]! - x.strides[a]!);
}

/** Reads and writes memory as values of a graph. */
export class Memories {
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The elements of an operand; with `narrow`, dimensions along which they repeat have length one. */
  load(x: Strided, narrow = false): Value {
    if (x.count === 0) refuseEmpty();
    const graph = this.#graph;
    if (!(x.storage instanceof TracedStorage)) {
      const data = x.storage.device.read(x);
      return graph.constant(x.info.name, x.shape, data);
    }
    const value = this.#settle(x.storage);
    if (isWhole(x)) return graph.reshape(value, x.shape);
    const viewed = this.#view(x, value);
    return narrow ? viewed : graph.expand(viewed, x.shape);
  }

  /** A view as slices of a reshaped and transposed value; else by gathering. */
  #view(x: Strided, value: Value): Value {
    const graph = this.#graph;
    const dims = walkingDims(x);
    const narrow = x.shape.map((n, d) => x.strides[d] === 0 ? 1 : n);
    const base: number[] = [];
    const starts: number[] = [];
    const lengths: number[] = [];
    let rest = x.offset;
    let size = x.storage.length;
    let regular = true;
    for (const d of dims) {
      const step = x.strides[d]!;
      if (step <= 0 || size % step !== 0) {
        regular = false;
        break;
      }
      base.push(size / step);
      starts.push(Math.floor(rest / step));
      lengths.push(x.shape[d]!);
      rest %= step;
      size = step;
    }
    base.push(size);
    starts.push(rest);
    lengths.push(1);
    regular &&= base.every((n, k) => starts[k]! + lengths[k]! <= n);
    if (regular) {
      const block = graph.slice(graph.reshape(value, base), starts, lengths);
      // The last dimension is what one step of the innermost skips.
      const order = [...dims.keys()].sort((a, b) => dims[a]! - dims[b]!);
      const turned = graph.transpose(block, [...order, dims.length]);
      return graph.reshape(turned, narrow);
    }
    const flat = graph.reshape(value, [x.storage.length]);
    const small = {
      ...geometry(x),
      shape: narrow,
      count: countOf(narrow),
    };
    const at = graph.constant("int64", narrow, positions(small), "places");
    return graph.emit("Gather", [flat, at], value.type, narrow, { axis: 0 });
  }

  /** Writes a value, shaped like `out`, in place of its elements. */
  store(out: Strided, value: Value): void {
    const graph = this.#graph;
    const storage = out.storage as TracedStorage;
    const { contents } = storage;
    const cast = graph.cast(value, storage.info.name);
    const full = graph.expand(cast, out.shape);
    if (isWhole(out)) {
      contents.value = full;
      contents.pieces = [];
      return;
    }
    const dims = walkingDims(out);
    const turned = dims.map((d) => out.shape[d]!);
    const strides = contiguousStrides(turned);
    const permuted = out.offset === 0 && out.count === out.storage.length &&
      dims.every((d, k) => out.strides[d] === strides[k]);
    if (permuted) {
      const squeezed = graph.reshape(
        full,
        out.shape.filter((n) => n !== 1),
      );
      const kept = [...out.shape.keys()].filter((d) => out.shape[d] !== 1);
      const order = dims.map((d) => kept.indexOf(d));
      contents.value = graph.transpose(squeezed, order);
      contents.pieces = [];
      return;
    }
    contents.pieces.push({ x: geometry(out), value: full });
  }

  /** All elements of a memory as one value. */
  #settle(storage: TracedStorage): Value {
    const { contents, length, info } = storage;
    const graph = this.#graph;
    if (contents.value === null && contents.pieces.length > 0) {
      contents.value = this.#joined(contents.pieces, length);
      if (contents.value !== null) contents.pieces = [];
    }
    contents.value ??= graph.expand(graph.scalar(info.name, 0), [length]);
    for (const { x, value } of contents.pieces) {
      const flat = graph.reshape(contents.value, [length]);
      const at = graph.constant("int64", [x.count], positions(x), "places");
      const updates = graph.reshape(value, [x.count]);
      contents.value = graph.emit(
        "ScatterElements",
        [flat, at, updates],
        flat.type,
        [length],
        { axis: 0 },
      );
    }
    contents.pieces = [];
    return contents.value;
  }

  /** Pieces that fill a memory side by side along one dimension, as `cat` writes them. */
  #joined(pieces: readonly Piece[], length: number): Value | null {
    const first = pieces[0]!.x;
    const total = pieces.reduce((sum, { x }) => sum + x.count, 0);
    if (total !== length) return null;
    const rank = first.shape.length;
    for (let d = 0; d < rank; d++) {
      const shape = first.shape.slice();
      shape[d] = pieces.reduce((sum, { x }) => sum + (x.shape[d] ?? 0), 0);
      const strides = contiguousStrides(shape);
      let at = 0;
      const fits = pieces.every(({ x }) => {
        const here = at * strides[d]!;
        at += x.shape[d] ?? 0;
        return x.offset === here && x.shape.length === rank &&
          x.shape.every((n, k) =>
            (k === d || n === shape[k]) &&
            (n === 1 || x.strides[k] === strides[k])
          );
      });
      if (!fits) continue;
      const values = pieces.map(({ value }) => value);
      return this.#graph.emit("Concat", values, values[0]!.type, shape, {
        axis: d,
      });
    }
    return null;
  }

  /** Whether the elements do not depend on the inputs of the graph. */
  isConstant(x: Strided): boolean {
    if (!(x.storage instanceof TracedStorage)) return true;
    const { value, pieces } = x.storage.contents;
    return value !== null && value.data !== null && pieces.length === 0;
  }

  /** Elements that do not depend on the inputs, on the host; fails for others. */
  onHost(x: Strided): Strided {
    const { storage } = x;
    if (!(storage instanceof TracedStorage)) return x;
    const { data } = this.#settle(storage);
    if (data === null) {
      throw new RuntimeError(
        "onnx.export: the model reads a value that depends on its inputs",
        "item(), tolist(), conditions and shapes that depend on values cannot be part of a graph; use where() and other ops",
      );
    }
    const host = hostDevice();
    const flat = host.allocate(x.info, storage.length);
    const whole: Strided = {
      storage: flat,
      info: x.info,
      shape: [storage.length],
      strides: [1],
      offset: 0,
      count: storage.length,
      dense: true,
    };
    host.write(whole, data as ArrayLike<number>);
    return { ...geometry(x), storage: flat };
  }
}

/** The geometry of an operand, without whatever else it is. */
export function geometry(x: Strided): Strided {
  const { storage, info, shape, strides, offset, count, dense } = x;
  return { storage, info, shape, strides, offset, count, dense };
}

function refuseEmpty(): never {
  throw new RuntimeError(
    "onnx.export: a tensor without elements cannot be part of the graph",
  );
}
