// Samples come in PyTorch's order for a seed, and the generator is left as
// PyTorch leaves it.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const {
  BatchSampler,
  DataLoader,
  RandomSampler,
  randomSplit,
  SubsetRandomSampler,
  WeightedRandomSampler,
} = dg.utils.data;

interface Case {
  kind: string;
  args: {
    n: number;
    batchSize: number;
    shuffle: boolean;
    dropLast: boolean;
    replacement: boolean;
    numSamples: number | null;
    indices: number[];
    weights: number[];
    count: number;
    lengths: number[];
  };
  own: boolean;
  order: unknown;
  after: number;
  default: number;
}

const CASES: Case[] = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/data.json", import.meta.url)),
).cases;

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function run({ kind, args }: Case, options: { generator?: dg.Generator }) {
  const { n, replacement } = args;
  switch (kind) {
    case "loader": {
      const { batchSize, shuffle, dropLast } = args;
      const all = { batchSize, shuffle, dropLast, ...options };
      const loader = new DataLoader(range(n), all);
      return [...loader, ...loader].map((batch) => batch.tolist());
    }
    case "random": {
      const { numSamples } = args;
      const count = numSamples === null ? {} : { numSamples };
      const all = { replacement, ...count, ...options };
      return [...new RandomSampler(range(n), all)];
    }
    case "subset":
      return [...new SubsetRandomSampler(args.indices, options)];
    case "weighted": {
      const { weights, count } = args;
      const all = { replacement, ...options };
      return [...new WeightedRandomSampler(weights, count, all)];
    }
    case "batch": {
      const sampler = new RandomSampler(range(n), options);
      return [...new BatchSampler(sampler, args.batchSize, false)];
    }
    default:
      return randomSplit(range(n), args.lengths, options).map((x) => [...x]);
  }
}

function next(generator?: dg.Generator): number {
  const options = generator === undefined ? {} : { generator };
  return dg.randint(1 << 20, 1, options).item();
}

CASES.forEach((wanted, i) => {
  const { kind, args, own } = wanted;
  Deno.test(`order ${i}: ${kind} ${JSON.stringify(args)}, ${own}`, () => {
    dg.manualSeed(7);
    const generator = own ? new dg.Generator(11) : undefined;
    const order = run(wanted, generator === undefined ? {} : { generator });
    assertEquals(order, wanted.order);
    assertEquals(next(generator), wanted.after);
    assertEquals(next(), wanted.default);
  });
});

Deno.test("for await gives the same batches", async () => {
  const order = async (prefetch: number) => {
    dg.manualSeed(7);
    const options = { batchSize: 3, shuffle: true, prefetch };
    const out: unknown[] = [];
    for await (const x of new DataLoader(range(10), options)) {
      out.push(x.tolist());
    }
    return out;
  };
  dg.manualSeed(7);
  const options = { batchSize: 3, shuffle: true };
  const wanted = [...new DataLoader(range(10), options)].map((x) => x.tolist());
  for (const prefetch of [0, 1, 5]) {
    assertEquals(await order(prefetch), wanted);
  }
});
