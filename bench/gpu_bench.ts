// The GPU: what an op costs on the host, what a read costs, and how long the
// GPU takes. It says first which adapter it ran on; what would take minutes on
// an adapter in software is left out there.

import * as dg from "@dinograd/dinograd";
import { mlp } from "./mlp.ts";
import { fit } from "./polynomial_fit.ts";

const device = await dg.requestGpu();
const { adapter } = dg.doctor().webgpu!;
const software = /llvmpipe|lavapipe|swiftshader|basic render/i.test(adapter);
console.log(`adapter: ${adapter}${software ? " (in software)" : ""}`);

/** Ops in one measured stretch: nearly as many as are submitted at once. */
const OPS = 200;
/** Calls before an op is measured, and then: V8 has compiled what they run by then. */
const WARM_UP = 2000;
const MEASURED = 4000;

/** Waits for all that was given to the GPU. */
function wait(x: dg.Tensor): void {
  x.flatten().narrow(0, 0, 1).item();
}

const kept: dg.Tensor[] = [];

/**
 * Measures what cached ops cost on the host, from the beginning of a batch on;
 * the GPU's work is waited for in between. Of the numbers the least one counts:
 * in others V8 was still compiling, or swept.
 */
function onHost(name: string, run: () => dg.Tensor, ops = OPS): void {
  const warmup = Math.ceil(WARM_UP / ops);
  const n = Math.ceil(MEASURED / ops);
  const options = { group: "on the host", warmup, n };
  Deno.bench(`${ops} × ${name}`, options, (b) => {
    using _ = dg.noGrad();
    kept.length = 0;
    b.start();
    for (let i = 0; i < ops; i++) kept.push(run());
    b.end();
    wait(kept.at(-1)!);
  });
}

const small = dg.ones([1000], { device });
const row = dg.ones([40], { device });
const matrix = dg.ones([25, 40], { device });
onHost("add, 1000 elements", () => small.add(small));
onHost("add a number", () => small.add(2));
onHost("add in place", () => small.add_(1));
onHost("matrix + row", () => matrix.add(row));
onHost("sum", () => small.sum());
onHost("softmax", () => matrix.softmax(1));
onHost("matmul, 25×40 by 40×25", () => matrix.matmul(matrix.t()));
const F = dg.nn.functional;
const index = dg.arange(16).to("int32").to(device);
const places = dg.zeros([25, 4], { dtype: "int32", device });
const classes = dg.zeros([25], { dtype: "int32", device });
const images = dg.ones([4, 3, 12, 12], { device });
const filters = dg.ones([8, 3, 3, 3], { device });
const short = dg.ones([8, 3, 3], { device });
const three = dg.ones([3], { device });
onHost("adding a column", () => matrix.add(matrix.narrow(1, 0, 1)));
onHost("layer norm", () => F.layerNorm(matrix, [40], { weight: row }));
onHost("cumsum", () => matrix.cumsum(1));
onHost("argmax", () => matrix.argmax(1));
onHost("max along a dimension", () => matrix.max(1).values);
onHost("indexSelect", () => matrix.indexSelect(0, index));
onHost("gather", () => matrix.gather(1, places));
onHost("cat of two", () => dg.cat([matrix, matrix]));
onHost("conv2d", () => F.conv2d(images, filters, { padding: 1 }));
const line = dg.ones([4, 3, 12], { device });
const bias = dg.ones([8], { device });
const many = dg.ones([16, 3, 12, 12], { device });
onHost("conv2d with a bias", () => F.conv2d(images, filters, { bias }));
onHost("conv2d, a buffer each", () => F.conv2d(many, filters, { padding: 1 }));
onHost("conv1d", () => F.conv1d(line, short));
onHost("max pool", () => F.maxPool2d(images, 2));
onHost("average pool", () => F.avgPool2d(images, 2));
onHost("embedding", () => F.embedding(index, matrix));
onHost("transposed copy", () => matrix.t().contiguous());
onHost("prod along a dimension", () => matrix.prod(1));
// Of several kernels each.
onHost("cross entropy", () => F.crossEntropy(matrix, classes), 40);
onHost("batch norm", () => F.batchNorm(images, three, three), 40);

Deno.bench("item()", { group: "reads" }, () => {
  small.narrow(0, 3, 1).item();
});
Deno.bench("add and item()", { group: "reads" }, () => {
  small.add(1).narrow(0, 3, 1).item();
});
Deno.bench("tolist() of 1000", { group: "reads" }, () => {
  small.tolist();
});

/** Measures a computation and the read of one element of it. */
function onGpu(group: string, name: string, run: () => dg.Tensor): void {
  const few = software ? { n: 3, warmup: 1 } : {};
  Deno.bench(name, { group, ...few }, () => wait(run()));
}

for (const n of software ? [256, 512, 1024] : [256, 512, 1024, 2048, 4096]) {
  const x = dg.rand([n, n]).to(device);
  const y = dg.rand([n, n]).to(device);
  onGpu("matmul", `${n}`, () => x.matmul(y));
  onGpu("matmul", `${n}, right one transposed`, () => x.matmul(y.t()));
  onGpu("matmul", `${n} by a vector`, () => x.matmul(y.select(0, 0)));
}

const million = dg.rand([1000, 1000]).to(device);
onGpu("elementwise", "add, 1e6", () => million.add(million));
onGpu("elementwise", "exp, 1e6", () => million.exp());
onGpu(
  "elementwise",
  "matrix + row, 1e6",
  () => million.add(million.select(0, 0)),
);
onGpu("elementwise", "transposed copy, 1e6", () => million.t().contiguous());
onGpu("reductions", "sum(), 1e6", () => million.sum());
onGpu("reductions", "sum(0), 1e6", () => million.sum(0));
onGpu("reductions", "sum(1), 1e6", () => million.sum(1));

const narrow = dg.rand([100_000, 10]).to(device);
onGpu("softmax", "1000×1000", () => million.softmax(1));
onGpu("softmax", "100000×10", () => narrow.softmax(1));

const image = dg.rand([8, 32, 28, 28]).to(device);
const weight = dg.rand([64, 32, 3, 3]).to(device).requiresGrad_();
const convolve = () => dg.nn.functional.conv2d(image, weight, { padding: 1 });
onGpu("convolution", "[8,32,28,28] * [64,32,3,3]", () => {
  using _ = dg.noGrad();
  return convolve();
});
onGpu("convolution", "and the weight's gradient", () => {
  weight.grad = null;
  convolve().sum().backward();
  return weight.grad!;
});

const step = mlp(device);
onGpu("training", "MLP 784-256-10, batch 128, one step", () => step().detach());
Deno.bench(
  "polynomial fit, 200 steps",
  { group: "training", n: 3, warmup: 1 },
  () => {
    fit(200, device);
  },
);
