// The tutorials and examples print on the GPU what they print on the CPU.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { compareText, TUTORIALS } from "../../examples/tutorials/compare.ts";
import { FOLDER, run, start } from "../tutorial_run.ts";
import { allScripts, differences, exampleNames } from "./example_run.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

for (const { script, expected, tolerance } of TUTORIALS) {
  gpuTest(
    `${script} --device webgpu prints what its notebook recorded`,
    async () => {
      const want = await Deno.readTextFile(new URL(expected, FOLDER));
      const got = await run(script, "--device", "webgpu");
      // Only the fit has a tolerance, the one that it has on the CPU. Of its numbers
      // the powers and products are equal to the CPU's, a fifth of the sines are
      // one unit in the last place off, and sums of 2,000 squares, which the CPU
      // adds in float64, are added in pairs of float32: WGSL has no float64. The
      // losses differ in the seventh digit or the eighth.
      assertEquals(compareText(got, want, tolerance), []);
    },
  );
}

gpuTest(
  "03_polynomial_fit.ts --device=webgpu draws the curve that the CPU draws",
  async () => {
    const curve = (text: string) => text.slice(text.indexOf("\nsin(x)"));
    const onGpu = curve(await run("03_polynomial_fit.ts", "--device=webgpu"));
    assertEquals(onGpu, curve(await run("03_polynomial_fit.ts")));
  },
);

/**
 * Every example, none excepted, in its short mode. In their full modes, the
 * longest of which takes an adapter in software seven minutes, example_run.ts
 * compares them: all print the same as well.
 */
for (const name of exampleNames()) {
  gpuTest(
    `${name} --device webgpu prints what it prints on the CPU`,
    async () => assertEquals(await differences(name, "--short"), []),
  );
}

Deno.test("every example takes --device", () => {
  const without: string[] = [];
  for (const [name, text] of allScripts()) {
    if (!text.includes("await readArguments(")) without.push(name);
  }
  assertEquals(without, [], "call readArguments() of support/arguments.ts");
});

Deno.test("--device takes cpu and refuses other names", async () => {
  const script = "04_gradient_calculation.ts";
  assertEquals(await run(script, "--device", "cpu"), await run(script));
  const { code, stderr } = await start(script, "--device", "tpu");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--device is cpu or webgpu, not tpu");
});

countGpuTests("tutorials");
