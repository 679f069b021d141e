// Elements on their way between host and GPU: words in place of elements,
// whole words only, cut where a memory has segments.

import type { Strided, TypedArray } from "../tensor/device.ts";
import { BFLOAT16, FLOAT32, INT32 } from "../tensor/dtype.ts";
import { elementOf, fromWords, numberOfWord, toWords } from "./element.ts";
import type { GpuMemory, GpuStorage } from "./gpu_storage.ts";
import type { Programs } from "./program.ts";
import type { Queue } from "./queue.ts";
import type { Staging, Stretch } from "./staging.ts";

/** Moves dense elements. */
export class Transfer {
  readonly #queue: Queue;
  readonly #staging: Staging;
  readonly #programs: Programs;

  constructor(queue: Queue, programs: Programs, staging: Staging) {
    this.#queue = queue;
    this.#programs = programs;
    this.#staging = staging;
  }

  /** Stores the elements of a dense tensor of the host into dense memory. */
  upload(out: Strided, x: Strided): void {
    this.#store(out, toWords(out.info, x.storage.device.read(x)));
  }

  /** Stores what a host has in the very words that are stored here; tells whether it has. */
  store(out: Strided, values: ArrayLike<number> | ArrayLike<bigint>): boolean {
    const { word, bytes } = elementOf(out.info);
    const fits = word === "f32"
      ? values instanceof Float32Array && out.info === FLOAT32
      : values instanceof Int32Array && out.info === INT32;
    if (!fits || bytes !== 4 || values.length !== out.count) return false;
    this.#store(out, values as Float32Array | Int32Array);
    return true;
  }

  /** Stores words in dense memory. */
  #store(out: Strided, words: Float32Array | Int32Array | Uint16Array): void {
    const { memory } = out.storage as GpuStorage;
    const { bytes } = elementOf(out.info);
    let data = new Uint8Array(
      words.buffer as ArrayBuffer,
      words.byteOffset,
      words.byteLength,
    );
    // WebGPU writes whole words: two neighbours of float16 go with theirs.
    const head = (out.offset * bytes) & 3;
    const tail = (4 - ((head + data.length) & 3)) & 3;
    if (head !== 0 || tail !== 0) {
      data = this.#withNeighbours(out, data, head, tail);
    }
    let from = 0;
    for (
      const [segment, start, length] of stretchesOf(
        memory,
        bytes,
        out.offset * bytes - head,
        data.length,
      )
    ) {
      const to = memory.segments[segment]!;
      const part = data.subarray(from, from + length);
      from += length;
      // A few words keep their place in the batch as numbers of a kernel.
      const inTurn = to.lastBatch === this.#queue.batch &&
        part.byteOffset % 4 === 0 &&
        this.#programs.put(
          to,
          start / 4,
          new Int32Array(part.buffer, part.byteOffset, length / 4),
        );
      if (!inTurn) this.#queue.write(to, start, part);
    }
  }

  /** Puts what lies around in the first and last word around the bytes. */
  #withNeighbours(
    out: Strided,
    data: Uint8Array<ArrayBuffer>,
    head: number,
    tail: number,
  ): Uint8Array<ArrayBuffer> {
    const start = out.offset * elementOf(out.info).bytes - head;
    const all = new Uint8Array(head + data.length + tail);
    if (out.count < out.storage.length) {
      all.set(this.#bytes(out, start, all.length));
    }
    all.set(data, head);
    return all;
  }

  /** Reads bytes of a memory; `start` and `length` are multiples of four. */
  #bytes(x: Strided, start: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#staging.readSync(this.#stretches(x, start, length));
  }

  #stretches(x: Strided, start: number, length: number): Stretch[] {
    const { memory } = x.storage as GpuStorage;
    const { bytes } = elementOf(x.info);
    return stretchesOf(memory, bytes, start, length).map((
      [segment, offset, bytes],
    ) => ({ from: memory.segments[segment]!, offset, bytes }));
  }

  /** Copies dense elements to the host. */
  read(x: Strided): TypedArray {
    if (x.count === 0) return fromWords(x.info, new Uint8Array(0), 0);
    const { start, length, head } = span(x);
    return unpack(x, this.#bytes(x, start, length), head);
  }

  /** The same as numbers: what is read of bfloat16 are bits. */
  readNumbers(x: Strided): ArrayLike<number> {
    const values = this.read(x);
    if (x.info !== BFLOAT16) return values as ArrayLike<number>;
    const bits = Uint32Array.from(values as Uint16Array, (half) => half << 16);
    return new Float32Array(bits.buffer);
  }

  /** The asynchronous twin of {@linkcode Transfer.read}, for several at the cost of one. */
  async readAll(tensors: readonly Strided[]): Promise<TypedArray[]> {
    const spans = tensors.map(span);
    const stretches = tensors.flatMap((x, k) =>
      this.#stretches(x, spans[k]!.start, spans[k]!.length)
    );
    const bytes = stretches.length === 0
      ? new Uint8Array(0)
      : await this.#staging.read(stretches);
    let at = 0;
    return tensors.map((x, k) => {
      const { length, head } = spans[k]!;
      const part = bytes.slice(at, at + length);
      at += length;
      return unpack(x, part, head);
    });
  }

  /** Reads the first element. */
  readOne(x: Strided): number {
    const { bytes } = elementOf(x.info);
    const at = x.offset * bytes;
    const data = this.#bytes(x, at & ~3, 4);
    if (bytes === 2) return new Float16Array(data.buffer)[(at & 2) >> 1]!;
    return numberOfWord(x.info, new Int32Array(data.buffer)[0]!);
  }
}

/** The whole words that dense elements lie in, in bytes. */
function span(x: Strided): { start: number; length: number; head: number } {
  const { bytes } = elementOf(x.info);
  const first = x.offset * bytes;
  const head = first & 3;
  const length = x.count === 0 ? 0 : (head + x.count * bytes + 3) & ~3;
  return { start: first - head, length, head };
}

function unpack(
  x: Strided,
  bytes: Uint8Array<ArrayBuffer>,
  head: number,
): TypedArray {
  return fromWords(x.info, head === 0 ? bytes : bytes.slice(head), x.count);
}

/** Cuts bytes of a memory at its segments: segment, offset in it, length. */
function stretchesOf(
  memory: GpuMemory,
  elementBytes: number,
  start: number,
  length: number,
): [number, number, number][] {
  if (length === 0) return [];
  if (memory.arena) return [[0, memory.base * 4 + start, length]];
  const per = memory.perSegment * elementBytes;
  const out: [number, number, number][] = [];
  let at = start;
  while (at < start + length) {
    const segment = Math.floor(at / per);
    const end = Math.min(start + length, (segment + 1) * per);
    out.push([segment, at - segment * per, end - at]);
    at = end;
  }
  return out;
}
