// Products where the goldens do not look: large sizes and odd strides against
// a plain loop, repeated operands that are not copied, second derivatives, what
// `beta` ignores, in-place forms and PyTorch's errors.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { DType } from "../../src/tensor/dtype.ts";
import { centralDifferences } from "../finite_differences.ts";

const F64 = { dtype: "float64" } as const;

function randomly(shape: readonly number[], dtype: DType): dg.Tensor {
  const generator = new dg.Generator(shape.length + shape[0]!);
  const integer = !dtype.includes("float");
  return integer
    ? dg.randint(-9, 9, shape, { dtype, generator })
    : dg.randn(shape, { dtype, generator });
}

/** The product of two matrices, number by number. */
function slowly(x: dg.Tensor, y: dg.Tensor): number[][] {
  const a: number[][] = x.tolist();
  const columns: number[][] = y.t().tolist();
  return a.map((row) =>
    columns.map((column) => row.reduce((sum, v, k) => sum + v * column[k]!, 0))
  );
}

function assertProduct(x: dg.Tensor, y: dg.Tensor, tolerance: number): void {
  const got: number[][] = x.mm(y).tolist();
  const wanted = slowly(x, y);
  got.forEach((row, i) =>
    row.forEach((value, j) =>
      assert(
        Math.abs(value - wanted[i]![j]!) <= tolerance,
        `[${x.shape}] [${y.shape}] at ${i}, ${j}: ${value}, ${wanted[i]![j]}`,
      )
    )
  );
}

Deno.test("products of all sizes, types and strides", () => {
  const sizes = [
    [1, 1, 1],
    [1, 40, 30],
    [30, 40, 1],
    [2, 9, 33],
    [33, 9, 3],
    [4, 4, 4],
    [7, 5, 9],
    [13, 600, 11],
    [131, 17, 6],
  ] as const;
  for (const dtype of ["float32", "float64", "int32", "int64"] as const) {
    // float32 is summed in float32: PyTorch's own sums of 600 such products
    // are off by up to 7e-5. cpu/wasm_matmul_test.ts has the bound per element.
    const tolerance = dtype === "float32"
      ? 7e-5
      : dtype === "float64"
      ? 1e-12
      : 0;
    for (const [m, k, n] of sizes) {
      const x = randomly([m, k], dtype);
      const y = randomly([k, n], dtype);
      assertProduct(x, y, tolerance);
      assertProduct(randomly([k, m], dtype).t(), y, tolerance);
      assertProduct(x, randomly([n, k], dtype).t(), tolerance);
      const spread = randomly([2 * m, k], dtype).asStrided([m, k], [2 * k, 1]);
      assertProduct(spread, y, tolerance);
    }
  }
  const half = dg.ones([5, 4000], { dtype: "float16" });
  assertEquals(half.mm(half.t()).at(0).tolist(), [
    4000,
    4000,
    4000,
    4000,
    4000,
  ]);
  const small = dg.full([8, 8], 100, { dtype: "int8" });
  assertEquals(small.mm(small).at(0, 0).item(), (80000 << 24) >> 24);
});

Deno.test("operands that broadcast over a batch are not copied", () => {
  const x = randomly([3, 1, 4, 5], "float64");
  const y = randomly([2, 5, 6], "float64");
  const product = x.matmul(y);
  assertEquals(product.shape, [3, 2, 4, 6]);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 2; j++) {
      const wanted = x.select(0, i).select(0, 0).mm(y.select(0, j));
      const got = product.select(0, i).select(0, j);
      // A batch may be computed in another way than one product.
      assert(dg.allclose(got, wanted, { rtol: 1e-14, atol: 1e-14 }));
    }
  }
  const one = dg.ones([1, 2, 3]).expand([1000, 2, 3]);
  assertEquals(one.matmul(dg.ones([1000, 3, 1])).sum().item(), 6000);
});

Deno.test("a batched product may be changed in place", () => {
  const x = dg.ones([2, 3, 3], { requiresGrad: true });
  const y = x.matmul(dg.ones([3, 3]));
  assertEquals(y.gradFn?.name, "UnsafeViewBackward0");
  y.mul_(2);
  assertEquals(y.gradFn?.name, "MulBackward0");
  y.sum().backward();
  assertEquals(x.grad?.sum().item(), 18 * 6);
});

type Product = (...x: dg.Tensor[]) => dg.Tensor;

