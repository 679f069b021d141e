// Elementwise kernels whose operands are found by the number of the element
// alone: dense ones, single elements, rows and columns that repeat, numbers of
// the host. Nearly all maps are of this kind, and they are launched with little
// work on the host: the layout is one integer, which names the compiled kernel.

import type { MapKernel, Strided } from "../tensor/device.ts";
import { BOOL, type DTypeInfo } from "../tensor/dtype.ts";
import { shorten } from "./call.ts";
import { elementOf } from "./element.ts";
import { type GpuMemory, GpuStorage } from "./gpu_storage.ts";
import { NAMES, printEach, THREADS } from "./map_text.ts";
import {
  type Engine,
  FLOATS,
  type Operand,
  type Source,
  word,
  WORDS,
  wordU,
} from "./program.ts";
import { refuseZeroDivisor } from "./zero_divisor.ts";

/** How an input is found. The element `i` of the result needs the element … */
const SAME = 0; // i
const ONE = 1; // 0
const ROW = 2; // i % period
const COLUMN = 3; // i / period
const NUMBER = 4; // none: it is a number of the host
/** What is added in the name of a kernel where an input is bool; columns have no such name. */
const MASK = 5;

/** Where an input's numbers begin: its offset or itself, then its period. */
function wordsOf(k: number): number {
  return 2 + 2 * k;
}

/** The memories of the call that is being prepared, each once. */
const memories: GpuMemory[] = [];
/** How many operands lie in each of them. */
const uses = [0, 0, 0, 0];
/** How the inputs are found. */
const hows = [0, 0, 0];
/** How often rows repeat, or columns. */
let period = 0;

/**
 * Computes a kernel for each element of `out`, if all operands can be found by
 * the number of the element; tells whether they can.
 */
export function runFlat(
  engine: Engine,
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): boolean {
  const { count, offset } = out;
  const { memory } = out.storage as GpuStorage;
  if (!out.dense || memory.segments.length !== 1) return false;
  const { kind } = elementOf(compute);
  const float = kind === "f32";
  shorten(memories, 1);
  memories[0] = memory;
  uses[0] = 1;
  // The last vector may go beyond what is counted, but not beyond the storage.
  let wide = !memory.arena && (offset & 3) === 0 &&
    ((count & 3) === 0 || offset + count === out.storage.length);
  // Places of inputs that cannot be bound as vectors, a bit each.
  let narrow = 0;
  let code = (compute.code << 4 | out.info.code) << 1 | (memory.arena ? 1 : 0);
  WORDS[0] = count;
  WORDS[1] = offset;
  let arity = 0;
  for (let k = 0; k < 3; k++) {
    const x = k === 0 ? a : k === 1 ? b : c;
    if (x === null) break;
    arity++;
    const at = 2 + 2 * k;
    const { storage } = x;
    if (!(storage instanceof GpuStorage)) {
      // A 0-d tensor of the host stands for its number.
      const value = Number(storage.device.readOne(x));
      if (float) FLOATS[at] = value;
      else {
        if (value === 0) refuseZeroDivisor(kernel.body, k);
        WORDS[at] = Math.trunc(value);
      }
      hows[k] = NUMBER;
      code = code << 6 | NUMBER << 3;
      continue;
    }
    const own = storage.memory;
    const how = howFound(out, x);
    if (how < 0 || own.segments.length !== 1) return false;
    const mask = x.info !== compute;
    if (mask && (x.info !== BOOL || how === COLUMN)) return false;
    hows[k] = how;
    WORDS[at] = x.offset;
    if (how >= ROW) WORDS[at + 1] = period;
    let place = 0;
    while (
      place < memories.length && memories[place]!.segments !== own.segments
    ) place++;
    if (place === memories.length) {
      memories.push(own);
      uses[place] = 0;
    }
    uses[place]!++;
    if (wide) {
      if (how === SAME) wide = !own.arena && (x.offset & 3) === 0;
      else if (how === ROW) {
        wide = (period & 3) === 0 && (own.arena || (x.offset & 3) === 0);
      } else {
        wide = how === ONE || (period & 3) === 0;
        if (!own.arena) narrow |= 1 << place;
      }
    }
    const named = mask ? how + MASK : how;
    code = code << 6 | named << 3 | place << 1 | (own.arena ? 1 : 0);
  }
  for (let place = 0; wide && place < memories.length; place++) {
    // What is read alone needs a binding of its own.
    if ((narrow >> place & 1) === 1 && uses[place] !== 1) wide = false;
  }
  let n = 2 + 2 * arity;
  for (let k = 0; k < params.length; k++) {
    if (float) FLOATS[n++] = params[k]!;
    else WORDS[n++] = Math.trunc(params[k]!);
  }
  const groups = Math.ceil(count / (wide ? 4 * THREADS : THREADS));
  const { programs } = engine;
  const table = programs.flat[kernel.id] ??= new Map();
  // 28 bits, and the number of parameters: calls may leave them out.
  code = params.length * 2 ** 28 + (code << 1 | (wide ? 1 : 0));
  const found = table.get(code);
  if (found === undefined) {
    const inputs = [a, b, c].slice(0, arity) as Strided[];
    const plan = { kernel, compute, out, inputs, hows: hows.slice(), wide };
    const made = programs.launch(
      `map ${kernel.id} ${code}`,
      operandsOf(plan),
      () => printFlat(plan),
      n,
      groups,
    );
    if (made !== null) table.set(code, made);
    return true;
  }
  if (memory.arena) WORDS[n++] = memory.base;
  if (hows[0] !== NUMBER) n = putBase(a, n);
  if (arity > 1 && hows[1] !== NUMBER) n = putBase(b!, n);
  if (arity > 2 && hows[2] !== NUMBER) n = putBase(c!, n);
  programs.run(found, memories, n, groups);
  return true;
}

