// Files that NumPy, safetensors and PyTorch made are read as they read them,
// from paths and from bytes, and what is not supported is refused by name.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import {
  describe,
  goldenBytes,
  goldenPath,
  GOLDENS,
  readAny,
  tensorsOf,
} from "./golden_files.ts";

function check(name: string, value: unknown): void {
  const golden = GOLDENS[name]!;
  const tensors = tensorsOf(value);
  // safetensors has its own order, that of the elements in the file.
  assertEquals(
    Object.keys(tensors).sort(),
    Object.keys(golden.tensors!).sort(),
  );
  for (const [key, x] of Object.entries(tensors)) {
    assertEquals(describe(x), golden.tensors![key], `${name}: ${key}`);
  }
  for (const [key, strides] of Object.entries(golden.strides ?? {})) {
    assertEquals(tensors[key]!.stride(), strides, `${name}: ${key}`);
  }
  for (const [key, flag] of Object.entries(golden.requiresGrad ?? {})) {
    assertEquals(tensors[key]!.requiresGrad, flag, `${name}: ${key}`);
  }
}

for (const [name, golden] of Object.entries(GOLDENS)) {
  if (golden.error !== undefined) {
    const { error } = golden;
    Deno.test(`${name} is refused: ${error}`, () => {
      assertThrows(() => readAny(name), Error, error);
      assertThrows(() => readAny(name, goldenBytes(name)), Error, error);
    });
  } else if (golden.tensors !== undefined) {
    Deno.test(`${name} is read`, () => {
      check(name, readAny(name));
      check(name, readAny(name, goldenBytes(name)));
      // Bytes that begin at an odd place in memory.
      const bytes = goldenBytes(name);
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      check(name, readAny(name, shifted.subarray(1)));
    });
  }
}

Deno.test("a checkpoint keeps its containers", () => {
  const value = dg.load<Record<string, unknown>>(goldenPath("checkpoint.pth"));
  const golden = GOLDENS["checkpoint.pth"]!;
  for (const [key, wanted] of Object.entries(golden.value!)) {
    assert(Object.hasOwn(value, key), key);
    assertEquals(
      Object.getOwnPropertyDescriptor(value, key)!.value,
      wanted,
      key,
    );
  }
  assertEquals(value.big, 2n ** 70n);
  assertEquals(value.set, new Set([1, 2]));
  assertEquals(value.bytes, new Uint8Array([0, 255]));
  assertEquals(Object.keys(value.ordered as object), ["b", "a"]);
  assertEquals(Object.getPrototypeOf(value), Object.prototype);
  const { state } = value.optimizer as {
    state: Record<number, { "momentum_buffer": dg.Tensor }>;
  };
  assertEquals(describe(state[5]!["momentum_buffer"]), golden.momentum);
});

Deno.test("counters and byte arrays of Python are objects and bytes", () => {
  assertEquals(dg.load<Record<string, unknown>>(goldenPath("counted.pt")), {
    counts: { a: 2, b: 1 },
    bytes: new Uint8Array([97, 98]),
  });
});

Deno.test("parameters of Python are parameters, both ways", () => {
  const { parameter } = dg.load(goldenPath("special.pt"));
  assertEquals(parameter instanceof dg.nn.Parameter, true);
  const bytes = dg.io.encodeTorch({ parameter, plain: dg.ones(1) });
  const again = dg.io.loadTorch(bytes) as Record<string, dg.Tensor>;
  assertEquals(again.parameter instanceof dg.nn.Parameter, true);
  assertEquals(again.plain instanceof dg.nn.Parameter, false);
});

Deno.test("tensors that shared memory in Python share it here", () => {
  const views = dg.load(goldenPath("views.pt"));
  views.x!.setAt_([1, 2], 99);
  assertEquals(views.transposed!.at(2, 1).item(), 99);
  assertEquals(views.row!.at(2).item(), 99);
  assertEquals(views.tied!.version, views.x!.version);
  assertEquals(views.expanded!.stride(), [0, 1]);
});

Deno.test("the metadata and the tensors of safetensors come one by one", () => {
  const name = "types.safetensors";
  using file = new dg.io.SafetensorsFile(goldenPath(name));
  assertEquals(file.metadata(), GOLDENS[name]!.metadata);
  assertEquals(file.info("layer.0.weight"), {
    dtype: "float32",
    shape: [4, 3],
  });
  assertEquals(file.rows("layer.0.weight", 1, 3).tolist(), [[3, 4, 5], [
    6,
    7,
    8,
  ]]);
  assertEquals(file.rows("layer.0.weight", 4, 4).shape, [0, 3]);
  assertEquals(file.rows("bfloat16", 1, 2).tolist(), [[0, 0.25, 0.5]]);
  assertThrows(() => file.rows("layer.0.weight", 3, 5), dg.IndexError);
  assertThrows(() => file.rows("scalar", 0, 0), dg.IndexError);
  assertThrows(() => file.tensor("absent"), dg.IndexError, '"absent"');
  file.close();
  assertThrows(() => file.tensor("scalar"), dg.RuntimeError, "was closed");
});

Deno.test("chosen arrays of an npz file", () => {
  const from = goldenPath("deflated.npz");
  const { y, ...others } = dg.io.loadNpz(from, { names: ["y"] });
  assertEquals([y!.dtype, Object.keys(others)], ["int64", []]);
  const absent = { names: ["absent"] };
  assertThrows(() => dg.io.loadNpz(from, absent), dg.RuntimeError, "absent is");
});

Deno.test("what decompresses to far more is refused unless it is allowed", () => {
  const from = goldenPath("zeros.npz");
  assertEquals(dg.io.loadNpz(from).zeros!.numel(), 50_000);
  assertThrows(
    () => dg.io.loadNpz(from, { maxBytes: 100_000 }),
    dg.RuntimeError,
    "more than 100000 bytes",
  );
});

Deno.test("files go to a device", () => {
  const { w } = dg.io.loadSafetensors(
    dg.io.encodeSafetensors({ w: dg.ones(2) }),
    { device: "cpu" },
  );
  assertEquals(w!.device.type, "cpu");
});