/** Every product, with the shapes of its operands. */
const PRODUCTS: [string, Product, number[][]][] = [
  ["dot", (x, y) => x!.dot(y!), [[3], [3]]],
  ["vdot", (x, y) => x!.vdot(y!), [[3], [3]]],
  ["mv", (x, y) => x!.mv(y!), [[2, 3], [3]]],
  ["mm", (x, y) => x!.mm(y!), [[2, 3], [3, 2]]],
  ["bmm", (x, y) => x!.bmm(y!), [[2, 2, 3], [2, 3, 1]]],
  ["matmul 1, 2", (x, y) => x!.matmul(y!), [[2], [2, 3]]],
  ["matmul 2, 3", (x, y) => x!.matmul(y!), [[2, 2], [2, 2, 1]]],
  ["matmul 3, 1", (x, y) => x!.matmul(y!), [[2, 1, 3], [3]]],
  ["matmul 1, 3", (x, y) => x!.matmul(y!), [[3], [2, 3, 2]]],
  ["matmul 4, 3", (x, y) => x!.matmul(y!), [[2, 1, 1, 2], [2, 2, 1]]],
  ["matmul 4, 1", (x, y) => x!.matmul(y!), [[2, 1, 1, 2], [2]]],
  ["matmul 3, 3", (x, y) => x!.matmul(y!), [[1, 2, 2], [2, 2, 2]]],
  ["addmm", (x, y, z) => dg.addmm(x!, y!, z!, { beta: 2, alpha: 3 }), [
    [2],
    [2, 3],
    [3, 2],
  ]],
  ["addmv", (x, y, z) => dg.addmv(x!, y!, z!, { beta: 2, alpha: 3 }), [
    [1],
    [2, 3],
    [3],
  ]],
  ["addr", (x, y, z) => dg.addr(x!, y!, z!, { beta: 2, alpha: 3 }), [
    [2, 1],
    [2],
    [3],
  ]],
  ["baddbmm", (x, y, z) => dg.baddbmm(x!, y!, z!, { beta: 2, alpha: 3 }), [
    [2, 1],
    [2, 2, 3],
    [2, 3, 1],
  ]],
  ["addbmm", (x, y, z) => dg.addbmm(x!, y!, z!, { beta: 2, alpha: 3 }), [
    [2, 1],
    [2, 2, 3],
    [2, 3, 2],
  ]],
  ["outer", (x, y) => x!.outer(y!), [[2], [3]]],
  ["inner", (x, y) => x!.inner(y!), [[2, 3], [2, 3]]],
  ["kron", (x, y) => x!.kron(y!), [[2], [2, 2]]],
  ["cross", (x, y) => x!.cross(y!), [[3, 2], [3, 1]]],
  ["trace", (x) => x!.mul(x!).trace(), [[2, 3]]],
  ["chainMatmul", (x, y, z) => dg.chainMatmul([x!, y!, z!]), [
    [1, 2],
    [2, 3],
    [3, 2],
  ]],
  ["tensordot", (x, y) => dg.tensordot(x!, y!), [[2, 1, 2], [1, 2, 2]]],
  ["einsum", (x, y) => dg.einsum("iij,...jk->...ik", [x!, y!]), [
    [2, 2, 3],
    [2, 3, 2],
  ]],
  ["einsum of three", (x, y, z) => dg.einsum("i,ij,j", [x!, y!, z!]), [
    [2],
    [2, 3],
    [3],
  ]],
];

for (const [name, product, shapes] of PRODUCTS) {
  Deno.test(`first and second derivatives of ${name}`, () => {
    const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
    const total = sizes.reduce((a, b) => a + b, 0);
    const start = Array.from({ length: total }, (_, i) => Math.sin(3 * i + 1));
    const leaves = (values: readonly number[]): dg.Tensor[] => {
      let at = 0;
      return shapes.map((shape, i) => {
        const part = values.slice(at, at += sizes[i]!);
        return dg.tensor(part, F64).reshape(shape).requiresGrad_();
      });
    };
    // The square makes second derivatives differ from zero everywhere.
    const value = (inputs: readonly dg.Tensor[]): dg.Tensor => {
      const y = product(...inputs);
      const weights = dg.tensor(
        Array.from({ length: y.numel() }, (_, i) => i + 1),
        F64,
      ).reshape(y.shape);
      return y.mul(y).mul(weights).sum();
    };
    const gradient = (inputs: readonly dg.Tensor[], createGraph: boolean) =>
      dg.autograd.grad([value(inputs)], inputs, { createGraph })
        .map((g) => g!.reshape(-1));
    const flatten = (grads: readonly dg.Tensor[]): number[] =>
      grads.flatMap((g) => g.tolist() as number[]);
    const close = (got: readonly number[], wanted: readonly number[]): void =>
      got.forEach((v, i) =>
        assert(
          Math.abs(v - wanted[i]!) <= 1e-6 * Math.max(1, Math.abs(wanted[i]!)),
          `${name}, derivative ${i}: ${v}, expected ${wanted[i]}`,
        )
      );
    const first = centralDifferences((x) => [value(leaves(x)).item()], start);
    close(flatten(gradient(leaves(start), false)), first[0]!);
    const second = centralDifferences(
      (x) => flatten(gradient(leaves(x), false)),
      start,
    );
    const inputs = leaves(start);
    const grads = gradient(inputs, true);
    let row = 0;
    for (const g of grads) {
      for (let i = 0; i < g.numel(); i++) {
        const hessian = dg.autograd.grad([g.select(0, i)], inputs, {
          retainGraph: true,
          allowUnused: true,
        }).map((h, k) => (h ?? dg.zeros(shapes[k]!, F64)).reshape(-1));
        close(flatten(hessian), second[row++]!);
      }
    }
  });
}

