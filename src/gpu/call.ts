// The operands of a call whose kernel is found by an integer: which of them
// share a memory, and where they lie in the arena. Strings would name the same,
// and cost more than all else that the host does for a small op.

import type { Strided } from "../tensor/device.ts";
import { type GpuMemory, GpuStorage } from "./gpu_storage.ts";
import { WORDS } from "./module_text.ts";

/** Most operands of a call: a place in the list of memories takes three bits. */
const MOST = 8;
/** Operands whose types and places are one integer beside the kernel's own bits. */
const MOST_NAMED = 4;

/** Shortens a list; V8 takes ten times as long to set its length. */
export function shorten(list: unknown[], length: number): void {
  while (list.length > length) list.pop();
}

/** What kernels do that {@linkcode Call.name} names; those of ops have a number besides. */
export const KIND = {
  gather: 0,
  scatter: 1,
  fold: 2,
  position: 3,
  scan: 4,
  strided: 5,
  windowMax: 6,
  windowSum: 7,
  convolution: 8,
  tiles: 9,
  windowMean: 10,
  update: 11,
} as const;
/** How many kinds there may be. */
const KINDS = 16;

/** The call that is being prepared. */
export class Call {
  /** The memories of its operands, each once. */
  readonly memories: GpuMemory[] = [];
  /** How the operands lie, four bits each. */
  places = 0;
  /** The types of up to seven operands, four bits each. */
  types = 0;
  /** How many numbers it has. */
  words = 0;
  /** What its kernel does, see {@linkcode Call.name}. */
  kind = 0;
  /** Names its kernel among those of the kind; negative where no integer can. */
  code = -1;
  #operands = 0;

  /** Begins a call that has `words` numbers of its own. */
  begin(words: number): void {
    shorten(this.memories, 0);
    this.places = 0;
    this.types = 0;
    this.words = words;
    this.#operands = 0;
  }

  /** Adds an operand; tells whether it can be named so. */
  add(x: Strided): boolean {
    const { storage } = x;
    if (!(storage instanceof GpuStorage)) return false;
    const { memory } = storage;
    const { segments, arena } = memory;
    if (segments.length !== 1 || this.#operands++ === MOST) return false;
    const { memories } = this;
    let place = 0;
    while (
      place < memories.length && memories[place]!.segments !== segments
    ) place++;
    if (place === memories.length) memories.push(memory);
    // Beyond 32 bits: no shifts.
    this.places = this.places * 16 + (place << 1 | (arena ? 1 : 0));
    this.types = this.types << 4 | x.info.code;
    if (arena) WORDS[this.words++] = memory.base;
    return true;
  }

  /**
   * Names the kernel of the call, if all of up to four operands were added:
   * `kind` and the number of its op say what it does, and `own`, below 2 ** 20,
   * what else of the call its text depends on.
   */
  name(added: boolean, kind: number, id: number, own: number): void {
    if (!added || this.#operands > MOST_NAMED) {
      this.code = -1;
      return;
    }
    this.kind = id * KINDS + kind;
    // The first bit tells how many operands there are.
    const operands = (this.types | 1 << 4 * this.#operands) >>> 0;
    this.code = (own * 2 ** 17 + operands) * 2 ** 16 + this.places;
  }
}

/** One call is prepared at a time. */
export const CALL: Call = new Call();
