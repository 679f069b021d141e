// Positions that an op found and of which no two are equal are scattered side by
// side; whoever uses them otherwise gets what the CPU gives.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Tensor } from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Some computation of one tensor, which may find positions, and its gradient. */
type Use = (x: Tensor) => Tensor;

function outcome(x: Tensor, use: Use): Tensor[] {
  const leaf = x.detach().clone().requiresGrad_();
  const y = use(leaf);
  if (!y.requiresGrad) return [y];
  y.mul(y.detach().add(1)).sum().backward();
  return [y.detach(), leaf.grad!];
}

function assertSame(gpu: dg.Device, x: Tensor, use: Use): void {
  const want = outcome(x, use);
  const found = outcome(x.to(gpu), use);
  want.forEach((y, k) => {
    const near = y.allclose(found[k]!.cpu().to(y.dtype), { atol: 1e-5 });
    assert(near, `${use} on [${x.shape}], result ${k}`);
  });
}

/** The names of the scatters that ran. */
function scatters(run: () => unknown): string[] {
  return dg.explain(run).rows.filter(({ op }) => op === "scatter")
    .map(({ path }) => path);
}

dg.manualSeed(0);
// Longer than what one thread scatters by itself.
const VECTOR = dg.randn([1000]);
const MATRIX = dg.randn([90, 130]);
const CUBE = dg.randn([80, 3, 70]);

gpuTest("sorted elements find their way back", (gpu) => {
  for (const x of [VECTOR, MATRIX, CUBE]) {
    x.shape.forEach((_, dim) => {
      assertSame(gpu, x, (x) => x.sort(dim).values);
      assertSame(gpu, x, (x) => x.sort(dim, { descending: true }).values);
      assertSame(gpu, x, (x) => x.transpose(0, -1).sort(dim).values);
      assertSame(
        gpu,
        x,
        (x) => x.topk(Math.min(70, x.shape[dim]!), dim).values,
      );
    });
  }
});

gpuTest("what a mask selects, stores and takes", (gpu) => {
  for (const x of [VECTOR, MATRIX, CUBE]) {
    assertSame(gpu, x, (x) => x.at(x.detach().gt(0)));
    assertSame(gpu, x, (x) => x.maskedSelect(x.detach().gt(0)));
    assertSame(
      gpu,
      x,
      (x) =>
        x.mul(2).setAt_(
          x.detach().gt(0),
          x.detach().at(x.detach().gt(0)).mul(3),
        ),
    );
    assertSame(gpu, x, (x) => x.maskedScatter(x.detach().gt(0), x.mul(3)));
    const rows: Use = (x) =>
      x.at(x.detach().reshape([x.shape[0]!, -1]).sum(1).gt(0));
    assertSame(gpu, x, rows);
  }
});

gpuTest("pooled windows, apart and not", (gpu) => {
  const F = dg.nn.functional;
  const image = dg.randn([2, 3, 40, 36]);
  assertSame(gpu, image, (x) => F.maxPool2d(x, 2));
  assertSame(gpu, image, (x) => F.maxPool2d(x, [3, 2], { ceilMode: true }));
  assertSame(gpu, image, (x) => F.maxPool2d(x, 3, { padding: 1 }));
  assertSame(gpu, image, (x) => F.maxPool2d(x, 3, { stride: 2 }));
  assertSame(gpu, image, (x) => F.maxPool2d(x, 2, { stride: 1 }));
  assertSame(gpu, image, (x) => F.maxPool2d(x, 2, { dilation: 2, stride: 3 }));
  assertSame(gpu, image.reshape([2, 3, -1]), (x) => F.maxPool1d(x, 4));
  assertSame(
    gpu,
    image.reshape([1, 2, 3, 40, 36]),
    (x) => F.maxPool3d(x, [1, 3, 3], { stride: [1, 3, 3] }),
  );
});

gpuTest("the same positions used otherwise", (gpu) => {
  const uses: Use[] = [
    // Distinct along one dimension, and not along the other.
    (x) =>
      dg.zeros([130, 130], { device: x.device }).scatterAdd(0, x.argsort(1), x),
    (x) =>
      dg.zeros([130, 130], { device: x.device }).scatterAdd(1, x.argsort(1), x),
    (x) =>
      dg.zeros([90, 130], { device: x.device }).scatterAdd(0, x.argsort(0), x),
    (x) =>
      dg.zeros([130, 130], { device: x.device }).scatterAdd(1, x.argsort(0), x),
    // Parts and other looks.
    (x) =>
      dg.zeros([90, 130], { device: x.device }).scatterAdd(
        1,
        x.argsort(1).at(":", "::2"),
        x.at(":", ":65"),
      ),
    (x) => x.indexAdd(0, x.select(1, 0).argsort().at(":80"), x.at(":80")),
    (x) => x.indexAdd(0, x.select(1, 0).argsort().at("5:"), x.at("5:")),
    (x) => x.indexCopy(0, x.select(1, 0).argsort(), x),
    (x) =>
      x.scatter(0, x.select(1, 0).argsort().unsqueeze(1).expand([90, 130]), x),
    (x) =>
      dg.zeros([90, 90], { device: x.device }).scatterAdd(
        0,
        x.select(1, 0).argsort().expand([90, 90]),
        x.at(":", ":90"),
      ),
    (x) =>
      dg.zeros([200], { device: x.device }).scatterAdd(
        0,
        x.argsort(1).reshape(-1),
        x.reshape(-1),
      ),
    (x) =>
      dg.zeros([12000], { device: x.device }).scatterAdd(
        0,
        x.reshape(-1).argsort(),
        x.reshape(-1),
      ),
    (x) =>
      dg.zeros([12000, 117], { device: x.device }).scatterAdd(
        0,
        x.reshape(-1).argsort().reshape([100, 117]),
        x.reshape([100, 117]),
      ),
    (x) => {
      const order = x.select(1, 0).argsort();
      order.fill_(3);
      return x.indexAdd(0, order, x);
    },
    (x) => {
      const order = x.select(1, 0).argsort();
      order.data.fill_(3);
      return x.indexAdd(0, order, x);
    },
  ];
  for (const use of uses) assertSame(gpu, MATRIX, use);
});

gpuTest("sorting for a scatter is left out where it may be", (gpu) => {
  const x = VECTOR.to(gpu);
  const order = x.argsort();
  assertEquals(scatters(() => x.scatterAdd(0, order, x)), ["scatterDistinct"]);
  assertEquals(scatters(() => x.maskedScatter(x.gt(0), x)), [
    "scatterDistinct",
  ]);
  assertEquals(scatters(() => x.clone().setAt_(x.gt(-9), x)), [
    "scatterDistinct",
  ]);
  order.add_(0);
  assertEquals(scatters(() => x.scatterAdd(0, order, x)), [
    "sort, sorted, scatter",
  ]);
});

countGpuTests("distinct positions");
