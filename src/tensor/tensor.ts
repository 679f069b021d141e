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
