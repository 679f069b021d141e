// Modules: what belongs to them, names, state dicts, hooks, conversion. The
// expectations are PyTorch's answers to the same calls.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

class Two extends nn.Module {
  a: dg.nn.Linear = new nn.Linear(2, 2);
  b: dg.nn.Linear = new nn.Linear(2, 2);
  tied: dg.nn.Linear = this.a;
  mask: dg.Tensor = this.registerBuffer("mask", dg.ones(2), {
    persistent: false,
  });

  forward(x: dg.Tensor, y: dg.Tensor): [dg.Tensor, dg.Tensor] {
    return [this.a.call(x), this.b.call(y)];
  }
}

function filled<M extends dg.nn.Module>(module: M): M {
  for (const x of module.parameters()) nn.init.ones_(x);
  return module;
}

function names(pairs: Iterable<[string, unknown]>): string[] {
  return Array.from(pairs, ([name]) => name);
}

Deno.test("walks give PyTorch's names, duplicates once", () => {
  const m = new Two();
  const four = ["a.weight", "a.bias", "b.weight", "b.bias"];
  const tied = [...four, "tied.weight", "tied.bias"];
  assertEquals(names(m.namedParameters()), four);
  assertEquals(names(m.namedParameters({ removeDuplicate: false })), tied);
  assertEquals(names(m.namedParameters({ recurse: false })), []);
  assertEquals(names(m.namedParameters({ prefix: "p" }))[0], "p.a.weight");
  assertEquals([...m.parameters()].length, 4);
  assertEquals(Object.keys(m.stateDict()), tied);
  assertEquals(Object.keys(m.stateDict({ prefix: "p." }))[0], "p.a.weight");
  assertEquals(names(m.namedModules()), ["", "a", "b"]);
  const all = names(m.namedModules({ removeDuplicate: false }));
  assertEquals(all, ["", "a", "b", "tied"]);
  assertEquals(names(m.namedChildren()), ["a", "b"]);
  assertEquals(names(m.namedBuffers()), ["mask"]);
  assertThrows(
    () => [...m.parameters({ recursive: false } as object)],
    TypeError,
    "recurse",
  );
});

Deno.test("fields have PyTorch's spelling in state dicts", () => {
  class Odd extends nn.Module {
    selfAttn = new nn.Parameter(dg.ones(1));
    fc1 = new nn.Parameter(dg.ones(1));
    W = new nn.Parameter(dg.ones(1));
    conv_blockA = new nn.Parameter(dg.ones(1));
    biasHhL0 = new nn.Parameter(dg.ones(1));
    plain = dg.ones(1);
    list = [new nn.Linear(1, 1)];
    none: dg.nn.Parameter | null = null;
    forward(): void {}
  }
  assertEquals(Object.keys(new Odd().stateDict()), [
    "self_attn",
    "fc1",
    "W",
    "conv_blockA",
    "bias_hh_l0",
  ]);
});

Deno.test("parameters, buffers and modules are found by their paths", () => {
  const m = new nn.Sequential(new nn.BatchNorm1d(3));
  assertEquals(m.getSubmodule(""), m);
  assertEquals(m.getSubmodule("0"), m[0]);
  const norm = m.at(0) as dg.nn.BatchNorm1d;
  assertEquals(m.getParameter("0.weight"), norm.weight);
  assertEquals(m.getBuffer("0.running_mean"), norm.runningMean);
  assertEquals(m.getBuffer("0.runningMean"), norm.runningMean);
  const fails = (fn: () => unknown, message: string) =>
    assertThrows(fn, dg.ValueError, message);
  fails(() => m.getSubmodule("1"), "Sequential has no attribute `1`");
  fails(() => m.getSubmodule("0.weight"), "`weight` is not an nn.Module");
  fails(() => m.getBuffer("0.weight"), "`weight` is not a buffer");
  fails(() => m.getParameter("0.x"), "BatchNorm1d has no attribute `x`");
});

