// Ops that are one kernel in PyTorch and one or two here: how many the GPU is
// given, and that what comes out is what the CPU computes in several passes.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import type { Device } from "../../src/tensor/device.ts";
import { call, param } from "../../src/tensor/expr.ts";
import { emptyTensor } from "../../src/tensor/op.ts";
import { rowKernel } from "../../src/tensor/row_op.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";
import { assertNear, compare, dispatches } from "./kernel_counts.ts";

const F = dg.nn.functional;

const NORMS: Record<string, readonly number[]> = {
  planes: [4, 3, 5, 6],
  lines: [3, 5, 7],
  rows: [16, 6],
  "many elements": [40, 2, 33],
};

for (const [name, shape] of Object.entries(NORMS)) {
  gpuTest(`batch norm of ${name} is one kernel each way`, (gpu) => {
    dg.manualSeed(0);
    const x = dg.randn(shape).mul(2).add(3);
    const channels = shape[1]!;
    const [w, b] = [dg.randn([channels]), dg.randn([channels])];
    const running = () => [dg.linspace(-1, 1, channels), dg.ones(channels)];
    for (const training of [true, false]) {
      const statistics = new Map<dg.Device, dg.Tensor[]>();
      const run = (x: dg.Tensor, weight?: dg.Tensor, bias?: dg.Tensor) => {
        const kept = statistics.get(x.device) ??
          running().map((y) => y.to(x.device));
        statistics.set(x.device, kept);
        return F.batchNorm(x, kept[0]!, kept[1]!, {
          training,
          ...(weight === undefined ? {} : { weight }),
          ...(bias === undefined ? {} : { bias }),
        });
      };
      const inputs = [x, w, b];
      for (let k = 1; k <= inputs.length; k++) {
        statistics.clear();
        const first = run(x.to(gpu));
        assertNear(first, run(x), "batch norm");
        const [here, there] = [statistics.get(dg.cpu), statistics.get(gpu)];
        there!.forEach((y, j) => assertNear(y, here![j]!, "running"));
        // Further calls would each change the statistics of their device.
        if (training) statistics.clear();
        compare(gpu, `batch norm of ${k} inputs, ${training}`, {
          inputs: inputs.slice(0, k),
          run,
          counts: [1, 1],
        });
      }
    }
  });
}

gpuTest("batch norm of large planes is three kernels each way", (gpu) => {
  dg.manualSeed(0);
  const x = dg.randn([40, 2, 2000]).add(7);
  const statistics = new Map<dg.Device, dg.Tensor[]>();
  const run = (x: dg.Tensor, weight?: dg.Tensor, bias?: dg.Tensor) => {
    const { device } = x;
    const kept = statistics.get(device) ??
      [dg.ones(2, { device }), dg.zeros(2, { device })];
    statistics.set(device, kept);
    const given = {
      training: true,
      ...(weight && bias ? { weight, bias } : {}),
    };
    return F.batchNorm(x, kept[0]!, kept[1]!, given);
  };
  run(x.to(gpu));
  run(x);
  const here = statistics.get(dg.cpu)!;
  statistics.get(gpu)!.forEach((y, k) => assertNear(y, here[k]!, "running"));
  const inputs = [x, dg.randn([2]), dg.randn([2])];
  compare(gpu, "large planes", { inputs, run, counts: [3, 3] });
  compare(gpu, "large planes", { inputs: [x], run, counts: [4, 5] });
});

gpuTest(
  "batch norm in float32 of 16-bit input keeps its running statistics",
  (gpu) => {
    const x = dg.randn([8, 3, 4]).to("bfloat16");
    const [mean, variance] = [dg.zeros(3), dg.ones(3)];
    const moved = [mean.to(gpu), variance.to(gpu)];
    const out = F.batchNorm(x, mean, variance, { training: true });
    const there = F.batchNorm(x.to(gpu), moved[0]!, moved[1]!, {
      training: true,
    });
    assertNear(there.float(), out.float(), "batch norm", 1e-2);
    assertNear(moved[0]!, mean, "running mean");
  },
);

