// Shape ops beyond the goldens: what shares memory, what may be changed in
// place, node names of transposes, and the data behind a tensor.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";

function leaf(): dg.Tensor {
  return dg.tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true });
}

/** Names of the nodes along the first inputs. */
function chain(x: dg.Tensor): string[] {
  const names: string[] = [];
  let node = x.gradFn;
  while (node !== null) {
    names.push(node.name);
    node = node.nextFunctions[0]?.[0] ?? null;
  }
  return names;
}

Deno.test("reshape: a view, an alias or a copy", () => {
  const x = leaf();
  assertEquals(chain(x.reshape(6)), ["ViewBackward0", "AccumulateGrad"]);
  assertEquals(chain(x.t().reshape([3, 1, 2]))[0], "ReshapeAliasBackward0");
  assertEquals(chain(x.t().reshape(6)).slice(0, 2), [
    "UnsafeViewBackward0",
    "CloneBackward0",
  ]);
  // The copy belongs to nobody else: it may be changed in place.
  const copy = x.t().reshape(6);
  assertEquals(chain(copy.mul_(2))[0], "MulBackward0");
});

Deno.test("geometry changed in place: names, versions, errors", () => {
  const x = leaf().mul(2);
  assertEquals(chain(x.transpose_(0, 1)).slice(0, 2), [
    "TransposeBackward1",
    "MulBackward0",
  ]);
  assertEquals([x.shape, x.version], [[3, 2], 1]);
  const y = leaf().mul(2).unsqueeze_(0).squeeze_();
  assertEquals(chain(y).slice(0, 2), [
    "SqueezeBackward3",
    "UnsqueezeBackward1",
  ]);
  assertEquals(chain(leaf().mul(2).squeeze_(0))[0], "SqueezeBackward4");
  assertEquals(chain(leaf().mul(2).t_())[0], "TBackward1");
  const message =
    "a leaf Variable that requires grad is being used in an in-place operation.";
  for (const op of ["t_", "squeeze_"] as const) {
    assertThrows(() => leaf()[op](), dg.RuntimeError, message);
  }
  assertThrows(
    () => leaf().select(0, 0).unsqueeze_(0),
    dg.RuntimeError,
    "a view of a leaf Variable",
  );
});

Deno.test("geometry of a view changed in place", () => {
  const base = leaf().mul(2);
  const seen = base.view([3, 2]);
  seen.t_();
  assertEquals(chain(seen).slice(0, 2), ["TBackward1", "ViewBackward0"]);
  assertEquals(chain(base)[0], "MulBackward0");
  base.mul_(3);
  assertEquals(chain(seen)[0], "AsStridedBackward0");
  assertEquals(seen.tolist(), [[6, 18, 30], [12, 24, 36]]);
});

Deno.test("several views at once may not be changed in place", () => {
  const makers: [string, (x: dg.Tensor) => dg.Tensor][] = [
    ["Unbind", (x) => x.unbind()[0]!],
    ["Split", (x) => x.split(1)[0]!],
    ["Split", (x) => x.chunk(2)[0]!],
    ["SplitWithSizes", (x) => x.split([1, 1])[0]!],
  ];
  for (const [name, make] of makers) {
    assertThrows(
      () => make(leaf().mul(1)).mul_(2),
      dg.RuntimeError,
      `Output 0 of ${name} is a view and is being modified inplace.`,
    );
  }
  // These are slices, one node each.
  const x = leaf().mul(1);
  x.tensorSplit(2)[1]!.mul_(2);
  assertEquals(x.tolist(), [[1, 2, 3], [8, 10, 12]]);
});

Deno.test("views remember how they were made", () => {
  const x = leaf().mul(1);
  const seen = dg.noGrad(() => x.select(0, 0));
  assertThrows(
    () => seen.mul_(2),
    dg.RuntimeError,
    "A view was created in noGrad mode and is being modified inplace with grad mode enabled.",
  );
  dg.noGrad(() => seen.mul_(2));
  assertEquals(x.at(0).tolist(), [2, 4, 6]);
});

