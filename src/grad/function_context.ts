// What `forward` and `backward` of a custom function share. Tensors are known
// as types only.

import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Node } from "./node.ts";

/**
 * What `forward` leaves for `backward`: saved tensors, and any property that
 * the user assigns (`ctx.scale = 3`). See `torch.autograd.function.FunctionCtx`.
 */
export class FunctionContext {
  /** What the user assigns. */
  [property: string]: unknown;

  /** For each argument of `forward`, whether its gradient is wanted. */
  readonly needsInputGrad: readonly boolean[];
  /** Tensors that `forward` changed in place; see {@linkcode markDirty}. */
  readonly dirty: Set<Tensor> = new Set();
  /** Results without a gradient; see {@linkcode markNonDifferentiable}. */
  readonly fixed: Set<Tensor> = new Set();
  /** Whether `backward` gets zeros for a result that no gradient arrived at. */
  materializes = true;
  #saved: readonly (Tensor | null)[] = [];
  /** Which of the saved are tensors, once the node has them. */
  #kept: readonly boolean[] = [];
  #node: Node | null = null;

  /** Made by `apply`. */
  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps arguments or results for `backward`; a change in place of one is noticed. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    tensors.forEach((x: unknown, k) => {
      if (x !== null && !isTensor(x)) {
        throw new TypeError(
          `saveForBackward can only save variables, but argument ${k} is of type ${typeof x}`,
        );
      }
    });
    this.#saved = tensors;
  }

  /** What {@linkcode saveForBackward} kept, in the same order. */
  get savedTensors(): (Tensor | null)[] {
    const node = this.#node;
    if (node === null) return this.#saved.slice();
    return this.#kept.map((kept, k) => kept ? node.recall(k) : null);
  }

  /** Declares that `forward` changed these arguments in place; it must return them. */
  markDirty(...tensors: Tensor[]): void {
    for (const x of tensors) this.dirty.add(x);
  }

  /** Declares that these results have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const x of tensors) this.fixed.add(x);
  }

  /** With false, `backward` gets null instead of zeros for a result that no gradient arrived at. */
  setMaterializeGrads(value: boolean): void {
    this.materializes = value;
  }

  /** Hands what was saved to the node of the call, which decides how long it lives; called by `apply`. */
  close(node: Node): void {
    this.#saved.forEach((x, k) => {
      if (x !== null) node.save(k, x);
    });
    this.#kept = this.#saved.map((x) => x !== null);
    this.#saved = [];
    this.#node = node;
    this.dirty.clear();
    this.fixed.clear();
  }
}
