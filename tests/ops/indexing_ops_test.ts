// Gathering, scattering, sorting and searching: what the goldens and the
// conformance test do not cover. Sentences and values are PyTorch 2.13's.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Tensor } from "@dinograd/dinograd";

const A = dg.tensor([[0, 1, 2], [3, 4, 5]]);
const V = dg.tensor([0, 1, 2]);
const S = dg.tensor(5);

function long(data: number | number[] | number[][]): Tensor {
  return dg.tensor(data, { dtype: "int64" });
}

function refuses(fn: () => unknown, message: string): void {
  const error = assertThrows(fn, Error);
  assertEquals((error as Error).message, message);
}

Deno.test("indexSelect of 0-d tensors and by 0-d indices", () => {
  assertEquals(S.indexSelect(0, long([0])).shape, []);
  assertEquals(V.indexSelect(0, long(1)).tolist(), [1]);
  refuses(
    () => S.indexSelect(0, long([0, 0])),
    "indexSelect(): Index to scalar can have only 1 value, got 2 value(s)",
  );
  refuses(() => A.indexSelect(0, long([-1])), "index out of range in self");
});

Deno.test("indexAdd checks its source", () => {
  const bad = "source tensor shape must match self tensor shape, excluding " +
    "the specified dimension. Got self.shape = ";
  refuses(
    () => A.indexAdd(0, long([1]), dg.ones([1, 2])),
    `${bad}[2, 3] source.shape = [1, 2]`,
  );
  refuses(
    () => A.indexAdd(0, dg.tensor([1]), dg.ones([1, 3])),
    "indexAdd_(): Expected dtype int32/int64 for index but got: Float",
  );
  refuses(
    () => A.indexAdd(0, long([[1]]), dg.ones([1, 3])),
    "indexAdd_(): Index is supposed to be a vector, but got dim: 2 with type: Long and size: [1, 1]",
  );
  assertEquals(S.indexAdd(0, long([0]), dg.tensor(3)).item(), 8);
});

Deno.test("indexCopy and indexFill check their arguments", () => {
  refuses(
    () => V.indexCopy(0, long([-1]), dg.tensor([3])),
    "indexCopy_(): index -1 is out of bounds for dimension 0 with size 3",
  );
  refuses(
    () => A.indexCopy(0, long([1]), dg.ones([1, 2])),
    "indexCopy_(): Source/destination tensor must have same slice shapes. Destination slice shape: 3 at dimension 0 and source slice shape: 2 at dimension 0.",
  );
  assertEquals(V.indexCopy(0, long(1), dg.tensor(3)).tolist(), [0, 3, 2]);
  assertEquals(V.indexFill(0, long([-1]), 3).tolist(), [0, 1, 3]);
  refuses(
    () => V.indexFill(0, long([1]).to("int32"), 3),
    "indexFill_(): Expected dtype int64 for index.",
  );
  const bytes = dg.zeros(3, { dtype: "uint8" });
  for (
    const fn of [
      () => bytes.indexFill(0, long([0]), 300),
      () => bytes.scatter(0, long([0]), 300),
      () => bytes.maskedFill(bytes.eq(0), 300),
    ]
  ) {
    refuses(fn, "value cannot be converted to type uint8_t without overflow");
  }
});

Deno.test("the value of indexFill gets the gradient of each place once", () => {
  const value = dg.tensor(2, { requiresGrad: true });
  V.indexFill(0, long([1, 1]), value).mul(dg.tensor([3, 5, 7])).sum()
    .backward();
  assertEquals(value.grad!.item(), 5);
});

