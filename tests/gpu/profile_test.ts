// What a profile tells of a GPU: the same ops, and how long they took there.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import type { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

gpuTest("a profile measures kernels on the GPU", (gpu) => {
  const { timestamps, syncRead } = (gpu as GpuDevice).engine.context.abilities;
  const x = dg.ones([200, 300], { device: gpu });
  const p = dg.profile(() => {
    for (let i = 0; i < 3; i++) x.exp();
    return x.matmul(x.t()).sum().item();
  });
  assertEquals(p.result, 300 * 200 * 200);
  const rows = p.rows.filter(({ device }) => device === "webgpu");
  const of = (op: string) => rows.find((row) => row.op === op)!;
  assertEquals(of("exp").calls, 3);
  for (const op of ["exp", "matmul", "sum"]) {
    const { gpuTime } = of(op);
    assertEquals(gpuTime === null, !(timestamps && syncRead));
    if (gpuTime !== null) assertEquals(gpuTime > 0, true);
  }
});

gpuTest(
  "a profile measures more kernels than the GPU notes at a time",
  (gpu) => {
    const x = dg.ones([3], { device: gpu });
    const p = dg.profile(() => {
      for (let i = 0; i < 5000; i++) x.add_(1);
      return x.tolist();
    });
    assertEquals(p.result, [5001, 5001, 5001]);
    assertEquals(p.rows.find((row) => row.op === "add")!.calls, 5000);
    // Nothing is measured any more.
    assertEquals(x.add(1).tolist(), [5002, 5002, 5002]);
  },
);

countGpuTests("profiles");
