// What the goldens and the conformance test leave open of the elementwise ops:
// refusals, aliasing of operands, names of nodes, and masked derivatives.

import * as dg from "@dinograd/dinograd";
import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

const INT = { dtype: "int64" } as const;
const GRAD = { requiresGrad: true } as const;

function nameOf(x: dg.Tensor): string | undefined {
  return x.gradFn?.name;
}

Deno.test("number operands keep integers and promote where they have a fraction", () => {
  const n = dg.tensor([1, 2], INT);
  assertEquals(n.sub(1).dtype, "int64");
  assertEquals(n.sub(0.5).dtype, "float32");
  assertEquals(n.mul(2).dtype, "int64");
  assertEquals(n.div(2).dtype, "float32");
  assertEquals(n.div(2, { roundingMode: "floor" }).dtype, "int64");
  assertEquals(n.pow(2).dtype, "int64");
  assertEquals(n.pow(0.5).dtype, "float32");
  assertEquals(dg.pow(2.5, n).dtype, "float32");
  assertEquals(n.clamp({ min: 1.5 }).dtype, "float32");
  assertEquals(dg.tensor([true]).pow(2).dtype, "int64");
  assertEquals(dg.tensor([true]).square().dtype, "int64");
  assertEquals(dg.tensor([true]).clamp({ min: 0 }).dtype, "int64");
});

Deno.test("alpha must suit the type of the result", () => {
  const n = dg.tensor([1, 2], INT);
  const x = dg.tensor([1, 2]);
  const flags = dg.tensor([true, false]);
  assertEquals(n.sub(n, { alpha: 3 }).tolist(), [-2, -4]);
  assertEquals(n.add(x, { alpha: 0.5 }).tolist(), [1.5, 3]);
  assertEquals(flags.add(flags, { alpha: true }).tolist(), [true, false]);
  for (const op of ["add", "sub", "add_", "sub_"] as const) {
    assertThrows(
      () => n[op](n, { alpha: 0.5 }),
      dg.RuntimeError,
      "For integral input tensors, argument alpha must not be a floating point number.",
    );
  }
  assertThrows(
    () => x.add(x, { alpha: true }),
    dg.RuntimeError,
    "Boolean alpha only supported for Boolean results.",
  );
});

Deno.test("masks are not subtracted, negated or signed", () => {
  const flags = dg.tensor([true, false]);
  assertThrows(() => dg.sub(1, flags), dg.RuntimeError, "with a bool tensor");
  assertThrows(() => dg.rsub(flags, 1), dg.RuntimeError, "with a bool tensor");
  assertThrows(() => flags.sub_(flags), dg.RuntimeError, "two bool tensors");
  assertThrows(() => flags.neg_(), dg.RuntimeError, "Negation");
  assertThrows(() => flags.positive(), dg.RuntimeError, "`+` operator");
});

Deno.test("kernels that PyTorch lacks are refused with its names", () => {
  const x = dg.tensor([1, 2]);
  const n = dg.tensor([1, 2], INT);
  const flags = dg.tensor([true, false]);
  const cases: [() => unknown, string][] = [
    [() => n.hypot(n), `"hypot_cpu" not implemented for 'Long'`],
    [() => flags.pow(flags), `"pow" not implemented for 'Bool'`],
    [() => x.bitwiseXor(n), `"bitwise_xor_cpu" not implemented for 'Float'`],
    [() => x.bitwiseRightShift(2), `"rshift_cpu" not implemented for 'Float'`],
    [() => n.lerp(n, n), `"lerp_kernel_tensor" not implemented for 'Long'`],
    [
      () => n.round({ decimals: 0 }),
      `"round_vml_cpu" not implemented for 'Long'`,
    ],
    [
      () => flags.clamp({ min: true }),
      `"clamp_min_scalar_cpu" not implemented for 'Bool'`,
    ],
    [
      () => flags.div(flags, { roundingMode: "trunc" }),
      `"div_trunc_cpu" not implemented for 'Bool'`,
    ],
    [
      () => x.lerp(x, x.to("float64")),
      "expected dtype float for `weight` but got dtype double",
    ],
    [() => n.addcdiv(n, n), "Integer division with addcdiv"],
    [() => x.floatPower_(2), "has dtype Float but the operation's result"],
    [() => x.where(n, 0), "but got a tensor with dtype Long"],
  ];
  for (const [call, message] of cases) {
    assertThrows(call, dg.RuntimeError, message);
  }
});

Deno.test("unknown options are refused", () => {
  const x = dg.tensor([1, 2]);
  const wrong = { beta: 2 } as unknown as { alpha: number };
  assertThrows(() => x.sub(x, wrong), TypeError, "alpha");
  const lower = { low: 2 } as unknown as { min: number };
  assertThrows(() => x.clamp(lower), TypeError, "min, max");
});

