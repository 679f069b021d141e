// Ops find their compiled kernel by what its text depends on: calls that differ
// in that, one after the other and again, give what the CPU gives, and nothing
// is compiled twice.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Device, Tensor } from "@dinograd/dinograd";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const F = dg.nn.functional;

/** Whole numbers, so that sums are exact. */
function numbers(
  shape: readonly number[],
  dtype: dg.DType,
  device: Device,
): Tensor {
  const count = shape.reduce((n, m) => n * m, 1);
  return dg.arange(count, { dtype: "float32" }).remainder(7).sub(3)
    .reshape(shape).to(dtype).to(device);
}

function image(device: Device): Tensor {
  return numbers([2, 3, 6, 7], "float32", device);
}

/** Convolutions by tiles and without, and their gradients. */
function convolutions(device: Device): (() => Tensor)[] {
  const out: (() => Tensor)[] = [];
  const bias = numbers([8], "float32", device);
  const sizes = [{}, { stride: 2 }, { padding: 1, dilation: 2 }, { bias }];
  for (const size of [8, 20]) {
    const x = numbers([2, 4, size, size], "float32", device);
    const w = numbers([8, 4, 3, 3], "float32", device);
    for (const options of sizes) {
      out.push(() => dg.conv2d(x, w, options));
      out.push(() => dg.conv2d(x, w.transpose(2, 3), options));
      for (const wanted of [x, w]) {
        out.push(() => {
          const leaf = wanted.clone().requiresGrad_();
          const y = wanted === x
            ? dg.conv2d(leaf, w, options)
            : dg.conv2d(x, leaf, options);
          y.mul(y).sum().backward();
          return leaf.grad!;
        });
      }
    }
    const half = w.narrow(1, 0, 2);
    out.push(() => dg.conv2d(x, half, { groups: 2 }));
    out.push(() => dg.conv1d(x.select(2, 0), w.select(2, 0)));
  }
  return out;
}

/** Gathers, scatters, scans and positions. */
function indexedCalls(device: Device): (() => Tensor)[] {
  const out: (() => Tensor)[] = [];
  const small = numbers([6, 8], "float32", device);
  const index = numbers([5], "int32", device).abs();
  const places = numbers([4, 8], "int32", device).abs();
  const long = numbers([9000], "float32", device);
  for (const x of [small, small.to("int32"), small.t(), small.gt(0)]) {
    const square = x.narrow(0, 0, 6).narrow(1, 0, 6);
    out.push(() => square.indexSelect(0, index), () => x.at(index));
    out.push(() => square.indexSelect(1, index));
    if (x.shape[0] === 6) out.push(() => x.gather(0, places));
    if (x.dtype === "bool") continue;
    for (const dim of [0, 1]) {
      out.push(() => x.argmax(dim), () => x.argmin(dim));
      out.push(() => x.max(dim).values, () => x.min(dim).indices);
      out.push(() => x.cumsum(dim), () => x.cumprod(dim).remainder(5));
      const source = square.narrow(dim, 0, 5);
      out.push(() => square.indexAdd(dim, index, source));
    }
  }
  out.push(() => small.scatterAdd(0, places, small.narrow(0, 0, 4)));
  out.push(() => small.scatter(0, places.narrow(0, 0, 1), 5));
  out.push(() => small.scatterReduce(0, places, small.narrow(0, 0, 4), "amax"));
  out.push(() => long.argmax(0), () => long.at(index));
  return out;
}

/** Maps whose operands are not found by the number of the element. */
function stridedCalls(device: Device): (() => Tensor)[] {
  const out: (() => Tensor)[] = [];
  const small = numbers([6, 8], "float32", device);
  const large = numbers([130, 200], "float32", device);
  for (const x of [small, large, small.to("int32")]) {
    const columns = x.narrow(1, 2, 5);
    out.push(() => x.t().add(1), () => x.t().mul(x.t()));
    out.push(() => columns.add(columns), () => columns.sub(x.narrow(1, 1, 1)));
    out.push(() => columns.add(2).mul(3), () => x.t().to("int32"));
    out.push(() => dg.where(columns.gt(0), columns, 7));
    out.push(() => x.t().add(x.t(), { alpha: 2 }));
    out.push(() => dg.cat([x, x], 1), () => x.t().sub(columns.t().sum()));
    out.push(() => x.t().clamp({ min: -1, max: 1 }));
  }
  return out;
}

