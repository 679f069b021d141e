// Compiled kernels by their text. What names a kernel within a program (its
// op's number, its layout) says nothing to the next run of it; the text does,
// so that a list of texts can be kept and compiled ahead of use.

import { shown } from "../tensor/arguments.ts";
import type { Device } from "../tensor/device.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showBytes } from "./buffers.ts";
import type { Context } from "./context.ts";
import { WORD_COUNT } from "./module_text.ts";

/** A compiled kernel. */
export interface Pipeline {
  /** What WebGPU runs. */
  readonly pipeline: GPUComputePipeline;
  /** What it binds. */
  readonly layout: GPUBindGroupLayout;
  /** Whether each buffer is written or read, a letter each. */
  readonly access: string;
  /** The same as a number, of four bits where there are three buffers. */
  readonly code: number;
}

/** A kernel that a GPU has compiled, as text: JSON keeps it. See {@linkcode Gpu}. */
export interface KernelSignature {
  /** What it is called, for those who look at it. */
  readonly name: string;
  /** Whether each buffer is written or read: a letter each, w or r. */
  readonly access: string;
  /** Its source, in WGSL. */
  readonly code: string;
}

/** What came of warming up; see {@linkcode Gpu}. */
export interface WarmedUp {
  /** Kernels that were compiled. */
  readonly compiled: number;
  /** Kernels that were there already. */
  readonly known: number;
  /** Kernels that this GPU cannot run, which were left out. */
  readonly unsupported: number;
}

/**
 * A device on a GPU. Each kernel is compiled when an op needs it first; a
 * program that would rather have that done when it starts keeps the list of
 * what it used.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const gpu = await dg.requestGpu().catch(() => null);
 * if (gpu !== null) {
 *   dg.ones([4], { device: gpu }).softmax(0).sum().item();
 *   const kept = JSON.stringify(gpu.signatures());
 *   // In the next run of the program, before the first op:
 *   const { compiled } = await gpu.warmUp(JSON.parse(kept));
 *   assertEquals(compiled, 0); // all were there, in this run
 * }
 * ```
 */
export interface Gpu extends Device {
  /** The kernels that were compiled so far, in order; JSON keeps the list. */
  signatures(): KernelSignature[];
  /**
   * Compiles the kernels of a list that {@linkcode Gpu.signatures} gave, all at
   * once where the driver can do that; Deno compiles one after the other. What
   * this GPU cannot run is left out, and what another version of the package
   * would need is compiled in vain. Throws a TypeError where the list is none,
   * and a RuntimeError where a kernel does not compile, after all others did.
   */
  warmUp(signatures: readonly KernelSignature[]): Promise<WarmedUp>;
}

/** How a kernel's buffers are bound. */
interface Layout {
  readonly group: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

/** Compiles kernels, each text once. */
export class Pipelines {
  readonly #context: Context;
  readonly #layouts = new Map<string, Layout>();
  readonly #known = new Map<
    string,
    { readonly signature: KernelSignature; readonly made: Pipeline }
  >();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Number of kernels that were compiled. */
  get size(): number {
    return this.#known.size;
  }

  /** See {@linkcode Gpu.signatures}. */
  signatures(): KernelSignature[] {
    return Array.from(this.#known.values(), ({ signature }) => signature);
  }

  /** The kernel of a text, compiled if it was not. */
  compile(name: string, code: string, access: string): Pipeline {
    const known = this.#known.get(keyOf(access, code));
    if (known !== undefined) return known.made;
    const { device } = this.#context;
    const signature = { name, access, code };
    const { group, pipeline: layout } = this.#layout(access);
    const pipeline = this.#context.scoped(
      "validation",
      () => device.createComputePipeline(describe(device, signature, layout)),
    );
    return this.#keep(signature, pipeline, group);
  }

