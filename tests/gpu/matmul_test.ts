// Matrix products on the GPU against the CPU: every layout of both operands,
// every tiling, vectors, pieces, batches and what is added.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** The ways a matrix may lie: dense, transposed, a part of a larger one, every other element. */
const LAYOUTS: Record<string, (m: number, n: number) => dg.Tensor> = {
  dense: (m, n) => dg.randn([m, n]),
  transposed: (m, n) => dg.randn([n, m]).t(),
  part: (m, n) => dg.randn([m + 1, n + 3]).narrow(0, 1, m).narrow(1, 3, n),
  strided: (m, n) => dg.randn([m, n, 2]).select(2, 1),
  repeated: (m, n) => dg.randn([1, n]).expand([m, n]),
};

/** Copies the memory below, so that the layout is the same on the GPU. */
function moved(x: dg.Tensor, gpu: dg.Device): dg.Tensor {
  const length = x.storageOffset() +
    x.shape.reduce((sum, n, d) => sum + (n - 1) * x.strides[d]!, 1);
  const below = x.asStrided([length], [1], 0).contiguous().to(gpu);
  return below.asStrided(x.shape, x.strides, x.storageOffset());
}

/** Sums of k products, each below 20 or so, in float32. */
function assertNear(there: dg.Tensor, here: dg.Tensor, k: number): void {
  assertEquals(there.shape, here.shape);
  const off = there.to("cpu").sub(here).abs().max().item() as number;
  const bound = 4e-6 * Math.sqrt(k) * 8 + 1e-5;
  if (!(off <= bound)) throw new Error(`${off} off, ${bound} allowed`);
}

const SIZES: readonly (readonly [number, number, number])[] = [
  [5, 7, 3],
  [32, 16, 64],
  [160, 136, 200],
  [2, 5000, 3],
];

for (const [m, k, n] of SIZES) {
  gpuTest(`products of every layout, ${m}x${k}x${n}`, (gpu) => {
    dg.manualSeed(0);
    for (const left of Object.values(LAYOUTS)) {
      for (const right of Object.values(LAYOUTS)) {
        const x = left(m, k);
        const y = right(k, n);
        assertNear(moved(x, gpu).mm(moved(y, gpu)), x.mm(y), k);
      }
    }
  });
}

gpuTest("products large enough for the large tiles", (gpu) => {
  for (const [m, k, n] of [[1300, 33, 1290], [600, 70, 530]] as const) {
    for (const left of [LAYOUTS.dense!, LAYOUTS.transposed!]) {
      for (const right of [LAYOUTS.dense!, LAYOUTS.transposed!]) {
        const x = left(m, k);
        const y = right(k, n);
        assertNear(moved(x, gpu).mm(moved(y, gpu)), x.mm(y), k);
      }
    }
  }
});

gpuTest("products of a matrix and a vector", (gpu) => {
  for (
    const [m, k] of [[3, 5], [300, 128], [64, 9000], [1, 1], [70, 1]] as const
  ) {
    for (const layout of Object.values(LAYOUTS)) {
      const x = layout(m, k);
      const v = dg.randn([k]);
      const w = dg.randn([m, 2]).select(1, 1);
      assertNear(moved(x, gpu).mv(v.to(gpu)), x.mv(v), k);
      assertNear(moved(w, gpu).matmul(moved(x, gpu)), w.matmul(x), m);
      assertNear(v.to(gpu).dot(v.to(gpu)), v.dot(v), k * 4);
    }
  }
});

gpuTest("products of two vectors, one and many", (gpu) => {
  dg.manualSeed(2);
  for (const k of [1, 3, 64, 1000, 5000]) {
    for (const batch of [1, 7, 300]) {
      const x = dg.randint(-4, 5, [batch, 1, k]);
      const y = dg.randint(-4, 5, [batch, k, 1]);
      const want = x.matmul(y).tolist();
      for (const dtype of ["float32", "int32"] as const) {
        const [p, q] = [x.to(gpu).to(dtype), y.to(gpu).to(dtype)];
        const what = `${batch} of ${k}, ${dtype}`;
        assertEquals(p.matmul(q).tolist(), want, what);
        // Neighbours of either lie apart.
        const apart = (z: dg.Tensor) =>
          z.transpose(0, 1).contiguous().transpose(0, 1);
        const turned = (z: dg.Tensor) =>
          z.permute([1, 2, 0]).contiguous().permute([2, 0, 1]);
        assertEquals(apart(p).matmul(apart(q)).tolist(), want, what);
        assertEquals(turned(p).matmul(turned(q)).tolist(), want, what);
        assertEquals(p.matmul(turned(q)).tolist(), want, what);
        assertEquals(turned(p).matmul(q).tolist(), want, what);
      }
      const bias = dg.randint(-4, 5, [batch, 1, 1]);
      assertEquals(
        dg.baddbmm(bias.to(gpu), x.to(gpu), y.to(gpu)).tolist(),
        dg.baddbmm(bias, x, y).tolist(),
      );
    }
  }
});

gpuTest("batches, repeated operands and a matrix by itself", (gpu) => {
  const x = dg.randn([6, 20, 36]);
  const y = dg.randn([6, 36, 44]);
  assertNear(x.to(gpu).bmm(y.to(gpu)), x.bmm(y), 36);
  const z = dg.randn([36, 44]);
  assertNear(x.to(gpu).matmul(z.to(gpu)), x.matmul(z), 36);
  const all = dg.randn([3, 2, 200, 128]);
  const there = all.to(gpu);
  assertNear(there.matmul(there.mT), all.matmul(all.mT), 128);
  const square = dg.randn([160, 160]);
  const own = square.to(gpu);
  assertNear(own.mm(own), square.mm(square), 160);
});

gpuTest("what is added to a product", (gpu) => {
  for (
    const [m, k, n] of [[40, 30, 50], [200, 136, 140], [1, 64, 300]] as const
  ) {
    const x = dg.randn([m, k]);
    const y = dg.randn([k, n]);
    for (const z of [dg.randn([n]), dg.randn([m, n]), dg.randn([m, 1])]) {
      for (const options of [{}, { alpha: -2, beta: 0.5 }, { beta: 0 }]) {
        assertNear(
          z.to(gpu).addmm(x.to(gpu), y.to(gpu), options),
          z.addmm(x, y, options),
          k * 4,
        );
      }
    }
  }
});

gpuTest("products of integers are exact", (gpu) => {
  const x = dg.randint(-50, 50, [37, 70], { dtype: "int32" });
  const y = dg.randint(-50, 50, [70, 41], { dtype: "int32" });
  assertEquals(x.to(gpu).mm(y.to(gpu)).tolist(), x.mm(y).tolist());
});

countGpuTests("matrix products");
