// Calls of pooling.

import * as dg from "@dinograd/dinograd";
import { call, type Calls, indices } from "./call.ts";

const F = dg.nn.functional;
const places = () => indices([[0, 3, 5], [6, 1, 2]]);

/** The calls, by op. */
export const POOLING_CALLS: Calls = {
  maxPool2d: [
    call([[2, 4, 4]], (x) => F.maxPool2d(x, 2)),
    call(
      [[1, 5, 6]],
      (x) => F.maxPool2d(x, [3, 2], { stride: 2, padding: 1, ceilMode: true }),
    ),
    call([[1, 5, 5]], (x) => F.maxPool2d(x, 2, { dilation: 3, stride: 1 })),
    call([[2, 6]], (x) => F.maxPool1d(x, 2)),
  ],
  maxPool3d: [
    call([[1, 2, 3, 4]], (x) => F.maxPool3d(x, 2, { stride: 1 })),
  ],
  adaptiveMaxPool2d: [
    call([[2, 3, 5]], (x) => F.adaptiveMaxPool2d(x, [2, 3])),
    call([[2, 5]], (x) => F.adaptiveMaxPool1d(x, 2)),
  ],
  adaptiveMaxPool3d: [
    call([[1, 2, 3, 3]], (x) => F.adaptiveMaxPool3d(x, 2)),
  ],
  avgPool2d: [
    call([[2, 4, 4]], (x) => F.avgPool2d(x, 2)),
    call(
      [[1, 5, 4]],
      (x) =>
        F.avgPool2d(x, 3, {
          stride: 2,
          padding: 1,
          ceilMode: true,
          countIncludePad: false,
        }),
    ),
    call([[2, 6]], (x) => F.avgPool1d(x, 3, { stride: 1, padding: 1 })),
  ],
  avgPool3d: [
    call([[1, 2, 3, 4]], (x) => F.avgPool3d(x, 2, { divisorOverride: 3 })),
  ],
  adaptiveAvgPool2d: [
    call([[2, 3, 5]], (x) => F.adaptiveAvgPool2d(x, [2, 3])),
    call([[2, 2]], (x) => F.adaptiveAvgPool1d(x, 3)),
  ],
  adaptiveAvgPool3d: [
    call([[1, 2, 3, 3]], (x) => F.adaptiveAvgPool3d(x, 2)),
  ],
  maxUnpool2d: [
    call([[2, 3]], (x) => F.maxUnpool1d(x, places(), 2, { outputSize: [7] })),
  ],
  maxUnpool3d: [
    call(
      [[1, 1, 2, 3]],
      (x) => F.maxUnpool3d(x, places().reshape([1, 1, 2, 3]), 2),
    ),
  ],
};