Deno.test("registering refuses what PyTorch refuses", () => {
  const m = new nn.Linear(2, 3);
  const x = dg.zeros(1);
  const fails = (fn: () => unknown, message: string) =>
    assertThrows(fn, dg.ValueError, message);
  fails(() => m.registerBuffer("weight", x), "attribute 'weight' already");
  fails(() => m.registerBuffer("a.b", x), `buffer name can't contain "."`);
  fails(() => m.registerBuffer("", x), `buffer name can't be empty string`);
  fails(() => m.addModule("weight", new nn.ReLU()), "'weight' already exists");
  assertThrows(
    () => m.registerParameter("x", x as dg.nn.Parameter),
    TypeError,
    "cannot assign",
  );
  assertThrows(() => new nn.Sequential(3 as never), TypeError, "not a Module");
  m.registerParameter("extra", new nn.Parameter(x));
  assertEquals(Object.keys(m.stateDict()), ["weight", "bias", "extra"]);
  m.registerParameter("extra", null);
  assertEquals(Object.keys(m.stateDict()), ["weight", "bias"]);
});

Deno.test("a buffer that forward replaces stays a buffer", () => {
  class Counter extends nn.Module {
    calls: dg.Tensor = new nn.Buffer(dg.zeros([]));
    forward(): void {
      this.calls = this.calls.add(1);
    }
  }
  const counter = new Counter();
  counter.call();
  counter.call();
  assertEquals(counter.stateDict().calls!.item(), 2);
});

Deno.test("loadStateDict copies, and says what does not fit", () => {
  const m = new nn.Linear(2, 3);
  const weight = dg.ones([3, 2]);
  const bias = dg.zeros(3);
  const result = m.loadStateDict({ weight, bias });
  assertEquals(String(result), "<All keys matched successfully>");
  assertEquals(m.weight.tolist(), weight.tolist());
  assert(m.weight.requiresGrad && m.weight.isLeaf);
  const before = m.weight;
  const wrong = { weight: dg.zeros([2, 2]), a: dg.zeros(1) };
  assertThrows(
    () => m.loadStateDict(wrong),
    dg.RuntimeError,
    'Error(s) in loading stateDict for Linear:\n\tMissing key(s) in stateDict: "bias". ' +
      '\n\tUnexpected key(s) in stateDict: "a". \n\tsize mismatch for weight: ' +
      "copying a param with shape [2, 2] from checkpoint, the shape in current model is [3, 2].",
  );
  assertThrows(
    () => m.loadStateDict({ weight: dg.zeros([3, 2]), bias: 3 as never }),
    dg.RuntimeError,
    'While copying the parameter named "bias"',
  );
  assertEquals(m.weight.tolist(), weight.tolist(), "nothing was loaded");
  const loose = m.loadStateDict({ weight: weight.mul(2), a: bias }, {
    strict: false,
  });
  assertEquals([...loose.missingKeys], ["bias"]);
  assertEquals(
    String(loose),
    "_IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['a'])",
  );
  assertEquals(m.weight, before);
  assertEquals(m.weight.at(0).tolist(), [2, 2]);
  const double = { weight: weight.double(), bias: bias.double() };
  m.loadStateDict(double);
  assertEquals(m.weight.dtype, "float32");
  m.loadStateDict(double, { assign: true });
  assertEquals(m.weight.dtype, "float64");
  assert(m.weight instanceof nn.Parameter && m.weight.requiresGrad);
});

Deno.test("state dicts share memory, and old ones do not count batches", () => {
  const m = new nn.BatchNorm1d(2);
  const state = m.stateDict();
  assertEquals(state.weight!.requiresGrad, false);
  assertEquals(m.stateDict({ keepVars: true }).weight, m.weight!);
  state.running_mean!.fill_(5);
  assertEquals(m.runningMean!.tolist(), [5, 5]);
  delete state.num_batches_tracked;
  assertEquals(new nn.BatchNorm1d(2).loadStateDict(state).missingKeys, []);
});

Deno.test("train, eval, requiresGrad_, zeroGrad, apply", () => {
  const m = filled(new nn.Sequential(new nn.Linear(2, 1), new nn.Dropout()));
  m.eval();
  assertEquals([...m.modules()].map((it) => it.training), [
    false,
    false,
    false,
  ]);
  assertEquals(m.train(), m);
  assertEquals(m[1]!.training, true);
  assertThrows(() => m.train(1 as never), dg.ValueError, "boolean");
  m.eval().call(dg.ones(2)).backward();
  const { weight } = m[0] as dg.nn.Linear;
  assertEquals(weight.grad!.tolist(), [[1, 1]]);
  m.zeroGrad({ setToNone: false });
  assertEquals(weight.grad!.tolist(), [[0, 0]]);
  m.zeroGrad();
  assertEquals(weight.grad, null);
  m.requiresGrad_(false);
  assertEquals(m.call(dg.ones(2)).requiresGrad, false);
  const seen: string[] = [];
  m.apply((it) => seen.push(it.constructor.name));
  assertEquals(seen, ["Linear", "Dropout", "Sequential"]);
});

