// Memory on the GPU comes back by itself, by hand and by emptyCache(), and
// memory() tells the truth about it. Deno's sanitizers do not see buffers, so
// they are counted here.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const MIB = 2 ** 20;

function buffers(): { storage: number; staging: number; bindGroups: number } {
  return dg.doctor().webgpu!.buffers;
}

/** What tests/gpu/leak.ts prints at a look. */
interface Look {
  readonly storage: number;
  readonly staging: number;
  readonly bindGroups: number;
  readonly resident: number;
}

gpuTest(
  "a synchronous loop holds a flat count of buffers and a flat resident size",
  async () => {
    const script = new URL("./leak.ts", import.meta.url).href;
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", script, "4000"],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    assertEquals(code, 0, text.decode(stderr));
    const looks = text.decode(stdout).trim().split("\n")
      .map((line) => JSON.parse(line) as Look);
    assertEquals(looks.length, 10);
    const middle = looks[4]!;
    const last = looks[9]!;
    const told = JSON.stringify(looks);
    // The pool is as large as what is made between two sweeps, and stays so: V8
    // marks all objects once or twice by then, and what is handed out meanwhile
    // outlives some sweeps. Before the next ones less is handed out, at least a
    // quarter as much.
    assert(last.storage <= middle.storage * 1.3, told);
    assert(last.storage * 2 ** 17 < 160 * MIB, told);
    assert(last.staging <= 4, told);
    assert(last.bindGroups <= 8192, told);
    assert(last.resident <= middle.resident + 32, told);
  },
);

gpuTest(
  "memory() counts what lives, once per piece of memory, and its peak",
  (gpu) => {
    const before = dg.memory().webgpu!;
    const x = dg.zeros([256, 1024], { device: gpu });
    const views = [x.t(), x.view([-1]), x.data, x.detach()];
    const y = x.add(1);
    const during = dg.memory().webgpu!;
    assertEquals(during.liveStorages - before.liveStorages, 2);
    assertEquals(during.liveBytes - before.liveBytes, 2 * MIB);
    assert(during.reservedBytes >= during.liveBytes);
    assert(during.peakBytes >= during.liveBytes);
    y.dispose();
    assertEquals(dg.memory().webgpu!.liveBytes - before.liveBytes, MIB);
    // Another name keeps the memory alive.
    x.dispose();
    assertEquals(dg.memory().webgpu!.liveBytes - before.liveBytes, MIB);
    assertEquals(views[2]!.sum().item(), 0);
  },
);

gpuTest("memory() of the CPU does not count what lies on the GPU", (gpu) => {
  const before = dg.memory().cpu.liveBytes;
  const x = dg.zeros([1024, 1024], { device: gpu });
  assert(dg.memory().cpu.liveBytes - before < MIB);
  assertEquals(x.at(0, 0).item(), 0);
});

gpuTest(
  "emptyCache() gives back every buffer that no tensor lies in",
  (gpu) => {
    dg.emptyCache();
    const before = buffers();
    const reserved = dg.memory().webgpu!.reservedBytes;
    const make = () => {
      const x = dg.ones([3 * 2 ** 16], { device: gpu });
      const y = dg.ones([2 ** 17], { device: gpu });
      return x.sum().item() + y.mul(2).cumsum(0).at(-1).item() +
        Number(
          dg.randn([100_000], { device: gpu }).sort().values.isnan().any()
            .item(),
        );
    };
    make();
    assert(buffers().storage > before.storage);
    assert(buffers().bindGroups > 0);
    const kept = dg.ones([2 ** 16], { device: gpu });
    dg.emptyCache();
    const after = buffers();
    assertEquals(after.storage, before.storage + 1);
    assertEquals(after.staging, 0);
    assertEquals(after.bindGroups, 0);
    assertEquals(dg.memory().webgpu!.reservedBytes, reserved + 2 ** 18);
    // What was recorded before is done, and all goes on.
    assertEquals(kept.sum().item(), 2 ** 16);
    make();
  },
);

gpuTest(
  "emptyCache() between ops that were not yet submitted changes nothing",
  (gpu) => {
    let x = dg.ones([2 ** 16], { device: gpu });
    for (let k = 0; k < 20; k++) {
      x = x.add(1);
      if (k % 5 === 0) dg.emptyCache();
    }
    assertEquals(x.amin().item(), 21);
    assertEquals(x.amax().item(), 21);
  },
);

gpuTest(
  "scope() and dispose() give buffers back at once, and refuse what was freed",
  (gpu) => {
    const w = dg.ones([2 ** 16], { device: gpu, requiresGrad: true });
    const step = () =>
      dg.scope(() => {
        const loss = w.mul(2).exp().log().sum();
        return dg.autograd.grad(loss, [w])[0]!.sum().item();
      });
    for (let i = 0; i < 3; i++) step();
    const { storage } = buffers();
    for (let i = 0; i < 50; i++) step();
    assertEquals(buffers().storage, storage);
    const x = dg.ones([2 ** 16], { device: gpu });
    const y = x.add(1);
    x.dispose();
    for (const use of [() => x.sum().item(), () => x.add(y), () => y.add(x)]) {
      let message = "";
      try {
        use();
      } catch (error) {
        message = String(error);
      }
      assert(message.includes("disposed"), `${use}: ${message}`);
    }
    assertEquals(y.sum().item(), 2 ** 17);
    const small = dg.ones([3], { device: gpu });
    small.dispose();
    // Its place in the arena goes to the next one, which is not confused with it.
    assertEquals(dg.zeros([3], { device: gpu }).tolist(), [0, 0, 0]);
  },
);

gpuTest(
  "memory that was given back is not overwritten before it was used",
  (gpu) => {
    const x = dg.arange(2 ** 16, { device: gpu });
    const sums: dg.Tensor[] = [];
    for (let k = 0; k < 30; k++) {
      const y = x.mul(k);
      sums.push(y.amax());
      // The next y takes this memory, while the sum is not yet computed.
      y.dispose();
    }
    assertEquals(
      sums.map((sum) => sum.item()),
      sums.map((_, k) => k * (2 ** 16 - 1)),
    );
  },
);

gpuTest("doctor() tells what the GPU is, and prints it", () => {
  const { webgpu } = dg.doctor();
  assert(webgpu !== null && webgpu.adapter.length > 0);
  assertEquals(typeof webgpu.syncRead, "boolean");
  assert(webgpu.limits.maxStorageBufferBindingSize! >= 2 ** 27);
  assert(webgpu.kernels > 0);
  const text = String(dg.doctor());
  assert(text.includes(webgpu.adapter), text);
  assert(/WebGPU reads +(synchronous|asynchronous only)/.test(text), text);
});

countGpuTests("memory");
