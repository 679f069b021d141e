// From an op to a dispatch: kernels by signature, bind groups by buffers.
//
// A kernel names its operands; module_text.ts says how it reads and writes
// them. A buffer that is several operands at once is bound once. Small tensors
// lie in one buffer, the arena; where is an additional number of the call.

import { RuntimeError } from "../tensor/errors.ts";
import type { Buffers, GpuBuffer } from "./buffers.ts";
import { CALL, shorten } from "./call.ts";
import type { Context } from "./context.ts";
import type { GpuMemory, GpuStorage } from "./gpu_storage.ts";
import {
  FLOATS,
  type Operand,
  placeOf,
  printModule,
  type Source,
  word,
  WORD_COUNT,
  wordF,
  WORDS,
  wordU,
} from "./module_text.ts";
import { type Pipeline, Pipelines } from "./pipelines.ts";
import type { Queue } from "./queue.ts";
import { CAREFUL } from "./wgsl_rounding.ts";

export {
  FLOATS,
  type Operand,
  type Pipeline,
  type Source,
  word,
  wordF,
  WORDS,
  wordU,
};

/** Most bind groups that are kept. */
const MOST_GROUPS = 8192;
/** Buffers whose numbers together are one integer, and what those numbers are below. */
const MOST_NUMBERED = 3;
const MOST_IDS = 2 ** 16;
/** Numbers of a call that writes small data; the rest is room for the place. */
const MOST_PUT = 200;

/** Fails because an operand lies on another device. */
export function refuseHost(type: string): never {
  throw new RuntimeError(
    `Expected all tensors to be on the same device, but found at least two devices, webgpu and ${type}!`,
    "move one of them with to(device)",
  );
}

/** Compiles kernels and launches them. */
export class Programs {
  /** Compiled kernels of map_flat.ts, by the kernel's number, then by layout. */
  readonly flat: Record<number, Map<number, Pipeline>> = {};
  /** Those of reduce_shader.ts, by kernel and pass, then by layout. */
  readonly reductions: Map<number, Map<number, Pipeline>> = new Map();
  /** Those of row_shader.ts, by kernel and type, then by layout. */
  readonly rows: Record<number, Map<number, Pipeline>> = {};
  /** Those of matmul_shader.ts. */
  readonly products: Map<number, Pipeline> = new Map();
  /** Those of other shaders, by kind and number, then by their name. */
  readonly #named = new Map<number, Map<number, Pipeline>>();
  readonly #context: Context;
  readonly #queue: Queue;
  /** Those of all kinds, by text. */
  readonly pipelines: Pipelines;
  readonly #found = new Map<string, Pipeline>();
  readonly #groups = new Map<number | string, GPUBindGroup>();
  /** Most kernels work in the arena alone. */
  #arenaGroup: GPUBindGroup | null = null;
  readonly #memories: GpuMemory[] = [];
  readonly #maxGroups: number;
  #putter: Pipeline | null = null;

  constructor(context: Context, queue: Queue) {
    this.#context = context;
    this.pipelines = new Pipelines(context);
    this.#queue = queue;
    this.#maxGroups = context.maxGroups;
  }

  /** Number of bind groups that are kept. */
  get groups(): number {
    return this.#groups.size + (this.#arenaGroup === null ? 0 : 1);
  }

  /** Forgets bind groups, before buffers are destroyed. */
  forgetGroups(): void {
    this.#groups.clear();
    this.#arenaGroup = null;
  }

  /**
   * Runs a kernel: `key` names what `source` depends on besides the types and
   * sharing of the operands; `words` numbers were put into {@linkcode WORDS};
   * `groups` workgroups run, folded where they exceed the limit of a dimension.
   * Returns the compiled kernel, for {@linkcode Programs.run}.
   */
  launch(
    key: string,
    operands: readonly Operand[],
    source: () => Source,
    words: number,
    groups: number,
  ): Pipeline | null {
    if (groups === 0) return null;
    const memories = this.#memories;
    shorten(memories, 0);
    // Where the numbers of the arena begin depends on how many come before.
    let signature = `${key} ${words}`;
    let access = "";
    let n = words;
    for (let k = 0; k < operands.length; k++) {
      const { x, write, wide } = operands[k]!;
      const { memory } = x.storage as GpuStorage;
      if (memory === undefined) refuseHost(x.storage.device.type);
      const at = placeOf(memories, memory);
      // Letters: type, place in the list of memories, segments, access.
      signature += wide
        ? `|${x.info.code}${at}v`
        : `|${x.info.code}${at}${write && at >= 0 ? "w" : ""}`;
      if (memory.arena) WORDS[n++] = memory.base;
      if (at >= 0) continue;
      memories.push(memory);
      if (memory.arena) {
        // Small tensors share a buffer, so that it is always written.
        signature += "A";
        access += "w";
        continue;
      }
      const letter = isWritten(memory, operands) ? "w" : "r";
      const count = memory.segments.length;
      signature += letter + count;
      for (let s = 0; s < count; s++) access += letter;
    }
    let found = this.#found.get(signature);
    if (found === undefined) {
      const text = source();
      const { exactRounding, subgroups } = this.#context.abilities;
      const code = printModule(
        operands,
        memories,
        access,
        text,
        words,
        exactRounding ? undefined : CAREFUL,
        subgroups.header,
      );
      found = this.pipelines.compile(key, code, access);
      this.#found.set(signature, found);
    }
    this.run(found, memories, n, groups);
    return found;
  }

