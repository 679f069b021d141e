// What the engine must know of vmap: that devices may lie above others, and
// whom to ask about gradients that cross the border. Tensors are known as types
// only; nothing is done here as long as vmap was never called.

import type { Device, Strided } from "./device.ts";
import { RuntimeError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";

/** Samples under a running vmap. */
export interface SampleBatch {
  /** Where samples go that are made where `natural` is; throws where none may be drawn. */
  device(natural: Device): Device;
  /** How many samples an element of a tensor on `device` takes. */
  multiplicity(device: Device): number;
  /** Fails where elements of a tensor on `device` cannot be drawn in its place. */
  checkInplace(device: Device): void;
  /** Elements of a tensor, those of all samples that are drawn, row-major. */
  read(x: Strided): ArrayLike<number> | ArrayLike<bigint>;
}

/** Where samples go that are made where `natural` is. */
export function sampleDevice(natural: Device): Device {
  const { samples } = BATCHING;
  return samples === null ? natural : samples.device(natural);
}

/** How many samples a tensor takes. */
export function sampleCount(x: Strided): number {
  const { samples } = BATCHING;
  if (samples === null) return x.count;
  return x.count * samples.multiplicity(x.storage.device);
}

/** What vmap says to those who would read a value; an op that does runs for each sample alone. */
export class HostRead extends RuntimeError {}

/** An op as far as it must be known to run it for each sample. */
export interface Runnable {
  /** Computes results, one or several. */
  forward(inputs: readonly Tensor[], options: never): Tensor | Tensor[];
}

/** Set by vmap; one object, so that a look is one load. */
export const BATCHING: {
  /** Makes a gradient fit for what lies on `target`; null until vmap is first called. */
  fit: ((grad: Tensor, target: Device | null) => Tensor) | null;
  /** The innermost vmap that runs; null outside. */
  samples: SampleBatch | null;
  /** Shows what vmap maps; null for other tensors. */
  show: ((x: Tensor) => string | null) | null;
  /** Runs an op for each sample alone; throws `refusal` where results differ in shape. */
  loop:
    | ((
      op: Runnable,
      inputs: readonly Tensor[],
      options: never,
      refusal: HostRead,
    ) => Tensor | Tensor[])
    | null;
  /** All samples of a tensor that vmap maps, for the library's own looks at values. */
  samplesOf: ((x: Tensor) => Tensor) | null;
} = { fit: null, samples: null, show: null, loop: null, samplesOf: null };

/** A tensor as the library itself may read it: that of all samples under vmap. */
export function readable(x: Tensor): Tensor {
  return BATCHING.samplesOf === null ? x : BATCHING.samplesOf(x);
}

/** Whether an element is true, of any sample. */
export function anywhere(condition: Tensor): boolean {
  const any = condition.count === 1 ? condition : condition.any();
  const all = readable(any);
  return Boolean(all === any ? any.item() : all.any().item());
}

/** Fails because what a vmap does not map would have to hold what it maps. */
export function refuseUnbatched(): never {
  throw new RuntimeError(
    "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args that has more elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over in a vmap. Please try to use out-of-place operators instead of inplace arithmetic. If said operator is being called inside the PyTorch framework, please file a bug report instead.",
    "make the tensor from one that is mapped, for example with x.newZeros(), or use the form without the trailing underscore",
  );
}

/** Fails where values on `from` do not fit into memory on `to`. */
export function checkHolds(to: Device, from: Device): void {
  if (to === from || to.holds?.(from) === true) return;
  if (from.lift !== undefined) refuseUnbatched();
}

/** Fails where running statistics would have to be those of each sample. */
export function checkRunning(running: Device, statistics: Device): void {
  if (running === statistics || statistics.lift === undefined) return;
  throw new RuntimeError(
    "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in place, were not batched.\nIf you are using a module and do not need eval mode, please set `track_running_stats` to be False.If you are using a prebuilt module and do not need eval mode, please see the functorch website for resources on how to patch your module to work with vmap",
    "pass { trackRunningStats: false } to the layer",
  );
}
