// What the goldens of modules do not cover: overwriting, positions of maxima,
// sizes that a caller chooses, tables from outside, refusals.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

Deno.test("inplace overwrites the input and keeps PyTorch's gradients", () => {
  // The layer, and what torch 2.13 gives for x.mul(2) and the factors 1, 2, 3.
  const inplace = true;
  const cases: [dg.nn.Layer, number[], number[]][] = [
    [new nn.ReLU({ inplace }), [0, 0.5, 4], [0, 4, 6]],
    [
      new nn.SiLU({ inplace }),
      [-0.238405838, 0.311229676, 3.928055048],
      [-0.181568503, 2.959844827, 6.315988063],
    ],
    [
      new nn.ELU({ inplace }),
      [-0.864664733, 0.5, 4],
      [0.270670533, 4, 6],
    ],
    [new nn.LeakyReLU({ negativeSlope: 0.1, inplace }), [-0.2, 0.5, 4], [
      0.2,
      4,
      6,
    ]],
    [new nn.Threshold(0.5, 2, { inplace }), [2, 2, 4], [0, 0, 6]],
    [new nn.Dropout({ inplace }), [-0, 0, 8], [0, 0, 12]],
  ];
  for (const [layer, values, gradients] of cases) {
    dg.manualSeed(0);
    const x = dg.tensor([-1, 0.25, 2], { requiresGrad: true });
    const input = x.mul(2);
    const output = layer.call(input);
    assertEquals(output, input);
    output.mul(dg.tensor([1, 2, 3])).sum().backward();
    const close = (actual: dg.Tensor, expected: number[]) =>
      assert(dg.allclose(actual, dg.tensor(expected)), String(layer));
    close(output.detach(), values);
    close(x.grad!, gradients);
    assert(String(layer).includes("inplace=True"));
  }
  const leaf = dg.ones(2, { requiresGrad: true });
  assertThrows(
    () => new nn.ReLU({ inplace }).call(leaf),
    dg.RuntimeError,
    "a leaf Variable that requires grad is being used in an in-place operation.",
  );
});

Deno.test("withIndices gives the positions that unpooling takes", () => {
  const x = dg.tensor([1, 4, 3, 2]).reshape([1, 1, 4]);
  const pool = new nn.MaxPool1d(2);
  const { values, indices } = pool.withIndices(x);
  assertEquals(values.flatten().tolist(), [4, 3]);
  assertEquals(indices.flatten().tolist(), [1, 2]);
  const back = new nn.MaxUnpool1d(2).call(values, indices);
  assertEquals(back.flatten().tolist(), [0, 4, 3, 0]);
  const longer = new nn.MaxUnpool1d(2).call(values, indices, {
    outputSize: [5],
  });
  assertEquals(longer.shape, [1, 1, 5]);
  assertEquals(String(new nn.MaxUnpool1d(2)).includes("stride=(2,)"), true);
  const adaptive = new nn.AdaptiveMaxPool1d(1).withIndices(x);
  assertEquals(adaptive.indices.item(), 1);
});

Deno.test("a transposed convolution gives the size that is asked for", () => {
  const layer = new nn.ConvTranspose2d(1, 1, 3, { stride: 2, padding: 1 });
  const x = dg.ones([1, 1, 3, 3]);
  assertEquals(layer.call(x).shape, [1, 1, 5, 5]);
  for (const outputSize of [[6, 5], [1, 1, 6, 5]]) {
    assertEquals(layer.call(x, { outputSize }).shape, [1, 1, 6, 5]);
  }
  assertThrows(
    () => layer.call(x, { outputSize: [7, 5] }),
    dg.ValueError,
    "requested an output size of [7, 5], but valid sizes range from [5, 5] to [6, 6] (for an input of [3, 3])",
  );
  assertThrows(
    () => layer.call(x, { outputSize: [6] }),
    dg.ValueError,
    "output_size must have 2 or 4 elements (got 1)",
  );
});

Deno.test("tables come from outside, and are not trained unless asked", () => {
  const vectors = dg.tensor([[1, 2], [3, 4]]);
  const words = dg.tensor([1], { dtype: "int64" });
  const table = nn.Embedding.fromPretrained(vectors);
  assertEquals(table.call(words).tolist(), [[3, 4]]);
  assertEquals(table.weight.requiresGrad, false);
  const bag = nn.EmbeddingBag.fromPretrained(vectors, { freeze: false });
  assertEquals(bag.weight.requiresGrad, true);
  assertThrows(
    () => nn.Embedding.fromPretrained(dg.ones(2)),
    dg.ValueError,
    "Embeddings parameter is expected to be 2-dimensional",
  );
});

