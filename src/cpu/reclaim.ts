// Memory that frees itself. In a synchronous program a sweep, when enough was
// handed out since the last one, makes V8 collect and asks weak references which
// storages died; where the event loop turns, a finalizer tells that V8 collected
// anyway. Feature-detected: where sweeps do not work, tensors live in
// garbage-collected arrays instead.

import { emptyReserves, giveBlock } from "./heap.ts";
import { MEMORY } from "./memory.ts";

/** The memory of a storage that is alive as far as anyone knows. */
export interface Block {
  /** The storage. */
  readonly holder: WeakRef<object>;
  /** Address of the block; 0 where the memory is an ordinary array. */
  readonly pointer: number;
  /** Bytes of it. */
  readonly size: number;
  /** Its place among those that are watched; -1 once it was released. */
  place: number;
}

/** Bytes handed out between sweeps, at least. */
const LEAST_BUDGET = 64 * 2 ** 20;

let blocks: Block[] = [];
let live = 0;
let peak = 0;
let since = 0;
/** Storages watched since V8 last forgot what the job keeps alive. */
let young = 0;
/** That many are watched before V8 is made to forget them: it takes some microseconds. */
const FORGET_EVERY = 256;
let budget = LEAST_BUDGET;

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
let sweeper: Sweeper | null | undefined = MEMORY === null ? null : undefined;

/** Loads Node's modules at first: 20 ms, for which short programs need not wait. */
function findSweeper(): Sweeper | null {
  if (sweeper === undefined) sweeper = makeSweeper();
  return sweeper;
}

/** Whether blocks come back by themselves here; tries it out. */
export function reclaims(): boolean {
  return findSweeper() !== null;
}

/** Whether blocks may be handed out: until it was tried out nothing speaks against it. */
export function mayReclaim(): boolean {
  return sweeper !== null;
}

/** Watches a storage that holds a block, or an array where `pointer` is 0; the block comes back when it dies. */
export function watch(holder: object, pointer: number, size: number): Block {
  const place = blocks.length;
  const block = { holder: new WeakRef(holder), pointer, size, place };
  blocks.push(block);
  live += size;
  since += size;
  if (live > peak) peak = live;
  return block;
}

/** Takes a block back whose storage nobody uses any more, before it dies. */
export function release(block: Block): void {
  const { place, pointer, size } = block;
  if (place < 0) return;
  block.place = -1;
  const last = blocks.pop()!;
  if (last !== block) {
    blocks[place] = last;
    last.place = place;
  }
  live -= size;
  // It needs no sweep to be handed out again.
  since -= size;
  if (pointer !== 0) giveBlock(pointer, size);
}

/** Sweeps if enough was handed out since the last sweep. Only to be called while no pointer is in use. */
export function relieve(): void {
  if (++young < FORGET_EVERY && since < budget) return;
  const sweeper = findSweeper();
  if (sweeper === null) return;
  if (young >= FORGET_EVERY) {
    // Else each collection of young objects would carry all of them on.
    young = 0;
    sweeper.forget();
  }
  if (since < budget) return;
  const before = live;
  if (sweeper.light()) takeBack();
  // What survived two collections of young objects needs a full one.
  if (live > before - since / 2) collect();
  budget = Math.max(LEAST_BUDGET, live / 2);
  since = 0;
}

/** Takes back what kernels keep for themselves, collects, and takes the blocks of dead storages back. */
export function collect(): void {
  emptyReserves();
  const sweeper = findSweeper();
  if (sweeper === null) return;
  sweeper.full();
  takeBack();
}

/** Takes the blocks of storages back that V8 has collected. */
function takeBack(): void {
  const kept: Block[] = [];
  for (const block of blocks) {
    if (block.holder.deref() !== undefined) block.place = kept.push(block) - 1;
    else {
      live -= block.size;
      if (block.pointer !== 0) giveBlock(block.pointer, block.size);
    }
  }
  blocks = kept;
}

/** Hears of collections that V8 makes by itself while the event loop turns. */
const collections = new FinalizationRegistry(() => {
  takeBack();
  awaitCollection();
});

/** Leaves an object behind that the next collection finds dead. */
function awaitCollection(): void {
  collections.register({}, null);
}

if (MEMORY !== null) awaitCollection();

/** Bytes of storages that are alive as far as anyone knows. */
export function liveBytes(): number {
  return live;
}

/** Most bytes that {@linkcode liveBytes} ever was. */
export function peakBytes(): number {
  return peak;
}

/** Storages that are alive as far as anyone knows. */
export function liveStorages(): number {
  return blocks.length;
}
