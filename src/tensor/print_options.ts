// The settings of the printer, process-wide as in PyTorch. Pure: knows nothing
// of tensors or of how the settings are used.

import { ValueError } from "./errors.ts";
import { MAX_PRECISION } from "./format_number.ts";
import { checkOptions } from "./shape.ts";

/** Settings of the printer. See `torch.set_printoptions`. */
export interface PrintOptions {
  /** Digits after the decimal point; 4 at first. */
  precision?: number;
  /** Tensors with more elements than this are summarised; 1000 at first. */
  threshold?: number;
  /** Elements shown at each end of a summarised dimension; 3 at first. */
  edgeitems?: number;
  /** Width at which lines are broken; 80 at first. */
  linewidth?: number;
  /**
   * Scientific notation: always, never, or (null) as the values need it. A
   * call that does not mention it sets it back to null, as in PyTorch.
   */
  sciMode?: boolean | null;
  /** Presets for the four numbers, applied before the other options. */
  profile?: "default" | "short" | "full";
  /** Layout and `gradFn` names of PyTorch 0.4.1, or (null) today's. */
  compat?: "0.4" | null;
}

/** The settings in force: {@linkcode PrintOptions} without the presets. */
export type ActivePrintOptions = Required<Omit<PrintOptions, "profile">>;

const KNOWN: readonly string[] = [
  "precision",
  "threshold",
  "edgeitems",
  "linewidth",
  "sciMode",
  "profile",
  "compat",
];

const PROFILES = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
} as const;

let active: ActivePrintOptions = {
  ...PROFILES.default,
  sciMode: null,
  compat: null,
};

/**
 * Sets how tensors are printed. Options left out stay as they are, except
 * `sciMode`, which goes back to null. See `torch.set_printoptions`.
 *
 * @throws {TypeError} for an unknown option, or a value of the wrong type.
 * @throws {ValueError} for a value out of range or an unknown profile.
 *
 * @example
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.setPrintoptions({ precision: 2 });
 * assertEquals(String(dg.tensor([1.12345])), "tensor([1.12])");
 * dg.setPrintoptions({ profile: "default" });
 * assertEquals(String(dg.tensor([1.12345])), "tensor([1.1235])");
 * ```
 */
export function setPrintoptions(options: PrintOptions): void {
  checkOptions(options, KNOWN, "setPrintoptions");
  const { profile, sciMode = null, compat = active.compat } = options;
  if (profile !== undefined && !Object.hasOwn(PROFILES, profile)) {
    throw new ValueError(
      `unknown profile ${JSON.stringify(profile)}`,
      `the profiles are ${Object.keys(PROFILES).join(", ")}`,
    );
  }
  if (sciMode !== null && typeof sciMode !== "boolean") {
    throw new TypeError("sciMode must be true, false or null");
  }
  if (compat !== null && compat !== "0.4") {
    throw new ValueError(
      `unknown compat ${JSON.stringify(compat)}`,
      'the layouts are "0.4" and null',
    );
  }
  const base = profile === undefined ? active : PROFILES[profile];
  active = {
    precision: count(options, "precision", base.precision, MAX_PRECISION),
    threshold: count(options, "threshold", base.threshold, Infinity),
    edgeitems: count(options, "edgeitems", base.edgeitems, Infinity),
    linewidth: count(options, "linewidth", base.linewidth, Infinity),
    sciMode,
    compat,
  };
}

/**
 * Returns the settings of the printer, in the form that
 * {@linkcode setPrintoptions} takes. See `torch._tensor_str.get_printoptions`.
 *
 * @example
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const before = dg.getPrintoptions();
 * assertEquals(before.precision, 4);
 * dg.setPrintoptions({ precision: 2, sciMode: true });
 * dg.setPrintoptions(before);
 * assertEquals(dg.getPrintoptions(), before);
 * ```
 */
export function getPrintoptions(): ActivePrintOptions {
  return { ...active };
}

function count(
  options: PrintOptions,
  key: "precision" | "threshold" | "edgeitems" | "linewidth",
  otherwise: number,
  largest: number,
): number {
  const value = options[key];
  if (value === undefined) return otherwise;
  if (typeof value !== "number") {
    throw new TypeError(`${key} must be a number, not ${typeof value}`);
  }
  const whole = Number.isInteger(value) || value === Infinity;
  if (!whole || value < 0 || value > largest) {
    const limit = largest === Infinity ? "" : ` up to ${largest}`;
    throw new ValueError(
      `${key} must be a non-negative integer${limit}, not ${value}`,
    );
  }
  return value;
}
