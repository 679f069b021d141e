// The text of a kernel's module: how its numbers are spelled, and declarations
// that give every kernel the same way to its operands. It knows nothing of
// pipelines and queues.

import type { Strided } from "../tensor/device.ts";
import { elementOf } from "./element.ts";
import type { GpuMemory, GpuStorage } from "./gpu_storage.ts";
import { libraryFor } from "./library.ts";

/** Numbers that one kernel sees. */
export const WORD_COUNT = 256;
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

/**
 * Prints a whole module; `replaced` are other definitions of functions of the
 * library, and `subgroups` is what a module begins with that uses them.
 */
export function printModule(
  operands: readonly Operand[],
  memories: readonly GpuMemory[],
  access: string,
  source: Source,
  words: number,
  replaced?: ReadonlyMap<string, string>,
  subgroups = "",
): string {
  const lines: string[] = [];
  if (operands.some(({ x }) => elementOf(x.info).word === "f16")) {
    lines.push("enable f16;");
  }
  const text = `${source.declarations ?? ""}\n${source.body}`;
  if (text.includes("subgroupShuffle")) lines.push(subgroups);
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
  const accessors = lines.join("\n");
  const [a, b, c] = source.threads;
  return `${accessors}
${libraryFor(accessors + text, replaced)}
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
export function placeOf(
  memories: readonly GpuMemory[],
  memory: GpuMemory,
): number {
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
