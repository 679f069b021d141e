// nn.utils against real PyTorch; see goldens/make_nn_utils_goldens.py.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";
import { check, type GoldenTensor } from "./module_golden.ts";

type State = Readonly<Record<string, GoldenTensor>>;

interface Case {
  readonly start: State;
  readonly outs: readonly GoldenTensor[];
  readonly grads: State;
  readonly eval: GoldenTensor;
  readonly end: State;
  readonly removed: State;
}

interface Goldens {
  readonly clipping: readonly {
    readonly normType: number | "inf";
    readonly bound: number;
    readonly norm: GoldenTensor;
    readonly grads: readonly GoldenTensor[];
  }[];
  readonly norms: Readonly<Record<string, Case>>;
  readonly pruning: Readonly<Record<string, Case>>;
  readonly global: readonly State[];
}

const url = new URL("../goldens/nn_utils.json", import.meta.url);
const goldens: Goldens = JSON.parse(Deno.readTextFileSync(url));
const { nn } = dg;
const { prune } = nn.utils;

function checkState(
  actual: Readonly<Record<string, dg.Tensor>>,
  expected: State,
  what: string,
): void {
  assertEquals(Object.keys(actual), Object.keys(expected), what);
  for (const [key, value] of Object.entries(expected)) {
    check(actual[key], value, 2e-6, `${what}: ${key}`);
  }
}

function weighted(y: dg.Tensor): dg.Tensor {
  const factors = Array.from({ length: y.numel() }, (_, i) => Math.cos(i));
  return y.mul(dg.tensor(factors).reshape(y.shape)).sum();
}

function runCase<M extends dg.nn.Module & { forward(x: dg.Tensor): dg.Tensor }>(
  golden: Case,
  make: () => M,
  change: (module: M) => void,
  restore: (module: M) => void,
  x: dg.Tensor,
): void {
  dg.manualSeed(3);
  const module = make();
  change(module);
  checkState(module.stateDict(), golden.start, "start");
  // Of a module of any of these classes, all that matters is this.
  const run = (): dg.Tensor => (module as dg.nn.Layer).call(x);
  const outs = golden.outs.map(run);
  outs.forEach((y, k) => check(y, golden.outs[k]!, 2e-6, `output ${k}`));
  weighted(outs.at(-1)!).backward();
  for (const [name, parameter] of module.namedParameters()) {
    check(parameter.grad, golden.grads[name] ?? null, 1e-5, `grad ${name}`);
  }
  module.eval();
  check(run(), golden.eval, 2e-6, "evaluation");
  checkState(module.stateDict(), golden.end, "end");
  restore(module);
  checkState(module.stateDict(), golden.removed, "removed");
}

for (const golden of goldens.clipping) {
  const { normType, bound } = golden;
  Deno.test(`clipGradNorm_ of order ${normType} to ${bound}`, () => {
    const [a, b] = [dg.ones([2, 2]), dg.ones(3)];
    a.grad = dg.tensor([[1, -2], [3, 0.5]]);
    b.grad = dg.tensor([4, -1, 0]);
    const norm = nn.utils.clipGradNorm_([a, b], bound, {
      normType: normType === "inf" ? Infinity : normType,
    });
    check(norm, golden.norm, 1e-6, "norm");
    check(a.grad, golden.grads[0]!, 1e-6, "first");
    check(b.grad, golden.grads[1]!, 1e-6, "second");
  });
}

const ROWS = dg.linspace(-1, 1, 12).reshape([4, 3]);
const IMAGE = dg.linspace(-1, 1, 32).reshape([1, 2, 4, 4]);
const DIMS: Readonly<Record<string, number | null>> = {
  rows: 0,
  columns: 1,
  whole: null,
};

for (const [name, golden] of Object.entries(goldens.norms)) {
  Deno.test(`norm of a ${name}`, () => {
    const [kind, which] = name.split(" ") as [string, string];
    if (kind === "weight") {
      return runCase(
        golden,
        () => new nn.Linear(3, 2),
        (m) => nn.utils.weightNorm(m, { dim: DIMS[which]! }),
        (m) => nn.utils.removeWeightNorm(m),
        ROWS,
      );
    }
    const make = which === "conv"
      ? () => new nn.Conv2d(2, 3, 2)
      : which === "transposed"
      ? () => new nn.ConvTranspose2d(2, 3, 2)
      : () => new nn.Linear(3, 2);
    const nPowerIterations = which === "linear3" ? 3 : 1;
    runCase<dg.nn.Linear | dg.nn.Conv2d | dg.nn.ConvTranspose2d>(
      golden,
      make,
      (m) => nn.utils.spectralNorm(m, { nPowerIterations }),
      (m) => nn.utils.removeSpectralNorm(m),
      which.startsWith("linear") ? ROWS : IMAGE,
    );
  });
}

