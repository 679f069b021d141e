// The tutorials and examples print on the GPU what they print on the CPU.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { compareText, TUTORIALS } from "../../examples/tutorials/compare.ts";
import { FOLDER, run, start } from "../tutorial_run.ts";
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

const EXAMPLES = new URL("../", FOLDER);

/**
 * Every example, none excepted, in its short mode. In their full modes those
 * were compared by hand that an adapter in software needs less than a minute
 * for (linear_regression, iris_logistic, wine_pca, lbfgs_rosenbrock,
 * digits_mlp, vae_digits): they print the same as well.
 */
for (const [name] of scriptsIn(EXAMPLES)) {
  if (TUTORIALS.some(({ script }) => script === name)) continue;
  gpuTest(
    `${name} --device webgpu prints what it prints on the CPU`,
    async () => {
      const print = async (device: string) =>
        (await run(`../${name}`, "--short", "--device", device))
          .replaceAll(/after \d+(\.\d+)? s/g, "after some time");
      const [got, want] = await Promise.all([print("webgpu"), print("cpu")]);
      assertEquals(compareText(got, want, 0), []);
    },
  );
}

/** All scripts under a folder of examples: what exports something is no script. */
function* scriptsIn(folder: URL): Iterable<[string, string]> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const at = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* scriptsIn(at);
    else if (name.endsWith(".ts")) {
      const text = Deno.readTextFileSync(at);
      if (text.includes(`"@dinograd/dinograd`) && !/^export /m.test(text)) {
        yield [name, text];
      }
    }
  }
}

Deno.test("every example takes --device", () => {
  const without: string[] = [];
  for (const [name, text] of scriptsIn(EXAMPLES)) {
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
