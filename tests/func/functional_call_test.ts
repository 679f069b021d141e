// Calling modules with other parameters, against PyTorch 2.13's behaviour.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

type Tensor = dg.Tensor;
const { functionalCall, grad, stackModuleState } = dg.func;
const x = dg.ones([1, 2]);

class Tied extends dg.nn.Module {
  a: dg.nn.Linear = new dg.nn.Linear(2, 2, { bias: false });
  b: dg.nn.Linear = new dg.nn.Linear(2, 2, { bias: false });
  constructor() {
    super();
    this.b.weight = this.a.weight;
  }
  forward(x: Tensor): Tensor {
    return this.b.call(this.a.call(x));
  }
}

Deno.test("a module is called with other parameters and gets its own back", () => {
  const model = new dg.nn.Sequential(new dg.nn.Linear(2, 1), new dg.nn.ReLU());
  const own = [...model.parameters()];
  const params = { "0.weight": dg.ones([1, 2]), "0.bias": dg.zeros(1) };
  assertEquals(functionalCall(model, params, x).tolist(), [[2]]);
  assertEquals(functionalCall(model, params, [x]).tolist(), [[2]]);
  assertEquals([...model.parameters()].map((p, k) => p === own[k]), [
    true,
    true,
  ]);
  const [w, b] = [{ "0.weight": dg.ones([1, 2]) }, { "0.bias": dg.ones(1) }];
  assertEquals(functionalCall(model, [w, b], x).tolist(), [[3]]);
  assertThrows(() => functionalCall(model, { "0.weight": dg.ones(5) }, x));
  assertEquals([...model.parameters()].map((p, k) => p === own[k]), [
    true,
    true,
  ]);
});

Deno.test("the gradient by all parameters of a module", () => {
  const model = new dg.nn.Sequential(
    new dg.nn.Linear(3, 4),
    new dg.nn.Tanh(),
    new dg.nn.Linear(4, 1),
  );
  const params = Object.fromEntries(
    model.namedParameters(),
  ) as dg.func.TensorDict;
  const input = dg.arange(6).reshape([2, 3]);
  const loss = (p: dg.func.TensorDict) =>
    functionalCall(model, p, input).pow(2).sum();
  const found = grad(loss)(params);
  model.call(input).pow(2).sum().backward();
  for (const [name, p] of model.namedParameters()) {
    assertEquals(found[name]!.tolist(), p.grad!.tolist(), name);
  }
});

Deno.test("buffers that the call replaces are the caller's", () => {
  const norm = new dg.nn.BatchNorm1d(2);
  const buffers: dg.func.TensorDict = {};
  for (const [name, b] of norm.namedBuffers()) buffers[name] = b.clone();
  functionalCall(norm, buffers, dg.tensor([[1, 2], [3, 4]]));
  assertEquals(
    Object.values(buffers).map((b) => `${b.mul(10).round()}`),
    ["tensor([2., 3.])", "tensor([11., 11.])", "10"],
  );
  assertEquals(norm.runningMean!.tolist(), [0, 0]);
});

Deno.test("tied parameters are replaced together", () => {
  const model = new Tied();
  const twice = dg.eye(2).mul(2);
  assertEquals(functionalCall(model, { "a.weight": twice }, x).tolist(), [
    [4, 4],
  ]);
  assertThrows(
    () =>
      functionalCall(model, { "a.weight": twice, "b.weight": dg.eye(2) }, x),
    dg.ValueError,
    "functional_call got multiple values for keys ['a.weight', 'b.weight'], which are tied. Consider using tieWeights=false",
  );
  const untied = { "a.weight": twice, "b.weight": dg.eye(2) };
  assertEquals(
    functionalCall(model, untied, x, { tieWeights: false }).tolist(),
    [[2, 2]],
  );
  assertEquals(model.a.weight === model.b.weight, true);
});

Deno.test("wrong names get PyTorch's sentences", () => {
  const model = new dg.nn.Linear(2, 1);
  assertThrows(
    () => functionalCall(model, { foo: x }, x, { strict: true }),
    dg.RuntimeError,
    "Error(s) in reparametrizing for Linear:\n\tUnexpected key(s): 'foo'.\n\tMissing key(s): 'bias', 'weight'.",
  );
  assertThrows(
    () => functionalCall(model, { "a.b": x }, x),
    dg.ValueError,
    "Linear has no attribute `a`",
  );
  const w = { weight: dg.ones([1, 2]) };
  assertThrows(
    () => functionalCall(model, [w, w], x),
    dg.ValueError,
    "['weight'] appeared in multiple dictionaries; behavior of functional call is ambiguous",
  );
  assertEquals(functionalCall(model, { foo: x }, x).shape, [1, 1]);
  assertEquals("foo" in model, false);
});

Deno.test("the state of several modules is stacked", () => {
  const models = [new dg.nn.Linear(2, 1), new dg.nn.Linear(2, 1)];
  const [params, buffers] = stackModuleState(models);
  assertEquals(
    Object.entries(params).map(([k, p]) => [k, p.shape, p.requiresGrad]),
    [["weight", [2, 1, 2], true], ["bias", [2, 1], true]],
  );
  assertEquals(params["weight"]!.isLeaf, true);
  assertEquals(buffers, {});
  for (
    const [list, sentence] of [
      [[], "Expected at least one model, got 0."],
      [
        [new dg.nn.Linear(1, 1), new dg.nn.ReLU()],
        "Expected all models to be of the same class.",
      ],
      [
        [new dg.nn.Linear(1, 1), new dg.nn.Linear(1, 1).eval()],
        "Expected all models to have the same training/eval mode.",
      ],
    ] as const
  ) {
    assertThrows(
      () => stackModuleState(list),
      dg.RuntimeError,
      `stack_module_state: ${sentence}`,
    );
  }
});

Deno.test("what is no dictionary of tensors is refused, not passed over", () => {
  const call = functionalCall as (...args: unknown[]) => unknown;
  const model = new dg.nn.Linear(2, 1);
  const x = dg.ones([1, 2]);
  for (
    const given of [
      model.parameters(),
      model.namedParameters(),
      new Map(model.namedParameters()),
      [model.namedParameters()],
      x,
    ]
  ) {
    const error = assertThrows(() => call(model, given, x), dg.ValueError);
    assertEquals(
      error.hint,
      "write Object.fromEntries(module.namedParameters())",
    );
  }
  const stack = stackModuleState as (...args: unknown[]) => unknown;
  assertThrows(
    () => stack(model, model),
    TypeError,
    "argument 'models' must be an array of modules, not Linear",
  );
});
