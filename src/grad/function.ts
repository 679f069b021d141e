// Functions with a derivative of the user's own: `class MyFn extends
// dg.autograd.Function`, called as `MyFn.apply(...)`.

import { BATCHING } from "../tensor/batching.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { makeTensor } from "../tensor/fields.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { commonDeviceOf } from "../tensor/op.ts";
import { SCOPE } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { FunctionContext } from "./function_context.ts";
import {
  edgeOf,
  isTracked,
  nodeOf,
  noteDevice,
  rebase,
  type ViewInfo,
} from "./history.ts";
import { MODE } from "./mode.ts";
import { type Differentiable, Node, type OutputMeta } from "./node.ts";

/** What a subclass of {@linkcode Function} may define, all static. */
interface Definition {
  readonly name: string;
  readonly forward?: (...args: unknown[]) => unknown;
  readonly setupContext?: (
    ctx: FunctionContext,
    inputs: unknown[],
    output: unknown,
  ) => void;
  readonly backward?: (
    ctx: FunctionContext,
    ...grads: (Tensor | null)[]
  ) => unknown;
}

/**
 * The base class of functions with a derivative of one's own. A subclass has
 * `static forward(ctx, ...args)`, which computes without recording, and
 * `static backward(ctx, ...gradOutputs)`, which returns a gradient (or null)
 * for each argument of `forward`; it is called with `apply(...args)`. With
 * `static setupContext(ctx, inputs, output)` in addition, `forward` gets no
 * context. See `torch.autograd.Function`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Square extends dg.autograd.Function {
 *   static forward(ctx: dg.autograd.FunctionContext, x: dg.Tensor) {
 *     ctx.saveForBackward(x);
 *     return x.mul(x);
 *   }
 *   static backward(ctx: dg.autograd.FunctionContext, grad: dg.Tensor) {
 *     const [x] = ctx.savedTensors;
 *     return grad.mul(x!).mul(2);
 *   }
 * }
 *
 * const x = dg.tensor([1, 2], { requiresGrad: true });
 * const y = Square.apply(x);
 * assertEquals(String(y), "tensor([1., 4.], grad_fn=<SquareBackward>)");
 * y.sum().backward();
 * assertEquals(x.grad!.tolist(), [2, 4]);
 * ```
 */
export class Function {
  /** Refuses: only the static methods are used. */
  constructor() {
    throw new RuntimeError(
      "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)",
      `call ${new.target.name}.apply(...)`,
    );
  }

  /** Calls `forward(...args)`, lets `setupContext` see arguments and result, and records the call. */
  static apply<A extends unknown[], R>(
    this: {
      forward(...args: A): R;
      setupContext(ctx: FunctionContext, inputs: A, output: R): void;
    },
    ...args: A
  ): R;
  /** Calls `forward(ctx, ...args)` and records the call. */
  static apply<A extends unknown[], R>(
    this: { forward(ctx: FunctionContext, ...args: A): R },
    ...args: A
  ): R;
  static apply(this: unknown, ...args: unknown[]): unknown {
    return applyFunction(this as Definition, args);
  }
}

function applyFunction(fn: Definition, args: unknown[]): unknown {
  if (fn.forward === undefined) {
    throw new RuntimeError(
      "You must implement the forward function for custom autograd.Function.",
      `give ${fn.name} a static method forward(ctx, ...args)`,
    );
  }
  const edges = args.map((x) => isTensor(x) ? edgeOf(x) : null);
  const ctx = new FunctionContext(edges.map((edge) => edge !== null));
  const { grad } = MODE;
  MODE.grad = false;
  let result: unknown;
  try {
    if (fn.setupContext === undefined) result = fn.forward(ctx, ...args);
    else {
      result = fn.forward(...args);
      fn.setupContext(ctx, args, result);
    }
  } finally {
    MODE.grad = grad;
  }
  if (!grad || edges.every((edge) => edge === null)) return result;
  const several = Array.isArray(result);
  const outputs = alike(several ? result as unknown[] : [result], args, ctx);
  const tensors = outputs.filter(isTensor);
  if (tensors.length === 0) return result;
  checkDirty(ctx, args, tensors);
  const node = new Node(
    recordOf(fn, ctx, args.map(isTensor)),
    edges,
    args.map((x, k) => isTensor(x) && !edges[k]?.variable ? x.outputNr : 0),
    // So that a scope finds the tensors that the user assigned to it.
    ctx,
    tensors[0]!.shape,
    tensors[0]!.info,
    several ? outputs.map((x) => metaOf(x, tensors[0]!)) : null,
    null,
  );
  noteDevice(node, tensors[0]!);
  const finished = outputs.map((x, nr) =>
    isTensor(x) ? attach(fn, ctx, args, node, x, nr) : x
  );
  // Only now, so that a change in place that was declared is not held against it.
  ctx.close(node);
  return several ? finished : finished[0];
}