Deno.test("an operand may be the tensor that is changed, or a view of it", () => {
  const x = dg.tensor([[1, 2], [3, 4]]);
  const turned = x.transpose(0, 1);
  assertEquals(x.clone().sub_(1).tolist(), [[0, 1], [2, 3]]);
  assertEquals(x.clone().mul_(x).tolist(), [[1, 4], [9, 16]]);
  const shared = "some elements of the input tensor and the written-to tensor";
  assertThrows(() => x.sub_(turned), dg.RuntimeError, shared);
  assertThrows(() => x.addcmul_(x, turned), dg.RuntimeError, shared);
  assertThrows(() => x.mul_(x.select(0, 0)), dg.RuntimeError, shared);
  assertThrows(() => x.eq_(turned), dg.RuntimeError, shared);
  assertEquals(x.tolist(), [[1, 2], [3, 4]]);
  x.select(0, 0).sub_(x.select(0, 1));
  assertEquals(x.tolist(), [[-2, -2], [3, 4]]);
  x.addcmul_(x, x);
  assertEquals(x.tolist(), [[2, 2], [12, 20]]);
});

Deno.test("in-place forms return their tensor and count the change", () => {
  const x = dg.tensor([4, 9]);
  assertStrictEquals(x.sqrt_(), x);
  assertEquals(x.version, 1);
  x.addcdiv_(dg.tensor([1, 1]), dg.tensor([2, 4]), { value: 2 });
  assertEquals(x.tolist(), [3, 3.5]);
  assertEquals(x.version, 2);
  const n = dg.tensor([1, 2], INT);
  assertEquals(n.pow_(3).tolist(), [1, 8]);
  assertEquals(n.clampMin_(4).tolist(), [4, 8]);
  assertEquals(n.lt_(5).tolist(), [1, 0]);
});

Deno.test("a comparison in place has the gradient zero", () => {
  const x = dg.tensor([1, 5], GRAD);
  const y = x.mul(2).gt_(4);
  assertEquals(nameOf(y), "GtBackward0");
  y.sum().backward();
  assertEquals(x.grad!.tolist(), [0, 0]);
  const z = x.mul(2).le_(x.detach());
  assertEquals(nameOf(z), "LeBackward1");
});

Deno.test("nodes have PyTorch's names", () => {
  const x = dg.tensor([0.5, 2], GRAD);
  const y = dg.tensor([3, 4], GRAD);
  const names: [dg.Tensor, string][] = [
    [dg.sub(1, x), "SubBackward0"],
    [dg.rsub(x, 1), "RsubBackward1"],
    [x.div(y, { roundingMode: "floor" }), "DivBackward2"],
    [x.floorDivide(y), "NotImplemented"],
    [x.remainder(2), "RemainderBackward0"],
    [x.fmod(y), "FmodBackward1"],
    [x.square(), "PowBackward0"],
    [x.pow(y), "PowBackward1"],
    [dg.pow(2, x), "PowBackward2"],
    [x.round({ decimals: 1 }), "RoundBackward1"],
    [x.fix(), "TruncBackward0"],
    [x.clip({ min: 0 }), "ClampBackward1"],
    [x.clamp({ min: 0, max: y }), "ClampBackward0"],
    [x.copysign(-1), "CopysignBackward1"],
    [x.sgn(), "SgnBackward0"],
    [x.lerp(y, x), "LerpBackward1"],
    [x.ldexp(2), "LdexpBackward0"],
    [x.where(x.gt(1), 0), "WhereBackward0"],
  ];
  for (const [tensor, name] of names) assertEquals(nameOf(tensor), name);
  assertStrictEquals(x.positive(), x);
});

Deno.test("an op without a derivative fails when a gradient reaches it", () => {
  const x = dg.tensor([5, 7], GRAD);
  assertThrows(
    () => x.floorDivide(2).sum().backward(),
    dg.RuntimeError,
    "derivative for floorDivide is not implemented",
  );
});

Deno.test("pow: common exponents are computed as PyTorch does", () => {
  const x = dg.tensor([-Infinity, -8, -0]);
  assertEquals(x.pow(0.5).tolist(), [NaN, NaN, -0]);
  assertEquals(x.pow(3).tolist(), [-Infinity, -512, -0]);
  assertEquals(x.pow(-2).tolist(), [0, 1 / 64, Infinity]);
  assertEquals(x.pow(0).tolist(), [1, 1, 1]);
  assertEquals(dg.tensor([NaN]).pow(0).tolist(), [1]);
  assertEquals(
    dg.tensor([2, -1, 1], INT).pow(dg.tensor([-1, -3, -2], INT))
      .tolist(),
    [0, -1, 1],
  );
});

