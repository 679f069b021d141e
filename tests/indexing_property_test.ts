// Indexing against the plainest possible reading of NumPy's rules, on nested
// arrays: random shapes, views and indices, reading, writing and gradients.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Index, Tensor } from "@dinograd/dinograd";
import fc from "fast-check";

/** An index in the terms of the oracle. */
type Item =
  | { readonly kind: "integer"; readonly at: number }
  | { readonly kind: "slice"; readonly text: string; readonly list: number[] }
  | { readonly kind: "new" }
  | { readonly kind: "ellipsis" }
  | {
    readonly kind: "array";
    readonly shape: number[];
    readonly list: number[];
  }
  | {
    readonly kind: "mask";
    readonly shape: number[];
    readonly list: boolean[];
  };

interface Case {
  readonly shape: number[];
  readonly turn: boolean;
  readonly items: Item[];
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** All coordinates of a shape, row-major. */
function coordinates(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (rows, n) =>
      rows.flatMap((row) => Array.from({ length: n }, (_, i) => [...row, i])),
    [[]],
  );
}

function positionOf(at: readonly number[], shape: readonly number[]): number {
  return at.reduce((sum, i, d) => sum * shape[d]! + i, 0);
}

/** An advanced index of one or more dimensions, as lists of coordinates. */
interface Advanced {
  readonly dims: number[];
  readonly shape: number[];
  readonly lists: number[][];
}

/** What the oracle answers: the shape, and where each element comes from. */
interface Answer {
  readonly shape: number[];
  readonly sources: number[];
}

/** NumPy's rules, by the book; as in PyTorch, an integer between tensors does not separate them. */
function oracle(shape: readonly number[], items: readonly Item[]): Answer {
  // The dimensions of the result before tensors are looked at: where each
  // comes from (null for a new axis), and its positions.
  const plain: { source: number | null; list: number[]; place: number }[] = [];
  const fixed = new Map<number, number>();
  const advanced: Advanced[] = [];
  const places: number[] = [];
  const used = items.reduce(
    (n, item) =>
      n +
      (item.kind === "new" || item.kind === "ellipsis"
        ? 0
        : item.kind === "mask"
        ? item.shape.length
        : 1),
    0,
  );
  let dim = 0;
  const whole = (count: number) => {
    for (let k = 0; k < count; k++, dim++) {
      const list = Array.from({ length: shape[dim]! }, (_, i) => i);
      plain.push({ source: dim, list, place: plain.length });
    }
  };
  for (const item of items) {
    switch (item.kind) {
      case "integer":
        fixed.set(dim, item.at < 0 ? item.at + shape[dim]! : item.at);
        dim++;
        break;
      case "slice":
        plain.push({ source: dim, list: item.list, place: plain.length });
        dim++;
        break;
      case "new":
        plain.push({ source: null, list: [0], place: plain.length });
        break;
      case "ellipsis":
        whole(shape.length - used);
        break;
      case "array": {
        const n = shape[dim]!;
        const list = item.list.map((i) => i < 0 ? i + n : i);
        advanced.push({ dims: [dim], shape: item.shape, lists: [list] });
        places.push(plain.length);
        dim++;
        break;
      }
      case "mask": {
        const hits = coordinates(item.shape).filter((_, i) => item.list[i]);
        advanced.push({
          dims: item.shape.map((_, j) => dim + j),
          shape: [hits.length],
          lists: item.shape.map((_, j) => hits.map((at) => at[j]!)),
        });
        places.push(plain.length);
        dim += item.shape.length;
      }
    }
  }
  whole(shape.length - dim);
  const common = broadcast(advanced.map((a) => a.shape));
  const together = places.every((place) => place === places[0]);
  const split = advanced.length === 0 ? 0 : together ? places[0]! : 0;
  const before = plain.slice(0, split);
  const after = plain.slice(split);
  const lengths = (list: typeof plain) => list.map((p) => p.list.length);
  const out = [...lengths(before), ...common, ...lengths(after)];
  const sources = coordinates(out).map((at) => {
    const from = new Array<number>(shape.length).fill(0);
    fixed.forEach((i, d) => from[d] = i);
    const tail = split + common.length;
    before.forEach((p, k) => {
      if (p.source !== null) from[p.source] = p.list[at[k]!]!;
    });
    after.forEach((p, k) => {
      if (p.source !== null) from[p.source] = p.list[at[tail + k]!]!;
    });
    const middle = at.slice(split, tail);
    for (const { dims, shape: own, lists } of advanced) {
      const pad = common.length - own.length;
      const mine = own.map((n, d) => n === 1 ? 0 : middle[pad + d]!);
      dims.forEach((d, j) => from[d] = lists[j]![positionOf(mine, own)]!);
    }
    return positionOf(from, shape);
  });
  return { shape: out, sources };
}

function broadcast(shapes: readonly number[][]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, d) => {
    const lengths = shapes.map((s) => s[d - rank + s.length] ?? 1);
    return lengths.find((n) => n !== 1) ?? 1;
  });
}

function toIndex(item: Item): Index {
  switch (item.kind) {
    case "integer":
      return item.at;
    case "slice":
      return item.text;
    case "new":
      return null;
    case "ellipsis":
      return "...";
    case "array":
      return dg.tensor(item.list, { dtype: "int64" }).reshape(item.shape);
    case "mask":
      return dg.tensor(item.list.map(Number), { dtype: "bool" })
        .reshape(item.shape);
  }
}

