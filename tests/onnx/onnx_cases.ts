// Models for the tests of ONNX files: what they compute here must be what ONNX
// Runtime computes from the file.

import * as dg from "@dinograd/dinograd";
import type { Exported } from "../../src/onnx/export.ts";

/** A model with inputs to trace it with. */
export interface OnnxCase {
  readonly name: string;
  readonly model: Exported;
  readonly inputs: readonly dg.Tensor[];
}

const { functional: F } = dg.nn;

/** A small convolutional net, to see names of parameters and buffers. */
export class Net extends dg.nn.Module {
  readonly weight: dg.nn.Parameter = new dg.nn.Parameter(
    dg.randn([4, 1, 3, 3]),
  );
  readonly bias: dg.nn.Parameter = new dg.nn.Parameter(dg.randn([4]));
  readonly runningMean: dg.nn.Buffer = new dg.nn.Buffer(dg.randn([4]));
  readonly out: dg.nn.Parameter = new dg.nn.Parameter(dg.randn([3, 4 * 3 * 3]));

  forward(x: dg.Tensor): dg.Tensor {
    const h = F.relu(
      dg.conv2d(x, this.weight, { bias: this.bias, padding: 1 }),
    ).sub(this.runningMean.reshape([1, 4, 1, 1]));
    const pooled = F.dropout(F.maxPool2d(h, 2), { training: this.training });
    return F.logSoftmax(F.linear(pooled.flatten({ startDim: 1 }), this.out), 1);
  }
}

