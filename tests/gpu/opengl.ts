// What needs memory of workgroups, on whatever adapter there is, compared with
// the CPU. opengl_test.ts runs it on an adapter that works through OpenGL:
//
//     DENO_WEBGPU_BACKEND=gl deno run tests/gpu/opengl.ts

import * as dg from "@dinograd/dinograd";
import type { GpuDevice } from "../../src/gpu/gpu_device.ts";

const COMPUTE: Readonly<Record<string, (x: dg.Tensor) => dg.Tensor>> = {
  "sort 100": (x) => x.narrow(0, 0, 100).sort().values,
  "sort 600": (x) => x.narrow(0, 0, 600).argsort(0, { stable: true }),
  "sort rows": (x) => x.reshape([5, -1]).sort(1, { descending: true }).values,
  "sort 5000": (x) => x.sort().values,
  topk: (x) => x.topk(700).values,
  median: (x) => x.reshape([4, -1]).median(1).values,
  scatterAdd: (x) =>
    dg.zeros(3, { device: x.device })
      .scatterAdd(0, x.abs().mul(9).int().remainder(3), x.mul(64).round()),
  argmax: (x) => x.argmax(),
  cummax: (x) => x.cummax(0).values,
  // What rounds is rounded.
  sum: (x) => x.sum().round(),
  softmax: (x) => x.reshape([5, -1]).softmax(1).mul(1e4).round(),
  matmul: (x) => {
    const a = x.narrow(0, 0, 2048).mul(4).round().reshape([32, 64]);
    return a.matmul(a.t());
  },
};

if (await navigator.gpu.requestAdapter() === null) {
  console.log("no adapter");
  Deno.exit(0);
}
const gpu = await dg.requestGpu() as GpuDevice;
console.log(`OpenGL: ${gpu.engine.context.abilities.openGl}`);
dg.manualSeed(0);
const x = dg.randn([5000]);
const there = x.to(gpu);
for (const [name, compute] of Object.entries(COMPUTE)) {
  const same = compute(there).to("cpu").to("float32")
    .equal(compute(x).to("float32"));
  console.log(`${name}: ${same ? "as on the CPU" : "wrong"}`);
}
// This adapter has no float16, whichever way a tensor would come to have it.
const half = dg.ones([2], { dtype: "float16" });
for (
  const make of [
    () => dg.ones([2], { device: gpu, dtype: "float16" }),
    () => half.to(gpu),
    () => there.half(),
    () => there.sum(null, { dtype: "float16" }),
  ]
) {
  try {
    make();
    console.log(`float16: ${make} is wrong`);
  } catch (error) {
    const [message] = (error as Error).message.split("\n");
    console.log(`float16: ${message}`);
  }
}
