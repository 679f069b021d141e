// Memory that frees itself: asks V8 which holders of memory died. In a
// synchronous program a sweep, when enough was handed out since the last one,
// makes V8 collect and asks weak references; where the event loop turns, a
// finalizer tells that V8 collected anyway. Feature-detected. Knows neither
// tensors nor devices: each device has a list of what it watches.

/** A piece of memory whose holder is alive as far as anyone knows. */
export interface Watched<T> {
  /** Whose death gives the memory back. */
  readonly holder: WeakRef<object>;
  /** The memory, as its device knows it. */
  readonly block: T;
  /** Bytes of it. */
  readonly size: number;
  /** Its place in the list; -1 once it was released. */
  place: number;
}

/** Holders watched since V8 last forgot what the job keeps alive. */
let young = 0;
/** That many are watched before V8 is made to forget them: it takes some microseconds. */
const FORGET_EVERY = 256;

/** What `process.getBuiltinModule("node:vm")` gives, as far as it is used. */
interface Vm {
  createContext(object: object, options: { microtaskMode?: string }): object;
  Script: new (code: string) => { runInContext(context: object): unknown };
}

/** What `process.getBuiltinModule("node:v8")` gives, as far as it is used. */
interface V8 {
  setFlagsFromString(flags: string): void;
}

/** The two ways to make V8 collect. */
interface Sweeper {
  /** Makes V8 forget the objects that the running job keeps alive. */
  forget(): void;
  /** Collects young objects; tells whether that worked. A quarter of a millisecond. */
  light(): boolean;
  /** Collects all objects. Several milliseconds. */
  full(): void;
  /** The context that `gc` belongs to: were it collected itself, `gc` would crash. */
  readonly home: object;
}

function makeSweeper(): Sweeper | null {
  try {
    const { process } = globalThis as unknown as {
      process?: { getBuiltinModule?(name: string): unknown };
    };
    const vm = process?.getBuiltinModule?.("node:vm") as Vm | undefined;
    const v8 = process?.getBuiltinModule?.("node:v8") as V8 | undefined;
    if (vm === undefined || v8 === undefined) return null;
    const context = vm.createContext({}, { microtaskMode: "afterEvaluate" });
    const script = new vm.Script("0");
    v8.setFlagsFromString("--expose-gc");
    const home = vm.createContext({}, {});
    const gc = new vm.Script("gc").runInContext(home);
    if (typeof gc !== "function") return null;
    const forget = () => script.runInContext(context);
    const sweeper: Sweeper = {
      forget,
      light: () => provoke(forget),
      full: () => {
        forget();
        gc();
      },
      home,
    };
    return works(sweeper) ? sweeper : null;
  } catch {
    return null;
  }
}

/** Arrays between two looks at the probe, and looks before giving up. */
const ARRAYS = 8;
const LOOKS = 512;
/** Where garbage is put, so that V8 cannot leave it out. */
const garbage: unknown[] = [];

/** Makes garbage until V8 collects young objects, which a probe shows. */
function provoke(forget: () => void): boolean {
  const probe = makeProbe();
  for (let look = 0; look < LOOKS; look++) {
    // Looking at the probe keeps it alive until V8 forgets that.
    forget();
    for (let k = 0; k < ARRAYS; k++) garbage[0] = new Array(4000);
    if (probe.deref() === undefined) break;
  }
  garbage.length = 0;
  return probe.deref() === undefined;
}

/** In a function of its own, so that nothing else refers to the object. */
function makeProbe(): WeakRef<object> {
  return new WeakRef({});
}

/** Whether a sweep really shows that an unreachable object died. */
function works(sweeper: Sweeper): boolean {
  const probes = Array.from({ length: 8 }, makeProbe);
  const all = () => probes.every((probe) => probe.deref() === undefined);
  if (sweeper.light() && all()) return true;
  sweeper.full();
  return all();
}

/** Undefined until someone needs it, null where sweeps do not work. */
let sweeper: Sweeper | null | undefined = undefined;

/** Loads Node's modules at first: 20 ms, for which short programs need not wait. */
function findSweeper(): Sweeper | null {
  if (sweeper === undefined) sweeper = makeSweeper();
  return sweeper;
}

/** Whether memory comes back by itself here; tries it out. */
export function reclaims(): boolean {
  return findSweeper() !== null;
}

/** Whether memory may be handed out: until it was tried out nothing speaks against it. */
export function mayReclaim(): boolean {
  return sweeper !== null;
}

/** The lists of all devices: a collection is good for all of them. */
const lists: Watchlist<unknown>[] = [];

function takeBackAll(): void {
  for (const list of lists) list.takeBack();
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

/** The memory of one device that comes back when its holders die. */
export class Watchlist<T> {
  readonly #give: (block: T, size: number) => void;
  readonly #least: number;
  #all: Watched<T>[] = [];
  #since = 0;
  #budget: number;
  /** Bytes whose holders are alive as far as anyone knows. */
  live = 0;
  /** Most bytes that {@linkcode Watchlist.live} ever was. */
  peak = 0;

  /** `give` takes memory back; between sweeps at least `least` bytes are handed out. */
  constructor(give: (block: T, size: number) => void, least: number) {
    this.#give = give;
    this.#least = least;
    this.#budget = least;
    if (lists.length === 0) awaitCollection();
    lists.push(this as unknown as Watchlist<unknown>);
  }

  /** Number of pieces of memory whose holders are alive as far as anyone knows. */
  get count(): number {
    return this.#all.length;
  }

  /** Watches a holder: its memory comes back when it dies. */
  watch(holder: object, block: T, size: number): Watched<T> {
    const place = this.#all.length;
    const entry = { holder: new WeakRef(holder), block, size, place };
    this.#all.push(entry);
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
    const last = this.#all.pop()!;
    if (last !== entry) {
      this.#all[place] = last;
      last.place = place;
    }
    this.live -= size;
    // It needs no sweep to be handed out again.
    this.#since -= size;
    this.#give(block, size);
  }

  /**
   * Sweeps if enough was handed out since the last sweep; \`reserves\` is called
   * before a full collection. Only while nothing but a holder refers to memory.
   */
  relieve(reserves: () => void): void {
    if (++young < FORGET_EVERY && this.#since < this.#budget) return;
    const sweeper = findSweeper();
    if (sweeper === null) return;
    if (young >= FORGET_EVERY) {
      // Else each collection of young objects would carry all of them on.
      young = 0;
      sweeper.forget();
    }
    if (this.#since < this.#budget) return;
    const before = this.live;
    if (sweeper.light()) takeBackAll();
    // What survived two collections of young objects needs a full one.
    if (this.live > before - this.#since / 2) {
      reserves();
      collectGarbage();
    }
    this.#budget = Math.max(this.#least, this.live / 2);
    this.#since = 0;
  }

  /** Takes the memory of holders back that V8 has collected. */
  takeBack(): void {
    const kept: Watched<T>[] = [];
    for (const entry of this.#all) {
      if (entry.holder.deref() !== undefined) {
        entry.place = kept.push(entry) - 1;
      } else {
        this.live -= entry.size;
        this.#give(entry.block, entry.size);
      }
    }
    this.#all = kept;
  }
}