/** Makes the cases; random numbers come from one seed. */
export function makeCases(): OnnxCase[] {
  dg.manualSeed(0);
  const out: OnnxCase[] = [];
  const add = (name: string, inputs: dg.Tensor[], model: Exported) =>
    out.push({ name, model, inputs });
  const matrix = () => dg.randn([4, 6]);
  add("net", [dg.randn([2, 1, 6, 6])], new Net());
  add("arithmetic", [matrix(), matrix()], (x, y) => [
    x!.add(y!, { alpha: 2 }).sub(1).div(y!.abs().add(1)),
    x!.clamp({ min: -1, max: 0.5 }),
    x!.maximum(y!),
    x!.eq(y!).logicalNot(),
    dg.where(x!.gt(y!), x!, 0),
    x!.remainder(2),
    x!.fmod(0.7),
  ]);
  add("functions", [matrix()], (x) => [
    ...[x!.exp(), x!.sigmoid(), x!.tanh(), x!.sin(), x!.erf(), x!.expm1()],
    ...[x!.abs().sqrt(), x!.abs().log1p(), x!.abs().pow(1.5), x!.square()],
    ...[x!.floor(), x!.round(), x!.trunc(), x!.sign(), x!.abs().rsqrt()],
    ...[F.gelu(x!), F.silu(x!), F.softplus(x!), F.elu(x!), F.hardswish(x!)],
    ...[F.leakyRelu(x!), F.mish(x!), x!.nanToNum(), x!.isnan()],
  ]);
  add("reductions", [matrix()], (x) => [
    ...[x!.sum(0), x!.mean(1), x!.amax(), x!.prod(1, { keepdim: true })],
    ...[x!.std(), x!.var(0), x!.logsumexp(1), x!.cumsum(1), x!.norm()],
    ...[x!.argmax(1), x!.argmin(), x!.gt(0).any(1), x!.gt(0).all()],
    ...[x!.softmax(0), x!.logSoftmax(1), x!.norm(1, { p: 3 })],
  ]);
  add("order", [matrix()], (x) => [
    x!.sort(1).values,
    x!.topk(2, 1).indices,
    x!.max(0).values,
    x!.amax(1),
  ]);
  add("views", [dg.randn([2, 3, 4])], (x) => [
    ...[x!.permute([2, 0, 1]), x!.at("::2"), x!.at("...", 1), x!.unsqueeze(1)],
    ...[x!.expand([2, 3, 4]).add(0), x!.flip([0]), x!.roll(1, 0)],
    ...[x!.reshape([4, 6]), x!.diagonal(), x!.unfold(2, 2, 1)],
    ...[x!.narrow(1, 1, 2), x!.transpose(0, 2).contiguous(), x!.flatten()],
  ]);
  add("joining", [matrix(), matrix()], (x, y) => [
    ...[dg.cat([x!, y!], 0), dg.cat([x!, y!], 1), dg.stack([x!, y!], 1)],
    ...[x!.repeat([2, 1]), dg.tril(x!), x!.chunk(2, 1)[1]!],
  ]);
  add("changes in place", [matrix()], (x) => {
    const y = x!.clone();
    y.add_(1);
    y.at(0).mul_(2);
    y.setAt_([":", 1], 5);
    const z = dg.zeros([4, 6]);
    z.narrow(0, 1, 2).copy_(x!.narrow(0, 0, 2));
    return [y, z, x!.add(dg.arange(6))];
  });
  const index = dg.tensor([2n, 0n, 1n]);
  add("indices", [dg.randn([3, 4]), index], (x, i) => [
    x!.indexSelect(0, i!),
    x!.at(i!),
    x!.gather(1, i!.unsqueeze(1)),
    dg.zeros([3, 4]).scatterAdd(0, i!.unsqueeze(1).expand([3, 4]), x!),
    F.embedding(i!, x!),
  ]);
  add("products", [matrix(), dg.randn([2, 6, 3])], (x, y) => [
    x!.matmul(y!),
    dg.addmm(dg.ones([4]), x!, x!.T, { beta: 2, alpha: 0.5 }),
    x!.mv(y!.at(0, ":", 1)),
    dg.einsum("ij,bjk->bik", [x!, y!]),
  ]);
  const image = () => dg.randn([2, 4, 9, 8]);
  const kernels = [dg.randn([6, 4, 3, 3]), dg.randn([6, 2, 3, 3])] as const;
  add("convolutions", [image()], (x) => [
    dg.conv2d(x!, kernels[0]),
    dg.conv2d(x!, kernels[0], { stride: 2, padding: 1 }),
    dg.conv2d(x!, kernels[0], { dilation: 2, bias: dg.ones(6) }),
    dg.conv2d(x!, kernels[1], { groups: 2, padding: [2, 0] }),
    dg.conv1d(x!.at(":", ":", 0), kernels[0].at("...", 0)),
  ]);
  const turned = [dg.randn([4, 6, 3, 3]), dg.randn([4, 3, 3, 3])] as const;
  add("transposed convolutions", [image()], (x) => [
    dg.convTranspose2d(x!, turned[0]),
    dg.convTranspose2d(x!, turned[0], { stride: 2, bias: dg.ones(6) }),
    dg.convTranspose2d(x!, turned[0], {
      stride: 2,
      padding: 1,
      outputPadding: 1,
    }),
    dg.convTranspose2d(x!, turned[1], { groups: 2, padding: 3 }),
  ]);
  add("pooling", [image()], (x) => [
    F.maxPool2d(x!, 2),
    F.maxPool2d(x!, 3, { stride: 2, padding: 1 }),
    F.maxPool2d(x!, 2, { dilation: 2 }),
    F.avgPool2d(x!, 3, { stride: 2, padding: 1 }),
    F.adaptiveAvgPool2d(x!, [1, 3]),
    F.adaptiveMaxPool2d(x!, 2),
    F.interpolate(x!, { scaleFactor: 2 }),
    F.interpolate(x!, { size: [5, 5], mode: "bilinear" }),
    F.pad(x!, [1, 2, 0, 1]),
    F.pad(x!, [1, 1, 2, 0], { mode: "reflect" }),
  ]);
  add("norms", [dg.randn([2, 4, 6])], (x) => [
    F.layerNorm(x!, [6], { weight: dg.arange(6), bias: dg.ones(6) }),
    F.rmsNorm(x!, [6]),
    F.groupNorm(x!, 2),
    F.instanceNorm(x!),
    F.batchNorm(x!, dg.ones(4), dg.full(4, 2)),
    F.scaledDotProductAttention(x!, x!, x!),
  ]);
  add("types", [dg.randn([3]).to("float64")], (x) => [
    x!.add(1),
    x!.to("float32").mul(2),
    x!.mul(10).to("int64"),
    x!.gt(0).to("int32").sum(),
  ]);
  const encoder = new dg.nn.TransformerEncoderLayer(8, 2, {
    dimFeedforward: 16,
    batchFirst: true,
  });
  add("transformer", [dg.randn([2, 4, 8])], encoder);
  const blind = dg.tensor([[false, true, true, false]]).expand([4, 4]);
  add("masked attention", [dg.randn([2, 4, 8]), blind.contiguous()], (x, m) => [
    F.scaledDotProductAttention(x!, x!, x!, { attnMask: m! }),
    F.scaledDotProductAttention(x!, x!, x!, { isCausal: true }),
  ]);
  const cnn = new dg.nn.Sequential([
    new dg.nn.Conv2d(4, 6, 3, { padding: "same" }),
    new dg.nn.BatchNorm2d(6),
    new dg.nn.GELU(),
    new dg.nn.MaxPool2d(2),
    new dg.nn.AdaptiveAvgPool2d(1),
    new dg.nn.Flatten(),
    new dg.nn.Dropout(),
    new dg.nn.Linear(6, 3),
    new dg.nn.Softmax(1),
  ]);
  add("layers", [image()], cnn);
  add(
    "recurrent layer",
    [dg.randn([2, 4, 3])],
    new dg.nn.LSTM(3, 5, {
      batchFirst: true,
    }),
  );
  return out;
}
