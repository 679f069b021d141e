// Blocks of the shared memory come back when the storages that hold them die.

import { collectGarbage, type Watched, Watchlist } from "../tensor/garbage.ts";
import {
  mayReclaim as mayReclaimAny,
  reclaims as reclaimsAny,
} from "../tensor/sweeper.ts";
import { emptyReserves, giveBlock } from "./heap.ts";
import { MEMORY } from "./memory.ts";

/** The memory of a storage: the address of its block, 0 where it is an ordinary array. */
export type Block = Watched<number>;

/** Bytes handed out between sweeps that find nearly all of them dead. */
const LEAST_BUDGET = 24 * 2 ** 20;
/** Bytes handed out between other sweeps, at least. */
const MOST_BUDGET = 64 * 2 ** 20;

/** The storages on the CPU. */
const storages = new Watchlist<number>(
  (pointer, size) => {
    if (pointer !== 0) giveBlock(pointer, size);
  },
  LEAST_BUDGET,
  MOST_BUDGET,
);

/** Whether blocks come back by themselves here; tries it out. */
export function reclaims(): boolean {
  return MEMORY !== null && reclaimsAny();
}

/** Whether blocks may be handed out: until it was tried out nothing speaks against it. */
export function mayReclaim(): boolean {
  return MEMORY !== null && mayReclaimAny();
}

/** Watches a storage that holds a block, or an array where `pointer` is 0; the block comes back when it dies. */
export function watch(holder: object, pointer: number, size: number): Block {
  return storages.watch(holder, pointer, size);
}

/** Takes a block back whose storage nobody uses any more, before it dies. */
export function release(block: Block): void {
  storages.release(block);
}

/** Sweeps if enough was handed out since the last sweep. Only to be called while no pointer is in use. */
export function relieve(): void {
  storages.relieve(emptyReserves);
}

/** Takes back what kernels keep for themselves, collects, and takes the blocks of dead storages back. */
export function collect(): void {
  emptyReserves();
  if (MEMORY !== null) collectGarbage();
}

/** Bytes of storages that are alive as far as anyone knows. */
export function liveBytes(): number {
  return storages.live;
}

/** Most bytes that {@linkcode liveBytes} ever was. */
export function peakBytes(): number {
  return storages.peak;
}

/** Storages that are alive as far as anyone knows. */
export function liveStorages(): number {
  return storages.count;
}
