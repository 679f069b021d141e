// Calls of ops that are neither elementwise nor reductions, for any number of
// elements: kernels and loops must agree around every width of a vector.

import * as dg from "@dinograd/dinograd";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { type Call, call, indices } from "./call.ts";

const F = dg.nn.functional;

/** Makes the calls of an op for rows of `n` elements, at least one. */
type SizedCalls = (n: number) => readonly Call[];

/** Positions below `n` in no order, some more than once. */
function positions(count: number, n: number): Tensor {
  return indices(Array.from({ length: count }, (_, i) => (7 * i + 3) % n));
}

/** An op on rows and on columns. */
function along(
  fn: (x: Tensor, dim: number) => Tensor | readonly Tensor[],
): SizedCalls {
  return (n) => [
    call([[n]], (x) => fn(x, 0)),
    call([[3, n]], (x) => fn(x, 1)),
    call([[n, 3]], (x) => fn(x, 0)),
    call([[2, n, 2]], (x) => fn(x.transpose(1, 2), -1)),
  ];
}

/** The calls, by op. */
export const SIZED_CALLS: Readonly<Record<string, SizedCalls>> = {
  softmax: along((x, d) => x.softmax(d)),
  logSoftmax: along((x, d) => x.logSoftmax(d)),
  logsumexp: along((x, d) => x.logsumexp(d)),
  cumsum: along((x, d) => x.cumsum(d)),
  cumprod: along((x, d) => x.mul(0.01).add(1).cumprod(d)),
  logcumsumexp: along((x, d) => x.mul(0.1).logcumsumexp(d)),
  cummax: along((x, d) => x.cummax(d).values),
  max: along((x, d) => x.max(d).values),
  min: along((x, d) => x.min(d).values),
  argmax: along((x, d) => x.argmax(d).to(x.dtype)),
  sort: along((x, d) => x.sort(d).values),
  sortDown: along((x, d) => x.sort(d, { descending: true }).values),
  argsort: along((x, d) => x.argsort(d).to(x.dtype)),
  topk: along((x, d) => x.topk(Math.ceil(x.size(d) / 2), d).values),
  median: along((x, d) => x.median(d).values),
  norm: along((x, d) => x.norm(d)),
  var: along((x, d) => x.var(d, { correction: 0 })),
  std: along((x, d) => x.add(x.abs()).std(d, { correction: 0 })),
  flip: along((x, d) => x.flip([d])),
  roll: along((x, d) => x.roll(1, d)),
  cat: along((x, d) => dg.cat([x, x.mul(2), x], d)),
  stack: along((x, d) => dg.stack([x, x.mul(2)], d)),
  narrow: along((x, d) => x.narrow(d, 0, Math.ceil(x.size(d) / 2)).mul(2)),
  diff: along((x, d) => x.cumsum(d).diff(d)),
  unfold: along((x, d) => x.unfold(d, 1, 2).contiguous()),
  gather: along((x, d) => x.gather(d, x.detach().argsort(d))),
  takeAlongDim: along((x, d) => dg.takeAlongDim(x, x.detach().argsort(d), d)),
  indexSelect: along((x, d) => x.indexSelect(d, positions(5, x.size(d)))),
  indexAdd: along((x, d) => {
    const n = x.size(d);
    const index = positions(n, n);
    return x.indexAdd(d, index, x.mul(2));
  }),
  scatter: along((x, d) => {
    const order = x.detach().argsort(d);
    return x.scatter(d, order, x.mul(3));
  }),
  scatterAdd: along((x, d) => {
    const zeros = x.detach().argsort(d).mul(0);
    return x.scatterAdd(d, zeros, x.mul(3));
  }),
  maskedFill: along((x) => x.maskedFill(x.detach().gt(0), 2)),
  maskedSelect: along((x) => x.maskedSelect(x.detach().gt(0))),
  where: along((x) => dg.where(x.detach().gt(0), x, x.mul(2))),
  clone: along((x) => x.transpose(0, -1).contiguous().mul(x.transpose(0, -1))),
  tril: (
    n,
  ) => [call([[n, 5]], (x) => x.tril()), call([[5, n]], (x) => x.triu())],
  expand: (n) => [
    call([[n]], (x) => x.expand([3, n]).contiguous()),
    call([[n, 1]], (x) => x.expand([n, 5]).mul(2)),
  ],
  dot: (n) => [call([[n], [n]], (x, y) => dg.dot(x, y))],
  mv: (n) => [
    call([[n, 5], [5]], (x, y) => dg.mv(x, y)),
    call([[5, n], [n]], (x, y) => dg.mv(x, y)),
    call([[5, n], [5]], (x, y) => dg.mv(x.t(), y)),
  ],
  matmul: (n) => [
    call([[n, 5], [5, 7]], (x, y) => dg.mm(x, y)),
    call([[5, n], [n, 7]], (x, y) => dg.mm(x, y)),
    call([[7, 5], [5, n]], (x, y) => dg.mm(x, y)),
    call([[5, n], [7, 5]], (x, y) => dg.mm(x.t(), y.t())),
    call([[2, n, 3], [3, 4]], (x, y) => dg.matmul(x, y)),
    call([[2, 3, n], [2, n, 4]], (x, y) => dg.bmm(x, y)),
  ],
  addmm: (n) => [
    call([[7], [n, 5], [5, 7]], (x, y, z) => dg.addmm(x, y, z)),
    call([[n], [3, 5], [5, n]], (x, y, z) => dg.addmm(x, y, z, { alpha: 2 })),
  ],
  linear: (n) => [
    call([[5, n], [3, n], [3]], (x, w, b) => F.linear(x, w, { bias: b })),
    call([[n, 5], [n, 5]], (x, w) => F.linear(x, w)),
  ],
  convolution: (n) =>
    [
      call([[2, 3, n], [4, 3, 1], [4]], (x, w, b) =>
        dg.conv1d(x, w, { bias: b })),
      call(
        [[2, 2, n + 2], [3, 2, 3]],
        (x, w) =>
          dg.conv1d(x, w, { padding: 1, stride: 2 }),
      ),
      call([[1, 2, 4, n + 1], [n % 5 + 1, 2, 2, 2]], (x, w) => dg.conv2d(x, w)),
      call([[2, n, 3], [n, 1, 2]], (x, w) => dg.conv1d(x, w, { groups: n })),
    ].slice(0, n < 100 ? 4 : 3),
  convTranspose: (n) => [
    call(
      [[2, 3, n], [3, 2, 3]],
      (x, w) => dg.convTranspose1d(x, w, { stride: 2 }),
    ),
  ],
  pooling: (n) => [
    call([[2, n + 2]], (x) => F.maxPool1d(x, 3, { stride: 1, padding: 1 })),
    call([[2, n + 2]], (x) => F.avgPool1d(x, 3, { stride: 2, padding: 1 })),
    call([[1, n + 1, 4]], (x) => F.maxPool2d(x, 2)),
    call([[1, 3, n + 1]], (x) => F.adaptiveAvgPool2d(x, 2)),
  ],
  layerNorm: (n) => [
    call(
      [[3, n], [n], [n]],
      (x, weight, bias) => F.layerNorm(x, n, { weight, bias, eps: 0.1 }),
    ),
    call([[n, 3]], (x) => F.layerNorm(x, 3, { eps: 0.1 })),
  ],
  batchNorm: (n) => [
    call(
      [[n + 1, 3]],
      (x) => F.batchNorm(x, null, null, { training: true, eps: 0.1 }),
    ),
    call(
      [[2, n, 3], [n], [n]],
      (x, weight, bias) =>
        F.batchNorm(x, null, null, { training: true, weight, bias, eps: 0.1 }),
    ),
  ],
  crossEntropy: (n) => [
    call([[3, n]], (x) => F.crossEntropy(x, positions(3, n))),
    call([[n, 3]], (x) => F.crossEntropy(x, positions(n, 3))),
  ],
  mseLoss: (n) => [
    call([[n], [n]], (x, y) => F.mseLoss(x, y)),
    call([[n], [n]], (x, y) => F.smoothL1Loss(x, y)),
  ],
  gelu: (n) => [call([[n]], (x) => F.gelu(x)), call([[n]], (x) => F.silu(x))],
  embedding: (n) => [
    call([[5, n]], (x) => F.embedding(positions(7, 5), x)),
    call([[n, 3]], (x) => F.embedding(positions(n, n), x)),
  ],
  interpolate: (n) => [
    call([[1, 2, n]], (x) => F.interpolate(x, { scaleFactor: 2 })),
  ],
};
