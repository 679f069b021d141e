// Modules and optimizers on the GPU: they move there, learn what they learn on
// the CPU, and come back.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { countGpuTests, gpuTest, onGpu } from "./gpu_test_case.ts";

const { nn, optim } = dg;
const F = nn.functional;

/** Two layers, and the running mean of what came in. */
class Net extends nn.Module {
  weight1: dg.nn.Parameter;
  bias1: dg.nn.Parameter;
  weight2: dg.nn.Parameter;
  mean: dg.nn.Buffer;
  steps: dg.nn.Buffer;

  constructor() {
    super();
    this.weight1 = new nn.Parameter(dg.randn([16, 4]).mul(0.5));
    this.bias1 = new nn.Parameter(dg.zeros(16));
    this.weight2 = new nn.Parameter(dg.randn([3, 16]).mul(0.25));
    this.mean = new nn.Buffer(dg.zeros(4));
    this.steps = new nn.Buffer(dg.tensor(0n));
  }

  override forward(x: dg.Tensor): dg.Tensor {
    {
      using _ = dg.noGrad();
      this.mean.lerp_(x.mean(0), 0.1);
      this.steps.add_(1);
    }
    const hidden = F.linear(x, this.weight1, { bias: this.bias1 }).tanh();
    return F.linear(hidden, this.weight2);
  }
}

/** The losses of some steps on a device, and the net that came out. */
function train(
  device: dg.Device,
  make: (parameters: Iterable<dg.nn.Parameter>) => dg.optim.Optimizer,
): [number[], Net] {
  dg.manualSeed(11);
  const net = new Net().to(device);
  const x = dg.randn([50, 4]).to(device);
  const y = dg.randint(0, 3, [50]).to(device);
  const optimizer = make(net.parameters());
  const losses: number[] = [];
  for (let step = 0; step < 12; step++) {
    const loss = optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = F.crossEntropy(net.call(x), y);
      loss.backward();
      return loss;
    }) as dg.Tensor;
    losses.push(loss.item<number>());
  }
  return [losses, net];
}

type Maker = (parameters: Iterable<dg.nn.Parameter>) => dg.optim.Optimizer;
const OPTIMIZERS: Readonly<Record<string, Maker>> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adam: (p) => new optim.Adam(p, { lr: 0.02, weightDecay: 0.01 }),
  "Adam with amsgrad": (p) => new optim.Adam(p, { lr: 0.02, amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.02 }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 0.01, centered: true }),
  Adagrad: (p) => new optim.Adagrad(p, { lr: 0.05 }),
  Adadelta: (p) => new optim.Adadelta(p, { lr: 1 }),
  Adamax: (p) => new optim.Adamax(p, { lr: 0.02 }),
  NAdam: (p) => new optim.NAdam(p, { lr: 0.02 }),
  RAdam: (p) => new optim.RAdam(p, { lr: 0.02 }),
  ASGD: (p) => new optim.ASGD(p, { lr: 0.05 }),
  Rprop: (p) => new optim.Rprop(p, { lr: 0.01 }),
  LBFGS: (p) => new optim.LBFGS(p, { lr: 0.5, maxIter: 3 }),
};

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  gpuTest(`${name} learns on the GPU what it learns on the CPU`, (gpu) => {
    const [want] = train(dg.cpu, make);
    const [got, net] = train(gpu, make);
    want.forEach((loss, k) => {
      const error = Math.abs(got[k]! - loss);
      assert(error <= 2e-4 * loss, `step ${k}: ${got[k]}, not ${loss}`);
    });
    assert(got.at(-1)! < got[0]!);
    assertEquals(net.weight1.device, gpu);
    assertEquals(net.weight1.grad!.device, gpu);
    assertEquals([net.steps.dtype, net.mean.device], ["int32", gpu]);
  });
}

gpuTest("a module and its state go there and back", (gpu) => {
  const [, net] = train(gpu, OPTIMIZERS.Adam!);
  const state = net.stateDict();
  const copy = new Net();
  copy.loadStateDict(state);
  assertEquals(copy.weight1.device, dg.cpu);
  assertEquals(copy.weight1.tolist(), net.weight1.cpu().tolist());
  const back = net.to("cpu");
  assertEquals(back === net, true);
  for (const x of back.parameters()) {
    assertEquals([x.device, x.grad!.device], [dg.cpu, dg.cpu]);
  }
  assertEquals(back.call(dg.ones([2, 4])).device, dg.cpu);
});

gpuTest("an optimizer's state is loaded to where its parameters are", (gpu) => {
  const make = (p: Iterable<dg.nn.Parameter>) =>
    new optim.Adam(p, { lr: 0.01 });
  dg.manualSeed(1);
  const [here, there] = [new Net(), new Net().to(gpu)];
  there.loadStateDict(here.stateDict());
  const [first, second] = [make(here.parameters()), make(there.parameters())];
  const x = dg.randn([8, 4]);
  const step = (net: Net, optimizer: dg.optim.Optimizer) => {
    optimizer.zeroGrad();
    net.call(x.to(net.weight1.device)).pow(2).mean().backward();
    optimizer.step();
  };
  step(here, first);
  there.loadStateDict(here.stateDict());
  second.loadStateDict(first.stateDict());
  step(here, first);
  step(there, second);
  const error = +there.weight1.detach().cpu().sub(here.weight1.detach()).abs()
    .max();
  assert(error < 1e-6, String(error));
});

gpuTest(
  "layers of a recurrent net give on the GPU what they give on the CPU",
  (gpu) => {
    for (const make of [nn.LSTM, nn.GRU, nn.RNN]) {
      dg.manualSeed(4);
      const net = new make(5, 7, { numLayers: 2, bidirectional: true });
      const x = dg.randn([6, 3, 5]);
      const run = (device: dg.Device) => {
        net.to(device);
        net.zeroGrad();
        const input = x.detach().to(device).requiresGrad_();
        const [out] = net.call(input) as unknown as [dg.Tensor, unknown];
        out.pow(2).sum().backward();
        const grads = [...net.parameters()].map(({ grad }) => grad!);
        return [out.detach(), input.grad!, ...grads].map((x) => x.cpu());
      };
      const want = run(dg.cpu);
      run(gpu).forEach((got, k) => {
        const scale = Math.max(1, +want[k]!.abs().max());
        const error = +got.sub(want[k]!).abs().max();
        assert(error <= 1e-5 * scale, `${make.name} ${k}: ${error}`);
      });
    }
  },
);

gpuTest("modules are made on the default device", async (gpu) => {
  await onGpu(gpu, () => {
    const net = new Net();
    assertEquals(net.weight1.device, gpu);
    assertEquals(net.call(dg.ones([2, 4])).shape, [2, 3]);
  });
});

countGpuTests("training");
