// Reductions, scans and statistics beyond the goldens: errors, edges, ties,
// exactness of int64, and second derivatives beside zeros.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";
import { checkDerivatives } from "../conformance/derivatives.ts";
import { leafOf } from "../conformance/tensors.ts";

type Fn = (x: dg.Tensor) => dg.Tensor | Iterable<dg.Tensor>;

/** Checks first and second derivatives of a function of one float64 tensor. */
function derivatives(
  what: string,
  values: readonly number[],
  shape: readonly number[],
  fn: Fn,
): void {
  const results = ([x]: readonly dg.Tensor[]) => {
    const out = fn(x!);
    return out instanceof dg.Tensor ? out : [...out];
  };
  checkDerivatives(results, [leafOf(values, shape)], what);
}

/** The gradient of the sum of a function's results. */
function gradient(values: readonly number[], fn: Fn): unknown {
  const x = dg.tensor([...values], { requiresGrad: true });
  const out = fn(x);
  (out instanceof dg.Tensor ? out : [...out][0]!).sum().backward();
  return x.grad?.tolist() ?? null;
}

function fails(
  fn: () => unknown,
  error: new (message: string) => Error,
  message: string,
): void {
  assertEquals(assertThrows(fn, error).message, message);
}

const int = (values: readonly (number | readonly number[])[]) =>
  dg.tensor(values, { dtype: "int64" });

Deno.test("products are differentiated twice beside zeros", () => {
  for (
    const values of [[2, -1, 3, 4], [2, 0, 3, 4], [0, 0, 3, 4], [0, 0, 0, 1]]
  ) {
    derivatives("prod()", values, [4], (x) => x.prod());
    derivatives("prod(0)", values, [2, 2], (x) => x.prod(0));
    derivatives("cumprod", values, [4], (x) => x.cumprod(0));
    derivatives("cumprod(1)", values, [2, 2], (x) => x.cumprod(1));
  }
  assertEquals(gradient([2, 0, 3], (x) => x.prod()), [0, 6, 0]);
  assertEquals(gradient([0, 0, 3], (x) => x.prod()), [0, 0, 0]);
});

Deno.test("norms, spreads and selections are differentiated twice", () => {
  const values = [0.5, -1.5, 2, 3, -0.75, 1.25];
  for (const p of [1, 2, 3, 1.5, 0.5, -1, Infinity, -Infinity]) {
    derivatives(`norm ${p}`, values, [6], (x) => x.norm(null, { p }));
    derivatives(`norm ${p}, 1`, values, [2, 3], (x) => x.norm(1, { p }));
    derivatives(
      `dist ${p}`,
      values,
      [6],
      (x) => x.dist(x.mul(x).add(0.3), { p }),
    );
  }
  const fns: [string, Fn][] = [
    ["var", (x) => x.var()],
    ["var 1", (x) => x.var(1, { correction: 0 })],
    ["std", (x) => x.std(0, { keepdim: true })],
    ["std all", (x) => x.std([0, 1])],
    ["varMean", (x) => dg.varMean(x, 1)],
    ["stdMean", (x) => dg.stdMean(x)],
    ["median", (x) => x.median()],
    ["median 1", (x) => x.median(1).values],
    ["nanmedian", (x) => x.nanmedian()],
    ["mode", (x) => x.mode(0).values],
    ["kthvalue", (x) => x.kthvalue(2).values],
    ["quantile", (x) => x.quantile(0.4)],
    ["quantile 0", (x) => x.quantile(0.3, 0, { keepdim: true })],
    ["diff", (x) => x.diff(1, { n: 2 })],
    ["trapezoid", (x) => dg.trapezoid(x, 0, { dx: 0.5 })],
    ["cumulativeTrapezoid", (x) => dg.cumulativeTrapezoid(x, 1, { x })],
    ["aminmax", (x) => x.aminmax(1)],
  ];
  for (const [what, fn] of fns) derivatives(what, values, [2, 3], fn);
});

Deno.test("several results have names, places and an order", () => {
  const x = dg.tensor([[1, 5], [4, 2]]);
  const result = x.max(1);
  const { values, indices } = result;
  const [first, second] = result;
  assertEquals(first === values && second === indices, true);
  assertEquals(result[0] === values && result[1] === indices, true);
  assertEquals(
    String(result),
    "return_types.max(\nvalues=tensor([5., 4.]),\nindices=tensor([1, 0]))",
  );
  assertEquals(Object.keys(x.aminmax()), ["min", "max"]);
});

Deno.test("the gradient of an extreme value", () => {
  assertEquals(gradient([1, 3, 3], (x) => x.max()), [0, 0.5, 0.5]);
  assertEquals(gradient([1, NaN, NaN], (x) => x.max()), [0, 0.5, 0.5]);
  assertEquals(gradient([1, 3, 3], (x) => x.max(0)), [0, 1, 0]);
  assertEquals(gradient([2, 2, 1], (x) => x.amax()), [0.5, 0.5, 0]);
  assertEquals(gradient([3, NaN, 1], (x) => x.amax()), [NaN, NaN, NaN]);
  assertEquals(gradient([4, 2, 2, 2, 2], (x) => x.median()), [
    0,
    0.25,
    0.25,
    0.25,
    0.25,
  ]);
  assertEquals(gradient([1, NaN, 3, 3], (x) => x.nanmedian()), [
    0,
    0,
    0.5,
    0.5,
  ]);
  assertEquals(gradient([3, 3, 1], (x) => x.mode()), [0, 1, 0]);
});

