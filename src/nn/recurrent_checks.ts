// Checks of the sizes that recurrent layers are given.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Fails unless the sizes of a recurrent layer are possible. */
export function checkSizes(
  inputSize: number,
  hiddenSize: number,
  numLayers: number,
  dropout: number,
  projSize: number,
): void {
  if (!(dropout >= 0 && dropout <= 1)) {
    throw new ValueError(
      "dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
    );
  }
  for (const [name, size] of Object.entries({ inputSize, hiddenSize })) {
    if (!Number.isInteger(size)) {
      throw new TypeError(
        `${name} should be of type int, got: ${typeof size}`,
      );
    }
    if (size <= 0) throw new ValueError(`${name} must be greater than zero`);
  }
  if (!(numLayers > 0)) {
    throw new ValueError("numLayers must be greater than zero");
  }
  if (!(projSize >= 0)) {
    throw new ValueError(
      "projSize should be a positive integer or zero to disable projections",
    );
  }
  if (projSize >= hiddenSize) {
    throw new ValueError("projSize has to be smaller than hiddenSize");
  }
}

/** Fails unless states have a batch where the input has one. */
export function checkStateRanks(
  states: readonly Tensor[],
  batched: boolean,
): void {
  const rank = batched ? 3 : 2;
  if (states.every((state) => state.shape.length === rank)) return;
  const ranks = states.map((state) => `${state.shape.length}-D`);
  const start = batched ? "For batched 3-D input" : "For unbatched 2-D input";
  throw new RuntimeError(
    states.length === 1
      ? `${start}, hx should also be ${rank}-D but got ${ranks[0]} tensor`
      : `${start}, hx and cx should also be ${rank}-D but got (${
        ranks.join(", ")
      }) tensors`,
  );
}