Deno.test("beta = 0 ignores what is added to, NaN included", () => {
  const nan = dg.full([2, 2], NaN);
  const x = dg.ones([2, 2]);
  const twos = [[2, 2], [2, 2]];
  assertEquals(dg.addmm(nan, x, x, { beta: 0 }).tolist(), twos);
  assertEquals(
    dg.addmv(nan.select(0, 0), x, dg.ones(2), { beta: 0 }).tolist(),
    [2, 2],
  );
  assertEquals(
    dg.addr(nan, dg.ones(2), dg.ones(2), { beta: 0, alpha: 2 }).tolist(),
    twos,
  );
  const batch = x.unsqueeze(0);
  assertEquals(dg.baddbmm(nan, batch, batch, { beta: 0 }).tolist(), [twos]);
  assertEquals(dg.addbmm(nan, batch, batch, { beta: 0 }).tolist(), twos);
});

Deno.test("an empty inner dimension gives zeros", () => {
  const x = dg.zeros([2, 0]);
  assertEquals(x.mm(x.t()).tolist(), [[0, 0], [0, 0]]);
  assertEquals(x.mv(dg.zeros(0)).tolist(), [0, 0]);
  assertEquals(
    dg.addmm(dg.ones(2), x, x.t(), { beta: 3 }).tolist(),
    [[3, 3], [3, 3]],
  );
  assertEquals(dg.zeros([0, 2]).mm(dg.zeros([2, 3])).shape, [0, 3]);
  const none = dg.zeros([0, 2, 3]);
  assertEquals(
    dg.addbmm(dg.ones([2, 2]), none, none.transpose(1, 2)).tolist(),
    [[1, 1], [1, 1]],
  );
});

Deno.test("factors of integer products are cut to integers", () => {
  const x = dg.ones([2, 2], { dtype: "int64" });
  const sum = dg.addmm(x, x, x, { beta: 0.5, alpha: 2.9 });
  assertEquals(sum.tolist(), [[4, 4], [4, 4]]);
  const bool = dg.tensor([true, false]);
  assertEquals(dg.outer(bool, bool).dtype, "bool");
  assertEquals(
    dg.addr(dg.zeros([2, 2], { dtype: "bool" }), bool, bool).tolist(),
    [[true, false], [false, false]],
  );
});

Deno.test("products in place", () => {
  const ones = dg.ones([2, 2]);
  assertEquals(dg.ones([2, 2]).addmm_(ones, ones).tolist(), [[3, 3], [3, 3]]);
  assertEquals(dg.ones(2).addmv_(ones, dg.ones(2)).tolist(), [3, 3]);
  const x = dg.ones([2, 2], { requiresGrad: true });
  const y = x.mul(1).addr_(dg.ones(2), dg.ones(2), { alpha: 2 });
  assertEquals(y.gradFn?.name, "AddrBackward0");
  y.sum().backward();
  assertEquals(x.grad?.tolist(), [[1, 1], [1, 1]]);
  const self = dg.tensor([[1, 2], [3, 4]]);
  assertEquals(self.addmm_(self, self, { beta: 0 }).tolist(), [[7, 10], [
    15,
    22,
  ]]);
});

