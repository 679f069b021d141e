// How the function of a kernel begins: the words of its arguments, in variables.

import { FunctionBuilder, I32 } from "./emitter.ts";

/** Variables that hold words of the arguments, by the names of their places. */
export function loadWords<K extends string>(
  f: FunctionBuilder,
  places: Readonly<Record<K, number>>,
  names: readonly K[],
): Record<K, number> {
  const out = {} as Record<K, number>;
  for (const name of names) {
    out[name] = f.local(I32);
    f.get(0).memory("i32.load", 4 * places[name]).set(out[name]);
  }
  return out;
}

/** A function that takes arguments, first and last item, with all words in variables. */
export function beginKernel<K extends string>(
  places: Readonly<Record<K, number>>,
): { f: FunctionBuilder; w: Record<K, number> } {
  const f = new FunctionBuilder([I32, I32, I32]);
  return { f, w: loadWords(f, places, Object.keys(places) as K[]) };
}
