// Products on WebAssembly against products in JavaScript, which sum in
// float64: every path, at sizes around each tile, block and crossover, with
// every layout of the operands.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { withLimits } from "../conformance/paths.ts";
import { withTwoThreads } from "./two_threads.ts";

/** Runs with products from so many multiply-adds on WebAssembly, and none on a BLAS. */
function withLeast<T>(least: number, body: () => T): T {
  return withLimits({ matmulLeast: least, blasLeast: Infinity }, body);
}

/** The ways in which a matrix of a batch may lie in memory. */
const LAYOUTS: Record<
  string,
  (b: number, r: number, c: number, dtype: "float32" | "float64") => dg.Tensor
> = {
  dense: (b, r, c, dtype) => dg.randn([b, r, c], { dtype }),
  transposed: (b, r, c, dtype) =>
    dg.randn([b, c, r], { dtype }).transpose(1, 2),
  strided: (b, r, c, dtype) =>
    dg.randn([b, r + 1, c, 2], { dtype }).select(3, 1).narrow(1, 1, r),
  repeated: (b, r, c, dtype) => dg.randn([r, c], { dtype }).expand([b, r, c]),
  rowRepeated: (b, r, c, dtype) =>
    dg.randn([b, 1, c], { dtype }).expand([b, r, c]),
  shifted: (b, r, c, dtype) =>
    dg.randn([b, r, c + 1], { dtype }).narrow(2, 1, c),
};

/**
 * The error of a sum of k rounded products grows as the root of k for random
 * signs; the unit is that of the type times the sum of magnitudes.
 */
function check(x: dg.Tensor, y: dg.Tensor, what: string): void {
  const k = x.shape[x.shape.length - 1]!;
  const unit = x.dtype === dg.float32 ? 2 ** -24 : 2 ** -53;
  const ours = withLeast(0, () => x.matmul(y)).to(dg.float64);
  const [x64, y64] = [x.to(dg.float64), y.to(dg.float64)];
  const [oracle, size] = withLeast(Infinity, () => [
    x64.matmul(y64),
    x64.abs().matmul(y64.abs()),
  ]) as [dg.Tensor, dg.Tensor];
  const bound = size.mul(unit * (4 + Math.sqrt(k)));
  const worst = ours.sub(oracle).abs().sub(bound).max().item() as number;
  assert(worst <= 0, `${what}: off by ${worst} more than rounding explains`);
}

function checkAll(
  sizes: readonly (readonly [number, number, number, number])[],
  layouts = Object.keys(LAYOUTS),
): void {
  dg.manualSeed(0);
  for (const dtype of ["float32", "float64"] as const) {
    for (const [b, m, n, k] of sizes) {
      for (const p of layouts) {
        for (const q of layouts) {
          const x = LAYOUTS[p]!(b, m, k, dtype);
          const y = LAYOUTS[q]!(b, k, n, dtype);
          check(x, y, `${dtype} ${p} [${x.shape}] @ ${q} [${y.shape}]`);
        }
      }
    }
  }
}

Deno.test("small products, tile by tile", () => {
  const sizes = [];
  for (const m of [2, 5, 6, 7, 13]) {
    for (const n of [2, 4, 7, 8, 9, 17]) {
      for (const k of [1, 3, 4, 9]) sizes.push([1, m, n, k] as const);
    }
  }
  checkAll(sizes, ["dense", "transposed"]);
  checkAll([[1, 7, 9, 5], [3, 6, 8, 4], [2, 13, 17, 21]]);
});

Deno.test("large products, packed", () => {
  checkAll([[1, 33, 34, 35], [2, 29, 40, 31], [1, 97, 65, 70]]);
  const layouts = ["dense", "transposed"];
  checkAll([[1, 96, 64, 257], [1, 101, 129, 300], [3, 50, 30, 70]], layouts);
});

Deno.test("thin products", () => {
  checkAll([[1, 3, 130, 90], [1, 130, 3, 90], [2, 6, 70, 515], [1, 70, 8, 99]]);
  checkAll([
    ...[[1, 4, 5, 3000], [1, 5, 4, 1025], [1, 9, 300, 270]] as const,
    ...[[1, 5, 300, 200], [1, 7, 90, 515], [1, 300, 20, 70]] as const,
  ], ["dense", "transposed"]);
});

Deno.test("matrix times vector and inner products", () => {
  for (const k of [1, 7, 8, 31, 32, 65, 1100]) {
    checkAll([[1, 1, 1, k], [2, 1, 9, k], [2, 9, 1, k], [1, 4, 1, k]]);
  }
  checkAll([[1, 600, 1, 33], [1, 1, 600, 33], [1, 1, 5, 2100]]);
});

