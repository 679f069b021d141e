// Sorts by kernels give what the loops in JavaScript give, to the bit: stable,
// NaN last, both ways round, whole rows or the first of them.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { DTYPES, FLOAT64, INT64 } from "../../src/tensor/dtype.ts";
import { onBoth, withLimits } from "../conformance/paths.ts";
import { makeRandom, result, strided } from "./operands.ts";

/** Sorts on one path; the bits of the values and the positions. */
function sorted(
  values: Strided,
  indices: Strided,
  x: Strided,
  descending: boolean,
  kernels: boolean,
): [Uint8Array, BigInt64Array] {
  const sortLeast = kernels ? 1 : Infinity;
  withLimits(
    { sortLeast, threadLeast: 2 },
    () => cpu.sort(values, indices, x, descending),
  );
  const v = values.storage as CpuStorage;
  const i = indices.storage as CpuStorage;
  const { buffer, byteOffset } = v.data;
  const start = byteOffset + (v.base + values.offset) * values.info.bytes;
  const from = i.base + indices.offset;
  return [
    new Uint8Array(buffer, start, values.count * values.info.bytes).slice(),
    (i.data as BigInt64Array).slice(from, from + indices.count),
  ];
}

const SHAPES = [
  [1],
  [2],
  [33],
  [64],
  [65],
  [700],
  [5000],
  [40, 3],
  [70, 64],
  [9, 65],
  [6, 900],
  [2, 3, 100],
  [2, 2, 2, 2, 2, 70],
];

for (const info of DTYPES) {
  Deno.test(`kernels sort ${info.name} as the loops do`, () => {
    const random = makeRandom(100 + info.code);
    for (const shape of SHAPES) {
      const n = shape[shape.length - 1]!;
      for (
        const layout of ["dense", "transposed", "stepped", "backwards"] as const
      ) {
        const x = strided(info, shape, layout, random);
        for (const keep of [n, 1, 5, 40, 80, 300]) {
          if (keep > n) continue;
          const part = shape.with(-1, keep);
          const values = strided(info, part, "dense", random);
          const indices = result(INT64, part, random);
          for (const descending of [true, false]) {
            const name =
              `${info.name} [${shape}] ${layout} ${keep} ${descending}`;
            const [v, i] = sorted(values, indices, x, descending, true);
            const [w, j] = sorted(values, indices, x, descending, false);
            assertEquals(i, j, name);
            // The loops may change the bits of a NaN.
            if (info.category !== 2) assertEquals(v, w, name);
          }
        }
      }
    }
  });
}

Deno.test("kernels sort long keys whose halves are alike, few or all", () => {
  const random = makeRandom(4);
  for (const info of [INT64, FLOAT64]) {
    for (const spread of [1, 3, 40, 1000, 2 ** 20, 2 ** 31]) {
      for (const unit of [1, 2 ** 16, 2 ** 32, 2 ** 40]) {
        for (const n of [50, 300, 3000]) {
          const x = result(info, [n], random);
          const { data, base } = x.storage as CpuStorage;
          for (let k = 0; k < n; k++) {
            const value = (random(spread) - (spread >> 1)) * unit +
              random(3);
            if (info === INT64) {
              (data as BigInt64Array)[base + x.offset + k] = BigInt(value);
            } else (data as Float64Array)[base + x.offset + k] = value / 3;
          }
          for (const keep of [n, Math.min(n, 70)]) {
            const values = result(info, [keep], random);
            const indices = result(INT64, [keep], random);
            for (const descending of [true, false]) {
              const a = sorted(values, indices, x, descending, true);
              const b = sorted(values, indices, x, descending, false);
              assertEquals(a, b, `${info.name} ${spread} ${unit} ${n} ${keep}`);
            }
          }
        }
      }
    }
  }
});

Deno.test("the first of many are found in whatever order they come", () => {
  const n = 20000;
  const up = dg.arange(n).to("float32");
  for (const x of [up, up.neg(), up.remainder(7), dg.flip(up, [0]).div(3)]) {
    for (const k of [1, 10, 64, 65, 500, 2400, 2600]) {
      for (const largest of [true, false]) {
        const [a, b] = onBoth(
          "sortLeast",
          () => x.topk(k, -1, { largest }),
        );
        assertEquals(a.values.typedArray(), b.values.typedArray());
        assertEquals(a.indices.typedArray(), b.indices.typedArray());
      }
    }
  }
});
