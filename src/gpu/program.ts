// From WGSL to a dispatch: pipelines by signature, bind groups by buffers, and
// the declarations that give every kernel the same way to its operands.
//
// A kernel names its operands; for each it gets `load_NAME(i)` and
// `store_NAME(i, value)`, where `i` is the position of an element in the
// storage, and `word(k)` in TypeScript spells the k-th number of the call. A
// buffer that is several operands at once is bound once. Small tensors lie in
// one buffer, the arena; where is an additional number of the call.

import type { Strided } from "../tensor/device.ts";
import type { Buffers } from "./buffers.ts";
import type { Context } from "./context.ts";
import { elementOf } from "./element.ts";
import type { GpuMemory, GpuStorage } from "./gpu_storage.ts";
import { libraryFor } from "./library.ts";
import { type Queue, WORD_COUNT } from "./queue.ts";

/** Numbers of the call that is being prepared, as integers. */
export const WORDS: Int32Array<ArrayBuffer> = new Int32Array(WORD_COUNT);
/** The same numbers as floats. */
export const FLOATS: Float32Array<ArrayBuffer> = new Float32Array(WORDS.buffer);

/** Spells the k-th number of the call as an integer. */
export function word(k: number): string {
  return `words[${k >> 2}].${"xyzw"[k & 3]}`;
}

/** Spells the k-th number of the call as an unsigned integer. */
export function wordU(k: number): string {
  return `bitcast<u32>(${word(k)})`;
}

/** Spells the k-th number of the call as a float. */
export function wordF(k: number): string {
  return `bitcast<f32>(${word(k)})`;
}

/** An operand of a kernel. */
export interface Operand {
  /** What the kernel calls it. */
  readonly name: string;
  /** The elements; only storage and type matter here. */
  readonly x: Strided;
  /** Whether the kernel writes it. */
  readonly write: boolean;
  /** Whether it is bound as vectors of four: `load4_NAME` and `store4_NAME` then. */
  readonly wide?: boolean;
}

/** A kernel in WGSL: functions and declarations of its own, and a body. */
export interface Source {
  /** Declarations at module level, such as workgroup memory. */
  readonly declarations?: string;
  /** Statements of the entry point; it sees `group`, `groups`, `local`, `lane` and `flat` (the workgroup's number). */
  readonly body: string;
  /** Threads of a workgroup. */
  readonly threads: readonly [number, number, number];
}

interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly access: string;
}

/** Most bind groups that are kept. */
const MOST_GROUPS = 8192;

/** Compiles kernels and launches them. */
export class Programs {
  readonly #context: Context;
  readonly #queue: Queue;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #layouts = new Map<
    string,
    { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout }
  >();
  readonly #groups = new Map<string, GPUBindGroup>();

  constructor(context: Context, queue: Queue) {
    this.#context = context;
    this.#queue = queue;
  }

  /** Number of kernels that were compiled. */
  get size(): number {
    return this.#pipelines.size;
  }

  /** Forgets bind groups, before buffers are destroyed. */
  forgetGroups(): void {
    this.#groups.clear();
  }

