// Normalisations that a weight and a bias may follow: one node in PyTorch, and
// here one op for each form, because an op's inputs are always all there.

import { isTracked } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import { IN0, IN1, type Node, type Vjp } from "../grad/node.ts";
import { RuntimeError } from "./errors.ts";
import { defineKernel, type KernelOp, run } from "./kernel_op.ts";
import { commonDevice } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** What tells one normalisation from another; `O` is what its rules know. */
export interface AffineNormInit<O> {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node. */
  readonly node: string;
  /** Normalises, then applies what there is of weight and bias; not recorded. */
  readonly forward: (
    x: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    options: O,
  ) => Tensor;
  /** The gradient of the input, which runs before the others. */
  readonly inputRule: (
    g: Tensor,
    n: Node,
    weight: Tensor | null,
    options: O,
  ) => Tensor;
  /** The gradient of the weight; it reads the input. */
  readonly weightRule: Vjp<O>;
  /** The gradient of the bias, which reads nothing. */
  readonly biasRule: Vjp<O>;
}

/** The op in its forms. */
export interface AffineNorm<O> {
  /** Of the input alone. */
  readonly plain: KernelOp<O>;
  /** Of input and weight, and of a bias after them. */
  readonly weighted: KernelOp<O>;
  /** Of input and bias. */
  readonly biased: KernelOp<O>;
}

/** Defines the op in all its forms. */
export function defineAffineNorm<O>(init: AffineNormInit<O>): AffineNorm<O> {
  const { name, node, forward, inputRule, weightRule, biasRule } = init;
  const unweighted: Vjp<O> = (g, n, o) => inputRule(g, n, null, o);
  return {
    plain: defineKernel<O>({
      name,
      node,
      forward: ([x], o) => forward(x!, null, null, o),
      vjps: [unweighted],
      saves: [IN0],
    }),
    weighted: defineKernel<O>({
      name,
      node,
      forward: ([x, weight, bias], o) => forward(x!, weight!, bias ?? null, o),
      vjps: [(g, n, o) => inputRule(g, n, n.input(1), o), weightRule, biasRule],
      saves: [IN0 | IN1, IN0, 0],
    }),
    biased: defineKernel<O>({
      name,
      node,
      forward: ([x, bias], o) => forward(x!, null, bias!, o),
      vjps: [unweighted, biasRule],
      saves: [IN0, 0],
    }),
  };
}

/** Whether a call will be recorded. */
export function wantsGradient(
  x: Tensor,
  weight: Tensor | undefined,
  bias: Tensor | undefined,
): boolean {
  return MODE.grad &&
    (isTracked(x) || (weight !== undefined && isTracked(weight)) ||
      (bias !== undefined && isTracked(bias)));
}

/** Applies the form for what there is. */
export function runAffineNorm<O>(
  norm: AffineNorm<O>,
  x: Tensor,
  weight: Tensor | undefined,
  bias: Tensor | undefined,
  options: O,
): Tensor {
  if (weight === undefined) {
    return bias === undefined
      ? run(norm.plain, [x], options)
      : run(norm.biased, [x, bias], options);
  }
  const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
  return run(norm.weighted, inputs, options);
}

/**
 * Fails where what belongs to a normalisation has another type than its input,
 * or lies on another device;
 * 16-bit inputs may have parameters of float32.
 */
export function checkNormTypes(
  x: Tensor,
  parameters: readonly (Tensor | null | undefined)[],
): void {
  for (const parameter of parameters) {
    if (parameter == null) continue;
    commonDevice(x, parameter);
    if (parameter.info === x.info) continue;
    if (parameter.dtype !== "float32") {
      throw new RuntimeError(
        "mixed dtype (CPU): expect parameter to have scalar type of Float",
        `the input is ${x.dtype} and a parameter ${parameter.dtype}; to("${x.dtype}") converts a tensor or a module`,
      );
    }
    if (x.info.category === 2 && x.info.bytes === 2) continue;
    throw new RuntimeError(
      "mixed dtype (CPU): all inputs must share same datatype.",
      `the input is ${x.dtype} and a parameter float32; to("${x.dtype}") converts a tensor or a module`,
    );
  }
}
