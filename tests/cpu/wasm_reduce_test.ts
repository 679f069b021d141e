// Reductions by vector kernels give what the loops in JavaScript give, at
// lengths around every vector width, group, piece and block.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { onBoth } from "../conformance/paths.ts";

/** Computes on both paths; threads take few elements. */
function both<T>(compute: () => T): [kernels: T, loops: T] {
  return onBoth("reduceLeast", compute, 512);
}

/** Numbers of all signs and sizes, without cancellation to nothing. */
function numbers(shape: number[], dtype: dg.DType): dg.Tensor {
  dg.manualSeed(shape.reduce((a, b) => a * 31 + b, 7));
  if (dtype === "bool") return dg.rand(shape).gt(0.4);
  if (dtype === "uint8") return dg.randint(0, 256, shape, { dtype });
  if (dtype === "int32" || dtype === "int64") {
    return dg.randint(-1000, 1000, shape, { dtype });
  }
  return dg.randn(shape, { dtype });
}

/** Compares; floats may differ by what adding `terms` numbers near 1 in another order does. */
function compare(
  name: string,
  kernels: dg.Tensor,
  loops: dg.Tensor,
  terms: number,
): void {
  assertEquals(kernels.dtype, loops.dtype, name);
  assertEquals(kernels.shape, loops.shape, name);
  const [a, b] = [kernels, loops].map((x) => x.flatten().tolist()) as [
    number[],
    number[],
  ];
  a.forEach((value, k) => {
    const other = b[k]!;
    if (typeof value !== "number" || kernels.dtype.startsWith("int")) {
      assertEquals(value, other, `${name} at ${k}`);
      return;
    }
    if (value === other || (value !== value && other !== other)) return;
    const eps = kernels.dtype === "float64" ? 1e-13 : 1.2e-7;
    const error = Math.abs(value - other) / Math.max(Math.abs(other), terms);
    assert(error <= eps, `${name} at ${k}: ${value}, not ${other}`);
  });
}

const SHAPES: [shape: number[], dim: number | number[] | undefined][] = [
  ...[33, 34, 35, 36, 63, 64, 65, 100, 127, 128, 129, 257, 40000].map((
    n,
  ): [number[], undefined] => [[n], undefined]),
  [[1, 70], 0],
  [[70, 1], 1],
  [[7, 1, 33], 1],
  [[3, 1, 5, 1, 9], [1, 3]],
  [[3, 37], 1],
  [[5, 128], 1],
  [[40, 33], 1],
  [[70, 16], 0],
  [[9, 21], 0],
  [[8, 300], 0],
  [[17, 1100], 0],
  [[3000, 40], 0],
  [[20000, 17], 0],
  [[4, 9, 19], 1],
  [[4, 9, 19], [0, 1]],
  [[4, 9, 19], [0, 2]],
  [[4, 9, 19], [1, 2]],
  [[4, 9, 19], 0],
  [[2, 3, 4, 5, 16], [1, 3]],
  [[2, 3, 4, 5, 16], [0, 2, 4]],
  [[3, 50000], 1],
];

const OPS: Record<
  string,
  (x: dg.Tensor, dim: number | number[] | undefined) => dg.Tensor
> = {
  sum: (x, dim) => x.sum(dim),
  amax: (x, dim) => x.amax(dim),
  amin: (x, dim) => x.amin(dim),
  countNonzero: (x, dim) => dg.countNonzero(x, dim),
  any: (x, dim) => x.any(dim),
  all: (x, dim) => x.all(dim),
};

const FLOAT_OPS: typeof OPS = {
  mean: (x, dim) => x.mean(dim),
  nansum: (x, dim) => x.nansum(dim),
  prod: (x, dim) =>
    Array.isArray(dim) || dim === undefined
      ? x.abs().add(0.5).sum()
      : x.prod(dim),
  norm0: (x, dim) => x.norm(dim, { p: 0 }),
  norm1: (x, dim) => x.norm(dim, { p: 1 }),
  norm2: (x, dim) => x.norm(dim, { p: 2 }),
  normInf: (x, dim) => x.norm(dim, { p: Infinity }),
};

for (
  const dtype of [
    "float32",
    "float64",
    "int32",
    "int64",
    "uint8",
    "bool",
  ] as const
) {
  Deno.test(`kernels reduce ${dtype} as the loops do`, () => {
    const float = dtype.startsWith("float");
    const ops = float ? { ...OPS, ...FLOAT_OPS } : OPS;
    for (const [shape, dim] of SHAPES) {
      const x = numbers(shape, dtype);
      for (const [name, op] of Object.entries(ops)) {
        const label = `${name} of [${shape}] over ${dim}`;
        const [kernels, loops] = both(() => op(x, dim));
        compare(label, kernels, loops, x.numel() / loops.numel());
      }
    }
  });
}

Deno.test("kernels reduce views as the loops do", () => {
  const x = numbers([12, 40, 24], "float32");
  const views: [string, dg.Tensor][] = [
    ["transposed", x.transpose(1, 2)],
    ["permuted", x.permute([2, 0, 1])],
    ["narrowed", x.narrow(2, 3, 18)],
    ["narrowed rows", x.narrow(1, 3, 11)],
    ["every other", x.unfold(2, 1, 2).squeeze(-1)],
    ["one row", x.select(0, 5)],
    ["expanded", x.select(1, 5).unsqueeze(1).expand([12, 40, 24])],
  ];
  for (const [name, view] of views) {
    for (const dim of [0, 1, undefined, -1]) {
      const [kernels, loops] = both(() => view.sum(dim));
      compare(`sum of ${name} over ${dim}`, kernels, loops, 40);
      const [largest, other] = both(() => view.amax(dim));
      compare(`amax of ${name} over ${dim}`, largest, other, 1);
    }
  }
});

