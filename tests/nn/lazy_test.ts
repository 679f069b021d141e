// Layers whose parameters have no size before the first call: what may be done
// with them before it, and what is refused. Values, weights and reprs are among
// the goldens of modules. What is expected is what PyTorch 2.13 does.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;
const SHAPE = "Can't access the shape of an uninitialized parameter or buffer.";

function used(fn: string): string {
  return `Attempted to use an uninitialized parameter in ${fn}(). This error happens`;
}

Deno.test("a parameter without a size refuses to be computed with, and says where", () => {
  const layer = new nn.LazyLinear(3);
  const { weight } = layer;
  const cases: [() => unknown, string][] = [
    [() => weight.add(1), "add"],
    [() => dg.add(weight, 1), "add"],
    [() => dg.matmul(dg.ones([2, 2]), weight), "matmul"],
    [() => dg.cat([weight, weight]), "cat"],
    [() => weight.eq(1), "eq"],
    [() => weight.numel(), "numel"],
    [() => weight.item(), "item"],
    [() => weight.tolist(), "tolist"],
    [() => weight.typedArray(), "typedArray"],
    [() => nn.init.zeros_(weight), "zeros_"],
    [() => nn.init.normal_(weight), "normal_"],
    [() => nn.init.xavierUniform_(weight), "xavierUniform_"],
    [() => layer.forward(dg.ones([2, 3])), "LazyLinear.forward"],
    [
      () => nn.utils.parametersToVector(layer.parameters()),
      "parametersToVector",
    ],
    [() => new nn.UninitializedBuffer().sum(), "sum"],
  ];
  for (const [run, fn] of cases) assertThrows(run, dg.ValueError, used(fn));
  for (const look of [() => weight.shape.length, () => weight.ndim]) {
    assertThrows(look, dg.RuntimeError, SHAPE);
  }
  assertEquals(String(weight), "<UninitializedParameter>");
  assertEquals(`${new nn.UninitializedBuffer()}`, "<UninitializedBuffer>");
  assertEquals([weight.dtype, weight.device.type], ["float32", "cpu"]);
  assert(weight.requiresGrad && weight.isLeaf && weight.grad === null);
  assert(weight.isParameter && weight instanceof nn.UninitializedParameter);
  assert(!(weight instanceof nn.UninitializedBuffer));
  assertThrows(
    () => nn.materialize(dg.ones(2), 3),
    dg.RuntimeError,
    "has the shape [2]",
  );
});

Deno.test("the first call makes a lazy layer a plain one, and its parameters stay the same objects", () => {
  const layer = new nn.LazyLinear(4);
  const { weight } = layer;
  const optimizer = new dg.optim.SGD(layer.parameters(), { lr: 0.1 });
  layer.requiresGrad_(true).zeroGrad();
  const y = layer.call(dg.ones([2, 3]));
  assert(layer.weight === weight);
  assertEquals(Object.getPrototypeOf(layer), nn.Linear.prototype);
  const before = weight.tolist<number[][]>();
  y.sum().backward();
  optimizer.step();
  assertEquals(weight.grad!.tolist(), Array(4).fill([2, 2, 2]));
  assert(dg.allclose(weight.add(0.2).detach(), dg.tensor(before)));
});

Deno.test("optimizers that need sizes at once refuse parameters without", () => {
  const layer = new nn.LazyLinear(4);
  for (const make of [dg.optim.Adagrad, dg.optim.Muon]) {
    assertThrows(
      () => new make(layer.parameters()),
      dg.ValueError,
      used(make.name),
    );
  }
});

Deno.test("lazy layers are converted and copied before the first call", () => {
  const net = new nn.Sequential(
    new nn.LazyConv2d(4, 3),
    new nn.LazyBatchNorm2d(),
  );
  const { weight } = net[0] as dg.nn.LazyConv2d;
  assert(net.double().getParameter("0.weight") === weight);
  assertEquals(String(weight), "<UninitializedParameter>");
  assertEquals(weight.dtype, "float64");
  const copy = net.deepCopy();
  assertEquals(String(copy), String(net));
  const x = dg.ones([2, 3, 5, 5], { dtype: "float64" });
  assertEquals(copy.call(x).dtype, "float64");
  assertEquals(
    String(copy[1]),
    "BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
  );
  assertEquals(copy.getBuffer("1.running_mean").dtype, "float64");
  assertEquals(
    String(net.getBuffer("1.running_mean")),
    "<UninitializedBuffer>",
  );
  assertEquals(copy.getBuffer("1.num_batches_tracked").item(), 1);
  assertEquals(net.call(x).shape, [2, 4, 3, 3]);
});

