// Complex numbers where values are stored, factors given and powers taken, and
// what has no meaning for them: nothing may drop an imaginary part or give a
// number that is not PyTorch's. Expected values are real PyTorch's.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";

const C = (re: number, im: number) => ({ re, im });
const WIDE = { dtype: "complex128" } as const;
const MASK = dg.tensor([true, false]);
const FIRST = dg.tensor([0], { dtype: "int64" });
const zeros = () => dg.zeros(2, { dtype: "complex64" });
const FILLED = [C(1, 2), C(0, 0)];

Deno.test("a complex number can be stored wherever a number can", () => {
  assertEquals(zeros().fill_(C(1, 2)).tolist(), [C(1, 2), C(1, 2)]);
  assertEquals(dg.fill(zeros(), C(1, 2)).tolist(), [C(1, 2), C(1, 2)]);
  assertEquals(dg.full(1, C(1, 2)).tolist(), [C(1, 2)]);
  assertEquals(dg.full(1, C(1, 2)).dtype, "complex64");
  assertEquals(dg.fullLike(zeros(), C(1, 2)).at(1).tolist(), C(1, 2));
  assertEquals(zeros().newFull([], C(1, 2)).tolist(), C(1, 2));
  assertEquals(zeros().maskedFill(MASK, C(1, 2)).tolist(), FILLED);
  assertEquals(zeros().maskedFill_(MASK, C(1, 2)).tolist(), FILLED);
  assertEquals(zeros().indexFill(0, FIRST, C(1, 2)).tolist(), FILLED);
  assertEquals(zeros().indexFill_(0, FIRST, C(1, 2)).tolist(), FILLED);
  assertEquals(zeros().scatter(0, FIRST, C(1, 2)).tolist(), FILLED);
  assertEquals(zeros().setAt_(0, C(1, 2)).tolist(), FILLED);
  assertEquals(zeros().setAt_(MASK, C(1, 2)).tolist(), FILLED);
  const x = dg.zeros([2, 2], { dtype: "complex128" });
  assertEquals(x.fillDiagonal_(C(1, 2)).diagonal().at(1).tolist(), C(1, 2));
  // At the precision of the type that stores it.
  const wide = { dtype: "complex128" } as const;
  assertEquals(dg.full([], C(0.1, 0.2), wide).tolist(), C(0.1, 0.2));
  assertEquals(dg.full(1, C(2 ** 40 + 1, 0), { dtype: "int64" }).tolist(), [
    2 ** 40 + 1,
  ]);
  assertEquals(dg.full(1, C(0, 3), { dtype: "bool" }).tolist(), [true]);
});

Deno.test("a complex number that fills keeps the gradient of the rest", () => {
  const z = zeros().requiresGrad_();
  z.maskedFill(MASK, C(1, 2)).real.sum().backward();
  assertEquals(z.grad?.tolist(), [C(0, 0), C(1, 0)]);
});

Deno.test("no imaginary part is dropped in silence", () => {
  const real = () => dg.zeros(2);
  const z = dg.tensor(C(1, 2));
  const stores: (() => unknown)[] = [
    () => real().fill_(C(1, 2)),
    () => dg.full(1, C(1, 2), { dtype: "float32" }),
    () => dg.full(1, C(1, 2), { dtype: "float16" }),
    () => real().newFull([], C(1, 2)),
    () => real().maskedFill(MASK, C(1, 2)),
    () => real().maskedFill(MASK, z),
    () => real().maskedFill_(MASK, z),
    () => real().indexFill(0, FIRST, z),
    () => real().setAt_(0, C(1, 2)),
    () => real().setAt_(MASK, z),
    () => real().scatter(0, FIRST, C(1, 2)),
  ];
  for (const store of stores) assertThrows(store, dg.RuntimeError);
  // A part of zero is not missed.
  const whole = real().maskedFill(MASK, dg.tensor(C(1, 0)));
  assertEquals(whole.tolist(), [1, 0]);
});

Deno.test("complex factors among the options are refused", () => {
  const z = zeros();
  const alpha = C(1, 2) as unknown as number;
  const m = dg.zeros([2, 2], { dtype: "complex64" });
  const calls: (() => unknown)[] = [
    () => z.add(z, { alpha }),
    () => z.sub_(z, { alpha }),
    () => dg.rsub(z, z, { alpha }),
    () => z.addcmul(z, z, { value: alpha }),
    () => z.addcdiv(z, z, { value: alpha }),
    () => dg.addmm(m, m, m, { alpha }),
    () => dg.addr(m, z, z, { beta: alpha }),
  ];
  for (const call of calls) {
    assertThrows(call, TypeError, "must be a real number");
  }
});