Deno.test("pow: derivatives are masked where they would be NaN", () => {
  const base = dg.tensor([0, 0, 2, -2], GRAD);
  const exponent = dg.tensor([0, 2, 0, 0], GRAD);
  base.pow(exponent).sum().backward();
  assertEquals(base.grad!.tolist(), [0, 0, 0, 0]);
  assertEquals(exponent.grad!.at(":2").tolist(), [0, 0]);
  const power = dg.tensor([0, 1, 2], GRAD);
  dg.pow(0, power).sum().backward();
  assertEquals(power.grad!.tolist(), [0, 0, 0]);
  const zero = dg.tensor([0, 3], GRAD);
  zero.pow(0).sum().backward();
  assertEquals(zero.grad!.tolist(), [0, 0]);
});

Deno.test("second derivatives pass through numbers and masks", () => {
  const x = dg.tensor([1, 2, -3], GRAD);
  const slope = (y: dg.Tensor): dg.Tensor => {
    x.grad = null;
    y.sum().backward(undefined, { createGraph: true });
    return x.grad!;
  };
  const cube = slope(x.pow(3));
  assertEquals(cube.tolist(), [3, 12, 27]);
  x.grad = null;
  cube.sum().backward();
  assertEquals(x.grad!.tolist(), [6, 12, -18]);
  const positive = slope(x.relu().square());
  x.grad = null;
  positive.sum().backward();
  assertEquals(x.grad!.tolist(), [2, 2, 0]);
});

Deno.test("what a derivative needs must not change in place", () => {
  const x = dg.tensor([1, 2], GRAD);
  const root = x.sqrt();
  root.mul_(2);
  assertThrows(
    () => root.sum().backward(),
    dg.RuntimeError,
    "modified by an inplace operation",
  );
  const mask = dg.tensor([true, false]);
  const chosen = dg.where(mask, x, 0);
  mask.logicalNot_();
  assertThrows(
    () => chosen.sum().backward(),
    dg.RuntimeError,
    "modified by an inplace operation",
  );
});

Deno.test("where: numbers, zero gradients and next functions", () => {
  const mask = dg.tensor([true, false]);
  assertEquals(dg.where(mask, 1, 0).dtype, "int64");
  assertEquals(dg.where(mask, 1.5, 0).dtype, "float32");
  assertEquals(dg.where(mask, true, false).dtype, "bool");
  const x = dg.tensor([0, 4], GRAD);
  assertEquals(dg.where(mask, x, 0).gradFn!.nextFunctions.length, 2);
  const safe = dg.where(x.gt(0), x, 1).log();
  dg.where(x.gt(0), safe, 0).sum().backward();
  assertEquals(x.grad!.tolist(), [0, 0.25]);
});

Deno.test("bits of bool and shifts beyond the type", () => {
  const flags = dg.tensor([true, false]);
  assertEquals(flags.bitwiseNot().tolist(), [false, true]);
  assertEquals(flags.clone().bitwiseNot_().tolist(), [false, true]);
  assertEquals(flags.bitwiseXor(true).tolist(), [false, true]);
  const n = dg.tensor([1, -8], INT);
  assertEquals(n.bitwiseLeftShift(64).tolist(), [0, 0]);
  assertEquals(n.bitwiseRightShift(70).tolist(), [0, -1]);
});

Deno.test("signs of zero and NaN", () => {
  const x = dg.tensor([-0, NaN]);
  assertEquals(x.relu().tolist(), [-0, NaN]);
  assertEquals(x.clamp({ min: 0 }).tolist(), [-0, NaN]);
  assertEquals(x.sign().tolist(), [0, 0]);
  assertEquals(x.abs().tolist(), [0, NaN]);
  assertEquals(dg.tensor([1, 2]).clamp({ min: NaN }).tolist(), [NaN, NaN]);
});

Deno.test("largest numbers replace the infinities of each type", () => {
  const at = (dtype: "float16" | "float64"): unknown =>
    dg.tensor([Infinity, -Infinity], { dtype }).nanToNum().tolist();
  assertEquals(at("float16"), [65504, -65504]);
  assertEquals(at("float64"), [Number.MAX_VALUE, -Number.MAX_VALUE]);
});

Deno.test("closeness and equality", () => {
  const n = dg.tensor([1, 2], INT);
  assert(dg.equal(n, dg.tensor([1, 2])));
  assertFalse(dg.equal(dg.tensor([NaN]), dg.tensor([NaN])));
  assert(dg.allclose(dg.tensor([]), dg.tensor([])));
  assertEquals(n.isclose(n.add(1), { rtol: 0, atol: 0 }).tolist(), [
    false,
    false,
  ]);
});
