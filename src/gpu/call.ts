// The operands of a call whose kernel is found by an integer: which of them
// share a memory, and where they lie in the arena. Strings would name the same,
// and cost more than all else that the host does for a small op.

import type { Strided } from "../tensor/device.ts";
import { type GpuMemory, GpuStorage } from "./gpu_storage.ts";
import { WORDS } from "./module_text.ts";

/** Most operands of a call: a place in the list of memories takes three bits. */
const MOST = 8;

/** The call that is being prepared. */
export class Call {
  /** The memories of its operands, each once. */
  readonly memories: GpuMemory[] = [];
  /** How the operands lie, four bits each. */
  places = 0;
  /** How many numbers it has. */
  words = 0;
  #operands = 0;

  /** Begins a call that has `words` numbers of its own. */
  begin(words: number): void {
    this.memories.length = 0;
    this.places = 0;
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
    if (arena) WORDS[this.words++] = memory.base;
    return true;
  }
}

/** One call is prepared at a time. */
export const CALL: Call = new Call();
