// Sums and largest elements of windows: kernels against loops, bit for bit.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { withLimits } from "../conformance/paths.ts";

const F = dg.nn.functional;

/** The same call by kernels and by loops. */
function both(compute: () => dg.Tensor[]): void {
  const typed = () => compute().map((x) => x.typedArray());
  assertEquals(typed(), withLimits({ reduceLeast: Infinity }, typed));
}

/** Numbers with ties, NaN and infinities among them. */
function values(shape: number[], dtype: dg.DType): dg.Tensor {
  const x = dg.randn(shape, { dtype }).mul(3).round();
  const special = dg.tensor([NaN, Infinity, -Infinity], { dtype });
  for (let k = 0; k < 3; k++) {
    const flat = x.reshape(-1);
    for (let i = 5 * k + 3; i < flat.numel(); i += 97) {
      flat.setAt_(i, special.at(k));
    }
  }
  return x;
}

Deno.test("largest elements of windows, by kernels and by loops", () => {
  dg.manualSeed(1);
  for (const dtype of ["float32", "float64"] as const) {
    for (const [height, width] of [[7, 9], [8, 8], [5, 33]] as const) {
      const x = values([3, 4, height, width], dtype);
      for (const stride of [1, 2, 3]) {
        for (const dilation of [1, 2]) {
          both(() => [
            ...F.maxPool2d(x, [3, 2], {
              stride,
              dilation,
              padding: [dilation === 1 ? 1 : 0, 1],
              ceilMode: true,
              returnIndices: true,
            }),
          ]);
        }
      }
      both(() => [...F.maxPool3d(x, 2, { returnIndices: true })]);
      both(() => [...F.adaptiveMaxPool2d(x, [2, 5], { returnIndices: true })]);
      const row = x.reshape([12, height * width]);
      both(() => [...F.maxPool1d(row, 5, { returnIndices: true })]);
    }
  }
});

Deno.test("sums of windows, by kernels and by loops", () => {
  dg.manualSeed(2);
  for (const width of [4, 7, 8, 33]) {
    const x = dg.randn([3, 4, 9, width], { requiresGrad: true });
    const graded = (fn: (x: dg.Tensor) => dg.Tensor) =>
      both(() => {
        const y = fn(x);
        const seed = dg.linspace(1, 2, y.numel()).reshape(y.shape);
        return [y, ...dg.autograd.grad([y], [x], { gradOutputs: [seed] })];
      });
    graded((x) => F.avgPool2d(x, 2));
    graded((x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }));
    graded((x) => F.avgPool3d(x, [2, 3, 2]));
    graded((x) => F.adaptiveAvgPool2d(x, [4, 3]));
    for (const mode of ["nearest", "bilinear", "bicubic"] as const) {
      graded((x) => F.interpolate(x, { scaleFactor: 1.7, mode }));
    }
  }
});
