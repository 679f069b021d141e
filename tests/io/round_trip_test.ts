// Whatever is written is read again: tensors of every type, shape and layout
// through every format, values and bits alike.

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import * as dg from "@dinograd/dinograd";
import { crc32 } from "../../src/io/crc32.ts";
import { describe } from "./golden_files.ts";

const DTYPES = [
  "bool",
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "bfloat16",
  "float32",
  "float64",
] as const;

/** A tensor of a type, whose dimensions may be exchanged or cut. */
const tensor = fc.record({
  dtype: fc.constantFrom(...DTYPES),
  shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
  turned: fc.boolean(),
  cut: fc.boolean(),
  seed: fc.nat(),
}).map(({ dtype, shape, turned, cut, seed }) => {
  const generator = new dg.Generator(seed);
  let x = dg.randn(shape, { generator }).mul(50);
  x = dtype === "bool"
    ? x.gt(0)
    : dtype === "uint8"
    ? x.abs().to(dtype)
    : x.to(dtype);
  if (turned) x = x.permute(shape.map((_, d) => shape.length - 1 - d));
  if (cut && x.ndim > 0 && x.size(0) > 1) x = x.narrow(0, 1, x.size(0) - 1);
  return x;
});

Deno.test("tensors survive every format", () => {
  fc.assert(
    fc.property(tensor, fc.boolean(), (x, option) => {
      const wanted = describe(x);
      const { io } = dg;
      if (x.dtype !== "bfloat16") {
        const bytes = io.encodeNpy(x, { fortranOrder: option });
        assertEquals(describe(io.loadNpy(bytes)), wanted);
        const zip = io.encodeNpz({ x }, { compressed: option });
        assertEquals(describe(io.loadNpz(zip).x!), wanted);
      }
      const safe = io.encodeSafetensors({ x });
      assertEquals(describe(io.loadSafetensors(safe).x!), wanted);
      const views = { x, again: [x.detach(), x.T] };
      const read = io.loadTorch<{ x: dg.Tensor; again: dg.Tensor[] }>(
        io.encodeTorch(views),
      );
      assertEquals(describe(read.x), wanted);
      assertEquals(describe(read.again[1]!), describe(x.T));
      assertEquals(read.x.stride(), x.stride());
      if (x.numel() > 0) {
        assertEquals(read.x.storage === read.again[0]!.storage, true);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("containers survive PyTorch's format", () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double(),
      fc.string({ unit: "grapheme" }),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt({ min: 2n ** 60n }),
      fc.array(tie("value")),
      fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(value, (wanted) => {
    assertEquals(dg.io.loadTorch(dg.io.encodeTorch(wanted)), wanted);
  }));
});

Deno.test("checksums are those of zip, in parts as well", () => {
  const bytes = new TextEncoder().encode("The quick brown fox jumps over it.");
  assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assertEquals(crc32(new Uint8Array()), 0);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const first = crc32(bytes.subarray(0, cut));
    assertEquals(crc32(bytes.subarray(cut), first), crc32(bytes));
  }
});
