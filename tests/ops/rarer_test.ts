// What goldens of rarer ops do not say: limits of types, results in lists, ops
// on the host, exact integers.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

Deno.test("finfo and iinfo show what PyTorch shows", () => {
  assertEquals(
    String(dg.finfo()),
    "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)",
  );
  assertEquals(
    String(dg.finfo("float64")),
    "finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)",
  );
  assertEquals(
    String(dg.finfo("float16")),
    "finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, tiny=6.10352e-05, dtype=float16)",
  );
  assertEquals(
    String(dg.finfo("bfloat16")),
    "finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=bfloat16)",
  );
  assertEquals(
    String(dg.iinfo("int64")),
    "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)",
  );
  assertEquals(
    String(dg.iinfo("int8")),
    "iinfo(min=-128, max=127, dtype=int8)",
  );
});

Deno.test("the limits are exact", () => {
  assertEquals(dg.finfo("float64").max, Number.MAX_VALUE);
  assertEquals(dg.finfo("float64").eps, Number.EPSILON);
  assertEquals(dg.finfo("float64").tiny, 2 ** -1022);
  assertEquals(dg.finfo("float32").max, 3.4028234663852886e38);
  assertEquals(dg.finfo("bfloat16").max, 3.3895313892515355e38);
  assertEquals(dg.finfo("float16").bits, 16);
  assertEquals(dg.iinfo("int64").max, 2n ** 63n - 1n);
  assertEquals(dg.iinfo("int32").min, -(2 ** 31));
  // Typed as what they are.
  const bound: number = dg.iinfo("int16").max;
  const wide: bigint = dg.iinfo("int64").max;
  assertEquals([bound, wide > 0n], [32767, true]);
});

Deno.test("limits of the wrong kind of type are refused", () => {
  assertThrows(() => dg.finfo("int8"), TypeError, "requires a floating point");
  assertThrows(() => dg.iinfo("float32"), TypeError, "requires an integer");
  assertThrows(() => dg.iinfo("bool"), TypeError, "torch.bool is not");
});

Deno.test("isin compares int64 exactly", () => {
  const x = dg.tensor([2n ** 53n, 2n ** 53n + 1n]);
  const y = dg.tensor([2n ** 53n + 1n, 0n]);
  assertEquals(dg.isin(x, y).tolist(), [false, true]);
  assertThrows(
    () => dg.isin(1, 2),
    TypeError,
    "one of 'elements' and 'testElements' must be Tensor",
  );
});

Deno.test("large sets of rows are taken a few at a time", () => {
  dg.manualSeed(1);
  const x = dg.randn([300, 40], { dtype: "float64", requiresGrad: true });
  const y = dg.randn([500, 40], { dtype: "float64", requiresGrad: true });
  const whole = x.unsqueeze(1).sub(y).abs().sum(2);
  const far = dg.cdist(x, y, { p: 1 });
  assertEquals(dg.allclose(far, whole), true);
  const g = dg.randn(far.shape, { dtype: "float64" });
  const wanted = dg.autograd.grad(whole, [x, y], { gradOutputs: g });
  // Only gradients that are recorded need all differences.
  for (const createGraph of [true, false]) {
    const options = { gradOutputs: g, retainGraph: true, createGraph };
    const found = dg.autograd.grad(far, [x, y], options);
    found.forEach((grad, k) =>
      assertEquals(dg.allclose(grad!, wanted[k]!), true)
    );
  }
});

