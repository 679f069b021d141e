// Sequences: what packing does and refuses, what recurrent layers and attention
// refuse, element types, second derivatives, and copies of transformer layers.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";

const { nn } = dg;
const { rnn } = nn.utils;

function refuses(fn: () => unknown, error: string, message: string): void {
  try {
    fn();
  } catch (caught) {
    assertEquals((caught as Error).name, error);
    assertEquals((caught as Error).message, message);
    return;
  }
  throw new Error(`did not throw ${message}`);
}

Deno.test("recurrent layers refuse what PyTorch refuses, in its words", () => {
  const lstm = new nn.LSTM(3, 4);
  const x = dg.ones([5, 2, 3]);
  const [h, c] = [dg.zeros([1, 2, 4]), dg.zeros([1, 2, 4])];
  refuses(
    () => lstm.call(dg.ones([5, 2, 4])),
    "RuntimeError",
    "input.size(-1) must be equal to inputSize. Expected 3, got 4",
  );
  refuses(
    () => lstm.call(dg.ones([0, 2, 3])),
    "RuntimeError",
    "Expected sequence length to be larger than 0 in RNN",
  );
  refuses(
    () => lstm.call(x, { hx: [dg.zeros([1, 3, 4]), c] }),
    "RuntimeError",
    "Expected hidden[0] size (1, 2, 4), got [1, 3, 4]",
  );
  refuses(
    () => lstm.call(x, { hx: [h, dg.zeros([1, 2, 5])] }),
    "RuntimeError",
    "Expected hidden[1] size (1, 2, 4), got [1, 2, 5]",
  );
  refuses(
    () => lstm.call(x, { hx: [dg.zeros([2, 4]), c] }),
    "RuntimeError",
    "For batched 3-D input, hx and cx should also be 3-D but got (2-D, 3-D) tensors",
  );
  refuses(
    () => lstm.call(x.to("float64")),
    "ValueError",
    "RNN input dtype (float64) does not match weight dtype (float32). Convert input: input.to(float32), or convert model: model.to(float64)",
  );
  refuses(
    () => new nn.GRU(3, 4).call(x, { hx: dg.zeros([3, 4]) }),
    "RuntimeError",
    "For batched 3-D input, hx should also be 3-D but got 2-D tensor",
  );
  refuses(
    () => new nn.RNN(3, 4).call(dg.ones(3)),
    "ValueError",
    "RNN: Expected input to be 2D or 3D, got 1D tensor instead",
  );
  refuses(
    () => new nn.LSTM(3, 4, { projSize: 4 }),
    "ValueError",
    "projSize has to be smaller than hiddenSize",
  );
  refuses(
    () => new nn.RNN(3, 0),
    "ValueError",
    "hiddenSize must be greater than zero",
  );
  assertThrows(() => new nn.LSTM(3, 4, { layers: 2 } as object), TypeError);
});

Deno.test("cells refuse what PyTorch refuses, in its words", () => {
  refuses(
    () => new nn.LSTMCell(3, 4).call(dg.ones([2, 5])),
    "RuntimeError",
    "input has inconsistent inputSize: got 5 expected 3",
  );
  refuses(
    () => new nn.LSTMCell(3, 4).call(dg.ones([2, 3, 1])),
    "ValueError",
    "LSTMCell: Expected input to be 1D or 2D, got 3D instead",
  );
  refuses(
    () => new nn.GRUCell(3, 4).call(dg.ones([2, 3]), { hx: dg.ones([3, 4]) }),
    "RuntimeError",
    "Input batch size 2 doesn't match hidden0 batch size 3",
  );
  refuses(
    () => new nn.RNNCell(3, 4).call(dg.ones([2, 3]), { hx: dg.ones([2, 5]) }),
    "RuntimeError",
    "hidden0 has inconsistent hiddenSize: got 5, expected 4",
  );
});

