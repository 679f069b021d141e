// The names under which autograd nodes are shown. Knows names, not nodes.

import { getPrintoptions } from "./print_options.ts";

/**
 * Names in PyTorch 0.4.1 that do not follow from today's by the general rule.
 *
 * There a node carried a number only if the op had several derivative
 * formulas, counted in the order of derivatives.yaml; that order has changed
 * since for `mean` and `prod`, and some ops had another name.
 */
const LEGACY_NAMES: ReadonlyMap<string, string> = new Map([
  ["FillBackward0", "FillBackward0"],
  ["FmodBackward0", "FmodBackward0"],
  ["IndexFillBackward0", "IndexFillBackward0"],
  ["LinalgVectorNormBackward0", "NormBackward0"],
  ["MaskedFillBackward0", "MaskedFillBackward0"],
  ["MaxBackward0", "MaxBackward0"],
  ["MaximumBackward0", "MaxBackward2"],
  ["MeanBackward0", "MeanBackward1"],
  ["MeanBackward1", "MeanBackward0"],
  ["MedianBackward0", "MedianBackward0"],
  ["MinBackward0", "MinBackward0"],
  ["MinimumBackward0", "MinBackward2"],
  ["NormBackward0", "NormBackward0"],
  ["PowBackward0", "PowBackward0"],
  ["ProdBackward0", "ProdBackward1"],
  ["ProdBackward1", "ProdBackward0"],
  ["RemainderBackward0", "RemainderBackward0"],
  ["ScatterBackward0", "ScatterBackward0"],
  ["SqueezeBackward0", "SqueezeBackward0"],
  ["StdBackward0", "StdBackward0"],
  ["SumBackward0", "SumBackward0"],
  ["VarBackward0", "VarBackward0"],
  ["WhereBackward0", "SWhereBackward"],
]);

/**
 * Returns the name under which a node is shown: its own, or with
 * `compat: "0.4"` the one that PyTorch 0.4.1 gave it (`AddBackward0` →
 * `AddBackward`, `MeanBackward0` → `MeanBackward1`).
 */
export function gradFnLabel(name: string): string {
  if (getPrintoptions().compat === null) return name;
  return LEGACY_NAMES.get(name) ?? name.replace(/Backward0$/, "Backward");
}

/**
 * Returns what printing a node shows: `<AddBackward0>`, or with
 * `compat: "0.4"` Python's own `<AddBackward object at 0x7f0000000010>`, with
 * the given number in place of an address.
 */
export function gradFnRepr(name: string, address: number): string {
  const label = gradFnLabel(name);
  if (getPrintoptions().compat === null) return `<${label}>`;
  return `<${label} object at 0x${address.toString(16).padStart(12, "0")}>`;
}
