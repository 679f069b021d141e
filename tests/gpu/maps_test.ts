// Elementwise kernels of every layout on the GPU against the CPU: small tensors
// in the arena, large ones of their own, rows, columns and single elements.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Shapes of the result, small and large, divisible by four and not. */
const SHAPES: readonly (readonly number[])[] = [
  [1],
  [7],
  [12, 8],
  [3, 5, 7],
  [300, 64],
  [257, 131],
  [40, 30, 20],
];

/** Operands that broadcast to a shape. */
function operands(shape: readonly number[]): dg.Tensor[] {
  const last = shape.at(-1)!;
  const outer = shape.slice(0, -1);
  return [
    dg.randn(shape),
    dg.randn([last]),
    dg.randn([...outer, 1]),
    dg.randn([1, ...shape.slice(1)]),
    dg.randn(shape.map(() => 1)),
    dg.randn([...shape].reverse()).permute(shape.map((_, d) => -1 - d)),
    dg.randn([last, 2]).select(1, 0),
  ];
}

for (const shape of SHAPES) {
  gpuTest(`maps of [${shape}] with operands of every layout`, (gpu) => {
    dg.manualSeed(1);
    const all = operands(shape);
    for (const a of all) {
      for (const b of all) {
        const on = a.to(gpu).mul(b.to(gpu)).sub(b.to(gpu));
        assertEquals(on.tolist(), a.mul(b).sub(b).tolist());
        const less = a.to(gpu).lt(b.to(gpu));
        assertEquals(less.tolist(), a.lt(b).tolist());
      }
      const three = dg.where(a.gt(0), a, all[0]!);
      const there = dg.where(
        a.to(gpu).gt(0),
        a.to(gpu),
        all[0]!.to(gpu),
      );
      assertEquals(there.tolist(), three.tolist());
      assertEquals(a.to(gpu).add(2.5).tolist(), a.add(2.5).tolist());
    }
  });
}

gpuTest("copies and maps of turned operands, by tiles", (gpu) => {
  dg.manualSeed(2);
  const cases = [
    [[100, 130], [1, 0]],
    [[64, 64], [1, 0]],
    [[3, 50, 70], [0, 2, 1]],
    [[50, 3, 70], [2, 1, 0]],
    [[20, 30, 2, 40], [3, 2, 1, 0]],
    [[17, 5, 300], [1, 2, 0]],
  ] as const;
  for (const [shape, order] of cases) {
    const x = dg.randn(shape);
    const there = x.to(gpu).permute(order);
    const here = x.permute(order);
    assertEquals(there.contiguous().tolist(), here.contiguous().tolist());
    const y = dg.randn(here.shape);
    const sum = y.to(gpu).add(there).mul(there.narrow(0, 0, 1));
    assertEquals(sum.tolist(), y.add(here).mul(here.narrow(0, 0, 1)).tolist());
  }
});

gpuTest("maps of parts of a tensor, aligned and not, in place", (gpu) => {
  for (const n of [64, 40_000]) {
    const host = dg.arange(n, { dtype: "float32" });
    const x = host.to(gpu);
    const parts = [[4, 16], [3, 19], [8, 1], [1, n - 1], [0, n - 1]] as const;
    for (const [start, length] of parts) {
      for (const y of [x, host]) {
        const part = y.narrow(0, start, length);
        part.mul_(2).add_(part);
        part.copy_(part.neg());
      }
    }
    assertEquals(x.tolist(), host.tolist());
    assertEquals(
      x.add(x.narrow(0, 0, 1)).tolist(),
      host.add(host.narrow(0, 0, 1)).tolist(),
    );
  }
});

gpuTest("host data keeps its place among kernels", (gpu) => {
  for (const n of [1, 3, 150, 1000, 200_000]) {
    const x = dg.zeros([n], { device: gpu });
    const seen: dg.Tensor[] = [];
    for (let round = 1; round <= 5; round++) {
      x.copy_(dg.full([n], round));
      seen.push(x.mul(10));
    }
    seen.forEach((y, k) => {
      assertEquals(y.min().item(), 10 * (k + 1));
      assertEquals(y.max().item(), 10 * (k + 1));
    });
  }
});

gpuTest("remainders of floats are exact, the smallest ones included", (gpu) => {
  dg.manualSeed(4);
  const n = 4000;
  // All exponents; the divisor of every other pair is below normal numbers.
  const bits = new Int32Array(2 * n);
  const draws = dg.randint(0, 0x7f800000, [2 * n], { dtype: "int32" }).tolist();
  (draws as number[]).forEach((draw, k) => {
    bits[k] = (k % 4 === 1 ? draw % 0x800000 : draw) |
      (k % 3 === 0 ? 1 << 31 : 0);
  });
  const all = dg.tensor(new Float32Array(bits.buffer)).reshape([n, 2]);
  const [x, y] = [all.select(1, 0), all.select(1, 1)];
  const [p, q] = [x.to(gpu), y.to(gpu)];
  assertEquals(p.fmod(q).tolist(), x.fmod(y).tolist());
  assertEquals(p.remainder(q).tolist(), x.remainder(y).tolist());
});

countGpuTests("maps");
