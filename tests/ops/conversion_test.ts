// Conversion of tensors where no golden can ask: what is no tensor, and whether
// a tensor is itself.

import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as dg from "@dinograd/dinograd";

Deno.test("type() names the type as PyTorch does, and converts", () => {
  const x = dg.tensor([1.5, -1]);
  // From PyTorch 2.13: torch.ones(2, dtype=…).type().
  const names = {
    float32: "torch.FloatTensor",
    float64: "torch.DoubleTensor",
    float16: "torch.HalfTensor",
    bfloat16: "torch.BFloat16Tensor",
    int64: "torch.LongTensor",
    int32: "torch.IntTensor",
    int16: "torch.ShortTensor",
    int8: "torch.CharTensor",
    uint8: "torch.ByteTensor",
    bool: "torch.BoolTensor",
  } as const;
  for (const [dtype, name] of Object.entries(names)) {
    assertEquals(x.type(dtype as dg.DType).type(), name);
  }
});

Deno.test("to() copies only where it must", () => {
  const x = dg.tensor([1, 2]);
  const long = dg.tensor([1], { dtype: "int64" });
  assertStrictEquals(x.to("float32"), x);
  assertStrictEquals(x.to({ device: "cpu" }), x);
  assertStrictEquals(x.to(dg.ones(1)), x);
  assertNotStrictEquals(x.to({ copy: true }), x);
  assertEquals(x.to(long).dtype, "int64");
  assertThrows(
    () => x.to("float" as dg.DType),
    dg.ValueError,
    'unknown dtype or device "float"',
  );
});

Deno.test("repeatInterleave() of counts alone gives positions", () => {
  const counts = dg.tensor([2, 0, 1], { dtype: "int64" });
  assertEquals(String(dg.repeatInterleave(counts)), "tensor([0, 0, 2])");
  assertEquals(dg.repeatInterleave(counts.int()).dtype, "int32");
  assertThrows(
    () => dg.repeatInterleave(counts.view([1, 3])),
    dg.RuntimeError,
    "repeat_interleave only accept 1D vector as repeat",
  );
});
