// Fourier transforms by kernels: the path from a task to a launch.

import type { Strided } from "../../tensor/device.ts";
import type { FourierTask } from "../../tensor/device_fourier.ts";
import { partInfo } from "../../tensor/dtype.ts";
import { type Places, sourceOf, targetOf } from "../fourier/lines.ts";
import { type Plan, planFor } from "../fourier/plan.ts";
import { passesOf, STEP, STEP_WORDS } from "../fourier/steps.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
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
/** Complex numbers that are worth a thread's while. */
const WORTH = 2 ** 14;

const KERNELS = new Map<string, WasmKernel>();

/** Lines one behind the other lie at the distance of batches. */
function asLines(places: Places, inner: number): Places {
  return inner === 1 ? { ...places, across: places.batch } : places;
}

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

/** Runs a task where its numbers lie in the memory of the kernels; returns whether it served. */
export function wasmFourier(
  { kind, length, backward, scale }: FourierTask,
  out: Strided,
  x: Strided,
): boolean {
  if (MEMORY === null || x.count < TUNING.fourierLeast) return false;
  const from = (x.storage as CpuStorage).pointer;
  const to = (out.storage as CpuStorage).pointer;
  if (from === 0 || to === 0) return false;
  const [outer, , inner] = x.shape as [number, number, number];
  const { bytes } = partInfo(x.info);
  const whole = kind === "r2c" && out.shape[1] === length;
  const source = asLines(sourceOf(kind, length, inner), inner);
  const target = asLines(targetOf(kind, length, inner, whole), inner);
  const lines = inner === 1 ? outer : inner;
  const narrow = bytes === 4 && lines > 1 && passesOf(length).length > 0;
  const plan = planFor(kind, length, narrow);
  if (plan.pointer === 0) return false;
  const least = inner === 1 ? 2 : 8;
  const fitting = Math.max(least, Math.floor(BLOCK / plan.room));
  const most = Math.min(lines, fitting);
  const roomBytes = 16 * plan.room * Math.ceil(most / (narrow ? 2 : 1));
  const room = scratch(10, 2 * roomBytes * THREADS.count);
  if (room === 0) return false;
  const kernel = kernelFor({
    bytes,
    type: narrow ? FLOAT32 : FLOAT64,
    source: halvesOf(source),
    target: halvesOf(target),
    whole,
    steps: kindsOf(plan),
  });
  const blocks = Math.ceil(lines / most);
  const words: Record<(typeof FOURIER_WORDS)[number], number> = {
    steps: plan.stepsPointer,
    table: plan.pointer,
    room,
    roomBytes,
    source: from + x.offset * x.info.bytes,
    target: to + out.offset * out.info.bytes,
    blocks,
    most,
    lines,
    length,
    backward: backward ? 1 : 0,
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
  NUMBERS[0] = scale;
  launch(
    kernel,
    inner === 1 ? blocks : outer * blocks,
    Math.ceil(WORTH / (plan.room * most)),
  );
  return true;
}