Deno.test("gather and scatter take int32 and no negative indices", () => {
  const one = long([1]).to("int32");
  assertEquals(V.gather(0, one).tolist(), [1]);
  assertEquals(V.scatter(0, one, 9).tolist(), [0, 9, 2]);
  assertEquals(V.scatterAdd(0, one, V).tolist(), [0, 1, 2]);
  const bad = "index -1 is out of bounds for dimension 0 with size 3";
  refuses(() => V.gather(0, long([-1])), bad);
  refuses(() => V.scatter(0, long([-1]), 1), bad);
  refuses(() => V.scatterReduce(0, long([-1]), V, "sum"), bad);
  assertEquals(S.gather(0, long([0, 0])).tolist(), [5, 5]);
});

Deno.test("scatter with reduce has no derivative, as in PyTorch", () => {
  const x = V.clone().requiresGrad_();
  const y = x.scatter(0, long([1]), 2, { reduce: "multiply" });
  assertEquals(y.tolist(), [0, 2, 2]);
  assertThrows(() => y.sum().backward(), dg.RuntimeError, "not implemented");
  refuses(
    () => x.scatter(0, long([1]), 2, { reduce: "sum" as "add" }),
    "reduce argument must be either add or multiply.",
  );
});

Deno.test("the source of a scatter must be used whole to have a gradient", () => {
  const src = dg.ones(3, { requiresGrad: true });
  assertThrows(
    () => V.scatter(0, long([1]), src).sum().backward(),
    dg.RuntimeError,
    "Function ScatterBackward0 returned an invalid gradient at index 1 - got [1] but expected shape compatible with [3]",
  );
});

Deno.test("scatterReduce of integers and of no places", () => {
  const x = long([0, 1, 2]);
  const src = long([-3, -4]);
  const index = long([1, 1]);
  assertEquals(x.scatterReduce(0, index, src, "mean").tolist(), [0, -2, 2]);
  assertEquals(
    x.scatterReduce(0, index, src, "mean", { includeSelf: false }).tolist(),
    [0, -4, 2],
  );
  const mean = x.indexReduce(0, index, long([2, 5]), "mean");
  assertEquals(mean.tolist(), [0, 2, 2]);
  const none = V.scatterReduce(0, long([]), dg.zeros(0), "amax");
  assertEquals(none.tolist(), [0, 1, 2]);
});

Deno.test("the product's gradient holds where sources are zero", () => {
  const x = dg.ones(2, { requiresGrad: true });
  const src = dg.tensor([0, 3, 0, 0], { requiresGrad: true });
  const index = long([0, 0, 1, 1]);
  x.scatterReduce(0, index, src, "prod").sum().backward();
  assertEquals(src.grad!.tolist(), [3, 0, 0, 0]);
  assertEquals(x.grad!.tolist(), [0, 0]);
});

Deno.test("takeAlongDim counts any index around the dimension", () => {
  assertEquals(V.takeAlongDim(long([-1, 5]), 0).tolist(), [2, 2]);
  refuses(
    () => V.takeAlongDim(long([0]).to("int32"), 0),
    "takeAlongDim(): dtype of indices should be Long but got Int",
  );
});

Deno.test("in-place forms write the memory and raise the version", () => {
  const index = long([2, 0]);
  const two = dg.tensor([7, 8]);
  const forms: [(x: Tensor) => Tensor, number[]][] = [
    [(x) => x.indexAdd_(0, index, two), [8, 1, 9]],
    [(x) => x.indexCopy_(0, index, two), [8, 1, 7]],
    [(x) => x.indexFill_(0, index, 4), [4, 1, 4]],
    [(x) => x.scatter_(0, index, two), [8, 1, 7]],
    [(x) => x.scatter_(0, index, 4), [4, 1, 4]],
    [(x) => x.scatterAdd_(0, index, two), [8, 1, 9]],
    [(x) => x.scatterReduce_(0, index, two, "amax"), [8, 1, 7]],
    [(x) => x.indexReduce_(0, index, two, "prod"), [0, 1, 14]],
    [(x) => x.put_(index, two), [8, 1, 7]],
    [(x) => x.indexPut_([index], two), [8, 1, 7]],
    [(x) => x.maskedFill_(x.gt(0), 4), [0, 4, 4]],
    [(x) => x.maskedScatter_(x.gt(0), two), [0, 7, 8]],
  ];
  for (const [fn, expected] of forms) {
    for (const step of [1, 2]) {
      // Densely, then through a view; then recorded.
      const memory = dg.zeros([3, step]);
      const x = memory.select(1, 0);
      x.copy_(V);
      const { version } = x;
      assertEquals(fn(x), x);
      assertEquals(x.tolist(), expected);
      assertEquals(x.version, version + 1);
      const leaf = V.clone().requiresGrad_();
      const y = leaf.clone();
      assertEquals(fn(y), y);
      assertEquals(y.tolist(), expected);
      assertEquals(y.gradFn !== null, true);
      assertEquals(leaf.tolist(), [0, 1, 2]);
    }
  }
});