Deno.test("products refuse what PyTorch refuses, in its words", () => {
  const f = (...shape: number[]) => dg.ones(shape);
  const d = (...shape: number[]) => dg.ones(shape, F64);
  const b = (...shape: number[]) => dg.ones(shape, { dtype: "bool" });
  const cases: [() => unknown, string][] = [
    [
      () => f(2, 3).mm(f(2, 3)),
      "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
    ],
    [
      () => f(2, 3).mm(d(3, 2)),
      "expected m1 and m2 to have the same dtype, but got: float != double",
    ],
    [
      () => f(3).dot(d(3)),
      "dot : expected both vectors to have same dtype, but found Float and Double",
    ],
    [
      () => f(2, 3).mv(d(3)),
      "addmv input tensors must have the same dtype, but got Double, Float, and Double",
    ],
    [() => f(3).mv(f(3)), "vector + matrix @ vector expected, got 1, 1, 1"],
    [
      () => f(2, 2, 3).matmul(f(2, 2, 3)),
      "Expected size for first two dimensions of batch2 tensor to be: [2, 3] but got: [2, 2].",
    ],
    [
      () => f(2, 2, 3).matmul(d(2, 3, 2)),
      "expected scalar type Float but found Double",
    ],
    [
      () => f(2, 2, 3).matmul(f(2)),
      "size mismatch, got input (4), mat (4x3), vec (2)",
    ],
    [
      () => b(2, 2).mm(b(2, 2)),
      "\"addmm_impl_cpu_\" not implemented for 'Bool'",
    ],
    [() => b(2).dot(b(2)), "\"dot\" not implemented for 'Bool'"],
    [() => b(2, 2).mv(b(2)), "\"addmv_impl_cpu\" not implemented for 'Bool'"],
    [() => b(1, 2, 2).bmm(b(1, 2, 2)), "\"bmm\" not implemented for 'Bool'"],
    [
      () => dg.addmm(d(2, 2), f(2, 3), f(3, 2)),
      "self and mat2 must have the same dtype, but got Double and Float",
    ],
    [
      () => dg.addmm(f(2), d(2, 2), f(2, 2)),
      "mat1 and mat2 must have the same dtype, but got Double and Float",
    ],
    [
      () => dg.addbmm(f(2), d(1, 2, 2), f(1, 2, 2)),
      "mat1 and mat2 must have the same dtype, but got Double and Float",
    ],
    [
      () => dg.baddbmm(f(1, 2, 2), d(1, 2, 2), f(1, 2, 2)),
      "Input dtypes must be the same, got: input float, batch1: double, batch2: float",
    ],
    [
      () => dg.baddbmm(f(1, 2, 2), f(1, 2, 2), d(1, 2, 2)),
      "expected scalar type Float but found Double",
    ],
    [
      () => new dg.nn.Linear(2, 2).call(dg.ones([2, 2], { dtype: "int64" })),
      "mat1 and mat2 must have the same dtype, but got Long and Float",
    ],
    [
      () => dg.addmm(f(3, 2), f(2, 3), f(3, 2)),
      "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 0.  Target sizes: [2, 2].  Tensor sizes: [3, 2]",
    ],
    [
      () => f(3, 2).addmm_(f(2, 3), f(3, 2)),
      "Bad in-place call: input tensor size [3, 2] and output tensor size [2, 2] should match",
    ],
    [
      () => f().addmv_(f(2, 3), f(3)),
      "Bad in-place call: input tensor size [] and output tensor size [2] should match",
    ],
    [
      () => f(2).baddbmm_(f(2, 2, 3), f(2, 3, 2)),
      "Bad in-place call: input tensor size [2] and output tensor size [2, 2, 2] should match",
    ],
    [
      () => f(3, 3).addr_(f(2), f(3)),
      "size mismatch, input: [3, 3], v1: [2], v2: [3]",
    ],
    [
      () => dg.baddbmm(d(2, 2), f(2, 2, 3), f(2, 3, 2)),
      "Input dtypes must be the same, got: input double, batch1: float, batch2: float",
    ],
    [
      () => dg.addbmm(f(2, 2), f(2, 2, 3), f(3, 3, 2)),
      "batch1 and batch2 must have same number of batches, got 2 and 3",
    ],
    [
      () => dg.addbmm(f(2, 2), f(2, 2, 3), f(2, 2, 2)),
      "Incompatible matrix sizes for bmm (2x3 and 2x2)",
    ],
    [
      () => dg.tensordot(f(2), f(2), -1),
      "tensordot expects dims >= 0, but got dims=-1",
    ],
    [
      () => dg.tensordot(f(2), d(2), 1),
      "both inputs should have same dtype",
    ],
    [() => dg.chainMatmul([]), "chain_matmul(): Expected one or more matrices"],
    [
      () => dg.chainMatmul([f(2, 3), d(3, 2)]),
      "multiDot(): all tensors must have be the same dtype but tensor 0 is float and tensor 1 double",
    ],
    [
      () => dg.chainMatmul([f(2, 3), f(2, 3)]),
      "multiDot(): tensors 0 and 1 with shapes [2, 3] and [2, 3] cannot be multiplied",
    ],
    [() => f(3).cross(d(3), 0), "expected scalar type Float but found Double"],
    [
      () => dg.einsum("..i->i", [f(2, 2)]),
      "einsum(): found '.' for operand 0 that is not part of any ellipsis",
    ],
    [
      () => dg.einsum("......i", [f(2, 2)]),
      "einsum(): found '.' for operand 0 for which an ellipsis was already found",
    ],
    [
      () => dg.einsum("ij,j", [f(2, 2), f(3)]),
      "einsum(): subscript j has size 3 for operand 1 which does not broadcast with previously seen size 2",
    ],
    [() => dg.einsum("i->", []), "einsum(): must provide at least one operand"],
  ];
  for (const [call, message] of cases) {
    assertThrows(call, dg.RuntimeError, message);
  }
});
