// ONNX files compute in ONNX Runtime what the models compute here; what cannot
// be part of a graph is refused, and nothing of the model is changed.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import * as onnx from "@dinograd/dinograd/onnx";
import { makeCases, Net } from "./onnx_cases.ts";

Deno.test("ONNX Runtime computes the same", async () => {
  const program = new URL("runtime_program.ts", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(
    Deno.execPath(),
    { args: ["run", "--allow-all", "--no-check", program.href] },
  ).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  const report: Record<string, string[]> = JSON.parse(
    text.decode(stdout).trim().split("\n").at(-1)!,
  );
  const wanted = makeCases().map(({ name }) => [name, []]);
  assertEquals(report, Object.fromEntries(wanted));
});

Deno.test("onnx: values that depend on the inputs cannot be read", () => {
  assertThrows(
    () => onnx.encode((x) => x!.sum().item() > 0 ? x! : x!.neg(), dg.ones(3)),
    dg.RuntimeError,
    "the model reads a value that depends on its inputs",
  );
  assertThrows(
    () => onnx.encode((x) => x!.nonzero(), dg.ones(3)),
    dg.RuntimeError,
    "a result whose shape depends on values",
  );
});

Deno.test("onnx: constants may be read", () => {
  const bytes = onnx.encode(
    (x) => x!.mul(dg.arange(3).sum().item()),
    dg.ones(3),
  );
  assert(bytes.length > 0);
});

Deno.test("onnx: what ONNX has no operator for is named", () => {
  assertThrows(
    () => onnx.encode((x) => x!.lgamma(), dg.ones(3)),
    dg.RuntimeError,
    "ONNX has no operator for lgamma",
  );
});

Deno.test("onnx: a model that returns no tensor is refused", () => {
  assertThrows(
    () => onnx.encode(() => 3, dg.ones(3)),
    dg.RuntimeError,
    "the model returns no tensor",
  );
});

Deno.test("onnx: a failed export leaves the model as it was", () => {
  const model = new Net();
  assertThrows(() => onnx.encode(model, dg.ones([2, 2])), dg.RuntimeError);
  assertEquals(model.training, true);
  assertEquals(model.weight.device, dg.cpu);
  assertEquals(dg.getDefaultDevice(), dg.cpu);
  assertEquals(model.call(dg.ones([1, 1, 6, 6])).shape, [1, 3]);
});

Deno.test("onnx: parameters have the names of the state dict", () => {
  const bytes = onnx.encode(new Net(), dg.ones([1, 1, 6, 6]), {
    inputNames: ["image"],
    outputNames: ["scores"],
  });
  const text = new TextDecoder("latin1").decode(bytes);
  for (const name of ["weight", "running_mean", "image", "scores"]) {
    assert(text.includes(name), name);
  }
});

Deno.test("onnx: a file holds what encode() gives, or is not made at all", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const model = new dg.nn.Linear(3, 2);
    const [x, path] = [dg.ones([1, 3]), `${folder}/linear.onnx`];
    onnx.export(model, x, path);
    assertEquals(Deno.readFileSync(path), onnx.encode(model, x));
    const other = new URL(`file://${folder}/other.onnx`);
    assertThrows(() => onnx.export((x) => x!.lgamma(), x, other));
    assertThrows(
      () => onnx.export(model, x, undefined as unknown as string),
      TypeError,
      "the path of the file must be a string or a URL",
    );
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names, ["linear.onnx"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
