// Calls of products of matrices and vectors.

import * as dg from "@dinograd/dinograd";
import { call, type Calls } from "./call.ts";

const SCALED = { beta: 0.5, alpha: -2 };

/** The calls, by op. */
export const PRODUCT_CALLS: Calls = {
  dot: [call([[3], [3]], (x, y) => dg.dot(x, y))],
  mv: [call([[2, 3], [3]], (x, y) => dg.mv(x, y))],
  mm: [
    call([[2, 3], [3, 2]], (x, y) => dg.mm(x, y)),
    call([[2, 3], [2, 2]], (x, y) => dg.mm(x.t(), y)),
    call([[2, 3]], (x) => dg.mm(x, x.t())),
  ],
  bmm: [call([[2, 2, 3], [2, 3, 1]], (x, y) => dg.bmm(x, y))],
  matmul: [
    call([[2, 2, 3], [3, 2]], (x, y) => dg.matmul(x, y)),
    call([[3], [2, 3, 2]], (x, y) => dg.matmul(x, y)),
    call([[2, 1, 2, 2], [3, 2, 1]], (x, y) => dg.matmul(x, y)),
  ],
  addmm: [
    call([[2], [2, 3], [3, 2]], (x, y, z) => dg.addmm(x, y, z)),
    call([[2, 2], [2, 3], [3, 2]], (x, y, z) => dg.addmm(x, y, z, SCALED)),
  ],
  addmv: [
    call([[2], [2, 3], [3]], (x, y, z) => dg.addmv(x, y, z)),
    call([[], [2, 3], [3]], (x, y, z) => dg.addmv(x, y, z, SCALED)),
  ],
  addr: [
    call([[2, 3], [2], [3]], (x, y, z) => dg.addr(x, y, z)),
    call([[3], [2], [3]], (x, y, z) => dg.addr(x, y, z, SCALED)),
  ],
  baddbmm: [
    call([[2, 2, 2], [2, 2, 1], [2, 1, 2]], (x, y, z) => dg.baddbmm(x, y, z)),
    call(
      [[2], [2, 2, 1], [2, 1, 2]],
      (x, y, z) => dg.baddbmm(x, y, z, SCALED),
    ),
  ],
  addbmm: [
    call([[2, 2], [2, 2, 1], [2, 1, 2]], (x, y, z) => dg.addbmm(x, y, z)),
    call([[2], [2, 2, 1], [2, 1, 2]], (x, y, z) => dg.addbmm(x, y, z, SCALED)),
  ],
  linalgCross: [
    call([[2, 3], [2, 3]], (x, y) => dg.cross(x, y, 1)),
    call([[3, 2], [3, 2]], (x, y) => dg.cross(x, y, 0)),
  ],
  trace: [call([[3, 2]], (x) => dg.trace(x))],
};
