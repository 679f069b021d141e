// Matrix products from 16 to 2048 with all four transposes, thin ones and
// matrix times vector. As a program it prints GFLOP/s, the best of many runs:
// deno run bench/matmul_bench.ts [threads]; its peer is bench/matmul.py.

import * as dg from "@dinograd/dinograd";

/** Rows, columns, depth: squares first, then what networks are made of. */
const SIZES: readonly (readonly [number, number, number])[] = [
  ...[16, 32, 64, 128, 256, 512, 1024, 2048].map((n) => [n, n, n] as const),
  [128, 256, 784],
  [128, 10, 256],
  [784, 256, 128],
  [1024, 8, 1024],
  [8, 1024, 1024],
  [1024, 1, 1024],
  [1, 1024, 1024],
  [1, 1, 1000000],
];

/** Which operands lie transposed in memory. */
const LAYOUTS = ["NN", "NT", "TN", "TT"] as const;

function matrix(rows: number, columns: number, layout: string): dg.Tensor {
  return layout === "N"
    ? dg.randn([rows, columns])
    : dg.randn([columns, rows]).t();
}

function operands(
  [m, n, k]: readonly [number, number, number],
  layout: string,
): [dg.Tensor, dg.Tensor] {
  return [matrix(m, k, layout[0]!), matrix(k, n, layout[1]!)];
}

for (const size of SIZES) {
  for (const layout of LAYOUTS) {
    const name = `${size.join(" × ")}, ${layout}`;
    let pair: [dg.Tensor, dg.Tensor] | null = null;
    const group = `matmul ${size.join(" × ")}`;
    // The largest take half a second each.
    const few = size[0] > 1024 ? { n: 5, warmup: 1 } : {};
    Deno.bench(name, { group, ...few }, () => {
      const [x, y] = pair ??= operands(size, layout);
      x.mm(y);
    });
  }
}

/** Best GFLOP/s over about `milliseconds`, in runs of at least a tenth of a millisecond. */
function measure(
  size: readonly [number, number, number],
  layout: string,
  milliseconds: number,
): number {
  const [x, y] = operands(size, layout);
  const work = 2 * size[0] * size[1] * size[2];
  const times = Math.ceil(2e6 / work);
  let best = Infinity;
  const end = performance.now() + milliseconds;
  for (let run = 0; run < 5 || performance.now() < end; run++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) x.mm(y);
    best = Math.min(best, (performance.now() - start) / times);
  }
  return work / best / 1e6;
}

if (import.meta.main) {
  const threads = Number(Deno.args[0] ?? 1);
  dg.setNumThreads(threads);
  console.log(`GFLOP/s, ${threads} thread(s)`);
  for (const size of SIZES) {
    const row = LAYOUTS.map((layout) =>
      `${layout} ${measure(size, layout, 400).toFixed(1).padStart(6)}`
    );
    console.log(size.join(" × ").padEnd(20), row.join("  "));
  }
}