for (const [name, shape] of Object.entries(NORMS)) {
  gpuTest(
    `group norm of ${name} is one kernel each way, and one for sums`,
    (gpu) => {
      dg.manualSeed(0);
      const channels = shape[1]!;
      for (const groups of [1, channels / (channels % 2 === 0 ? 2 : 1)]) {
        if (shape.length === 2 && groups === channels) continue;
        const run = (x: dg.Tensor, weight?: dg.Tensor, bias?: dg.Tensor) =>
          F.groupNorm(x, groups, {
            ...(weight === undefined ? {} : { weight }),
            ...(bias === undefined ? {} : { bias }),
          });
        const inputs = [
          dg.randn(shape).mul(2).add(3),
          dg.randn([channels]),
          dg.randn([channels]),
        ];
        for (let k = 1; k <= inputs.length; k++) {
          compare(gpu, `group norm of ${k} inputs, ${groups}`, {
            inputs: inputs.slice(0, k),
            run,
            counts: [1, k === 1 ? 1 : 2],
          });
        }
      }
    },
  );
}

const SPREADS: Record<string, (x: dg.Tensor) => dg.Tensor> = {
  "var(1)": (x) => x.var(1),
  "std(1)": (x) => x.std(1),
  "std(0)": (x) => x.std(0, { keepdim: true }),
  "var([0, 2])": (x) => x.var([0, 2], { correction: 0 }),
  "var()": (x) => x.var(),
  "std([])": (x) => x.std(null, { keepdim: true }),
  "varMean(2)": (x) => dg.varMean(x, 2)[0],
};

for (const [name, run] of Object.entries(SPREADS)) {
  gpuTest(`${name} is one kernel each way`, (gpu) => {
    dg.manualSeed(0);
    const x = dg.randn([4, 5, 6]).add(100);
    compare(gpu, name, { inputs: [x], run, counts: [1, 1] });
    compare(gpu, name, {
      inputs: [dg.randn([6, 5, 4]).transpose(0, 2)],
      run,
      counts: [1, 1],
    });
  });
}

gpuTest(
  "extremes along a dimension and their positions are one kernel",
  (gpu) => {
    const rows = dg.tensor([[1, NaN, 3, NaN], [2, 2, -1, -1], [-0, 0, 0, -0]]);
    const long = dg.randint(0, 1000, [3, 20000], { dtype: "float32" });
    const whole = dg.randint(-9, 9, [7, 9], { dtype: "int32" });
    for (const x of [rows, rows.t(), long, whole, rows.gt(0)]) {
      for (const dim of [0, 1]) {
        for (const name of ["max", "min"] as const) {
          const here = x[name](dim);
          const moved = x.to(gpu);
          const there = moved[name](dim);
          assertEquals(there.values.tolist(), here.values.tolist());
          assertEquals(there.indices.tolist(), here.indices.tolist());
          assertEquals(there.values.dtype, here.values.dtype);
          const pieces = x.shape[dim]! > 8192 ? 2 : 1;
          assertEquals(dispatches(() => moved[name](dim)), pieces);
        }
      }
    }
  },
);

const LOSSES: Record<
  string,
  readonly [(x: dg.Tensor, y: dg.Tensor) => dg.Tensor, number, number]
> = {
  mseLoss: [(x, y) => F.mseLoss(x, y), 1, 2],
  "mseLoss, summed": [(x, y) => F.mseLoss(x, y, { reduction: "sum" }), 1, 2],
  smoothL1Loss: [(x, y) => F.smoothL1Loss(x, y, { beta: 0.5 }), 1, 2],
  "mseLoss beside a row": [(x, y) => F.mseLoss(x, y.narrow(0, 0, 1)), 1, 5],
  tanh: [(x) => x.tanh(), 1, 1],
  sigmoid: [(x) => x.sigmoid(), 1, 1],
  softplus: [(x) => F.softplus(x), 1, 1],
  leakyRelu: [(x) => F.leakyRelu(x), 1, 1],
  clamp: [(x) => x.clamp({ min: -1, max: 1 }), 1, 1],
  maximum: [(x, y) => x.maximum(y), 1, 2],
  div: [(x, y) => x.div(y), 1, 2],
};

for (const [name, [run, forward, backward]] of Object.entries(LOSSES)) {
  gpuTest(`${name} is ${forward} kernel, its gradients ${backward}`, (gpu) => {
    dg.manualSeed(0);
    const [x, y] = [dg.randn([12, 7]), dg.rand([12, 7]).add(0.5)];
    compare(gpu, name, {
      inputs: run.length === 1 ? [x] : [x, y],
      run: run as (...x: dg.Tensor[]) => dg.Tensor,
      counts: [forward, backward],
    });
  });
}

