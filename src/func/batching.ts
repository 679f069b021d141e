// The border of vmap, for autograd: tensors go in and come out by recorded ops
// that are each other's gradient, and gradients of what is not mapped are added
// up over the samples, once the vmap is over. While it runs a gradient is that
// of one sample.

import { record } from "../grad/history.ts";
import type { Differentiable } from "../grad/node.ts";
import { BATCHING, type HostRead, type Runnable } from "../tensor/batching.ts";
import type { Device, Strided } from "../tensor/device.ts";
import { type DTypeInfo, partInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { makeTensor } from "../tensor/fields.ts";
import { commonDeviceOf, emptyTensor } from "../tensor/op.ts";
import { SCOPE } from "../tensor/scope.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isDense } from "../tensor/view.ts";
import { baseOf, BatchDevice, deviceWith, levelsOf } from "./batch_device.ts";
import type { Samples } from "./batch_memory.ts";
import { BatchStorage } from "./batch_storage.ts";

/** Which vmap, and which dimension numbers the samples. */
interface Border {
  readonly level: Samples;
  readonly dim: number;
}

const ENTER: Differentiable = {
  name: "addBatchDim",
  node: "AddBatchDimBackward",
  vjps: [(g, _n, { level, dim }: Border) => {
    if (level.open) refuseInside();
    return leave(level, g, dim, true);
  }],
  saves: [0],
  // A change in place would not reach the history of the caller's tensor.
  isInput: true,
};

const LEAVE: Differentiable = {
  name: "removeBatchDim",
  node: "RemoveBatchDimBackward",
  vjps: [(g, _n, { level, dim }: Border) => enter(level, g, dim)],
  saves: [0],
};

function refuseInside(): never {
  throw new RuntimeError(
    "vmap: a gradient by a tensor that is mapped was asked for inside the function, by its name outside of it",
    "differentiate by the function's argument: vmap(grad(f))",
  );
}

/** A tensor as one of its samples, which dimension `dim` numbers; memory is shared. */
export function enter(level: Samples, x: Tensor, dim: number): Tensor {
  const shape = x.shape.toSpliced(dim, 1);
  const strides = x.strides.toSpliced(dim, 1);
  const { storage, info, offset } = x;
  const from = storage.device;
  const device = deviceWith(from, [level]) as BatchDevice;
  // Where the lowest and the highest element are, from the first one.
  let [low, high, count] = [0, 0, 1];
  shape.forEach((n, d) => {
    count *= n;
    const reach = (n - 1) * strides[d]!;
    if (reach > 0) high += reach;
    else low += reach;
  });
  const batch = storage instanceof BatchStorage ? storage : null;
  const width = widthOf(info);
  const inner = new BatchStorage(
    device,
    partInfo(info),
    count === 0 ? 0 : width * (high - low + 1),
    storage.owner ?? storage,
    batch === null ? storage : batch.real,
    (batch === null ? 0 : batch.base) +
      width * (offset + (count === 0 ? 0 : low)),
    device.levels.map((at) =>
      at === level
        ? width * x.strides[dim]!
        : batch!.steps[levelsOf(from).indexOf(at)]!
    ),
  );
  const dense = isDense(shape, strides);
  const first = count === 0 ? 0 : -low;
  const out = makeTensor(inner, info, shape, strides, first, count, dense);
  record(ENTER, [x], out, { level, dim } satisfies Border);
  return out;
}

/** How many numbers an element is: memory is counted in them. */
function widthOf(info: DTypeInfo): number {
  return info.category === 3 ? 2 : 1;
}

/** All samples of a tensor, which dimension `dim` numbers. `alias` gives the memory another name. */
export function leave(
  level: Samples,
  x: Tensor,
  dim: number,
  alias = false,
): Tensor {
  const levels = levelsOf(x.storage.device);
  const at = levels.indexOf(level);
  if (at < 0) return shared(level, x, dim);
  const batch = x.storage as BatchStorage;
  const shape = x.shape.toSpliced(dim, 0, level.size);
  const width = widthOf(x.info);
  const strides = x.strides.toSpliced(dim, 0, batch.steps[at]! / width);
  const count = level.size * x.count;
  const dense = isDense(shape, strides);
  const real = alias ? batch.real.device.alias(batch.real) : batch.real;
  if (!alias && batch.owner === null) {
    // From now on it belongs to the result.
    batch.owner = real;
    if (SCOPE.current !== null) SCOPE.current.add(real);
  }
  let storage = real;
  let { offset } = x;
  if (levels.length === 1) offset += batch.base / width;
  else {
    storage = new BatchStorage(
      deviceWith(baseOf(batch.device), levels.toSpliced(at, 1)),
      partInfo(x.info),
      count === 0 ? 0 : batch.length + (level.size - 1) * batch.steps[at]!,
      batch.owner ?? batch,
      real,
      batch.base,
      batch.steps.toSpliced(at, 1),
    );
  }
  const out = makeTensor(storage, x.info, shape, strides, offset, count, dense);
  record(LEAVE, [x], out, { level, dim } satisfies Border);
  return out;
}

/** What is the same for all samples, once for each. */
function shared(level: Samples, x: Tensor, dim: number): Tensor {
  return x.unsqueeze(dim).expand(x.shape.toSpliced(dim, 0, level.size));
}

/**
 * Makes a gradient fit for a value on `target`. Of a vmap that is over, the
 * gradient of what all samples share is the sum of theirs, and that of a
 * sample's value is one for each.
 */
function fit(grad: Tensor, target: Device | null): Tensor {
  const from = grad.storage.device;
  if (from === target) return grad;
  const wanted = levelsOf(target);
  const given = levelsOf(from);
  let out = grad;
  for (const level of given) {
    if (level.open || wanted.includes(level)) continue;
    out = leave(level, out, 0, true).sum(0);
  }
  for (const level of wanted) {
    if (level.open || given.includes(level)) continue;
    out = enter(level, shared(level, out, 0), 0);
  }
  return out;
}

/** All samples of a tensor, those of the last call of vmap in front; without history. */
function samplesOf(x: Tensor): Tensor {
  const levels = levelsOf(x.storage.device);
  if (levels.length === 0) return x;
  return levels.reduceRight(
    (at, level) => leave(level, at, 0, true),
    x.detach(),
  );
}

/** Runs an op for each sample alone. */
function loop(
  op: Runnable,
  inputs: readonly Tensor[],
  options: never,
  refusal: HostRead,
): Tensor | Tensor[] {
  const device = commonDeviceOf(inputs);
  if (!(device instanceof BatchDevice)) throw refusal;
  const all = inputs.map((x) => device.all(x));
  const outs: Tensor[] = [];
  let several = false;
  for (let s = 0; s < device.size; s++) {
    const given = all.map((x, k) => sampleOf(device, x, inputs[k]!, s));
    const result = op.forward(given, options);
    several = Array.isArray(result);
    [result].flat().forEach((y, k) => {
      const out = outs[k] ??= emptyTensor(device, y.info, y.shape);
      if (!sameShape(out.shape, y.shape)) throw refusal;
      const place = sampleOf(device, device.all(out), out, s);
      device.base.copy(place, y);
    });
  }
  if (outs.length === 0) throw refusal;
  return several ? outs : outs[0]!;
}

/** One sample, as a tensor where the memory is. */
function sampleOf(
  device: BatchDevice,
  all: Strided,
  x: Tensor,
  sample: number,
): Tensor {
  let { offset } = all;
  let rest = sample;
  for (let d = device.sizes.length - 1; d >= 0; d--) {
    offset += rest % device.sizes[d]! * all.strides[d]!;
    rest = Math.floor(rest / device.sizes[d]!);
  }
  const { info, shape, strides, count, dense } = x;
  return makeTensor(all.storage, info, shape, strides, offset, count, dense);
}

/** Shows all samples of a tensor as PyTorch does. */
function show(x: Tensor): string | null {
  const level = levelsOf(x.storage.device).at(-1);
  if (level === undefined) return null;
  const value = String(leave(level, x.detach(), 0, true))
    .replaceAll(/^(?=.)/gm, "    ");
  return `BatchedTensor(lvl=${level.depth}, bdim=0, value=\n${value}\n)`;
}

/** Lets the engine ask about what is mapped; the first vmap calls it. */
export function watchBorders(): void {
  BATCHING.fit = fit;
  BATCHING.show = show;
  BATCHING.loop = loop;
  BATCHING.samplesOf = samplesOf;
}
