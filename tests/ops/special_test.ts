// Exponentials, special functions and softmax where the goldens and the
// conformance test do not look: errors, edges and accuracy.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const double = { dtype: "float64" } as const;

Deno.test("special: operands that must be floating-point", () => {
  const ints = dg.tensor([1, 2], { dtype: "int64" });
  for (const name of ["logaddexp", "logaddexp2"] as const) {
    assertThrows(
      () => dg[name](ints, ints),
      dg.RuntimeError,
      `"${name}_cpu" not implemented for 'Long'`,
    );
  }
  assertThrows(
    () => dg.softmax(ints, 0),
    dg.RuntimeError,
    "\"softmax_lastdim_kernel_impl\" not implemented for 'Long'",
  );
  assertThrows(
    () => dg.logSoftmax(ints.reshape([2, 1]), 0),
    dg.RuntimeError,
    "\"log_softmax_kernel_impl\" not implemented for 'Long'",
  );
  assertThrows(
    () => ints.exp_(),
    dg.RuntimeError,
    "result type Float can't be cast to the desired output type Long",
  );
});

Deno.test("special: orders of polygamma and mvlgamma", () => {
  const x = dg.tensor([1.5, 2], double);
  assertThrows(
    () => x.polygamma(-1),
    dg.RuntimeError,
    "polygamma(n, x) does not support negative n.",
  );
  assertThrows(() => dg.polygamma(0.5, x), TypeError, "must be int");
  assertThrows(
    () => x.mvlgamma(0),
    dg.RuntimeError,
    "p has to be greater than or equal to 1",
  );
  assertThrows(() => x.mvlgamma(1.5), TypeError, "must be int");
  assertEquals(x.clone().polygamma_(2).tolist(), x.polygamma(2).tolist());
  assertEquals(x.clone().mvlgamma_(2).tolist(), x.mvlgamma(2).tolist());
  // torch.mvlgamma(torch.tensor([1.5, 2.]).double(), 2)
  const [a, b] = x.mvlgamma(2).tolist<[number, number]>();
  assertAlmostEquals(a, 0.45158270528945482, 1e-14);
  assertAlmostEquals(b, 0.45158270528945482, 1e-14);
});

Deno.test("special: the node tells which operand of xlogy is a number", () => {
  const x = dg.tensor([0.5, 2], { requiresGrad: true });
  assertEquals(dg.xlogy(x, x).gradFn!.name, "XlogyBackward0");
  assertEquals(dg.xlogy(2, x).gradFn!.name, "XlogyBackward1");
  assertEquals(x.xlogy(2.5).gradFn!.name, "XlogyBackward2");
  assertEquals(x.clone().xlogy_(2.5).gradFn!.name, "XlogyBackward2");
});

Deno.test("special: gradients where a formula has none", () => {
  const gradient = (f: (x: dg.Tensor) => dg.Tensor, values: number[]) => {
    const x = dg.tensor(values, { ...double, requiresGrad: true });
    f(x).sum().backward();
    return x.grad!.tolist();
  };
  assertEquals(gradient((x) => x.sinc(), [0]), [0]);
  assertEquals(gradient((x) => dg.atan2(x, x), [0]), [0]);
  assertEquals(gradient((x) => x.xlogy(-1), [0]), [0]);
  assertEquals(gradient((x) => x.logit(), [-1, 0, 1, 2]), [
    NaN,
    Infinity,
    Infinity,
    NaN,
  ]);
  assertEquals(
    gradient((x) => x.logit({ eps: 0.25 }), [-1, 0, 0.5, 1]),
    [0, 0, 4, 0],
  );
});

Deno.test("softmax: rows of infinities, large and 16-bit values", () => {
  const inf = Infinity;
  assertEquals(dg.tensor([-inf, -inf]).softmax(0).tolist(), [NaN, NaN]);
  assertEquals(dg.tensor([-inf, 1]).softmax(0).tolist(), [0, 1]);
  assertEquals(dg.tensor([1e30, 0]).logSoftmax(0).at(0).item(), 0);
  assertEquals(dg.zeros([0, 3]).softmax(0).shape, [0, 3]);
  assertEquals(dg.tensor(2).softmax(-1).item(), 1);
  // 4096 terms of 1: a sum in float16 would be exact only up to 2048.
  const short = dg.zeros(4096, { dtype: "float16" }).softmax(0);
  assertEquals(short.dtype, "float16");
  assertEquals(short.at(0).item(), 1 / 4096);
});

Deno.test("softmax: the type is converted first, which the graph shows", () => {
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const y = x.softmax(0, double);
  assertEquals(y.dtype, "float64");
  assertEquals(y.gradFn!.name, "SoftmaxBackward0");
  assertEquals(y.gradFn!.nextFunctions[0]![0]!.name, "ToCopyBackward0");
  y.select(0, 0).backward();
  assertEquals(x.grad!.dtype, "float32");
});
