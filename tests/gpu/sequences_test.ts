// Recurrent layers, packed sequences and attention on the GPU: results and
// gradients are those of the CPU.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const { nn } = dg;
const CLOSE = { atol: 1e-5, rtol: 1e-5 };

/** Gradients of all parameters for one call, which leaves none behind. */
function gradients(module: dg.nn.Module, ...outs: dg.Tensor[]): dg.Tensor[] {
  for (const out of outs) out.sin().sum().backward();
  const found = [...module.parameters()].map((x) => x.grad!.cpu());
  module.zeroGrad();
  return found;
}

for (const Kind of [nn.RNN, nn.GRU, nn.LSTM]) {
  gpuTest(`${Kind.name} computes what it computes on the CPU`, (gpu) => {
    dg.manualSeed(0);
    const options = { numLayers: 2, bidirectional: true };
    // What follows looks at the first result only.
    const layer = new Kind(3, 4, options) as dg.nn.GRU;
    const x = dg.randn([5, 2, 3]);
    const pack = (x: dg.Tensor) =>
      nn.utils.rnn.packPaddedSequence(x, [3, 5], { enforceSorted: false });
    const run = (x: dg.Tensor): [dg.Tensor[], dg.Tensor[]] => {
      const [out] = layer.call(x);
      const [packed] = layer.call(pack(x));
      const found = gradients(layer, out, packed.data);
      return [[out.cpu(), packed.data.cpu()], found];
    };
    const [outs, grads] = run(x);
    layer.to(gpu);
    const [gpuOuts, gpuGrads] = run(x.to(gpu));
    outs.forEach((y, k) => assert(dg.allclose(gpuOuts[k]!, y, CLOSE)));
    grads.forEach((g, k) =>
      assert(dg.allclose(gpuGrads[k]!, g, { atol: 1e-4, rtol: 1e-4 }))
    );
    assertEquals(gpuGrads.length, grads.length);
  });
}

gpuTest("a transformer computes what it computes on the CPU", (gpu) => {
  dg.manualSeed(0);
  const model = new nn.Transformer({
    dModel: 4,
    nhead: 2,
    numEncoderLayers: 1,
    numDecoderLayers: 1,
    dimFeedforward: 6,
    dropout: 0,
  });
  const [src, tgt] = [dg.randn([5, 2, 4]), dg.randn([3, 2, 4])];
  const tgtMask = nn.Transformer.generateSquareSubsequentMask(3);
  const expected = model.call(src, tgt, { tgtMask });
  const grads = gradients(model, expected);
  model.to(gpu);
  const y = model.call(src.to(gpu), tgt.to(gpu), { tgtMask: tgtMask.to(gpu) });
  assert(dg.allclose(y.cpu(), expected, CLOSE));
  gradients(model, y).forEach((g, k) =>
    assert(dg.allclose(g, grads[k]!, { atol: 1e-4, rtol: 1e-4 }))
  );
});

countGpuTests("sequences");
