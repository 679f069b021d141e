// Casts by kernels, exhaustively where that is possible: every 16-bit float,
// and values between, at and beside the ties of each rounding.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import { allocate, type CpuStorage } from "../../src/cpu/storage.ts";
import { TUNING } from "../../src/cpu/tuning.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { type DTypeInfo, DTYPES, FLOAT64 } from "../../src/tensor/dtype.ts";
import { LAYOUTS, makeRandom, strided } from "./operands.ts";

/** A vector with given contents. */
function vector(info: DTypeInfo, bits: ArrayBuffer): Strided {
  const count = bits.byteLength / info.bytes;
  const storage = allocate(cpu, info, count);
  const { data, base } = storage;
  const { buffer, byteOffset } = data;
  new Uint8Array(buffer, byteOffset + base * info.bytes, bits.byteLength)
    .set(new Uint8Array(bits));
  return {
    storage,
    info,
    shape: [count],
    strides: [1],
    offset: 0,
    count,
    dense: true,
  };
}

/** Casts on both paths and compares; NaNs are alike. */
function check(x: Strided, info: DTypeInfo, name: string): void {
  const { reduceLeast } = TUNING;
  const strides = x.shape.map((_, d) =>
    x.shape.slice(d + 1).reduce((a, b) => a * b, 1)
  );
  const count = x.shape.reduce((a, b) => a * b, 1);
  const run = (least: number): ArrayLike<unknown> => {
    TUNING.reduceLeast = least;
    const storage = allocate(cpu, info, count + 40);
    const out = { ...x, storage, info, strides, offset: 3, count, dense: true };
    cpu.copy(out, x);
    return (storage as CpuStorage).data.slice(
      storage.base + 3,
      storage.base + 3 + count,
    ) as unknown as ArrayLike<unknown>;
  };
  try {
    const [a, b] = [run(1), run(Infinity)];
    for (let k = 0; k < count; k++) {
      if (Object.is(a[k], b[k])) continue;
      const { data, base } = x.storage as CpuStorage;
      assertEquals(a[k], b[k], `${name} at ${k}: ${data[base + k]}`);
    }
  } finally {
    TUNING.reduceLeast = reduceLeast;
  }
}

for (const to of DTYPES) {
  Deno.test(`every 16-bit float becomes the right ${to.name}`, () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, k) => k);
    for (const from of DTYPES) {
      if (from.category !== 2 || from.bytes !== 2 || from === to) continue;
      check(vector(from, bits.buffer), to, `${from.name} to ${to.name}`);
    }
  });
}

/** Numbers around every rounding boundary of a 16-bit float. */
function boundaries(name: "float16" | "bfloat16"): Float64Array {
  const bits = Uint16Array.from({ length: 65536 }, (_, k) => k);
  const info = DTYPES.find((dtype) => dtype.name === name)!;
  const x = vector(info, bits.buffer);
  const wide = vector(FLOAT64, new ArrayBuffer(65536 * 8));
  cpu.copy(wide, x);
  const values = (wide.storage as CpuStorage).data as Float64Array;
  const out: number[] = [];
  for (let k = 0; k < 65535; k++) {
    const middle = (values[k]! + values[k + 1]!) / 2;
    // Just beside a tie, nearer than float32 can tell.
    out.push(middle, middle * (1 + 2 ** -40), middle * (1 - 2 ** -40));
    out.push(middle * (1 + 2 ** -23), middle * (1 - 2 ** -23));
  }
  out.push(65504, 65519.99, 65520, 65536, 1e6, 1e300, -1e300, 5e-324);
  return Float64Array.from(out);
}

Deno.test("floats are rounded once to 16 bits, ties to even", () => {
  for (const name of ["float16", "bfloat16"] as const) {
    const to = DTYPES.find((dtype) => dtype.name === name)!;
    const wide = boundaries(name);
    check(vector(FLOAT64, wide.buffer as ArrayBuffer), to, `float64 ${name}`);
    const f32 = DTYPES.find((dtype) => dtype.name === "float32")!;
    const single = Float32Array.from(wide);
    check(vector(f32, single.buffer), to, `float32 ${name}`);
  }
});

Deno.test("integers beyond what a float holds exactly are rounded as the loops do", () => {
  const random = makeRandom(8);
  const list: bigint[] = [];
  for (let power = 0n; power < 64n; power++) {
    for (let k = -2n; k <= 2n; k++) {
      list.push(BigInt.asIntN(64, (1n << power) + k));
      list.push(BigInt.asIntN(64, -(1n << power) + k));
      list.push(BigInt.asIntN(64, (1n << power) * 3n / 2n + k));
    }
    list.push(BigInt(random(2 ** 31)) << power);
  }
  const x = BigInt64Array.from(list);
  const int64 = DTYPES.find((dtype) => dtype.name === "int64")!;
  for (const to of DTYPES) {
    check(vector(int64, x.buffer), to, `int64 to ${to.name}`);
  }
  const floats = Float64Array.from(list, Number);
  for (const to of DTYPES) {
    check(vector(FLOAT64, floats.buffer), to, `float64 to ${to.name}`);
  }
});

Deno.test("casts of every layout give what the loops give", () => {
  const random = makeRandom(21);
  for (const from of DTYPES) {
    for (const to of DTYPES) {
      for (const shape of [[37], [9, 21], [3, 5, 7]]) {
        const layout = LAYOUTS[random(LAYOUTS.length)]!;
        const x = strided(from, shape, layout, random);
        if (x.shape.length < shape.length) continue;
        const full = { ...x, shape: x.shape };
        check(full, to, `${from.name} to ${to.name}, ${layout}`);
      }
    }
  }
  assertEquals(dg.tensor([1.5, -2.5]).to("int8").tolist(), [1, -2]);
});
