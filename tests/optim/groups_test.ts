// Groups of parameters: options of their own, names, what is refused, hooks.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { optim } = dg;

function leaf(value: number): dg.Tensor {
  const x = dg.full(1, value).requiresGrad_();
  x.grad = dg.ones(1);
  return x;
}

Deno.test("groups have options of their own, and the defaults", () => {
  const [a, b, c] = [leaf(1), leaf(1), leaf(1)];
  const optimizer = new optim.SGD(
    [{ params: [a] }, { params: b, lr: 0.25 }],
    { lr: 0.5 },
  );
  optimizer.addParamGroup({ params: [c], maximize: true });
  optimizer.step();
  assertEquals([a, b, c].map((x) => x.item()), [0.5, 0.75, 1.5]);
  assertEquals(optimizer.paramGroups.map((group) => group.lr), [
    0.5,
    0.25,
    0.5,
  ]);
  assertEquals(
    optimizer.stateDict()["param_groups"].map(({ params }) => params),
    [[0], [1], [2]],
  );
});

Deno.test("names go with parameters, in all groups or in none", () => {
  const model = new dg.nn.Linear(2, 1);
  const optimizer = new optim.Adam(model.namedParameters());
  assertEquals(optimizer.paramGroups[0]!.paramNames, ["weight", "bias"]);
  assertEquals(
    optimizer.stateDict()["param_groups"][0]!["param_names"],
    ["weight", "bias"],
  );
  assertEquals(
    String(optimizer).includes("    param_names: ['weight', 'bias']\n"),
    true,
  );
  assertThrows(
    () => optimizer.addParamGroup({ params: [leaf(1)] }),
    dg.ValueError,
    "all optimizer param groups should be with/without names. cannot add param group without names to the optimizer",
  );
  const mixed = [["a", leaf(1)], leaf(2)] as unknown as dg.Tensor[];
  assertThrows(
    () => new optim.Adam([{ params: mixed }]),
    dg.ValueError,
    "Some param names are missing",
  );
});

Deno.test("groups are checked", () => {
  const x = leaf(1);
  const optimizer = new optim.SGD([x]);
  assertThrows(
    () => optimizer.addParamGroup({ params: [x] }),
    dg.ValueError,
    "some parameters appear in more than one parameter group",
  );
  const model = new dg.nn.Linear(1, 1) as unknown as dg.Tensor[];
  assertThrows(
    () => new optim.SGD(model),
    TypeError,
    "but got a module; give it its parameters()",
  );
  const betas = 0.9 as unknown as [number, number];
  assertThrows(
    () => new optim.Adam([x], { betas }),
    TypeError,
    "betas must be two numbers, not 0.9",
  );
  const nothing = [{ lr: 1 }] as unknown as dg.Tensor[];
  assertThrows(
    () => new optim.SGD(nothing),
    TypeError,
    "a parameter group must have params, but got only lr",
  );
  assertThrows(
    () => optimizer.addParamGroup({ params: [x.mul(2)] }),
    dg.ValueError,
    "can't optimize a non-leaf Tensor",
  );
  assertThrows(
    () => optimizer.addParamGroup({ params: new Set([leaf(1)]) }),
    TypeError,
    "optimizer parameters need to be organized in ordered collections",
  );
  const wrong = { params: [leaf(1)], learningRate: 1 } as {
    params: dg.Tensor[];
  };
  assertThrows(
    () => optimizer.addParamGroup(wrong),
    TypeError,
    "learningRate",
  );
  assertThrows(
    () => new optim.Adam([1] as unknown as dg.Tensor[]),
    TypeError,
    "optimizer can only optimize Tensors, but one of the params is number",
  );
  assertThrows(
    () => new optim.Adam([]),
    dg.ValueError,
    "optimizer got an empty parameter list",
  );
  assertThrows(
    () => new optim.LBFGS([{ params: [leaf(1)] }, { params: [leaf(2)] }]),
    dg.ValueError,
    "LBFGS doesn't support per-parameter options (parameter groups)",
  );
  assertThrows(
    () => new optim.LBFGS([leaf(1)]).step(),
    TypeError,
    "LBFGS.step() missing 1 required argument: 'closure'",
  );
});

Deno.test("state dicts of other groups are refused", () => {
  const one = new optim.SGD([leaf(1)]);
  const two = new optim.SGD([{ params: [leaf(1)] }, { params: [leaf(2)] }]);
  assertThrows(
    () => one.loadStateDict(two.stateDict()),
    dg.ValueError,
    "loaded state dict has a different number of parameter groups",
  );
  const pair = new optim.SGD([leaf(1), leaf(2)]);
  assertThrows(
    () => one.loadStateDict(pair.stateDict()),
    dg.ValueError,
    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
  );
  const wrong = {} as dg.optim.OptimizerStateDict;
  assertThrows(() => one.loadStateDict(wrong), TypeError, "param_groups");
});

Deno.test("a loaded state dict is a copy, and may come from an older PyTorch", () => {
  const x = leaf(1);
  const optimizer: dg.optim.Optimizer = new optim.Adam([x]);
  optimizer.step();
  const dict = optimizer.stateDict();
  const kept = { ...dict.state[0]!, step: 1 };
  const { foreach: _, ...group } = dict["param_groups"][0]!;
  const y = leaf(1);
  const other = new optim.Adam([y]);
  other.loadStateDict({
    state: { 0: kept },
    "param_groups": [{ ...group, lr: 0.5 } as dg.optim.PackedGroup],
  });
  optimizer.step();
  assertEquals(other.state.get(y)!.step.item(), 1);
  assertEquals(other.paramGroups[0]!.lr, 0.5);
  assertEquals(other.paramGroups[0]!.foreach, null);
  other.step();
  assertEquals(
    other.state.get(y)!["exp_avg"].item(),
    (optimizer.stateDict().state[0]!["exp_avg"] as dg.Tensor).item(),
  );
});

Deno.test("hooks run around steps until they are removed", () => {
  const optimizer = new optim.SGD([leaf(1)], { lr: 1 });
  const seen: string[] = [];
  const before = optimizer.registerStepPreHook(({ paramGroups }) =>
    seen.push(`before ${paramGroups[0]!.params[0]!.item()}`)
  );
  optimizer.registerStepPostHook(({ paramGroups }) =>
    seen.push(`after ${paramGroups[0]!.params[0]!.item()}`)
  );
  optimizer.step();
  before.remove();
  optimizer.step();
  assertEquals(seen, ["before 1", "after 0", "after -1"]);
});

Deno.test("parameters without a gradient are left alone", () => {
  const [a, b] = [leaf(1), leaf(1)];
  b.grad = null;
  for (const name of ["Adam", "Adagrad", "RMSprop", "SGD"] as const) {
    const optimizer = new optim[name]([a, b]);
    optimizer.step();
    assertEquals(b.item(), 1);
  }
});
