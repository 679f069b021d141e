// Properties of shapes, views and broadcasting on random tensors: what a view
// shows, that it shares memory, and that its gradient is its transpose.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import fc from "fast-check";

const RUNS = { numRuns: 150 };

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const fullShapes = fc.array(fc.integer({ min: 1, max: 4 }), {
  minLength: 1,
  maxLength: 4,
});

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function numbered(shape: readonly number[]): dg.Tensor {
  return dg.arange(countOf(shape), { dtype: "float64" }).reshape(shape);
}

/** One random view step that fits the tensor it is applied to. */
type Step = (x: dg.Tensor, a: number, b: number) => dg.Tensor;

const STEPS: readonly Step[] = [
  (x, a, b) => x.ndim === 0 ? x : x.transpose(a % x.ndim, b % x.ndim),
  (x, a) => x.unsqueeze(a % (x.ndim + 1)),
  (x) => x.squeeze(),
  (x, a, b) => {
    if (x.ndim === 0) return x;
    const dim = a % x.ndim;
    const start = b % (x.shape[dim]! + 1);
    return x.narrow(dim, start, x.shape[dim]! - start);
  },
  (x, a, b) => {
    const dim = a % Math.max(x.ndim, 1);
    const n = x.shape[dim] ?? 0;
    return n === 0 ? x : x.select(dim, b % n);
  },
  (x, a, b) => {
    if (x.ndim < 2) return x;
    const dim1 = a % x.ndim;
    const dim2 = (dim1 + 1 + b % (x.ndim - 1)) % x.ndim;
    return x.diagonal({ offset: b % 3 - 1, dim1, dim2 });
  },
  (x, a) => {
    const dim = a % Math.max(x.ndim, 1);
    const n = x.shape[dim] ?? 0;
    return n < 2 ? x : x.unfold(dim, 2, 1 + a % 2);
  },
  (x, a) => x.movedim(0, a % Math.max(x.ndim, 1)),
];

const walks = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: STEPS.length - 1 }),
    fc.nat(20),
    fc.nat(20),
  ),
  { maxLength: 5 },
);

type Walk = readonly (readonly [number, number, number])[];

function follow(x: dg.Tensor, walk: Walk): dg.Tensor {
  return walk.reduce((y, [step, a, b]) => STEPS[step]!(y, a, b), x);
}

Deno.test("views share memory, and copies of them do not", () => {
  fc.assert(
    fc.property(shapes, walks, (shape, walk) => {
      const base = numbered(shape);
      const seen = follow(base, walk);
      assertEquals(countOf(seen.shape), seen.numel());
      const copy = seen.clone();
      assertEquals(copy.isContiguous(), true);
      assertEquals(copy.tolist(), seen.tolist());
      // Each element of the base holds its own number.
      const offsets = copy.flatten().tolist() as number[];
      base.mul_(-1);
      assertEquals(base.version, seen.version);
      assertEquals(seen.flatten().tolist(), offsets.map((n) => -n));
      assertEquals(copy.flatten().tolist(), offsets);
    }),
    RUNS,
  );
});

Deno.test("isContiguous means row-major without gaps", () => {
  fc.assert(
    fc.property(shapes, walks, (shape, walk) => {
      const seen = follow(numbered(shape), walk);
      const strides = seen.stride();
      let step = 1;
      let dense = true;
      for (let d = seen.ndim - 1; d >= 0; d--) {
        if (seen.shape[d] !== 1 && strides[d] !== step) dense = false;
        step *= seen.shape[d]!;
      }
      assertEquals(seen.isContiguous(), dense || seen.numel() === 0);
      assertEquals(seen.contiguous() === seen, seen.isContiguous());
    }),
    RUNS,
  );
});

Deno.test("the gradient of a view is its transpose", () => {
  fc.assert(
    fc.property(shapes, walks, (shape, walk) => {
      const x = numbered(shape).requiresGrad_();
      const seen = follow(x, walk);
      if (seen === x) return;
      const weights = numbered(seen.shape).add(1);
      seen.mul(weights).sum().backward();
      const expected = new Array<number>(x.numel()).fill(0);
      const where = seen.detach().clone().flatten().tolist() as number[];
      where.forEach((at, k) => expected[at]! += k + 1);
      assertEquals(x.grad!.flatten().tolist(), expected);
    }),
    RUNS,
  );
});

