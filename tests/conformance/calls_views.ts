// Calls of views, copies and joins.

import * as dg from "@dinograd/dinograd";
import { call, type Calls, mask } from "./call.ts";

/** The calls, by op. */
export const VIEW_CALLS: Calls = {
  squeeze: [
    call([[2, 1, 3, 1]], (x) => x.squeeze()),
    call([[2, 1, 3, 1]], (x) => x.squeeze(1)),
    call([[2, 1, 3, 1]], (x) => x.squeeze([1, 3])),
  ],
  unsqueeze: [
    call([[2, 3]], (x) => x.unsqueeze(1)),
    call([[]], (x) => x.unsqueeze(-1)),
  ],
  view: [
    call([[2, 3]], (x) => x.contiguous().view([3, -1])),
    call([[2, 3]], (x) => x.reshape([6])),
  ],
  expand: [
    call([[2, 1]], (x) => x.expand([3, 2, 4])),
    call([[]], (x) => x.expand([2])),
  ],
  clone: [call([[2, 3]], (x) => x.clone())],
  fill: [
    call([[2, 3], []], (x, value) => x.clone().fill_(value)),
    call([[2, 3], []], (x, value) => x.clone().t().fill_(value)),
  ],
  zero: [call([[2, 3]], (x) => x.mul(2).zero_())],
  copy: [
    call([[2, 3], [3]], (x, y) => x.clone().copy_(y)),
    call([[2, 3], [2]], (x, y) => {
      const base = x.mul(2);
      base.select(1, 1).copy_(y);
      return base.mul(base);
    }),
  ],
  transpose: [call([[2, 3, 2]], (x) => x.transpose(0, -1))],
  t: [call([[2, 3]], (x) => x.t()), call([[3]], (x) => x.t())],
  permute: [call([[2, 3, 2]], (x) => x.permute([2, 0, 1]))],
  alias: [
    call([[2, 3]], (x) => x.at("...")),
    call([[]], (x) => x.movedim(0, 0)),
  ],
  slice: [
    call([[4, 3]], (x) => x.narrow(0, 1, 2)),
    call([[4, 3]], (x) => x.narrow(-1, 0, 0)),
  ],
  select: [
    call([[4, 3]], (x) => x.select(0, 2)),
    call([[4, 3]], (x) => x.select(1, -1)),
  ],
  unfold: [
    call([[7]], (x) => x.unfold(0, 3, 2)),
    call([[2, 5]], (x) => x.unfold(1, 2, 1)),
    call([[2, 5]], (x) => x.unfold(1, 2, 3)),
  ],
  asStrided: [
    call([[4]], (x) => x.contiguous().asStrided([2, 2], [1, 1])),
    call([[2, 3]], (x) => x.contiguous().asStrided([2], [2], 1)),
    // What is left of a view once its base was changed in place.
    call([[6]], (x) => {
      const base = x.mul(2);
      const view = base.narrow(0, 1, 3);
      base.mul_(3);
      return view;
    }),
    // And of a base once its view was changed in place.
    call([[6], [3]], (x, y) => {
      const base = x.mul(2);
      base.narrow(0, 1, 3).mul_(y);
      return base.mul(base);
    }),
  ],
  flip: [call([[2, 3]], (x) => x.flip([0, 1])), call([[3]], (x) => x.flip(0))],
  roll: [
    call([[2, 3]], (x) => x.roll(1)),
    call([[2, 3]], (x) => x.roll([1, -2], [0, 1])),
  ],
  rot90: [
    call([[2, 3]], (x) => x.rot90()),
    call([[2, 3]], (x) => x.rot90(-1, [1, 0])),
  ],
  unsafeView: [
    call([[2, 2, 3], [3, 2]], (x, y) => dg.matmul(x, y)),
  ],
  toCopy: [
    call([[3]], (x) => x.to("bfloat16").to("float32").mul(0).add(x)),
  ],
  cat: [
    call([[2, 3], [1, 3]], (x, y) => dg.cat([x, y, x], 0)),
    call([[2, 3], [2, 1]], (x, y) => dg.cat([x, y], -1)),
  ],
  stack: [
    call([[2, 3], [2, 3]], (x, y) => dg.stack([x, y, x], 1)),
  ],
  where: [
    call([[2, 3], [3]], (x, y) => dg.where(mask([1, 0, 1]), x, y)),
    call([[2, 1], []], (x, y) => dg.where(mask([1, 0, 1]), x, y)),
  ],
  ldexp: [call([[2, 3], [3]], (x, y) => dg.ldexp(x, y))],
  split: [
    call([[5, 2]], (x) => x.split(2)),
    call([[2, 5]], (x) => x.split([1, 4], 1)),
    call([[5]], (x) => x.chunk(2)[1]!),
  ],
  unbind: [
    call([[3, 2]], (x) => x.unbind()),
    call([[3, 2]], (x) => x.unbind(1).slice(1)),
  ],
  repeat: [
    call([[2, 3]], (x) => x.repeat([2, 1, 3])),
    call([[2]], (x) => x.repeat([0])),
  ],
  diagonal: [
    call([[3, 4]], (x) => x.diagonal()),
    call([[2, 3, 3]], (x) => x.diagonal({ offset: -1, dim1: 1, dim2: 2 })),
  ],
  diagEmbed: [call([[2, 3]], (x) => x.diagEmbed())],
  diag: [
    call([[3, 3]], (x) => x.diag()),
    call([[3]], (x) => x.diag({ diagonal: 1 })),
  ],
  tril: [call([[3, 4]], (x) => x.tril({ diagonal: 1 }))],
  triu: [call([[3, 4]], (x) => x.triu())],
};
