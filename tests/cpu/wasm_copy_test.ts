// Copies, casts, transpositions and fills by kernels give what the loops in
// JavaScript give, to the bit.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { onBoth } from "../conformance/paths.ts";

/** Computes on both paths; threads take few elements. */
function both<T>(compute: () => T): [kernels: T, loops: T] {
  return onBoth("reduceLeast", compute, 512);
}

const TYPES = [
  "bool",
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "bfloat16",
  "float32",
  "float64",
] as const;

/** Values that a cast may stumble over, and plain ones up to `count`. */
function values(count: number, dtype: dg.DType): dg.Tensor {
  const special = [
    ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 255, 256, 65536.7, -3.99],
    ...[2147483647, 2147483648, -2147483649, 4294967297, 1e10, -1e10],
    ...[9223372036854775807, -9223372036854775808, 1e19, -1e19, 1e39, 1e300],
    ...[NaN, Infinity, -Infinity, 1e-40, 1 / 3, 16777217],
  ];
  const list = Array.from(
    { length: count },
    (_, k) => k < special.length ? special[k]! : (k * 37 % 1001) - 500.25,
  );
  return dg.tensor(list, { dtype: "float64" }).to(dtype);
}

function same(name: string, compute: () => dg.Tensor): void {
  const [kernels, loops] = both(compute);
  assertEquals(kernels.dtype, loops.dtype, name);
  assertEquals(kernels.shape, loops.shape, name);
  const [a, b] = [kernels.typedArray(), loops.typedArray()];
  assertEquals(a.length, b.length, name);
  for (let k = 0; k < a.length; k++) {
    if (!Object.is(a[k], b[k])) assertEquals(a[k], b[k], `${name} at ${k}`);
  }
}

for (const from of TYPES) {
  Deno.test(`kernels cast ${from} as the loops do`, () => {
    for (const count of [33, 64, 67, 1000, 40001]) {
      const x = values(count, from);
      for (const to of TYPES) same(`to ${to}, ${count}`, () => x.to(to));
    }
    const square = values(60, from).reshape([6, 10]);
    for (const to of TYPES) {
      same(`transposed, to ${to}`, () => square.t().to(to).contiguous());
    }
  });
}

const SHAPES = [
  [2, 40],
  [3, 33],
  [4, 4],
  [5, 7],
  [16, 16],
  [17, 19],
  [31, 64],
  [100, 63],
  [130, 257],
];

Deno.test("kernels transpose as the loops do", () => {
  for (
    const dtype of ["bool", "int16", "int64", "float32", "float64"] as const
  ) {
    for (const [m, n] of SHAPES as [number, number][]) {
      const x = dg.arange(m * n).to(dtype).reshape([m, n]);
      same(`${dtype} [${m}, ${n}]`, () => x.t().contiguous());
      const y = dg.arange(3 * m * n).to(dtype).reshape([3, m, n]);
      same(`${dtype} [3, ${m}, ${n}]`, () => y.transpose(1, 2).contiguous());
      same(`${dtype} permuted`, () => y.permute([2, 0, 1]).contiguous());
      same(`${dtype} reversed`, () => y.permute([2, 1, 0]).contiguous());
      same(`${dtype} outer`, () => y.transpose(0, 1).contiguous());
    }
  }
});

Deno.test("kernels copy strided, broadcast and overlapping parts as the loops do", () => {
  for (const dtype of ["float32", "float64", "bool", "int16"] as const) {
    const x = dg.arange(6 * 40 * 24).to(dtype).reshape([6, 40, 24]);
    same("narrow", () => x.narrow(2, 3, 18).contiguous());
    same("every third", () => x.unfold(2, 1, 3).squeeze(-1).contiguous());
    same(
      "expanded",
      () => x.select(1, 5).unsqueeze(1).expand([6, 9, 24]).contiguous(),
    );
    same("column", () => x.select(2, 7).contiguous());
    same("flip", () => dg.flip(x, [1, 2]));
    same("cat", () => dg.cat([x, x.narrow(1, 0, 11)], 1));
    same("cat last", () => dg.cat([x, x.narrow(2, 0, 5)], 2));
    same("into a part", () => {
      const y = dg.zeros([6, 50, 24], { dtype });
      y.narrow(1, 4, 40).copy_(x);
      y.select(2, 3).copy_(x.select(2, 9).narrow(1, 0, 1));
      return y;
    });
    same("onto itself", () => {
      const y = x.clone();
      y.narrow(1, 1, 39).copy_(y.narrow(1, 0, 39).clone());
      y.copy_(y.clone());
      return y;
    });
  }
});

Deno.test("kernels fill as the loops do", () => {
  for (const dtype of TYPES) {
    for (const count of [33, 63, 64, 65, 127, 1000, 40003]) {
      same(`${dtype} ${count}`, () => dg.full([count], 3, { dtype }));
      same(`part of ${dtype}`, () => {
        const x = dg.zeros([count + 9], { dtype });
        x.narrow(0, 5, count).fill_(1);
        return x;
      });
    }
  }
  same("NaN", () => dg.full([77], NaN));
  same("-0", () => dg.full([77], -0));
  same("fraction", () => dg.full([77], 0.1, { dtype: "float64" }));
});
