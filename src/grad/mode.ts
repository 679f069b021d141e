// Whether ops are recorded, and what recording notes besides. The lowest file
// of the tape: it knows no tensors.

import { checkOptions } from "../tensor/shape.ts";

/** Switches that every recorded op reads; one object, so that a read is one load. */
export const MODE: {
  grad: boolean;
  inference: boolean;
  anomaly: boolean;
  checkNan: boolean;
  /** How many functions run under a transform of `dg.func` at the moment. */
  transforms: number;
} = {
  grad: true,
  inference: false,
  anomaly: false,
  checkNan: true,
  transforms: 0,
};

/** Restores the previous mode when it is disposed of, at the end of a `using` block. */
export class ModeGuard implements Disposable {
  readonly #grad = MODE.grad;
  readonly #inference = MODE.inference;
  readonly #anomaly = MODE.anomaly;
  readonly #checkNan = MODE.checkNan;

  /** Puts the mode back to what it was when the guard was made. */
  [Symbol.dispose](): void {
    MODE.grad = this.#grad;
    MODE.inference = this.#inference;
    MODE.anomaly = this.#anomaly;
    MODE.checkNan = this.#checkNan;
  }
}

/** Runs `fn` under the guard if there is one, else hands the guard to the caller's `using`. */
function guarded<T>(
  guard: ModeGuard,
  fn: (() => T) | undefined,
  name: string,
): T | ModeGuard {
  if (fn === undefined) return guard;
  let result: T;
  // Not `using`, which costs ten times as much.
  try {
    result = fn();
  } finally {
    guard[Symbol.dispose]();
  }
  if (isPromise(result)) refusePromise(result, name);
  return result;
}

function refusePromise(promise: PromiseLike<unknown>, name: string): never {
  // The promise is not the caller's any more: its failure must not go unheard.
  promise.then(undefined, () => {});
  throw new TypeError(
    `${name}() was given a function that returns a promise, but the mode ends when the function returns; use { using _ = ${name}(); ... } around code that awaits nothing`,
  );
}

/** Whether a value is a promise. */
export function isPromise(x: unknown): x is PromiseLike<unknown> {
  return typeof x === "object" && x !== null && "then" in x &&
    typeof x.then === "function";
}

/**
 * Stops recording: nothing computed inside requires a gradient. See `torch.no_grad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(3, { requiresGrad: true });
 * {
 *   using _ = dg.noGrad();
 *   assertEquals(x.mul(2).requiresGrad, false);
 * }
 * assertEquals(dg.noGrad(() => x.mul(2)).requiresGrad, false);
 * assertEquals(x.mul(2).requiresGrad, true);
 * ```
 */
export function noGrad(): ModeGuard;
/** Runs `fn` without recording and returns its result. */
export function noGrad<T>(fn: () => T): T;
export function noGrad<T>(fn?: () => T): T | ModeGuard {
  const guard = new ModeGuard();
  MODE.grad = false;
  return guarded(guard, fn, "noGrad");
}

/**
 * Records again inside a {@linkcode noGrad} block. See `torch.enable_grad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(3, { requiresGrad: true });
 * using _ = dg.noGrad();
 * assertEquals(dg.enableGrad(() => x.mul(2)).requiresGrad, true);
 * ```
 */
export function enableGrad(): ModeGuard;
/** Runs `fn` with recording on and returns its result. */
export function enableGrad<T>(fn: () => T): T;
export function enableGrad<T>(fn?: () => T): T | ModeGuard {
  const guard = new ModeGuard();
  // In inference mode nothing is ever recorded.
  MODE.grad = !MODE.inference;
  return guarded(guard, fn, "enableGrad");
}

/**
 * Turns recording on or off, for good or until the returned guard is disposed
 * of. See `torch.set_grad_enabled`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.setGradEnabled(false);
 * assertEquals(dg.isGradEnabled(), false);
 * dg.setGradEnabled(true);
 * assertEquals(dg.setGradEnabled(false, () => dg.isGradEnabled()), false);
 * assertEquals(dg.isGradEnabled(), true);
 * ```
 */
export function setGradEnabled(mode: boolean): ModeGuard;
/** Runs `fn` with recording on or off and returns its result. */
export function setGradEnabled<T>(mode: boolean, fn: () => T): T;
export function setGradEnabled<T>(
  mode: boolean,
  fn?: () => T,
): T | ModeGuard {
  const guard = new ModeGuard();
  MODE.grad = mode && !MODE.inference;
  return guarded(guard, fn, "setGradEnabled");
}

/**
 * Tells whether ops are recorded at the moment. See `torch.is_grad_enabled`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isGradEnabled(), true);
 * ```
 */
export function isGradEnabled(): boolean {
  return MODE.grad;
}

/**
 * Stops recording and marks what is created inside as unfit for autograd, even
 * later. See `torch.inference_mode`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(3, { requiresGrad: true });
 * const y = dg.inferenceMode(() => x.mul(2));
 * assertEquals(y.isInference(), true);
 * ```
 */
export function inferenceMode(): ModeGuard;
/** Runs `fn` in inference mode and returns its result. */
export function inferenceMode<T>(fn: () => T): T;
export function inferenceMode<T>(fn?: () => T): T | ModeGuard {
  const guard = new ModeGuard();
  MODE.grad = false;
  MODE.inference = true;
  return guarded(guard, fn, "inferenceMode");
}

/**
 * Notes where each op was called, so that an error in `backward()` names the
 * line, and fails on a NaN gradient. See `torch.autograd.detect_anomaly`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertThrows } from "@std/assert";
 *
 * const x = dg.tensor([-1], { requiresGrad: true });
 * using _ = dg.detectAnomaly();
 * assertThrows(() => x.sqrt().sum().backward(), dg.RuntimeError, "nan");
 * ```
 */
export function detectAnomaly(options?: AnomalyOptions): ModeGuard;
/** Runs `fn` with anomaly detection on and returns its result. */
export function detectAnomaly<T>(fn: () => T, options?: AnomalyOptions): T;
export function detectAnomaly<T>(
  first?: AnomalyOptions | (() => T),
  second?: AnomalyOptions,
): T | ModeGuard {
  const fn = typeof first === "function" ? first : undefined;
  const options = (fn === undefined ? first as AnomalyOptions : second) ?? {};
  checkOptions(options, ANOMALY_KEYS, "detectAnomaly");
  const guard = new ModeGuard();
  MODE.anomaly = true;
  MODE.checkNan = options.checkNan ?? true;
  return guarded(guard, fn, "detectAnomaly");
}

/** Options of {@linkcode detectAnomaly}. */
export interface AnomalyOptions {
  /** Whether a NaN in a gradient is an error; true where not given. */
  readonly checkNan?: boolean;
}

/** The known options, for error messages. */
export const ANOMALY_KEYS: readonly string[] = ["checkNan"];

/**
 * Tells whether inference mode is on. See `torch.is_inference_mode_enabled`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.inferenceMode(() => dg.isInferenceModeEnabled()), true);
 * ```
 */
export function isInferenceModeEnabled(): boolean {
  return MODE.inference;
}
