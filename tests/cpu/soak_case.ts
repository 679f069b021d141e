// The cases of soak.ts: a random op, called on random views of random tensors,
// as a function that makes the same call each time.

import * as dg from "@dinograd/dinograd";

/** Gives integers from 0 to below its argument. */
export type Random = (below: number) => number;

/** Elements of each result. */
export type Outcome = readonly (ArrayLike<number> | ArrayLike<bigint>)[];

/** One call. */
export interface Case {
  readonly name: string;
  /** Relative tolerance between kernels and loops; -1 for equal bits. */
  readonly tolerance: number;
  /** Size of the numbers that were added up, to which the tolerance relates too. */
  readonly size: number;
  readonly compute: () => Outcome;
}

const FLOATS: readonly dg.DType[] = ["float32", "float32", "float64"];
const TYPES: readonly dg.DType[] = [
  ...FLOATS,
  ...["bool", "uint8", "int8", "int16", "int32", "int64"] as const,
  ...["float16", "bfloat16"] as const,
];
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 1e-42, 3e38];
const INTEGERS = [0, 1, -1, 127, -128, 255, 32767, 2 ** 31 - 1, -(2 ** 31)];
const BIG = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -1n, 0n];
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65, 100];

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

function makeShape(random: Random): number[] {
  const rank = random(5);
  if (rank === 1 && random(3) === 0) return [random(70_000)];
  const shape = Array.from({ length: rank }, () => pick(random, LENGTHS));
  if (random(40) === 0 && rank > 0) shape[random(rank)] = 0;
  while (shape.reduce((a, b) => a * b, 1) > 60_000) {
    shape[shape.indexOf(Math.max(...shape))] = 2;
  }
  return shape;
}

/** A dense tensor of random values; `tame` leaves out what sums do not like. */
function makeDense(
  random: Random,
  shape: readonly number[],
  dtype: dg.DType,
  tame: boolean,
): dg.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const often = tame ? Infinity : pick(random, [5, 60, Infinity]);
  const rare = () => often !== Infinity && random(often) === 0;
  if (dtype === "int64") {
    const values = BigInt64Array.from(
      { length: count },
      () => rare() ? pick(random, BIG) : BigInt(random(200) - 100),
    );
    return dg.tensor(values, { dtype }).reshape(shape);
  }
  const float = dtype.includes("float");
  const values = Float64Array.from({ length: count }, () => {
    if (rare()) return pick(random, float ? SPECIAL : INTEGERS);
    return float ? (random(8001) - 4000) / 1000 : random(200) - 100;
  });
  return dg.tensor(values, { dtype: "float64" }).to(dtype).reshape(shape);
}

/** A tensor of a shape, as some view of a larger one. */
function makeView(
  random: Random,
  shape: readonly number[],
  dtype: dg.DType,
  tame: boolean,
): dg.Tensor {
  const rank = shape.length;
  const way = random(7);
  if (way === 0 && rank > 1) {
    const [a, b] = [random(rank), random(rank)];
    const swapped = shape.slice();
    [swapped[a], swapped[b]] = [swapped[b]!, swapped[a]!];
    return makeDense(random, swapped, dtype, tame).transpose(a, b);
  }
  if (way === 1 && rank > 0) {
    const d = random(rank);
    const [before, after] = [random(4), random(4)];
    const larger = shape.slice();
    larger[d]! += before + after;
    const base = makeDense(random, larger, dtype, tame);
    return base.narrow(d, before, shape[d]!);
  }
  if (way === 2) {
    const last = random(3) + 1;
    const base = makeDense(random, [...shape, last], dtype, tame);
    return base.select(rank, random(last));
  }
  if (way === 3 && rank > 0) {
    const d = random(rank);
    const narrow = shape.slice();
    narrow[d] = 1;
    return makeDense(random, narrow, dtype, tame).expand(shape);
  }
  if (way === 4 && rank > 1) {
    const order = shape.map((_, d) => d).reverse();
    const base = makeDense(random, shape.toReversed(), dtype, tame);
    return base.permute(order);
  }
  return makeDense(random, shape, dtype, tame);
}

/** A shape that broadcasts to another one. */
function makeSmaller(random: Random, shape: readonly number[]): number[] {
  const out = shape.slice(random(3) === 0 ? random(shape.length + 1) : 0);
  return out.map((n) => random(5) === 0 ? 1 : n);
}

type Op = (x: dg.Tensor, y: dg.Tensor) => dg.Tensor;

