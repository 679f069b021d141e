// The state of the default generator as a tensor, so that it can stand in a
// file beside the weights of a training.

import { tensor } from "./create.ts";
import { defaultGenerator } from "./generator.ts";
import { isTensor } from "./is_tensor.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The state of the default generator, as a uint8 tensor with PyTorch's bytes:
 * it goes into a checkpoint, and either side reads the other's. See
 * `torch.get_rng_state`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const state = dg.getRngState();
 * const first = dg.rand(3).tolist();
 * dg.setRngState(state);
 * assertEquals(dg.rand(3).tolist(), first);
 * ```
 */
export function getRngState(): Tensor {
  return tensor(defaultGenerator.getState(), { device: "cpu" });
}

/**
 * Lets the default generator go on from a state that {@linkcode getRngState} or
 * PyTorch returned; throws, and changes nothing, where `state` is none. See
 * `torch.set_rng_state`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const state = dg.getRngState();
 * dg.rand(100);
 * dg.setRngState(state);
 * assertEquals(dg.randint(10, [4]).tolist(), [4, 9, 3, 0]);
 * ```
 */
export function setRngState(state: Tensor): void {
  if (!isTensor(state) || state.dtype !== "uint8") {
    throw new TypeError("RNG state must be a torch.ByteTensor");
  }
  defaultGenerator.setState(state.detach().typedArray() as Uint8Array);
}
