// Gathers, scatters, searches and lists of positions by kernels give what the
// loops in JavaScript give, to the bit, for all element types and layouts.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import { bfloat16BitsToFloat } from "../../src/cpu/math_basic.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import type { Device, Strided } from "../../src/tensor/device.ts";
import {
  BFLOAT16,
  type DTypeInfo,
  DTYPES,
  INT32,
  INT64,
} from "../../src/tensor/dtype.ts";
import { onBoth } from "../conformance/paths.ts";
import {
  type Layout,
  makeRandom,
  type Random,
  result,
  strided,
} from "./operands.ts";

/** Computes on both paths; threads take few elements. */
function both<T>(compute: () => T): [kernels: T, loops: T] {
  return onBoth("indexLeast", compute, 64);
}

/** Fails where the memory of two runs differs; NaNs are alike. */
function assertSame(
  a: ArrayLike<unknown>,
  b: ArrayLike<unknown>,
  name: string,
) {
  assertEquals(a.length, b.length, name);
  for (let k = 0; k < a.length; k++) {
    if (!Object.is(a[k], b[k])) assertEquals(a[k], b[k], `${name} at ${k}`);
  }
}

/** Runs `act` on both paths with the same contents of `out`, and compares all of its memory. */
function sameMemory(out: Strided, act: () => void, name: string): void {
  const { data, base, length } = out.storage as CpuStorage;
  const before = data.slice(base, base + length);
  const [kernels, loops] = both(() => {
    (data as Float64Array).set(before as Float64Array, base);
    act();
    const after = data.slice(base, base + length);
    // Where a bfloat16 moves, its bits do; loops know one NaN only.
    return out.info === BFLOAT16
      ? Array.from(after as Uint16Array, bfloat16BitsToFloat)
      : after;
  });
  assertSame(kernels, loops, name);
}

const SHAPES: readonly (readonly number[])[] = [
  [1],
  [40],
  [20011],
  [1, 70],
  [70, 1],
  [9, 7],
  [130, 64],
  [64, 1025],
  [300, 130],
  [2, 50, 3],
  [5, 3, 40],
  [3, 1, 5, 9],
  [2, 3, 2, 3, 4, 2],
];

const LAYOUTS: readonly Layout[] = [
  "dense",
  "transposed",
  "stepped",
  "backwards",
];

/** Positions below `size`: for each element, or for each step along `dim`. */
function positions(
  shape: readonly number[],
  dim: number,
  size: number,
  info: DTypeInfo,
  shared: boolean,
  random: Random,
): Strided {
  const index = shared
    ? strided(info, [shape[dim]!], "dense", random)
    : strided(info, shape, LAYOUTS[random(2)]!, random);
  const { data, base, length } = index.storage as CpuStorage;
  for (let k = 0; k < length; k++) {
    const at = random(size);
    if (info === INT64) (data as BigInt64Array)[base + k] = BigInt(at);
    else (data as Int32Array)[base + k] = at;
  }
  if (!shared) return index;
  const strides = shape.map((_, d) => d === dim ? 1 : 0);
  const count = shape.reduce((a, b) => a * b, 1);
  return { ...index, shape, strides, count, dense: false };
}

const MODES = ["set", "sum", "prod", "amax", "amin"] as const;

for (const info of DTYPES) {
  Deno.test(`kernels gather and scatter ${info.name} as the loops do`, () => {
    const random = makeRandom(info.code + 1);
    for (const shape of SHAPES) {
      for (let turn = 0; turn < 6; turn++) {
        const dim = random(shape.length);
        const shared = random(2) === 0;
        const type = random(2) === 0 ? INT32 : INT64;
        const size = 1 + random(turn < 3 ? 5 : 60);
        const other = shape.with(dim, size);
        const index = positions(shape, dim, size, type, shared, random);
        const name = `${info.name} [${shape}] along ${dim} of ${size}, ${
          shared ? "rows" : "each"
        }, ${turn}`;
        const x = strided(info, other, LAYOUTS[random(4)]!, random);
        if (shape.reduce((a, b) => a * b, 1) > 32) {
          const out = result(info, shape, random);
          sameMemory(out, () => cpu.gather(out, x, dim, index), name);
        }
        const target = strided(info, other, LAYOUTS[random(4)]!, random);
        const src = strided(
          info,
          shape,
          random(4) === 0 ? "row" : LAYOUTS[random(4)]!,
          random,
        );
        const full = { ...src, shape, strides: stretch(src, shape) };
        const mode = MODES[random(5)]!;
        sameMemory(
          target,
          () => cpu.scatter(target, dim, index, full, mode),
          `${mode} ${name}`,
        );
      }
    }
  });
}

/** Strides of an operand repeated to a shape. */
function stretch(x: Strided, shape: readonly number[]): number[] {
  const pad = shape.length - x.shape.length;
  return shape.map((_, d) => d < pad ? 0 : x.strides[d - pad]!);
}

