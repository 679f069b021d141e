// The tutorials print what the notebooks recorded; see examples/tutorials.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { compareText, TUTORIALS } from "../examples/tutorials/compare.ts";
import { FOLDER, run } from "./tutorial_run.ts";

for (const { script, expected, tolerance } of TUTORIALS) {
  Deno.test(`${script} prints what its notebook recorded`, async () => {
    const want = await Deno.readTextFile(new URL(expected, FOLDER));
    const got = await run(script);
    assertEquals(compareText(got, want, tolerance), []);
  });
}

Deno.test("03_polynomial_fit.ts ends with a picture of the fit", async () => {
  const rows = (await run("03_polynomial_fit.ts")).trimEnd().split("\n");
  const picture = rows.slice(rows.findIndex((row) => row.startsWith("Result")));
  assertStringIncludes(picture[2]!, "fitted polynomial");
  assertEquals(picture.length, 16);
});

Deno.test("03_polynomial_fit.ts --random starts elsewhere and still fits", async () => {
  const text = await run("03_polynomial_fit.ts", "--random");
  const losses = [...text.matchAll(/^\d+ (\S+)$/gm)].map((m) => Number(m[1]));
  assertEquals(losses.length, 20);
  assertEquals(
    losses.every((loss, i) => i === 0 || loss < losses[i - 1]!),
    true,
  );
});

Deno.test("compareText() notices a digit, a line too many and one too few", () => {
  assertEquals(compareText("a\nb", "a\nb", 0), []);
  assertEquals(compareText("99 83.8", "99 83.7", 2e-6), [
    "- 99 83.7",
    "+ 99 83.8",
  ]);
  assertEquals(compareText("a\nb", "a", 0), ["+ b"]);
  assertEquals(compareText("a", "a\nb", 0), ["- b"]);
});
