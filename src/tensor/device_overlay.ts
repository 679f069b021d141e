// What a device says of others whose tensors it takes: one that stands for a
// graph, or for the samples of vmap. Ordinary devices have none of it.

import type { Device, Storage } from "./device.ts";
import type { DTypeInfo } from "./dtype.ts";

/** A device on top of another. */
export interface Overlay {
  /** Whether tensors of another device may stand beside its own, whatever their size; only numbers of the host may otherwise. */
  holds?(other: Device): boolean;
  /** The device for results of tensors on both, where neither holds the other's; null where there is none. */
  join?(other: Device): Device | null;
  /** Memory that it holds as its own, for ops that need all operands on one device. */
  lift?(storage: Storage, info: DTypeInfo): Storage;
}
