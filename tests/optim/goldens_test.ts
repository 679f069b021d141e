// Every optimizer against PyTorch: losses of 50 steps on two networks, what is
// kept, how it is shown, and what is refused.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import * as dg from "@dinograd/dinograd";
import {
  camelMessage,
  GOLDENS,
  type Json,
  lossesOf,
  type OptimizerCase,
  optimizerOf,
  trainingOf,
} from "./golden.ts";

/**
 * Muon rounds gradients to bfloat16, so that a last bit of a float32 gradient,
 * which depends on the order of a sum, can move a component by a 256th. Where
 * the gradients are alike, so are the losses; on the convolution PyTorch's own
 * float32 and float64 differ by 9.5e-4, and ours by less than 1e-6.
 */
function toleranceOf(name: string, run: string): number {
  if (run.endsWith("float64")) return 1e-9;
  return name === "Muon" && run.startsWith("conv") ? 1e-3 : 1e-5;
}

function title({ name, options }: OptimizerCase): string {
  return `${name} ${JSON.stringify(options)}`;
}

for (const golden of GOLDENS.optimizers) {
  for (const [run, expected] of Object.entries(golden.losses)) {
    Deno.test(`losses of ${title(golden)} on ${run}`, () => {
      const [net, dtype] = run.split(" ") as [string, dg.DType];
      const training = trainingOf(net, dtype);
      const { losses } = lossesOf(golden, training, expected.length);
      const tolerance = toleranceOf(golden.name, run);
      losses.forEach((loss, k) => {
        const bound = tolerance * Math.max(1, Math.abs(expected[k]!));
        assert(
          Math.abs(loss - expected[k]!) <= bound,
          `step ${k}: ${loss} instead of ${expected[k]}`,
        );
      });
    });
  }
}

function isTensor(x: unknown): x is dg.Tensor {
  return typeof x === "object" && x !== null && "dtype" in x;
}

/** A kept value as the goldens describe it. */
function described(value: unknown): Json {
  if (isTensor(value)) {
    return { dtype: value.dtype, shape: [...value.shape] };
  }
  if (!Array.isArray(value)) return value as Json;
  const tensors = value.some(isTensor);
  return (tensors ? value.slice(0, 1) : value).map(described);
}

for (const golden of GOLDENS.optimizers) {
  Deno.test(`state dict and repr of ${title(golden)}`, () => {
    const training = trainingOf("conv", "float64");
    const { optimizer } = lossesOf(golden, training, 10);
    const dict = optimizer.stateDict();
    assertEquals(dict["param_groups"] as unknown, golden.groups);
    for (const [number, kept] of Object.entries(golden.state)) {
      const own = dict.state[Number(number)]!;
      assertEquals(new Set(Object.keys(own)), new Set(Object.keys(kept)));
      // Of LBFGS, ours are numbers where PyTorch has tensors of one element.
      if (golden.name === "LBFGS") continue;
      for (const [key, value] of Object.entries(kept)) {
        assertEquals(described(own[key]), value, key);
      }
    }
    assertEquals(String(optimizer), golden.repr);
  });
}

for (const golden of GOLDENS.optimizers) {
  Deno.test(`${title(golden)} goes on from a state dict as if nothing had happened`, () => {
    const first = trainingOf("conv", "float64");
    const { optimizer } = lossesOf(golden, first, 5);
    const copy = trainingOf("conv", "float64");
    dg.noGrad(() => copy.params.forEach((p, i) => p.copy_(first.params[i]!)));
    const used = golden.name === "Muon"
      ? copy.params.filter((p) => p.dim() === 2)
      : copy.params;
    const other = optimizerOf(golden.name, used, {});
    other.loadStateDict(optimizer.stateDict());
    for (let k = 0; k < 5; k++) {
      const expected = Number(optimizer.step(first.loss));
      assertEquals(Number(other.step(copy.loss)), expected);
    }
    assertEquals(
      other.stateDict()["param_groups"],
      optimizer.stateDict()["param_groups"],
    );
  });
}

/** A state dict of PyTorch with its tensors made. */
function revived(value: Json): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  if ("values" in value) {
    return dg.tensor(value.values as number[], {
      dtype: value.dtype as dg.DType,
    });
  }
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, x]) => [key, revived(x)]));
}

for (const golden of GOLDENS.resumed) {
  Deno.test(`${golden.name} goes on from a state dict of PyTorch`, () => {
    const training = trainingOf("mlp", "float64");
    const optimizer = optimizerOf(golden.name, training.params, {});
    dg.noGrad(() =>
      training.params.forEach((p, i) =>
        p.copy_(dg.tensor(golden.params[i]!, { dtype: "float64" }))
      )
    );
    optimizer.loadStateDict(
      revived(golden.state) as dg.optim.OptimizerStateDict,
    );
    for (const expected of golden.losses) {
      const loss = Number(optimizer.step(training.loss));
      assertAlmostEquals(loss, expected, 1e-9);
    }
  });
}

for (const { name, options, error } of GOLDENS.errors) {
  if (!(name in dg.optim)) continue;
  Deno.test(`${name} refuses ${JSON.stringify(options)}`, () => {
    const x = dg.zeros(2, { requiresGrad: true });
    assertThrows(
      () => optimizerOf(name, [x], options),
      dg.ValueError,
      camelMessage(error.replace("ValueError: ", "")),
    );
  });
}
