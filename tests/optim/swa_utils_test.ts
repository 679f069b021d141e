// Averages of weights against PyTorch.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { GOLDENS } from "./golden.ts";

const { swaUtils } = dg.optim;
const { averages } = GOLDENS;

function net(): dg.nn.Sequential {
  return new dg.nn.Sequential(new dg.nn.Linear(3, 4), new dg.nn.BatchNorm1d(4));
}

/** The network of the goldens at its start. */
function started(): dg.nn.Sequential {
  const model = net().double();
  model.loadStateDict(Object.fromEntries(
    Object.entries(averages.start).map(([name, value]) => [
      name,
      dg.tensor(value as number, {
        dtype: name.endsWith("tracked") ? "int64" : "float64",
      }),
    ]),
  ));
  return model;
}

function same(
  state: Readonly<Record<string, dg.Tensor>>,
  expected: Readonly<Record<string, unknown>>,
): void {
  assertEquals(Object.keys(state).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const want = ([value].flat(3) as number[]).map(Number);
    const got = Array.from(state[name]!.typedArray(), Number);
    got.forEach((x, i) => assertAlmostEquals(x, want[i]!, 1e-12, name));
  }
}

for (const [name, run] of Object.entries(averages.runs)) {
  Deno.test(`AveragedModel and updateBn: ${name}`, () => {
    const model = started();
    const x = dg.tensor(averages.x, { dtype: "float64" });
    const optimizer = new dg.optim.SGD(model.parameters(), { lr: 0.1 });
    const average = new swaUtils.AveragedModel(model, {
      useBuffers: name === "buffers",
      ...(name === "ema" ? { multiAvgFn: swaUtils.getEmaMultiAvgFn(0.8) } : {}),
    });
    for (let k = 0; k < 6; k++) {
      optimizer.zeroGrad();
      model.call(x).sub(x.narrow(1, 0, 1)).square().mean().backward();
      optimizer.step();
      average.updateParameters(model);
    }
    same(average.stateDict(), run.state);
    const batches = [x.narrow(0, 0, 5), [x.narrow(0, 5, 7), null]];
    swaUtils.updateBn(batches, average);
    same(average.stateDict(), run.after);
    assertEquals(average.training, true);
    // The momentum is as it was.
    assertEquals((average.module.at(1) as dg.nn.BatchNorm1d).momentum, 0.1);
  });
}

Deno.test("an average by a function of one tensor, of float32", () => {
  const model = new dg.nn.Linear(2, 1);
  const average = new swaUtils.AveragedModel(
    model,
    () => new dg.nn.Linear(2, 1),
    { avgFn: (mean, x, n) => mean.mul(n).add(x).div(n + 1) },
  );
  for (const value of [1, 2, 6]) {
    dg.noGrad(() => model.weight.fill_(value));
    average.updateParameters(model);
  }
  assertEquals(average.module.weight.tolist(), [[3, 3]]);
  assertEquals(model.weight.tolist(), [[6, 6]]);
  assertEquals(average.nAveraged.item(), 3);
});

Deno.test("a second model takes no random numbers", () => {
  const make = () => new dg.nn.Linear(2, 1);
  dg.manualSeed(5);
  const model = make();
  const expected = dg.rand(3).tolist();
  dg.manualSeed(5);
  make();
  new swaUtils.AveragedModel(model, make);
  assertEquals(dg.rand(3).tolist(), expected);
});

Deno.test("averages refuse what does not fit", () => {
  const model = new dg.nn.Linear(2, 1);
  assertThrows(
    () => new swaUtils.AveragedModel(model, () => new dg.nn.Linear(2, 2)),
    dg.ValueError,
    "the averaged model and the model have different parameters",
  );
  assertThrows(
    () =>
      new swaUtils.AveragedModel(model, () => new dg.nn.Linear(2, 1), {
        avgFn: swaUtils.getSwaAvgFn(),
        multiAvgFn: swaUtils.getSwaMultiAvgFn(),
      }),
    dg.ValueError,
    "Only one of avgFn and multiAvgFn should be provided",
  );
  assertThrows(
    () => swaUtils.getEmaAvgFn(1.5),
    dg.ValueError,
    "Invalid decay value 1.5 provided. Please provide a value in [0,1] range.",
  );
});

Deno.test("a model is copied, frozen parameters included, where no function makes one", () => {
  dg.manualSeed(5);
  const model = net().double();
  model.getParameter("0.bias").requiresGrad_(false);
  const expected = dg.rand(3).tolist();
  dg.manualSeed(5);
  net();
  const average = new swaUtils.AveragedModel(model, {
    multiAvgFn: swaUtils.getEmaMultiAvgFn(0.5),
  });
  assertEquals(dg.rand(3).tolist(), expected);
  const [own, other] = [model, average.module].map((m) =>
    m.getParameter("0.weight")
  );
  assertEquals(other!.equal(own!), true);
  assertEquals(other!.dtype, "float64");
  assertEquals(average.module.getParameter("0.bias").requiresGrad, false);
  average.updateParameters(model);
  dg.noGrad(() => own!.add_(2));
  average.updateParameters(model);
  assertEquals(own!.sub(other!).eq(1).all().item<boolean>(), true);
  assertThrows(
    () => new swaUtils.AveragedModel(model, { decay: 1 } as object),
    TypeError,
    'unexpected option "decay"',
  );
});
