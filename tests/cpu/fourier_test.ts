// The engine of Fourier transforms beside sums of n * n products in float64.

import { cpu } from "@dinograd/dinograd";
import { assert } from "@std/assert";
import { runFourier } from "../../src/cpu/fourier/transform.ts";
import { storeRoot } from "../../src/cpu/fourier/roots.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { type DTypeInfo, FLOAT32, FLOAT64 } from "../../src/tensor/dtype.ts";

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

function line(x: ArrayLike<number>, n: number, at: number, step: number) {
  return Array.from(
    { length: 2 * n },
    (_, i) => x[at + (i >> 1) * step + i % 2]!,
  );
}

for (const info of [FLOAT64, FLOAT32]) {
  Deno.test(`complex transforms of ${info.name} are those of the definition`, () => {
    for (const n of LENGTHS) {
      for (const [outer, inner] of [[1, 1], [3, 1], [2, 3], [1, 40]] as const) {
        for (const backward of [false, true]) {
          const values = noise(info, 2 * outer * n * inner);
          const x = stridedOf(info, [outer, n, inner, 2], values);
          const out = stridedOf(info, [outer, n, inner, 2]);
          const task = {
            kind: "c2c",
            backward,
            length: n,
            scale: 0.5,
          } as const;
          runFourier(task, out, x);
          const found = cpu.read(out) as Numbers;
          for (let b = 0; b < outer; b++) {
            for (let q = 0; q < inner; q++) {
              const at = 2 * (b * n * inner + q);
              const expected = naive(line(values, n, at, 2 * inner), backward);
              const error = distance(
                line(found, n, at, 2 * inner),
                expected.map((v) => v / 2),
              );
              assert(
                error <= bound(info, n),
                `${n} ${outer} ${inner} ${error}`,
              );
            }
          }
        }
      }
    }
  });

  Deno.test(`real transforms of ${info.name} are those of the definition`, () => {
    for (const n of LENGTHS) {
      for (const [outer, inner] of [[1, 1], [3, 1], [2, 3], [1, 40]] as const) {
        const half = Math.floor(n / 2) + 1;
        const values = noise(info, outer * n * inner);
        const x = stridedOf(info, [outer, n, inner], values);
        const out = stridedOf(info, [outer, half, inner, 2]);
        const all = stridedOf(info, [outer, n, inner, 2]);
        const back = stridedOf(info, [outer, n, inner]);
        const task = { backward: false, length: n, scale: 1 };
        runFourier({ ...task, kind: "r2c" }, out, x);
        runFourier({ ...task, kind: "r2c" }, all, x);
        runFourier(
          { kind: "c2r", backward: true, length: n, scale: 1 / n },
          back,
          out,
        );
        const found = cpu.read(out) as Numbers;
        const whole = cpu.read(all) as Numbers;
        const again = cpu.read(back) as Numbers;
        for (let b = 0; b < outer; b++) {
          for (let q = 0; q < inner; q++) {
            const from = b * n * inner + q;
            const real = Array.from(
              { length: n },
              (_, j) => values[from + j * inner]!,
            );
            const expected = naive(real.flatMap((v) => [v, 0]), false);
            const some = line(
              found,
              half,
              2 * (b * half * inner + q),
              2 * inner,
            );
            const error = Math.max(
              distance(some, expected.slice(0, 2 * half)),
              distance(line(whole, n, 2 * from, 2 * inner), expected),
            );
            assert(error <= bound(info, n), `${n} ${outer} ${inner} ${error}`);
            const returned = distance(
              real.map((_, j) => again[from + j * inner]!),
              real,
            );
            assert(returned <= 2 * bound(info, n), `${n} ${returned}`);
          }
        }
      }
    }
  });
}