Deno.test("kernels fold indices as the loops do, and tell the first that is out of range", () => {
  const random = makeRandom(77);
  for (const info of [INT32, INT64]) {
    for (const shape of [[33], [40000], [5, 70], [70, 9], [3, 4, 50]]) {
      for (const layout of ["dense", "transposed", "row", "column"] as const) {
        const index = strided(info, shape, layout, random);
        const { data, base, length } = index.storage as CpuStorage;
        const fill = (value: number, k: number) => {
          if (info === INT64) (data as BigInt64Array)[base + k] = BigInt(value);
          else (data as Int32Array)[base + k] = value;
        };
        for (const wraps of [true, false]) {
          for (let k = 0; k < length; k++) {
            fill(random(50) - (wraps ? 25 : 0), k);
          }
          for (const carry of [true, false]) {
            const out = result(INT32, shape, random);
            const act = () => {
              const bad = cpu.foldIndex(out, index, 50, wraps, 7, carry);
              assertEquals(bad, null);
            };
            sameMemory(out, act, `${info.name} [${shape}] ${layout}`);
          }
          for (const wrong of [50, wraps ? -51 : -1, 2 ** 31 - 1]) {
            const at = index.offset + (index.count > 1 ? 1 : 0) *
                (index.strides[index.strides.length - 1] ?? 0);
            const old = Number(data[base + at]);
            fill(wrong, at);
            const out = result(INT32, shape, random);
            const [a, b] = both(() =>
              cpu.foldIndex(out, index, 50, wraps, 7, false)
            );
            assertEquals(a, wrong);
            assertEquals(b, wrong);
            fill(old, at);
          }
        }
      }
    }
  }
  const far = dg.tensor(new Array(64).fill(2 ** 32), { dtype: "int64" });
  assertThrows(
    () => both(() => dg.zeros([100]).take(far)),
    dg.IndexError,
    "tried to access index 4294967296",
  );
});

function list(device: Device, x: Strided): number[] {
  const { data, base, length } = device.nonzero(x) as CpuStorage;
  return Array.from(data.subarray(base, base + length) as Int32Array);
}

Deno.test("kernels list what is not zero as the loops do", () => {
  const random = makeRandom(5);
  for (const info of DTYPES) {
    for (const shape of [[33], [40], [1000], [40001], [70, 90], [3, 7, 50]]) {
      for (const layout of ["dense", "transposed", "stepped"] as const) {
        for (const share of [2, 40, 3000]) {
          const x = strided(info, shape, layout, random);
          const { data, base, length } = x.storage as CpuStorage;
          for (let k = 0; k < length; k++) {
            if (random(share) > 0) {
              if (info === INT64) (data as BigInt64Array)[base + k] = 0n;
              else {
                // The sign of a zero does not count.
                (data as Float32Array)[base + k] = info.name === "bfloat16"
                  ? 0x8000
                  : -0;
              }
            }
          }
          const [a, b] = both(() => list(cpu, x));
          assertSame(a, b, `${info.name} [${shape}] ${layout} 1/${share}`);
        }
      }
    }
  }
});

Deno.test("kernels search as the loops do", () => {
  const random = makeRandom(9);
  for (const info of DTYPES) {
    for (
      const [rows, values] of [
        [[0], [40]],
        [[1], [40]],
        [[1000], [3000]],
        [[37], [5, 70]],
        [[5, 37], [5, 70]],
        [[2, 3, 9], [2, 3, 40]],
      ] as const
    ) {
      for (const layout of ["dense", "transposed", "stepped"] as const) {
        const wanted = strided(info, values, layout, random);
        const sorted = strided(info, rows, layout, random);
        for (const right of [true, false]) {
          for (const type of [INT32, INT64]) {
            const out = result(type, values, random);
            sameMemory(
              out,
              () => cpu.searchSorted(out, sorted, wanted, right),
              `${info.name} [${rows}] [${values}] ${layout}`,
            );
          }
        }
      }
    }
  }
});

Deno.test("kernels find running extremes as the loops do", () => {
  const random = makeRandom(13);
  for (const info of DTYPES) {
    for (const shape of [[33], [5000], [3, 70], [70, 9], [2, 3, 40], [40, 1]]) {
      for (const layout of ["dense", "transposed", "backwards"] as const) {
        for (const largest of [true, false]) {
          const x = strided(info, shape, layout, random);
          const values = result(info, shape, random);
          const indices = result(INT64, shape, random);
          const name = `${info.name} [${shape}] ${layout} ${largest}`;
          const act = () => cpu.argScan(largest, values, indices, x);
          sameMemory(values, act, name);
          sameMemory(indices, act, name);
        }
      }
    }
  }
});

Deno.test("small results and small tables go by kernels too", () => {
  const random = makeRandom(3);
  const many = dg.tensor(Array.from({ length: 5000 }, () => random(7)), {
    dtype: "int64",
  });
  const x = dg.arange(5000).to("float32");
  const [a, b] = both(() => [
    dg.zeros([7]).scatterAdd(0, many, x).tolist(),
    dg.bincount(many).tolist(),
    dg.arange(7).to("float32").take(many).tolist(),
    x.reshape([50, 100]).indexSelect(0, dg.tensor([3, 1, 49]).to("int64"))
      .tolist(),
    dg.zeros([5000]).scatter(0, many, 3).tolist(),
  ]);
  assertEquals(a, b);
});
