// What goes wrong with a GPU is told clearly and at once: no adapter, a lost
// device, types and sizes that it lacks, two devices in one op, no memory left,
// kernels that do not compile.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { FLOAT32 } from "../../src/tensor/dtype.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Replaces a property while something runs. */
async function replacing(
  object: object,
  name: string,
  value: unknown,
  run: () => unknown,
): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true });
  try {
    await run();
  } finally {
    if (own === undefined) {
      delete (object as Record<string, unknown>)[name];
    } else Object.defineProperty(object, name, own);
  }
}

/** What a promise is rejected with. */
async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("without an adapter requestGpu() says what to install", async () => {
  const none = () => Promise.resolve(null);
  await replacing(navigator.gpu, "requestAdapter", none, async () => {
    const error = await failure(dg.requestGpu());
    assert(error instanceof dg.RuntimeError);
    assertEquals(error.message.split("\n")[0], "no WebGPU adapter was found");
    const hint = String(error.hint);
    assert(/driver|Metal|Vulkan/.test(hint), hint);
    const fallback = await failure(
      dg.requestGpu({ forceFallbackAdapter: true }),
    );
    assert(fallback.message.startsWith("no WebGPU adapter in software"));
  });
});

Deno.test("without WebGPU requestGpu() says where there is one", async () => {
  await replacing(navigator, "gpu", undefined, async () => {
    const error = await failure(dg.requestGpu());
    assert(error.message.startsWith("WebGPU is not available here"));
  });
});

/** Every way to use a device that is gone. */
function uses(x: dg.Tensor): (() => unknown)[] {
  return [
    () => x.add(1),
    () => x.add_(1),
    () => x.fill_(2),
    () => x.sum(),
    () => x.matmul(x),
    () => x.sort(),
    () => x.at(dg.tensor([0])),
    () => x.copy_(dg.ones([2, 2])),
    () => x.copy_(dg.ones([2, 2], { dtype: "float64" })),
    () => dg.ones([2, 2], { device: x.device }),
    () => dg.tensor([1, 2], { device: x.device }),
    () => x.tolist(),
    () => x.at(0, 0).item(),
    () => x.to("cpu"),
    () => String(x),
    () => x.mul(2).sum().backward(),
  ];
}

const LOST = /^WebGPU device was lost: /;

for (const noticed of ["by a read", "by its event"]) {
  gpuTest(
    `a lost device fails cleanly in every op, noticed ${noticed}`,
    async () => {
      const gpu = await dg.requestGpu() as GpuDevice;
      const x = dg.ones([2, 2], { device: gpu, requiresGrad: true }).mul(1)
        .detach();
      assertEquals(x.sum().item(), 4);
      const y = x.mul(2);
      gpu.engine.context.device.destroy();
      if (noticed === "by a read") {
        const error = assertThrows(() => y.tolist(), dg.RuntimeError);
        assert(LOST.test(error.message), error.message);
      } else await gpu.engine.context.device.lost;
      for (const use of uses(x)) {
        const error = assertThrows(
          use,
          dg.RuntimeError,
          undefined,
          String(use),
        );
        assert(LOST.test(error.message), `${use}: ${error.message}`);
        assert(String(error.hint).includes("requestGpu()"));
      }
      const read = await failure(x.read());
      assert(LOST.test(read.message), read.message);
      const several = await failure(dg.read([x, y]));
      assert(LOST.test(several.message), several.message);
      // The engine's reports do without it.
      const others = dg.doctor().webgpu;
      assert(others === null || others !== gpu.care.diagnosis());
      dg.emptyCache();
    },
  );
}