Deno.test("products too large to be packed at once", () => {
  // Small integers, so that every sum is exact, repeated without memory.
  const digits = (n: number) => dg.arange(n).remainder(3).to(dg.float32);
  for (const [m, n, k] of [[30, 40, 300000], [30, 3000, 3000]] as const) {
    const x = digits(m).unsqueeze(1);
    const y = digits(n).unsqueeze(0);
    const product = withLeast(0, () => x.expand([m, k]).mm(y.expand([k, n])));
    assert(dg.equal(product, x.mul(y).mul(k)), `${m}, ${n}, ${k}`);
  }
  const [batch, m, n, k] = [5, 30, 1500, 1500];
  const x = digits(m).view([1, m, 1]);
  const y = dg.arange(batch).to(dg.float32).view([batch, 1, 1]);
  const product = withLeast(
    0,
    () => x.expand([batch, m, k]).bmm(y.expand([batch, k, n])),
  );
  assert(dg.equal(product, x.mul(y).mul(k).expand([batch, m, n])));
});

Deno.test("a product of depth 4096 rounds as little as the bound says", () => {
  checkAll([[1, 40, 40, 4096]], ["dense", "transposed"]);
});

Deno.test("few results of great depth, summed in pieces", () => {
  const layouts = ["dense", "transposed"];
  checkAll([[1, 1, 1, 524300], [1, 3, 70, 3000], [1, 9, 7, 16001]], layouts);
  checkAll([[1, 1, 300, 2001], [1, 300, 1, 2001]], layouts);
});

Deno.test("random sizes and layouts", () => {
  dg.manualSeed(5);
  const names = Object.keys(LAYOUTS);
  const pick = (n: number) => dg.randint(n, [1]).item() as number;
  for (let i = 0; i < 250; i++) {
    const dtype = pick(2) === 0 ? "float32" : "float64";
    // Small sizes are the likeliest, so that few are slow.
    const size = (most: number) => 1 + pick(1 + pick(most));
    const [b, m, n, k] = [size(3), size(150), size(150), size(700)];
    const [p, q] = [names[pick(names.length)]!, names[pick(names.length)]!];
    const x = LAYOUTS[p]!(b, m, k, dtype);
    const y = LAYOUTS[q]!(b, k, n, dtype);
    check(x, y, `${dtype} ${p} [${x.shape}] @ ${q} [${y.shape}]`);
  }
});

Deno.test("int64 products stay exact", () => {
  const x = dg.tensor([[2n ** 40n, 3n]]);
  const y = dg.tensor([[5n], [7n]]);
  const product = withLeast(0, () => x.matmul(y));
  assertEquals(product.item(), 5 * 2 ** 40 + 21);
});

Deno.test("NaN and infinity reach what they belong to, and nothing else", () => {
  for (const [m, n, k] of [[5, 7, 9], [50, 60, 70], [1, 50, 40], [50, 1, 40]]) {
    for (const special of [NaN, Infinity]) {
      const x = dg.ones([m!, k!]);
      const y = dg.ones([k!, n!]);
      withLeast(0, () => {
        x.at(m! - 1, k! - 1).fill_(special);
        const product = x.matmul(y);
        const last = product.at(m! - 1);
        assertEquals(last.isfinite().sum().item(), 0);
        const others = product.narrow(0, 0, m! - 1);
        assertEquals(others.ne(k!).sum().item(), 0);
      });
    }
  }
});

Deno.test("gradients of products are the same on both paths", () => {
  const grads = [0, Infinity].map((least) =>
    withLeast(least, () => {
      dg.manualSeed(1);
      const x = dg.randn([40, 50], { requiresGrad: true });
      const y = dg.randn([50, 60], { requiresGrad: true });
      x.matmul(y).pow(2).sum().backward();
      return [x.grad!, y.grad!] as const;
    })
  );
  for (const i of [0, 1] as const) {
    const [p, q] = [grads[0]![i], grads[1]![i]];
    assert(dg.allclose(p, q, { rtol: 1e-5, atol: 1e-3 }));
  }
});

Deno.test("threads that share a product give the same bits", async () => {
  await withTwoThreads(() => {
    dg.manualSeed(2);
    const sizes = [
      [200, 100, 300],
      [7, 900, 40],
      [40, 9, 700],
      [900, 1, 33],
      [
        33,
        700,
        1,
      ],
      [1, 1, 600000],
      [5, 9, 30000],
      [8, 900, 200],
      [900, 8, 200],
    ];
    for (const [m, n, k] of sizes) {
      for (const batch of [1, 3]) {
        const x = dg.randn([batch, m!, k!]);
        const y = dg.randn([batch, n!, k!]).transpose(1, 2);
        const z = dg.randn([batch, k!, n!]);
        for (const right of [y, z]) {
          dg.setNumThreads(2);
          // Several times: who takes what differs from time to time.
          const shared = [0, 1, 2].map(() =>
            withLeast(0, () => x.matmul(right))
          );
          dg.setNumThreads(1);
          const alone = withLeast(0, () => x.matmul(right));
          for (const product of shared) {
            assert(dg.equal(product, alone), `[${x.shape}] @ [${right.shape}]`);
          }
        }
      }
    }
  });
});
