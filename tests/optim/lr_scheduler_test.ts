// Every scheduler against PyTorch: learning rates and momenta of 25 steps, what
// is saved, going on from it, and what is refused.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import {
  camelMessage,
  camelOptions,
  GOLDENS,
  type Json,
  optimizerOf,
  type SchedulerCase,
} from "./golden.ts";

const S = dg.optim.lrScheduler;

function fresh(name = "SGD", groups = 1): dg.optim.Optimizer {
  const params = Array.from({ length: groups }, (_, k) => ({
    params: [dg.zeros(2, { requiresGrad: true })],
    lr: 0.1 / (k + 1),
  }));
  return optimizerOf(name, params, name === "SGD" ? { momentum: 0.9 } : {});
}

type Scheduler = dg.optim.lrScheduler.LRScheduler;

/** Those whose arguments are functions or schedulers. */
const MADE: Readonly<Record<string, () => Scheduler>> = {
  LambdaLR: () =>
    new S.LambdaLR(fresh("SGD", 2), [(e) => 0.95 ** e, (e) => 1 / (1 + e)]),
  MultiplicativeLR: () =>
    new S.MultiplicativeLR(fresh(), (e) => e % 2 ? 0.9 : 0.8),
  SequentialLR: () => {
    const o = fresh("SGD", 2);
    return new S.SequentialLR(o, [
      new S.LinearLR(o, { startFactor: 0.1, totalIters: 5 }),
      new S.ExponentialLR(o, 0.9),
      new S.CosineAnnealingLR(o, 6),
    ], [5, 12]);
  },
  ChainedScheduler: () => {
    const o = fresh();
    return new S.ChainedScheduler([
      new S.ConstantLR(o, { factor: 0.1, totalIters: 3 }),
      new S.ExponentialLR(o, 0.9),
    ], { optimizer: o });
  },
  "CyclicLR scale_fn": () =>
    new S.CyclicLR(fresh(), 0.01, 0.1, {
      stepSizeUp: 3,
      scaleFn: (x) => 0.8 ** x,
      scaleMode: "iterations",
    }),
};

function made(golden: {
  readonly name: string;
  readonly optimizer?: string;
  readonly groups?: number;
  readonly args?: Json[];
  readonly options?: Record<string, Json>;
}): Scheduler {
  const make = MADE[golden.name];
  if (make !== undefined) return make();
  type Maker = new (...args: unknown[]) => Scheduler;
  const all = { ...S, ...dg.optim.swaUtils } as unknown as Record<
    string,
    Maker
  >;
  return new all[golden.name]!(
    fresh(golden.optimizer, golden.groups),
    ...golden.args ?? [],
    camelOptions(golden.options ?? {}),
  );
}

function close(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((x, i) =>
    assertAlmostEquals(x, expected[i]!, 1e-12 * Math.max(1, expected[i]!))
  );
}

function momenta(scheduler: Scheduler): number[] {
  return scheduler.optimizer.paramGroups.map((group) =>
    group.betas?.[0] ?? group.momentum!
  );
}

function stepped(scheduler: Scheduler, k: number): void {
  if (scheduler instanceof S.ReduceLROnPlateau) {
    scheduler.step(GOLDENS.metrics[k]!);
  } else scheduler.step();
}

/** Numbers within 1e-12, all else equal; the goldens hold infinities as text. */
function same(actual: unknown, expected: Json, path: string): void {
  if (typeof expected === "number") {
    assertAlmostEquals(actual as number, expected, 1e-12, path);
  } else if (expected === "inf" || expected === "-inf") {
    assertEquals(actual, expected === "inf" ? Infinity : -Infinity, path);
  } else if (typeof expected === "object" && expected !== null) {
    const a = actual as Record<string, unknown>;
    const b = expected as Record<string, Json>;
    assertEquals(Object.keys(a).sort(), Object.keys(b).sort(), path);
    for (const key of Object.keys(b)) same(a[key], b[key]!, `${path}.${key}`);
  } else assertEquals(actual, expected, path);
}

function title(golden: SchedulerCase): string {
  const { name, optimizer = "", args = [], options = {} } = golden;
  return `${name} ${optimizer} ${JSON.stringify(args)} ${
    JSON.stringify(options)
  }`;
}