Deno.test("gradients of distances are the same whether or not they are recorded", () => {
  for (const p of [0, 0.5, 1, 1.5, 2, 3, Infinity]) {
    for (const dtype of ["float32", "float64"] as const) {
      dg.manualSeed(3);
      const x = dg.randn([2, 7, 5], { dtype, requiresGrad: true });
      const y = dg.cat([x.detach().narrow(1, 0, 2), dg.randn([2, 4, 5])], 1)
        .to(dtype).requiresGrad_();
      const far = dg.cdist(x, y, {
        p,
        computeMode: "donot_use_mm_for_euclid_dist",
      });
      const pairs = dg.pdist(x.select(0, 1), { p });
      const loss = far.square().sum().add(pairs.sum());
      const plain = dg.autograd.grad(loss, [x, y], { retainGraph: true });
      const kept = dg.autograd.grad(loss, [x, y], { createGraph: true });
      plain.forEach((grad, k) =>
        assertEquals(dg.allclose(grad!, kept[k]!, { rtol: 1e-5 }), true)
      );
    }
  }
});

Deno.test("pdist of many rows is what cdist has above the diagonal", () => {
  dg.manualSeed(4);
  const x = dg.randn([300, 3], { dtype: "float64", requiresGrad: true });
  const [i, j] = dg.triuIndices(300, 300, { offset: 1 }).unbind();
  const wanted = dg.cdist(x, x, { p: 1 }).at(i!, j!);
  const found = dg.pdist(x, { p: 1 });
  assertEquals(found.tolist(), wanted.tolist());
  const g = dg.randn(found.shape, { dtype: "float64" });
  const [a] = dg.autograd.grad(found, [x], { gradOutputs: g });
  const [b] = dg.autograd.grad(wanted, [x], { gradOutputs: g });
  assertEquals(dg.allclose(a!, b!), true);
});

Deno.test("positions of triangles whose diagonal lies outside", () => {
  assertEquals(dg.triuIndices(2, 3, { offset: -5 }).shape, [2, 6]);
  assertEquals(dg.triuIndices(3, 4, { offset: 4 }).shape, [2, 0]);
  assertEquals(dg.trilIndices(2, 3, { offset: 9 }).tolist(), [
    [0, 0, 0, 1, 1, 1],
    [0, 1, 2, 0, 1, 2],
  ]);
  assertEquals(dg.trilIndices(3, 2, { offset: -2, dtype: "int32" }).tolist(), [
    [2],
    [0],
  ]);
});

Deno.test("cdist of more than 25 rows is a product, a node and a view", () => {
  const x = dg.randn([26, 2], { requiresGrad: true });
  const far = dg.cdist(x, x);
  assertEquals(far.gradFn!.name, "ViewBackward0");
  const near = dg.cdist(x, x, { computeMode: "donot_use_mm_for_euclid_dist" });
  assertEquals(near.gradFn!.name, "CdistBackward0");
});

Deno.test("fillDiagonal_ is seen by the tape and by the base of a view", () => {
  const x = dg.ones([2, 2], { requiresGrad: true });
  x.mul(3).fillDiagonal_(5).sum().backward();
  assertEquals(x.grad!.tolist(), [[0, 3], [3, 0]]);
  const base = dg.zeros([3, 3]);
  base.narrow(0, 1, 2).fillDiagonal_(1);
  assertEquals(base.tolist(), [[0, 0, 0], [1, 0, 0], [0, 1, 0]]);
});

Deno.test("histogramdd counts rows in boxes", () => {
  const x = dg.tensor([[0, 1], [1, 0], [2, 0], [2, 2]]);
  const weight = dg.tensor([1, 2, 4, 8]);
  const { hist, binEdges } = dg.histogramdd(x, [3, 3], { weight });
  assertEquals(hist.tolist(), [[0, 1, 0], [2, 0, 0], [4, 0, 8]]);
  assertAlmostEquals(binEdges[0]!.at(1).item(), 2 / 3, 1e-7);
  const dense = dg.histogramdd(x, 2, { density: true, range: [0, 2, 0, 2] });
  assertEquals(dense.hist.tolist(), [[0, 0.25], [0.5, 0.25]]);
  const edges = [dg.tensor([0, 1, 2]), dg.tensor([0, 2])];
  const [counts, again] = dg.histogramdd(x, edges);
  assertEquals((counts as dg.Tensor).tolist(), [[1], [3]]);
  assertEquals((again as dg.Tensor[]).length, 2);
  assertThrows(
    () => dg.histogramdd(dg.tensor([0, 1]), [3]),
    dg.RuntimeError,
    "torch.histogramdd: input tensor should have at least 2 dimensions",
  );
  assertThrows(
    () => dg.histogramdd(x, [3]),
    dg.RuntimeError,
    "The size of bins must be equal to the innermost dimension",
  );
  assertThrows(
    () => dg.histogramdd(x, 2, { range: [0, 1] }),
    dg.RuntimeError,
    "for a 2-dimensional histogram range should have 4 elements, but got 2",
  );
});

