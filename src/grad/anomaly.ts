// Anomaly detection in a backward pass: errors name the line of the forward
// call, and NaN is an error. Tensors are known as types only.

import { RuntimeError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { ANOMALY_KEYS, type AnomalyOptions, MODE } from "./mode.ts";
import type { Node } from "./node.ts";
import { callSite } from "./refusal.ts";

/** Fails where a gradient that a rule returned for input `k` holds NaN. */
export function checkNan(node: Node, k: number, grad: Tensor): void {
  if (!MODE.checkNan || !hasNan(grad)) return;
  throw explained(
    node,
    new RuntimeError(
      `Function '${node.name}' returned nan values in its ${k}th output.`,
      `${node.op.name}() has no finite derivative at this input${
        callSite(node.stack)
      }`,
    ),
  );
}

/** Runs a rule of a node; its errors tell where the op was called. */
export function watched<T>(node: Node, rule: () => T): T {
  try {
    return rule();
  } catch (error) {
    throw error instanceof Error ? explained(node, error) : error;
  }
}

/** What PyTorch prints as a warning stands below the error's own trace. */
function explained(node: Node, error: Error): Error {
  error.stack += node.stack === null
    ? `\nError detected in ${node.name}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
    : `\nError detected in ${node.name}. Traceback of forward call that caused the error:\n${
      node.stack.split("\n").slice(1).join("\n")
    }`;
  return error;
}

function hasNan(grad: Tensor): boolean {
  return grad.info.category >= 2 &&
    grad.detach().isnan().any().item<boolean>();
}

/**
 * Turns anomaly detection on or off for good. See
 * `torch.autograd.set_detect_anomaly`; `detectAnomaly` does it for a block.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.autograd.setDetectAnomaly(true, { checkNan: false });
 * assertEquals(dg.autograd.isAnomalyEnabled(), true);
 * dg.autograd.setDetectAnomaly(false);
 * ```
 */
export function setDetectAnomaly(
  mode: boolean,
  options: AnomalyOptions = {},
): void {
  checkOptions(options, ANOMALY_KEYS, "setDetectAnomaly");
  MODE.anomaly = mode;
  MODE.checkNan = options.checkNan ?? true;
}

/**
 * Tells whether anomaly detection is on. See `torch.is_anomaly_enabled`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.autograd.isAnomalyEnabled(), false);
 * ```
 */
export function isAnomalyEnabled(): boolean {
  return MODE.anomaly;
}
