// Whether ops are recorded, and what recording notes besides. The lowest file
// of the tape: it knows no tensors.

/** Switches that every recorded op reads; one object, so that a read is one load. */
export const MODE: {
  grad: boolean;
  inference: boolean;
  anomaly: boolean;
  checkNan: boolean;
} = { grad: true, inference: false, anomaly: false, checkNan: true };

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
): T | ModeGuard {
  if (fn === undefined) return guard;
  using _ = guard;
  return fn();
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
  return guarded(guard, fn);
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
  MODE.grad = true;
  return guarded(guard, fn);
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
  MODE.grad = mode;
  return guarded(guard, fn);
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
  return guarded(guard, fn);
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
export function detectAnomaly(options?: { checkNan?: boolean }): ModeGuard;
/** Runs `fn` with anomaly detection on and returns its result. */
export function detectAnomaly<T>(fn: () => T): T;
export function detectAnomaly<T>(
  arg?: { checkNan?: boolean } | (() => T),
): T | ModeGuard {
  const guard = new ModeGuard();
  MODE.anomaly = true;
  MODE.checkNan = typeof arg === "object" ? arg.checkNan ?? true : true;
  return guarded(guard, typeof arg === "function" ? arg : undefined);
}
