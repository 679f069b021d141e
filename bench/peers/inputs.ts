// Numbers that every library gets: they look random, lie between -0.5 and 0.5
// and are the same in every language.

/** Sizes of the network. */
export const SIZES = { batch: 128, inputs: 784, hidden: 256, classes: 10 };

/** Shapes of the convolution: batch, channels, height and width; filters. */
export const CONVOLUTION: { readonly x: number[]; readonly w: number[] } = {
  x: [8, 16, 32, 32],
  w: [32, 16, 3, 3],
};

/** Lengths of the vectors that simple maps are measured on, and their names. */
export const LENGTHS: readonly [count: number, name: string][] = [
  [1e3, "1e3"],
  [1e4, "1e4"],
  [1e5, "1e5"],
  [1e6, "1e6"],
  [1e7, "1e7"],
];

/** Sides of the square matrices that are multiplied. */
export const SIDES: readonly number[] = [16, 32, 64, 128, 256, 512, 1024, 2048];

/** Sides for which products of transposed matrices are measured. */
export const TRANSPOSED_SIDES: readonly number[] = [512, 1024, 2048];

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

/** Row numbers below `count`, in no order. */
export function rowNumbers(count: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count }, (_, i) => (i * 617 + 5) % count);
}
