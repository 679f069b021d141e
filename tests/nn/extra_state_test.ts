// What modules save besides tensors: where it stands in state dicts, and what
// is said where it is missing or not expected. As PyTorch 2.13 does it.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

class Counter extends nn.Module {
  w: dg.nn.Parameter = new nn.Parameter(dg.ones(1));
  lin: dg.nn.Linear = new nn.Linear(1, 1);
  n = 3;
  forward(x: dg.Tensor): dg.Tensor {
    return x;
  }
  override getExtraState(): unknown {
    return { n: this.n };
  }
  override setExtraState(state: { n: number }): void {
    this.n = state.n;
  }
}

class Getter extends nn.Identity {
  override getExtraState(): unknown {
    return 1;
  }
}

class Setter extends nn.Identity {
  override setExtraState(_state: unknown): void {
  }
}

function pair(n: number): [dg.nn.Sequential, Counter] {
  const counter = new Counter();
  counter.n = n;
  return [new nn.Sequential([new Counter(), counter]), counter];
}

Deno.test("extra state stands after a module's own tensors and comes back", () => {
  const state = pair(5)[0].stateDict();
  assertEquals(Object.keys(state), [
    ...["0.w", "0._extra_state", "0.lin.weight", "0.lin.bias"],
    ...["1.w", "1._extra_state", "1.lin.weight", "1.lin.bias"],
  ]);
  assertEquals(state["1._extra_state"] as unknown, { n: 5 });
  const [model, counter] = pair(0);
  const result = model.loadStateDict(state);
  assertEquals(String(result), "<All keys matched successfully>");
  assertEquals(counter.n, 5);
});

Deno.test("extra state travels in files", () => {
  const path = Deno.makeTempFileSync({ suffix: ".pt" });
  try {
    dg.save(pair(7)[0].stateDict(), path);
    const [model, counter] = pair(0);
    model.loadStateDict(dg.load(path));
    assertEquals(counter.n, 7);
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("extra state that is missing or not expected is named", () => {
  const [model, counter] = pair(5);
  const refused = (
    module: dg.nn.Module,
    state: dg.nn.StateDict,
    message: string,
  ) =>
    assertThrows(
      () => module.loadStateDict(state),
      dg.RuntimeError,
      `Error(s) in loading stateDict for ${module.constructor.name}:\n\t${message}. `,
    );
  const short = model.stateDict();
  delete short["1._extra_state"];
  delete short["1.w"];
  counter.n = 0;
  refused(
    model,
    short,
    'Missing key(s) in stateDict: "1.w", "1._extra_state"',
  );
  const loose = model.loadStateDict(short, { strict: false });
  assertEquals(loose.missingKeys, ["1.w", "1._extra_state"]);
  assertEquals(counter.n, 0);
  refused(
    model,
    { ...model.stateDict(), "_extra_state": dg.ones(1) },
    'Unexpected key(s) in stateDict: "_extra_state"',
  );
  const getter = new Getter();
  refused(
    getter,
    getter.stateDict(),
    'Unexpected key(s) in stateDict: "_extra_state"',
  );
  refused(new Setter(), {}, 'Missing key(s) in stateDict: "_extra_state"');
});

Deno.test("modules without extra state refuse to be asked", () => {
  const linear = new nn.Linear(1, 1);
  assertThrows(
    () => linear.getExtraState(),
    dg.RuntimeError,
    "Reached a code path in Module.getExtraState() that should never be called.",
  );
  assertThrows(
    () => linear.setExtraState(1 as never),
    dg.RuntimeError,
    "Reached a code path in Module.setExtraState() that should never be called.",
  );
});