gpuTest(
  "float64 and int64 are refused by name, and where values make them",
  (gpu) => {
    const refused = (name: string, make: () => unknown) => {
      const error = assertThrows(
        make,
        dg.RuntimeError,
        undefined,
        String(make),
      );
      assertEquals(
        error.message.split("\n")[0],
        `Cannot convert a WebGPU Tensor to ${name} dtype as the WebGPU framework doesn't support ${name}. Please use ${
          name === "int64" ? "int32" : "float32"
        } instead.`,
      );
    };
    const x = dg.ones([2], { device: gpu });
    refused("float64", () => dg.ones([2], { device: gpu, dtype: "float64" }));
    refused("float64", () => dg.tensor([1], { device: gpu, dtype: "float64" }));
    refused("float64", () => dg.randn([2], { device: gpu, dtype: "float64" }));
    refused("float64", () => dg.arange(3, { device: gpu, dtype: "float64" }));
    refused("float64", () => x.double());
    refused("float64", () => x.sum(null, { dtype: "float64" }));
    refused("float64", () => x.floatPower(2));
    refused("float64", () => dg.ones([2], { dtype: "float64" }).to(gpu));
    refused("int64", () => dg.ones([2], { device: gpu, dtype: "int64" }));
    refused("int64", () => dg.tensor([1], { device: gpu, dtype: "int64" }));
    refused("int64", () => x.to("int64"));
    refused("int64", () => dg.arange(3, { device: gpu, dtype: "int64" }));
  },
);

gpuTest("every op that takes a type refuses those that are not here", (gpu) => {
  const x = dg.arange(6, { dtype: "float32" }).reshape([2, 3]).to(gpu);
  const ops: ((x: dg.Tensor, dtype: dg.DType) => dg.Tensor)[] = [
    (x, dtype) => x.sum(null, { dtype }),
    (x, dtype) => x.sum(1, { dtype, keepdim: true }),
    (x, dtype) => x.prod(null, { dtype }),
    (x, dtype) => x.prod(0, { dtype }),
    (x, dtype) => x.nansum([0, 1], { dtype }),
    (x, dtype) => x.cumsum(0, { dtype }),
    (x, dtype) => x.cumprod(1, { dtype }),
    (x, dtype) => x.softmax(0, { dtype }),
    (x, dtype) => x.logSoftmax(0, { dtype }),
    (x, dtype) => x.to(dtype),
    (x, dtype) => x.to({ dtype, copy: true }),
    (x, dtype) => x.newZeros([2], { dtype }),
    (x, dtype) => x.newFull([2], 1, { dtype }),
    (x, dtype) => dg.onesLike(x, { dtype }),
    (x, dtype) => dg.fullLike(x, 2, { dtype }),
    (x, dtype) => dg.emptyLike(x, { dtype }),
  ];
  const device = gpu;
  const makers: ((dtype: dg.DType) => dg.Tensor)[] = [
    (dtype) => dg.trilIndices(2, 2, { dtype, device }),
    (dtype) => dg.triuIndices(2, 2, { dtype, device }),
    (dtype) => dg.zeros([2], { dtype, device }),
    (dtype) => dg.empty([0], { dtype, device }),
    (dtype) => dg.full([2], 3, { dtype, device }),
    (dtype) => dg.eye(2, { dtype, device }),
    (dtype) => dg.arange(0, 4, { dtype, device }),
    (dtype) => dg.linspace(0, 1, 3, { dtype, device }),
    (dtype) => dg.randint(0, 4, [2], { dtype, device }),
    (dtype) => dg.randperm(4, { dtype, device }),
    (dtype) => dg.asTensor([1], { dtype, device }),
  ];
  for (const dtype of ["int64", "float64"] as const) {
    const refused = (make: () => unknown) =>
      assertThrows(make, dg.RuntimeError, `doesn't support ${dtype}`);
    for (const source of [x, x.to("int32"), x.gt(2)]) {
      for (const op of ops) refused(() => op(source, dtype));
    }
    for (const make of makers) refused(() => make(dtype));
  }
  // What nobody named is int32.
  for (const y of [x.to("int32"), x.gt(2)]) {
    assertEquals(y.sum().dtype, "int32");
    assertEquals(y.prod(0).dtype, "int32");
    assertEquals(y.cumsum(0).dtype, "int32");
  }
  assertEquals(dg.trilIndices(2, 2, { device }).dtype, "int32");
  assertEquals(x.argmax(0).dtype, "int32");
  assertEquals(dg.ones(2).sum(0, { dtype: "int64" }).dtype, "int64");
});

