// Naming, printing and changing devices: what is made where, what moves there
// and back, and that random numbers are the same everywhere.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest, onGpu } from "./gpu_test_case.ts";

/** What makes tensors, on whatever device is the default one. */
const MAKERS: Readonly<Record<string, () => dg.Tensor>> = {
  tensor: () => dg.tensor([[1, 2], [3, 4]]),
  booleans: () => dg.tensor([true, false]),
  bigints: () => dg.tensor([1n, -2n]),
  asTensor: () => dg.asTensor([1, 2]),
  fromTypedArray: () => dg.fromTypedArray(new Float32Array([1, 2]), [2]),
  zeros: () => dg.zeros([2, 3]),
  ones: () => dg.ones([2, 3]),
  full: () => dg.full([2, 3], 7),
  eye: () => dg.eye(3),
  arange: () => dg.arange(1, 8, 2),
  linspace: () => dg.linspace(-1, 1, 9),
  logspace: () => dg.logspace(0, 2, 5),
  zerosLike: () => dg.zerosLike(dg.ones(2)),
  onesLike: () => dg.onesLike(dg.zeros(2)),
  fullLike: () => dg.fullLike(dg.ones(2), 3),
  newFull: () => dg.ones(2).newFull([3], 2),
  newTensor: () => dg.ones(2).newTensor([3]),
  tril: () => dg.tril(dg.ones([3, 3])),
  trilIndices: () => dg.trilIndices(3, 3),
  diag: () => dg.diag(dg.arange(3)),
  meshgrid: () => dg.meshgrid([dg.arange(3), dg.arange(2)])[0]!,
  cartesianProd: () => dg.cartesianProd([dg.arange(3), dg.arange(2)]),
  combinations: () => dg.combinations(dg.arange(4)),
  vander: () => dg.vander(dg.arange(3)),
  oneHot: () => dg.oneHot(dg.tensor([0n, 2n])),
  rand: () => dg.rand(40),
  randn: () => dg.randn([5, 7]),
  randint: () => dg.randint(0, 100, [9]),
  randperm: () => dg.randperm(20),
  normal: () => dg.normal(0, 1, [5]),
  bernoulli: () => dg.bernoulli(dg.full(20, 0.3)),
  multinomial: () => dg.multinomial(dg.ones(9), 4),
  randLike: () => dg.randLike(dg.ones(3)),
  randnLike: () => dg.randnLike(dg.ones(3)),
  uniform: () => dg.empty(9).uniform_({ from: -1, to: 1 }),
  normalInPlace: () => dg.empty(20).normal_({ mean: 3 }),
  exponential: () => dg.empty(9).exponential_(),
  geometric: () => dg.empty(9).geometric_(0.4),
  cauchy: () => dg.empty(9).cauchy_(),
  logNormal: () => dg.empty(9).logNormal_(),
  bernoulliInPlace: () => dg.empty(9).bernoulli_(0.5),
  dropout: () => dg.nn.functional.dropout(dg.ones(30)),
};

for (const [name, make] of Object.entries(MAKERS)) {
  gpuTest(`${name} on the default device is the CPU's`, async (gpu) => {
    dg.manualSeed(5);
    const want = make();
    await onGpu(gpu, () => {
      dg.manualSeed(5);
      const got = make();
      assertEquals(got.device, gpu);
      const long = want.dtype === "int64";
      assertEquals(got.dtype, long ? "int32" : want.dtype);
      assertEquals(got.tolist(), want.tolist());
    });
  });
}

gpuTest(
  "a generator gives the same numbers on every device, in turn",
  (gpu) => {
    const [ours, theirs] = [new dg.Generator(9), new dg.Generator(9)];
    for (const device of [gpu, dg.cpu, gpu]) {
      const want = dg.randn(33, { generator: ours });
      const got = dg.randn(33, { generator: theirs, device });
      assertEquals(got.tolist(), want.tolist());
    }
  },
);

gpuTest(
  "to() moves there and back; nothing happens where nothing changes",
  (gpu) => {
    const x = dg.randn([3, 4]);
    for (const named of [gpu, "webgpu", { device: gpu }, x.to(gpu)] as const) {
      const y = x.to(named);
      assertEquals(y.device, gpu);
      assertEquals(y.cpu().tolist(), x.tolist());
    }
    const y = x.to(gpu);
    assertEquals(y.to(gpu) === y, true);
    assertEquals(x.cpu() === x, true);
    assertEquals(y.to({ device: gpu, copy: true }) === y, false);
    assertEquals(y.t().to("cpu").tolist(), x.t().tolist());
    assertEquals(y.to({ device: "cpu", dtype: "float64" }).dtype, "float64");
  },
);

gpuTest("gradients find their way over devices", (gpu) => {
  const x = dg.ones(3, { requiresGrad: true });
  x.to(gpu).mul(dg.tensor([1, 2, 3], { device: gpu })).sum().cpu().backward();
  assertEquals(x.grad!.device, dg.cpu);
  assertEquals(x.grad!.tolist(), [1, 2, 3]);
});

