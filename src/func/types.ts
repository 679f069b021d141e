// The types that the transforms share: which arguments, and what a result is
// like when each of its tensors becomes something else.

import type { Tensor } from "../tensor/tensor.ts";

/** Which arguments a transform is about: a number, or several; negative ones count from the end. */
export type Argnums = number | readonly number[];

/** A structure with `R` in the place of each tensor. */
export type MapTensors<T, R> = T extends Tensor ? R
  : T extends (...args: never[]) => unknown ? T
  : T extends readonly unknown[]
    ? { -readonly [K in keyof T]: MapTensors<T[K], R> }
  : T extends object ? { -readonly [K in keyof T]: MapTensors<T[K], R> }
  : T;

/** One argument of a list, by its number. */
export type ArgumentAt<A extends readonly unknown[], N> = N extends keyof A
  ? A[N]
  : A[number];

/** The arguments that {@linkcode Argnums} name: one alone, several as an array. */
export type Selected<A extends readonly unknown[], N extends Argnums> =
  N extends readonly number[]
    ? { -readonly [K in keyof N]: ArgumentAt<A, N[K]> }
    : ArgumentAt<A, N>;

/** Gradients by the selected arguments: tensors where those have tensors. */
export type GradientsBy<A extends readonly unknown[], N extends Argnums> =
  MapTensors<Selected<A, N>, Tensor>;

/** Jacobians: in the place of each tensor of the result, one for each tensor of the selected arguments. */
export type JacobiansBy<
  R,
  A extends readonly unknown[],
  N extends Argnums,
> = MapTensors<R, GradientsBy<A, N>>;

/** Second derivatives of a result by the selected arguments. */
export type HessiansBy<
  R,
  A extends readonly unknown[],
  N extends Argnums,
> = MapTensors<R, MapTensors<Selected<A, N>, GradientsBy<A, N>>>;