for (const golden of GOLDENS.schedulers) {
  Deno.test(`learning rates of ${title(golden)}`, () => {
    const scheduler = made(golden);
    golden.lr.forEach((lr, k) => {
      if (k > 0) stepped(scheduler, k - 1);
      close(scheduler.getLastLr(), lr);
      close(scheduler.optimizer.paramGroups.map((group) => group.lr), lr);
      close(momenta(scheduler), golden.momentum[k]!);
    });
    same(scheduler.stateDict(), golden.state, "state");
  });

  Deno.test(`${title(golden)} goes on from state dicts`, () => {
    const scheduler = made(golden);
    for (let k = 0; k < 9; k++) stepped(scheduler, k);
    const other = made(golden);
    other.loadStateDict(scheduler.stateDict());
    (other.optimizer as dg.optim.Optimizer).loadStateDict(
      (scheduler.optimizer as dg.optim.Optimizer).stateDict(),
    );
    for (let k = 9; k < 25; k++) {
      stepped(scheduler, k);
      stepped(other, k);
      assertEquals(other.getLastLr(), scheduler.getLastLr());
      assertEquals(momenta(other), momenta(scheduler));
    }
  });
}

for (const golden of GOLDENS.errors) {
  const { name, args, options, error } = golden;
  if (args === undefined) continue;
  Deno.test(`${name} refuses ${JSON.stringify(args)} ${JSON.stringify(options)}`, () => {
    assertThrows(
      () => made(golden),
      dg.ValueError,
      camelMessage(error.replace("ValueError: ", ""))
        .replace("scaleFn is None", "scaleFn is null"),
    );
  });
}

Deno.test("schedulers refuse what is no optimizer, and schedulers of others", () => {
  assertThrows(
    () => new S.ExponentialLR({ paramGroups: [], defaults: {} }, 0.5),
    TypeError,
    "Object is not an Optimizer",
  );
  const o = fresh();
  const other = new S.ExponentialLR(fresh(), 0.5);
  assertThrows(
    () => new S.ChainedScheduler([new S.ExponentialLR(o, 0.5), other]),
    dg.ValueError,
    "ChainedScheduler expects all schedulers to belong to the same optimizer, but got scheduler ExponentialLR at index 1",
  );
  assertThrows(
    () => new S.SequentialLR(o, [new S.ReduceLROnPlateau(o)], []),
    dg.ValueError,
    "SequentialLR does not support `ReduceLROnPlateau` scheduler",
  );
  assertThrows(
    () => new S.SequentialLR(o, [new S.ExponentialLR(o, 0.5)], [3]),
    dg.ValueError,
    "Sequential Schedulers expects number of schedulers provided to be one more",
  );
  assertThrows(
    () => new S.ExponentialLR(fresh(), 0.5, { lastEpoch: 3 }),
    dg.RuntimeError,
    "param 'initialLr' is not specified in paramGroups[0] when resuming",
  );
  // One step up is none between the first and the last of them.
  assertThrows(
    () => new S.OneCycleLR(o, 0.1, { totalSteps: 10, pctStart: 0.1 }),
    dg.ValueError,
    "float division by zero",
  );
  assertThrows(
    () => new S.ReduceLROnPlateau(o).step(),
    TypeError,
    "missing 1 required positional argument: 'metrics'",
  );
  assertThrows(
    () =>
      new S.StepLR(o, 3, { gama: 0.5 } as dg.optim.lrScheduler.StepLROptions),
    TypeError,
    "gamma",
  );
});

Deno.test("warm restarts can jump to a fraction of an epoch", () => {
  const scheduler = new S.CosineAnnealingWarmRestarts(fresh(), 3, { tMult: 2 });
  // In PyTorch: 0.07500000000000001, 0.05, 0.0691341716182545.
  scheduler.step(1);
  close(scheduler.getLastLr(), [0.075]);
  scheduler.step(6);
  close(scheduler.getLastLr(), [0.05]);
  scheduler.step(13.5);
  close(scheduler.getLastLr(), [0.0691341716182545]);
});

Deno.test("what PyTorch takes by name is refused where it stands first", () => {
  // deno run does not look at types: without a word, nothing would decay.
  const given = { stepSize: 2, tMax: 2, gamma: 0.5 } as unknown as number;
  const made: [() => unknown, string][] = [
    [() => new S.StepLR(fresh(), given), "'stepSize' must be int"],
    [() => new S.CosineAnnealingLR(fresh(), given), "'tMax' must be float"],
    [() => new S.ExponentialLR(fresh(), given), "'gamma' must be float"],
    [() => new S.CyclicLR(fresh(), given, 1), "baseLr must be a number"],
  ];
  for (const [make, message] of made) {
    assertThrows(make, TypeError, message);
  }
  assertThrows(
    () => new S.StepLR(fresh(), 0),
    dg.ValueError,
    "integer modulo by zero",
  );
});
