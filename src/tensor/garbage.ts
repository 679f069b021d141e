// Memory that frees itself: asks V8 which holders of memory died. In a
// synchronous program a sweep, when enough was handed out since the last one,
// makes V8 collect and asks weak references; where the event loop turns, a
// finalizer tells that V8 collected anyway. Feature-detected. Knows neither
// tensors nor devices: each device has a list of what it watches.

import { findSweeper } from "./sweeper.ts";

/** A piece of memory whose holder is alive as far as anyone knows. */
export interface Watched<T> {
  /** Whose death gives the memory back. */
  readonly holder: WeakRef<object>;
  /** The memory, as its device knows it. */
  readonly block: T;
  /** Bytes of it. */
  readonly size: number;
  /** Its place in its list; -1 once it was released. */
  place: number;
  /** Collections that it survived, as far as they matter: see {@linkcode OLD}. */
  age: number;
}

/** Collections of young objects after which V8 counts a survivor among the old. */
const OLD = 2;

/**
 * Budgets handed out between full collections that only look whether old
 * holders died: they take hundredths of the time that handing so much out takes.
 */
const PATIENCE = 32;

/** Holders watched since V8 last forgot what the job keeps alive. */
let young = 0;
/** That many are watched before V8 is made to forget them: it takes some microseconds. */
const FORGET_EVERY = 256;

/** The lists of all devices: a collection is good for all of them. */
const lists: Watchlist<unknown>[] = [];

function takeBackAll(): void {
  for (const list of lists) list.takeBack();
}

/** An old object that only a collection of all objects finds dead, and how many sweeps it is held yet. */
let probe = new WeakRef<object>({});
let held: object | null = null;
let sweeps = 0;

/**
 * Whether V8 collected all objects since it was asked last: it does that when it
 * likes, and then knows which of the old ones died. Asked once in each sweep.
 */
function hasMarked(): boolean {
  if (held !== null) {
    // It has to grow old first.
    if (++sweeps > OLD) held = null;
    return false;
  }
  if (probe.deref() !== undefined) return false;
  probe = new WeakRef(held = {});
  sweeps = 0;
  return true;
}

let collected = 0;

/** How often all garbage was collected, each time for several milliseconds. */
export function collectionCount(): number {
  return collected;
}

/** Collects all garbage and takes the memory of the dead back, on every device. */
export function collectGarbage(): void {
  const sweeper = findSweeper();
  if (sweeper === null) return;
  collected++;
  sweeper.full();
  takeBackAll();
}

/** Hears of collections that V8 makes by itself while the event loop turns. */
const collections = new FinalizationRegistry(() => {
  takeBackAll();
  awaitCollection();
});

/** Leaves an object behind that the next collection finds dead. */
function awaitCollection(): void {
  collections.register({}, null);
}

/** Keeps in `entries` those that are alive, in order; the others go to `give`. */
function sift<T>(entries: Watched<T>[], give: (dead: Watched<T>) => void) {
  const dead: Watched<T>[] = [];
  let kept = 0;
  for (const entry of entries) {
    if (entry.holder.deref() === undefined) dead.push(entry);
    else {
      entry.place = kept;
      entries[kept++] = entry;
    }
  }
  // The list is in order before anybody else hears of it.
  entries.length = kept;
  for (const entry of dead) give(entry);
}

/** The memory of one device that comes back when its holders die. */
export class Watchlist<T> {
  readonly #give: (dead: Watched<T>) => void;
  readonly #release: (block: T, size: number) => void;
  readonly #most: number;
  readonly #least: number;
  /** What a collection of young objects can find dead. */
  #young: Watched<T>[] = [];
  /** What takes a full one. */
  #old: Watched<T>[] = [];
  /** Bytes handed out since the last sweep. */
  #since = 0;
  /** Bytes to hand out between sweeps that find all of them dead. */
  #budget: number;
  /** Bytes to hand out until the next one. */
  #spare: number;
  /** Bytes that have grown old since the last full collection: some may be dead. */
  #doubtful = 0;
  /** Bytes in {@linkcode Watchlist.#old}. */
  #aged = 0;
  /** Bytes handed out since the last full collection, as of the last sweep. */
  #handed = 0;
  /** Bytes that were alive after the last sweep. */
  #settled = 0;
  /** Bytes whose holders are alive as far as anyone knows. */
  live = 0;
  /** Most bytes that {@linkcode Watchlist.live} ever was. */
  peak = 0;