Deno.test("the adaptive softmax predicts, and its probabilities add up to 1", () => {
  dg.manualSeed(0);
  const layer = new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]);
  const x = dg.randn([4, 8]);
  const all = layer.logProb(x);
  assert(dg.allclose(all.exp().sum(1), dg.ones(4)));
  assertEquals(layer.predict(x).tolist(), all.argmax(1).tolist());
  const target = dg.tensor([0, 6, 19, 3], { dtype: "int64" });
  const chosen = all.gather(1, target.unsqueeze(1)).squeeze(1);
  assert(dg.allclose(layer.call(x, target).output, chosen, { atol: 1e-6 }));
  assertThrows(
    () => layer.call(x, target.add(5)),
    dg.RuntimeError,
    "Target values should be in [0, 19]",
  );
});

Deno.test("layers refuse what PyTorch refuses", () => {
  const refused = (fn: () => unknown, message: string) =>
    assertThrows(fn, dg.ValueError, message);
  refused(
    () => new nn.Conv2d(3, 4, 3, { groups: 2 }),
    "in_channels must be divisible by groups",
  );
  refused(
    () => new nn.Conv2d(4, 3, 3, { groups: 2 }),
    "out_channels must be divisible by groups",
  );
  refused(
    () => new nn.Conv2d(1, 1, 3, { stride: 2, padding: "same" }),
    "padding='same' is not supported for strided convolutions",
  );
  refused(
    () => new nn.ConvTranspose2d(1, 1, 3, { paddingMode: "reflect" }),
    'Only "zeros" padding mode is supported for ConvTranspose2d',
  );
  refused(
    () => new nn.Dropout(2),
    "dropout probability has to be between 0 and 1, but got 2",
  );
  refused(
    () => new nn.GroupNorm(2, 3),
    "num_channels (3) must be divisible by num_groups (2)",
  );
  refused(
    () => new nn.Hardtanh({ minVal: 1 }),
    "max_val must be larger than min_val",
  );
  refused(
    () => new nn.Embedding(3, 2, { paddingIdx: 5 }),
    "Padding_idx must be within num_embeddings",
  );
  refused(
    () => new nn.BatchNorm2d(3).call(dg.ones([1, 3])),
    "expected 4D input (got 2D input)",
  );
  refused(
    () => new nn.BatchNorm1d(3).call(dg.ones([1, 3])),
    "Expected more than 1 value per channel when training, got input size [1, 3]",
  );
  refused(
    () =>
      new nn.InstanceNorm2d(3, { affine: true }).call(dg.ones([1, 2, 3, 4])),
    "expected input's size at dim=1 to match num_features (3), but got: 2.",
  );
  refused(
    () => new nn.Softmax2d().call(dg.ones(2)),
    "Softmax2d: expected input to be 3D or 4D, got 1D instead",
  );
  refused(
    () => new nn.FractionalMaxPool2d(2, {}),
    "requires specifying either an output size, or a pooling ratio",
  );
  refused(
    () => new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [3, 2]),
    "cutoffs should be a sequence of unique, positive integers",
  );
  assertThrows(
    () => new nn.Conv2d(3, 4, 3, { strides: 2 } as object),
    TypeError,
    'unexpected option "strides"',
  );
  assertThrows(
    () => Reflect.construct(nn.Softmax, []),
    TypeError,
    "Softmax takes the dimension along which it works",
  );
});

Deno.test("arrays in place of tensors, and missing sizes, are refused by name", () => {
  const rows = [[1, 2]] as unknown as dg.Tensor;
  const none = undefined as unknown as number;
  const cases: [() => unknown, string][] = [
    [
      () => new nn.Linear(2, 1).call(rows),
      "linear(): argument 'input' must be Tensor, not an array; tensor() makes one of it",
    ],
    [
      () => nn.functional.crossEntropy(dg.ones([1, 2]), rows),
      "crossEntropy(): argument 'target' must be Tensor, not an array",
    ],
    [
      () => new nn.Conv2d(1, 2, none),
      "Conv2d(): argument 'kernelSize' must be int, not undefined",
    ],
  ];
  for (const [call, message] of cases) assertThrows(call, TypeError, message);
});

Deno.test("returnIndices is answered by the name of the method", () => {
  const { MaxPool2d, AdaptiveMaxPool2d } = nn;
  for (const layer of [MaxPool2d, AdaptiveMaxPool2d]) {
    assertThrows(
      () => Reflect.construct(layer, [2, { returnIndices: true }]),
      TypeError,
      `${layer.name}() has no option returnIndices; its method withIndices(input)`,
    );
  }
});