Deno.test("shapes broadcast, and say where they do not", () => {
  assertEquals(dg.broadcastShapes([[2, 1], [3], [1, 1, 3]]), [1, 2, 3]);
  assertEquals(dg.broadcastShapes([]), []);
  assertThrows(
    () => dg.broadcastShapes([[2, 1], [3], 4]),
    dg.RuntimeError,
    "Attempting to broadcast a dimension of length 4 at -1! Mismatching argument at index 2 had (4,); but expected shape should be broadcastable to [2, 3]",
  );
  assertThrows(
    () => dg.broadcastShapes([-1, [2]]),
    dg.ValueError,
    "negative length",
  );
});

Deno.test("apply_ and map_ call a function for each element", () => {
  const x = dg.tensor([1, 2, 3]);
  const { version } = x;
  assertEquals(x.apply_((v) => v / 2).tolist(), [0.5, 1, 1.5]);
  assertEquals(x.version, version + 1);
  const n = dg.tensor([1, -2], { dtype: "int64" });
  assertEquals(n.apply_((v) => v * 1.5).tolist(), [1, -3]);
  const b = dg.tensor([1, 2], { dtype: "bfloat16" });
  assertEquals(b.apply_((v) => v + 1).tolist(), [2, 3]);
  const base = dg.zeros([2, 2]);
  base.select(1, 1).map_(dg.tensor([4]), (p, q) => p + q);
  assertEquals(base.tolist(), [[0, 4], [0, 4]]);
  assertThrows(
    () => dg.ones(2, { requiresGrad: true }).apply_((v) => v),
    dg.RuntimeError,
    "Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.",
  );
});

Deno.test("nextafter is recorded and has no derivative", () => {
  const x = dg.ones(2, { requiresGrad: true });
  const y = dg.nextafter(x, dg.zeros(2));
  assertThrows(
    () => y.sum().backward(),
    dg.RuntimeError,
    "derivative for nextafter is not implemented",
  );
});

Deno.test("transposes of matrices have their names", () => {
  const x = dg.zeros([2, 3, 4]);
  assertEquals([x.mH.shape, x.adjoint().shape], [[2, 4, 3], [2, 4, 3]]);
  assertEquals(dg.zeros([2, 3]).H.shape, [3, 2]);
  assertThrows(
    () => x.H,
    dg.RuntimeError,
    "tensor.H is only supported on matrices (2-D tensors). Got 3-D tensor. For batches of matrices, consider using tensor.mH",
  );
  for (const name of ["mH", "mT"] as const) {
    assertThrows(
      () => dg.ones(3)[name],
      dg.RuntimeError,
      `tensor.${name} is only supported on matrices or batches of matrices. Got 1-D tensor.`,
    );
  }
  assertThrows(
    () => dg.ones(3).adjoint(),
    dg.RuntimeError,
    "tensor.adjoint() is only supported on matrices",
  );
});

Deno.test("windows say what they refuse", () => {
  assertThrows(
    () => dg.hannWindow(-1),
    dg.RuntimeError,
    "hannWindow requires non-negative windowLength, got windowLength=-1",
  );
  assertThrows(
    () => dg.hannWindow(3, { dtype: "int64" }),
    dg.RuntimeError,
    "hannWindow expects floating point dtypes",
  );
  assertEquals(dg.hannWindow(4, { requiresGrad: true }).requiresGrad, true);
});