const EXACT: Readonly<Record<string, Op>> = {
  add: (x, y) => x.add(y),
  sub: (x, y) => x.to("float32").sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y),
  maximum: (x, y) => x.maximum(y),
  minimum: (x, y) => x.minimum(y),
  lt: (x, y) => x.lt(y),
  ge: (x, y) => x.ge(y),
  eq: (x, y) => x.eq(y),
  ne: (x, y) => x.ne(y),
  where: (x, y) => dg.where(x.gt(0), y, x),
  whereNumber: (x, y) => dg.where(y.ne(0), x, 3),
  logicalAnd: (x, y) => x.logicalAnd(y),
  logicalXor: (x, y) => x.logicalXor(y),
  relu: (x) => x.relu(),
  clamp: (x) => x.clamp({ min: -1, max: 2 }),
  addNumber: (x) => x.add(3),
  mulNumber: (x) => x.mul(0.3),
  rsub: (x) => x.to("float64").neg(),
  abs: (x) => x.to("int32").abs(),
  bitwise: (x, y) => x.to("int64").bitwiseXor(y.to("int64")),
  floorDivide: (x, y) => x.floorDivide(y),
  remainder: (x, y) => x.remainder(y),
  lerp: (x, y) => x.to("float64").lerp(y.to("float64"), 0.25),
};

