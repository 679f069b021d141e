// Steps are the same numbers however parameters lie: a few elements, many, with
// gaps, and shared among threads; and they allocate nothing.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { GOLDENS, optimizerOf } from "./golden.ts";

/** Optimizers whose steps go element by element. */
const CASES = GOLDENS.optimizers.filter(({ name }) =>
  !["LBFGS", "Muon", "Adafactor"].includes(name)
);

/** Values after three steps, each with a gradient of its own. */
function stepped(
  name: string,
  options: Parameters<typeof optimizerOf>[2],
  start: dg.Tensor,
  grads: readonly dg.Tensor[],
): dg.Tensor {
  const x = start.requiresGrad_();
  const optimizer = optimizerOf(name, [x], options);
  for (const grad of grads) {
    x.grad = grad;
    optimizer.step();
  }
  return x.detach();
}

const START = dg.tensor([0.5, -1.25, 3, 0, -0.001, 100, 1e-4]);
const GRADS = [
  dg.tensor([1, -0.5, 0.25, 0, 1e-3, -20, 1e-6]),
  dg.tensor([-1, -0.25, 0.5, 0, 2e-3, -10, 1e-5]),
  dg.tensor([0.5, 0, 0.125, 0, -1e-3, -30, 1e-7]),
];

for (const { name, options } of CASES) {
  for (const dtype of ["float32", "float64", "float16", "bfloat16"] as const) {
    Deno.test(`${name} ${JSON.stringify(options)} of ${dtype}: few, many and strided`, () => {
      const start = START.to(dtype);
      const grads = GRADS.map((g) => g.to(dtype));
      const few = stepped(name, options, start.clone(), grads);
      const times = 150;
      const many = stepped(
        name,
        options,
        start.repeat(times),
        grads.map((g) => g.repeat(times)),
      );
      assertEquals(many.typedArray(), few.repeat(times).typedArray());
      // Columns of a matrix that lies the other way round.
      const wide = (x: dg.Tensor) => x.expand([times, 7]).clone().T;
      const strided = stepped(name, options, wide(start), grads.map(wide));
      assertEquals(strided.isContiguous(), false);
      assertEquals(
        strided.T.contiguous().typedArray(),
        many.typedArray(),
      );
      // A gradient that repeats one row.
      const repeated = stepped(
        name,
        options,
        start.expand([times, 7]).clone(),
        grads.map((g) => g.expand([times, 7])),
      );
      assertEquals(repeated.typedArray(), many.typedArray());
    });
  }
}

Deno.test("threads share a step without changing it", () => {
  const n = 200_003;
  dg.manualSeed(1);
  const start = dg.randn(n);
  const grads = [dg.randn(n), dg.randn(n)];
  const before = dg.getNumThreads();
  const run = () => stepped("Adam", { lr: 0.1 }, start.clone(), grads);
  try {
    dg.setNumThreads(1);
    const one = run();
    dg.setNumThreads(2);
    assertEquals(run().equal(one), true);
  } finally {
    dg.setNumThreads(before);
  }
});

/** How many storages a function asks for, but for what runs inside `aside`. */
function allocations(
  run: (aside: <T>(fn: () => T) => T) => void,
): number {
  const cpu = dg.cpu as { allocate: dg.Device["allocate"] };
  const original = cpu.allocate;
  let count = 0;
  let counts = true;
  cpu.allocate = (info, length) => {
    if (counts) count++;
    return original.call(dg.cpu, info, length);
  };
  try {
    run((fn) => {
      counts = false;
      const out = fn();
      counts = true;
      return out;
    });
  } finally {
    cpu.allocate = original;
  }
  return count;
}

/** A matrix, rows of small matrices, a vector and a number: what Muon takes of them. */
function parametersFor(name: string): dg.Tensor[] {
  const shapes = name === "Muon"
    ? [[40, 30], [30, 40], [7, 7]]
    : [[40, 30], [5, 6, 3, 3], [50], []];
  return shapes.map((shape) => dg.randn(shape, { requiresGrad: true }));
}

