// One launch of the kernel of Fourier transforms: lines that lie in memory in
// whatever way, what a plan says of them, and where they go.

import type { Places } from "../fourier/lines.ts";
import { type Plan, planFor, type PlanKind } from "../fourier/plan.ts";
import { STEP, STEP_WORDS } from "../fourier/steps.ts";
import { THREADS } from "../threads.ts";
import { TUNING } from "../tuning.ts";
import {
  buildFourier,
  FOURIER_WORDS,
  type FourierSignature,
  type Halves,
} from "./fourier_kernel.ts";
import { scratch } from "./gemm_scratch.ts";
import { FLOAT32, FLOAT64 } from "./gemm_tile.ts";
import { launch, NUMBERS, type WasmKernel, WORDS } from "./kernel.ts";

/** Complex numbers of a block of lines: both buffers fit into the level-2 cache. */
const BLOCK = 8192;
/** The same where whole lines lie one behind the other. */
const DENSE_BLOCK = 4096;
/** Complex numbers that are worth a thread's while. */
const WORTH = 2 ** 14;

/** What a launch does. */
export interface FourierJob {
  /** The plan. */
  readonly kind: PlanKind;
  /** The length that the plan is for, and its pitch. */
  readonly n: number;
  readonly pitch?: number;
  /** Whether it computes in float32, two lines at a time. */
  readonly narrow: boolean;
  /** Bytes of an element. */
  readonly bytes: number;
  /** Addresses. */
  readonly from: number;
  readonly to: number;
  readonly source: Places;
  readonly target: Places;
  /** Lines of a batch, and batches. */
  readonly lines: number;
  readonly batches: number;
  /** Whether neighbours of one line are neighbours in memory. */
  readonly dense: boolean;
  /** Whether the second half of a spectrum of `n` is written as well. */
  readonly whole: boolean;
  readonly backward: boolean;
  readonly scale: number;
}

const KERNELS = new Map<string, WasmKernel>();

function halvesOf({ imaginary }: Places): Halves {
  return imaginary === 0 ? "real" : imaginary === 1 ? "beside" : "apart";
}

/** The steps that a plan has, each once. */
function kindsOf({ steps }: Plan): number[] {
  const found = new Set<number>();
  for (let i = 0; steps[i] !== STEP.end; i += STEP_WORDS) found.add(steps[i]!);
  return [...found].sort((a, b) => a - b);
}

function kernelFor(signature: FourierSignature): WasmKernel {
  const { bytes, type, source, target, whole, steps } = signature;
  const key = `${bytes}${type.bytes}${source}${target}${whole}${steps}`;
  let kernel = KERNELS.get(key);
  if (kernel === undefined) {
    KERNELS.set(key, kernel = buildFourier(signature));
  }
  return kernel;
}

/**
 * Lines of a block. Neighbours of lines that lie beside each other are read
 * together. Whole lines at distances of powers of two would meet in few sets of
 * a cache.
 */
function linesOf({ dense, source, bytes }: FourierJob, room: number): number {
  if (dense) {
    const block = source.across * bytes % 1024 === 0
      ? DENSE_BLOCK / 8
      : DENSE_BLOCK;
    return Math.max(2, 2 * Math.floor(block / room / 2));
  }
  return Math.max(8, 8 * Math.floor(BLOCK / room / 8));
}

/** Runs a job; returns false where there is no memory for it. */
export function runJob(job: FourierJob): boolean {
  const { narrow, bytes, source, target, lines, whole } = job;
  const plan = planFor(job.kind, job.n, narrow, job.pitch);
  if (plan.pointer === 0) return false;
  const most = Math.min(lines, linesOf(job, plan.room));
  const blocks = Math.ceil(lines / most);
  const items = blocks * job.batches;
  const worth = Math.ceil(WORTH / (plan.room * most));
  const grain = Math.min(worth, TUNING.threadLeast);
  const threads = items < 2 * grain ? 1 : THREADS.count;
  const roomBytes = 16 * plan.room * Math.ceil(most / (narrow ? 2 : 1));
  const room = scratch(10, 2 * roomBytes * threads);
  if (room === 0) return false;
  const kernel = kernelFor({
    bytes,
    type: narrow ? FLOAT32 : FLOAT64,
    source: halvesOf(source),
    target: halvesOf(target),
    whole,
    steps: kindsOf(plan),
  });
  const words: Record<(typeof FOURIER_WORDS)[number], number> = {
    steps: plan.stepsPointer,
    table: plan.pointer,
    room,
    roomBytes,
    source: job.from,
    target: job.to,
    blocks,
    most,
    lines,
    length: job.n,
    backward: job.backward ? 1 : 0,
    sourceCount: source.count,
    sourceAlong: source.along * bytes,
    sourceAcross: source.across * bytes,
    sourceImaginary: source.imaginary * bytes,
    sourceBatch: source.batch * bytes,
    targetCount: target.count,
    targetAlong: target.along * bytes,
    targetAcross: target.across * bytes,
    targetImaginary: target.imaginary * bytes,
    targetBatch: target.batch * bytes,
  };
  FOURIER_WORDS.forEach((name, i) => WORDS[i] = words[name]);
  NUMBERS[0] = job.scale;
  launch(kernel, items, worth);
  return true;
}
