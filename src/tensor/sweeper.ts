// Ways to make V8 collect garbage from within a synchronous program, without a
// flag or a permission: a quick one and a full one. They are tried out
// before they are relied on. Knows nothing of who wants to know what died.

/** What `process.getBuiltinModule("node:vm")` gives, as far as it is used. */
interface Vm {
  createContext(object: object, options: { microtaskMode?: string }): object;
  Script: new (code: string) => { runInContext(context: object): unknown };
}

/** What `process.getBuiltinModule("node:v8")` gives, as far as it is used. */
interface V8 {
  setFlagsFromString(flags: string): void;
}

/** The ways to make V8 collect. */
export interface Sweeper {
  /** Makes V8 forget the objects that the running job keeps alive. */
  forget(): void;
  /**
   * Collects young objects and tells whether that worked. Some 60 to 200 µs;
   * where V8 is marking all objects, that has to end first, after about 10 ms.
   */
  quick(): boolean;
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
      quick: () => insist(forget),
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

/**
 * Bytes of address space, never touched, with which V8 finds that young objects
 * hold too much memory outside of its heap: its limit is twice the 32 MiB that
 * young objects may take.
 */
export const PRESSURE: number = 66 * 2 ** 20;

/**
 * Claims made before a sweep of young objects is given up. While V8 marks all
 * objects a claim has no other effect than that V8 gets on with it, for up to
 * 3 ms; five to ten of them see it through. A full collection would end it as
 * well, but leaves V8 with so little room that it begins to mark again before
 * the next sweep, and so on for good, with ops twice as slow all the time.
 */
const MOST_CLAIMS = 16;

/** Makes V8 collect young objects, once it is not busy with all of them. */
function insist(forget: () => void): boolean {
  for (let k = 0; k < MOST_CLAIMS; k++) if (press(forget)) return true;
  return false;
}

/** Makes V8 collect young objects by a claim on memory outside of its heap. */
function press(forget: () => void): boolean {
  const probe = makeProbe();
  forget();
  try {
    claim[0] = new ArrayBuffer(PRESSURE, { maxByteLength: PRESSURE });
    claim.length = 0;
    // The next claim is what V8 answers with a collection.
    claim[0] = new ArrayBuffer(64);
  } catch {
    // No such address space here.
  }
  claim.length = 0;
  return probe.deref() === undefined;
}

/** What V8 shall not leave out. */
const claim: unknown[] = [];

/** In a function of its own, so that nothing else refers to the object. */
function makeProbe(): WeakRef<object> {
  return new WeakRef({});
}

/** Whether a sweep really shows that an unreachable object died. */
function works(sweeper: Sweeper): boolean {
  const probes = Array.from({ length: 8 }, makeProbe);
  const all = () => probes.every((probe) => probe.deref() === undefined);
  if (sweeper.quick() && all()) return true;
  sweeper.full();
  return all();
}

/** Undefined until someone needs it, null where sweeps do not work. */
let sweeper: Sweeper | null | undefined = undefined;

/**
 * The ways that work here, null where none does. Loads Node's modules at first:
 * 20 ms, for which short programs need not wait.
 */
export function findSweeper(): Sweeper | null {
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
