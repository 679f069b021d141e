// The engine of Fourier transforms beside sums of n * n products in float64.

import { cpu, getNumThreads, setNumThreads } from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { storeRoot } from "../../src/cpu/fourier/roots.ts";
import type { Strided } from "../../src/tensor/device.ts";
import type { FourierTask } from "../../src/tensor/device_fourier.ts";
import {
  COMPLEX64,
  complexInfo,
  type DTypeInfo,
  FLOAT32,
  FLOAT64,
} from "../../src/tensor/dtype.ts";
import { TALLY } from "../../src/cpu/tally.ts";
import { TUNING } from "../../src/cpu/tuning.ts";

type Numbers = Float64Array | Float32Array;

function stridedOf(
  info: DTypeInfo,
  shape: number[],
  values?: ArrayLike<number>,
): Strided {
  const count = shape.reduce((n, size) => n * size, 1);
  const strides = shape.map((_, d) =>
    shape.slice(d + 1).reduce((n, size) => n * size, 1)
  );
  const storage = cpu.allocate(info, count);
  const x = { storage, info, shape, strides, offset: 0, count, dense: true };
  if (values !== undefined) cpu.write(x, values);
  return x;
}

/** Numbers without pattern, from -1 to 1. */
function noise(info: DTypeInfo, count: number): Numbers {
  const out = info === FLOAT32
    ? new Float32Array(count)
    : new Float64Array(count);
  let state = 1;
  return out.map(() => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** The definition, of one complex line. */
function naive(line: number[], backward: boolean): number[] {
  const n = line.length / 2;
  const roots = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) storeRoot(roots, 2 * k, k, n);
  const out: number[] = [];
  for (let k = 0; k < n; k++) {
    let re = 0;
    let im = 0;
    for (let j = 0; j < n; j++) {
      const at = 2 * (j * k % n);
      const c = roots[at]!;
      const s = backward ? roots[at + 1]! : -roots[at + 1]!;
      re += line[2 * j]! * c - line[2 * j + 1]! * s;
      im += line[2 * j]! * s + line[2 * j + 1]! * c;
    }
    out.push(re, im);
  }
  return out;
}

function distance(found: ArrayLike<number>, expected: number[]): number {
  let difference = 0;
  let size = 0;
  expected.forEach((value, i) => {
    difference += (found[i]! - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / Math.max(size, 1e-300));
}

const LENGTHS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21],
  ...[22, 26, 32, 34, 37, 45, 60, 64, 97, 101, 128, 130, 143, 202, 256, 343],
];

/** Error that is allowed, in units in the last place. */
function bound(info: DTypeInfo, n: number): number {
  const unit = info === FLOAT32 ? 2 ** -24 : 2 ** -53;
  return unit * (1 + Math.log2(n));
}

/** Some complex numbers, `step` real ones apart. */
function line(
  x: ArrayLike<number>,
  n: number,
  at: number,
  step: number,
): number[] {
  return Array.from(
    { length: 2 * n },
    (_, i) => x[at + (i >> 1) * step + i % 2]!,
  );
}

/** Lines, and lines beside them. */
type Batch = readonly [outer: number, inner: number];
const BATCHES: readonly Batch[] = [[1, 1], [3, 1], [2, 3], [1, 40]];

function checkComplex(info: DTypeInfo, n: number, batch: Batch): void {
  const [outer, inner] = batch;
  const shape = [outer, n, inner];
  const values = noise(info, 2 * outer * n * inner);
  const x = stridedOf(complexInfo(info), shape, values);
  const out = stridedOf(complexInfo(info), shape);
  for (const backward of [false, true]) {
    const task = { kind: "c2c", backward, length: n, scale: 0.5 } as const;
    cpu.fourier!(task, out, x);
    const found = cpu.read(out) as Numbers;
    for (let b = 0; b < outer; b++) {
      for (let q = 0; q < inner; q++) {
        const at = 2 * (b * n * inner + q);
        const given = line(values, n, at, 2 * inner);
        const wanted = naive(given, backward).map((v) => v / 2);
        const error = distance(line(found, n, at, 2 * inner), wanted);
        assert(error <= bound(info, n), `${n} of ${batch}: ${error}`);
      }
    }
    // In place as well.
    if (backward) {
      cpu.fourier!(task, x, x);
      assertEquals(cpu.read(x), found, `${n} of ${batch} in place`);
    }
  }
}

function checkReal(info: DTypeInfo, n: number, batch: Batch): void {
  const [outer, inner] = batch;
  const half = Math.floor(n / 2) + 1;
  const values = noise(info, outer * n * inner);
  const x = stridedOf(info, [outer, n, inner], values);
  const some = stridedOf(complexInfo(info), [outer, half, inner]);
  const all = stridedOf(complexInfo(info), [outer, n, inner]);
  const back = stridedOf(info, [outer, n, inner]);
  const task = { backward: false, length: n, scale: 1 };
  cpu.fourier!({ ...task, kind: "r2c" }, some, x);
  cpu.fourier!({ ...task, kind: "r2c" }, all, x);
  const way = { kind: "c2r", backward: true, length: n, scale: 1 / n } as const;
  cpu.fourier!(way, back, some);
  const [first, whole, again] = [some, all, back].map((y) =>
    cpu.read(y) as Numbers
  ) as [Numbers, Numbers, Numbers];
  for (let b = 0; b < outer; b++) {
    for (let q = 0; q < inner; q++) {
      const from = b * n * inner + q;
      const at = (j: number) => from + j * inner;
      const real = Array.from({ length: n }, (_, j) => values[at(j)]!);
      const wanted = naive(real.flatMap((v) => [v, 0]), false);
      const begin = 2 * (b * half * inner + q);
      const part = line(first, half, begin, 2 * inner);
      const error = Math.max(
        distance(part, wanted.slice(0, 2 * half)),
        distance(line(whole, n, 2 * from, 2 * inner), wanted),
      );
      assert(error <= bound(info, n), `${n} of ${batch}: ${error}`);
      const returned = distance(real.map((_, j) => again[at(j)]!), real);
      assert(returned <= 2 * bound(info, n), `${n} of ${batch}: ${returned}`);
    }
  }
}

/** Sends all calls down one path. */
function by(path: string, body: () => void): void {
  const { fourierLeast, slabMost } = TUNING;
  TUNING.fourierLeast = path === "WebAssembly" ? 0 : Infinity;
  TUNING.slabMost = 0;
  const before = TALLY.kernels;
  try {
    body();
  } finally {
    Object.assign(TUNING, { fourierLeast, slabMost });
  }
  assertEquals(TALLY.kernels > before, path === "WebAssembly");
}

for (const path of ["JavaScript", "WebAssembly"]) {
  for (const info of [FLOAT64, FLOAT32]) {
    Deno.test(`${path}: complex transforms of ${info.name} do as defined`, () => {
      by(path, () => {
        for (const n of LENGTHS) {
          for (const batch of BATCHES) checkComplex(info, n, batch);
        }
      });
    });

    Deno.test(`${path}: real transforms of ${info.name} do as defined`, () => {
      by(path, () => {
        for (const n of LENGTHS) {
          for (const batch of BATCHES) checkReal(info, n, batch);
        }
      });
    });
  }
}

/** Lines that are matrices of shorter ones, and one that is not. */
const LONG = [2 ** 16, 10 ** 5, 2 ** 17, 32771];

/** How far a task's results on both paths are from each other; `x` is a result of the task before. */
function beside(task: FourierTask, out: Strided, x: Strided): number {
  const found = ["JavaScript", "WebAssembly"].map((path) => {
    by(path, () => cpu.fourier!(task, out, x));
    return Array.from(cpu.read(out) as Numbers);
  });
  return distance(found[1]!, found[0]!);
}

Deno.test("long lines agree on both paths", () => {
  for (const info of [FLOAT64, FLOAT32]) {
    const complex = complexInfo(info);
    for (const n of LONG) {
      const z = stridedOf(complex, [2, n, 1], noise(info, 4 * n));
      const x = stridedOf(info, [1, n, 1], noise(info, n));
      const half = stridedOf(complex, [1, Math.floor(n / 2) + 1, 1]);
      const whole = stridedOf(complex, [1, n, 1]);
      const task = { backward: false, length: n, scale: 0.5 };
      const back = { ...task, kind: "c2r", backward: true } as const;
      const errors = [
        beside({ ...task, kind: "c2c" }, stridedOf(complex, [2, n, 1]), z),
        beside({ ...task, kind: "r2c" }, whole, x),
        beside({ ...task, kind: "r2c" }, half, x),
        beside(back, x, half),
      ];
      for (const error of errors) {
        assert(error <= bound(info, n), `${info.name} ${n}: ${errors}`);
      }
    }
  }
});

Deno.test("results do not depend on the number of threads", () => {
  const before = getNumThreads();
  const x = stridedOf(COMPLEX64, [600, 128, 1], noise(FLOAT32, 2 * 600 * 128));
  const task = { kind: "c2c", backward: false, length: 128, scale: 1 } as const;
  try {
    const found = [1, 2].map((count) => {
      setNumThreads(count);
      const out = stridedOf(COMPLEX64, [600, 128, 1]);
      cpu.fourier!(task, out, x);
      return cpu.read(out);
    });
    assertEquals(found[0], found[1]);
  } finally {
    setNumThreads(before);
  }
});
