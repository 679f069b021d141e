import { assertAlmostEquals, assertEquals } from "@std/assert";
import { centralDifferences } from "./finite_differences.ts";

Deno.test("central differences find a Jacobian, a row for each output", () => {
  const f = ([a = 0, b = 0]: readonly number[]) => [a * b, Math.sin(a)];
  const rows = centralDifferences(f, [0.7, -1200]);
  const expected = [[-1200, 0.7], [Math.cos(0.7), 0]];
  assertEquals(rows.map((row) => row.length), [2, 2]);
  expected.forEach((row, i) =>
    row.forEach((value, j) =>
      assertAlmostEquals(rows[i]?.[j] ?? NaN, value, 1e-7)
    )
  );
});

Deno.test("central differences of a function of nothing are empty rows", () => {
  assertEquals(centralDifferences(() => [1, 2], []), [[], []]);
});
