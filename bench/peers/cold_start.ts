// Milliseconds from the start to the end of a program that makes a tensor of
// two elements and prints it, in each library.

const WASM = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";

/** Programs by library; `bare` uses none. */
const PROGRAMS: Readonly<Record<string, string>> = {
  bare: "console.log([1, 2]);",
  dinograd: `import * as dg from "${
    import.meta.resolve("../../mod.ts")
  }"; console.log(dg.tensor([1, 2]));`,
  "TensorFlow.js wasm": `
    import * as tf from "npm:@tensorflow/tfjs@4.22.0";
    import { setWasmPaths } from "${WASM}";
    setWasmPaths(import.meta.resolve("${WASM}/dist/tfjs-backend-wasm.wasm")
      .replace(/[^/]*$/, "").replace("file://", ""));
    await tf.setBackend("wasm");
    tf.tensor([1, 2]).print();
    Deno.exit(0);`,
  "jax-js wasm": `
    import { defaultDevice, init, numpy } from "npm:@jax-js/jax@0.1.25";
    await init();
    defaultDevice("wasm");
    console.log(numpy.array([1, 2]).js());
    Deno.exit(0);`,
  "numpy-ts": `
    import * as np from "npm:numpy-ts@1.7.0";
    console.log(String(np.array([1, 2])));`,
};

const RUNS = 15;
/** Slow programs are run less often, three times at least. */
const MOST_MILLISECONDS = 6000;

async function median(command: string, args: string[]): Promise<number> {
  const times: number[] = [];
  // The first run fills caches and does not count.
  const begin = performance.now();
  const late = () => performance.now() - begin > MOST_MILLISECONDS;
  for (let i = 0; i <= RUNS && !(i > 3 && late()); i++) {
    const start = performance.now();
    const { success } = await new Deno.Command(command, {
      args,
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) return NaN;
    if (i > 0) times.push(performance.now() - start);
  }
  return times.sort((p, q) => p - q)[times.length >> 1]!;
}

/** Medians of several runs, in milliseconds, by library. */
export async function coldStarts(): Promise<Record<string, number>> {
  const folder = await Deno.makeTempDir();
  const out: Record<string, number> = {};
  try {
    for (const [name, program] of Object.entries(PROGRAMS)) {
      const file = `${folder}/${name.replace(/\W/g, "_")}.js`;
      await Deno.writeTextFile(file, program);
      const args = ["run", "--quiet", "--no-check", "--allow-all", file];
      const time = await median(Deno.execPath(), args);
      if (!Number.isNaN(time)) out[name] = time;
    }
    const python = "import torch; print(torch.tensor([1, 2]))";
    const time = await median("python3", ["-c", python]).catch(() => NaN);
    if (!Number.isNaN(time)) out["PyTorch"] = time;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return out;
}