Deno.test("the gradient of a norm or a deviation at its kink", () => {
  for (const p of [1, 2, 3, 1.5, 0.5, Infinity]) {
    assertEquals(gradient([0, 0], (x) => x.norm(null, { p })), [0, 0]);
  }
  const zeros = dg.zeros(2, { requiresGrad: true });
  zeros.norm(null, { p: 0 }).backward();
  assertEquals(zeros.grad, null);
  assertEquals(gradient([2, 2], (x) => x.std()), [0, 0]);
  assertEquals(gradient([2], (x) => x.std()), [NaN]);
  assertEquals(gradient([2], (x) => x.var(0)), [NaN]);
  assertEquals(gradient([3, -3, 1], (x) => x.norm(null, { p: Infinity })), [
    0.5,
    -0.5,
    0,
  ]);
  assertEquals(
    gradient([-Infinity, 1], (x) => x.logsumexp(0)),
    [0, 1],
  );
  assertEquals(
    gradient([-Infinity, -Infinity], (x) => x.logsumexp(0)),
    [NaN, NaN],
  );
});

Deno.test("int64 is exact beyond 2**53", () => {
  const big = 2n ** 62n;
  const x = int([1, 1, 1]).bitwiseLeftShift(62).add(int([1, 0, 0]));
  assertEquals(x.sum().itemBigInt(), 3n * big + 1n - 2n ** 64n);
  assertEquals(x.max().itemBigInt(), big + 1n);
  assertEquals(x.max(0).indices.item(), 0);
  assertEquals(x.median().itemBigInt(), big);
  assertEquals(x.amin().itemBigInt(), big);
  assertEquals(x.cummax(0).values.at(2).itemBigInt(), big + 1n);
});

Deno.test("an empty list of dims means all, but not for any and all", () => {
  const x = dg.tensor([[1, 2], [0, 3]]);
  assertEquals(x.sum([]).item(), 6);
  assertEquals(x.amax([]).item(), 3);
  assertEquals(x.any([]).tolist(), [[true, true], [false, true]]);
  assertEquals(x.all([]).tolist(), [[true, true], [false, true]]);
});

Deno.test("0-d tensors take dim 0 and -1", () => {
  const x = dg.tensor(5);
  assertEquals(x.max(-1, { keepdim: true }).values.shape, []);
  assertEquals(x.median(0).indices.item(), 0);
  assertEquals(x.mode().values.item(), 5);
  assertEquals(x.kthvalue(1).values.item(), 5);
  assertEquals(x.quantile(0.5, 0).item(), 5);
  assertEquals(x.norm(0).item(), 5);
  assertEquals(x.cummax(0).indices.item(), 0);
  fails(
    () => x.max(1),
    dg.IndexError,
    "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
  );
});

Deno.test("NaN and position", () => {
  const x = dg.tensor([NaN, 1, NaN, 2]);
  assertEquals(x.median(0).indices.item(), 0);
  assertEquals(x.nanmedian(0).indices.item(), 1);
  assertEquals(dg.tensor([NaN, NaN]).nanmedian(0).values.item(), NaN);
  assertEquals(x.argmax().item(), 0);
  assertEquals(x.kthvalue(4).values.item(), NaN);
  assertEquals(x.nanquantile(0.5).item(), 1.5);
  assertEquals(x.quantile(0.5).item(), NaN);
  assertEquals(dg.tensor([NaN, NaN]).nanquantile(0.5).item(), NaN);
});

Deno.test("a large mean does not spoil the variance", () => {
  const x = dg.tensor([1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3.5]);
  assertEquals(x.var().item(), Math.fround(2.2291666666666665));
  const y = dg.tensor([1e9, 1e9 + 1, 1e9 + 2], { dtype: "float64" });
  assertEquals(y.std().item(), 1);
});

Deno.test("errors of types", () => {
  const n = int([1, 2]);
  const b = dg.tensor([true, false]);
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const refused: [() => unknown, string][] = [
    [() => b.argmax(), "argmax(): does not support bool input"],
    [() => b.median(0), "\"median_out\" not implemented for 'Bool'"],
    [
      () => dg.stdMean(n),
      "std_mean only support floating point and complex dtypes",
    ],
    [
      () => n.dist(n),
      "norm(): input dtype should be either floating point or complex. Got Long instead.",
    ],
    [
      () => x.norm(null, { dtype: "int64" }),
      "linalg.vectorNorm: dtype should be floating point or complex, but got Long",
    ],
    [
      () => x.norm(null, { dtype: "float16" }),
      "linalg.vectorNorm: the dtype of the input (Float) should be convertible without narrowing to the specified dtype (Half)",
    ],
    [
      () => x.sum(null, { dtype: "int32" }),
      "Autograd not support dtype: Int",
    ],
    [
      () => x.cumsum(0, { dtype: "int64" }),
      "Autograd not support dtype: Long",
    ],
    [
      () => n.cumprod_(0, { dtype: "float64" }),
      "Bad in-place call: input tensor dtype long int and output tensor dtype double should match",
    ],
    [
      () => dg.tensor([1], { dtype: "float16" }).quantile(0.5),
      "quantile() input tensor must be either float or double dtype",
    ],
  ];
  for (const [fn, message] of refused) fails(fn, dg.RuntimeError, message);
});

