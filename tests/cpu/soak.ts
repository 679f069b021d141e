// Runs random ops on random views, and programs with derivatives and views that
// are written to: by loops in JavaScript, by kernels on one thread and by
// kernels on several. All must agree, the threads to the bit, and
// no op may touch a tensor that is not its own. In between run random programs
// with and without scopes and disposes, which must agree too. Says how much
// memory is in use as it goes, and fails where that grows. No test by itself:
// `deno run tests/cpu/soak.ts [seconds] [seed] [fill]`; ten minutes are 600.
// `fill` takes most of the 4 GiB first, so that addresses are high and memory
// runs out.

import * as dg from "@dinograd/dinograd";
import { takeBlock } from "../../src/cpu/heap.ts";
import { startThreads } from "../../src/cpu/pool.ts";
import { kernelCount } from "../../src/cpu/wasm/kernel.ts";
import { DISCARD } from "../../src/tensor/temporaries.ts";
import { onKernels, onLoops } from "../conformance/paths.ts";
import { compare } from "../scope_program.ts";
import { makeRandom } from "./operands.ts";
import { type Case, makeCase, type Outcome, type Random } from "./soak_case.ts";
import { makeGraph } from "./soak_graph.ts";

/** What a run of a case gave: values, or the words of its error. */
type Result =
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "values"; readonly values: Outcome };

function run(test: Case): Result {
  try {
    return { kind: "values", values: test.compute() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: "error", text: `${error.name}: ${error.message}` };
  }
}

/** Runs a case by kernels on so many threads. */
function byKernels(test: Case, threads: number, limits: Limits): Result {
  dg.setNumThreads(threads);
  return onKernels(() => run(test), limits);
}

/** How many items a thread takes at a time, and how long tensors in slabs are. */
interface Limits {
  readonly threadLeast: number;
  readonly slabMost: number;
}

function makeLimits(random: Random): Limits {
  return {
    threadLeast: [1, 7, 64, 1000, 65536][random(5)]!,
    slabMost: 32 * random(2),
  };
}

function close(x: number, y: number, relative: number, size: number): boolean {
  if (Object.is(x, y) || x === y) return true;
  return Math.abs(x - y) <= relative * (Math.abs(y) + size);
}

/** Says how two results differ, or null; a tolerance of -1 compares bits. */
function difference(
  actual: Result,
  expected: Result,
  tolerance: number,
  size: number,
): string | null {
  if (actual.kind === "error" || expected.kind === "error") {
    const texts = [actual, expected].map((x) =>
      x.kind === "error" ? x.text : "values"
    );
    return texts[0] === texts[1] ? null : texts.join(" instead of ");
  }
  for (const [r, wanted] of expected.values.entries()) {
    const found = actual.values[r]!;
    if (found.length !== wanted.length) {
      return `${found.length} instead of ${wanted.length} elements`;
    }
    for (let i = 0; i < wanted.length; i++) {
      const [x, y] = [found[i]!, wanted[i]!];
      if (Object.is(x, y)) continue;
      const near = tolerance >= 0 && typeof x === "number" &&
        close(x, Number(y), tolerance, size);
      if (!near) return `${x} instead of ${y} at ${i} of result ${r}`;
    }
  }
  return null;
}

/** Tensors that no op may touch, and what they hold. */
class Bystanders {
  readonly #list: { tensor: dg.Tensor; values: Int32Array }[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Throws if one of them changed. */
  check(after: string): void {
    for (const { tensor, values } of this.#list) {
      const now = tensor.typedArray();
      for (let i = 0; i < values.length; i++) {
        if (now[i] !== values[i]) {
          throw new Error(`a bystander changed at ${i} after ${after}`);
        }
      }
    }
  }

