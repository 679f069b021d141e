// Statistics of batch norms for weights that no batch has seen.

import { noGrad } from "../../grad/mode.ts";
import type { Module } from "../../nn/module.ts";
import { BatchNorm } from "../../nn/norm_batch.ts";
import type { DeviceLike } from "../../tensor/device.ts";
import { isTensor } from "../../tensor/is_tensor.ts";
import { checkOptions } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Options of {@linkcode updateBn}. */
export interface UpdateBnOptions {
  /** Where batches go first; where they are, if not given. */
  readonly device?: DeviceLike;
}

/**
 * Computes the running statistics of all batch norms of a model anew, as means
 * over the batches of `loader`; of a batch that is an array the first item is
 * the input. See `torch.optim.swa_utils.update_bn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new dg.nn.BatchNorm1d(1);
 * const batches = [dg.tensor([[1], [3]]), dg.tensor([[5], [7]])];
 * dg.optim.swaUtils.updateBn(batches, model);
 * assertEquals(model.runningMean!.tolist(), [4]);
 * ```
 */
export function updateBn(
  loader: Iterable<Tensor | readonly unknown[]>,
  model: Module,
  options: UpdateBnOptions = {},
): void {
  checkOptions(options, ["device"], "updateBn");
  const { device } = options;
  const norms = [...model.modules()].filter((module) =>
    module instanceof BatchNorm
  );
  if (norms.length === 0) return;
  const momenta = norms.map(({ momentum }) => momentum);
  const wasTraining = model.training;
  noGrad(() => {
    for (const norm of norms) {
      norm.resetRunningStats();
      setMomentum(norm, null);
    }
    model.train();
    try {
      for (const batch of loader) {
        const input = (isTensor(batch) ? batch : batch[0]) as Tensor;
        const moved = device === undefined ? input : input.to(device);
        model.call(...[moved] as never[]);
      }
    } finally {
      norms.forEach((norm, i) => setMomentum(norm, momenta[i]!));
      model.train(wasTraining);
    }
  });
}

function setMomentum(norm: BatchNorm, momentum: number | null): void {
  (norm as { momentum: number | null }).momentum = momentum;
}