  /** See {@linkcode Gpu.warmUp}. */
  async warmUp(signatures: readonly KernelSignature[]): Promise<WarmedUp> {
    const context = this.#context;
    context.check();
    checkSignatures(signatures);
    let [compiled, known, unsupported] = [0, 0, 0];
    const damage: string[] = [];
    const waiting = signatures.map(async (each, k) => {
      const { name, access, code } = each;
      if (this.#known.has(keyOf(access, code))) known++;
      else if (!this.#suits(each)) unsupported++;
      else {
        try {
          const pipeline = await this.#start(each);
          const { group } = this.#layout(access);
          this.#keep({ name, access, code }, pipeline, group);
          compiled++;
        } catch (error) {
          damage.push(
            `signatures[${k}] (${name}) does not compile: ${
              (error as Error).message
            }`,
          );
        }
      }
    });
    await Promise.all(waiting);
    // A device that is gone compiles nothing, and says so best itself.
    context.check();
    if (damage.length > 0) {
      throw new RuntimeError(
        damage[0]!,
        `the list is damaged: ${damage.length} of ${signatures.length} kernels do not compile, the others are ready; signatures() makes a new list`,
      );
    }
    return { compiled, known, unsupported };
  }

  /** Whether this GPU can run a kernel of another one. */
  #suits({ access, code }: KernelSignature): boolean {
    const { abilities, maxBuffers } = this.#context;
    const { header } = abilities.subgroups;
    return access.length <= maxBuffers &&
      (abilities.f16 || !code.startsWith("enable f16;")) &&
      (!/^\/\/ subgroups of/m.test(code) ||
        (header !== "" && code.includes(header)));
  }

  /** Begins to compile. */
  async #start(signature: KernelSignature): Promise<GPUComputePipeline> {
    const { device } = this.#context;
    const { pipeline: layout } = this.#layout(signature.access);
    // The promise says less than the scope does.
    let promise: Promise<GPUComputePipeline> | null = null;
    const { failure } = this.#context.attempt("validation", () => {
      promise = device.createComputePipelineAsync(
        describe(device, signature, layout),
      );
      promise.catch(() => {});
    });
    if (failure !== null) throw new Error(failure);
    return await promise!;
  }

  #keep(
    signature: KernelSignature,
    pipeline: GPUComputePipeline,
    layout: GPUBindGroupLayout,
  ): Pipeline {
    const { access } = signature;
    let code = 1;
    for (const letter of access) code = code * 2 + (letter === "w" ? 1 : 0);
    const made = { pipeline, layout, access, code };
    this.#known.set(keyOf(access, signature.code), { signature, made });
    return made;
  }

  #layout(access: string): Layout {
    const known = this.#layouts.get(access);
    if (known !== undefined) return known;
    const { device, maxBuffers, maxBinding } = this.#context;
    if (access.length > maxBuffers) {
      throw new RuntimeError(
        `an op on these tensors needs ${access.length} storage buffers at once, and this WebGPU device allows ${maxBuffers}`,
        `a tensor takes one buffer for each ${
          showBytes(maxBinding)
        }; work on parts of the tensors`,
      );
    }
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
}

function keyOf(access: string, code: string): string {
  return `${access} ${code}`;
}

function describe(
  device: GPUDevice,
  { name, code }: KernelSignature,
  layout: GPUPipelineLayout,
): GPUComputePipelineDescriptor {
  const module = device.createShaderModule({ label: name, code });
  return { label: name, layout, compute: { module, entryPoint: "main" } };
}

/** Fails unless a list, which may come out of a file, has the form of one. */
function checkSignatures(list: unknown): void {
  if (!Array.isArray(list)) {
    throw new TypeError(
      `warmUp() takes a list that signatures() gave, not ${shown(list)}`,
    );
  }
  list.forEach((each: unknown, k) => {
    const { name, access, code } = (each ?? {}) as Partial<KernelSignature>;
    const texts = typeof name === "string" && typeof access === "string" &&
      typeof code === "string";
    if (!texts || !/^[rw]+$/.test(access)) {
      throw new TypeError(
        `warmUp() takes a list that signatures() gave, and signatures[${k}] is none of its kernels: it has no name, access and code as text`,
      );
    }
  });
}