Deno.test("packing refuses lengths that do not fit", () => {
  const x = dg.ones([5, 2, 3]);
  refuses(
    () => rnn.packPaddedSequence(x, [3, 4]),
    "RuntimeError",
    "`lengths` array must be sorted in decreasing order when `enforceSorted` is true. You can pass `enforceSorted=false` to packPaddedSequence and/or packSequence to sidestep this requirement if you do not need ONNX exportability.",
  );
  refuses(
    () => rnn.packPaddedSequence(x, [3, 0]),
    "RuntimeError",
    "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
  );
  refuses(
    () => rnn.packPaddedSequence(x, [3]),
    "RuntimeError",
    "Expected `len(lengths)` to be equal to batch_size, but got 1 (batch_size=2)",
  );
  assertThrows(() => rnn.packPaddedSequence(x, [7, 3]), dg.RuntimeError);
  const packed = rnn.packPaddedSequence(x, [4, 3]);
  refuses(
    () => rnn.padPackedSequence(packed, { totalLength: 2 }),
    "ValueError",
    "Expected totalLength to be at least the length of the longest sequence in input, but got totalLength=2 and max sequence length being 4",
  );
});

Deno.test("packing and padding undo each other, gradients included", () => {
  const x = dg.arange(24).reshape([3, 4, 2]).requiresGrad_();
  const lengths = [2, 4, 1];
  const options = { batchFirst: true, enforceSorted: false };
  const packed = rnn.packPaddedSequence(x, lengths, options);
  assertEquals(packed.batchSizes.tolist(), [3, 2, 1, 1]);
  assertEquals(packed.sortedIndices!.tolist(), [1, 0, 2]);
  const [padded, found] = rnn.padPackedSequence(packed, {
    batchFirst: true,
    paddingValue: -1,
    totalLength: 5,
  });
  assertEquals(found.tolist(), lengths);
  assertEquals(padded.shape, [3, 5, 2]);
  for (const [k, n] of lengths.entries()) {
    const row = padded.select(0, k);
    assertEquals(
      row.narrow(0, 0, n).tolist(),
      x.select(0, k).narrow(0, 0, n).tolist(),
    );
    assertEquals(Boolean(row.narrow(0, n, 5 - n).eq(-1).all().item()), true);
  }
  padded.sum().backward();
  const expected = lengths.map((n) =>
    [0, 1, 2, 3].map((t) => t < n ? [1, 1] : [0, 0])
  );
  assertEquals(x.grad!.tolist(), expected);
});

Deno.test("sequences are padded on either side", () => {
  const parts = [dg.tensor([1, 2, 3]), dg.tensor([4])];
  const left = rnn.padSequence(parts, { paddingSide: "left" });
  assertEquals(left.tolist(), [[1, 0], [2, 0], [3, 4]]);
  const back = rnn.unpackSequence(rnn.packSequence(parts));
  assertEquals(back.map((x) => x.tolist()), [[1, 2, 3], [4]]);
});

Deno.test("a packed sequence gives what its sequences give one by one", () => {
  dg.manualSeed(1);
  const gru = new nn.GRU(2, 3, { bidirectional: true, numLayers: 2 });
  const parts = [dg.randn([2, 2]), dg.randn([4, 2]), dg.randn([3, 2])];
  const packed = rnn.packSequence(parts, { enforceSorted: false });
  const [out, last] = gru.call(packed);
  const outs = rnn.unpackSequence(out);
  parts.forEach((x, k) => {
    const [alone, state] = gru.call(x);
    assertEquals(dg.allclose(outs[k]!, alone, { atol: 1e-6 }), true);
    assertEquals(
      dg.allclose(last.select(1, k), state, { atol: 1e-6 }),
      true,
    );
  });
});

Deno.test("recurrent layers in float64 and in 16 bits", () => {
  for (const Kind of [nn.RNN, nn.GRU, nn.LSTM]) {
    dg.manualSeed(2);
    const layer = new Kind(3, 4);
    const x = dg.randn([5, 2, 3]);
    const [expected] = layer.call(x);
    layer.double();
    const [wide] = layer.call(x.to("float64"));
    assertEquals(wide.dtype, "float64");
    assertEquals(
      dg.allclose(wide.to("float32"), expected, { atol: 1e-6 }),
      true,
    );
    layer.half();
    const [short] = layer.call(x.to("float16"));
    assertEquals(short.dtype, "float16");
    assertEquals(
      dg.allclose(short.to("float32"), expected, { atol: 4e-3 }),
      true,
    );
    short.sum().backward();
    assertEquals(layer.weightHhL0!.grad!.dtype, "float16");
  }
});

