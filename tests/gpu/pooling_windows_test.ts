// Pooling over windows of which a thread walks a part at a time.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const { functional } = dg.nn;

gpuTest("largest elements of windows of any size and form", (gpu) => {
  // Loops inside of each other are walked in parts, whichever is the long one.
  for (
    const [shape, window] of [
      [[2, 30_001, 1], [30_000, 1]],
      [[1, 1, 70_001], [1, 70_000]],
      [[1, 300, 301], [300, 300]],
      [[1, 2, 300, 301], [2, 300, 300]],
      [[1, 300, 2, 301], [300, 2, 300]],
      [[1, 301, 300, 2], [300, 300, 2]],
    ] as const
  ) {
    const what = `${window} of [${shape}]`;
    dg.manualSeed(3);
    const x = dg.randint(0, 5000, [...shape]).to("float32");
    const pool = (x: dg.Tensor) => {
      const options = { stride: 1, returnIndices: true } as const;
      const [a, b, c] = window as readonly [number, number, number?];
      return c === undefined
        ? functional.maxPool2d(x, [a, b], options)
        : functional.maxPool3d(x, [a, b, c], options);
    };
    const [here, there] = [pool(x), pool(x.to(gpu))];
    assertEquals(there.values.tolist(), here.values.tolist(), what);
    assertEquals(there.indices.tolist(), here.indices.tolist(), what);
  }
});

gpuTest("where no element of a long window wins, its first one does", (gpu) => {
  const x = dg.full([1, 70_000, 1], -Infinity, { device: gpu });
  const options = { returnIndices: true } as const;
  const { values, indices } = functional.maxPool2d(x, [70_000, 1], options);
  assertEquals(values.item(), -Infinity);
  assertEquals(indices.item(), 0);
});

gpuTest("means of long windows, with and without even steps", (gpu) => {
  const x = dg.randint(0, 3, [1, 2, 140_001]).to("float32");
  const y = x.to(gpu);
  for (
    const pool of [
      (x: dg.Tensor) => functional.avgPool1d(x, 139_999, { stride: 1 }),
      (x: dg.Tensor) => functional.adaptiveAvgPool1d(x, 2),
    ]
  ) {
    const off = pool(y).cpu().sub(pool(x)).abs().max().item<number>();
    assertEquals(off < 1e-6, true, `${pool}: ${off}`);
  }
});

countGpuTests("windows of pooling");