gpuTest("operands on two devices are refused in PyTorch's words", (gpu) => {
  const x = dg.tensor([1, 2, 3], { device: gpu });
  const y = dg.tensor([1, 2, 3]);
  const index = dg.tensor([0, 1, 1], { dtype: "int64" });
  const words =
    /^Expected all tensors to be on the same device, but found at least two devices, (webgpu and cpu|cpu and webgpu)!/;
  const calls: (() => unknown)[] = [
    () => x.add(y),
    () => y.add(x),
    () => x.add_(y),
    () => x.matmul(y),
    () => dg.cat([x, y]),
    () => dg.stack([y, x]),
    () => dg.where(y.gt(1), x, x),
    () => x.lerp(x, y),
    () => x.maskedFill(y.gt(1), 0),
    () => x.gather(0, index),
    () => x.indexSelect(0, index),
    () => x.indexAdd(0, index, x),
    () => x.indexAdd_(0, index, x),
    () => x.scatterAdd(0, index, x),
    () => x.scatterAdd(0, index.int().to(gpu), y),
    () => x.take(index),
    () => x.equal(y),
    () => dg.searchsorted(x, y),
    () => dg.nn.functional.linear(dg.ones([2, 3], { device: gpu }), y),
    () =>
      dg.nn.functional.crossEntropy(x.reshape([1, 3]), index.narrow(0, 0, 1)),
    () => dg.nn.functional.embedding(index, x.reshape([3, 1])),
    () =>
      dg.nn.functional.conv1d(
        x.reshape([1, 1, 3]),
        y.reshape([1, 1, 3]),
      ),
  ];
  for (const call of calls) {
    const error = assertThrows(call, dg.RuntimeError, undefined, String(call));
    assert(words.test(error.message), `${call}: ${error.message}`);
  }
  const error = assertThrows(() => y.at(index.to(gpu)), dg.RuntimeError);
  assert(error.message.startsWith("indices should be either on cpu or"));
});

gpuTest(
  "0-d tensors and indices of the host, and copies, go between devices",
  (gpu) => {
    const x = dg.tensor([1, 2, 3], { device: gpu });
    assertEquals(x.add(dg.tensor(2)).tolist(), [3, 4, 5]);
    assertEquals(dg.tensor(2, { dtype: "float64" }).mul(x).tolist(), [2, 4, 6]);
    assertEquals(x.at(dg.tensor([2, 0], { dtype: "int64" })).tolist(), [3, 1]);
    assertEquals(x.at(dg.tensor([true, false, true])).tolist(), [1, 3]);
    x.setAt_(dg.tensor([0], { dtype: "int64" }), 7);
    assertEquals(x.tolist(), [7, 2, 3]);
    const host = dg.zeros([3], { dtype: "float64" });
    assertEquals(host.copy_(x).tolist(), [7, 2, 3]);
    assertEquals(x.copy_(host.add(1)).tolist(), [8, 3, 4]);
    const leaf = dg.ones([3], { requiresGrad: true });
    dg.zeros([3], { device: gpu }).copy_(leaf).mul(x).sum().backward();
    assertEquals(leaf.grad!.device.type, "cpu");
    assertEquals(leaf.grad!.tolist(), [8, 3, 4]);
  },
);

gpuTest("too many elements are refused before memory is asked for", (gpu) => {
  const error = assertThrows(
    () => dg.empty([2 ** 31], { device: gpu }),
    dg.RuntimeError,
  );
  assert(error.message.startsWith("a WebGPU tensor has at most 2147483647"));
});

