// What random programs, run here and in PyTorch, once did differently: edges
// of types, of empty tensors and of changes in place that no golden covers.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const byte = (...values: number[]) => dg.tensor(values, { dtype: "uint8" });
const long = (...values: number[]) => dg.tensor(values, { dtype: "int64" });
const leaf = (...values: number[]) => dg.tensor(values, { requiresGrad: true });

function refuses(fn: () => unknown, message: string): void {
  assertThrows(fn, dg.RuntimeError, message);
}

Deno.test("logic in place leaves no trace in the graph", () => {
  const x = leaf(2, 0);
  assertEquals(x.logicalNot_().tolist(), [0, 1]);
  assertEquals(x.requiresGrad && x.isLeaf, true);
  const y = leaf(3, 0).mul(2);
  assertEquals(y.logicalOr_(leaf(0, 0)).gradFn!.name, "MulBackward0");
  assertEquals(long(4, 0).logicalXor_(leaf(0, 0)).tolist(), [1, 0]);
});

Deno.test("bounds without a sign wrap around", () => {
  assertEquals(byte(6, 0).clamp({ min: -1 }).tolist(), [255, 255]);
  assertEquals(byte(6, 0).clampMin_(-1).tolist(), [255, 255]);
  assertEquals(byte(6, 0).clamp({ max: -2 }).tolist(), [6, 0]);
  refuses(
    () => byte(6).clamp({ max: 300 }),
    "value cannot be converted to type uint8_t without overflow",
  );
  const mask = dg.tensor([true]);
  refuses(
    () => mask.clamp({ min: mask, max: mask }),
    "\"clamp_cpu\" not implemented for 'Bool'",
  );
});

Deno.test("factors of integers are integers", () => {
  const x = dg.tensor([-5], { dtype: "int8" });
  const y = dg.tensor([-4], { dtype: "int8" });
  assertEquals(x.indexAdd(0, long(0), y, { alpha: 2.5 }).tolist(), [-13]);
  assertEquals(x.addcmul(y, y, { value: 1.5 }).tolist(), [11]);
  refuses(
    () => x.addcmul(y, y, { value: Infinity }),
    "value cannot be converted to type int8_t without overflow",
  );
  const mask = dg.tensor([true]);
  refuses(
    () => mask.addcmul(mask, mask),
    "\"addcmul_cpu_out\" not implemented for 'Bool'",
  );
});

Deno.test("a mask of bytes chooses", () => {
  assertEquals(dg.where(byte(6, 0), leaf(1, 2), 9).tolist(), [1, 9]);
});

Deno.test("a single value is converted where one mask selects", () => {
  const mask = dg.tensor([true, false, true]);
  const x = dg.zeros(3);
  assertEquals(x.setAt_(mask, long(5)).tolist(), [5, 0, 5]);
  assertEquals(x.indexPut([mask], long(6)).tolist(), [6, 0, 6]);
  const value = dg.tensor(7, { dtype: "float64", requiresGrad: true });
  const y = leaf(1, 1, 1).clone();
  y.setAt_(mask, value).sum().backward();
  assertEquals([value.grad!.item(), value.grad!.dtype], [2, "float64"]);
  const dtypes =
    "Index put requires the source and destination dtypes match, got Float for the destination and Long for the source.";
  refuses(() => x.setAt_(mask, long(5, 6)), dtypes);
  refuses(() => x.setAt_([[0]], long(5)), dtypes);
  refuses(() => x.indexPut([mask], long(5), { accumulate: true }), dtypes);
});

Deno.test("nothing to do is no error", () => {
  const none = dg.zeros([3, 0]);
  assertEquals(none.indexAdd(1, long(0), dg.ones([3, 1])).shape, [3, 0]);
  assertEquals(dg.tensor(3).topk(0).values.item(), 3);
  const weights = dg.zeros(0);
  const counts = dg.bincount(long(), { weights, minlength: 2 });
  assertEquals(counts.dtype, "int64");
  const n = long(1);
  assertEquals(n.nanToNum_().version, 1);
});

Deno.test("norms of nothing, and of more than a matrix", () => {
  const none = dg.zeros(0);
  refuses(
    () => dg.dist(none, none, { p: Infinity }),
    "linalg.vectorNorm cannot compute the inf norm on an empty tensor because the operation does not have an identity",
  );
  const x = dg.ones([2, 3, 4]);
  refuses(
    () => x.norm([0, 1, -1]),
    "linalg.matrixNorm: dim must be a 2-tuple. Got 0 1 -1",
  );
  assertEquals(x.norm([0, 1, 2], { p: 1 }).item(), 24);
});