Deno.test("kernels know NaN, infinity and zero", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const special of [NaN, Infinity, -Infinity, 0, -0]) {
      for (const at of [0, 1, 7, 31, 32, 40, 66]) {
        const x = dg.ones([67, 20], { dtype }).neg();
        x.select(0, at).select(0, at % 20).fill_(special);
        for (const [name, op] of Object.entries({ ...OPS, ...FLOAT_OPS })) {
          for (const dim of [undefined, 0, 1]) {
            const [kernels, loops] = both(() => op(x, dim));
            compare(`${name} with ${special} at ${at}`, kernels, loops, 67);
          }
        }
      }
    }
  }
});

Deno.test("sums of float32 are nearly exact", () => {
  dg.manualSeed(3);
  for (const n of [100, 1000, 100_000, 1_000_000]) {
    const x = dg.rand([n]);
    let exact = 0;
    for (const value of x.tolist() as number[]) exact += value;
    const [sum] = both(() => x.sum().item() as number);
    assert(Math.abs(sum - exact) < 1.2e-7 * exact, `${n}: ${sum}, ${exact}`);
    const [column] = both(() => x.reshape([n / 10, 10]).sum(0).sum().item());
    const relative = Math.abs(Number(column) - exact) / exact;
    assert(relative < 2e-7, `${n} in columns: ${column}, ${exact}`);
  }
});

Deno.test("kernels scan as the loops do", () => {
  for (
    const dtype of ["float32", "float64", "int32", "int64", "bool"] as const
  ) {
    for (const shape of [[33], [67], [5, 40], [7, 3, 19], [40, 6]]) {
      const x = numbers(shape, dtype);
      for (let dim = 0; dim < shape.length; dim++) {
        const [kernels, loops] = both(() => x.cumsum(dim));
        compare(
          `cumsum of ${dtype} [${shape}] along ${dim}`,
          kernels,
          loops,
          40,
        );
        if (!dtype.startsWith("float")) continue;
        const [products, others] = both(() => x.abs().add(0.5).cumprod(dim));
        compare(
          `cumprod of ${dtype} [${shape}] along ${dim}`,
          products,
          others,
          1,
        );
      }
    }
  }
  const [kernels, loops] = both(() =>
    dg.full([50], 1e30).cumprod(0).add(dg.full([50], NaN).cumsum(0))
  );
  compare("cumprod that overflows", kernels, loops, 1);
});

Deno.test("kernels find positions as the loops do", () => {
  for (
    const dtype of ["float32", "float64", "int32", "int64", "uint8"] as const
  ) {
    for (const shape of [[33], [700], [5, 40], [7, 3, 19], [40, 6], [50, 70]]) {
      const x = numbers(shape, dtype).mul(0.05).to(dtype);
      for (let dim = 0; dim < shape.length; dim++) {
        const [largest, one] = both(() => x.argmax(dim));
        compare(`argmax of ${dtype} [${shape}] along ${dim}`, largest, one, 1);
        const [smallest, two] = both(() => x.argmin(dim));
        compare(`argmin of ${dtype} [${shape}] along ${dim}`, smallest, two, 1);
      }
      const [all, other] = both(() => x.argmax());
      compare(`argmax of ${dtype} [${shape}]`, all, other, 1);
    }
  }
  for (const at of [0, 1, 39]) {
    const x = dg.arange(40, { dtype: "float32" });
    x.select(0, at).fill_(NaN);
    x.select(0, 39).fill_(NaN);
    const [largest] = both(() => x.argmax().item());
    const [smallest] = both(() => x.argmin().item());
    assertEquals([largest, smallest], [at, at]);
  }
});

Deno.test("softmax by its kernel is what its parts give", () => {
  for (const shape of [[33], [3, 40], [5, 7, 11], [100, 67], [4, 1000]]) {
    dg.manualSeed(5);
    const x = dg.randn(shape).mul(6);
    const exact = x.double();
    for (const dim of [-1, 0]) {
      const [kernels] = both(() => x.softmax(dim));
      compare(`softmax [${shape}]`, kernels, exact.softmax(dim).float(), 2);
      const [logs] = both(() => x.logSoftmax(dim));
      compare(`logSoftmax [${shape}]`, logs, exact.logSoftmax(dim).float(), 2);
    }
  }
  const rows = [[-Infinity], [NaN], [Infinity], [-1e4], [88], [-87.5], [1e30]];
  for (const [special] of rows as [number][]) {
    for (const at of [0, 5, 39]) {
      const x = dg.linspace(-3, 3, 40);
      x.select(0, at).fill_(special);
      const [kernels, loops] = both(() => x.softmax(0));
      compare(`softmax with ${special} at ${at}`, kernels, loops, 2);
      const [logs, others] = both(() => x.logSoftmax(0));
      compare(`logSoftmax with ${special} at ${at}`, logs, others, 100);
    }
  }
  const [kernels, loops] = both(() => dg.full([2, 40], -Infinity).softmax(1));
  compare("softmax of -Infinity", kernels, loops, 1);
});
