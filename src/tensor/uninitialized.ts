// Tensors whose size is not known yet. All of them share one list as their
// shape, which refuses to be looked at: whatever computes with such a tensor
// meets it, and no op has to check. They are no class of their own, so that the
// tensor that they become is like any other.

import { callFromOutside } from "../grad/refusal.ts";
import { RuntimeError, ValueError } from "./errors.ts";
import { isParameter } from "./parameter_mark.ts";
import type { Shape } from "./shape.ts";

/** Fails for a look at the shape of a tensor that has none. */
export function refuseShape(): never {
  throw new RuntimeError(
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `loadStateDict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes.",
    "run the model once, with a batch of the right size, before anything else",
  );
}

/** Fails for a tensor that has no shape: by a sentence of its own where the library was called with it. */
export function refuseUninitialized(): never {
  const called = callFromOutside(wholeStack());
  if (called === null) refuseShape();
  throw new ValueError(
    `Attempted to use an uninitialized parameter in ${called}. This error happens when you are using a \`LazyModule\` or explicitly manipulating \`nn.UninitializedParameter\` objects. When using LazyModules Call \`forward\` with a dummy batch to initialize the parameters before calling other functions`,
    "run the model once, with a batch of the right size, before anything else",
  );
}

/** Who called, further back than ten calls. */
function wholeStack(): string {
  const limit: unknown = Reflect.get(Error, "stackTraceLimit");
  Reflect.set(Error, "stackTraceLimit", 100);
  const { stack } = new Error();
  Reflect.set(Error, "stackTraceLimit", limit);
  return stack ?? "";
}

/** The shape, and the strides, of all tensors whose size is not known yet. */
export const UNINITIALIZED: Shape = new Proxy([], {
  get: refuseUninitialized,
  has: refuseUninitialized,
  ownKeys: refuseUninitialized,
});

/** What is asked of a tensor here. */
interface Shaped {
  /** Its shape. */
  readonly shape: Shape;
}

/** Whether the size of a tensor is not known yet. */
export function isUninitialized(x: Shaped): boolean {
  return x.shape === UNINITIALIZED;
}

/** How PyTorch shows such a tensor. */
export function showUninitialized(x: Shaped): string {
  return `<Uninitialized${isParameter(x) ? "Parameter" : "Buffer"}>`;
}
