// Poisson samples from PyTorch's stream: its own choice of methods, and of draws.
// Pure: knows generators and numbers only.

import { RuntimeError } from "./errors.ts";
import type { Generator } from "./generator.ts";

/** log(k!) */
function logFactorial(k: number): number {
  if (k < 20) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  // Stirling's series.
  const n = k + 1;
  const w = 1 / (n * n);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w / 1680))) / n;
  const half = Math.log(2 * Math.PI) / 2;
  return (n - 0.5) * Math.log(n) - n + half + series;
}

/** W. Hörmann's transformed rejection (1993), for rates from 10 on. */
function byRejection(rate: number, uniform: () => number): number {
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const u = uniform() - 0.5;
    const v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + Math.log(inverseAlpha) -
      Math.log(a / (us * us) + b);
    if (left <= -rate + k * Math.log(rate) - logFactorial(k)) return k;
  }
}

/** Multiplies draws until they fall below exp(-rate). */
function byProduct(rate: number, uniform: () => number): number {
  const least = Math.exp(-rate);
  let product = uniform();
  let k = 0;
  while (product > least) {
    product *= uniform();
    k++;
  }
  return k;
}

/** Fills with samples, each of its own rate. See `torch.poisson`. */
export function fillPoisson(
  generator: Generator,
  out: { readonly length: number; [i: number]: number },
  rates: ArrayLike<number>,
): void {
  const uniform = () => generator.random53() * 2 ** -53;
  for (let i = 0; i < out.length; i++) {
    const rate = rates[i]!;
    if (!(rate >= 0)) {
      throw new RuntimeError(
        "invalid Poisson rate, expected rate to be non-negative",
        `element ${i} is ${rate}`,
      );
    }
    out[i] = rate === 0
      ? 0
      : rate >= 10
      ? byRejection(rate, uniform)
      : byProduct(rate, uniform);
  }
}