Deno.test("transposes of views are recorded", () => {
  const cases: [string, (x: dg.Tensor) => dg.Tensor][] = [
    ["SelectBackwardBackward0", (x) => x.select(0, 1)],
    ["SliceBackwardBackward0", (x) => x.narrow(1, 0, 2)],
    ["DiagonalBackwardBackward0", (x) => x.diagonal()],
    ["UnfoldBackwardBackward0", (x) => x.unfold(1, 2, 1)],
    ["StackBackward0", (x) => x.unbind()[0]!],
    ["CatBackward0", (x) => x.split(1)[0]!],
  ];
  for (const [name, op] of cases) {
    const x = leaf();
    const y = op(x);
    const gradOutputs = dg.onesLike(y, { requiresGrad: true });
    const [grad] = dg.autograd.grad(y, x, { gradOutputs, createGraph: true });
    assertEquals(grad!.gradFn!.name, name);
  }
});

Deno.test("fill_ and zero_ forget what was there", () => {
  const x = leaf();
  const value = dg.tensor(7, { requiresGrad: true });
  const y = x.mul(2);
  y.fill_(value);
  assertEquals(y.gradFn!.name, "FillBackward3");
  y.sum().backward();
  assertEquals(x.grad!.tolist(), [[0, 0, 0], [0, 0, 0]]);
  assertEquals(value.grad!.item(), 6);
  const z = x.mul(2);
  z.select(0, 0).zero_();
  assertEquals(z.gradFn!.name, "CopySlices");
  const [grad] = dg.autograd.grad(z.sum(), x);
  assertEquals(grad!.tolist(), [[0, 0, 0], [2, 2, 2]]);
  assertEquals(x.mul(2).fill_(1).gradFn!.name, "FillBackward2");
  assertThrows(
    () => dg.zeros(2).fill_(dg.ones(1)),
    dg.RuntimeError,
    "fill_ only supports 0-dimension value tensor but got tensor with 1 dimensions.",
  );
});

Deno.test("copy_ converts, broadcasts and carries gradients", () => {
  const x = leaf();
  const y = dg.zeros([2, 3], { dtype: "float64" });
  y.select(0, 1).copy_(x.select(0, 0));
  y.sum().backward();
  assertEquals(x.grad!.tolist(), [[1, 1, 1], [0, 0, 0]]);
  assertEquals(x.grad!.dtype, "float32");
  const whole = dg.zeros(2, { dtype: "int32" });
  assertEquals(whole.copy_(dg.tensor([1.7, -1.7])).tolist(), [1, -1]);
  const square = dg.arange(4).reshape([2, 2]);
  assertThrows(
    () => square.copy_(square.t()),
    dg.RuntimeError,
    "some elements of the input tensor and the written-to tensor refer to a single memory location",
  );
  assertEquals(square.copy_(square.t().clone()).tolist(), [[0, 2], [1, 3]]);
  assertThrows(
    () => dg.zeros(3).copy_(dg.ones([2, 3])),
    dg.RuntimeError,
    "output with shape [3] doesn't match the broadcast shape [2, 3]",
  );
});

Deno.test("data: the same memory without history", () => {
  const x = leaf();
  const before = x.version;
  x.data.mul_(2);
  assertEquals(x.tolist(), [[2, 4, 6], [8, 10, 12]]);
  assertEquals([x.version, x.data.version, x.data.requiresGrad], [
    before,
    0,
    false,
  ]);
  dg.noGrad(() => x.add_(1));
  x.data = dg.zeros(3, { dtype: "float64" });
  assertEquals([x.shape, x.dtype, x.requiresGrad, x.isLeaf, x.version], [
    [3],
    "float64",
    true,
    true,
    1,
  ]);
  x.mul(2).sum().backward();
  assertEquals(x.grad!.tolist(), [2, 2, 2]);
  assertThrows(
    () => leaf().data = dg.zeros(2, { dtype: "int64" }),
    dg.RuntimeError,
    "data set to a tensor that requires gradients must be floating point",
  );
});

