// Convolutions and their gradients on the GPU against the CPU: those that are
// computed as products of matrices, and those that are not.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const { functional } = dg.nn;

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly options?: {
    readonly stride?: number[];
    readonly padding?: number | number[];
    readonly dilation?: number[];
    readonly groups?: number;
  };
}

const CASES: Record<string, Case> = {
  "small": { x: [2, 3, 5, 6], w: [4, 3, 3, 3] },
  "3x3 with padding": {
    x: [2, 16, 14, 13],
    w: [24, 16, 3, 3],
    options: { padding: 1 },
  },
  "1x1": { x: [3, 32, 9, 9], w: [40, 32, 1, 1] },
  "stride, dilation and padding": {
    x: [2, 8, 17, 19],
    w: [16, 8, 3, 2],
    options: { stride: [2, 3], padding: [2, 1], dilation: [2, 1] },
  },
  "groups": {
    x: [2, 32, 10, 10],
    w: [32, 8, 3, 3],
    options: { groups: 4, padding: 1 },
  },
  "each channel by itself": {
    x: [2, 16, 12, 12],
    w: [16, 1, 3, 3],
    options: { groups: 16 },
  },
  "many images and few channels": { x: [20, 1, 28, 28], w: [12, 1, 5, 5] },
  "wide enough for large tiles": {
    x: [4, 12, 40, 40],
    w: [70, 12, 3, 3],
    options: { padding: 1 },
  },
};

/** Sums in another order: off by a share of the largest. */
function assertNear(there: dg.Tensor, here: dg.Tensor, what: string): void {
  assertEquals(there.shape, here.shape);
  const off = there.detach().to("cpu").sub(here.detach()).abs().max()
    .div(here.detach().abs().max().add(1)).item() as number;
  if (!(off < 1e-5)) throw new Error(`${what}: ${off} off`);
}

for (const [name, { x, w, options = {} }] of Object.entries(CASES)) {
  gpuTest(`convolution: ${name}`, (gpu) => {
    dg.manualSeed(0);
    const values = [dg.randn(x), dg.randn(w), dg.randn([w[0]!])];
    const run = (device: dg.DeviceLike) => {
      const [image, weight, bias] = values.map((value) =>
        value.to(device).clone().detach().requiresGrad_()
      ) as [dg.Tensor, dg.Tensor, dg.Tensor];
      const out = functional.conv2d(image, weight, { ...options, bias });
      out.square().mean().backward();
      return [out, image.grad!, weight.grad!, bias.grad!];
    };
    const there = run(gpu);
    run("cpu").forEach((value, k) => {
      const what = ["result", "image", "weight", "bias"][k]!;
      assertNear(there[k]!, value, what);
    });
  });
}

gpuTest("convolution: one and three dimensions, transposed", (gpu) => {
  dg.manualSeed(1);
  const check = (
    call: (device: dg.DeviceLike) => dg.Tensor,
    what: string,
  ) => assertNear(call(gpu), call("cpu"), what);
  const x1 = dg.randn([4, 12, 50]);
  const w1 = dg.randn([16, 12, 5]);
  check((d) => functional.conv1d(x1.to(d), w1.to(d)), "conv1d");
  const x3 = dg.randn([2, 8, 6, 7, 8]);
  const w3 = dg.randn([12, 8, 3, 3, 3]);
  check((d) => functional.conv3d(x3.to(d), w3.to(d)), "conv3d");
  const x2 = dg.randn([2, 16, 9, 8]);
  const w2 = dg.randn([16, 12, 4, 4]);
  const options = { stride: 2, padding: 1 };
  check(
    (d) => functional.convTranspose2d(x2.to(d), w2.to(d), options),
    "convTranspose2d",
  );
});

gpuTest("long sums of few channels are whole", (gpu) => {
  const cases: [number[], number[], number][] = [
    // Gradients of these weights add 80,000 products up, and 120,000.
    [[40_000, 1, 4], [2, 1, 3], 1],
    [[30_000, 2, 4], [2, 1, 1], 2],
    [[8_000, 1, 3, 3], [1, 1, 1, 1], 1],
    [[1, 22_000, 3], [2, 22_000, 2], 1],
  ];
  for (const [xShape, wShape, groups] of cases) {
    const conv = wShape.length === 3 ? functional.conv1d : functional.conv2d;
    const x = dg.randn(xShape);
    const w = dg.randn(wShape);
    const run = (device: dg.Device | "cpu") => {
      const leaf = w.to(device).requiresGrad_();
      const out = conv(x.to(device), leaf, { groups });
      return [out, dg.autograd.grad(out.mul(out).sum(), [leaf])[0]!] as const;
    };
    const here = run("cpu");
    run(gpu).forEach((y, k) => {
      const off = y.to("cpu").sub(here[k]!).abs().max().item() as number;
      const size = here[k]!.abs().max().item() as number;
      assertEquals(off < 1e-4 * size, true, `${xShape}: ${off} of ${size}`);
    });
  }
});

gpuTest("no window and no number of channels is too large", (gpu) => {
  const one = dg.ones([1], { device: gpu });
  // Loops over windows count for each channel.
  const tall = one.expand([1, 29_000, 1]);
  assertEquals(functional.conv1d(tall, tall).item(), 29_000);
  // A window that no thread of a tile should walk at once, and what is added.
  const k = 1_050_000;
  const weight = one.expand([8, 1, k]);
  const bias = dg.arange(8, { device: gpu }).to("float32");
  const out = functional.conv1d(one.expand([1, 1, k]), weight, { bias });
  assertEquals(
    out.flatten().tolist(),
    [0, 1, 2, 3, 4, 5, 6, 7].map((b) => k + b),
  );
});

gpuTest("long sums go to results with gaps in between", (gpu) => {
  const k = 70_000;
  const [x, w, memory] = [[1, 1, 1, k + 1], [1, 3, 1, k], [1, 1, 3, 4]]
    .map((shape) => dg.ones(shape, { device: gpu }));
  gpu.convolve(memory!.narrow(3, 1, 2), x!, w!, null, {
    stride: [1],
    padding: [0],
    dilation: [1],
    spread: [1],
  });
  const row = [1, k, k, 1];
  assertEquals(memory!.tolist(), [[[row, row, row]]]);
});

countGpuTests("convolutions");