gpuTest("losses of classes are two kernels, their gradients one", (gpu) => {
  dg.manualSeed(0);
  const x = dg.randn([9, 5]).mul(3);
  const planes = dg.randn([3, 5, 2, 4]);
  const classes = new Map<dg.Tensor, dg.Tensor>();
  for (const device of [dg.cpu, gpu]) {
    const dtype = device === gpu ? "int32" : "int64";
    for (const [of, shape] of [[x, [9]], [planes, [3, 2, 4]]] as const) {
      const count = shape.reduce((n, length) => n * length, 1);
      const target = dg.arange(count).remainder(5).reshape(shape).to(dtype);
      classes.set(device === gpu ? of.to(gpu) : of, target.to(device));
    }
  }
  const targetOf = (y: dg.Tensor) => {
    const found = classes.entries().find(([of, target]) =>
      target.device === y.device && of.shape.length === y.shape.length
    );
    return found![1];
  };
  for (const reduction of ["mean", "sum", "none"] as const) {
    // One kernel for each row's loss, one for their sum.
    compare(gpu, `cross entropy, ${reduction}`, {
      inputs: [x],
      run: (y) => F.crossEntropy(y, targetOf(y), { reduction }),
      counts: [reduction === "none" ? 1 : 2, 1],
    });
    for (const scores of [x, planes]) {
      compare(gpu, `negative log likelihood, ${reduction}`, {
        inputs: [scores],
        run: (y) => F.nllLoss(y, targetOf(y), { reduction }),
        counts: [2, 1],
      });
    }
  }
  // What is left out, or has a weight, takes the way of several kernels.
  const weight = dg.linspace(0.1, 2, 5);
  for (
    const options of [{ ignoreIndex: 2 }, { weight }, { labelSmoothing: 0.1 }]
  ) {
    for (const device of [dg.cpu, gpu]) {
      const own = "weight" in options ? { weight: weight.to(device) } : options;
      const there = F.crossEntropy(x.to(device), targetOf(x.to(device)), own);
      assertNear(
        there,
        F.crossEntropy(x, targetOf(x), options),
        "cross entropy",
      );
    }
  }
});

/** What a device makes of a kernel on rows that has all there is. */
function everything(device: Device, shape: readonly number[], rank: number) {
  const count = shape.reduce((n, length) => n * length, 1);
  const outer = shape.slice(0, shape.length - rank);
  const moved = (x: dg.Tensor) => x.to(device);
  const x = moved(dg.arange(count).remainder(13).div(4).reshape(shape));
  // Another order in memory.
  const turned = x.transpose(0, -1).contiguous().transpose(0, -1);
  const rows = outer.reduce((n, length) => n * length, 1);
  const target = moved(dg.arange(rows).remainder(3).to("int32"));
  const old = moved(dg.arange(rows).mul(0.5));
  const single = (y: dg.Tensor) =>
    y.reshape([...outer, ...shape.slice(outer.length).map(() => 1)])
      .expand(shape);
  const out = emptyTensor(device, x.info, shape);
  const total = emptyTensor(device, x.info, outer);
  device.rows(
    KERNEL,
    out,
    [total],
    [turned, single(target), single(old)],
    [2],
    rank,
  );
  return [out, total, old].map((y) => y.to("cpu"));
}

const KERNEL = rowKernel({
  arity: 3,
  single: [1, 2],
  steps: [
    {
      fold: "max",
      of: ([x], _, k) => call("add", x!, call("mul", k, 0.125)),
    },
    {
      fold: "sum",
      of: ([x, at], _, k) => call("select", call("eq", at!, k), x!, 0),
      finish: (sum, [top]) => call("add", sum, top!),
    },
  ],
  result: ([x, , old], [, found], _, k) =>
    call("add", call("sub", x!, k), call("mul", found!, old!)),
  totals: ([top, found], x) => [
    call("mul", call("sub", top!, found!), call("add", x[2]!, param(0))),
  ],
  changes: (
    [top],
    x,
  ) => [null, null, call("add", call("mul", x[2]!, param(0)), top!)],
});

gpuTest(
  "rows with positions, integers and numbers that change are the CPU's",
  (gpu) => {
    const shapes = [[4, 5], [3, 4, 5], [2, 3, 4, 5], [2, 70, 80], [3, 1, 7]];
    for (const shape of shapes) {
      for (let rank = 1; rank < shape.length; rank++) {
        const there = everything(gpu, shape, rank);
        const here = everything(dg.cpu, shape, rank);
        here.forEach((y, k) =>
          assertNear(there[k]!, y, `result ${k} of [${shape}] over ${rank}`)
        );
        assert(here[2]!.count > 0);
      }
    }
  },
);

countGpuTests("ops in one call");