const PRUNINGS: Readonly<Record<string, (m: dg.nn.Linear) => void>> = {
  "l1": (m) => prune.l1Unstructured(m, "weight", 0.3),
  "l1 twice": (m) => {
    prune.l1Unstructured(m, "weight", 4);
    prune.l1Unstructured(m, "weight", 0.5);
  },
  "random": (m) => prune.randomUnstructured(m, "weight", 0.4),
  "bias": (m) => prune.l1Unstructured(m, "bias", 2),
  "channels": (m) => prune.randomStructured(m, "weight", 2, 0),
  "ln": (m) => prune.lnStructured(m, "weight", 0.5, 2, 1),
  "ln after l1": (m) => {
    prune.l1Unstructured(m, "weight", 5);
    prune.lnStructured(m, "weight", 1, 1, -1);
  },
  "identity": (m) => prune.identity(m, "weight"),
};

for (const [name, golden] of Object.entries(goldens.pruning)) {
  Deno.test(`pruning: ${name}`, () => {
    runCase(
      golden,
      () => new nn.Linear(6, 4),
      PRUNINGS[name]!,
      (m) => prune.remove(m, name === "bias" ? "bias" : "weight"),
      dg.linspace(-1, 1, 12).reshape([2, 6]),
    );
  });
}

Deno.test("pruning of several parameters together", () => {
  dg.manualSeed(3);
  const [a, b] = [new nn.Linear(3, 2), new nn.Linear(2, 4)];
  prune.l1Unstructured(a, "weight", 1);
  const both = [[a, "weight"], [b, "weight"]] as const;
  prune.globalUnstructured(both, "l1Unstructured", 0.4);
  checkState(a.stateDict(), goldens.global[0]!, "first");
  checkState(b.stateDict(), goldens.global[1]!, "second");
});

Deno.test("vectors of parameters go both ways", () => {
  const model = new nn.Linear(3, 2);
  const vector = nn.utils.parametersToVector(model.parameters());
  nn.utils.vectorToParameters(vector.mul(0), model.parameters());
  assertEquals(model.weight.sum().item(), 0);
  nn.utils.vectorToParameters(vector, model.parameters());
  assertEquals(
    nn.utils.parametersToVector(model.parameters()).tolist(),
    vector.tolist(),
  );
});

Deno.test("a layer and the batch norm after it become one", () => {
  const x = dg.randn([2, 2, 5, 5]);
  const cases = [
    [new nn.Conv2d(2, 4, 3, { stride: 2, padding: 1, groups: 2 }), false],
    [new nn.ConvTranspose2d(2, 4, 3, { stride: 2, outputPadding: 1 }), true],
    [new nn.Conv2d(2, 4, 1, { bias: false }), false],
  ] as const;
  for (const [conv, transpose] of cases) {
    const norm = new nn.BatchNorm2d(4);
    dg.noGrad(() => {
      norm.runningMean!.copy_(dg.tensor([1, -2, 0.5, 3]));
      norm.runningVar!.copy_(dg.tensor([0.5, 2, 1, 4]));
      norm.weight!.copy_(dg.tensor([2, 1, -1, 0.5]));
      norm.bias!.copy_(dg.tensor([0, 1, 2, 3]));
    });
    assertThrows(
      () => nn.utils.fuseConvBnEval(conv, norm),
      dg.RuntimeError,
      "Fusion only for eval!",
    );
    conv.eval();
    norm.eval();
    const both = nn.utils.fuseConvBnEval<typeof conv>(conv, norm, {
      transpose,
    });
    const expected = norm.call(conv.call(x));
    const options = { atol: 1e-5, rtol: 1e-5 };
    assertEquals(dg.allclose(both.call(x), expected, options), true);
  }
});

Deno.test("what is not pruned or normed cannot be restored", () => {
  const layer = new nn.Linear(2, 2);
  assertThrows(
    () => nn.utils.removeWeightNorm(layer),
    dg.ValueError,
    "weightNorm of 'weight' not found in Linear(",
  );
  assertThrows(
    () => prune.remove(layer, "weight"),
    dg.ValueError,
    "Parameter 'weight' of module Linear(",
  );
  assertThrows(
    () => prune.l1Unstructured(layer, "weight", 1.5),
    dg.ValueError,
    "amount=1.5 should either be a float in the range [0, 1]",
  );
  assertThrows(
    () => prune.l1Unstructured(layer, "weight", 5),
    dg.ValueError,
    "amount=5 should be smaller than the number of parameters to prune=4",
  );
  nn.utils.weightNorm(layer);
  assertThrows(
    () => nn.utils.weightNorm(layer),
    dg.RuntimeError,
    "Cannot register two weightNorm hooks on the same parameter weight",
  );
});
