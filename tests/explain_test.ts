// What explain() tells of the CPU; see tests/gpu/accelerate_test.ts for the rest.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

Deno.test("explain() tells the paths of the CPU and why none faster", () => {
  const [large, small] = [dg.ones([100, 100]), dg.ones([2, 2])];
  const { rows } = dg.explain(() => {
    large.matmul(large).relu().sum();
    small.matmul(small).exp();
  });
  assertEquals(rows.map(({ op }) => op), [
    "matmul",
    "relu",
    "sum",
    "matmul",
    "exp",
  ]);
  assertEquals(rows.slice(1).map(({ path }) => path), [
    "WebAssembly",
    "WebAssembly",
    "JavaScript",
    "JavaScript",
  ]);
  assertMatch(rows[0]!.path, /^(WebAssembly|BLAS)$/);
  if (rows[0]!.path === "WebAssembly") assertMatch(rows[0]!.why, /BLAS/);
  assertMatch(rows[3]!.why, /a kernel pays from \d+ multiply-adds/);
  assertMatch(rows[4]!.why, /a kernel pays from \d+ elements/);
  assert(rows.every(({ time, device }) => time >= 0 && device === "cpu"));
});

Deno.test("explain() adds up equal calls and gives the function's result", () => {
  const x = dg.ones(50);
  const { rows, result } = dg.explain(() => {
    for (let k = 0; k < 5; k++) x.add(1);
    return "done";
  });
  assertEquals(result, "done");
  assertEquals(rows.map(({ op, calls, shapes }) => [op, calls, shapes]), [
    ["add", 5, [[50], [50], []]],
  ]);
});

Deno.test("explain() follows a backward pass", () => {
  const w = dg.ones([40, 40], { requiresGrad: true });
  const { rows } = dg.explain(() => w.matmul(w).sum().backward());
  const products = rows.filter(({ op }) => op === "matmul");
  assertEquals(products.reduce((sum, { calls }) => sum + calls, 0), 3);
});

Deno.test("explain() shows a table", () => {
  const x = dg.ones([3, 4]);
  const [head, row] = String(dg.explain(() => x.mul(2))).split("\n");
  assertMatch(
    head!,
    /^op +shapes +type +calls +ms +where +why$/,
  );
  assertMatch(
    row!,
    /^mul {2}\[3, 4\] of \[3, 4\], \[\] {2}float32 +1 +\d+\.\d\d {2}cpu: JavaScript {2}a kernel pays/,
  );
  assertEquals(String(dg.explain(() => {})).split("\n").length, 1);
});

Deno.test("after explain() the device has its own methods again, whatever was thrown", () => {
  const prototype = Object.getPrototypeOf(dg.cpu);
  const methods = () =>
    Object.getOwnPropertyNames(prototype).map((name) => prototype[name]);
  const before = methods();
  assertThrows(
    () =>
      dg.explain(() => {
        throw new RangeError("mine");
      }),
    RangeError,
    "mine",
  );
  assertEquals(methods().every((method, k) => method === before[k]), true);
});