  /** Runs the kernel that {@linkcode CALL} has a name for, if it is compiled; tells whether it is. */
  runNamed(groups: number): boolean {
    const found = this.#named.get(CALL.kind)?.get(CALL.code);
    if (found === undefined) return false;
    this.run(found, CALL.memories, CALL.words, groups);
    return true;
  }

  /** Remembers the kernel of the call under its name. */
  keepNamed(made: Pipeline | null): void {
    const { kind, code } = CALL;
    if (made === null || code < 0) return;
    const table = this.#named.get(kind);
    if (table === undefined) this.#named.set(kind, new Map([[code, made]]));
    else table.set(code, made);
  }

  /** Runs a kernel that is compiled, with `n` numbers, on memories that lie apart. */
  run(
    found: Pipeline,
    memories: readonly GpuMemory[],
    n: number,
    groups: number,
  ): void {
    const queue = this.#queue;
    // What is recorded belongs to one batch.
    queue.makeRoom();
    const { batch } = queue;
    let group: GPUBindGroup;
    const first = memories[0]!;
    if (memories.length === 1 && first.arena) {
      const segment = first.segments[0]!;
      if (segment.context !== this.#context) refuseHost("webgpu");
      segment.lastBatch = batch;
      group = this.#arenaGroup ??= this.#bind(found.layout, first.segments);
    } else {
      // A number while it can be one: the buffers', and how they are bound.
      let key: number | string = found.code;
      let count = 0;
      for (let k = 0; k < memories.length; k++) {
        const { segments } = memories[k]!;
        for (let s = 0; s < segments.length; s++) {
          const segment = segments[s]!;
          // Another GPU's buffers have the same numbers.
          if (segment.context !== this.#context) refuseHost("webgpu");
          segment.lastBatch = batch;
          const { id } = segment;
          if (typeof key === "string") key += `,${id}`;
          else if (++count <= MOST_NUMBERED && id < MOST_IDS) {
            key = key * MOST_IDS + id;
          } else {
            // All over again, as text.
            key = found.access;
            k = -1;
            break;
          }
        }
      }
      const known = this.#groups.get(key);
      if (known === undefined) {
        if (this.#groups.size >= MOST_GROUPS) this.#groups.clear();
        const buffers = memories.flatMap(({ segments }) => segments);
        group = this.#bind(found.layout, buffers);
        this.#groups.set(key, group);
      } else group = known;
    }
    const most = this.#maxGroups;
    if (groups <= most) {
      queue.dispatch(found.pipeline, group, WORDS, n, groups, 1);
      return;
    }
    const y = Math.ceil(groups / most);
    const x = Math.ceil(groups / y);
    queue.dispatch(found.pipeline, group, WORDS, n, x, y);
  }

  /**
   * Stores a few words of the host in a buffer, in the order of the queue, as
   * numbers of a kernel. Returns whether they were few enough.
   */
  put(to: GpuBuffer, at: number, words: Int32Array): boolean {
    const count = words.length;
    if (count > MOST_PUT) return false;
    const found = this.#putter ??= this.pipelines.compile("put", PUT, "w");
    WORDS[0] = at;
    WORDS[1] = count;
    // Vectors begin at multiples of four.
    WORDS.set(words, 4);
    const queue = this.#queue;
    queue.makeRoom();
    to.lastBatch = queue.batch;
    const key = `w,${to.id}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = this.#bind(found.layout, [to]);
      this.#groups.set(key, group);
    }
    queue.dispatch(found.pipeline, group, WORDS, 4 + count, 1, 1);
    return true;
  }

  #bind(
    layout: GPUBindGroupLayout,
    buffers: readonly GpuBuffer[],
  ): GPUBindGroup {
    return this.#context.device.createBindGroup({
      layout,
      entries: [
        {
          binding: 0,
          resource: { buffer: this.#queue.uniforms, size: WORD_COUNT * 4 },
        },
        ...buffers.map(({ buffer }, k) => ({
          binding: k + 1,
          resource: { buffer },
        })),
      ],
    });
  }
}

/** Whether any operand that lies in a memory is written. */
function isWritten(memory: GpuMemory, operands: readonly Operand[]): boolean {
  for (const { x, write } of operands) {
    if (
      write &&
      (x.storage as GpuStorage).memory.segments === memory.segments
    ) return true;
  }
  return false;
}

const PUT = `
@group(0) @binding(0) var<uniform> words: array<vec4<i32>, ${WORD_COUNT / 4}>;
@group(0) @binding(1) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  for (var k = i32(lane); k < ${word(1)}; k += 64) {
    out[${word(0)} + k] = words[1 + k / 4][k % 4];
  }
}
`;

/** How an engine's parts reach each other. */
export interface Engine {
  /** The device and its state. */
  readonly context: Context;
  /** The commands. */
  readonly queue: Queue;
  /** The buffers. */
  readonly buffers: Buffers;
  /** The kernels. */
  readonly programs: Programs;
}