/** Results of which vmap maps some: the others too, so that their gradients are those of one sample alike. */
function alike(
  outputs: unknown[],
  args: readonly unknown[],
  ctx: FunctionContext,
): unknown[] {
  const tensors = outputs.filter(isTensor);
  if (BATCHING.fit === null || tensors.length < 2) return outputs;
  const device = commonDeviceOf(tensors);
  if (device.lift === undefined) return outputs;
  return outputs.map((x) => {
    if (!isTensor(x) || x.storage.device === device) return x;
    if (ctx.dirty.has(x) || args.includes(x)) return x;
    const { info, shape, strides, offset, count, dense } = x;
    const storage = device.lift!(x.storage, info);
    return makeTensor(storage, info, shape, strides, offset, count, dense);
  });
}

function metaOf(x: unknown, other: Tensor): OutputMeta {
  return isTensor(x)
    ? { shape: x.shape, info: x.info, device: x.storage.device }
    : { shape: [], info: other.info };
}

function checkDirty(
  ctx: FunctionContext,
  args: readonly unknown[],
  outputs: readonly Tensor[],
): void {
  for (const x of ctx.dirty) {
    if (!args.includes(x)) continue;
    if (!outputs.includes(x)) {
      throw new RuntimeError(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
        "return the tensor itself",
      );
    }
    if (isTracked(x) && nodeOf(x) === null) {
      throw new RuntimeError(
        "a leaf Variable that requires grad has been used in an in-place operation.",
        "apply the function to a clone()",
      );
    }
    if (x.viewInfo !== null && outputs.length > 1) {
      throw new RuntimeError(
        "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change.",
      );
    }
  }
}

/** Gives one result its place in the graph. */
function attach(
  fn: Definition,
  ctx: FunctionContext,
  args: readonly unknown[],
  node: Node,
  x: Tensor,
  nr: number,
): Tensor {
  if (ctx.fixed.has(x) || x.info.category < 2) return x;
  if (ctx.dirty.has(x) && args.includes(x)) {
    x.storage.version++;
    rebase(x, x.detach().withHistory(node, nr));
    return x;
  }
  // An argument that is returned stays what it is; the result is a view of it.
  const isArgument = args.includes(x);
  const out = isArgument || x.tracked ? x.detach() : x;
  if (SCOPE.current !== null) SCOPE.current.touch(out);
  const view: ViewInfo | null = x.viewInfo;
  if (isArgument || view !== null) {
    out.viewInfo = {
      base: view === null ? x : view.base,
      kind: "custom",
      op: fn.name,
      version: x.storage.version,
    };
  }
  out.node = node;
  out.outputNr = nr;
  out.tracked = true;
  return out;
}

/** The op record of one call. It knows which arguments were tensors, and keeps none alive. */
function recordOf(
  fn: Definition,
  ctx: FunctionContext,
  inputs: readonly boolean[],
): Differentiable {
  return {
    name: fn.name,
    node: `${fn.name}Backward`,
    vjps: [],
    saves: [],
    together: (g, node) => gradients(fn, ctx, inputs, g, node),
  };
}

/** Runs the user's `backward` and checks what it returns. */
function gradients(
  fn: Definition,
  ctx: FunctionContext,
  inputs: readonly boolean[],
  g: Tensor,
  node: Node,
): (Tensor | null)[] {
  if (fn.backward === undefined) {
    throw new RuntimeError(
      "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.",
      `give ${fn.name} a static method backward(ctx, ...gradOutputs)`,
    );
  }
  const incoming = node.grads === null ? [g] : node.outputs!.map((meta, nr) => {
    const grad = node.grads![nr] ?? null;
    return grad === null && ctx.materializes
      ? g.newZeros(meta.shape, { dtype: meta.info.name })
      : grad;
  });
  const result = fn.backward(ctx, ...incoming);
  const list: unknown[] = Array.isArray(result) ? result : [result];
  const extra = list.slice(inputs.length);
  if (list.length < inputs.length || extra.some((grad) => grad != null)) {
    throw new RuntimeError(
      `function ${node.name} returned an incorrect number of gradients (expected ${inputs.length}, got ${list.length})`,
      "backward() returns one gradient, or null, for each argument of forward()",
    );
  }
  return inputs.map((isInput, k) => {
    const grad = list[k] ?? null;
    if (grad === null) return null;
    if (!isInput) {
      throw new RuntimeError(
        `function ${node.name} returned a gradient different than None at position ${
          k + 1
        }, but the corresponding forward input was not a Variable`,
        "return null in its place",
      );
    }
    if (!isTensor(grad)) {
      throw new RuntimeError(`expected Variable or None (got ${typeof grad})`);
    }
    return grad;
  });
}