gpuTest("int64 becomes int32 where no type is named, if it fits", (gpu) => {
  const x = dg.tensor([1n, -5n]);
  assertEquals([x.dtype, x.to(gpu).dtype], ["int64", "int32"]);
  assertEquals(x.to(gpu).tolist(), [1, -5]);
  assertEquals(dg.tensor([3, 4], { device: gpu }).long().dtype, "int32");
  assertEquals(dg.tensor([], { dtype: "int64" }).to(gpu).dtype, "int32");
  for (
    const make of [
      () => dg.tensor([2n ** 40n]).to(gpu),
      () => dg.tensor([-(2n ** 31n) - 1n]).to(gpu),
      () => dg.tensor([2n ** 40n], { device: gpu }),
    ]
  ) {
    assertThrows(
      make,
      dg.RuntimeError,
      "value cannot be converted to type int32 without overflow",
    );
  }
});

gpuTest("int64 and float64 that are asked for by name are refused", (gpu) => {
  const x = dg.ones(2, { device: gpu });
  for (const dtype of ["int64", "float64"] as const) {
    for (
      const make of [
        () => dg.ones(2, { dtype, device: gpu }),
        () => dg.tensor([1], { dtype, device: gpu }),
        () => dg.zerosLike(x, { dtype }),
        () => x.to(dtype),
        () => dg.ones(2, { dtype }).to({ dtype, device: gpu }),
      ]
    ) {
      assertThrows(make, dg.RuntimeError, `doesn't support ${dtype}`);
    }
  }
  assertThrows(
    () => dg.ones(2, { dtype: "float64" }).to(gpu),
    dg.RuntimeError,
    "doesn't support float64",
  );
  assertThrows(
    () => x.sum(0, { dtype: "float64" }),
    dg.RuntimeError,
    "doesn't support float64",
  );
});

gpuTest(
  "a tensor shows its device where that is not the default one",
  async (gpu) => {
    const [here, there] = [dg.ones(2), dg.ones(2, { device: gpu })];
    assertEquals(String(here), "tensor([1., 1.])");
    assertEquals(String(there), "tensor([1., 1.], device='webgpu')");
    await onGpu(gpu, () => {
      assertEquals(String(here), "tensor([1., 1.], device='cpu')");
      assertEquals(String(there), "tensor([1., 1.])");
      assertEquals(`${there.sum()}`, "2");
    });
    assertEquals([`${here.device}`, `${there.device}`], ["cpu", "webgpu"]);
    assertEquals(Deno.inspect(there.device), "webgpu");
  },
);

gpuTest(
  "a device has one name and stays the default until it is changed",
  async (gpu) => {
    await onGpu(gpu, () => {
      assertEquals(dg.getDefaultDevice(), gpu);
      assertEquals(dg.ones(1, { device: "cpu" }).device, dg.cpu);
    });
    assertEquals(dg.getDefaultDevice(), dg.cpu);
    dg.setDefaultDevice("webgpu");
    assertEquals(dg.getDefaultDevice() === dg.cpu, false);
    dg.setDefaultDevice("cpu");
  },
);

gpuTest(
  "operands on two devices are refused, plain numbers and 0-d tensors are not",
  (gpu) => {
    const [here, there] = [dg.ones([2, 2]), dg.ones([2, 2], { device: gpu })];
    for (
      const call of [
        () => there.add(here),
        () => here.matmul(there),
        () => dg.cat([here, there]),
        () => dg.where(there.gt(0), here, there),
        () => there.add_(here),
      ]
    ) {
      assertThrows(
        call,
        dg.RuntimeError,
        "Expected all tensors to be on the same device",
      );
    }
    assertEquals(there.add(1).sum().item(), 8);
    assertEquals(there.mul(dg.tensor(3)).device, gpu);
    assertEquals(there.copy_(dg.zeros([2, 2])).sum().item(), 0);
  },
);

gpuTest("data may be put on another device, as modules do", (gpu) => {
  const w = dg.ones([2, 2], { requiresGrad: true });
  w.data = w.data.to(gpu);
  assertEquals([w.device, w.requiresGrad, w.isLeaf], [gpu, true, true]);
  w.mul(2).sum().backward();
  assertEquals(w.grad!.device, gpu);
  assertEquals(w.grad!.tolist(), [[2, 2], [2, 2]]);
});

gpuTest(
  "names of devices and options that do not exist are refused",
  async () => {
    for (const name of ["cuda", "gpu", "webgpu:0"]) {
      assertThrows(
        () => dg.ones(1, { device: name as "webgpu" }),
        dg.RuntimeError,
        "Expected one of cpu device type at start of device string",
      );
    }
    await assertRejects(
      () => dg.requestGpu({ power: "high" } as dg.GpuOptions),
      TypeError,
      "power",
    );
  },
);

gpuTest(
  "read() waits without blocking, several tensors at the cost of one",
  async (gpu) => {
    const x = dg.arange(5, { device: gpu });
    assertEquals(Array.from(await x.read() as Float32Array), [0, 1, 2, 3, 4]);
    const [a, b] = await dg.read([x.mul(2), dg.ones(2)]);
    assertEquals(Array.from(a as Float32Array), [0, 2, 4, 6, 8]);
    assertEquals(Array.from(b as Float32Array), [1, 1]);
  },
);

countGpuTests("devices");