const ROUNDED: Readonly<Record<string, Op>> = {
  exp: (x) => x.exp(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  log: (x) => x.abs().log(),
  sin: (x) => x.sin(),
  sqrt: (x) => x.sqrt(),
  erf: (x) => x.erf(),
  addcmul: (x, y) => x.addcmul(y, y),
};

const MOVES: Readonly<Record<string, Op>> = {
  clone: (x) => x.clone(),
  contiguous: (x) => x.contiguous(),
  reshape: (x) => x.reshape([-1]),
  toFloat32: (x) => x.to("float32"),
  toFloat64: (x) => x.to("float64"),
  toInt64: (x) => x.to("int64"),
  toInt32: (x) => x.to("int32"),
  toBool: (x) => x.to("bool"),
  toUint8: (x) => x.to("uint8"),
  flip: (x) => x.dim() === 0 ? x.clone() : x.flip([0]),
  cat: (x, y) => dg.cat([x.reshape([-1]), y.reshape([-1])], 0),
  stack: (x) => dg.stack([x, x], -1),
  full: (x) => dg.fullLike(x, 1),
  tril: (x) => x.dim() < 2 ? x.clone() : x.tril(),
};

function sizeOf(x: dg.Tensor, d: number): number {
  return x.dim() === 0 ? 1 : x.size(d);
}

type Fold = (x: dg.Tensor, dim: number) => dg.Tensor;

const FOLDS: Readonly<Record<string, Fold>> = {
  sum: (x, d) => x.sum(d),
  sumAll: (x) => x.sum(),
  mean: (x, d) => x.to("float32").mean(d),
  meanAll: (x) => x.to("float64").mean(),
  prod: (x, d) => x.sign().prod(d),
  amax: (x, d) => x.amax(d),
  amin: (x, d) => x.amin(d),
  max: (x) => x.max(),
  argmax: (x, d) => x.argmax(d),
  argmin: (x, d) => x.argmin(d),
  any: (x, d) => x.any(d),
  all: (x, d) => x.all(d),
  countNonzero: (x) => dg.countNonzero(x),
  cumsum: (x, d) => x.cumsum(d),
  cumprod: (x, d) => x.sign().cumprod(d),
  softmax: (x, d) => x.to("float32").softmax(d),
  logSoftmax: (x, d) => x.to("float32").logSoftmax(d),
  variance: (x, d) => x.to("float64").var(d),
  logsumexp: (x, d) => x.to("float32").logsumexp(d),
  norm: (x) => x.to("float32").norm(),
  nansum: (x, d) => x.nansum(d),
  valuesOfMax: (x, d) => x.max(d).values,
  sort: (x, d) => x.sort(d).values,
  topk: (x, d) => x.topk(sizeOf(x, d) >> 1, d).values,
  argsort: (x, d) => x.argsort(d, { stable: true }),
  cummaxOf: (x, d) => x.cummax(d).values,
  medianOf: (x, d) => x.median(d).values,
  gatherOf: (x, d) => x.gather(d, x.argsort(d, { stable: true })),
  scatterAdd: (x, d) => {
    const index = x.argsort(d, { stable: true }).floorDivide(2);
    return x.scatterAdd(d, index, x);
  },
  takeOf: (x, d) =>
    x.indexSelect(d, dg.arange(sizeOf(x, d), { dtype: "int64" }).flip([0])),
  nonzeroOf: (x) => x.nonzero(),
};

function describe(x: dg.Tensor): string {
  return `${x.dtype} [${x.shape}] strides [${x.stride()}]`;
}

function makeMap(random: Random): Case {
  const shape = makeShape(random);
  const exact = random(3) > 0;
  const table = exact ? EXACT : ROUNDED;
  const key = pick(random, Object.keys(table));
  const dtype = pick(random, exact ? TYPES : FLOATS);
  const other = random(3) > 0 ? dtype : pick(random, exact ? TYPES : FLOATS);
  const x = makeView(random, shape, dtype, false);
  const y = makeView(random, makeSmaller(random, shape), other, false);
  const op = table[key]!;
  return {
    name: `${key} of ${describe(x)} and ${describe(y)}`,
    tolerance: exact ? 0 : dtype === "float64" ? 1e-13 : 2e-6,
    size: exact ? 0 : 1e-3,
    compute: () => [op(x, y).typedArray()],
  };
}

/** In place, into a view of a tensor: the whole of it is the result. */
function makeInPlace(random: Random): Case {
  const shape = makeShape(random);
  const dtype = pick(random, TYPES);
  const seed = random(2 ** 30);
  const base = makeDense(random, [...shape, 3], dtype, true);
  const y = makeView(random, makeSmaller(random, shape), dtype, true);
  const ops: Record<string, (x: dg.Tensor) => unknown> = {
    copy_: (x) => x.copy_(y),
    add_: (x) => x.add_(y),
    mul_: (x) => x.mul_(y),
    fill_: (x) => x.fill_(1),
    zero_: (x) => x.zero_(),
    addSelf: (x) => x.add_(x),
    addTransposed: (x) => x.add_(x.transpose(0, -1)),
    addShifted: (x) => x.narrow(0, 1, 2).add_(x.narrow(0, 0, 2)),
    copyShifted: (x) => x.narrow(0, 0, 2).copy_(x.narrow(0, 1, 2)),
    lt_: (x) => x.lt_(y),
    maskedFill_: (x) => x.maskedFill_(y.ne(0), 1),
    clamp_: (x) => x.clamp_({ min: -1, max: 2 }),
  };
  const key = pick(random, Object.keys(ops));
  const op = ops[key]!;
  return {
    name: `${key} of ${dtype} [${shape}] with ${describe(y)}, way ${seed % 4}`,
    tolerance: 0,
    size: 0,
    compute: () => {
      const own = base.clone();
      const last = shape.length;
      const x = seed % 4 === 0
        ? own.select(last, 1)
        : seed % 4 === 1
        ? own.reshape([3, ...shape]).select(0, 1)
        : seed % 4 === 2
        ? own.reshape([3, ...shape.toReversed()]).select(0, 2)
          .permute(shape.map((_, d) => d).reverse())
        : own.reshape([...shape, 3]).narrow(last, 0, 1).squeeze(last);
      op(x);
      return [own.typedArray()];
    },
  };
}

function makeMove(random: Random): Case {
  const key = pick(random, Object.keys(MOVES));
  const x = makeView(random, makeShape(random), pick(random, TYPES), false);
  const y = makeView(random, makeShape(random), x.dtype, false);
  const op = MOVES[key]!;
  return {
    name: `${key} of ${describe(x)} and ${describe(y)}`,
    tolerance: -1,
    size: 0,
    compute: () => [op(x, y).typedArray()],
  };
}

function makeFold(random: Random): Case {
  const key = pick(random, Object.keys(FOLDS));
  const dtype = pick(random, TYPES);
  const wild = /^(amax|amin|max|arg|any|all|count|valuesOf|sort|topk|.*Of$)/
    .test(key);
  const x = makeView(random, makeShape(random), dtype, !wild);
  const d = x.dim() === 0 ? 0 : random(x.dim());
  const op = FOLDS[key]!;
  const single = /oftmax|logsumexp|norm|mean$/.test(key);
  const tolerance = dtype === "float64" && !single ? 1e-12 : 3e-6;
  return {
    name: `${key} along ${d} of ${describe(x)}`,
    tolerance: wild ? 0 : dtype.includes("16") ? 0.02 : tolerance,
    // Sums of numbers up to 4 whose order differs.
    size: wild ? 0 : Math.sqrt(x.numel()) + 1,
    compute: () => [op(x, d).typedArray()],
  };
}

function makeProduct(random: Random): Case {
  const dtype = pick(random, [...FLOATS, "int64"] as const);
  const size = () => pick(random, random(3) === 0 ? [96, 130, 7] : LENGTHS);
  const [b, m, n, k] = [1 + random(4), size(), size(), size()];
  const left = random(2) === 0 ? [m, k] : [b, m, k];
  const right = random(2) === 0 ? [k, n] : [b, k, n];
  if (random(5) === 0) left.splice(-2, 1);
  if (random(5) === 0) right.splice(-1, 1);
  const x = makeView(random, left, dtype, true);
  const y = makeView(random, right, dtype, true);
  return {
    name: `matmul of ${describe(x)} and ${describe(y)}`,
    tolerance: dtype === "float64" ? 1e-13 : 1e-6,
    size: 16 * k,
    compute: () => [dg.matmul(x, y).typedArray()],
  };
}

const MAKERS = [makeMap, makeMap, makeInPlace, makeMove, makeFold, makeProduct];

/** Makes a case. */
export function makeCase(random: Random): Case {
  return pick(random, MAKERS)(random);
}