  /**
   * Runs a kernel: `key` names what `source` depends on besides the types and
   * sharing of the operands; `words` numbers were put into {@linkcode WORDS};
   * `groups` workgroups run, folded where they exceed the limit of a dimension.
   */
  launch(
    key: string,
    operands: readonly Operand[],
    source: () => Source,
    words: number,
    groups: number,
  ): void {
    if (groups === 0) return;
    const memories: GpuMemory[] = [];
    // Where the numbers of the arena begin depends on how many come before.
    let signature = `${key} ${words}`;
    let ids = "";
    let access = "";
    let n = words;
    for (const { x, write, wide } of operands) {
      const { memory } = x.storage as GpuStorage;
      const at = placeOf(memories, memory);
      // Letters: type, place in the list of memories, segments, access.
      signature += `|${x.info.code}${at}${wide ? "v" : ""}`;
      if (memory.arena) WORDS[n++] = memory.base;
      if (at >= 0) {
        if (write) signature += "w";
        continue;
      }
      memories.push(memory);
      // Small tensors share a buffer, so that it is always written.
      const writes = memory.arena ||
        operands.some((other) =>
          other.write && (other.x.storage as GpuStorage).memory === memory
        );
      const { segments } = memory;
      signature += memory.arena
        ? "A"
        : `${writes ? "W" : "R"}${segments.length}`;
      for (const segment of segments) {
        ids += `,${segment.id}`;
        access += writes ? "w" : "r";
        segment.lastBatch = this.#queue.batch;
      }
    }
    let found = this.#pipelines.get(signature);
    if (found === undefined) {
      found = this.#compile(key, operands, memories, access, source(), words);
      this.#pipelines.set(signature, found);
    }
    const groupKey = access + ids;
    let group = this.#groups.get(groupKey);
    if (group === undefined) {
      if (this.#groups.size >= MOST_GROUPS) this.#groups.clear();
      group = this.#bind(found.layout, memories);
      this.#groups.set(groupKey, group);
    }
    const most = this.#context.maxGroups;
    const y = Math.ceil(groups / most);
    const x = y === 1 ? groups : Math.ceil(groups / y);
    this.#queue.dispatch(found.pipeline, group, WORDS, n, x, y);
    // A flush in between started a new batch.
    for (const memory of memories) {
      for (const segment of memory.segments) {
        segment.lastBatch = this.#queue.batch;
      }
    }
  }

  #layout(
    access: string,
  ): { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout } {
    const known = this.#layouts.get(access);
    if (known !== undefined) return known;
    const { device } = this.#context;
    const visibility = 4; // COMPUTE
    const group = device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility,
          buffer: {
            type: "uniform",
            hasDynamicOffset: true,
            minBindingSize: WORD_COUNT * 4,
          },
        },
        ...[...access].map((letter, k): GPUBindGroupLayoutEntry => ({
          binding: k + 1,
          visibility,
          buffer: { type: letter === "w" ? "storage" : "read-only-storage" },
        })),
      ],
    });
    const pipeline = device.createPipelineLayout({ bindGroupLayouts: [group] });
    const made = { group, pipeline };
    this.#layouts.set(access, made);
    return made;
  }

  #bind(
    layout: GPUBindGroupLayout,
    memories: readonly GpuMemory[],
  ): GPUBindGroup {
    const buffers = memories.flatMap((memory) => memory.segments);
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

  #compile(
    key: string,
    operands: readonly Operand[],
    memories: readonly GpuMemory[],
    access: string,
    source: Source,
    words: number,
  ): Pipeline {
    const { device } = this.#context;
    const { group, pipeline: layout } = this.#layout(access);
    const code = printModule(operands, memories, access, source, words);
    const pipeline = this.#context.scoped(
      "validation",
      () =>
        device.createComputePipeline({
          label: key,
          layout,
          compute: {
            module: device.createShaderModule({ label: key, code }),
            entryPoint: "main",
          },
        }),
    );
    return { pipeline, layout: group, access };
  }
}

