// What a profile tells on the CPU; tests/gpu/profile_test.ts does it on a GPU.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";

function step(): number {
  const x = dg.ones([8, 4], { requiresGrad: true });
  const y = x.matmul(dg.ones([4, 6])).softmax(-1);
  y.square().sum().backward();
  return x.grad!.sum().item() as number;
}

Deno.test("a profile counts the calls of each op and shape", () => {
  const p = dg.profile(() => [step(), step()]);
  assertEquals(p.result.length, 2);
  const calls = (op: string) =>
    p.rows.filter((row) => row.op === op).map((row) => row.calls);
  assertEquals(calls("softmax"), [2]);
  assertEquals(calls("softmaxBackward"), [2]);
  // Forward, and the gradient of the left operand.
  assertEquals(calls("matmul"), [2, 2]);
  const { op, shapes, device, dtype, gpuTime, hostTime } = p.rows.find((row) =>
    row.op === "softmax"
  )!;
  assertEquals([op, device, dtype, gpuTime], [
    "softmax",
    "cpu",
    "float32",
    null,
  ]);
  assertEquals(shapes, [[8, 6], [8, 6]]);
  assertEquals(hostTime > 0, true);
  const costs = p.rows.map((row) => row.hostTime);
  assertEquals(costs, costs.toSorted((a, b) => b - a));
});

Deno.test("a profile shows a table and its rows as JSON", () => {
  const p = dg.profile(step);
  const lines = p.table().split("\n");
  assertEquals(lines.length, p.rows.length + 2);
  assertEquals(lines[0]!.split(/\s+/).slice(0, 4), [
    "op",
    "shapes",
    "type",
    "device",
  ]);
  assertEquals(lines.at(-1)!.startsWith("all"), true);
  assertEquals(JSON.parse(JSON.stringify(p)).length, p.rows.length);
  assertEquals(String(p), p.table());
});

Deno.test("a profile ends with its block and prints unless told not to", () => {
  const printed: unknown[] = [];
  const { log } = console;
  console.log = (...args: unknown[]) => void printed.push(...args);
  try {
    {
      using p = dg.profile();
      assertEquals(String(p), "Profile (running)");
      step();
    }
    {
      using _ = dg.profile({ print: false });
      step();
    }
  } finally {
    console.log = log;
  }
  assertEquals(printed.length, 1);
  assertEquals(String(printed[0]).includes("softmax"), true);
});

Deno.test("a profile leaves nothing behind, and there is one at a time", () => {
  using p = dg.profile({ print: false });
  assertThrows(
    () => dg.profile(),
    dg.RuntimeError,
    "a profile is already running",
  );
  step();
  const before = p.rows.length;
  step();
  assertEquals(p.rows.length, before);
  assertThrows(() =>
    dg.profile(() => {
      throw new Error("inside");
    })
  );
  assertEquals(dg.profile(step).rows.length > 0, true);
});
