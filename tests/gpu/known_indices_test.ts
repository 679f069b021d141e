// Indices that were found to be in range are not read again, as long as nothing
// about them changed. Indices of a type that is none are refused.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { Staging } from "../../src/gpu/staging.ts";
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

/** How often the host waits for the GPU while something runs. */
function readsDuring(run: () => unknown): number {
  const { readSync } = Staging.prototype;
  let reads = 0;
  Staging.prototype.readSync = function (stretches) {
    reads++;
    return readSync.call(this, stretches);
  };
  try {
    run();
  } finally {
    Staging.prototype.readSync = readSync;
  }
  return reads;
}

gpuTest("positions that an op found are not looked at again", (gpu) => {
  const x = dg.randn([4, 6], { device: gpu, requiresGrad: true });
  const image = dg.randn([1, 2, 6, 6], { device: gpu, requiresGrad: true });
  const grid = dg.rand([1, 3, 3, 2], { device: gpu, requiresGrad: true });
  const F = dg.nn.functional;
  const ops: (() => dg.Tensor)[] = [
    () => x.sort(0).values,
    () => x.sort(1, { descending: true }).values,
    () => x.topk(2, 0).values,
    () => x.max(1).values,
    () => x.min(0, { keepdim: true }).values,
    () => x.cummax(0).values,
    () => x.cummin(1).values,
    () => x.kthvalue(2, 1).values,
    () => x.mode(0).values,
    () => x.max(),
    () => x.min(),
    () => x.gather(1, x.argmax(1, { keepdim: true })),
    () => x.indexSelect(0, x.detach().sum(1).argsort()),
    () => F.maxPool2d(image, 2),
    () => F.gridSample(image, grid, { alignCorners: true }),
    () => F.gridSample(image, grid, { mode: "bicubic", paddingMode: "border" }),
    () => F.gridSample(image, grid, { mode: "nearest" }),
  ];
  for (const op of ops) {
    const reads = readsDuring(() => {
      op().sum().backward();
    });
    assertEquals(reads, 0, String(op));
  }
  // How many there are is not known before.
  assertEquals(readsDuring(() => x.detach().at(x.detach().gt(0))), 1);
  assertEquals(readsDuring(() => x.detach().maskedSelect(x.gt(0))), 1);
});

gpuTest("losses look at their targets once", (gpu) => {
  const F = dg.nn.functional;
  const logits = dg.randn([3, 4], { device: gpu, requiresGrad: true });
  const shares = dg.rand([3, 4], { device: gpu });
  const classes = (list: number[]) =>
    dg.tensor(list, { device: gpu, dtype: "int32" });
  const losses: [number, () => dg.Tensor][] = [
    [1, () => F.crossEntropy(logits, classes([0, 3, 1]))],
    // Which is the first that is no class, what it is, and all others.
    [3, () => F.crossEntropy(logits, classes([0, -100, 1]))],
    [1, () => F.crossEntropy(logits, classes([0, 3, 1]), { ignoreIndex: 3 })],
    [1, () => F.nllLoss(logits, classes([0, 3, 1]))],
    [1, () => F.binaryCrossEntropy(logits.sigmoid(), shares)],
    [0, () => F.binaryCrossEntropyWithLogits(logits, shares)],
  ];
  for (const [reads, loss] of losses) {
    assertEquals(readsDuring(() => loss().backward()), reads, String(loss));
  }
  assertThrows(
    () => F.binaryCrossEntropy(shares, shares.add(1)),
    dg.RuntimeError,
    "all elements of target should be between 0 and 1",
  );
  assertThrows(
    () => F.binaryCrossEntropy(shares.mul(NaN), shares),
    dg.RuntimeError,
    "all elements of input should be between 0 and 1",
  );
});

gpuTest("positions that an op found are looked at once they changed", (gpu) => {
  const x = dg.tensor([3, 1, 2], { device: gpu });
  const { indices } = x.sort();
  assertEquals(x.at(indices).tolist(), [1, 2, 3]);
  assertEquals(x.at(indices.flip([0])).tolist(), [3, 2, 1]);
  assertEquals(x.at(indices.unsqueeze(0).expand([2, 3])).tolist(), [
    [1, 2, 3],
    [1, 2, 3],
  ]);
  assertEquals(x.at(indices.at("::2")).tolist(), [1, 3]);
  assertRefused(() => x.at(":2").at(indices));
  indices.add_(1);
  assertRefused(() => x.at(indices));
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

gpuTest("targets that are not contiguous are read as they lie", (gpu) => {
  const F = dg.nn.functional;
  const x = dg.randn([6, 4, 5], { device: gpu });
  const turned = dg.randint(4, [5, 6]).to(gpu).t();
  const one = dg.randint(4, [1, 5]).to(gpu).expand([6, 5]);
  for (const target of [turned, one]) {
    for (const loss of [F.crossEntropy, F.nllLoss]) {
      const losses = (y: dg.Tensor) => loss(x, y, { reduction: "none" });
      const expected = losses(target.contiguous()).tolist();
      assertEquals(losses(target).tolist(), expected);
    }
  }
});

countGpuTests("known indices");
