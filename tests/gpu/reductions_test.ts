// Reductions of every layout on the GPU against the CPU: few long sums and many
// short ones, along neighbours and across them, by vectors and by elements.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Shapes and the dimensions that go. */
const CASES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[7], [0]],
  [[100_003], [0]],
  [[1_000_000], [0]],
  [[3000, 10], [1]],
  [[3000, 10], [0]],
  [[10, 3000], [1]],
  [[10, 3000], [0]],
  [[400, 500], [1]],
  [[400, 500], [0]],
  [[20_000, 6], [0]],
  [[6, 20_000], [1]],
  [[40, 30, 52], [1]],
  [[40, 30, 52], [0, 2]],
  [[40, 30, 52], [1, 2]],
  [[2, 3, 1, 4000], [3]],
  [[1, 64, 1], [1]],
];

gpuTest("sums, largest and counts of every layout are the CPU's", (gpu) => {
  dg.manualSeed(0);
  for (const [shape, dim] of CASES) {
    const x = dg.randn(shape);
    const whole = dg.randint(-9, 9, shape, { dtype: "int32" });
    const turned = dg.randn([...shape].reverse());
    const part = dg.randn(shape.map((n) => n + 1));
    const cut = (y: dg.Tensor) =>
      shape.reduce((z, n, d) => z.narrow(d, 1, n), y);
    const turn = (y: dg.Tensor) => y.permute(shape.map((_, d) => -1 - d));
    const length = dim.reduce((n, d) => n * shape[d]!, 1);
    const layouts: [dg.Tensor, dg.Tensor][] = [
      [x.to(gpu), x],
      [turn(turned.to(gpu)), turn(turned)],
      [cut(part.to(gpu)), cut(part)],
    ];
    for (const [there, here] of layouts) {
      const off = there.sum(dim).to("cpu").sub(here.sum(dim)).abs().max();
      const bound = 1e-6 * length;
      if (!((off.item() as number) <= bound + 1e-5)) {
        throw new Error(`sum of [${shape}] along [${dim}]: ${off.item()} off`);
      }
      assertEquals(there.amax(dim).tolist(), here.amax(dim).tolist());
      assertEquals(
        there.gt(0).sum(dim).tolist(),
        here.gt(0).sum(dim).to("int32").tolist(),
      );
    }
    assertEquals(
      whole.to(gpu).sum(dim).tolist(),
      whole.sum(dim).to("int32").tolist(),
    );
  }
});

countGpuTests("reductions");