Deno.test("changing a view in place is seen by its base and its gradient", () => {
  fc.assert(
    fc.property(shapes, walks, (shape, walk) => {
      // Windows that overlap name memory twice: they may not be changed.
      const safe = walk.filter(([step]) => step !== 6);
      const x = numbered(shape).requiresGrad_();
      const base = x.mul(1);
      const seen = follow(base, safe);
      if (seen === base) return;
      const where = seen.detach().clone().flatten().tolist() as number[];
      seen.mul_(3);
      base.sum().backward();
      const expected = new Array<number>(x.numel()).fill(1);
      for (const at of where) expected[at] = 3;
      assertEquals(x.grad!.flatten().tolist(), expected);
      const values = base.detach().flatten().tolist() as number[];
      assertEquals(values, expected.map((factor, at) => factor * at));
    }),
    RUNS,
  );
});

Deno.test("reshape keeps the order of elements, view where it can", () => {
  fc.assert(
    fc.property(fullShapes, walks, fc.nat(5), (shape, walk, k) => {
      const seen = follow(numbered(shape), walk);
      const count = seen.numel();
      const divisors = [1, 2, 3, 4, 6, 12].filter((n) => count % n === 0);
      if (count === 0) return;
      const n = divisors[k % divisors.length]!;
      const flat = seen.reshape(-1);
      assertEquals(seen.reshape([n, -1]).flatten().tolist(), flat.tolist());
      let viewed: dg.Tensor | null = null;
      try {
        viewed = seen.view([n, count / n]);
      } catch (error) {
        assertEquals((error as Error).name, "RuntimeError");
      }
      if (viewed === null) {
        assertEquals(seen.isContiguous(), false);
        return;
      }
      assertEquals(viewed.flatten().tolist(), flat.tolist());
      assertEquals(seen.reshape([n, -1]).stride(), viewed.stride());
    }),
    RUNS,
  );
});

Deno.test("broadcasting repeats dimensions of length one", () => {
  const cut = fc.tuple(fullShapes, fc.array(fc.boolean()), fc.nat(4));
  fc.assert(
    fc.property(cut, cut, ([shape, ones, drop], [, otherOnes, otherDrop]) => {
      const variant = (flags: boolean[], skip: number) =>
        shape.map((n, d) => flags[d] ? 1 : n).slice(
          Math.min(skip, shape.length),
        );
      const x = numbered(variant(ones, drop));
      const y = numbered(variant(otherOnes, otherDrop));
      const [a, b] = dg.broadcastTensors([x, y]) as [dg.Tensor, dg.Tensor];
      assertEquals(a.shape, b.shape);
      assertEquals(x.add(y).tolist(), a.add(b).tolist());
      assertEquals(a.clone().tolist(), x.expand(a.shape).tolist());
      // The transpose of broadcasting is a sum.
      const factor = a.numel() / x.numel();
      assertEquals(
        a.sumToSize(x.shape).tolist(),
        x.mul(factor).tolist(),
      );
    }),
    RUNS,
  );
});

Deno.test("splitting and joining undo each other", () => {
  fc.assert(
    fc.property(
      fullShapes,
      walks,
      fc.nat(3),
      fc.integer({ min: 1, max: 5 }),
      (shape, walk, d, n) => {
        const x = follow(numbered(shape), walk);
        if (x.ndim === 0) return;
        const dim = d % x.ndim;
        const all = x.tolist();
        if (x.shape[dim]! > 0) {
          assertEquals(dg.stack(x.unbind(dim), dim).tolist(), all);
        }
        assertEquals(dg.cat(x.split(n, dim), dim).tolist(), all);
        assertEquals(dg.cat(x.chunk(n, dim), dim).tolist(), all);
        assertEquals(dg.cat(x.tensorSplit(n, dim), dim).tolist(), all);
        assertEquals(x.flip(dim).flip(dim).tolist(), all);
        assertEquals(x.roll(n, dim).roll(-n, dim).tolist(), all);
      },
    ),
    RUNS,
  );
});
