// Tells what the engine found on this machine: what it uses, what it cannot
// use and how that would change. It decides nothing.

import { devicesInCare, type GpuDiagnosis } from "../tensor/device_care.ts";
import { showByToString } from "../tensor/inspect.ts";
import { blasName, blasPassedOver, ffiAllowed } from "./blas.ts";
import { MEMORY } from "./memory.ts";
import { threadsReady } from "./pool.ts";
import { reclaims } from "./reclaim.ts";
import { THREADS } from "./threads.ts";
import { FunctionBuilder, I32, writeModule } from "./wasm/emitter.ts";

/** Versions of what runs this, as far as it says. */
interface Runtime {
  Deno?: {
    version: { deno: string; v8: string };
    build: { os: string; arch: string };
  };
}

/** What {@linkcode doctor} found. Printing it shows it as a table. */
export class Diagnosis {
  /** Version of Deno; null elsewhere. */
  readonly deno: string | null;
  /** Version of V8; null where it is not told. */
  readonly v8: string | null;
  /** Operating system and processor architecture; null where they are not told. */
  readonly platform: string | null;
  /** Whether WebAssembly has vectors. */
  readonly simd: boolean;
  /** Whether vectors multiply and add in one step. */
  readonly relaxedSimd: boolean;
  /** Whether the shared memory of kernels and threads could be reserved. */
  readonly sharedMemory: boolean;
  /** Whether the memory of dead tensors comes back in a synchronous program. */
  readonly reclaims: boolean;
  /** Threads that large ops may use. */
  readonly threads: number;
  /** Threads that are running by now; they start when there is work for them. */
  readonly threadsRunning: number;
  /** What computes large matrix products: the name of a BLAS, `"WebAssembly"` or `"JavaScript"`. */
  readonly products: string;
  /** The GPU that was requested last; null where there is none. */
  readonly webgpu: GpuDiagnosis | null;
  /** What would make the engine faster here, in sentences. */
  readonly advice: readonly string[];

  /** Looks. */
  constructor() {
    const { Deno } = globalThis as unknown as Runtime;
    this.deno = Deno?.version.deno ?? null;
    this.v8 = Deno?.version.v8 ?? null;
    this.platform = Deno === undefined
      ? null
      : `${Deno.build.os} ${Deno.build.arch}`;
    this.simd = validates((f) => f.f32x4(1).simd("f32x4.sqrt").op("drop"));
    this.relaxedSimd = validates((f) =>
      f.f32x4(1).f32x4(2).f32x4(3).simd("f32x4.relaxed_madd").op("drop")
    );
    this.sharedMemory = MEMORY !== null;
    this.reclaims = reclaims();
    this.threads = THREADS.count;
    this.threadsRunning = threadsReady();
    const blas = blasName();
    this.products = blas ?? (this.reclaims ? "WebAssembly" : "JavaScript");
    this.webgpu = devicesInCare().at(-1)?.diagnosis() ?? null;
    this.advice = advise(blas, this.reclaims);
  }

  /** The findings as a table. */
  toString(): string {
    const yes = (value: boolean) => value ? "yes" : "no";
    const rows: [string, string][] = [
      ["Deno", `${this.deno ?? "none"}, V8 ${this.v8 ?? "unknown"}`],
      ["platform", this.platform ?? "unknown"],
      ["WebAssembly SIMD", yes(this.simd)],
      ["relaxed SIMD", yes(this.relaxedSimd)],
      ["shared memory", yes(this.sharedMemory)],
      ["memory frees itself", yes(this.reclaims)],
      ["threads", `${this.threads}, ${this.threadsRunning} running`],
      ["matrix products", this.products],
    ];
    rows.push(...gpuRows(this.webgpu));
    const lines = rows.map(([name, value]) => `${name.padEnd(21)}${value}`);
    return [...lines, ...this.advice.map((text) => `- ${text}`)].join("\n");
  }
}

showByToString(Diagnosis.prototype);

/** The lines about the GPU. */
function gpuRows(gpu: GpuDiagnosis | null): [string, string][] {
  if (gpu === null) return [["WebGPU", "none was requested"]];
  const { adapter, features, limits, syncRead } = gpu;
  const binding = limits.maxStorageBufferBindingSize! / 2 ** 20;
  return [
    ["WebGPU", adapter],
    ["WebGPU features", features.join(", ") || "none"],
    [
      "WebGPU limits",
      `${binding} MiB and ${limits.maxStorageBuffersPerShaderStage} buffers per kernel`,
    ],
    ["WebGPU reads", syncRead ? "synchronous" : "asynchronous only"],
  ];
}

/** Whether WebAssembly accepts an instruction. */
function validates(write: (f: FunctionBuilder) => void): boolean {
  const run = new FunctionBuilder([I32, I32, I32]);
  write(run);
  const limits = { initial: 1, maximum: 1, shared: false };
  return WebAssembly.validate(writeModule({ run }, limits));
}

function advise(blas: string | null, reclaims: boolean): string[] {
  const out: string[] = [];
  const passedOver = blasPassedOver();
  if (passedOver !== null) out.push(passedOver);
  else if (blas === null && !ffiAllowed()) {
    out.push(
      "large matrix products are faster with --allow-ffi and OpenBLAS, MKL or Accelerate",
    );
  } else if (blas === null) {
    out.push(
      "no BLAS was found: install OpenBLAS (Debian: libopenblas0, macOS: openblas) for faster matrix products",
    );
  }
  if (!reclaims) {
    out.push(
      "memory does not free itself in synchronous code here, so tensors lie in ordinary arrays and kernels are JavaScript",
    );
  }
  return out;
}

/**
 * Tells what dinograd found on this machine and how to make it faster: versions,
 * vector instructions, memory, threads, what computes matrix products, and the
 * GPU that was requested. Asks for no permission.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { simd, products } = dg.doctor();
 * assertEquals(simd, true);
 * assertEquals(products.length > 0, true);
 * ```
 */
export function doctor(): Diagnosis {
  return new Diagnosis();
}
