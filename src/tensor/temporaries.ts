// What an op or a rule makes on its way to a result: the engine gives it back
// as soon as the result is there. Only for the library's own functions, which
// keep nothing elsewhere; tensors are known as types only.

import type { Storage } from "./device.ts";
import { disposeStorage } from "./disposal.ts";
import { isTensor } from "./is_tensor.ts";
import { reach } from "./reach.ts";
import { SCOPE, type Witness } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

/** Pieces of fewer elements are left to the garbage collector, which costs them less. Tests change it. */
export const DISCARD: { least: number } = { least: 4096 };

/** What running functions made and nobody gave back yet. */
const list: Storage[] = [];

/** Stands in for the scope of the user while a function runs. */
class Temporaries implements Witness {
  outer: Witness | null = null;

  add(storage: Storage): void {
    if (storage.length >= DISCARD.least) list.push(storage);
    else if (this.outer !== null) this.outer.add(storage);
  }

  touch(x: Tensor): void {
    this.outer?.touch(x);
  }

  move(x: Tensor): void {
    this.outer?.move(x);
  }
}

const TEMPORARIES = new Temporaries();

/** Starts to take note of what is made; what it returns goes to {@linkcode endTemporaries}. */
export function beginTemporaries(): number {
  if (SCOPE.current === TEMPORARIES) return list.length;
  TEMPORARIES.outer = SCOPE.current;
  SCOPE.current = TEMPORARIES;
  return OUTERMOST;
}

const OUTERMOST = -1;

/** Runs a function of the user's in the middle of a rule: what it makes is nobody's temporary. */
export function withoutTemporaries<T>(fn: () => T): T {
  const { current } = SCOPE;
  const { outer } = TEMPORARIES;
  const noted = list.splice(0);
  SCOPE.current = null;
  try {
    return fn();
  } finally {
    list.push(...noted);
    TEMPORARIES.outer = outer;
    SCOPE.current = current;
  }
}

/** Whether a storage is the memory of a result, or of one of several. */
function isOf(result: unknown, storage: Storage): boolean {
  if (isTensor(result)) return result.storage === storage;
  if (!Array.isArray(result)) return false;
  for (const each of result as readonly unknown[]) {
    if (isTensor(each) && each.storage === storage) return true;
  }
  return false;
}

/** Whether nothing else was made since: most ops make nothing on their way. */
function isAllResult(since: number, result: unknown): boolean {
  for (let k = since; k < list.length; k++) {
    if (!isOf(result, list[k]!)) return false;
  }
  return true;
}

/**
 * Gives back what was made since, except for what the result refers to, or the
 * options, where a function may leave something for the derivative. Functions
 * nest: what an inner one leaves are temporaries of the outer one.
 */
export function endTemporaries(
  since: number,
  result: unknown,
  options: unknown,
): void {
  let left = since === OUTERMOST ? 0 : since;
  if (isAllResult(left, result)) left = list.length;
  else {
    const made = new Set(left === 0 ? list : list.slice(left));
    const kept = reach([result, options], made, Infinity);
    for (const storage of made) {
      if (kept.has(storage)) list[left++] = storage;
      else disposeStorage(storage);
    }
    list.length = left;
  }
  if (since !== OUTERMOST) return;
  const { outer } = TEMPORARIES;
  SCOPE.current = outer;
  if (left === 0) return;
  if (outer !== null) { for (const storage of list) outer.add(storage); }
  list.length = 0;
}