Deno.test("distinct elements may be changed in place", () => {
  const x = leaf(3, 1, 3);
  assertEquals(dg.unique(x).mul_(2).tolist(), [2, 6]);
  assertEquals(dg.uniqueConsecutive(x).zero_().tolist(), [0, 0, 0]);
});

Deno.test("the gradient of relu can be differentiated", () => {
  const x = leaf(-1, 2);
  const [g] = dg.autograd.grad(x.relu().sum(), x, { createGraph: true });
  assertEquals(g!.gradFn!.name, "ThresholdBackwardBackward0");
  const [h] = dg.autograd.grad(g!.sum(), x);
  assertEquals(h!.tolist(), [0, 0]);
});

Deno.test("no gradient passes a view that was made inside noGrad", () => {
  const x = leaf(1, 2);
  const y = dg.noGrad(() => x.at("0:1"));
  assertEquals([y.requiresGrad, y.isLeaf], [true, true]);
  refuses(
    () => y.backward(),
    "element 0 of tensors does not require grad and does not have a grad_fn",
  );
  const z = y.mul(2);
  assertEquals([z.requiresGrad, z.gradFn!.name], [true, "MulBackward0"]);
  z.backward();
  assertEquals([x.grad, y.grad], [null, null]);
});

Deno.test("a negative number beside bytes is negative where floats are computed", () => {
  assertEquals(byte(6, 3).div(-2).tolist(), [-3, -1.5]);
  assertEquals(dg.div(-3, byte(6, 3)).tolist(), [-0.5, -1]);
  assertEquals(dg.xlogy(byte(1), -1).tolist(), [NaN]);
  const n = dg.tensor([3], { dtype: "int8" });
  assertEquals(n.div(300).item(), Math.fround(0.01));
});

Deno.test("factors and exponents fit the integers beside them", () => {
  const sentence = "value cannot be converted to type uint8_t without overflow";
  refuses(() => byte(1).add(byte(1), { alpha: 300 }), sentence);
  refuses(() => byte(1).pow(300), sentence);
  refuses(() => dg.where(dg.tensor([true]), byte(1), 300), sentence);
  const mask = dg.tensor([true, false]);
  assertEquals(mask.add(mask, { alpha: -1 }).tolist(), [true, false]);
  const both = mask.indexAdd(0, long(1, 1), mask, { alpha: 3 });
  assertEquals(both.tolist(), [true, true]);
});

Deno.test("a 0-d weight may have another type", () => {
  const weight = dg.tensor(0.5, { dtype: "float64" });
  const y = dg.zeros(2).lerp(dg.ones(2), weight);
  assertEquals([y.tolist(), y.dtype], [[0.5, 0.5], "float32"]);
  const z = long(0, 1).lerp(long(1, 3), weight.float());
  assertEquals([z.tolist(), z.dtype], [[0.5, 2], "float32"]);
  refuses(
    () => dg.zeros(2).lerp(dg.ones(2), weight.reshape(1)),
    "expected dtype float for `weight` but got dtype double",
  );
});

Deno.test("differences of order 0, means of a wrong type, unused sources", () => {
  const x = dg.tensor([1, 2, 4]);
  assertEquals(x.diff(0, { n: 0, append: dg.ones(1) }).tolist(), [1, 2, 4]);
  refuses(
    () => x.nanmean(0, { dtype: "int32" }),
    "nanmean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: Int",
  );
  const source = leaf(5);
  dg.scatter(dg.zeros(0), 0, long(), source).sum().backward();
  assertEquals(source.grad!.tolist(), [0]);
});

Deno.test("geometry changed in place inside noGrad keeps the place in the graph", () => {
  const x = dg.ones([2, 3], { requiresGrad: true });
  const y = x.narrow(1, 0, 2);
  dg.noGrad(() => y.t_());
  assertEquals(y.gradFn!.name, "AsStridedBackward0");
  y.mul(dg.tensor([[1, 2], [3, 4]])).sum().backward();
  assertEquals(x.grad!.tolist(), [[1, 3, 0], [2, 4, 0]]);
});

Deno.test("a mask over dimensions of length one reads its own memory", () => {
  const x = dg.tensor([[[1, 2, 3]]]).transpose(2, 1);
  const mask = dg.tensor([[[true], [true], [false]]]);
  assertEquals(x.at(mask).tolist(), [1, 2]);
  x.setAt_(mask, dg.tensor([8, 9]));
  assertEquals(x.tolist(), [[[8], [9], [3]]]);
  const y = dg.arange(6).reshape([3, 2, 1]).transpose(0, 2).select(1, 1);
  assertEquals(y.at(dg.tensor([[true, false, true]])).tolist(), [1, 5]);
});
