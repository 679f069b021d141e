// Tensors of modules that are computed when they are read, against PyTorch's
// (make_parametrize_goldens.py), and what the goldens do not show.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;
const { parametrizations, parametrize } = nn.utils;

interface Packed {
  shape: number[];
  values: number[];
}

interface Case {
  kind: string;
  layer: string;
  args: number[];
  options: Record<string, unknown>;
  repr: string;
  state: Record<string, Packed>;
  evaluation?: boolean;
  input: Packed;
  output: Packed;
  gradients: Record<string, Packed>;
  assigned: Packed;
  reprAfter: string;
  stateAfter: Record<string, Packed>;
}

const CASES: Case[] = JSON.parse(
  Deno.readTextFileSync(
    new URL("../goldens/parametrize.json", import.meta.url),
  ),
);

/** Float32 through a QR decomposition, an exponential or 15 steps of an iteration. */
const TOLERANCE = 5e-6;

type Made = dg.nn.Layer & { weight: dg.Tensor };

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function close(x: dg.Tensor | null, { shape, values }: Packed, what: string) {
  assert(x !== null, what);
  assertEquals(x.shape, shape, what);
  const expected = dg.tensor(values).reshape(shape);
  const most = x.detach().sub(expected).abs().max().item();
  const scale = Math.max(1, ...values.map(Math.abs));
  assert(most <= TOLERANCE * scale, `${what} is off by ${most}: ${x}`);
}

function closeState(module: dg.nn.Module, expected: Record<string, Packed>) {
  const state = module.stateDict();
  assertEquals(Object.keys(state), Object.keys(expected));
  for (const [name, x] of Object.entries(expected)) {
    close(state[name]!, x, name);
  }
}

function make(it: Case): Made {
  dg.manualSeed(0);
  const type = Reflect.get(nn, it.layer) as new (...args: number[]) => Made;
  const module = new type(...it.args);
  const apply = Reflect.get(parametrizations, camelCase(it.kind)) as (
    module: Made,
    options: object,
  ) => Made;
  const options = Object.entries(it.options);
  return apply(
    module,
    Object.fromEntries(options.map(([key, value]) => [camelCase(key), value])),
  );
}

for (const it of CASES) {
  const call = `${it.layer}(${it.args}), ${JSON.stringify(it.options)}`;
  Deno.test(`${it.kind}(${call}) is PyTorch's`, () => {
    const module = make(it);
    assertEquals(String(module), it.repr);
    closeState(module, it.state);
    if (it.evaluation) module.eval();
    dg.manualSeed(1);
    const lists = module.getSubmodule("parametrizations");
    dg.noGrad(() => {
      for (const x of lists.parameters()) {
        x.add_(dg.randnLike(x), { alpha: 0.1 });
      }
    });
    const x = dg.randn(it.input.shape);
    close(x, it.input, "input");
    const y = module.call(x);
    close(y, it.output, "output");
    y.backward(dg.arange(y.numel()).cos().reshape(y.shape));
    const parameters = new Map(module.namedParameters());
    assertEquals([...parameters.keys()], Object.keys(it.gradients));
    for (const [name, expected] of Object.entries(it.gradients)) {
      close(parameters.get(name)!.grad, expected, `gradient of ${name}`);
    }
    module.weight = dg.randnLike(module.weight.detach());
    close(module.weight, it.assigned, "assigned");
    parametrize.removeParametrizations(module, "weight");
    assertEquals(String(module), it.reprAfter);
    closeState(module, it.stateAfter);
  });
}

class Symmetric extends nn.Module {
  forward(x: dg.Tensor): dg.Tensor {
    return x.triu().add(x.triu({ diagonal: 1 }).mT);
  }
  rightInverse(x: dg.Tensor): dg.Tensor {
    return x.triu();
  }
}

class Double extends nn.Module {
  forward(x: dg.Tensor): dg.Tensor {
    return x.mul(2);
  }
}

class Longer extends nn.Module {
  forward(x: dg.Tensor): dg.Tensor {
    return dg.cat([x, x]);
  }
}

