/**
 * Gradients as functions, functions with a derivative of one's own, and checks:
 * PyTorch's `torch.autograd`.
 *
 * @module
 */
// The namespace `dg.autograd`; nothing is defined here.

export * from "./gradient.ts";
export * as functional from "./functional.ts";
export { isAnomalyEnabled, setDetectAnomaly } from "./anomaly.ts";
export { detectAnomaly } from "./mode.ts";
export { Function } from "./function.ts";
export { FunctionContext } from "./function_context.ts";
export * from "./gradcheck.ts";
export type { BackwardOptions } from "./backward.ts";
export type { Layout, ViewInfo, ViewKind, ViewPlace } from "./history.ts";
export { type GradHook, HookHandle } from "./hooks.ts";
export type {
  Differentiable,
  Hook,
  Node,
  OutputMeta,
  Saved,
  Vjp,
} from "./node.ts";
