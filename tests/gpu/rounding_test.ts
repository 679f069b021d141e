// Quotients and square roots where the GPU does not round them correctly: what
// stands in for its own gives the CPU's bits, from whatever result nearby.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { Context } from "../../src/gpu/context.ts";
import { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { CAREFUL } from "../../src/gpu/wgsl_rounding.ts";
import { libraryFor } from "../../src/gpu/library.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** The same GPU, which takes its own quotients and roots for rough ones. */
function rough(gpu: dg.Device): GpuDevice {
  const { device, adapter, abilities } = (gpu as GpuDevice).engine.context;
  const own = { ...abilities, exactRounding: false };
  return new GpuDevice(new Context(device, adapter, own));
}

/** Positive numbers of every size, and what is no number like others. */
function numbers(count: number, seed: number): dg.Tensor {
  const generator = new dg.Generator(seed);
  const size = dg.rand([count], { generator }).mul(80).sub(40).exp2();
  const digits = dg.rand([count], { generator }).add(1);
  const special = dg.tensor([0, Infinity, NaN, 1e-30, 8e37, 1, 3, 7, 49, 6]);
  return dg.cat([size.mul(digits), special]);
}

gpuTest("careful quotients and roots are the CPU's, to the last bit", (gpu) => {
  const device = rough(gpu);
  const a = numbers(100_000, 1);
  const b = numbers(100_000, 2).flip([0]).neg();
  const same = (compute: (x: dg.Tensor, y: dg.Tensor) => dg.Tensor) => {
    const want = compute(a, b);
    const got = compute(a.to(device), b.to(device)).to("cpu");
    assert(
      got.equal(want) || got.isclose(want, {
        rtol: 0,
        atol: 0,
        equalNan: true,
      }).all().item(),
    );
  };
  same((x, y) => x.div(y));
  same((x) => x.sqrt());
  same((x) => x.div(6));
  same((x) => x.reciprocal());
  same((x, y) => x.div(y, { roundingMode: "trunc" }));
  assert(
    device.engine.programs.pipelines.signatures()
      .some(({ code }) => code.includes(CAREFUL.get("divFloat")!)),
    "the careful functions were not used",
  );
});

/** A kernel that refines quotients and roots which are off by so many units. */
const MODULE = (off: number) => {
  const text = `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&a)) { return; }
  let off = bitcast<u32>(${off}i);
  let quotient = bitcast<f32>(bitcast<u32>(exactly(a[id.x] / b[id.x])) + off);
  quotients[id.x] = refinedQuotient(a[id.x], b[id.x], quotient);
  let root = bitcast<f32>(bitcast<u32>(exactly(sqrt(a[id.x]))) + off);
  roots[id.x] = refinedRoot(a[id.x], root);
}`;
  return `
@group(0) @binding(0) var<uniform> words: array<vec4<i32>, 1>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> quotients: array<f32>;
@group(0) @binding(4) var<storage, read_write> roots: array<f32>;
${libraryFor(text)}${text}`;
};

gpuTest("results that are off by two units come right", async (gpu) => {
  const { device } = (gpu as GpuDevice).engine.context;
  const count = 65_536;
  const a = dg.rand([count], { generator: new dg.Generator(3) }).add(1)
    .typedArray() as Float32Array<ArrayBuffer>;
  const b = dg.rand([count], { generator: new dg.Generator(4) }).add(1)
    .typedArray() as Float32Array<ArrayBuffer>;
  const storage = (usage: number) =>
    device.createBuffer({ size: 4 * count, usage });
  const [COPIES, STORAGE, READ] = [0x04 | 0x08, 0x80, 0x01];
  const words = device.createBuffer({ size: 16, usage: 0x40 | 0x08 });
  const [first, second, quotients, roots] = [0, 0, 0, 0].map(() =>
    storage(STORAGE | COPIES)
  ) as [GPUBuffer, GPUBuffer, GPUBuffer, GPUBuffer];
  const back = [0, 0].map(() => storage(READ | 0x08));
  device.queue.writeBuffer(first, 0, a);
  device.queue.writeBuffer(second, 0, b);
  for (const off of [-2, -1, 0, 1, 2]) {
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code: MODULE(off) }) },
    });
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [words, first, second, quotients, roots].map(
        (buffer, binding) => ({ binding, resource: { buffer } }),
      ),
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(count / 64);
    pass.end();
    [quotients, roots].forEach((from, k) =>
      encoder.copyBufferToBuffer(from, 0, back[k]!, 0, 4 * count)
    );
    device.queue.submit([encoder.finish()]);
    const found: Float32Array[] = [];
    for (const buffer of back) {
      await buffer.mapAsync(READ);
      found.push(new Float32Array(buffer.getMappedRange().slice(0)));
      buffer.unmap();
    }
    let wrong = 0;
    for (let i = 0; i < count; i++) {
      if (found[0]![i] !== Math.fround(a[i]! / b[i]!)) wrong++;
      if (found[1]![i] !== Math.fround(Math.sqrt(a[i]!))) wrong++;
    }
    assertEquals(wrong, 0, `from results that are ${off} units off`);
  }
  for (const buffer of [words, first, second, quotients, roots, ...back]) {
    buffer.destroy();
  }
});

countGpuTests("rounding");
