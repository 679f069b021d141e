// Tensors and launches beyond the limits of one binding, one dimension of
// workgroups and one kernel. Most tests run on a device that takes its limits
// for small, so that every kernel meets them with tensors that are.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { Context } from "../../src/gpu/context.ts";
import { GpuDevice } from "../../src/gpu/gpu_device.ts";
import type { GpuStorage } from "../../src/gpu/gpu_storage.ts";
import { countGpuTests, GPU, gpuTest, HAS_FLOAT16 } from "./gpu_test_case.ts";

/** The same GPU, which takes its limits for these. */
function limited(gpu: dg.Device, limits: Record<string, number>): GpuDevice {
  const { device, adapter, abilities } = (gpu as GpuDevice).engine.context;
  const context = new Context(device, adapter, abilities);
  Object.assign(context, limits);
  return new GpuDevice(context);
}

/** Segments of 32,768 elements, and folded launches from 100 workgroups on. */
const SMALL = { maxBinding: 2 ** 17, maxGroups: 100 };

function segments(x: dg.Tensor): number {
  return (x.storage as GpuStorage).memory.segments.length;
}

/** Whether a kernel may have four tensors of four segments each. */
const MANY_BUFFERS = GPU !== null &&
  (GPU as GpuDevice).engine.context.maxBuffers >= 16;

/** Elements of the largest tensors: three segments and a bit, no multiple of four. */
const N = 98_307;

function indices(values: number[]): dg.Tensor {
  return dg.tensor(values, { dtype: "int64" });
}

/** What is computed on both devices, of integers that float32 adds exactly. */
const COMPUTE: Readonly<
  Record<string, (x: dg.Tensor, rows: dg.Tensor) => dg.Tensor>
> = {
  map: (x) => x.mul(3).add(1),
  broadcast: (_, rows) => rows.add(rows.narrow(0, 1, 1)),
  shifted: (x) => x.narrow(0, 1, N - 1).sub(x.narrow(0, 0, N - 1)),
  inplace: (x) => x.clone().narrow(0, 5, N - 9).mul_(2),
  "written view": (x) => {
    const y = x.clone();
    y.narrow(0, 32_765, 7).fill_(-3);
    y.setAt_(indices([32_767, 32_768, 65_536]), 9);
    return y;
  },
  transposed: (_, rows) => rows.t().contiguous(),
  condition: (x) => x.gt(100).logicalAnd(x.ne(7)),
  sum: (x) => x.sum(),
  "sum of rows": (_, rows) => rows.sum(1),
  "sum of columns": (_, rows) => rows.sum(0),
  max: (_, rows) => rows.max(1).values,
  argmax: (x) => x.argmax(),
  cumsum: (x) => x.cumsum(0),
  cummax: (_, rows) => rows.cummax(1).indices,
  sort: (x) => x.sort().values,
  argsort: (_, rows) => rows.argsort(1, { stable: true }),
  topk: (x) => x.topk(40_000).values,
  gather: (x) => x.gather(0, x.argsort(0, { stable: true })),
  scatterAdd: (x) =>
    x.scatterAdd(0, x.abs().mul(31).remainder(N).to("int32"), x),
  indexSelect: (x) =>
    x.indexSelect(
      0,
      indices([0, 32_767, 32_768, 65_535, 65_536, N - 1]).to(x.device),
    ),
  nonzero: (x) => x.gt(3).nonzero(),
  masked: (x) => x.at(x.gt(0)),
  searchsorted: (x) => dg.searchsorted(x.sort().values, x),
  softmax: (_, rows) => rows.mul(0).softmax(1),
  layerNorm: (_, rows) => dg.nn.functional.layerNorm(rows.mul(0), 32_769),
  matmul: (_, rows) => rows.matmul(rows.t()),
  "wide product": (_, rows) => rows.narrow(1, 0, 2).t().matmul(rows),
  convolution: (x) =>
    dg.conv1d(x.reshape([1, 1, N]), dg.tensor([[[1, 0, 2]]]).to(x.device)),
  maxPool: (x) => dg.nn.functional.maxPool1d(x.reshape([1, 1, N]), 3),
  avgPool: (x) => dg.nn.functional.avgPool1d(x.reshape([1, 1, N]), 2),
  cat: (x) => dg.cat([x, x.neg(), x]),
  flip: (x) => x.flip([0]),
  roll: (_, rows) => rows.roll(5, 1),
};

/** Small whole numbers in no order. */
function values(): dg.Tensor {
  return dg.arange(N, { dtype: "int32" }).mul(7919).remainder(1009).sub(500)
    .float();
}

for (const [name, compute] of Object.entries(COMPUTE)) {
  for (const dtype of ["float32", "int32"] as const) {
    const floats = /softmax|layerNorm|convolution|Pool|product/.test(name);
    if (dtype === "int32" && floats) continue;
    gpuTest(`segments: ${name} of ${dtype}`, (gpu) => {
      const small = limited(gpu, SMALL);
      const host = values().to(dtype);
      const x = host.to(small);
      assert(segments(x) === 4);
      const rows = (t: dg.Tensor) => t.reshape([3, 32_769]);
      const want = compute(host, rows(host));
      const got = compute(x, rows(x));
      assertEquals(got.shape, want.shape);
      // Integers in float32, and products of them, are exact below 2 ** 24.
      const room = want.dtype === "float32" && /matmul|sum/.test(name)
        ? 1e-6
        : 0;
      const a = want.to("float32").typedArray() as Float32Array;
      const b = got.to("float32").typedArray() as Float32Array;
      for (let i = 0; i < a.length; i++) {
        if (Math.abs(a[i]! - b[i]!) <= room * Math.abs(a[i]!)) continue;
        throw new Error(`${name}: element ${i} is ${b[i]}, expected ${a[i]}`);
      }
    }, MANY_BUFFERS);
  }
}