gpuTest(
  "out of memory: buffers come back first, then it is told what is alive",
  async (gpu) => {
    const { context, buffers } = (gpu as GpuDevice).engine;
    const { device } = context;
    const none = new GPUOutOfMemoryError("not enough memory left");
    let failures = 0;
    let trims = 0;
    const pop = () => {
      const real = GPUDevice.prototype.popErrorScope.call(device);
      return failures-- > 0 ? Promise.resolve(none) : real;
    };
    const kept = dg.ones([2 ** 20], { device: gpu });
    dg.ones([2 ** 20], { device: gpu }).dispose();
    const waiting = buffers.freeBytes;
    assert(waiting > 0);
    await replacing(device, "popErrorScope", pop, () => {
      // The first try fails, the second one works.
      failures = 1;
      const x = dg.ones([3 * 2 ** 20], { device: gpu });
      assertEquals(buffers.freeBytes, 0);
      trims++;
      assertEquals(x.at(-1).item(), 1);
      const { liveBytes } = dg.memory().webgpu!;
      // Small buffers and those that results are read through are asked for
      // as well.
      const cases: [string, () => unknown][] = [
        ["20.00 MiB", () => dg.empty([5 * 2 ** 20], { device: gpu })],
        ["448.00 KiB", () => dg.empty([7 * 2 ** 14], { device: gpu })],
        ["12.00 MiB", () => x.tolist()],
      ];
      for (const [size, use] of cases) {
        failures = 2;
        const error = assertThrows(use, dg.RuntimeError);
        assertEquals(
          error.message.split("\n")[0],
          `WebGPU out of memory. Tried to allocate ${size}.`,
        );
        assert(
          /^\d+ buffers of tensors that are alive take \d/.test(error.hint!),
        );
      }
      failures = 0;
      // Nothing was lost or leaked.
      assertEquals(dg.memory().webgpu!.liveBytes, liveBytes);
      assertEquals(dg.ones([5 * 2 ** 20], { device: gpu }).at(-1).item(), 1);
    });
    assertEquals(trims, 1);
    assertEquals(kept.at(0).item(), 1);
  },
);

gpuTest(
  "a kernel that does not compile fails where it is launched, once",
  (gpu) => {
    const { engine } = gpu as GpuDevice;
    const x = dg.ones([4], { device: gpu });
    const launch = () =>
      engine.programs.launch(
        "broken",
        [{ name: "out", x, write: true }],
        () => ({ threads: [64, 1, 1], body: "let a: f32 = 1i;" }),
        1,
        1,
      );
    for (let k = 0; k < 2; k++) {
      const error = assertThrows(launch, dg.RuntimeError);
      assert(error.message.startsWith("WebGPU error: "), error.message);
      assert(error.message.includes("i32"), error.message);
    }
    // Nothing else suffers.
    assertEquals(x.add(1).tolist(), [2, 2, 2, 2]);
  },
);

gpuTest(
  "commands that are not valid fail at the next read, and are forgotten",
  (gpu) => {
    const { engine } = gpu as GpuDevice;
    const { storage } = dg.ones([2 ** 16], { device: gpu });
    const [segment] =
      (storage as unknown as { memory: { segments: { buffer: GPUBuffer }[] } })
        .memory.segments;
    const x = dg.ones([4], { device: gpu });
    // A copy of nothing but four bytes, at a place that there is not.
    engine.queue.copy(segment!.buffer, 2 ** 30, segment!.buffer, 0, 4);
    const error = assertThrows(() => x.tolist(), dg.RuntimeError);
    assert(error.message.startsWith("WebGPU error: "), error.message);
    assertEquals(x.info, FLOAT32);
    assertEquals(dg.ones([4], { device: gpu }).tolist(), [1, 1, 1, 1]);
  },
);

gpuTest(
  "what takes matrices apart is refused under the name it was called by",
  (gpu) => {
    const x = dg.eye(2, { device: gpu });
    const { linalg } = dg;
    const calls: [string, () => unknown][] = [
      ["linalg.svdvals", () => linalg.svdvals(x)],
      ["linalg.eig", () => linalg.eig(x)],
      ["linalg.eigvals", () => linalg.eigvals(x)],
      ["linalg.eigvalsh", () => linalg.eigvalsh(x)],
      ["linalg.pinv", () => linalg.pinv(x)],
      ["linalg.matrixRank", () => linalg.matrixRank(x)],
      ["linalg.cond", () => linalg.cond(x)],
      ["linalg.lstsq", () => linalg.lstsq(x, x)],
      ["choleskySolve", () => dg.choleskySolve(x, x)],
      ["choleskyInverse", () => dg.choleskyInverse(x)],
      ["linalg.lu", () => dg.func.vmap(linalg.inv)(x.unsqueeze(0))],
    ];
    for (const [name, fn] of calls) {
      assertThrows(
        fn,
        dg.RuntimeError,
        `The operator '${name}' is not currently implemented for the webgpu device.`,
      );
    }
  },
);

countGpuTests("errors");