Deno.test("in-place forms whose source is the tensor itself", () => {
  const x = dg.tensor([1, 2, 3]);
  x.scatter_(0, long([2, 1, 0]), x);
  assertEquals(x.tolist(), [3, 2, 1]);
  x.indexAdd_(0, long([0, 0, 0]), x);
  assertEquals(x.tolist(), [9, 2, 1]);
});

Deno.test("a failing in-place form leaves memory and version alone", () => {
  const x = dg.tensor([1, 2, 3]);
  const { version } = x;
  assertThrows(() => x.indexAdd_(0, long([0, 9]), dg.ones(2)));
  assertThrows(() => x.setAt_([[0, 9]], 5));
  assertEquals(x.tolist(), [1, 2, 3]);
  assertEquals(x.version, version);
});

Deno.test("maskedFill_ refuses a mask that would make it larger", () => {
  refuses(
    () => V.clone().maskedFill_(dg.ones([2, 3], { dtype: "bool" }), 1),
    "output with shape [3] doesn't match the broadcast shape [2, 3]",
  );
});

Deno.test("sorting keeps the order of equals, long rows included", () => {
  for (const n of [5, 30, 300, 5000]) {
    const data = Array.from({ length: n }, (_, i) => (i * 7919) % 13);
    for (const descending of [false, true]) {
      const places = data.map((_, i) => i).sort((i, j) =>
        (descending ? data[j]! - data[i]! : data[i]! - data[j]!) || i - j
      );
      for (const dtype of ["float32", "float64", "int64", "uint8"] as const) {
        const x = dg.tensor(data, { dtype });
        const { values, indices } = x.sort(0, { descending });
        assertEquals(indices.tolist(), places);
        assertEquals(values.tolist(), places.map((i) => data[i]!));
      }
    }
  }
});

Deno.test("sorting puts NaN last and keeps both zeros apart", () => {
  const data = [NaN, -Infinity, 0, -0, Infinity, -1, NaN, 1e-300, -1e-300];
  for (const dtype of ["float64", "float32", "float16", "bfloat16"] as const) {
    const tiny = dtype === "float64" ? [-1e-300] : [];
    const x = dg.tensor(data, { dtype });
    const { values } = x.sort();
    const list: number[] = values.tolist();
    assertEquals(list.slice(0, 2), [-Infinity, -1]);
    assertEquals(list.slice(2, 2 + tiny.length), tiny);
    assertEquals(list.slice(6), [Infinity, NaN, NaN]);
    const down: number[] = x.sort(0, { descending: true }).values.tolist();
    assertEquals(down.slice(0, 3), [NaN, NaN, Infinity]);
  }
  const zeros = dg.tensor([0, -0, 0]).sort();
  assertEquals(zeros.indices.tolist(), [0, 1, 2]);
  assertEquals(Object.is(zeros.values.at(1).item(), -0), true);
});

