// Data sets, collation and the loader beyond the order of samples.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const {
  ChainDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  defaultCollate,
  RandomSampler,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} = dg.utils.data;

const x = dg.arange(10).reshape([5, 2]);
const y = dg.tensor([0n, 1n, 0n, 1n, 1n]);

Deno.test("a batch of rows is what stacking them gives", () => {
  const rows = new TensorDataset([x.T.T, y]);
  const [train] = randomSplit(rows, [5]);
  for (const dataset of [rows, train!, new Subset(train!, [4, 0, 3])]) {
    const fast = new DataLoader(dataset, { batchSize: 2 });
    const slow = new DataLoader(dataset, {
      batchSize: 2,
      collateFn: (samples) => defaultCollate(samples),
    });
    const shown = [...slow].map(String);
    assertEquals([...fast].map(String), shown);
    assertEquals(fast.length, shown.length);
  }
  assertEquals(rows.at(-1)[0].tolist(), [8, 9]);
  assertThrows(() => rows.at(5), dg.IndexError);
  assertThrows(
    () => [...new DataLoader(rows, { sampler: [7] })],
    dg.IndexError,
  );
});

Deno.test("gradients flow through batches of tracked tensors", () => {
  const w = dg.ones([4, 2], { requiresGrad: true });
  for (const [rows] of new DataLoader(new TensorDataset([w]))) {
    rows.sum().backward();
  }
  assertEquals(w.grad!.sum().item(), 8);
});

Deno.test("collation keeps containers", () => {
  const batch = defaultCollate([
    { x: [1, true], name: "a", m: new Map([["k", 1n]]), t: new Int32Array(2) },
    { x: [2, false], name: "b", m: new Map([["k", 2n]]), t: new Int32Array(2) },
  ]);
  const [numbers, flags] = batch.x;
  assertEquals([numbers!.tolist(), flags!.tolist()], [[1, 2], [true, false]]);
  assertEquals(batch.name, ["a", "b"]);
  assertEquals(batch.m.get("k")!.dtype, "int64");
  assertEquals([batch.t.shape, batch.t.dtype], [[2, 2], "int32"]);
  assertEquals(numbers!.dtype, "float32");
});

Deno.test("the type of a batch of numbers does not depend on their values", () => {
  const samples = [[1, 0n], [2, 1n], [2.5, 0n]] as const;
  const loader = new DataLoader(samples as unknown as [number, bigint][], {
    batchSize: 2,
  });
  for (const [values, labels] of loader) {
    assertEquals([values.dtype, labels.dtype], ["float32", "int64"]);
    dg.nn.functional.crossEntropy(dg.zeros([values.shape[0]!, 2]), labels);
    assertThrows(
      () => dg.nn.functional.crossEntropy(dg.zeros([2, 2]), dg.zeros(2)),
      dg.RuntimeError,
      "expected target dtype to be Long or Byte, but got Float",
    );
  }
});

Deno.test("collation refuses what does not fit together", () => {
  for (
    const [batch, message] of [
      [[[1], [1, 2]], "each element in list of batch should be of equal size"],
      [[{ a: 1 }, { b: 1 }], 'a sample has no "a"'],
      [[1, "a"], 'found "a"'],
      [[null], "found null"],
      [[new Date()], "found Date"],
      [[undefined], "found undefined"],
      [[Promise.resolve(1)], "for await"],
      [[], "no samples"],
      [[dg.ones(1), dg.ones(2)], "stack expects each tensor to be equal size"],
    ] as const
  ) {
    assertThrows(() => defaultCollate<unknown>(batch), Error, message);
  }
});

Deno.test("samples that are promises come by for await, some ahead", async () => {
  let open = 0;
  let most = 0;
  class Slow extends Dataset<Promise<number>> {
    override get length(): number {
      return 20;
    }
    override async at(index: number): Promise<number> {
      open++;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open--;
      if (index === 13) throw new Error("sample 13");
      return index;
    }
  }
  const options = { batchSize: 2, prefetch: 3 };
  const loader = new DataLoader(new Slow(), options);
  const seen: number[] = [];
  await assertRejects(
    async () => {
      for await (const batch of loader) seen.push(...batch.tolist<number[]>());
    },
    Error,
    "sample 13",
  );
  assertEquals(seen, Array.from({ length: 12 }, (_, i) => i));
  assertEquals(most, 8);
  for await (const batch of loader) {
    assertEquals(batch.tolist(), [0, 1]);
    break;
  }
  assertThrows(() => [...loader], TypeError, "for await");
  while (open > 0) await new Promise((resolve) => setTimeout(resolve, 2));
});

Deno.test("streams are batched as they come, and closed", async () => {
  let closed = 0;
  async function* later() {
    try {
      for (let i = 0; i < 5; i++) yield i;
    } finally {
      closed++;
    }
  }
  const batches: unknown[] = [];
  for await (const batch of new DataLoader(later(), { batchSize: 2 })) {
    batches.push(batch.tolist());
  }
  assertEquals(batches, [[0, 1], [2, 3], [4]]);
  for await (const _ of new DataLoader(later(), { batchSize: 2 })) break;
  assertEquals(closed, 2);
  const dropped = new DataLoader(new Set([1, 2, 3]), {
    batchSize: 2,
    dropLast: true,
  });
  assertEquals([...dropped].map((b) => b.tolist()), [[1, 2]]);
  assertThrows(() => new DataLoader(later()).length, TypeError, "length");
  assertThrows(() => [...new DataLoader(later())], TypeError, "for await");
});