Deno.test("powers of zero", () => {
  const zero = zeros();
  const power = (e: { re: number; im: number }) =>
    zero.pow(dg.full(2, e)).at(0).tolist();
  assertEquals(power(C(1, 1)), C(0, 0));
  assertEquals(power(C(-1, 1)), C(Infinity, NaN));
  assertEquals(power(C(0, 1)), C(NaN, NaN));
  assertEquals(power(C(0, 0)), C(NaN, NaN));
  assertEquals(zero.pow(0).at(0).tolist(), C(1, 0));
  assertEquals(zero.pow(-1).at(0).real.item(), Infinity);
  assertEquals(dg.pow(0, dg.tensor(C(-1, 1))).tolist(), C(Infinity, NaN));
});

Deno.test("the exponent's gradient beside a negative real base, and acosh left of 0", () => {
  const close = (x: dg.Tensor | null, re: number, im: number) =>
    assertEquals(
      x?.allclose(dg.tensor(C(re, im), { dtype: "complex128" })),
      true,
    );
  const y = dg.tensor(C(0.5, 1), { dtype: "complex128", requiresGrad: true });
  dg.pow(dg.tensor(-2, { dtype: "float64" }), y).real.backward();
  close(y.grad, -0.17475645387453903, 0.0900914025533436);
  const z = dg.tensor(C(-1, 0.5), { dtype: "complex128", requiresGrad: true });
  z.acosh().real.backward();
  close(z.grad, -0.6061552534203895, 0.7763493471989239);
});

Deno.test("sums of another type, norms of a wider one", () => {
  const z = dg.tensor([C(0, 0), C(1, 2), C(3, 4)]);
  assertEquals(z.sum(null, { dtype: "bool" }).dtype, "bool");
  assertEquals(z.sum(null, { dtype: "int64" }).item(), 4);
  const third = dg.tensor([C(0.1, 0.2)]);
  const wide = third.norm(null, { p: 2, dtype: "complex128" });
  assertEquals(wide.dtype, "float64");
  const exact = third.to("complex128").norm();
  assertEquals(wide.item(), exact.item());
  assertThrows(
    () => z.norm(0, { dtype: "float64" }),
    dg.RuntimeError,
    "dtype should be complex for complex inputs",
  );
});

Deno.test("what needs an order, or real numbers, is refused", () => {
  const z = dg.tensor([C(1, 2), C(3, 4)]);
  const line = z.reshape([1, 1, 2]);
  const r = dg.tensor([1, 2]);
  const F = dg.nn.functional;
  const calls: (() => unknown)[] = [
    () => z.kthvalue(1),
    () => dg.searchsorted(r, z),
    () => dg.bucketize(z, r),
    () => z.nansum(),
    () => z.nansum(null, { dtype: "float32" }),
    () => F.cosineSimilarity(z, z, 0),
    () => F.localResponseNorm(line, 2),
    () => F.klDiv(z, z),
    () => F.alphaDropout(z, { training: true }),
    () => F.dropout(z, { p: 0.5 }),
    () => z.clone().bernoulli_(),
    () => z.clone().geometric_(0.5),
    () => z.clone().random_(),
  ];
  for (const call of calls) assertThrows(call, dg.RuntimeError);
});

Deno.test("functions of infinite numbers have their limits", () => {
  const at = (re: number, im: number) => dg.tensor(C(re, im), WIDE);
  const half = Math.PI / 2;
  const Inf = Infinity;
  assertEquals(at(Inf, -1).atan().tolist(), C(half, -0));
  assertEquals(at(Inf, 1).atanh().tolist(), C(0, half));
  assertEquals(at(Inf, 1).asin().tolist(), C(half, Inf));
  assertEquals(at(-Inf, 1).acos().tolist(), C(Math.PI, -Inf));
  assertEquals(at(0, Inf).acosh().tolist(), C(Inf, half));
  assertEquals(at(Inf, 0).asinh().tolist(), C(Inf, 0));
  assertEquals(at(0, -Inf).sqrt().tolist(), C(Inf, -Inf));
  assertEquals(at(-Inf, Inf).exp().tolist(), C(0, 0));
  assertEquals(at(Inf, NaN).tanh().tolist(), C(1, 0));
  assertEquals(at(-Inf, 0).cosh().real.item(), Inf);
  assertEquals(at(-Inf, 0).sinh().imag.item(), 0);
});
