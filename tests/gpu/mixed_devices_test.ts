// Tensors of the CPU and of two GPUs in one op: refused in PyTorch's words by
// whichever op meets them first, gradients included. A single number moves.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Tensor } from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const F = dg.nn.functional;
const WORDS = "Expected all tensors to be on the same device";

/** Ops on a tensor here and a tensor there, both of four numbers. */
const OPS: readonly ((x: Tensor, y: Tensor) => unknown)[] = [
  (x, y) => x.add(y),
  (x, y) => x.add_(y),
  (x, y) => x.lerp(x, y),
  (x, y) => dg.where(x.gt(1), x, y),
  (x, y) => dg.cat([x, y]),
  (x, y) => x.dot(y),
  (x, y) => x.outer(y),
  (x, y) => x.equal(y),
  (x, y) => dg.searchsorted(x, y),
  (x, y) => dg.bucketize(x, y),
  (x, y) => x.scatter(0, x.int().long(), y),
  (x, y) => x.indexAdd(0, x.int().long(), y),
  (x, y) => x.indexPut([x.int().long()], y),
  (x, y) => x.setAt_(x.gt(1), y.narrow(0, 0, 2)),
  (x, y) => x.setAt_(x.int().long(), y),
  (x, y) => x.maskedScatter(x.gt(1), y),
  (x, y) => F.mseLoss(x, y),
  (x, y) => F.linear(x, y.reshape([1, 4])),
  (x, y) => F.layerNorm(x, [4], { weight: y }),
  (x, y) => F.batchNorm(x.reshape([1, 4]), y, y.add(1)),
  (x, y) => F.batchNorm(x.reshape([1, 4]), x, x.add(1), { weight: y }),
  (x, y) => F.instanceNorm(x.reshape([1, 4, 1]).repeat([1, 1, 2]), { bias: y }),
  (x, y) => F.conv1d(x.reshape([1, 1, 4]), y.reshape([1, 1, 4])),
  (x, y) => new dg.nn.Linear(4, 2).to(y.device).call(x),
];

/** The CPU and two GPUs in pairs. */
async function pairs(gpu: dg.Device): Promise<[dg.Device, dg.Device][]> {
  const other = await dg.requestGpu();
  return [[gpu, dg.cpu], [dg.cpu, gpu], [gpu, other], [other, gpu]];
}

gpuTest("tensors of two devices are refused by every op", async (gpu) => {
  for (const [here, there] of await pairs(gpu)) {
    for (const op of OPS) {
      const x = dg.arange(4, { device: here });
      const y = dg.arange(4, { device: there });
      assertThrows(() => op(x, y), dg.RuntimeError, WORDS, String(op));
      assertEquals(x.add(0).tolist(), [0, 1, 2, 3], String(op));
      assertEquals(y.add(0).tolist(), [0, 1, 2, 3], String(op));
    }
  }
});

gpuTest("a single number is stored from any device", async (gpu) => {
  for (const [device, there] of await pairs(gpu)) {
    const two = dg.tensor(2, { device: there });
    for (const at of [[1], [1, 2]]) {
      const index = dg.tensor(at, { device }).int().long();
      const x = dg.zeros([3], { device });
      const want = [0, 2, at.length === 1 ? 0 : 2];
      assertEquals(x.indexPut([index], two).tolist(), want);
      assertEquals(x.setAt_(index, two).tolist(), want);
    }
  }
  const index = dg.tensor([1], { dtype: "int32", device: gpu });
  const x = dg.zeros([3], { device: gpu });
  assertEquals(x.indexFill(0, index, dg.tensor(2)).tolist(), [0, 2, 0]);
});

gpuTest("gradients of another device are refused", async (gpu) => {
  for (const [device, there] of await pairs(gpu)) {
    const x = dg.ones([3], { device, requiresGrad: true });
    const g = dg.ones([3], { device: there });
    const words = `expected device ${device} but got ${there}`;
    const refused = (run: () => unknown, message: string) =>
      assertThrows(run, dg.RuntimeError, message);
    refused(
      () => x.mul(2).backward(g),
      `invalid gradient at index 0 - ${words}`,
    );
    refused(() => x.backward(g), words);
    refused(
      () => dg.autograd.grad([x.mul(2)], [x], { gradOutputs: [g] }),
      words,
    );
    class Stray extends dg.autograd.Function {
      static forward(_: unknown, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(): Tensor {
        return g;
      }
    }
    refused(
      () => Stray.apply(x).sum().backward(),
      `Function StrayBackward returned an invalid gradient at index 0 - ${words}`,
    );
    const hooked = x.mul(2);
    hooked.registerHook(() => g);
    refused(() => hooked.sum().backward(), "has changed the type of value");
    assertEquals(x.grad, null);
  }
});

gpuTest("the gradient of a 0-d tensor comes home", async (gpu) => {
  for (const [device, home] of await pairs(gpu)) {
    const x = dg.arange(4, { device });
    const p = dg.tensor(3, { device: home, requiresGrad: true });
    const uses: (() => Tensor)[] = [
      () => x.clone().setAt_(x.gt(1), p),
      () => p.to(device).mul(x),
    ];
    if (home === dg.cpu) {
      uses.push(
        () => x.mul(p),
        () => dg.where(x.gt(1), p, x),
        () => x.clone().fill_(p),
        () => dg.stack([x.select(0, 1), p]),
      );
    }
    for (const use of uses) {
      p.grad = null;
      use().sum().backward();
      assert(p.grad !== null);
      assertEquals((p.grad as Tensor).device, home, String(use));
      const [g] = dg.autograd.grad([use().sum()], [p]);
      assertEquals(g!.device, home, String(use));
    }
    // As does the one that is given for a single number.
    p.grad = null;
    p.mul(2).backward(dg.tensor(1, { device }));
    assertEquals((p.grad as unknown as Tensor).device, home);
  }
});

countGpuTests("mixed devices");
