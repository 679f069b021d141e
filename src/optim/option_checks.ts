// What optimizers refuse in their options, in PyTorch's words.

import { shown } from "../tensor/arguments.ts";
import { ValueError } from "../tensor/errors.ts";

/** Refuses a learning rate below zero, and NaN. */
export function checkLr(lr: number): void {
  if (!(lr >= 0)) throw new ValueError(`Invalid learning rate: ${lr}`);
}

/** Refuses an epsilon below zero, and NaN. */
export function checkEps(eps: number): void {
  if (!(eps >= 0)) throw new ValueError(`Invalid epsilon value: ${eps}`);
}

/** Refuses an option below zero, and NaN. */
export function checkNotNegative(name: string, value: number): void {
  if (!(value >= 0)) throw new ValueError(`Invalid ${name} value: ${value}`);
}

/** Refuses shares that are not in [0, 1). */
export function checkBetas(betas: readonly [number, number]): void {
  if (!Array.isArray(betas)) {
    throw new TypeError(`betas must be two numbers, not ${shown(betas)}`);
  }
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) {
      throw new ValueError(`Invalid beta parameter at index ${i}: ${beta}`);
    }
  });
}

/** Refuses what the family of Adam refuses. */
export function checkAdamLike(options: {
  readonly lr: number;
  readonly eps: number;
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}): void {
  checkLr(options.lr);
  checkEps(options.eps);
  checkBetas(options.betas);
  checkNotNegative("weightDecay", options.weightDecay);
}
