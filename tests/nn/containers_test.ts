// Sequential, ModuleList, ModuleDict, ParameterList and ParameterDict.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

Deno.test("Sequential shows and names its modules as PyTorch does", () => {
  const inner = new nn.Sequential([new nn.Linear(2, 2), new nn.Tanh()]);
  const model = new nn.Sequential({ a: new nn.ReLU(), b: inner });
  assertEquals(
    String(model),
    `Sequential(
  (a): ReLU()
  (b): Sequential(
    (0): Linear(in_features=2, out_features=2, bias=True)
    (1): Tanh()
  )
)`,
  );
  assertEquals(Object.keys(model.stateDict()), ["b.0.weight", "b.0.bias"]);
  assertEquals(model.get("b"), inner);
  model.append(new nn.Identity());
  assertEquals([...model.namedChildren()].map(([name]) => name), [
    "a",
    "b",
    "2",
  ]);
  assertEquals(String(new nn.Sequential()), "Sequential()");
  assertEquals(Deno.inspect(new nn.Sequential()), "Sequential()");
});

Deno.test("Sequential can be changed and cut", () => {
  const model = new nn.Sequential(new nn.ReLU(), new nn.Tanh());
  model.insert(1, new nn.Identity());
  model.extend([new nn.Sigmoid()]);
  const show = (it: dg.nn.Sequential) =>
    [...it].map((layer) => layer.constructor.name);
  assertEquals(show(model), ["ReLU", "Identity", "Tanh", "Sigmoid"]);
  assertEquals(model.pop(1).constructor.name, "Identity");
  assertEquals(show(model.slice(1)), ["Tanh", "Sigmoid"]);
  assertEquals(model.at(-1).constructor.name, "Sigmoid");
  model.set(-1, new nn.GELU());
  assertEquals(model[2]!.constructor.name, "GELU");
  assertEquals([model.length, Object.keys(model).includes("3")], [3, false]);
  for (const index of [3, -4, 0.5]) {
    const message = `index ${index} is out of range`;
    assertThrows(() => model.at(index), dg.IndexError, message);
  }
  assertThrows(() => model.insert(9, new nn.ReLU()), dg.IndexError);
  assertThrows(() => new nn.Sequential().pop(), dg.IndexError);
});

Deno.test("ModuleList shows equal modules once, and cannot be run", () => {
  const list = new nn.ModuleList([
    new nn.Linear(2, 2),
    new nn.Linear(2, 2),
    new nn.ReLU(),
  ]);
  assertEquals(
    String(list),
    `ModuleList(
  (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)
  (2): ReLU()
)`,
  );
  assertEquals(String(new nn.ModuleList()), "ModuleList()");
  assertEquals(list.slice(2).length, 1);
  assertThrows(
    () => list.forward(),
    dg.RuntimeError,
    'Module [ModuleList] is missing the required "forward" function',
  );
});

Deno.test("ModuleDict keeps order, and takes names that fields could not have", () => {
  const dict = new nn.ModuleDict<dg.nn.Layer>({ forward: new nn.Linear(1, 1) });
  dict.set("leftArm", new nn.Linear(1, 1)).update([["x", new nn.ReLU()]]);
  assertEquals(Object.keys(dict.stateDict()), [
    "forward.weight",
    "forward.bias",
    "leftArm.weight",
    "leftArm.bias",
  ]);
  assertEquals([dict.size, dict.has("x"), [...dict.keys()]], [
    3,
    true,
    ["forward", "leftArm", "x"],
  ]);
  assertEquals(String(dict.pop("x")), "ReLU()");
  assertEquals(dict.delete("x"), false);
  assertThrows(() => dict.get("x"), dg.ValueError, "'x'");
  assertThrows(() => dict.set("a.b", new nn.ReLU()), dg.ValueError, `"."`);
  dict.clear();
  assertEquals(String(dict), "ModuleDict()");
});

Deno.test("parameters in lists and dictionaries are trained and shown", () => {
  const list = new nn.ParameterList([dg.zeros([2, 3]), dg.zeros(2)]);
  assertEquals(
    String(list),
    `ParameterList(
    (0): Parameter containing: [torch.float32 of size 2x3]
    (1): Parameter containing: [torch.float32 of size 2]
)`,
  );
  list.append(new nn.Parameter(dg.ones(1)));
  assertEquals(Object.keys(list.stateDict()), ["0", "1", "2"]);
  const dict = new nn.ParameterDict({ a: dg.zeros([2, 3]) });
  assertEquals(
    String(dict),
    `ParameterDict(
    (a): Parameter containing: [torch.FloatTensor of size 2x3]
)`,
  );
  dict.double();
  assertEquals(dict.get("a").dtype, "float64");
  dict.loadStateDict({ a: dg.ones([2, 3]) }, { assign: true });
  assertEquals(dict.get("a").sum().item(), 6);
  assertEquals([...dict.parameters()].length, 1);
  class Holder extends nn.Module {
    weights = dict;
    forward(): void {}
  }
  assertEquals(Object.keys(new Holder().stateDict()), ["weights.a"]);
});
