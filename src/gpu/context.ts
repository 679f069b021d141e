// What every part of the GPU engine shares: the WebGPU device, what it can do,
// and what went wrong. Knows nothing of tensors.

import { RuntimeError } from "../tensor/errors.ts";
import type { Subgroups } from "./subgroups.ts";

/** What `process.getBuiltinModule("node:util")` gives, as far as it is used. */
interface Util {
  inspect(value: unknown): string;
}

const inspect = (() => {
  const { process } = globalThis as unknown as {
    process?: { getBuiltinModule?(name: string): unknown };
  };
  const util = process?.getBuiltinModule?.("node:util") as Util | undefined;
  return util?.inspect;
})();

/** The message of an error as it is shown inside of a promise. */
function messageOf(shown: string): string {
  const text = shown.slice(shown.indexOf("message:"));
  // A long text is shown in lines, each of them quoted.
  const pieces = [...text.matchAll(/(["'`])((?:\\.|(?!\1)[^\\])*)\1/g)];
  if (pieces.length === 0) return shown;
  return pieces.map(([, , piece]) => piece!.replaceAll("\\n", "\n")).join("")
    .trim();
}

/** What the device can do, as found when it was requested. */
export interface Abilities {
  /** Whether half-precision floats exist. */
  readonly f16: boolean;
  /** Whether GPU time can be measured. */
  readonly timestamps: boolean;
  /** How threads of a subgroup can exchange numbers. */
  readonly subgroups: Subgroups;
  /** Whether quotients and square roots are rounded correctly; WGSL does not ask for that. */
  readonly exactRounding: boolean;
  /** How many turns the loops of a thread may take together. */
  readonly mostTurns: number;
  /** Whether results can be read without awaiting. */
  readonly syncRead: boolean;
  /** Whether it works through OpenGL, as far as one can tell. */
  readonly openGl: boolean;
}

/** A WebGPU device with what was found out about it. */
export class Context {
  /** The WebGPU device. */
  readonly device: GPUDevice;
  /** What the adapter says of itself. */
  readonly adapter: GPUAdapterInfo;
  /** Most bytes that one binding may have, in whole 256-byte units. */
  readonly maxBinding: number;
  /** Most storage buffers in one kernel. */
  readonly maxBuffers: number;
  /** Bytes of memory that a workgroup shares, at most. */
  readonly maxShared: number;
  /** Most workgroups along one dimension. */
  readonly maxGroups: number;
  /** What it can do. */
  abilities: Abilities;
  #failure: RuntimeError | null = null;
  #lost: string | null = null;
  #onLost: (() => void) | null = null;

  constructor(
    device: GPUDevice,
    adapter: GPUAdapterInfo,
    abilities: Abilities,
  ) {
    const { limits } = device;
    this.device = device;
    this.adapter = adapter;
    this.abilities = abilities;
    this.maxBinding = Math.floor(
      Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) / 256,
    ) * 256;
    this.maxBuffers = limits.maxStorageBuffersPerShaderStage;
    this.maxShared = limits.maxComputeWorkgroupStorageSize;
    this.maxGroups = limits.maxComputeWorkgroupsPerDimension;
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.fail((event as GPUUncapturedErrorEvent).error.message);
    });
    device.lost.then((info) => this.lose(info.message));
  }

  /**
   * Calls WebGPU and tells what went wrong, or null. WebGPU tells by a promise;
   * Deno has settled it by the time it is returned, and how it is shown says
   * with what. Elsewhere the failure is found by the next {@linkcode check}.
   */
  attempt<T>(
    filter: GPUErrorFilter,
    call: () => T,
  ): { result: T; failure: string | null } {
    const { device } = this;
    device.pushErrorScope(filter);
    let outcome: Promise<GPUError | null>;
    let result: T;
    try {
      result = call();
    } finally {
      outcome = device.popErrorScope();
    }
    if (inspect === undefined) {
      outcome.then((error) => {
        if (error !== null) this.fail(error.message);
      }, () => {});
      return { result, failure: null };
    }
    const shown = inspect(outcome);
    const failure = shown.includes("Error") ? messageOf(shown) : null;
    return { result, failure };
  }

  /** The same, and throws what went wrong. */
  scoped<T>(filter: GPUErrorFilter, call: () => T): T {
    const { result, failure } = this.attempt(filter, call);
    if (failure !== null) throw new RuntimeError(`WebGPU error: ${failure}`);
    return result;
  }

  /** Remembers a failure that WebGPU reported late; the next {@linkcode check} throws it. */
  fail(message: string): void {
    this.#failure ??= new RuntimeError(
      `WebGPU error: ${message}`,
      "the driver reported it after the call returned; an earlier op caused it",
    );
  }

  /** Remembers that the device is gone, and tells who asked. */
  lose(reason: string): void {
    if (this.#lost !== null) return;
    this.#lost = reason;
    this.#onLost?.();
  }

  /** Calls `then` as soon as the device is known to be gone. */
  onLost(then: () => void): void {
    this.#onLost = then;
  }

  /** Whether the device is gone. */
  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Fails if the device is gone or reported an error since the last check. */
  check(): void {
    if (this.#lost !== null) {
      throw new RuntimeError(
        `WebGPU device was lost: ${this.#lost}`,
        "its tensors are gone; request a new one with requestGpu()",
      );
    }
    const failure = this.#failure;
    if (failure !== null) {
      this.#failure = null;
      throw failure;
    }
  }
}