Deno.test("int64 sorts beyond 2 ** 53", () => {
  const x = dg.tensor([2n ** 62n + 1n, -(2n ** 62n), 2n ** 62n, -1n]);
  assertEquals(x.argsort().tolist(), [1, 3, 2, 0]);
  assertEquals(x.argsort(0, { descending: true }).tolist(), [0, 2, 3, 1]);
});

Deno.test("topk refuses bool and bad k", () => {
  refuses(
    () => dg.tensor([true]).topk(1),
    "topk does not support bool dtypes on CPU",
  );
  refuses(() => A.topk(-1), "selected index k out of range");
  refuses(() => S.topk(2), "selected index k out of range");
  assertEquals(S.topk(1).values.shape, []);
});

Deno.test("unique tells NaN from NaN and has no derivative", () => {
  const x = dg.tensor([3, NaN, NaN], { requiresGrad: true });
  const y = x.unique();
  assertEquals(y.tolist(), [3, NaN, NaN]);
  assertEquals(y.gradFn!.name, "Unique2Backward0");
  assertThrows(() => y.sum().backward(), dg.RuntimeError, "not implemented");
  const rows = dg.tensor([[NaN, 1], [NaN, 1]]).unique(0);
  assertEquals(rows.shape, [2, 2]);
});

Deno.test("unique of 0-d and empty tensors", () => {
  const [values, inverse, counts] = S.unique(null, {
    returnInverse: true,
    returnCounts: true,
  });
  assertEquals([values.shape, inverse.shape, counts.tolist()], [[1], [], [1]]);
  assertEquals(dg.zeros([0, 3]).unique(0).shape, [0, 3]);
  refuses(
    () => dg.zeros([3, 0]).unique(0),
    "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied",
  );
  refuses(
    () => S.unique(0),
    "Dimension specified as 0 but tensor has no dimensions",
  );
});

Deno.test("unique sorts rows by all of their columns", () => {
  const x = dg.tensor([[2, 1], [1, 9], [2, 0], [1, 9], [2, 1]]);
  const [values, inverse, counts] = x.unique(0, {
    returnInverse: true,
    returnCounts: true,
  });
  assertEquals(values.tolist(), [[1, 9], [2, 0], [2, 1]]);
  assertEquals(inverse.tolist(), [2, 0, 1, 0, 2]);
  assertEquals(counts.tolist(), [2, 1, 2]);
});

Deno.test("searchsorted mixes types and goes on past NaN", () => {
  assertEquals(dg.searchsorted(long([1, 2, 3]), 2.5).item(), 2);
  assertEquals(dg.searchsorted(dg.tensor([1, 2, 3]), long([2])).tolist(), [1]);
  const edges = dg.tensor([1, NaN]);
  assertEquals(dg.searchsorted(edges, dg.tensor([5, NaN])).tolist(), [2, 2]);
  assertEquals(dg.searchsorted(dg.zeros(0), dg.tensor([1])).tolist(), [0]);
  assertEquals(dg.bucketize(2.5, dg.tensor([1, 2, 3])).item(), 2);
  refuses(
    () => dg.searchsorted(A, 2),
    "searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(2) and input value's dim(0) numel(1)",
  );
  refuses(
    () => dg.searchsorted(V, V, { sorter: long([0, 5, 1]) }),
    "searchsorted(): sorter index out of range",
  );
});

Deno.test("nonzero of 0-d tensors", () => {
  assertEquals(long(0).nonzero().shape, [0, 0]);
  assertEquals(long(1).argwhere().shape, [1, 0]);
  assertEquals(long(1).nonzero({ asTuple: true }).map(String), ["tensor([0])"]);
});

Deno.test("histc refuses a range that is not finite", () => {
  refuses(
    () => dg.tensor([1, Infinity]).histc({ bins: 2 }),
    "torch.histc: range of [1, inf] is not finite",
  );
  const outside = dg.tensor([1, NaN, 9, -9]);
  assertEquals(outside.histc({ bins: 2, min: 0, max: 2 }).tolist(), [0, 1]);
});