Deno.test("parametrizations run one after the other on the same parameter", () => {
  const layer = new nn.Linear(2, 2);
  const { weight } = layer;
  dg.noGrad(() => weight.copy_(dg.tensor([[1, 2], [3, 4]])));
  parametrize.registerParametrization(layer, "weight", new Symmetric());
  assertEquals(layer.weight.tolist(), [[1, 2], [2, 4]]);
  parametrize.registerParametrization(layer, "weight", new Double());
  assertEquals(layer.weight.tolist(), [[2, 4], [4, 8]]);
  assertEquals(layer.call(dg.ones([1, 2])).shape, [1, 2]);
  const original = layer.getParameter("parametrizations.weight.original");
  assert(original === weight);
  assertThrows(
    () => Reflect.set(layer, "weight", dg.ones([2, 2])),
    dg.RuntimeError,
    "parametrization Double does not implement rightInverse.",
  );
  const copy = layer.deepCopy();
  parametrize.removeParametrizations(layer, "weight");
  assert(layer.weight === weight);
  assertEquals(weight.tolist(), [[2, 4], [4, 8]]);
  assert(
    parametrize.isParametrized(copy) && !parametrize.isParametrized(layer),
  );
  assertEquals(copy.weight.tolist(), [[2, 4], [4, 8]]);
  parametrize.removeParametrizations(copy, "weight", {
    leaveParametrized: false,
  });
  assertEquals(copy.weight.tolist(), [[1, 2], [0, 4]]);
});

Deno.test("buffers and several tensors of a module are parametrized", () => {
  const norm = new nn.BatchNorm1d(3);
  parametrize.registerParametrization(norm, "runningVar", new Double());
  parametrize.registerParametrization(norm, "weight", new Double());
  assertEquals(Object.keys(norm.stateDict()), [
    "bias",
    "running_mean",
    "num_batches_tracked",
    "parametrizations.running_var.original",
    "parametrizations.weight.original",
  ]);
  assertEquals(norm.runningVar!.tolist(), [2, 2, 2]);
  parametrize.removeParametrizations(norm, "runningVar");
  assertEquals(norm.weight!.tolist(), [2, 2, 2]);
  assertEquals(norm.getBuffer("running_var").tolist(), [2, 2, 2]);
  assert(String(norm).startsWith("ParametrizedBatchNorm1d("));
});

Deno.test("cached() computes once, and parametrizations refuse what PyTorch refuses", () => {
  const layer = parametrizations.orthogonal(new nn.Linear(3, 3));
  parametrize.cached(() => {
    assert(layer.weight === layer.weight);
    parametrize.cached(() => layer.weight);
  });
  assert(layer.weight !== layer.weight);
  const refused = (run: () => unknown, message: string) =>
    assertThrows(run, dg.ValueError, message);
  const plain = new nn.Linear(2, 2);
  refused(
    () => parametrize.removeParametrizations(plain, "weight"),
    "Module Linear(in_features=2, out_features=2, bias=True) does not have a parametrization on weight",
  );
  refused(
    () => parametrize.registerParametrization(plain, "foo", new Double()),
    "does not have a parameter, a buffer, or a parametrized element with name 'foo'",
  );
  refused(
    () => parametrize.registerParametrization(plain, "weight", new Longer()),
    "Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\nunparametrized shape: [2, 2]\nparametrized shape: [4, 2]",
  );
  assert(!parametrize.isParametrized(plain) && plain.weight.isParameter);
  refused(
    () => parametrizations.orthogonal(plain, { name: "bias" }),
    "Expected a matrix or batch of matrices. Got a tensor of 1 dimensions.",
  );
  refused(
    () => Reflect.set(layer, "weight", dg.ones([2, 2])),
    "Expected a matrix or batch of matrices of shape [3, 3]. Got a tensor of shape [2, 2].",
  );
  const norm = parametrizations.weightNorm(plain);
  refused(
    () =>
      parametrize.removeParametrizations(norm, "weight", {
        leaveParametrized: false,
      }),
    "Cannot leave unparametrized (`leaveParametrized=false`) a tensor that is parametrized in terms of a sequence of tensors.",
  );
});

Deno.test("both functions weightNorm take convolutions", () => {
  for (const weightNorm of [nn.utils.weightNorm, parametrizations.weightNorm]) {
    dg.manualSeed(0);
    const plain = new nn.Conv2d(2, 3, 2);
    dg.manualSeed(0);
    const { weight } = weightNorm(new nn.Conv2d(2, 3, 2));
    assert(dg.allclose(weight, plain.weight));
  }
});

Deno.test("weightNorm loads what the older function of that name saved", () => {
  const older = nn.utils.weightNorm(new nn.Linear(3, 2));
  const newer = parametrizations.weightNorm(new nn.Linear(3, 2));
  const result = newer.loadStateDict(older.stateDict());
  assertEquals(String(result), "<All keys matched successfully>");
  assertEquals(
    newer.getParameter("parametrizations.weight.original1").tolist(),
    older.getParameter("weight_v").tolist(),
  );
});