Deno.test("state dicts go into lazy layers with and without sizes", () => {
  const lazy = new nn.LazyLinear(4);
  const state = lazy.stateDict();
  assertEquals(Object.values(state).map(String), [
    "<UninitializedParameter>",
    "<UninitializedParameter>",
  ]);
  const result = new nn.LazyLinear(4).loadStateDict(state);
  assertEquals(String(result), "<All keys matched successfully>");
  const plain = new nn.Linear(2, 4);
  assertThrows(() => plain.loadStateDict(state), dg.RuntimeError, SHAPE);
  lazy.loadStateDict(plain.stateDict());
  assertEquals(
    String(lazy),
    "LazyLinear(in_features=0, out_features=4, bias=True)",
  );
  assertEquals(lazy.weight.tolist(), plain.weight.tolist());
  assertThrows(
    () => lazy.call(dg.ones([1, 3])),
    dg.RuntimeError,
    "The in_features inferred from input: 3 is not equal to in_features from self.weight: 2",
  );
  const x = dg.ones([1, 2]);
  assertEquals(lazy.call(x).tolist(), plain.call(x).tolist());
  assertEquals(
    String(lazy),
    "Linear(in_features=2, out_features=4, bias=True)",
  );
  const convolution = new nn.LazyConv2d(4, 3);
  const norm = new nn.LazyBatchNorm2d();
  convolution.loadStateDict(new nn.Conv2d(2, 4, 3).stateDict(), {
    assign: true,
  });
  norm.loadStateDict(new nn.BatchNorm2d(4).stateDict());
  norm.call(convolution.call(dg.ones([1, 2, 5, 5])));
  // PyTorch's as well: it asks the input for channels only where sizes are missing.
  assertEquals(
    String(convolution),
    "Conv2d(0, 4, kernel_size=(3, 3), stride=(1, 1))",
  );
});

Deno.test("lazy layers refuse inputs that no size follows from", () => {
  assertThrows(
    () => new nn.LazyConv2d(4, 3).call(dg.ones([2, 3])),
    dg.RuntimeError,
    "Expected 3D (unbatched) or 4D (batched) input to LazyConv2d, but got input of size: [2, 3]",
  );
  assertThrows(
    () => new nn.LazyConv2d(4, 3, { groups: 2 }).call(dg.ones([2, 3, 5, 5])),
    dg.ValueError,
    "in_channels must be divisible by groups",
  );
  assertThrows(
    () => new nn.LazyBatchNorm2d().call(dg.ones([2, 3])),
    dg.ValueError,
    "expected 4D input (got 2D input)",
  );
  assertThrows(
    () => new nn.LazyInstanceNorm2d().call(dg.ones([3, 4, 4])),
    dg.ValueError,
    "expected input's size at dim=0 to match num_features (4), but got: 3.",
  );
  assertThrows(
    () => new nn.LazyBatchNorm1d().call(dg.ones(3)),
    dg.IndexError,
    "tuple index out of range",
  );
  assertThrows(
    () => new nn.LazyLinear(2).call([[1]] as unknown as dg.Tensor),
    TypeError,
    "linear(): argument 'input' must be Tensor",
  );
  assertThrows(
    () => new nn.LazyLinear(2, { inFeatures: 3 } as object),
    TypeError,
    'LazyLinear() got an unexpected option "inFeatures"',
  );
});

Deno.test("hooks see the input of the first call after the sizes are known", () => {
  const layer = new nn.LazyLinear(2);
  const seen: string[] = [];
  layer.registerForwardPreHook((module) => void seen.push(String(module)));
  layer.call(dg.ones([1, 3]));
  layer.call(dg.ones([1, 3]));
  const text = "Linear(in_features=3, out_features=2, bias=True)";
  assertEquals(seen, [text, text]);
});

Deno.test("CrossMapLRN2d has PyTorch's node and refuses what it refuses", () => {
  const layer = new nn.CrossMapLRN2d(2);
  const x = dg.ones([1, 2, 2, 2], { requiresGrad: true });
  assertEquals(layer.call(x).gradFn!.name, "CrossMapLRN2dBackward");
  assertThrows(
    () => layer.call(dg.ones([2, 2])),
    dg.ValueError,
    "CrossMapLRN2d: Expected input to be 4D, got 2D instead.",
  );
  assertThrows(
    () => new nn.CrossMapLRN2d(1).call(x).sum().backward(),
    dg.RuntimeError,
    "start (1) + length (2) exceeds dimension size (2).",
  );
});