  /** Lets one go and adds one, in its place or elsewhere. */
  change(): void {
    const random = this.#random;
    const length = 33 + random([60, 300, 9000][random(3)]!);
    const values = Int32Array.from(
      { length },
      () => random(2 ** 31 - 1) - 2 ** 30,
    );
    const entry = { tensor: dg.tensor(values, { dtype: "int32" }), values };
    if (this.#list.length < 30) this.#list.push(entry);
    else this.#list[random(30)] = entry;
  }
}

/** Takes nearly all of the memory, so that the rest has high addresses and runs out. */
function fillMemory(): void {
  for (let megabytes = 256; megabytes >= 8; megabytes /= 2) {
    while (takeBlock(megabytes * 2 ** 20) !== 0);
  }
}

/** Megabytes that are in use, now that garbage is collected. */
interface Usage {
  readonly live: number;
  readonly reserved: number;
  readonly resident: number;
  /** Kernels that were compiled. */
  readonly kernels: number;
}

function usage(): Usage {
  dg.emptyCache();
  const { liveBytes, reservedBytes } = dg.memory().cpu;
  const [live, reserved, resident] = [
    liveBytes,
    reservedBytes,
    Deno.memoryUsage().rss,
  ].map((bytes) => bytes / 2 ** 20) as [number, number, number];
  return { live, reserved, resident, kernels: kernelCount() };
}

/**
 * Megabytes that a compiled kernel takes with the code of its loop in
 * JavaScript: 88 KiB were measured with four threads, 54 with one, and 6.
 */
const KERNEL = 0.125;

/** Compares what is in use with what was, after the first of ten parts. */
class Growth {
  #first: Usage | null = null;

  /** Prints what is in use; throws where it grew. */
  check(cases: number): void {
    const now = usage();
    const first = this.#first ??= now;
    const show = (x: number) => `${x.toFixed(0)} MiB`;
    console.log(
      `${cases} cases: ${show(now.live)} live, ${
        show(now.reserved)
      } reserved, ${show(now.resident)} resident, ${now.kernels} kernels`,
    );
    const compiled = now.kernels - first.kernels;
    const grew = now.live > first.live + 16 ||
      now.reserved > first.reserved + 128 ||
      now.resident > first.resident + 64 + KERNEL * compiled;
    if (grew) throw new Error("memory grows");
  }
}

/** Runs a random program with and without scopes, on random paths. */
function soakScopes(random: Random): void {
  const { least } = DISCARD;
  dg.setNumThreads(1 + random(4));
  DISCARD.least = random(2) * least;
  try {
    onKernels(() => compare(random(2 ** 30)), makeLimits(random));
  } finally {
    DISCARD.least = least;
  }
}

/** Runs cases for so many seconds; returns how many, or throws with the first that fails. */
export function soak(seconds: number, seed: number): number {
  const random = makeRandom(seed);
  const bystanders = new Bystanders(random);
  const threads = dg.getNumThreads();
  const end = performance.now() + seconds * 1000;
  const growth = new Growth();
  const part = seconds * 100;
  let due = performance.now() + part;
  let cases = 0;
  try {
    dg.setNumThreads(4);
    startThreads();
    while (performance.now() < end) {
      if (cases % 4 === 0) bystanders.change();
      const test = random(3) === 0 ? makeGraph(random) : makeCase(random);
      const name = `case ${cases} of seed ${seed}: ${test.name}`;
      const loops = onLoops(() => run(test));
      const limits = makeLimits(random);
      const one = byKernels(test, 1, limits);
      const several = byKernels(test, 2 + random(3), limits);
      const parts = [
        difference(one, loops, test.tolerance, test.size),
        difference(several, one, -1, 0),
      ];
      for (const [k, text] of parts.entries()) {
        if (text === null) continue;
        throw new Error(`${k === 0 ? "kernels" : "threads"}: ${text}: ${name}`);
      }
      if (cases % 8 === 0) {
        soakScopes(random);
        bystanders.check(name);
      }
      cases++;
      if (performance.now() < due) continue;
      due += part;
      growth.check(cases);
    }
    bystanders.check("the last case");
  } finally {
    dg.setNumThreads(threads);
  }
  return cases;
}

if (import.meta.main) {
  const seconds = Number(Deno.args[0] ?? 60);
  const seed = Number(Deno.args[1] ?? Date.now() % 1e6);
  if (Deno.args[2] === "fill") fillMemory();
  console.log(`seed ${seed}: ${soak(seconds, seed)} cases agree`);
}