Deno.test("errors of sizes", () => {
  const empty = dg.tensor([]);
  const rows = dg.zeros([0, 3]);
  const x = dg.tensor([[1, 2], [3, 4]]);
  const p = Infinity;
  const refused: [() => unknown, string][] = [
    [
      () => empty.norm(null, { p }),
      "linalg.vectorNorm cannot compute the inf norm on an empty tensor because the operation does not have an identity",
    ],
    [
      () => rows.norm(0, { p }),
      "linalg.vectorNorm cannot compute the inf norm on the dimension 0because this dimension is empty and the operation does not have an identity",
    ],
    [
      () => x.kthvalue(3),
      "kthvalue(): selected number k out of range for dimension 1",
    ],
    [
      () => x.diff(1, { prepend: dg.tensor(1) }),
      "diff expects prepend or append to be the same dimension as input",
    ],
    [
      () => x.diff(1, { prepend: dg.ones([3, 3]) }),
      "diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(0) = 2, but got tensor.size(0) = 3",
    ],
    [
      () => x.sumToSize([2, 3]),
      "size {[2, 3]} is not expandable to size {[2, 2]}.",
    ],
  ];
  for (const [fn, message] of refused) fails(fn, dg.RuntimeError, message);
  fails(
    () => empty.median(0),
    dg.IndexError,
    "median(): Expected reduction dim 0 to have non-zero size.",
  );
  assertEquals(rows.norm(1, { p }).shape, [0]);
  assertEquals(rows.max(1).values.shape, [0]);
  assertEquals(rows.logsumexp(0).tolist(), [-Infinity, -Infinity, -Infinity]);
  assertEquals(empty.median().item(), NaN);
  assertThrows(
    () => x.sum(0, { keepDim: true } as Record<string, boolean>),
    TypeError,
  );
});

Deno.test("scans in place keep the type", () => {
  const n = dg.tensor([1, 2, 3], { dtype: "int32" });
  assertEquals(n.cumsum(0).dtype, "int64");
  assertEquals(n.cumsum_(0).dtype, "int32");
  assertEquals(n.tolist(), [1, 3, 6]);
});

Deno.test("results of kernels may be changed in place", () => {
  const x = dg.tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const [, mean] = dg.stdMean(x, 1);
  mean.mul_(2);
  x.median(1).values.mul_(2).sum().add(x.quantile(0.5, 0).mul_(2).sum())
    .add(mean.sum()).backward();
  assertEquals(x.grad!.tolist(), [[4, 2], [4, 2]]);
});

Deno.test("sumToSize reduces only where it must", () => {
  const x = dg.ones([1, 3]);
  assertEquals(x.sumToSize([3]).tolist(), [1, 1, 1]);
  assertEquals(dg.ones([2, 3]).sumToSize([]).item(), 6);
  assertEquals(dg.ones([2, 2, 3]).sumToSize([2, 1]).tolist(), [[6], [6]]);
});

Deno.test("logsumexp of many elements is that of few", () => {
  const few = dg.tensor([[3, -1, 2], [-Infinity, -Infinity, -Infinity], [
    Infinity,
    1,
    -Infinity,
  ], [NaN, 1, 2]], { dtype: "float64" });
  const many = few.reshape([4, 1, 3]).expand([4, 500, 3]).clone()
    .requiresGrad_();
  const out = many.logsumexp([2]);
  const row = few.logsumexp(1);
  const close = out.sub(row.unsqueeze(1)).abs().lt(1e-12);
  assertEquals(close.all(1).tolist(), [true, false, false, false]);
  assertEquals(out.at("1:", 0).tolist(), row.at("1:").tolist());
  assertEquals(out.gradFn!.name, "LogsumexpBackward0");
  out.select(0, 0).sum().backward();
  const expected = few.select(0, 0).softmax(0);
  const error = many.grad!.select(0, 0).select(0, 7).sub(expected).abs().max()
    .item();
  assertEquals(error < 1e-12, true);
  const ints = dg.ones(2000, { dtype: "int64" }).logsumexp(0);
  assertEquals([ints.dtype, ints.item()], [
    "float32",
    Math.fround(1 + Math.log(2000)),
  ]);
});

Deno.test("keepdim without a dimension is refused", () => {
  const x = dg.ones([2, 2]);
  const options = { keepdim: true };
  for (
    const call of [
      () => dg.max(x, null as unknown as number, options),
      () => dg.min(x, x as unknown as number, options),
      () => dg.median(x, null as unknown as number, options),
    ]
  ) assertThrows(call, TypeError, 'unexpected option "keepdim"');
});
