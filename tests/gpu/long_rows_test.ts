// Reductions and scans of every length at which the GPU goes another way: one
// thread per result, a workgroup, and pieces that a second kernel combines.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const LENGTHS = [1, 63, 65, 257, 8193, 20000];

/** What reduces or scans a vector, and by how much results may differ, relative to the largest. */
const CALLS: readonly [string, (x: dg.Tensor) => dg.Tensor, number][] = [
  ["sum", (x) => x.sum(), 2e-6],
  ["mean", (x) => x.mean(), 2e-6],
  ["nansum", (x) => x.nansum(), 2e-6],
  ["prod", (x) => x.mul(0.01).add(1).prod(), 2e-5],
  ["amax", (x) => x.amax(), 0],
  ["amin", (x) => x.amin(), 0],
  ["var", (x) => x.add(3).var(), 1e-5],
  ["std", (x) => x.std(), 1e-5],
  ["norm", (x) => x.norm(), 1e-6],
  ["norm of order 0", (x) => x.relu().norm(undefined, { p: 0 }), 0],
  ["norm of order 1", (x) => x.norm(undefined, { p: 1 }), 1e-6],
  ["norm of order 3", (x) => x.norm(undefined, { p: 3 }), 1e-5],
  ["largest norm", (x) => x.norm(undefined, { p: Infinity }), 0],
  ["smallest norm", (x) => x.norm(undefined, { p: -Infinity }), 0],
  ["logsumexp", (x) => x.logsumexp(0), 1e-6],
  ["countNonzero", (x) => x.relu().countNonzero(), 0],
  ["any", (x) => x.gt(3).any(), 0],
  ["all", (x) => x.gt(-3).all(), 0],
  ["argmax", (x) => x.argmax(), 0],
  ["cumsum", (x) => x.cumsum(0), 2e-6],
  ["cumprod", (x) => x.mul(0.01).add(1).cumprod(0), 2e-5],
  ["cummax", (x) => x.cummax(0).values, 0],
  ["logcumsumexp", (x) => x.logcumsumexp(0), 2e-6],
  ["softmax", (x) => x.softmax(0), 1e-6],
  ["logSoftmax", (x) => x.logSoftmax(0), 1e-6],
  ["sort", (x) => x.sort().values, 0],
  ["median", (x) => x.median(), 0],
];

for (const [name, call, tolerance] of CALLS) {
  gpuTest(`${name} of rows of every length is the CPU's`, (gpu) => {
    for (const n of LENGTHS) {
      if (n === 1 && (name === "var" || name === "std")) continue;
      dg.manualSeed(n);
      const x = dg.randn(n);
      const want = call(x).to("float64");
      const got = call(x.to(gpu)).cpu().to("float64");
      assertEquals(got.shape, want.shape);
      const error = +got.sub(want).abs().max();
      const scale = Math.max(1e-30, +want.abs().max());
      assert(error <= tolerance * scale, `${n}: ${error / scale}`);
    }
  });
}

gpuTest(
  "reductions along either dimension of matrices are the CPU's",
  (gpu) => {
    const x = dg.randn([300, 1100]);
    const y = x.to(gpu);
    for (const dim of [0, 1]) {
      for (
        const call of [
          (t: dg.Tensor) => t.norm(dim),
          (t: dg.Tensor) => t.var(dim),
          (t: dg.Tensor) => t.sum(dim),
          (t: dg.Tensor) => t.t().norm(1 - dim),
        ]
      ) {
        const error = +call(y).cpu().sub(call(x)).abs().max();
        assert(error <= 1e-4, `${call}: ${error}`);
      }
    }
  },
);

gpuTest("rows are right however long, in pieces or step by step", (gpu) => {
  // Mesa's adapter in software gives a thread 65,535 turns of loops.
  const x = dg.ones([1], { device: gpu }).expand([6_000_000]);
  assertEquals(x.softmax(0).sum().item<number>().toFixed(3), "1.000");
  assertEquals(x.logSoftmax(0).amin().item<number>().toFixed(3), "-15.607");
  const y = x.narrow(0, 0, 1_600_000).cumsum(0).cummax(0);
  assertEquals(y.values.select(0, -1).item(), 1_600_000);
  assertEquals(y.indices.select(0, -1).item(), 1_599_999);
  const z = x.narrow(0, 0, 200_000).reshape([1, 1, -1]);
  assertEquals(dg.nn.functional.avgPool1d(z, 199_999, { stride: 1 }).tolist(), [
    [[1, 1]],
  ]);
});

gpuTest("gradients of long rows step by step are the CPU's", (gpu) => {
  for (const name of ["softmax", "logSoftmax"] as const) {
    for (const dtype of ["float32", "bfloat16"] as const) {
      dg.manualSeed(4);
      const x = dg.randn([2, 66_000]).to(dtype);
      const factor = dg.randn([66_000]).to(dtype);
      const run = (device: dg.Device | "cpu") => {
        const leaf = x.to(device).detach().requiresGrad_();
        leaf[name](1).mul(factor.to(device)).sum().backward();
        return leaf.grad!.cpu().to("float64");
      };
      const want = run("cpu");
      const error = +run(gpu).sub(want).abs().max() / +want.abs().max();
      assert(error < (dtype === "float32" ? 1e-6 : 1e-2), `${name}: ${error}`);
    }
  }
});

gpuTest("running extremes in pieces name the last of equals", (gpu) => {
  for (const shape of [[1, 40_000], [3, 8193], [260, 8200]]) {
    const x = dg.randint(0, 500, shape).to("float32");
    x.select(0, 0).narrow(0, 8000, 1).fill_(NaN);
    for (const name of ["cummax", "cummin"] as const) {
      const [here, there] = [x[name](1), x.to(gpu)[name](1)];
      const off = there.indices.cpu().ne(here.indices.to("int32"));
      assertEquals(off.any().item<boolean>(), false, `${name} of [${shape}]`);
      const same = there.values.cpu().isclose(here.values, { equalNan: true });
      assertEquals(same.all().item<boolean>(), true, `${name} of [${shape}]`);
    }
  }
});

gpuTest("rows that end an adapter's loops are refused, or right", (gpu) => {
  const x = dg.ones([1], { device: gpu }).expand([2 ** 24]);
  try {
    const y = dg.nn.functional.layerNorm(x, [2 ** 24]);
    assertEquals(y.abs().amax().item(), 0);
  } catch (error) {
    if (!(error instanceof dg.RuntimeError)) throw error;
    assert(error.message.includes("ends loops after 65535 turns"));
  }
});

countGpuTests("long rows");
