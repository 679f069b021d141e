// The family of everything else: ops with a shape rule and a kernel of their
// own, and composites that PyTorch shows as one node. `forward` runs without
// recording; the rules are public ops, so every order of derivative exists.

import { BATCHING, HostRead } from "./batching.ts";
import { record, recordAll } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Vjp } from "../grad/node.ts";
import { makeTensor } from "./fields.ts";
import { commonDeviceOf, nodeName, type Op, register } from "./op.ts";
import { beginTemporaries, DISCARD, endTemporaries } from "./temporaries.ts";
import type { Tensor } from "./tensor.ts";

/** An op with a forward function of its own. */
export interface KernelOp<O = unknown> extends Op {
  readonly family: "kernel";
  /** Computes the result; not recorded. */
  readonly forward: (inputs: readonly Tensor[], options: O) => Tensor;
}

/** An op with several results. */
export interface MultiOp<O = unknown> extends Op {
  readonly family: "kernel";
  /** Computes the results; not recorded. */
  readonly forward: (inputs: readonly Tensor[], options: O) => Tensor[];
}

/** What a caller of {@linkcode defineKernel} gives. */
export interface KernelInit<O, R> {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node; by default from `name`. */
  readonly node?: string;
  /** Computes the result; not recorded. May call public ops and the device. */
  readonly forward: (inputs: readonly Tensor[], options: O) => R;
  /** The gradient for each input; without them the op is not differentiable. With several results, read `n.grads`. */
  readonly vjps?: readonly (Vjp<O> | null)[];
  /** Per input, the values that its rule reads: {@linkcode IN0} and so on. */
  readonly saves?: readonly number[];
  /** Whether the rules hold for complex numbers as they stand; see `Differentiable`. */
  readonly complexRules?: boolean;
}

/** Defines an op of its own kind with one result. */
export function defineKernel<O>(init: KernelInit<O, Tensor>): KernelOp<O> {
  return register({ ...common(init), forward: init.forward });
}

/** Defines an op of its own kind with several results. */
export function defineMulti<O>(init: KernelInit<O, Tensor[]>): MultiOp<O> {
  return register({ ...common(init), forward: init.forward });
}

function common<O, R>(init: KernelInit<O, R>): Op & { family: "kernel" } {
  return {
    name: init.name,
    node: init.node ?? nodeName(init.name),
    family: "kernel",
    vjps: init.vjps ?? [],
    saves: init.saves ?? [],
    complexRules: init.complexRules ?? false,
  };
}

/** Runs a function without recording. */
export function unrecorded<T>(fn: () => T): T {
  const { grad } = MODE;
  MODE.grad = false;
  try {
    return fn();
  } finally {
    MODE.grad = grad;
  }
}

/** A result that `forward` looks at through a view of its own making is no view to the user. */
function disown(out: Tensor, inputs: readonly Tensor[]): void {
  if (out.viewInfo === null) return;
  for (let k = 0; k < inputs.length; k++) {
    if (inputs[k]!.storage === out.storage) return;
  }
  out.viewInfo = null;
}

/** Inputs of several devices; as tensors of one where that lies above the others. */
function together(inputs: readonly Tensor[]): readonly Tensor[] {
  const device = commonDeviceOf(inputs);
  if (device.lift === undefined) return inputs;
  return inputs.map((x) => {
    if (x.storage.device === device) return x;
    const { info, shape, strides, offset, count, dense } = x;
    const storage = device.lift!(x.storage, info);
    return makeTensor(storage, info, shape, strides, offset, count, dense);
  });
}

/** Computes without recording; what that made besides the result is given back. */
function forward<O, R extends Tensor | Tensor[]>(
  op: { forward(inputs: readonly Tensor[], options: O): R },
  inputs: readonly Tensor[],
  options: O,
): R {
  for (let k = 1; k < inputs.length; k++) {
    if (inputs[k]!.storage.device === inputs[0]!.storage.device) continue;
    inputs = together(inputs);
    break;
  }
  const { grad } = MODE;
  // Small pieces are not worth the trouble.
  const small = inputs.length === 0 || inputs[0]!.count < DISCARD.least;
  const since = small ? 0 : beginTemporaries();
  let result: R | null = null;
  MODE.grad = false;
  try {
    return result = op.forward(inputs, options);
  } catch (error) {
    if (BATCHING.loop === null || !(error instanceof HostRead)) throw error;
    const loop = BATCHING.loop(op, inputs, options as never, error);
    return result = loop as R;
  } finally {
    MODE.grad = grad;
    if (!small) endTemporaries(since, result, options);
  }
}

/** Applies an op with one result. */
export function run<O>(
  op: KernelOp<O>,
  inputs: readonly Tensor[],
  options: O,
): Tensor {
  const out = forward(op, inputs, options);
  disown(out, inputs);
  record(op, inputs, out, options);
  return out;
}

/** Applies an op with several results. */
export function runMulti<O>(
  op: MultiOp<O>,
  inputs: readonly Tensor[],
  options: O,
): Tensor[] {
  const out = forward(op, inputs, options);
  for (let k = 0; k < out.length; k++) disown(out[k]!, inputs);
  recordAll(op, inputs, out, options);
  return out;
}
