// Calls of ops along a dimension: extrema with positions, scans, sorting, and
// functions that normalise.

import * as dg from "@dinograd/dinograd";
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
  norm: [
    call([[2, 3]], (x) => x.norm()),
    call([[2, 3]], (x) => x.norm(1, { keepdim: true })),
    call([[2, 3]], (x) => x.norm(0, { p: 1 })),
    call([[2, 3]], (x) => x.norm(1, { p: 3 })),
    call([[2, 3]], (x) => x.norm(1, { p: Infinity })),
    call([[2, 3]], (x) => x.norm(1, { p: -Infinity })),
    call([[2, 3]], (x) => x.norm(1, { p: 0 })),
  ],
  dist: [
    call([[2, 3], [2, 3]], (x, y) => dg.dist(x, y)),
    call([[2, 3], [3]], (x, y) => dg.dist(x, y, { p: 3 })),
    call([[2, 3], [3]], (x, y) => dg.dist(x, y, { p: 1 })),
  ],
  var: [
    call([[2, 3]], (x) => x.var()),
    call([[2, 3]], (x) => x.var(1, { correction: 0, keepdim: true })),
    call([[2, 3, 2]], (x) => x.var([0, 2])),
  ],
  std: [
    call([[2, 3]], (x) => x.std()),
    call([[2, 3]], (x) => x.std(1, { correction: 0, keepdim: true })),
  ],
  varMean: [
    call([[2, 3]], (x) => [...dg.varMean(x)]),
    call([[2, 3]], (x) => [...dg.varMean(x, 1, { keepdim: true })]),
  ],
  stdMean: [
    call([[2, 3]], (x) => [...dg.stdMean(x)]),
    call([[2, 3]], (x) => [...dg.stdMean(x, 0)]),
  ],
  median: [
    call([[5]], (x) => x.median()),
    call([[2, 3]], (x) => x.median(1).values),
  ],
  nanmedian: [
    call([[5]], (x) => x.nanmedian()),
    call([[2, 3]], (x) => x.nanmedian(1).values),
  ],
  mode: [call([[2, 3]], (x) => x.mode(1).values)],
  kthvalue: [
    call([[2, 3]], (x) => x.kthvalue(2).values),
    call([[3, 2]], (x) => x.kthvalue(1, 0).values),
  ],
};