  /**
   * `give` takes memory back. Between sweeps at least `least` bytes are handed
   * out, and up to `most` or half of what is alive while sweeps find little.
   */
  constructor(
    give: (block: T, size: number) => void,
    least: number,
    most: number = least,
  ) {
    this.#release = give;
    this.#give = (dead) => {
      this.live -= dead.size;
      if (dead.age >= OLD) this.#aged -= dead.size;
      give(dead.block, dead.size);
    };
    this.#least = this.#budget = this.#spare = least;
    this.#most = most;
    if (lists.length === 0) awaitCollection();
    lists.push(this as unknown as Watchlist<unknown>);
  }

  /** Number of pieces of memory whose holders are alive as far as anyone knows. */
  get count(): number {
    return this.#young.length + this.#old.length;
  }

  /** Watches a holder: its memory comes back when it dies. */
  watch(holder: object, block: T, size: number): Watched<T> {
    const place = this.#young.length;
    const entry = { holder: new WeakRef(holder), block, size, place, age: 0 };
    this.#young.push(entry);
    this.live += size;
    this.#since += size;
    if (this.live > this.peak) this.peak = this.live;
    return entry;
  }

  /** Takes memory back that nobody uses any more, before its holder dies. */
  release(entry: Watched<T>): void {
    const { place, block, size } = entry;
    if (place < 0) return;
    entry.place = -1;
    const list = entry.age < OLD ? this.#young : this.#old;
    const last = list.pop()!;
    if (last !== entry) {
      list[place] = last;
      last.place = place;
    }
    this.live -= size;
    if (list === this.#old) this.#aged -= size;
    // It needs no sweep to be handed out again.
    this.#since -= size;
    this.#release(block, size);
  }

  /**
   * Sweeps if enough was handed out since the last sweep, and tells whether it
   * did; `reserves` is called before a full collection. Only while nothing but a
   * holder refers to memory.
   */
  relieve(reserves: () => void): boolean {
    if (++young < FORGET_EVERY && this.#since < this.#spare) return false;
    const sweeper = findSweeper();
    if (sweeper === null) return false;
    if (young >= FORGET_EVERY) {
      // Else each collection of young objects would carry all of them on.
      young = 0;
      sweeper.forget();
    }
    if (this.#since < this.#spare) return false;
    const since = this.#since;
    const before = this.#aged;
    const most = Math.max(this.#most, this.live / 2);
    this.#since = 0;
    this.#handed += since;
    if (!sweeper.quick()) {
      // Where that goes on, full collections must not come as often.
      this.#budget = Math.min(this.#budget * 2, most);
      this.#collect(reserves);
      this.#reckon();
      return true;
    }
    const marked = hasMarked();
    if (marked) takeBackAll();
    const earlier = this.#settled;
    for (const list of lists) list.takeBackYoung();
    this.#settled = this.live;
    // Where hardly anything grows old sweeps come often, so that the memory that
    // they find is still in the processor's caches when it is handed out again.
    this.#budget = this.#aged - before <= since / 8
      ? Math.max(this.#budget / 2, this.#least)
      : Math.min(this.#budget * 2, most);
    // What was handed out while V8 looked at all objects outlives that, and is
    // found when V8 does so again.
    const isStuck = marked && this.live - earlier >= since / 8;
    // Only a full collection finds the old: when much has grown old since the
    // last one, and now and then where much is old or stuck.
    const isDue = (isStuck || this.#aged >= most) &&
      this.#handed >= PATIENCE * most;
    if (isDue || this.#doubtful >= most) this.#collect(reserves);
    this.#reckon();
    return true;
  }

  /**
   * Plans the next sweep. What may be dead and is not found yet takes the place of
   * what is handed out, so that all of it together takes the same memory.
   */
  #reckon(): void {
    const unfound = this.live - this.#aged + this.#doubtful;
    this.#spare = Math.max(this.#budget - unfound, this.#budget / 4);
  }

  /** Collects all garbage. */
  #collect(reserves: () => void): void {
    reserves();
    collectGarbage();
    this.#doubtful = this.#handed = 0;
  }

  /** Takes back the memory of holders that V8 found dead among the young. */
  takeBackYoung(): void {
    const before = this.live;
    sift(this.#young, this.#give);
    // Where another list swept, this one has the less to look for.
    this.#since = Math.max(this.#since - (before - this.live), 0);
    let kept = 0;
    for (const entry of this.#young) {
      if (++entry.age < OLD) {
        entry.place = kept;
        this.#young[kept++] = entry;
      } else {
        entry.place = this.#old.push(entry) - 1;
        this.#aged += entry.size;
        this.#doubtful += entry.size;
      }
    }
    this.#young.length = kept;
  }

  /** Takes back the memory of holders that V8 found dead, whatever their age. */
  takeBack(): void {
    sift(this.#young, this.#give);
    sift(this.#old, this.#give);
    this.#doubtful = 0;
  }
}
