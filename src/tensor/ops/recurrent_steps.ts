// What recurrent layers share: the steps of a sequence, whose rows lie one step
// after the other with fewer rows from step to step, and the pieces of memory
// that a step works on. Knows nothing of what a cell computes.

import type { MapKernel, Strided, UpdateKernel } from "../device.ts";
import { RuntimeError } from "../errors.ts";
import { emptyTensor, NO_PARAMS, stridedLike } from "../op.ts";
import { sameShape, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";
import { STEP_ADD } from "./recurrent_maps.ts";

/** The rows of one step. */
export interface Span {
  /** The first row. */
  readonly start: number;
  /** How many; they belong to the first rows of the batch. */
  readonly count: number;
}

/** The steps of a layer in one direction. */
export interface Sequence {
  /** The steps, in the order in which they are computed. */
  readonly spans: readonly Span[];
  /** Whether the last step in memory comes first. */
  readonly reverse: boolean;
  /** Sequences in the batch. */
  readonly batch: number;
  /** Whether all steps have all rows. */
  readonly uniform: boolean;
}

/** Describes steps, given their numbers of rows, which never grow. */
export function sequenceOf(
  batchSizes: readonly number[],
  reverse: boolean,
): Sequence {
  const spans: Span[] = [];
  let start = 0;
  for (const count of batchSizes) {
    spans.push({ start, count });
    start += count;
  }
  if (reverse) spans.reverse();
  const batch = batchSizes[0] ?? 0;
  const uniform = batchSizes.every((count) => count === batch);
  return { spans, reverse, batch, uniform };
}

/** Fails unless the operands of a layer fit each other. */
export function checkSequence(
  name: string,
  sequence: Sequence,
  gates: number,
  x: Tensor,
  weight: Tensor,
  states: readonly Tensor[],
): void {
  const hidden = weight.shape[1] ?? 0;
  const rows = sequence.spans.reduce((sum, { count }) => sum + count, 0);
  const expected: [Tensor, Shape][] = [
    [x, [rows, gates * hidden]],
    [weight, [gates * hidden, hidden]],
    ...states.map((state): [Tensor, Shape] => [
      state,
      [sequence.batch, hidden],
    ]),
  ];
  for (const [operand, shape] of expected) {
    if (!sameShape(operand.shape, shape)) {
      throw new RuntimeError(
        `${name}: expected an operand of shape ${showShape(shape)}, got ${
          showShape(operand.shape)
        }`,
      );
    }
    if (operand.info !== x.info || x.info.category !== 2) {
      throw new RuntimeError(
        `${name}: input and weights must have one floating-point type, got ${x.info.scalarName} and ${operand.info.scalarName}`,
        "convert the input, the states or the module with to()",
      );
    }
  }
}

/** Some rows and columns of a matrix. */
export function piece(
  x: Tensor,
  row: number,
  rows: number,
  column = 0,
  columns: number = x.shape[1]!,
): Strided {
  const { strides } = x;
  const offset = x.offset + row * strides[0]! + column * strides[1]!;
  const dense = x.dense && columns === x.shape[1];
  return stridedLike(x, [rows, columns], strides, offset, dense);
}

/** A piece as the operand of a product. */
function batchOf(x: Strided, transposed: boolean): Strided {
  const [m, n] = x.shape as [number, number];
  const [p, q] = x.strides as [number, number];
  return transposed
    ? stridedLike(x, [1, n, m], [0, q, p], x.offset, false)
    : stridedLike(x, [1, m, n], [0, p, q], x.offset, false);
}

/** A weight that all steps multiply by. */
export interface Right {
  /** The matrix. */
  readonly matrix: Strided;
  /** Whether the product is with its transpose. */
  readonly transposed: boolean;
  /** Says that it stays as it is, so that a device may keep what it prepares. */
  readonly mark: object;
}

/** Rows of a weight for the products of all steps, which leave it unchanged. */
export function rightOf(matrix: Strided, transposed: boolean): Right {
  return { matrix, transposed, mark: {} };
}

/** `out = addend + x @ y`. */
export function product(
  out: Strided,
  x: Strided,
  y: Right,
  addend: Strided | null,
): void {
  const { device } = out.storage;
  const done = device.matmul(
    batchOf(out, false),
    batchOf(x, false),
    batchOf(y.matrix, y.transposed),
    addend === null ? null : {
      alpha: 1,
      addend: batchOf(addend, false),
      beta: 1,
      relu: false,
    },
    y.mark,
  );
  if (!done && addend !== null) {
    compute(STEP_ADD.kernel, out, out, addend);
  }
}

/** From so many steps on it pays to transpose a weight once, rather than to read it by columns at each step. */
const TURNS = 4;

/** A weight as the right operand of every step's product, and whether it is still to be transposed. */
export function stepWeight(
  weight: Tensor,
  { spans }: Sequence,
): { matrix: Tensor; transposed: boolean } {
  if (spans.length < TURNS) return { matrix: weight, transposed: true };
  return { matrix: weight.t().contiguous(), transposed: false };
}

/** Runs an elementwise kernel on pieces. */
export function compute(
  kernel: MapKernel,
  out: Strided,
  a: Strided,
  b: Strided | null = null,
  c: Strided | null = null,
): void {
  out.storage.device.map(kernel, out.info, out, a, b, c, NO_PARAMS);
}

/** Runs an update on pieces. */
export function change(kernel: UpdateKernel, ...pieces: Strided[]): void {
  pieces[0]!.storage.device.update(kernel, pieces, NO_PARAMS);
}

/** Adds the gradients that arrive at the states of a step themselves. */
export function arrive(
  hidden: Tensor,
  all: Tensor | null,
  span: Span | undefined,
): void {
  if (all === null || span === undefined) return;
  const rows = piece(hidden, 0, span.count);
  compute(STEP_ADD.kernel, rows, rows, piece(all, span.start, span.count));
}

/**
 * The gradients of the states that step `k` started from, in `hidden`: what comes
 * back through the product, and what arrives at those states themselves.
 */
export function goBack(
  hidden: Tensor,
  sums: Strided,
  weight: Right,
  all: Tensor | null,
  { spans }: Sequence,
  k: number,
): void {
  const { count } = spans[k]!;
  const before = spans[k - 1];
  const h = piece(hidden, 0, count);
  if (all !== null && before?.count === count) {
    product(h, sums, weight, piece(all, before.start, count));
  } else {
    product(h, sums, weight, null);
    arrive(hidden, all, before);
  }
}

/** What the steps of a layer hand on: the state before and after each. */
export class State {
  readonly #first: Tensor;
  readonly #all: Tensor;
  readonly #sequence: Sequence;
  /** Where rows of steps that others skip wait; null where there are none. */
  readonly #current: Tensor | null;

  /** Starts at `first`, of shape [batch, hidden]; the step's states will stand in `all`. */
  constructor(first: Tensor, all: Tensor, sequence: Sequence) {
    this.#first = first;
    this.#all = all;
    this.#sequence = sequence;
    this.#current = sequence.uniform ? null : first.clone();
  }

  /** The rows that step `k` starts from. */
  before(k: number): Strided {
    const { count } = this.#sequence.spans[k]!;
    if (this.#current !== null) return piece(this.#current, 0, count);
    if (k === 0) return piece(this.#first, 0, count);
    return piece(this.#all, this.#sequence.spans[k - 1]!.start, count);
  }

  /** Notes that step `k` is done. */
  advance(k: number): void {
    if (this.#current === null) return;
    const { start, count } = this.#sequence.spans[k]!;
    this.#all.storage.device.copy(
      piece(this.#current, 0, count),
      piece(this.#all, start, count),
    );
  }

  /** The state after the last step of each sequence. */
  last(): Tensor {
    if (this.#current !== null) return this.#current;
    const span = this.#sequence.spans.at(-1);
    if (span === undefined) return this.#first.clone();
    const out = emptyTensor(
      this.#first.storage.device,
      this.#first.info,
      this.#first.shape,
    );
    out.storage.device.copy(out, piece(this.#all, span.start, span.count));
    return out;
  }
}

/** The states that the steps started from, where `all` holds those they ended with; by public ops. */
export function statesBefore(
  first: Tensor,
  all: Tensor,
  { spans, reverse, batch, uniform }: Sequence,
): Tensor {
  if (spans.length === 0) return all;
  if (uniform) {
    const others = all.shape[0]! - batch;
    return reverse
      ? cat([all.narrow(0, batch, others), first])
      : cat([first, all.narrow(0, 0, others)]);
  }
  const parts: Tensor[] = [];
  let state = first;
  for (const { start, count } of spans) {
    parts.push(state.narrow(0, 0, count));
    state = replaceRows(state, all.narrow(0, start, count));
  }
  return inMemoryOrder(parts, reverse);
}

/** The rows that each step started from, where `all` holds those it ended with. */
export function rowsBefore(
  first: Tensor,
  all: Tensor,
  sequence: Sequence,
): (k: number) => Strided {
  const { spans, uniform } = sequence;
  const before = uniform ? null : statesBefore(first, all, sequence);
  return (k) => {
    const { start, count } = spans[k]!;
    if (before !== null) return piece(before, start, count);
    if (k === 0) return piece(first, 0, count);
    return piece(all, spans[k - 1]!.start, count);
  };
}

/** `x` with its first rows replaced; by public ops. */
export function replaceRows(x: Tensor, rows: Tensor): Tensor {
  const count = rows.shape[0]!;
  const others = x.shape[0]! - count;
  return others === 0 ? rows : cat([rows, x.narrow(0, count, others)]);
}

/** Joins what steps gave, listed in the order of computation. */
export function inMemoryOrder(parts: Tensor[], reverse: boolean): Tensor {
  return cat(reverse ? parts.toReversed() : parts);
}

/** What one pass over the steps found, for all the rules of a node. */
export interface PassCache<T> {
  /** The gradients that it was computed from. */
  of: readonly (Tensor | null)[] | null;
  /** What came out. */
  found: T | null;
  /** How many rules have yet to ask. */
  left: number;
}

/** A cache that knows nothing yet. */
export function passCache<T>(): PassCache<T> {
  return { of: null, found: null, left: 0 };
}

/** Computes once per backward pass; forgets when the last rule has asked. */
export function cachedPass<T>(
  cache: PassCache<T>,
  grads: readonly (Tensor | null)[],
  askers: number,
  compute: () => T,
): T {
  if (cache.of !== grads || cache.found === null) {
    cache.of = grads;
    cache.found = compute();
    cache.left = askers;
  }
  const { found } = cache;
  if (--cache.left <= 0) {
    cache.of = null;
    cache.found = null;
  }
  return found;
}
