// What one run compiled the next one can compile ahead: lists of kernels go
// through JSON to another device, where the same ops compile nothing, and lists
// that are old, foreign or damaged are told apart.

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Device, KernelSignature } from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const F = dg.nn.functional;

/** Work with kernels of every kind; what it gives does not depend on the device. */
function work(device: Device): number[] {
  const x = dg.arange(2400, { dtype: "float32" }).remainder(5).reshape([40, 60])
    .to(device).requiresGrad_();
  const y = F.relu(x.matmul(x.t())).softmax(1).sum().add(x.cumsum(0).mean());
  y.backward();
  const image = dg.ones([2, 3, 8, 8], { device });
  const z = F.maxPool2d(
    F.conv2d(image, dg.ones([8, 3, 3, 3], { device }), { padding: 1 }),
    2,
  );
  const picked = x.detach().indexSelect(
    0,
    dg.tensor([3, 1], { dtype: "int32" }).to(device),
  );
  const sorted = picked.sort(1).values.argmax(1);
  return [y, x.grad!.sum(), z.sum(), sorted.sum()]
    .map((result) => Math.fround(Number(result.item())));
}

/** Counts what is compiled while something runs, at once and ahead of use. */
async function counting(
  run: () => unknown,
): Promise<{ sync: number; ahead: number }> {
  const { prototype } = GPUDevice;
  const { createComputePipeline: sync, createComputePipelineAsync: ahead } =
    prototype;
  const count = { sync: 0, ahead: 0 };
  prototype.createComputePipeline = function (...given) {
    count.sync++;
    return sync.apply(this, given);
  };
  prototype.createComputePipelineAsync = function (...given) {
    count.ahead++;
    return ahead.apply(this, given);
  };
  try {
    await run();
  } finally {
    prototype.createComputePipeline = sync;
    prototype.createComputePipelineAsync = ahead;
  }
  return count;
}

gpuTest("ops whose kernels were warmed up compile nothing", async () => {
  const first = await dg.requestGpu();
  const fresh = first.signatures().length;
  let want: number[] = [];
  const cold = await counting(() => want = work(first));
  const list = first.signatures();
  assertEquals(cold.sync, list.length - fresh);
  assert(cold.sync > 15, `${cold.sync} kernels`);
  const kept: KernelSignature[] = JSON.parse(JSON.stringify(list));

  const second = await dg.requestGpu();
  let told: dg.WarmedUp | null = null;
  const ahead = await counting(async () => told = await second.warmUp(kept));
  assertEquals(told, { compiled: cold.sync, known: fresh, unsupported: 0 });
  assertEquals(ahead, { sync: 0, ahead: cold.sync });
  let found: number[] = [];
  const warm = await counting(() => found = work(second));
  assertEquals(warm, { sync: 0, ahead: 0 });
  assertEquals(found, want);
  assertEquals(second.signatures().length, list.length);
  assertEquals(dg.doctor().webgpu!.kernels, list.length);

  // All is there now.
  assertEquals(await second.warmUp(kept), {
    compiled: 0,
    known: list.length,
    unsupported: 0,
  });
  assertEquals(await second.warmUp([]), {
    compiled: 0,
    known: 0,
    unsupported: 0,
  });
});

const STORE = `@group(0) @binding(0) var<uniform> words: array<vec4<i32>, 64>;
@group(0) @binding(1) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() { out[0] = words[0].x; }`;

gpuTest("kernels that a GPU cannot run are left out", async () => {
  const gpu = await dg.requestGpu();
  const f16 = dg.doctor().webgpu!.features.includes("shader-f16");
  const told = await gpu.warmUp([
    { name: "of another version", access: "w", code: STORE },
    { name: "too many", access: "r".repeat(10_000), code: STORE },
    { name: "half", access: "w", code: `enable f16;\n${STORE}` },
    { name: "wider", access: "w", code: `// subgroups of 512\n${STORE}` },
  ]);
  assertEquals(told, {
    compiled: f16 ? 2 : 1,
    known: 0,
    unsupported: f16 ? 2 : 3,
  });
  assertEquals(dg.ones([3], { device: gpu }).sum().item(), 3);
});

gpuTest("damaged kernels are told, after all others are ready", async () => {
  const gpu = await dg.requestGpu();
  const sound = { name: "sound", access: "w", code: STORE };
  const bad = [
    { name: "cut", access: "w", code: STORE.slice(0, 150) },
    { name: "headless", access: "w", code: STORE.replace("main", "other") },
    { name: "bound", access: "r", code: STORE },
    { name: "empty", access: "w", code: "" },
  ];
  for (const each of bad) {
    const before = gpu.signatures().length;
    const error = await assertRejects(
      () => gpu.warmUp([each, sound]),
      dg.RuntimeError,
    );
    const says = `signatures[0] (${each.name}) does not compile: `;
    assert(error.message.startsWith(says), error.message);
    assert(error.hint!.includes("1 of 2 kernels do not compile"), error.hint);
    const more = each === bad[0] ? 1 : 0;
    assertEquals(gpu.signatures().length, before + more);
  }
  assertEquals(dg.ones([3], { device: gpu }).sum().item(), 3);
});

gpuTest("what is no list of kernels is refused", async () => {
  const gpu = await dg.requestGpu();
  const refused = async (list: unknown, says: string) => {
    await assertRejects(
      () => gpu.warmUp(list as KernelSignature[]),
      TypeError,
      `warmUp() takes a list that signatures() gave, ${says}`,
    );
  };
  const sound = { name: "sound", access: "w", code: STORE };
  const before = gpu.signatures().length;
  await refused(null, "not null");
  await refused("map 1", 'not "map 1"');
  await refused({ 0: sound }, "not ");
  const at = (k: number) => `and signatures[${k}] is none of its kernels`;
  await refused([null], at(0));
  await refused([sound, "map 1"], at(1));
  await refused([sound, { ...sound, code: 7 }], at(1));
  await refused([{ ...sound, access: "x" }], at(0));
  await refused([{ ...sound, access: "" }], at(0));
  await refused([{ name: "old", key: "map 1" }], at(0));
  // Nothing was compiled, because the list is looked at first.
  assertEquals(gpu.signatures().length, before);
});

countGpuTests("kernels compiled ahead");
