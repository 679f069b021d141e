// Trees of the threads that share a result: with subgroups of every size they
// combine each number once, and what the GPU computes by them is the same
// whether its subgroups are used, in part or not at all.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Tensor } from "@dinograd/dinograd";
import { Context } from "../../src/gpu/context.ts";
import { GpuDevice } from "../../src/gpu/gpu_device.ts";
import { NO_SUBGROUPS, testSubgroups } from "../../src/gpu/subgroups.ts";
import { printTree } from "../../src/gpu/workgroup_tree.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const THREADS = 256;

/**
 * Runs a tree line by line, all threads at once. Each has the set of threads
 * whose numbers it combined, as bits; combining one twice is an error.
 */
function simulate(threads: number, lanes: number): bigint[] {
  const text = printTree({
    threads,
    near: 1,
    type: "f32",
    acc: "acc",
    all: true,
    combine: (a, b) => `combine(${a}, ${b})`,
  }, lanes);
  let acc = Array.from({ length: THREADS }, (_, lane) => 1n << BigInt(lane));
  let memory: bigint[] = [];
  const place = (spelled: string, lane: number): number => {
    const script = spelled.replaceAll("i32(lane)", "lane")
      .replace(/(\(.*?\)|\w+) \/ (\d+)u?/g, "Math.floor($1 / $2)");
    const compute = new Function("lane", "share", `return ${script}`);
    return compute(lane, lane % threads);
  };
  for (const line of text.split("\n")) {
    const before = acc;
    const combine = (a: bigint, b: bigint | undefined) => {
      assert(b !== undefined && (a & b) === 0n, `${line} of ${lanes}`);
      return a | b;
    };
    const [, width] = /ShuffleXor\(acc, (\d+)u/.exec(line) ?? [];
    const [, from] = /shared_acc\[(.*)\]/.exec(line) ?? [];
    if (line === "" || line === "workgroupBarrier();") continue;
    if (width !== undefined) {
      assert(+width < lanes, line);
      acc = before.map((a, lane) => combine(a, before[lane ^ +width]));
    } else if (line.startsWith("if (share % ")) {
      const every = +/% (\d+) ==/.exec(line)![1]!;
      memory = [];
      before.forEach((a, lane) => {
        if (lane % threads % every === 0) memory[place(from!, lane)] = a;
      });
    } else if (line.startsWith("acc = shared_acc")) {
      acc = before.map((_, lane) => memory[place(from!, lane)]!);
    } else {
      assert(line.startsWith("acc = combine(acc, shared_acc["), line);
      acc = before.map((a, lane) => combine(a, memory[place(from!, lane)]));
    }
  }
  return acc;
}

Deno.test("trees of subgroups of every size combine each number once", () => {
  for (const lanes of [2, 4, 8, 16, 32, 64, 128]) {
    for (let threads = 2; threads <= THREADS; threads *= 2) {
      const row = (1n << BigInt(threads)) - 1n;
      simulate(threads, lanes).forEach((found, lane) => {
        const first = BigInt(lane - lane % threads);
        assertEquals(found, row << first, `${lanes} ${threads} ${lane}`);
      });
    }
  }
});

/** The same GPU with fewer threads of its subgroups used, 1 for none. */
function using(gpu: dg.Device, lanes: number): GpuDevice {
  const { device, adapter, abilities } = (gpu as GpuDevice).engine.context;
  const header = abilities.subgroups.header;
  const subgroups = lanes === 1 ? NO_SUBGROUPS : { lanes, header };
  return new GpuDevice(
    new Context(device, adapter, { ...abilities, subgroups }),
  );
}

/** What goes by trees, and by how much results may differ, relative to the largest. */
const CALLS: readonly [(x: Tensor) => Tensor, number][] = [
  [(x) => x.abs().sum(1), 2e-6],
  [(x) => x.square().sum(), 2e-6],
  [(x) => x.abs().sum(0), 2e-6],
  [(x) => x.amax(1), 0],
  [(x) => x.amin(), 0],
  [(x) => x.mul(10).to("int32").sum(1), 0],
  [(x) => x.gt(2).any(1), 0],
  [(x) => x.to("bfloat16").amax(1), 0],
  [(x) => x.argmax(1), 0],
  [(x) => x.to("int32").argmin(1), 0],
  [(x) => x.max(1).values, 0],
  [(x) => x.softmax(1), 1e-6],
  [(x) => x.var(1), 1e-5],
  [(x) => dg.nn.functional.layerNorm(x, [x.shape[1]!]), 1e-5],
  [(x) => x.matmul(x.select(0, 0)), 1e-5],
  [(x) => x.select(0, 0).dot(x.select(0, 1)), 1e-5],
];

/** Rows of one thread, of some, and of a workgroup. */
const WIDTHS = [3, 15, 63, 130, 1030, 5000];

gpuTest("results by subgroups are those without", (gpu) => {
  const { lanes } = (gpu as GpuDevice).engine.context.abilities.subgroups;
  dg.manualSeed(1);
  const inputs = WIDTHS.map((n) => dg.randn([37, n]));
  for (const used of new Set([1, Math.min(2, lanes), lanes])) {
    const device = using(gpu, used);
    for (const x of inputs) {
      for (const [call, tolerance] of CALLS) {
        const want = call(x).to("float64");
        const got = call(x.to(device)).cpu().to("float64");
        const error = +got.sub(want).abs().max();
        const most = tolerance * Math.max(1e-30, +want.abs().max());
        assert(error <= most, `${call} of ${x.shape} by ${used}: ${error}`);
      }
    }
  }
});

gpuTest("NaN and infinities pass through trees", (gpu) => {
  for (const n of [20, 100, 700, 5000]) {
    for (const value of [NaN, Infinity, -Infinity]) {
      for (const place of [0, 5, 17, n - 1]) {
        const x = dg.zeros([3, n]);
        x.select(0, 1).select(0, place).fill_(value);
        const y = x.to(gpu);
        for (
          const call of [
            (t: Tensor) => t.sum(1),
            (t: Tensor) => t.amax(1),
            (t: Tensor) => t.amin(1),
            (t: Tensor) => t.argmax(1).to("float32"),
            (t: Tensor) => t.argmin(1).to("float32"),
            (t: Tensor) => t.softmax(1).amax(1),
            (t: Tensor) => t.logsumexp(1).exp(),
          ]
        ) {
          const [want, got] = [call(x), call(y).cpu()];
          const near = got.allclose(want, { equalNan: true, rtol: 1e-5 });
          assert(near, `${call} of ${n}: ${got} in place of ${want}`);
        }
      }
    }
  }
});

gpuTest("results by subgroups are the same every time", (gpu) => {
  const x = dg.randn([64, 3000]).to(gpu);
  const [first, ...others] = Array.from(
    { length: 5 },
    () => dg.cat([x.sum(1), x.softmax(1).flatten(), x.norm().reshape([1])]),
  );
  for (const other of others) assert(other.equal(first!));
});

gpuTest("subgroups of another size than was said are not used", async (gpu) => {
  const { device, adapter, abilities } = (gpu as GpuDevice).engine.context;
  if (abilities.subgroups.lanes === 1) return;
  const found = async (subgroupMinSize: number) => {
    const info = { ...adapter, subgroupMinSize } as GPUAdapterInfo;
    return await testSubgroups(new Context(device, info, abilities));
  };
  const { lanes } = abilities.subgroups;
  assertEquals(await found(lanes), abilities.subgroups);
  assertEquals(await found(lanes * 2), NO_SUBGROUPS);
  assertEquals(await found(lanes / 2), NO_SUBGROUPS);
});

countGpuTests("subgroups");
