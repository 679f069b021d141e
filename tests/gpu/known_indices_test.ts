// Indices that were found to be in range are not read again, as long as nothing
// about them changed. Indices of a type that is none are refused.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const RANGE = /out of (range|bounds)/;

function assertRefused(call: () => dg.Tensor): void {
  const error = assertThrows(call, Error);
  assertEquals(RANGE.test(error.message), true, error.message);
}

function setting(gpu: dg.Device): [dg.Tensor, dg.Tensor] {
  const x = dg.arange(10, { device: gpu });
  const index = dg.tensor([9n, 0n, 3n], { device: gpu });
  assertEquals(x.at(index).tolist(), [9, 0, 3]);
  return [x, index];
}

gpuTest("indices are read once", (gpu) => {
  const [x, index] = setting(gpu);
  const kernels = (index: dg.Tensor) =>
    dg.explain(() => x.at(index)).rows
      .filter(({ op }) => op === "foldIndex").map(({ path }) => path);
  // There is nothing to look for, and nothing to change.
  assertEquals(kernels(index), []);
  index.add_(0);
  assertEquals(kernels(index), ["fold, reduce"]);
  assertEquals(kernels(index), []);
  // Negative ones are counted from the end each time.
  const negative = dg.tensor([-1n, 2n], { device: gpu });
  assertEquals(kernels(negative), ["fold, reduce"]);
  assertEquals(kernels(negative), ["fold"]);
  assertEquals(x.at(negative).tolist(), [9, 2]);
});

gpuTest(
  "known indices that are written themselves keep their values meanwhile",
  (gpu) => {
    const index = dg.tensor([2n, 0n, 1n], { device: gpu });
    const x = dg.arange(3, { device: gpu });
    assertEquals(x.at(index).tolist(), [2, 0, 1]);
    index.scatter_(0, index, dg.tensor([7n, 8n, 9n], { device: gpu }));
    assertEquals(index.tolist(), [8, 9, 7]);
  },
);

gpuTest("what changed under another name is read again", (gpu) => {
  const [x, index] = setting(gpu);
  index.data.fill_(10);
  assertRefused(() => x.at(index));
});

gpuTest("a view of checked indices is read where it is another part", (gpu) => {
  const x = dg.arange(10, { device: gpu });
  const index = dg.tensor([1n, 2n, 3n, 40n], { device: gpu });
  assertEquals(x.at(index.at(":3")).tolist(), [1, 2, 3]);
  assertRefused(() => x.at(index.at("1:")));
  assertRefused(() => x.at(index));
});

gpuTest("a smaller dimension is checked again", (gpu) => {
  const [x, index] = setting(gpu);
  assertRefused(() => x.at(":9").at(index));
  assertEquals(dg.arange(12, { device: gpu }).at(index).tolist(), [9, 0, 3]);
});

gpuTest("where negative indices are refused they are looked for", (gpu) => {
  const x = dg.arange(10, { device: gpu });
  const index = dg.tensor([-1n, 0n], { device: gpu });
  assertEquals(x.at(index).tolist(), [9, 0]);
  assertRefused(() => x.gather(0, index));
});

gpuTest(
  "an index of another type is told the type that the device has",
  (gpu) => {
    const there = dg.ones([3, 3], { device: gpu });
    const here = dg.ones([3, 3]);
    for (const [x, type] of [[there, "int32"], [here, "int64"]] as const) {
      const index = dg.tensor([0, 1], { device: x.device });
      const rows = index.unsqueeze(1);
      const calls: (() => unknown)[] = [
        () => x.at(index),
        () => x.indexSelect(0, index),
        () => x.gather(0, rows),
        () => x.take(index),
        () => x.scatterAdd(0, rows, x),
        () => x.indexAdd(0, index, x),
        () => x.indexFill(0, index, 2),
        () => dg.nn.functional.embedding(index, x),
      ];
      for (const call of calls) {
        const error = assertThrows(call, Error, undefined, String(call));
        assertEquals(
          (error as dg.RuntimeError).hint,
          `the index is float32; give it { dtype: "${type}" }`,
          String(call),
        );
      }
    }
  },
);

countGpuTests("known indices");
