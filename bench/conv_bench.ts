// Convolutions as networks have them: forward, with the backward pass, and the
// gradients on their own. As a program it prints milliseconds, the best and
// the median of many runs: deno run bench/conv_bench.ts [threads]; its peer is
// bench/conv.py.

import * as dg from "@dinograd/dinograd";

/** A convolution: shapes of the input and the weight, and options. */
interface Layer {
  readonly name: string;
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly options: dg.ConvolutionOptions;
}

/** The first is the one that the table of results shows. */
const LAYERS: readonly Layer[] = [
  {
    name: "3×3",
    x: [8, 16, 32, 32],
    w: [32, 16, 3, 3],
    options: { padding: 1 },
  },
  { name: "3×3, unpadded", x: [8, 16, 32, 32], w: [32, 16, 3, 3], options: {} },
  { name: "1×1", x: [8, 32, 32, 32], w: [64, 32, 1, 1], options: {} },
  {
    name: "3×3, stride 2",
    x: [8, 32, 32, 32],
    w: [64, 32, 3, 3],
    options: { padding: 1, stride: 2 },
  },
  {
    name: "3×3, depthwise",
    x: [8, 32, 32, 32],
    w: [32, 1, 3, 3],
    options: { padding: 1, groups: 32 },
  },
  {
    name: "7×7, three channels",
    x: [2, 3, 112, 112],
    w: [32, 3, 7, 7],
    options: { padding: 3, stride: 2 },
  },
];

/** The work on a layer, by name. */
function workOn({ x, w, options }: Layer): Record<string, () => void> {
  const input = dg.randn([...x], { requiresGrad: true });
  const weight = dg.randn([...w], { requiresGrad: true });
  const [plainInput, plainWeight] = [input.detach(), weight.detach()];
  const out = dg.conv2d(input, weight, options);
  const g = dg.randnLike(out.detach());
  const kept = { gradOutputs: g, retainGraph: true };
  return {
    forward: () => void dg.conv2d(plainInput, plainWeight, options),
    "forward and backward": () => {
      input.grad = weight.grad = null;
      dg.conv2d(input, weight, options).backward(g);
    },
    "gradient of the input": () => void dg.autograd.grad(out, input, kept),
    "gradient of the weight": () => void dg.autograd.grad(out, weight, kept),
  };
}

const WORK = [
  "forward",
  "forward and backward",
  "gradient of the input",
  "gradient of the weight",
];

for (const layer of LAYERS) {
  let work: Record<string, () => void> | null = null;
  for (const name of WORK) {
    const group = `conv2d ${layer.name}`;
    Deno.bench(`${group}, ${name}`, { group }, () => {
      work ??= workOn(layer);
      work[name]!();
    });
  }
}

/** Milliseconds of a run over about half a second: the best and the median. */
function measure(run: () => void): [number, number] {
  const times: number[] = [];
  const end = performance.now() + 500;
  while (performance.now() < end) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  times.sort((p, q) => p - q);
  return [times[0]!, times[times.length >> 1]!];
}

if (import.meta.main) {
  const threads = Number(Deno.args[0] ?? 1);
  dg.setNumThreads(threads);
  console.log(`milliseconds, best and median, ${threads} thread(s)`);
  for (const layer of LAYERS) {
    const work = workOn(layer);
    const row = WORK.map((name) => {
      const [best, median] = measure(work[name]!);
      return `${name} ${best.toFixed(2)} ${median.toFixed(2)}`;
    });
    console.log(`${layer.name}: ${row.join("; ")}`);
  }
}