Deno.test("to converts floating point tensors in place of the old ones", () => {
  const m = new nn.BatchNorm1d(2);
  const { weight } = m;
  m.call(dg.randn([3, 2])).sum().backward();
  m.double();
  assertEquals(m.weight, weight);
  assertEquals(weight!.dtype, "float64");
  assertEquals(weight!.grad!.dtype, "float64");
  assertEquals(m.runningMean!.dtype, "float64");
  assertEquals(m.numBatchesTracked!.dtype, "int64");
  assertEquals(m.call(dg.randn([3, 2], { dtype: "float64" })).dtype, "float64");
  assertEquals(m.to({ dtype: "float32" }).weight!.dtype, "float32");
  assertEquals(m.to("cpu").half().float().weight!.dtype, "float32");
  assertThrows(
    () => m.to("int64"),
    TypeError,
    "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=int64",
  );
});

Deno.test("forward hooks see and replace", () => {
  const m = filled(new nn.Linear(2, 1));
  const x = dg.ones(2);
  const seen: string[] = [];
  const first = m.registerForwardHook((it, [input], output) => {
    assert(it === m && input.shape[0] === 2);
    seen.push(`after ${output.item()}`);
    return output.mul(10);
  });
  using _pre = m.registerForwardPreHook((_, [input]) => {
    seen.push("before");
    return input.mul(2);
  });
  assertEquals(m.call(x).item(), 50);
  assertEquals(m.forward(x).item(), 3);
  assertEquals(seen, ["before", "after 5"]);
  first.remove();
  assertEquals(m.call(x).item(), 5);
  const order: number[] = [];
  m.registerForwardHook(() => void order.push(1));
  m.registerForwardHook(() => void order.push(2), { prepend: true });
  m.registerForwardHook(() => void order.push(3), { alwaysCall: true });
  m.call(x);
  assertThrows(() => m.call(dg.ones(5)));
  assertEquals(order, [2, 1, 3, 3]);
});

Deno.test("full backward hooks see PyTorch's gradients", () => {
  const m = filled(new Two());
  const log: unknown[] = [];
  m.registerFullBackwardHook((_, gradInput, gradOutput) => {
    const show = (list: dg.nn.ModuleGradients) =>
      list.map((grad) => grad?.tolist() ?? null);
    log.push([show(gradInput), show(gradOutput)]);
  });
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const y = dg.tensor([3, 4]);
  m.call(x, y)[0].sum().backward();
  const [a, b] = m.call(x, y);
  a.sum().add(b.sum().mul(2)).backward();
  const [c, d] = m.call(y, y);
  c.sum().add(d.sum().mul(2)).backward();
  assertEquals(log, [
    [[[2, 2], [0, 0]], [[1, 1], null]],
    [[[2, 2], [0, 0]], [[1, 1], [2, 2]]],
    [[null, null], [[1, 1], [2, 2]]],
  ]);
});

Deno.test("full backward hooks replace gradients", () => {
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const m = filled(new nn.Linear(2, 2));
  const after = m.registerFullBackwardHook((_, [g]) => [g!.mul(10)]);
  const y = m.call(x);
  assertEquals(y.gradFn!.name, "BackwardHookFunctionBackward");
  y.sum().backward();
  assertEquals(x.grad!.tolist(), [20, 20]);
  assertEquals(m.weight.grad!.tolist(), [[1, 2], [1, 2]]);
  after.remove();
  x.grad = null;
  m.zeroGrad();
  m.registerFullBackwardPreHook((_, [g]) => [g!.mul(3)]);
  m.call(x).sum().backward();
  assertEquals(x.grad!.tolist(), [6, 6]);
  assertEquals(m.weight.grad!.tolist(), [[3, 6], [3, 6]]);
  m.registerFullBackwardHook((_, [g]) => [g!, g!]);
  assertThrows(
    () => m.call(x).sum().backward(),
    TypeError,
    "Backward hook returned an invalid number of grad_input, got 2, but expected 1",
  );
});