function sliceOf(
  n: number,
  start: number | null,
  stop: number | null,
  step: number | null,
): Item {
  const bound = (i: number) => Math.min(Math.max(i < 0 ? i + n : i, 0), n);
  const list: number[] = [];
  const end = bound(stop ?? n);
  for (let i = bound(start ?? 0); i < end; i += step ?? 1) list.push(i);
  const text = `${start ?? ""}:${stop ?? ""}` +
    (step === null ? "" : `:${step}`);
  return { kind: "slice", text, list };
}

/** A mask with as many hits as the other indices have elements, or with one. */
function maskFor(n: number, common: readonly number[]): fc.Arbitrary<Item> {
  const counts = common.length === 1 && common[0]! <= n ? [common[0]!] : [];
  if (n > 0) counts.push(1);
  const all = Array.from({ length: n }, (_, i) => i);
  return fc.constantFrom(...counts).chain((count) =>
    fc.shuffledSubarray(all, { minLength: count, maxLength: count })
  ).map((hits) => ({
    kind: "mask",
    shape: [n],
    list: all.map((i) => hits.includes(i)),
  }));
}

/** An index for a dimension of length `n`. */
function itemFor(n: number, common: readonly number[]): fc.Arbitrary<Item> {
  const near = fc.option(fc.integer({ min: -n - 2, max: n + 2 }));
  const step = fc.option(fc.integer({ min: 1, max: 3 }));
  const kinds: fc.Arbitrary<Item>[] = [
    fc.tuple(near, near, step).map(([a, b, c]) => sliceOf(n, a, b, c)),
  ];
  if (n === 0) return kinds[0]!;
  const position = fc.integer({ min: -n, max: n - 1 });
  const array = fc.constantFrom<number[]>([...common], [1]).chain((shape) => {
    const count = product(shape);
    return fc.array(position, { minLength: count, maxLength: count })
      .map((list): Item => ({ kind: "array", shape, list }));
  });
  kinds.push(position.map((at): Item => ({ kind: "integer", at })));
  kinds.push(array, array, maskFor(n, common));
  return fc.oneof(...kinds);
}

const sizes = fc.array(fc.integer({ min: 0, max: 4 }), {
  minLength: 1,
  maxLength: 4,
});

const commons = fc.constantFrom([2], [3], [2, 1], [1, 3], [0]);

/** An index per dimension, new axes before some, and a run of dimensions left to "...". */
const indexed: fc.Arbitrary<Case> = fc.tuple(sizes, fc.boolean(), commons)
  .chain(([shape, turn, common]) => {
    const rank = shape.length;
    const axes = fc.array(fc.integer({ min: 0, max: 5 }), {
      minLength: rank,
      maxLength: rank,
    });
    const each = fc.tuple(...shape.map((n) => itemFor(n, common)));
    const cut = fc.tuple(fc.nat(rank), fc.nat(rank), fc.boolean());
    return fc.tuple(each, axes, cut).map(([list, news, [a, b, named]]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const items = list.flatMap((item, d): Item[] =>
        news[d] === 0 ? [{ kind: "new" }, item] : [item]
      );
      const place = (d: number) =>
        d + news.slice(0, d).filter((k) => k === 0).length;
      const head = items.slice(0, place(from));
      const tail = named ? items.slice(place(to)) : [];
      const middle: Item[] = named ? [{ kind: "ellipsis" }] : [];
      return { shape, turn, items: [...head, ...middle, ...tail] };
    });
  });

/** 0, 1, 2, … seen in a shape, either dense or through two transposes. */
function make(shape: readonly number[], turn: boolean): Tensor {
  const n = product(shape);
  const data = Array.from({ length: n }, (_, i) => i);
  const x = dg.tensor(data, { dtype: "float64" }).reshape(shape);
  if (!turn || shape.length < 2) return x;
  const last = shape.length - 1;
  return x.transpose(0, last).contiguous().transpose(0, last);
}

Deno.test("at() reads what NumPy's rules say", () => {
  fc.assert(
    fc.property(indexed, ({ shape, turn, items }) => {
      const x = make(shape, turn);
      const expected = oracle(shape, items);
      const y = x.at(...items.map(toIndex));
      assertEquals(y.shape, expected.shape);
      assertEquals(y.reshape(-1).tolist(), expected.sources);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("setAt_() writes what at() reads, and nothing else", () => {
  fc.assert(
    fc.property(indexed, ({ shape, turn, items }) => {
      const x = make(shape, turn);
      const { shape: out, sources } = oracle(shape, items);
      const values = Array.from({ length: product(out) }, (_, i) => -1 - i);
      const expected = Array.from({ length: product(shape) }, (_, i) => i);
      sources.forEach((at, i) => expected[at] = values[i]!);
      const value = dg.tensor(values, { dtype: "float64" }).reshape(out);
      x.setAt_(items.map(toIndex), value);
      assertEquals(x.reshape(-1).tolist(), expected);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("the gradient of at() goes back to what was read", () => {
  fc.assert(
    fc.property(indexed, ({ shape, turn, items }) => {
      const x = make(shape, turn).detach().requiresGrad_();
      const { sources } = oracle(shape, items);
      const y = x.at(...items.map(toIndex));
      const n = y.numel();
      const weights = Array.from({ length: n }, (_, i) => i + 1);
      const w = dg.tensor(weights, { dtype: "float64" }).reshape(y.shape);
      y.mul(w).sum().backward();
      const expected = new Array<number>(product(shape)).fill(0);
      sources.forEach((at, i) => expected[at]! += weights[i]!);
      assertEquals(x.grad!.reshape(-1).tolist(), expected);
    }),
    { numRuns: 500 },
  );
});
