// How averages of weights follow the weights: all steps alike (SWA), or the
// last ones more (EMA).

import { ValueError } from "../../tensor/errors.ts";
import { noGrad } from "../../grad/mode.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Gives the next average of one tensor, from the present one, what comes in, and how many came in before. */
export type AvgFn = (
  averaged: Tensor,
  current: Tensor,
  numAveraged: number,
) => Tensor;

/** Changes averages of several tensors of one type in place. */
export type MultiAvgFn = (
  averaged: readonly Tensor[],
  current: readonly Tensor[],
  numAveraged: number,
) => void;

function checkDecay(decay: number): void {
  if (decay >= 0 && decay <= 1) return;
  throw new ValueError(
    `Invalid decay value ${decay} provided. Please provide a value in [0,1] range.`,
  );
}

/**
 * Averages that keep the share `decay`, 0.999 where not given, at each update.
 * See `torch.optim.swa_utils.get_ema_avg_fn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const follow = dg.optim.swaUtils.getEmaAvgFn(0.75);
 * assertEquals(follow(dg.tensor(4), dg.tensor(8), 3).item(), 5);
 * ```
 */
export function getEmaAvgFn(decay = 0.999): AvgFn {
  checkDecay(decay);
  return (averaged, current) =>
    noGrad(() => averaged.mul(decay).add(current.mul(1 - decay)));
}

/**
 * The same in place, in one pass over each tensor. See
 * `torch.optim.swa_utils.get_ema_multi_avg_fn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(4);
 * dg.optim.swaUtils.getEmaMultiAvgFn(0.75)([x], [dg.tensor(8)], 3);
 * assertEquals(x.item(), 5);
 * ```
 */
export function getEmaMultiAvgFn(decay = 0.999): MultiAvgFn {
  checkDecay(decay);
  return (averaged, current) =>
    noGrad(() => {
      averaged.forEach((x, i) => {
        const y = current[i]!;
        if (x.info.category >= 2) x.lerp_(y, 1 - decay);
        else x.copy_(x.mul(decay).add(y.mul(1 - decay)));
      });
    });
}

/**
 * The mean of all that came in. See `torch.optim.swa_utils.get_swa_avg_fn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const follow = dg.optim.swaUtils.getSwaAvgFn();
 * assertEquals(follow(dg.tensor(4), dg.tensor(8), 3).item(), 5);
 * ```
 */
export function getSwaAvgFn(): AvgFn {
  return (averaged, current, numAveraged) =>
    noGrad(() => averaged.add(current.sub(averaged).div(numAveraged + 1)));
}

/**
 * The same in place, in one pass over each tensor. See
 * `torch.optim.swa_utils.get_swa_multi_avg_fn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(4);
 * dg.optim.swaUtils.getSwaMultiAvgFn()([x], [dg.tensor(8)], 3);
 * assertEquals(x.item(), 5);
 * ```
 */
export function getSwaMultiAvgFn(): MultiAvgFn {
  return (averaged, current, numAveraged) =>
    noGrad(() => {
      averaged.forEach((x, i) => {
        const y = current[i]!;
        if (x.info.category >= 2) x.lerp_(y, 1 / (numAveraged + 1));
        else x.copy_(x.add(y.sub(x).div(numAveraged + 1)));
      });
    });
}
