// What PyTorch says of ops that complex numbers do not have. Pure: knows names
// only.

import type { DTypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { refuse } from "./refusal.ts";

/** Sentences of their own, by the name of the op. */
const SENTENCES: Readonly<Record<string, string>> = {
  ceil: "ceil is not supported for complex inputs",
  clamp: "clamp is not supported for complex types",
  clampMax: "clamp is not supported for complex types",
  clampMin: "clamp is not supported for complex types",
  deg2rad: "deg2rad is not supported for complex tensors.",
  floor: "floor is not supported for complex inputs",
  fmax: "fmax not implemented for complex tensors.",
  fmin: "fmin not implemented for complex tensors.",
  heaviside: "heaviside is not yet implemented for complex tensors.",
  isneginf: "isneginf does not support complex inputs.",
  isposinf: "isposinf does not support complex inputs.",
  maximum: "maximum not implemented for complex tensors.",
  minimum: "minimum not implemented for complex tensors.",
  rad2deg: "rad2deg is not supported for complex tensors.",
  relu: "clamp is not supported for complex types",
  sign:
    "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
  signbit: "signbit is not implemented for complex tensors.",
  trunc: "trunc is not supported for complex inputs",
};

/** Kernels whose names are not the op's with `_cpu` behind. */
const KERNELS: Readonly<Record<string, string>> = {
  digamma: "digamma",
  erf: "erf_vml_cpu",
  erfc: "erfc_vml_cpu",
  erfinv: "erfinv_vml_cpu",
  i0: "i0_vml_cpu",
  lgamma: "lgamma_vml_cpu",
  ndtr: "erf_vml_cpu",
  round: "round_vml_cpu",
};

/** Ops that would have a meaning for complex numbers, and that PyTorch has for real ones only. */
const REAL_ONLY: ReadonlySet<string> = new Set([
  "deg2rad",
  "isneginf",
  "isposinf",
  "logit",
  "rad2deg",
  "xlog1py",
  "xlogy",
]);

/** Whether an op is for real numbers only, although its expression could be read otherwise. */
export function isRealOnly(op: string | undefined): boolean {
  return op !== undefined && REAL_ONLY.has(op);
}

/** Fails because an op has no complex form, as PyTorch does. */
export function refuseComplexOp(op: string, info: DTypeInfo): never {
  const sentence = SENTENCES[op];
  if (sentence !== undefined) throw new RuntimeError(sentence, HINT);
  const snake = op.replace(
    /([a-z0-9])([A-Z])/g,
    (_, a, b) => `${a}_${b.toLowerCase()}`,
  );
  refuseComplex(KERNELS[op] ?? `${snake}_cpu`, info);
}

/** Fails where one of some types is complex; `kernel` is PyTorch's name for what computes. */
export function checkNotComplex(
  kernel: string,
  ...infos: readonly DTypeInfo[]
): void {
  for (const info of infos) {
    if (info.category === 3) refuseComplex(kernel, info);
  }
}

/** Fails because a kernel has no complex form; `kernel` is PyTorch's name for it. */
export function refuseComplex(kernel: string, info: DTypeInfo): never {
  refuse(kernel, info, HINT);
}

const HINT =
  "it is not there for complex numbers; real(), imag(), abs() or angle() of them are real";