function putBase(x: Strided, n: number): number {
  const { memory } = x.storage as GpuStorage;
  if (!memory.arena) return n;
  WORDS[n] = memory.base;
  return n + 1;
}

/** How an input is found, and its {@linkcode period}; -1 where its strides are needed. */
function howFound(out: Strided, x: Strided): number {
  if (x.count === 1) return ONE;
  if (!x.dense) return -1;
  if (x.count === out.count) return SAME;
  const inner = x.shape;
  const outer = out.shape;
  let lead = 0;
  while (inner[lead] === 1) lead++;
  const skip = outer.length - inner.length;
  let d = lead;
  while (d < inner.length && inner[d] === outer[skip + d]) d++;
  if (d === inner.length) {
    period = x.count;
    return ROW;
  }
  if (skip > 0) return -1;
  let end = inner.length;
  while (inner[end - 1] === 1) end--;
  for (d = 0; d < end; d++) if (inner[d] !== outer[d]) return -1;
  period = out.count / x.count;
  return COLUMN;
}

/** What the text of a kernel depends on. */
interface Plan {
  readonly kernel: MapKernel;
  readonly compute: DTypeInfo;
  readonly out: Strided;
  readonly inputs: readonly Strided[];
  readonly hows: readonly number[];
  readonly wide: boolean;
}

function isArena(x: Strided): boolean {
  return (x.storage as GpuStorage).memory.arena;
}

function operandsOf({ out, inputs, hows, wide }: Plan): Operand[] {
  const operands: Operand[] = [{ name: "out", x: out, write: true, wide }];
  inputs.forEach((x, k) => {
    const how = hows[k]!;
    if (how === NUMBER) return;
    const vectors = wide && !isArena(x) && (how === SAME || how === ROW);
    operands.push({ name: NAMES[k]!, x, write: false, wide: vectors });
  });
  return operands;
}

function printFlat(plan: Plan): Source {
  const { kernel, compute, out, inputs, hows, wide } = plan;
  const { kind } = elementOf(compute);
  const each = printEach(
    kind,
    kernel.body,
    out.info,
    inputs.map((x, k) => ({
      number: hows[k] === NUMBER ? wordsOf(k) : -1,
      info: x.info,
    })),
    2 + 2 * inputs.length,
  );
  const { declarations } = each;
  const threads = [THREADS, 1, 1] as const;
  /** The place of the element that element `i` of the result needs. */
  const place = (k: number, i: string) => {
    const offset = word(wordsOf(k));
    const size = wordU(wordsOf(k) + 1);
    switch (hows[k]) {
      case SAME:
        return `${offset} + ${i}`;
      case ONE:
        return offset;
      case ROW:
        return `${offset} + i32(u32(${i}) % ${size})`;
      default:
        return `${offset} + i32(u32(${i}) / ${size})`;
    }
  };
  const start = `let i = i32(flat * ${THREADS}u + lane)${wide ? " * 4" : ""};
if (i >= ${word(0)}) { return; }`;
  if (!wide) {
    const value = each.call((k, name) => `load_${name}(${place(k, "i")})`);
    return {
      declarations,
      threads,
      body: `${start}\nstore_out(${word(1)} + i, ${value});`,
    };
  }
  const loads = inputs.map((x, k) => {
    const how = hows[k];
    if (how === NUMBER) return "";
    const load = `load_${NAMES[k]!}`;
    const type = `vec4<${elementOf(x.info).kind}>`;
    const at = place(k, "i");
    if (how === ONE || how === COLUMN) {
      return `let v${k} = ${type}(${load}(${at}));`;
    }
    if (!isArena(x)) {
      return `let v${k} = load4_${NAMES[k]!}((${at}) / 4);`;
    }
    const lanes = [0, 1, 2, 3].map((j) => `${load}(p${k} + ${j})`);
    return `let p${k} = ${at};\nlet v${k} = ${type}(${lanes.join(", ")});`;
  });
  const lanes = ["x", "y", "z", "w"].map((c) => each.call((k) => `v${k}.${c}`));
  return {
    declarations,
    threads,
    body: `${start}
${loads.join("\n")}
store4_out((${word(1)} + i) / 4, vec4<${each.resultKind}>(${
      lanes.join(",\n")
    }));`,
  };
}