Deno.test("gradients of recurrent layers can be differentiated", () => {
  dg.manualSeed(3);
  const lstm = new nn.LSTM(2, 3).double();
  const x = dg.randn([3, 2, 2], { dtype: "float64", requiresGrad: true });
  const fn = (x: dg.Tensor) => lstm.call(x)[0].sin();
  assertEquals(dg.autograd.gradcheck(fn, [x]), true);
  const [g] = dg.autograd.grad(fn(x).sum(), x, { createGraph: true });
  g.square().sum().backward();
  const analytic = x.grad!.at(1, 0, 1).item();
  const slopeAt = (shift: number): number => {
    const moved = x.detach().clone().setAt_(
      [1, 0, 1],
      x.at(1, 0, 1).add(shift),
    );
    moved.requiresGrad_();
    const [g] = dg.autograd.grad(fn(moved).sum(), moved);
    return g.square().sum().item();
  };
  const numeric = (slopeAt(1e-5) - slopeAt(-1e-5)) / 2e-5;
  assertEquals(Math.abs(numeric - analytic) < 1e-7, true);
});

Deno.test("attention refuses what PyTorch refuses, in its words", () => {
  const attention = new nn.MultiheadAttention(4, 2);
  const x = dg.ones([3, 2, 4]);
  refuses(
    () => attention.call(x, dg.ones([3, 4]), x),
    "RuntimeError",
    "For batched (3-D) `query`, expected `key` and `value` to be 3-D but found 2-D and 3-D tensors respectively",
  );
  refuses(
    () => attention.call(x, x, x, { attnMask: dg.ones([2, 3]) }),
    "RuntimeError",
    "The shape of the 2D attnMask is [2, 3], but should be [3, 3].",
  );
  refuses(
    () => attention.call(x, x, x, { isCausal: true }),
    "RuntimeError",
    "Need attnMask if specifying the isCausal hint. You may use the Transformer module method `generateSquareSubsequentMask` to create this mask.",
  );
  refuses(
    () => new nn.MultiheadAttention(5, 2),
    "RuntimeError",
    "embedDim must be divisible by numHeads",
  );
});

Deno.test("an encoder stacks copies, and copying uses no random numbers", () => {
  dg.manualSeed(4);
  const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6 });
  const next = dg.rand(1).item();
  dg.manualSeed(4);
  const again = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6 });
  const encoder = new nn.TransformerEncoder(again, 2);
  assertEquals(dg.rand(1).item(), next);
  const expected = layer.linear1.weight.tolist();
  for (const copy of encoder.layers) {
    const own = (copy as dg.nn.TransformerEncoderLayer).linear1.weight;
    assertEquals(own.tolist(), expected);
    assertEquals(own === again.linear1.weight, false);
  }
});

Deno.test("the mask of later positions", () => {
  const mask = nn.Transformer.generateSquareSubsequentMask(2);
  assertEquals(mask.tolist(), [[0, -Infinity], [0, 0]]);
});

Deno.test("samples of the Gumbel softmax are one-hot with soft gradients", () => {
  dg.manualSeed(5);
  const logits = dg.randn([6, 3], { requiresGrad: true });
  const y = nn.functional.gumbelSoftmax(logits, { tau: 0.5, hard: true });
  assertEquals(y.sum(1).sub(1).abs().max().item() < 1e-6, true);
  y.mul(dg.arange(3)).sum().backward();
  assertEquals(logits.grad!.abs().sum().item() > 0, true);
});

Deno.test("a packed sequence is shown as PyTorch's named tuple", () => {
  const packed = rnn.packSequence([dg.tensor([1, 2]), dg.tensor([3])]);
  assertEquals(
    String(packed),
    "PackedSequence(data=tensor([1., 3., 2.]), batch_sizes=tensor([2, 1]), sorted_indices=None, unsorted_indices=None)",
  );
  assertEquals(Deno.inspect(packed), String(packed));
});