Deno.test("without batches samples come one by one", async () => {
  const one = new DataLoader<dg.Tensor, dg.Tensor>(x, { batchSize: null });
  assertEquals([...one].map((row) => row.shape), Array(5).fill([2]));
  const words = new DataLoader<string, string>(["a", "b"], {
    batchSize: null,
  });
  assertEquals(await Array.fromAsync(words), ["a", "b"]);
  const stream = new DataLoader<number, number>(new Set([3, 4]), {
    batchSize: null,
  });
  assertEquals([...stream], [3, 4]);
  assertEquals(await Array.fromAsync(stream), [3, 4]);
});

Deno.test("options that contradict each other are refused", () => {
  const data = [1, 2, 3];
  for (
    const [options, message] of [
      [{ shuffle: true, sampler: [0] }, "sampler option is mutually exclusive"],
      [{ batchSampler: [[0]], batchSize: 2 }, "batchSampler option is"],
      [{ batchSampler: [[0]], shuffle: true }, "batchSampler option is"],
      [{ batchSize: null, dropLast: true }, "batchSize=null option disables"],
      [{ batchSize: 0 }, "batch_size should be a positive integer value"],
      [{ batchSize: 1.5 }, "but got batch_size=1.5"],
      [{ numWorkers: 2 }, "unexpected option"],
      [{ generator: 3 }, "must be a Generator"],
    ] as const
  ) {
    assertThrows(
      () => Reflect.construct(DataLoader, [data, options]),
      Error,
      message,
    );
  }
  assertThrows(
    () => new DataLoader(new Set(data), { shuffle: true }),
    dg.ValueError,
    "expected unspecified shuffle option",
  );
  assertThrows(
    () => new DataLoader([], { shuffle: true }),
    dg.ValueError,
    "num_samples=0",
  );
  assertEquals([...new DataLoader([] as number[])], []);
  const make = DataLoader as unknown as new (data: unknown) => unknown;
  assertThrows(() => new make(5), TypeError, "expected a data set");
});

Deno.test("given batches are taken as they are", () => {
  const batchSampler = [[0, 2], [1], [0, 0, 0]];
  const loader = new DataLoader(["a", "b", "c"], { batchSampler });
  assertEquals([...loader], [["a", "c"], ["b"], ["a", "a", "a"]]);
  assertEquals([loader.length, loader.batchSize], [3, null]);
});

Deno.test("data sets made of others", () => {
  const both = new ConcatDataset([["a"], [], ["b", "c"]]);
  assertEquals([...both], ["a", "b", "c"]);
  assertEquals(both.at(-1), "c");
  assertThrows(() => both.at(3), dg.IndexError, "out of range");
  assertThrows(() => both.at(-4), dg.ValueError, "absolute value of index");
  assertThrows(() => new ConcatDataset([]), dg.ValueError);
  const pair = new StackDataset([["a", "b"], new Subset([1, 2, 3], [2, 0])]);
  assertEquals([...pair], [["a", 3], ["b", 1]]);
  const loader = new DataLoader(new StackDataset({ x, y }), { batchSize: 5 });
  const [batch] = loader;
  assert(dg.allclose(batch!.x, x) && batch!.y.equal(y));
  assertThrows(
    () => new StackDataset([[1], [1, 2]]),
    dg.ValueError,
    "Size mismatch between datasets",
  );
  assertThrows(() => new StackDataset([]), dg.ValueError, "At least one");
  assertThrows(
    () => new TensorDataset([x, dg.ones(4)]),
    dg.ValueError,
    "Size mismatch between tensors",
  );
  const chain = new ChainDataset([new Set([1]), new Set([2, 3])]);
  const batches = [...new DataLoader(chain, { batchSize: 2 })];
  assertEquals(batches.map((b) => b.tolist()), [[1, 2], [3]]);
  assertThrows(() => new Subset([1], [0]).at(1), RangeError);
});

Deno.test("splits and samplers check their arguments", () => {
  assertThrows(
    () => randomSplit([1, 2, 3], [1, 1]),
    dg.ValueError,
    "Sum of input lengths does not equal",
  );
  assertThrows(
    () => randomSplit([1, 2], [-0.5, 1.5]),
    dg.ValueError,
    "Fraction at index 0 is not between 0 and 1",
  );
  assertThrows(
    () => new RandomSampler([1], { numSamples: -1 }),
    dg.ValueError,
    "num_samples=-1",
  );
});

Deno.test("a data set without at() is not taken for one that is iterated", () => {
  class Half extends dg.utils.data.Dataset<number> {
    override get length(): number {
      return 2;
    }
    declare at: (index: number) => number;
  }
  assertThrows(
    () => new DataLoader(new Half(), { shuffle: true }),
    TypeError,
    "Subclasses of Dataset should implement length and at(index)",
  );
});
