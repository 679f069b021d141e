// Scattering: rows so short that one thread does one, and rows that are sorted,
// in every mode, with many positions that meet.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Shapes of index and source, and the dimension: short rows, many of middling length, long ones. */
const CASES: readonly [number[], number][] = [
  [[5], 0],
  [[64], 0],
  [[65], 0],
  [[3000], 0],
  [[300, 40], 1],
  [[300, 200], 1],
  [[300, 700], 1],
  [[40, 300], 0],
  [[4, 90, 3], 1],
  [[2, 3, 70], 2],
];

const MODES = ["sum", "prod", "amax", "amin"] as const;

for (const mode of MODES) {
  gpuTest(
    `scatterReduce by ${mode} of rows of every length is the CPU's`,
    (gpu) => {
      for (const [shape, dim] of CASES) {
        dg.manualSeed(3);
        const index = dg.randint(0, 7, shape);
        const src = dg.randn(shape).mul(0.1).add(1);
        const size = shape.with(dim, 7);
        const x = dg.randn(size);
        const call = (device: dg.Device) =>
          x.to(device).scatterReduce(
            dim,
            index.to(device),
            src.to(device),
            mode,
          );
        const want = call(dg.cpu);
        const got = call(gpu).cpu();
        const error = +got.sub(want).abs().max();
        const scale = Math.max(1, +want.abs().max());
        assert(error <= 1e-5 * scale, `${shape} along ${dim}: ${error}`);
        assertEquals(call(gpu).cpu().equal(got), true);
      }
    },
  );
}

gpuTest(
  "scatter() lets the last of equal positions win, as on the CPU",
  (gpu) => {
    for (const [shape, dim] of CASES) {
      const index = dg.randint(0, 4, shape);
      const src = dg.randn(shape);
      const x = dg.zeros(shape.with(dim, 5));
      const want = x.scatter(dim, index, src);
      const got = x.to(gpu).scatter(dim, index.to(gpu), src.to(gpu));
      assertEquals(got.cpu().equal(want), true, `${shape} along ${dim}`);
    }
  },
);

gpuTest("transposed and repeated operands are scattered as they lie", (gpu) => {
  const index = dg.randint(0, 5, [90, 6]);
  const src = dg.randn([90, 6]);
  const x = dg.zeros([6, 5]);
  const want = x.scatterAdd(1, index.t(), src.t());
  const got = x.to(gpu).scatterAdd(1, index.to(gpu).t(), src.to(gpu).t()).cpu();
  assert(+got.sub(want).abs().max() < 1e-5);
  const same = dg.randint(0, 5, [1, 6]).expand([90, 6]);
  const y = dg.zeros([90, 5]);
  const all = y.to(gpu).scatterAdd(1, same.to(gpu), src.to(gpu)).cpu();
  assert(+all.sub(y.scatterAdd(1, same, src)).abs().max() < 1e-5);
});

gpuTest(
  "integers are counted and added up at few places, and at many",
  (gpu) => {
    dg.manualSeed(5);
    for (const n of [65, 4096, 4097, 30000]) {
      for (const places of [1, 7, 2048, 2049]) {
        const index = dg.randint(0, places, [n], { dtype: "int64" });
        const there = index.to(gpu);
        const what = `${n} of ${places}`;
        const counts = dg.bincount(index, { minlength: places });
        const found = dg.bincount(there, { minlength: places });
        assertEquals(found.tolist(), counts.tolist(), what);
        const src = dg.randint(-9, 9, [2 * n], { dtype: "int64" }).at("::2");
        const start = dg.arange(places, { dtype: "int64" });
        assertEquals(
          start.to(gpu).scatterAdd(0, there, src.to(gpu)).tolist(),
          start.scatterAdd(0, index, src).tolist(),
          what,
        );
        // A part of a longer vector, from the end of the positions.
        const whole = dg.arange(places + 5, { dtype: "int64" });
        const added = (whole: dg.Tensor, at: dg.Tensor, src: dg.Tensor) => {
          whole.at(`3:${places + 3}`).scatterAdd_(0, at.flip([0]), src);
          return whole.tolist();
        };
        assertEquals(
          added(whole.to(gpu), there, src.to(gpu)),
          added(whole.clone(), index, src),
          what,
        );
      }
      const x = dg.randn([n]);
      const options = { bins: 9, min: -1, max: 2 };
      assertEquals(
        dg.histc(x.to(gpu), options).tolist(),
        dg.histc(x, options).tolist(),
      );
    }
  },
);

gpuTest("more go to one place than an adapter's loops have turns", (gpu) => {
  const n = 130_001;
  const index = dg.zeros([n], { dtype: "int32", device: gpu });
  const ones = dg.ones([n], { device: gpu });
  const zeros = dg.zeros([2], { device: gpu });
  assertEquals(zeros.scatterAdd(0, index, ones).tolist(), [n, 0]);
  const rows = dg.zeros([2, 2], { device: gpu });
  const source = ones.unsqueeze(1).expand([n, 2]);
  assertEquals(rows.indexAdd(0, index, source).tolist(), [[n, n], [0, 0]]);
  const last = dg.arange(n, { device: gpu });
  assertEquals(zeros.scatter(0, index, last).tolist(), [n - 1, 0]);
});

countGpuTests("scattering");
