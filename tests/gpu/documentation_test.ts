// Every example in the documentation of tensors, gradients, modules and
// optimizers, with the GPU as the default device and int32 in place of int64.

import { assert, assertEquals } from "@std/assert";
import { countGpuTests, gpuTest, onGpu } from "./gpu_test_case.ts";

const ROOT = new URL("../../src/", import.meta.url);
/** Where documentation is not about what a device computes, or about devices themselves. */
const ELSEWHERE = new Set([
  "cpu/",
  "gpu/",
  "public/",
  "entry/",
  "io/",
  "onnx/",
  "tensor/device.ts",
  "tensor/explain.ts",
]);

/** An example: its file, its line and its code. */
interface Example {
  readonly place: string;
  readonly code: string;
}

function* filesIn(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}${name}${isDirectory ? "/" : ""}`;
    if (ELSEWHERE.has(path)) continue;
    if (isDirectory) yield* filesIn(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

function* examplesIn(file: string): Iterable<Example> {
  const text = Deno.readTextFileSync(new URL(file, ROOT));
  for (const found of text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)) {
    const line = text.slice(0, found.index).split("\n").length;
    const code = found[1]!.replaceAll(/^ *\* ?/gm, "");
    yield { place: `${file}:${line}`, code };
  }
}

/** Runs an example as a module of its own; tells what went wrong. */
async function fault(example: Example): Promise<string | null> {
  const code = example.code.replaceAll(`"int64"`, `"int32"`);
  const type = "data:application/typescript;charset=utf-8";
  try {
    await import(`${type},${encodeURIComponent(code)}`);
    return null;
  } catch (error) {
    const text = String(error);
    const found = REFUSALS.find(({ words }) => text.includes(words));
    if (found !== undefined) {
      found.count++;
      return null;
    }
    return `${example.place}: ${error}`;
  }
}

let left = 0;
/** What the GPU refuses, how often it did, and how often it may. */
const REFUSALS = [
  {
    what: "matrices taken apart and Fourier transforms",
    words: "is not currently implemented for the webgpu device.",
    count: 0,
    most: 70,
  },
  {
    what: "complex numbers",
    words: "as the WebGPU framework doesn't support complex",
    count: 0,
    most: 30,
  },
];

const files = [...filesIn("")].sort();
for (const folder of new Set(files.map((file) => file.replace(/\/.*/, "/")))) {
  const examples: Example[] = [];
  for (const file of files.filter((file) => file.startsWith(folder))) {
    for (const example of examplesIn(file)) {
      // What needs float64 has no place on a GPU.
      if (/float64|\.double\(\)|gradcheck/.test(example.code)) left++;
      else examples.push(example);
    }
  }
  if (examples.length === 0) continue;
  gpuTest(
    `${examples.length} examples of src/${folder} run on the GPU`,
    async (gpu) => {
      const faults: string[] = [];
      for (const example of examples) {
        await onGpu(gpu, async () => {
          const text = await fault(example);
          if (text !== null) faults.push(text);
        });
      }
      assertEquals(faults, []);
    },
  );
}
Deno.test("examples that the GPU refuses are few", () => {
  for (const { what, count, most } of REFUSALS) {
    console.log(`${count} examples of ${what} are refused`);
    assert(count <= most, `${count} examples of ${what} are refused`);
  }
});
countGpuTests("documentation", `; ${left} examples need float64`);