/** Prints a whole module. */
function printModule(
  operands: readonly Operand[],
  memories: readonly GpuMemory[],
  access: string,
  source: Source,
  words: number,
): string {
  const lines: string[] = [];
  if (operands.some(({ x }) => elementOf(x.info).word === "f16")) {
    lines.push("enable f16;");
  }
  lines.push(
    `@group(0) @binding(0) var<uniform> words: array<vec4<i32>, ${
      WORD_COUNT / 4
    }>;`,
  );
  // What each memory is bound as: the first operand says.
  let binding = 0;
  const firstBinding = memories.map((memory) => {
    const first = binding;
    const { x, wide } = operands.find((operand) =>
      placeOf([memory], (operand.x.storage as GpuStorage).memory) === 0
    )!;
    const { word } = elementOf(x.info);
    const type = memory.arena ? "i32" : wide ? `vec4<${word}>` : word;
    for (let k = 0; k < memory.segments.length; k++) {
      const mode = access[binding] === "w" ? "read_write" : "read";
      lines.push(
        `@group(0) @binding(${
          binding + 1
        }) var<storage, ${mode}> m${binding}: array<${type}>;`,
      );
      binding++;
    }
    return first;
  });
  let bases = words;
  for (const operand of operands) {
    const memory = (operand.x.storage as GpuStorage).memory;
    const first = firstBinding[placeOf(memories, memory)]!;
    lines.push(
      memory.arena
        ? printArenaAccess(operand, first, bases++)
        : printAccess(operand, first, memory),
    );
  }
  const text = `${source.declarations ?? ""}\n${source.body}`;
  const accessors = lines.join("\n");
  const [a, b, c] = source.threads;
  return `${accessors}
${libraryFor(accessors + text)}
${source.declarations ?? ""}
@compute @workgroup_size(${a}, ${b}, ${c})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = group.y * groups.x + group.x;
${source.body}
}
`;
}

/** Where a memory stands in a list; what lies in the arena is one memory. */
function placeOf(memories: readonly GpuMemory[], memory: GpuMemory): number {
  for (let k = 0; k < memories.length; k++) {
    if (memories[k]!.segments === memory.segments) return k;
  }
  return -1;
}

/** Prints the functions that read and write an operand in the arena, which holds bits. */
function printArenaAccess(
  { name, x, write }: Operand,
  binding: number,
  base: number,
): string {
  const { word: type, kind, load, store } = elementOf(x.info);
  const cell = `m${binding}[i + ${word(base)}]`;
  const float = type === "f32";
  const value = load(float ? `bitcast<f32>(${cell})` : cell);
  const stored = float ? `bitcast<i32>(${store("v")})` : store("v");
  const reading = `fn load_${name}(i: i32) -> ${kind} { return ${value}; }`;
  return write
    ? `${reading}\nfn store_${name}(i: i32, v: ${kind}) { ${cell} = ${stored}; }`
    : reading;
}

/** Prints the functions that read and write one operand. */
function printAccess(
  { name, x, write, wide }: Operand,
  first: number,
  memory: GpuMemory,
): string {
  const { word, kind, load, store } = elementOf(x.info);
  const count = memory.segments.length;
  const lines: string[] = [];
  if (wide) {
    lines.push(
      `fn load4_${name}(i: i32) -> vec4<${kind}> { let w = m${first}[i]; return vec4<${kind}>(${
        ["w.x", "w.y", "w.z", "w.w"].map(load).join(", ")
      }); }`,
    );
    if (write) {
      lines.push(
        `fn store4_${name}(i: i32, v: vec4<${kind}>) { m${first}[i] = vec4<${word}>(${
          ["v.x", "v.y", "v.z", "v.w"].map(store).join(", ")
        }); }`,
      );
    }
    return lines.join("\n");
  }
  const per = memory.perSegment;
  const cases = (each: (cell: string) => string) => {
    let text = "";
    for (let k = 0; k < count; k++) {
      const cell = `m${first + k}[${k === 0 ? "i" : `i - ${k * per}`}]`;
      const last = k === count - 1;
      text += last
        ? `${each(cell)} `
        : `if (i < ${(k + 1) * per}) { ${each(cell)} } else { `;
    }
    return text + "} ".repeat(count - 1);
  };
  lines.push(
    count === 1
      ? `fn load_${name}(i: i32) -> ${kind} { return ${load(`m${first}[i]`)}; }`
      : `fn load_${name}(i: i32) -> ${kind} { var v: ${kind}; ${
        cases((cell) => `v = ${load(cell)};`)
      }return v; }`,
  );
  if (write) {
    lines.push(
      `fn store_${name}(i: i32, v: ${kind}) { ${
        cases((cell) => `${cell} = ${store("v")};`)
      }}`,
    );
  }
  return lines.join("\n");
}

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
