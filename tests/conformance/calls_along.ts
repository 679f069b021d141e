// Calls of ops along a dimension: extrema with positions, scans, sorting, and
// functions that normalise.

import { call, type Calls } from "./call.ts";

/** The calls, by op. */
export const ALONG_CALLS: Calls = {
  softmax: [
    call([[2, 3]], (x) => x.softmax(1)),
    call([[2, 3, 2]], (x) => x.softmax(1)),
    call([[]], (x) => x.softmax(0)),
  ],
  logSoftmax: [
    call([[2, 3]], (x) => x.logSoftmax(0)),
    call([[3]], (x) => x.logSoftmax(-1)),
  ],
  logit: [call([[3]], (x) => x.sigmoid().logit())],
  mvlgamma: [call([[3]], (x) => x.mul(0.2).add(3).mvlgamma(3))],
  cumsum: [
    call([[2, 3]], (x) => x.cumsum(1)),
    call([[2, 3, 2]], (x) => x.cumsum(1)),
    call([[]], (x) => x.cumsum(0)),
  ],
  cumprod: [
    call([[2, 3]], (x) => x.cumprod(0)),
    call([[4]], (x) => x.cumprod(0)),
    call([[4]], (x) => x.mul(0).cumprod(0).add(x.cumprod(0))),
  ],
  logcumsumexp: [
    call([[2, 3]], (x) => x.logcumsumexp(1)),
    call([[3, 2]], (x) => x.logcumsumexp(0)),
  ],
  cummax: [call([[2, 4]], (x) => x.cummax(1).values)],
  cummin: [call([[4, 2]], (x) => x.cummin(0).values)],
  max: [
    call([[2, 4]], (x) => x.max(1).values),
    call([[4, 2]], (x) => x.max(0, { keepdim: true }).values),
  ],
  min: [
    call([[2, 4]], (x) => x.min(1).values),
    call([[4, 2]], (x) => x.min(0, { keepdim: true }).values),
  ],
  aminmax: [
    call([[2, 4]], (x) => {
      const { min, max } = x.aminmax();
      return [min, max];
    }),
    call([[2, 4]], (x) => [...x.aminmax(1, { keepdim: true })]),
  ],
  sort: [
    call([[2, 4]], (x) => x.sort().values),
    call([[4, 2]], (x) => x.sort(0, { descending: true }).values),
  ],
  topk: [
    call([[2, 4]], (x) => x.topk(2).values),
    call([[4, 2]], (x) => x.topk(3, 0, { largest: false }).values),
  ],
};
