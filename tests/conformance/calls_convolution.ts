// Calls of convolutions.

import * as dg from "@dinograd/dinograd";
import { call, type Calls } from "./call.ts";

/** The calls, by op. */
export const CONVOLUTION_CALLS: Calls = {
  convolution: [
    call(
      [[1, 2, 5], [3, 2, 2], [3]],
      (x, w, bias) => dg.conv1d(x, w, { bias, padding: 1, stride: 2 }),
    ),
    call(
      [[2, 4, 3], [2, 2, 3]],
      (x, w) => dg.conv2d(x, w.unsqueeze(0), { padding: "same" }),
    ),
    call(
      [[2, 2, 4, 3], [4, 1, 2, 2]],
      (x, w) =>
        dg.conv2d(x, w, { groups: 2, dilation: [2, 1], padding: [0, 1] }),
    ),
    call([[1, 1, 2, 3, 2], [2, 1, 2, 2, 1]], (x, w) => dg.conv3d(x, w)),
  ],
  convTranspose: [
    call(
      [[1, 2, 3], [2, 2, 2], [2]],
      (x, w, bias) =>
        dg.convTranspose1d(x, w, { bias, stride: 2, outputPadding: 1 }),
    ),
    call(
      [[2, 4, 2, 3], [4, 1, 2, 2]],
      (x, w) =>
        dg.convTranspose2d(x, w, {
          groups: 2,
          dilation: [2, 1],
          padding: [1, 0],
        }),
    ),
    call(
      [[1, 1, 2, 2, 1], [1, 2, 1, 2, 2]],
      (x, w) => dg.convTranspose3d(x, w, { stride: [2, 1, 1] }),
    ),
  ],
  convolutionWeight: [
    // The gradient of a weight, which has this op for a rule.
    call([[2, 2, 5], [2, 3, 3]], (x, g) => {
      const w = dg.zeros([3, 2, 2], { dtype: x.dtype, requiresGrad: true });
      const y = dg.conv1d(x, w, { stride: 2, padding: 1 });
      const options = { gradOutputs: g, createGraph: true };
      return dg.autograd.grad(y, w, options)[0]!;
    }),
  ],
};
