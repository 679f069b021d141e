// The tensor that users hold: the last class of the chain in surface/.

import { setTensorClass } from "./fields.ts";
import { Differentiation } from "./surface/differentiation.ts";

/**
 * A rectangular array of numbers that remembers how it was computed. Made by
 * `tensor`, `zeros`, `randn` and the like; see `torch.Tensor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3], { requiresGrad: true });
 * x.mul(x).sum().backward();
 * assertEquals(x.grad!.tolist(), [2, 4, 6]);
 * ```
 */
export class Tensor extends Differentiation {}

setTensorClass(Tensor);

// Brackets would read undefined and write to nobody, in silence.
for (const index of [-1, 0, 1]) {
  Object.defineProperty(Tensor.prototype, index, {
    get: refuseBrackets,
    set: refuseBrackets,
  });
}

function refuseBrackets(): never {
  throw new TypeError(
    'tensors have no brackets: x[0, 1:] is x.at(0, "1:"), and x[0, 1:] = 5 is x.setAt_([0, "1:"], 5)',
  );
}
