// Products and convolutions of CPU tensors on the GPU. The accelerator declines
// software, where tests run, so they install one that takes everything.

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { ACCELERATOR } from "../../src/tensor/accelerator.ts";
import { leastSize } from "../../src/gpu/accelerate.ts";
import { GpuAccelerator } from "../../src/gpu/accelerator.ts";
import {
  calibrate,
  estimate,
  rateAt,
  type Rates,
} from "../../src/gpu/cost_model.ts";
import type { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Runs something with all that can be accelerated on the GPU. */
function accelerated<T>(gpu: dg.Device, run: () => T, rates?: Rates): T {
  ACCELERATOR.current = new GpuAccelerator(gpu as GpuDevice, rates ?? null);
  try {
    return run();
  } finally {
    ACCELERATOR.current = null;
  }
}

/**
 * Compares tensors as sums of `length` products in float32 may differ: in proportion
 * to the rounding of each of the operands' products, which are about 1.
 */
function assertNear(got: dg.Tensor, want: dg.Tensor, length: number): void {
  assertEquals(got.device.type, "cpu");
  assertEquals(got.shape, want.shape);
  const error = +got.sub(want).abs().max();
  assert(error <= 3e-7 * length, `${error} for sums of ${length}`);
}

/** What is computed both ways, and the length of its sums. */
const PRODUCTS: readonly [string, number, () => dg.Tensor][] = [
  ["a product", 33, () => dg.randn([17, 33]).matmul(dg.randn([33, 65]))],
  ["with transposed operands", 40, () => {
    const [x, y] = [dg.randn([40, 24]), dg.randn([50, 40])];
    return x.t().matmul(y.t());
  }],
  ["with operands cut out of larger ones", 20, () => {
    const x = dg.randn([70, 80]);
    return x.at("3:23", "5:25").matmul(x.at("::2", "::3").narrow(0, 0, 20));
  }],
  ["of a batch", 9, () => dg.randn([5, 7, 9]).matmul(dg.randn([5, 9, 11]))],
  [
    "of a batch with one matrix",
    9,
    () => dg.randn([5, 1, 7, 9]).matmul(dg.randn([3, 9, 11])),
  ],
  ["of a matrix and a vector", 64, () => dg.randn([32, 64]).mv(dg.randn(64))],
  ["of two vectors", 100, () => dg.randn(100).dot(dg.randn(100))],
  [
    "added to something",
    16,
    () =>
      dg.addmm(dg.randn(20), dg.randn([12, 16]), dg.randn([16, 20]), {
        alpha: 0.5,
        beta: 2,
      }),
  ],
  ["of an empty sum", 1, () => dg.ones([3, 0]).matmul(dg.ones([0, 4]))],
];

for (const [name, length, make] of PRODUCTS) {
  gpuTest(`an accelerated product ${name} is the CPU's`, (gpu) => {
    dg.manualSeed(1);
    const want = make();
    dg.manualSeed(1);
    assertNear(accelerated(gpu, make), want, length);
  });
}

const { conv1d, conv2d, conv3d, convTranspose2d } = dg;
type Convolution = (x: dg.Tensor, w: dg.Tensor, bias: dg.Tensor) => dg.Tensor;
/** Name, shapes of image, weight and bias, and the call. */
const CONVOLUTIONS: readonly [string, number[][], Convolution][] = [
  [
    "1d",
    [[2, 3, 20], [5, 3, 4], [5]],
    (x, w, bias) => conv1d(x, w, { bias, stride: 2, padding: 3 }),
  ],
  [
    "2d by groups",
    [[2, 4, 9, 8], [6, 2, 3, 2], [6]],
    (x, w, bias) => conv2d(x, w, { bias, groups: 2, dilation: 2 }),
  ],
  [
    "3d",
    [[1, 2, 5, 6, 7], [3, 2, 2, 3, 3], [3]],
    (x, w, bias) => conv3d(x, w, { bias, padding: 1 }),
  ],
  [
    "transposed",
    [[2, 3, 5, 5], [3, 4, 3, 3], [4]],
    (x, w, bias) => convTranspose2d(x, w, { bias, stride: 2, padding: 1 }),
  ],
];

for (const [name, shapes, call] of CONVOLUTIONS) {
  gpuTest(
    `an accelerated convolution ${name} and its gradients are the CPU's`,
    (gpu) => {
      dg.manualSeed(2);
      const results = (): dg.Tensor[] => {
        const leaves = start.map((x) => x.clone().requiresGrad_());
        const out = call(...leaves as Parameters<Convolution>);
        out.mul(out.detach().cos()).sum().backward();
        return [out.detach(), ...leaves.map((x) => x.grad!)];
      };
      const start = shapes.map((shape) => dg.randn(shape));
      const want = results();
      const got = accelerated(gpu, results);
      got.forEach((x, k) => assertNear(x, want[k]!, 200));
    },
  );
}

gpuTest("a layer learns the same with the accelerator as without", (gpu) => {
  const train = (): number => {
    dg.manualSeed(3);
    const [x, y] = [dg.randn([64, 20]), dg.randn([64, 5])];
    const w = dg.randn([20, 5], { requiresGrad: true });
    const optimizer = new dg.optim.SGD([w], { lr: 0.05 });
    let last = 0;
    for (let k = 0; k < 20; k++) {
      const loss = x.matmul(w).sub(y).pow(2).mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      last = loss.item<number>();
    }
    return last;
  };
  const want = train();
  const got = accelerated(gpu, train);
  assert(Math.abs(got - want) <= 1e-6 * want, `${got}, not ${want}`);
});

gpuTest(
  "float64 and integers are not accelerated, and explain() says why",
  (gpu) => {
    for (const dtype of ["float64", "int32", "float16"] as const) {
      const x = dg.ones([8, 8], { dtype });
      const [row] = accelerated(gpu, () => dg.explain(() => x.matmul(x))).rows;
      assertEquals(row?.device, "cpu");
      assertMatch(row!.why, new RegExp(`computes float32, not ${dtype}`));
    }
  },
);

gpuTest("explain() shows what was accelerated, and by what estimate", (gpu) => {
  const x = dg.ones([8, 8]);
  const { rows: [row], result } = accelerated(
    gpu,
    () => dg.explain(() => x.matmul(x)),
    ratesOf(1e9),
  );
  assertEquals([row?.op, row?.device, row?.path], [
    "matmul",
    "webgpu",
    "accelerator",
  ]);
  assertMatch(row!.why, /^estimated .* ms on the GPU, .* ms here$/);
  assertEquals(result.sum().item(), 512);
  const declined = accelerated(
    gpu,
    () => dg.explain(() => x.matmul(x)),
    ratesOf(1e-9),
  );
  assertEquals(declined.rows[0]?.device, "cpu");
  assertMatch(declined.rows[0]!.why, /ms here: not worth the way/);
});

gpuTest("an accelerated loop leaves nothing on the GPU", (gpu) => {
  const { buffers } = (gpu as GpuDevice).engine;
  const x = dg.ones([300, 300]);
  const step = () => void x.matmul(x);
  accelerated(gpu, step);
  const before = buffers.count;
  accelerated(gpu, () => {
    for (let k = 0; k < 20; k++) step();
  });
  assertEquals(buffers.count, before);
});

gpuTest("where the GPU fails the CPU goes on", (gpu) => {
  const failing = Object.create(gpu as GpuDevice, {
    allocate: {
      value() {
        throw new dg.RuntimeError("out of memory");
      },
    },
  }) as GpuDevice;
  const x = dg.ones([8, 8]);
  ACCELERATOR.current = new GpuAccelerator(failing, null);
  const { rows: [row], result } = dg.explain(() => x.matmul(x));
  assertEquals(ACCELERATOR.current, null);
  assertEquals(result.sum().item(), 512);
  assertMatch(row!.why, /the GPU failed, it is off now: out of memory/);
});

gpuTest(
  "accelerate() declines software, says so and can be turned off",
  async (gpu) => {
    const found = await dg.accelerate({ device: gpu });
    assertMatch(found.toString(), /^acceleration {7}(on|off): /);
    if (/llvmpipe/.test(found.adapter ?? "")) {
      assertEquals(found.active, false);
      assertMatch(found.reason, /software/);
    }
    assertEquals(found.active, ACCELERATOR.current !== null);
    const off = await dg.accelerate(false);
    assertEquals([off.active, ACCELERATOR.current], [false, null]);
  },
);

gpuTest(
  "calibrate() measures both sides",
  async (gpu) => {
    // How long that takes is no matter for a test; a benchmark shows it.
    const rates = await calibrate(gpu, dg.cpu);
    for (const { cpu, gpu } of [rates.products, rates.convolutions]) {
      assert(cpu.length > 0 && gpu.length > 0);
    }
    assert(rates.latency > 0 && rates.upload > 0 && rates.download > 0);
  },
);

/** Rates of a GPU that does so many multiply-adds in a millisecond. */
function ratesOf(rate: number): Rates {
  const curves = {
    cpu: [{ work: 1, rate: 1 }],
    gpu: [{ work: 1, rate }],
  };
  return {
    latency: 1,
    upload: 1e9,
    download: 1e9,
    products: curves,
    convolutions: curves,
  };
}

Deno.test("estimate() adds latency, transfers and work", () => {
  const rates: Rates = { ...ratesOf(10), upload: 100, download: 50 };
  assertEquals(
    estimate(rates, { kind: "products", work: 1000, up: 300, down: 100 }),
    { cpu: 1000, gpu: 1 + 3 + 2 + 100 },
  );
});

Deno.test("rateAt() interpolates by logarithms and stays at the ends", () => {
  const points = [{ work: 10, rate: 1 }, { work: 1000, rate: 100 }];
  assertEquals(rateAt(points, 1), 1);
  assert(Math.abs(rateAt(points, 100) - 10) < 1e-9);
  assertEquals(rateAt(points, 1e6), 100);
});

Deno.test("leastSize() finds from where on a GPU pays, if ever", () => {
  assertEquals(leastSize(ratesOf(1e-3)), null);
  assertEquals(leastSize(ratesOf(1e9)), 64);
});

Deno.test("accelerate() without a GPU stays off and says why", async () => {
  const found = await dg.accelerate({ device: dg.cpu });
  assertEquals([found.active, found.reason], [false, "cpu is no GPU"]);
});

countGpuTests("acceleration");