Deno.test("detach_ cuts the graph, but not under a view", () => {
  const x = leaf().mul(2);
  assertEquals(x.detach_() === x, true);
  assertEquals([x.requiresGrad, x.isLeaf, x.version], [false, true, 0]);
  assertThrows(
    () => dg.zeros(4).view([2, 2]).detach_(),
    dg.RuntimeError,
    "Can't detach views in-place. Use detach() instead.",
  );
});

Deno.test("ops that return their input where nothing changes", () => {
  const x = dg.ones([2, 3]);
  assertEquals(x.contiguous() === x, true);
  assertEquals(x.to("float32") === x, true);
  assertEquals(x.float() === x, true);
  assertEquals(x.cpu() === x, true);
  assertEquals(x.to({ dtype: "float32", copy: true }) === x, false);
  assertEquals(x.flatten({ startDim: 1, endDim: 1 }) === x, true);
  assertEquals(dg.atleast2d(x) === x, true);
  assertEquals(dg.broadcastTensors([x, dg.ones(3)])[0] === x, true);
  assertEquals(x.to(dg.ones(1, { dtype: "int8" })).dtype, "int8");
  // @ts-expect-error there is no such type
  assertThrows(() => x.to("float31"), dg.ValueError, "unknown dtype or device");
});

Deno.test("expanded tensors refuse changes in place, but for constants", () => {
  assertEquals(dg.ones(1).expand(3).fill_(2).tolist(), [2, 2, 2]);
  assertEquals(dg.ones(1).expand(3).zero_().tolist(), [0, 0, 0]);
  assertThrows(
    () => dg.ones(1).expand(3).add_(2),
    dg.RuntimeError,
    "more than one element of the written-to tensor refers to a single memory location",
  );
});

Deno.test("empty and 0-d tensors", () => {
  const empty = dg.zeros([0, 3]);
  assertEquals(empty.t().isContiguous(), true);
  assertEquals(empty.reshape([3, 0]).shape, [3, 0]);
  assertEquals(empty.chunk(2).map((x) => x.shape), [[0, 3], [0, 3]]);
  assertEquals(dg.cat([dg.zeros(0), dg.ones([2, 3])], 1).shape, [2, 3]);
  assertEquals(empty.flip(0).roll(1, 1).repeat([2, 1]).shape, [0, 3]);
  assertEquals(empty.tril().shape, [0, 3]);
  const point = dg.tensor(5);
  assertEquals(point.unfold(0, 1, 1).tolist(), [5]);
  assertEquals(point.expand([2, 2]).tolist(), [[5, 5], [5, 5]]);
  assertEquals(point.flip([]).item(), 5);
  assertEquals(point.roll(1).item(), 5);
  assertEquals(point.repeat([]).item(), 5);
  assertEquals(point.diagflat().tolist(), [[5]]);
});

Deno.test("unfold adds gradients up where windows overlap", () => {
  const x = dg.ones(5, { requiresGrad: true });
  x.unfold(0, 3, 1).sum().backward();
  assertEquals(x.grad!.tolist(), [1, 2, 3, 2, 1]);
});

Deno.test("bool and integers have triangles", () => {
  const bits = dg.ones([2, 2], { dtype: "bool" });
  assertEquals(bits.tril().tolist(), [[true, false], [true, true]]);
  const whole = dg.ones([2, 2, 2], { dtype: "int64" });
  assertEquals(whole.triu_({ diagonal: 1 }).tolist(), [
    [[0, 1], [0, 0]],
    [[0, 1], [0, 0]],
  ]);
});

Deno.test("0-d tensors have no dimension to roll or repeat along", () => {
  const point = dg.tensor(5);
  assertThrows(
    () => point.roll(1, 0),
    dg.IndexError,
    "Dimension specified as 0 but tensor has no dimensions",
  );
  assertThrows(
    () => point.repeatInterleave(dg.tensor([2], { dtype: "int64" }), -1),
    dg.IndexError,
    "Dimension specified as -1 but tensor has no dimensions",
  );
  assertThrows(
    () => point.repeatInterleave(2, 0),
    dg.IndexError,
    "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
  );
  assertEquals(point.mT === point, true);
  const x = dg.tensor(5, { requiresGrad: true });
  x.unfold(0, 0, 2).sum().backward();
  assertEquals(x.grad!.item(), 0);
});