gpuTest("segments: float16 lies two to a word", (gpu) => {
  const small = limited(gpu, SMALL);
  const host = dg.arange(N, { dtype: "int32" }).remainder(1024).to("float16");
  const x = host.to(small);
  assertEquals(segments(x), 2);
  assertEquals(x.add(1).to("cpu").equal(host.add(1)), true);
  assertEquals(x.narrow(0, 65_533, 6).tolist(), [1021, 1022, 1023, 0, 1, 2]);
}, HAS_FLOAT16);

gpuTest("a tensor of 300 MB works, across the seams of its segments", (gpu) => {
  const n = 75 * 2 ** 20;
  const x = dg.ones([n], { device: gpu });
  const most = (gpu as GpuDevice).engine.context.maxBinding;
  assertEquals(segments(x), Math.ceil(4 * n / most));
  const seam = 2 ** 25;
  x.narrow(0, seam - 2, 4).mul_(dg.tensor([2, 3, 4, 5]).to(gpu));
  x.setAt_(-1, 7);
  assertEquals(x.narrow(0, seam - 3, 6).tolist(), [1, 2, 3, 4, 5, 1]);
  assertEquals(x.sum().item(), n + 1 + 2 + 3 + 4 + 6);
  x.dispose();
  dg.emptyCache();
});

gpuTest("a product of 3 x 2048 x 2048 works", (gpu) => {
  const x = dg.ones([3, 2048, 32], { device: gpu });
  const y = dg.arange(2048, { device: gpu }).expand([3, 32, 2048]);
  const z = x.matmul(y);
  assertEquals(z.shape, [3, 2048, 2048]);
  assertEquals(z.at(2, 2047).equal(y.at(0, 0).mul(32)), true);
  assertEquals(z.amin([0, 1]).equal(z.amax([0, 1])), true);
});

// The product of 3 x 2048 x 2048 by 3 x 2048 x 2048 itself, which takes nine
// seconds on an adapter in software, was run by hand with the same values and
// was equal to the CPU's; here its inner dimension is whole in the first test,
// and its launches and operands are cut and folded in the second.
gpuTest("a product along 2048 elements is exact for integers", (gpu) => {
  dg.manualSeed(0);
  const x = dg.randint(-8, 9, [3, 2048, 2048]).float();
  const y = dg.randint(-8, 9, [3, 2048, 64]).float();
  const [a, b] = [x.to(gpu), y.to(gpu)];
  assert(a.matmul(b).to("cpu").equal(x.matmul(y)));
  const [c, d] = [b.transpose(1, 2), a.transpose(1, 2)];
  assert(c.matmul(d).to("cpu").equal(a.matmul(b).transpose(1, 2).to("cpu")));
});

gpuTest(
  "products whose operands lie in segments, in folded launches",
  (gpu) => {
    // Five segments for each operand, the seams within rows; 108 workgroups.
    const small = limited(gpu, {
      maxBinding: 2 ** 20 + 2 ** 19,
      maxGroups: 100,
    });
    dg.manualSeed(0);
    const x = dg.randint(-8, 9, [27, 256, 256]).float();
    const y = dg.randint(-8, 9, [27, 256, 256]).float();
    const [a, b] = [x.to(small), y.to(small)];
    const z = a.transpose(1, 2).matmul(b);
    assertEquals([a, b, z].map(segments), [5, 5, 5]);
    assert(z.to("cpu").equal(x.transpose(1, 2).matmul(y)));
  },
  MANY_BUFFERS,
);

gpuTest("more than 65,535 workgroups are folded", (gpu) => {
  // A workgroup per row, and rows that begin at odd places.
  const rows = 70_001;
  const x = dg.arange(rows * 3, { device: gpu }).reshape([rows, 3]);
  const sorted = x.neg().sort(1).values;
  assertEquals(sorted.at(-1).tolist(), x.at(-1).neg().flip([0]).tolist());
  const sums = x.softmax(1).sum(1);
  assert(sums.sub(1).abs().max().item() < 1e-6);
});

gpuTest("an op on more buffers than a kernel may have says so", (gpu) => {
  const few = limited(gpu, { ...SMALL, maxBuffers: 8 });
  const x = dg.ones([N], { device: few });
  assertEquals(x.add(1).at(-1).item(), 2);
  const error = assertThrows(
    () => dg.addcmul(x, x.add(1), x.add(2)),
    dg.RuntimeError,
  );
  assertEquals(
    error.message.split("\n")[0],
    "an op on these tensors needs 16 storage buffers at once, and this WebGPU device allows 8",
  );
  // The device goes on.
  assertEquals(x.sum().item(), N);
});

gpuTest("sizes around those of vectors, workgroups and the arena", (gpu) => {
  for (const n of [1, 3, 127, 128, 129, 511, 513, 16_383, 16_384, 16_385]) {
    const types = ["float32", "int32"] as const;
    for (const dtype of HAS_FLOAT16 ? [...types, "float16" as const] : types) {
      const x = dg.ones([n], { device: gpu, dtype });
      const y = x.add(x).mul(x);
      const what = `${n} of ${dtype}`;
      assertEquals(
        y.sum().item(),
        dtype === "float16" && n > 2048
          ? dg.ones([n], { dtype }).mul(2).sum().item()
          : 2 * n,
        what,
      );
      assertEquals(y.narrow(0, n - 1, 1).tolist(), [2], what);
    }
  }
});

countGpuTests("limits");
