// Files that are written here: the ones that Python is known to read, byte for
// byte; and what happens where writing fails.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { describe, readAny, tensorsOf } from "./golden_files.ts";
import { writtenFiles } from "./written_files.ts";

const VERIFIED: Record<string, string> = JSON.parse(
  Deno.readTextFileSync(
    new URL("../goldens/files_written.json", import.meta.url),
  ),
).sha256;

for (const [name, file] of Object.entries(writtenFiles())) {
  const { bytes, tensors, compressed } = file;
  Deno.test(`${name} is written as Python has read it`, async () => {
    if (!compressed) {
      const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
      assertEquals(
        new Uint8Array(hash).toHex(),
        VERIFIED[name],
        "the bytes changed: run tests/goldens/verify_written_files.py",
      );
    }
    const found = tensorsOf(readAny(name, bytes));
    for (const [key, wanted] of Object.entries(tensors)) {
      assertEquals(describe(found[key]!), wanted, key);
    }
  });
}

Deno.test("save and load choose the format by the suffix", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const x = dg.tensor([[1, 2], [3, 4]]);
    for (const suffix of ["npz", "safetensors", "pt", "pth", "PT"]) {
      const path = `${folder}/x.${suffix}`;
      dg.save({ x }, path);
      assertEquals(dg.load(path).x!.tolist(), x.tolist());
    }
    const url = new URL(`file://${folder}/x.npy`);
    dg.save(x, url);
    assertEquals(dg.load<dg.Tensor>(url).tolist(), x.tolist());
    assertThrows(() => dg.save(x, `${folder}/x.bin`), dg.ValueError, "x.bin");
    assertThrows(() => dg.load(`${folder}/x`), dg.ValueError, "does not say");
    assertThrows(() => dg.save({ x }, `${folder}/x.npy`), TypeError, "tensor");
    assertThrows(() => dg.save(x, `${folder}/x.npz`), TypeError, "by name");
    const entries = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(entries.filter((name) => name.endsWith(".tmp")), []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a file that cannot be written leaves the old one as it was", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/x.pt`;
    dg.save({ x: dg.ones(1000) }, path);
    const before = Deno.readFileSync(path);
    const disposed = dg.ones(1000);
    const values = { x: dg.zeros(1000), disposed };
    disposed.dispose();
    assertThrows(() => dg.save(values, path));
    assertThrows(() => dg.save({ x: () => 1 }, path), TypeError, "cannot save");
    const model = new dg.nn.Linear(1, 1);
    assertThrows(
      () => Reflect.apply(dg.save, dg, [model, path]),
      TypeError,
      "cannot save an object of class Linear; save its stateDict()",
    );
    assertEquals(Deno.readFileSync(path), before);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
    assertThrows(
      () => dg.save({}, `${folder}/none/x.pt`),
      Deno.errors.NotFound,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("what has no counterpart in a format is refused", () => {
  class Custom {
    x = 1;
  }
  const half = dg.ones(1, { dtype: "bfloat16" });
  assertThrows(() => dg.io.encodeNpy(half), TypeError, "BFloat16");
  assertThrows(
    () => dg.io.encodeTorch({ x: new Custom() }),
    TypeError,
    "class Custom",
  );
  assertThrows(() => dg.io.encodeTorch(Symbol("x")), TypeError, "Symbol(x)");
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  assertThrows(() => dg.io.encodeTorch(cyclic), TypeError, "contains itself");
  assertThrows(
    () => dg.io.encodeSafetensors({ "__metadata__": dg.ones(1) }),
    TypeError,
    "__metadata__",
  );
});

Deno.test("names that mean something to JavaScript are only names", () => {
  const tensors = new Map([["__proto__", dg.ones(1)], [
    "toString",
    dg.ones(2),
  ]]);
  for (
    const read of [
      dg.io.loadNpz(dg.io.encodeNpz(tensors)),
      dg.io.loadSafetensors(dg.io.encodeSafetensors(tensors)),
      dg.io.loadTorch(dg.io.encodeTorch(tensors)),
    ]
  ) {
    assertEquals(Object.keys(read).sort(), ["__proto__", "toString"]);
    assert(Object.getPrototypeOf(read) === Object.prototype);
  }
});

Deno.test("a part of a tensor does not bring the rest along", () => {
  const bytes = dg.io.encodeTorch({ row: dg.zeros([1000, 100]).at(3) });
  assert(bytes.length < 2000);
});

Deno.test("weights of a model travel through a file", () => {
  const x = dg.randn([2, 3]);
  const bytes = dg.io.encodeSafetensors({ x: x.T });
  const read = dg.io.loadSafetensors(bytes).x!;
  assertEquals(read.tolist(), x.T.tolist());
  assert(read.isContiguous());
});