for (const { name, options } of GOLDENS.optimizers) {
  Deno.test(`${name} ${JSON.stringify(options)}: steps allocate nothing but what is kept`, () => {
    dg.manualSeed(3);
    const params = parametersFor(name);
    const optimizer = optimizerOf(name, params, options);
    const weights = params.map((x) => dg.rand(x.shape).add(0.5));
    /** A bowl with long valleys, so that LBFGS does not arrive early. */
    const closure = () => {
      const terms = params.map((x, k) => x.pow(4).mul(weights[k]!).sum());
      optimizer.zeroGrad();
      const loss = terms.reduce((sum, term) => sum.add(term));
      loss.backward();
      return loss;
    };
    // The history of LBFGS fills up first.
    if (name === "LBFGS") optimizer.paramGroups[0]!.lr /= 10;
    const first = name === "LBFGS" ? 40 : 5;
    for (let k = 0; k < first; k++) optimizer.step(closure);
    const before = dg.memory().cpu;
    const count = allocations((aside) => {
      for (let k = 0; k < 5; k++) optimizer.step(() => aside(closure));
    });
    assertEquals(count, 0);
    // What other tests left may be found dead only now.
    const after = dg.memory().cpu;
    assert(after.liveBytes <= before.liveBytes);
    assert(after.liveStorages <= before.liveStorages);
  });
}

for (const name of ["Muon", "Adafactor", "LBFGS"]) {
  for (const dtype of ["float16", "bfloat16"] as const) {
    Deno.test(`${name} of ${dtype} goes where float32 goes`, () => {
      dg.manualSeed(1);
      const start = dg.randn([20, 30]);
      const [wide, narrow] = (["float32", dtype] as const).map((type) => {
        const x = start.clone().to(type).requiresGrad_();
        const optimizer = optimizerOf(name, [x], { lr: 0.05 });
        for (let k = 0; k < 4; k++) {
          optimizer.step(() => {
            optimizer.zeroGrad();
            const loss = x.square().sum();
            loss.backward();
            return loss;
          });
        }
        return x.detach().float();
      });
      const far = wide!.sub(start).norm().item();
      // What is stored is rounded to a 256th in each step.
      const rounding = start.norm().item() / 64;
      assert(narrow!.sub(wide!).norm().item() < 0.05 * far + rounding);
    });
  }
}

Deno.test("a step counts as a change of the parameter", () => {
  const x = dg.ones(100, { requiresGrad: true });
  const optimizer = new dg.optim.AdamW([x]);
  const y = x.mul(x).sum();
  x.grad = dg.ones(100);
  const { version } = x;
  optimizer.step();
  assert(x.version > version);
  assertThrows(
    () => y.backward(),
    dg.RuntimeError,
    "modified by an inplace operation",
  );
});

Deno.test("what is kept must fit the parameters", () => {
  const x = dg.ones(4, { requiresGrad: true });
  const optimizer = new dg.optim.Adam([x]);
  x.grad = dg.ones(4);
  optimizer.step();
  const other = new dg.optim.Adam([dg.ones(5, { requiresGrad: true })]);
  other.loadStateDict(optimizer.stateDict());
  other.paramGroups[0]!.params[0]!.grad = dg.ones(5);
  assertThrows(
    () => other.step(),
    dg.RuntimeError,
    "expected a tensor of shape [5] and type float32, but got one of shape [4] and type float32",
  );
});

for (const lineSearchFn of [null, "strong_wolfe"] as const) {
  Deno.test(`LBFGS of two types, line search ${lineSearchFn}: as of the wider one`, () => {
    // Enough elements for kernels, which trust the type of what they store in.
    const losses = (first: dg.DType, second: dg.DType): number[] => {
      const x = dg.linspace(-1, 1.3, 5000, { dtype: first }).requiresGrad_();
      const y = dg.linspace(-2, 1.3, 5000, { dtype: second }).requiresGrad_();
      const optimizer = new dg.optim.LBFGS([x, y], {
        lr: 0.5,
        maxIter: 5,
        lineSearchFn,
      });
      const found: number[] = [];
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = x.pow(4).sum().add(y.pow(4).sum());
        loss.backward();
        found.push(loss.item() as number);
        return loss;
      });
      return found;
    };
    const expected = losses("float64", "float64");
    for (
      const [first, second] of [
        ["float32", "float64"],
        ["float64", "float32"],
      ] as const
    ) {
      const found = losses(first, second);
      assertEquals(found.length, expected.length);
      found.forEach((loss, k) =>
        assert(Math.abs(loss - expected[k]!) < 1e-5 * expected[0]!)
      );
    }
  });
}

Deno.test("LBFGS refuses parameters that were converted since its last step", () => {
  const model = new dg.nn.Linear(40, 40);
  const optimizer = new dg.optim.LBFGS(model.parameters(), { maxIter: 3 });
  const step = (dtype: dg.DType) =>
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = model.call(dg.ones([2, 40], { dtype })).sub(3).pow(2).sum();
      loss.backward();
      return loss;
    });
  step("float32");
  model.double();
  assertThrows(() => step("float64"), dg.RuntimeError, "type float64");
});