Deno.test("modules that are made in a scope outlive it", () => {
  let m: dg.nn.Module | null = null;
  dg.scope(() => {
    m = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
  });
  const made = m as unknown as dg.nn.Sequential;
  assertEquals(made.call(dg.ones([3, 2])).shape, [3, 2]);
  dg.scope(() => made.double());
  const variance = made.stateDict()["1.running_var"]!;
  assertEquals(variance.tolist<number[]>().length, 2);
  assertEquals(variance.dtype, "float64");
});

Deno.test("deepCopy copies what belongs to a module, and its hooks", () => {
  const m = filled(new Two());
  m.a.weight.grad = dg.ones([2, 2]);
  const seen: dg.nn.Module[] = [];
  m.registerForwardHook((it) => void seen.push(it));
  const copy = m.deepCopy();
  assert(copy instanceof Two && copy !== m && copy.a !== m.a);
  assertEquals(copy.tied, copy.a);
  assertEquals(String(copy), String(m));
  assertEquals(Object.keys(copy.stateDict()), Object.keys(m.stateDict()));
  assertEquals(copy.a.weight.grad!.tolist(), [[1, 1], [1, 1]]);
  nn.init.zeros_(m.a.weight);
  m.mask.zero_();
  assertEquals(copy.a.weight.tolist(), [[1, 1], [1, 1]]);
  assertEquals([...copy.buffers()].map((x) => x.tolist()), [[1, 1]]);
  const x = dg.ones([1, 2]);
  copy.call(x, x);
  assertEquals(seen.length === 1 && seen[0] === copy, true);
});

Deno.test("every module can be copied, and the copy computes the same", () => {
  const vectors = dg.randn([2, 6, 8, 8]);
  const make: (() => dg.nn.Layer)[] = [
    () => new nn.Conv2d(6, 4, 3, { padding: 1, paddingMode: "reflect" }),
    () => new nn.ConvTranspose2d(6, 4, 3),
    () => new nn.BatchNorm2d(6),
    () => new nn.InstanceNorm2d(6),
    () => new nn.Sequential({ pad: new nn.ZeroPad2d(1), act: new nn.GELU() }),
    () => new nn.Sequential(new nn.Dropout(0), new nn.MaxPool2d(2)),
  ];
  for (const layer of make.map((it) => it())) {
    const copy = layer.deepCopy();
    assertEquals(String(copy), String(layer));
    const [a, b] = [copy.call(vectors), layer.call(vectors)];
    assertEquals(a.tolist(), b.tolist());
  }
  const dict = new nn.ModuleDict({ a: new nn.Linear(1, 1) }).deepCopy();
  assertEquals(dict.get("a").call(dg.ones(1)).shape, [1]);
  const layer = new nn.TransformerEncoderLayer(8, 2, { dropout: 0 });
  const encoder = new nn.TransformerEncoder(layer, 2).eval();
  const x = dg.randn([3, 1, 8]);
  assertEquals(encoder.deepCopy().call(x).tolist(), encoder.call(x).tolist());
  const lstm = new nn.LSTM(8, 4);
  assertEquals(
    lstm.deepCopy().call(x)[0].tolist(),
    lstm.call(x)[0].tolist(),
  );
  const computed = new Two();
  Reflect.set(computed, "extra", computed.a.weight.mul(2));
  assertThrows(() => computed.deepCopy(), dg.RuntimeError, "graph leaves");
});

Deno.test("a module without forward() says so when it is called", () => {
  // TypeScript refuses this; JavaScript does not.
  const Base = nn.Module as unknown as new () => dg.nn.Layer;
  class Bare extends Base {}
  const list = new nn.ModuleList([new nn.Linear(1, 1)]);
  for (const module of [new Bare(), list]) {
    assertThrows(
      () => Reflect.apply(module.call, module, [dg.ones(1)]),
      dg.RuntimeError,
      `Module [${module.constructor.name}] is missing the required "forward" function`,
    );
  }
});
