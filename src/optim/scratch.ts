// Memory that the steps of an optimizer work in. It is kept from step to step
// and serves one parameter after the other, so that it becomes as large as the
// largest of them needs.

import type { DType } from "../tensor/dtype.ts";
import { keep } from "../tensor/scope.ts";
import { countElements, sameShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Working memory by name; names are the optimizer's own. */
export class Scratch {
  readonly #flat: Map<string, Tensor> = new Map();
  readonly #last: Map<string, Tensor> = new Map();

  /** A dense tensor with undefined contents, where `like` is, of its type if no other is given; valid until the same name is asked for again. */
  take(
    name: string,
    like: Tensor,
    shape: Shape,
    dtype: DType = like.dtype,
  ): Tensor {
    const { device } = like.storage;
    const key = `${name} ${dtype} ${device.type}`;
    const last = this.#last.get(key);
    if (last !== undefined && sameShape(last.shape, shape)) return last;
    const count = countElements(shape);
    let flat = this.#flat.get(key);
    if (flat === undefined || flat.numel() < count) {
      flat = keep(like.detach().newEmpty(count, { dtype }));
      this.#flat.set(key, flat);
    }
    const out = flat.narrow(0, 0, count).view(shape);
    this.#last.set(key, out);
    return out;
  }
}