/** Calls that differ in the kernel that they need, or in the place of their operands only. */
function calls(device: Device): (() => Tensor)[] {
  const small = numbers([6, 8], "float32", device);
  const whole = numbers([6, 8], "int32", device);
  const bool = small.gt(0);
  const large = numbers([130, 200], "float32", device);
  const cube = numbers([3, 4, 8], "float32", device);
  const square = numbers([8, 8], "float32", device);
  const row = numbers([8], "float32", device);
  const batch = numbers([3, 8, 5], "float32", device);
  const long = numbers([40_000], "float32", device);
  const out: (() => Tensor)[] = [];
  for (const x of [small, whole, bool, large, small.t(), large.t(), cube]) {
    out.push(() => x.sum(), () => x.sum(0), () => x.sum(-1));
    out.push(() => x.sum(0, { dtype: "float32" }), () => x.any(-1));
  }
  for (const x of [small, whole, large]) {
    out.push(() => x.amax(0), () => x.amin([0, 1]), () => x.prod(-1));
  }
  out.push(() => cube.sum([0, 2]), () => cube.mean(1), () => long.sum());
  out.push(() => long.cumsum(0).remainder(11), () => row.cumsum(0));
  for (const x of [small, large, cube, small.t(), row]) {
    out.push(() => x.softmax(-1), () => x.logSoftmax(0));
  }
  out.push(() => F.layerNorm(small, [8], { eps: 1 }));
  out.push(() => F.layerNorm(small, [8], { weight: row, bias: row, eps: 1 }));
  out.push(() => F.layerNorm(cube, [8], { weight: row, eps: 1 }));
  const n = (x: Tensor) => x.narrow(0, 1, 4);
  out.push(() => small.matmul(square), () => square.matmul(square));
  out.push(() => square.matmul(square.t()), () => small.matmul(small.t()));
  out.push(() => n(small).matmul(square), () => small.matmul(row));
  out.push(() => row.matmul(square), () => row.matmul(square.t()));
  out.push(() => whole.matmul(whole.t()), () => cube.matmul(batch));
  out.push(() => F.linear(small, square, { bias: row }));
  out.push(() => F.linear(small, square), () => large.matmul(large.t()));
  out.push(() => row.addmm(small, square), () => row.dot(row));
  out.push(...indexedCalls(device), ...stridedCalls(device));
  out.push(...convolutions(device));
  for (const x of [image(device), image(device).gt(0).to("int32")]) {
    out.push(() => F.maxPool2d(x, 2));
    out.push(() => F.maxPool2d(x, 3, { stride: 1, padding: 1, dilation: 2 }));
    out.push(() => F.maxPool2d(x, [1, 3], { ceilMode: true, stride: 2 }));
    if (x.dtype !== "float32") continue;
    out.push(() => F.adaptiveMaxPool2d(x, [3, 2]));
    out.push(() => F.avgPool2d(x, 2), () => F.adaptiveAvgPool2d(x, [2, 7]));
    out.push(...averages(x));
  }
  // Four buffers and fewer, in every order, for the groups that bind them.
  const [p, q] = [large.mul(2), large.sub(1)];
  out.push(() => large.addcmul(p, q), () => q.addcmul(large, p));
  out.push(() => p.addcmul(p, q), () => p.sub(q), () => q.sub(p));
  out.push(() => large.sub(q), () => q.sub(q), () => p.sub(small.sum()));
  return out;
}

/** Averages of windows that overlap, leave gaps, reach into the padding or are many, and their gradients. */
function averages(x: Tensor): (() => Tensor)[] {
  const pools = [
    (y: Tensor) => F.avgPool2d(y, 3, { stride: 1, padding: 1 }),
    (y: Tensor) => F.avgPool2d(y, [2, 3], { stride: [3, 1], padding: [1, 0] }),
    (y: Tensor) => F.avgPool2d(y, 2, { stride: 3, divisorOverride: 5 }),
    (y: Tensor) => F.avgPool2d(y, [1, 5], { stride: 2, ceilMode: true }),
    (y: Tensor) => F.avgPool2d(y, 2, { padding: 1, countIncludePad: false }),
    (y: Tensor) => F.avgPool2d(F.pad(y, [6, 6, 6, 6]), 9, { stride: 2 }),
    (y: Tensor) => F.avgPool1d(y.select(0, 1), 2, { stride: 1 }),
    (y: Tensor) => F.avgPool3d(y, [2, 1, 3], { stride: 1 }),
  ];
  return pools.flatMap((pool) => [() => pool(x), () => {
    const leaf = x.detach().clone().requiresGrad_();
    pool(leaf).square().sum().backward();
    return leaf.grad!;
  }]);
}

gpuTest("calls of every kind find their own kernels again", (gpu) => {
  const want = calls(dg.cpu).map((call) => call());
  const there = calls(gpu);
  let kernels = 0;
  for (let round = 0; round < 3; round++) {
    for (let k = 0; k < there.length; k++) {
      // In another order every other time.
      const at = round === 1 ? there.length - 1 - k : k;
      const found = there[at]!().to("cpu");
      const x = want[at]!.to("float32");
      const off = found.to("float32").sub(x).abs().max().item() as number;
      assertEquals(found.shape, x.shape, `call ${at}`);
      if (!(off <= 1e-5 * (1 + Number(x.abs().max().item())))) {
        throw new Error(`call ${at} in round ${round}: ${off} off`);
      }
    }
    const now = dg.doctor().webgpu!.kernels;
    if (round > 0) assertEquals(now, kernels);
    kernels = now;
  }
});

countGpuTests("kernels that are found again");
