// Numbers that every library gets: they look random, lie between -0.5 and 0.5
// and are the same in every language.

/** Sizes of the network. */
export const SIZES = { batch: 128, inputs: 784, hidden: 256, classes: 10 };

/** `count` numbers that depend on `seed`. */
export function numbers(
  seed: number,
  count: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  let state = (seed * 48271) % 2147483647;
  for (let i = 0; i < count; i++) {
    state = (state * 48271) % 2147483647;
    out[i] = state / 2147483647 - 0.5;
  }
  return out;
}
