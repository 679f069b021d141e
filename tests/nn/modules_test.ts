// Every module of dg.nn against PyTorch's: repr, state dict, first values,
// output, gradients, buffers afterwards. Goldens: make_module_goldens.py.

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

interface Packed {
  shape: number[];
  dtype: dg.DType;
  values: number[];
}

interface Case {
  name: string;
  args: unknown[];
  options: Record<string, unknown>;
  repr: string;
  /** Null for what has no size yet. */
  state: Record<string, Packed | null>;
  inputs: Packed[];
  fixed: Packed[];
  evaluation?: boolean;
  /** The repr after the call, where that changes it. */
  reprAfter?: string;
  output: Packed;
  gradients: (Packed | null)[];
  parameterGradients: Record<string, Packed | null>;
  stateAfter: Record<string, Packed>;
}

const CASES: Case[] = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/modules.json", import.meta.url)),
);

/** Of everything that is not said to be further off. */
const TOLERANCE = 2e-6;
/** PyTorch sums in float32 what we sum in float64, or computes powers in float32. */
const TOLERANCES: Record<string, number> = {};

type Constructor = new (...args: unknown[]) => dg.nn.Module;

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** The constructor's options in our spelling; weights become tensors. */
function optionsOf(it: Case): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(it.options)) {
    const isTensor = key === "weight" || key === "pos_weight";
    out[camelCase(key)] = isTensor ? dg.tensor(value as number[]) : value;
  }
  return out;
}

function unpack({ shape, dtype, values }: Packed): dg.Tensor {
  return dg.tensor(values, { dtype }).reshape(shape);
}

function assertClose(
  actual: dg.Tensor | null,
  expected: Packed | null,
  what: string,
  tolerance: number,
): void {
  if (expected === null || actual === null) {
    return assert(actual === null && expected === null, what);
  }
  assertEquals(actual.shape, expected.shape, `${what}: shape`);
  assertEquals(actual.dtype, expected.dtype, `${what}: dtype`);
  const values = actual.flatten().tolist<number[]>();
  const scale = Math.max(1, ...expected.values.map(Math.abs));
  values.forEach((value, i) => {
    const right = expected.values[i]!;
    const fits = Object.is(value, right) ||
      Math.abs(value - right) <= tolerance * scale;
    assert(fits, `${what}[${i}]: ${value}, but PyTorch has ${right}`);
  });
}

function check(it: Case): void {
  const tolerance = TOLERANCES[it.name] ?? TOLERANCE;
  dg.manualSeed(0);
  const make = Reflect.get(nn, it.name) as Constructor;
  const options = Object.keys(it.options).length > 0 ? [optionsOf(it)] : [];
  const module = new make(...it.args, ...options);
  assertEquals(String(module), it.repr);
  const state = module.stateDict();
  assertEquals(Object.keys(state), Object.keys(it.state), "names");
  for (const [name, expected] of Object.entries(it.state)) {
    const x = state[name]!;
    if (expected !== null) assertClose(x, expected, name, 2e-7);
    else assertMatch(String(x), /^<Uninitialized(Parameter|Buffer)>$/);
  }
  const inputs = it.inputs.map((packed) => {
    const x = unpack(packed);
    return x.isFloatingPoint() ? x.requiresGrad_() : x;
  });
  if (it.evaluation) module.eval();
  dg.manualSeed(2);
  const given = [...inputs, ...it.fixed.map(unpack)];
  const forward = module.call as (
    ...xs: dg.Tensor[]
  ) => dg.Tensor | Iterable<dg.Tensor>;
  const result = forward.apply(module, given);
  if (it.reprAfter !== undefined) assertEquals(String(module), it.reprAfter);
  // Several results stand one after the other in the golden.
  const output = dg.isTensor(result)
    ? result
    : dg.cat(Array.from(result, (x) => x.flatten()), 0);
  assertClose(output, it.output, "output", tolerance);
  if (output.requiresGrad) {
    const weights = dg.arange(output.numel()).cos().reshape(output.shape);
    output.backward(weights);
  }
  it.gradients.forEach((expected, k) =>
    assertClose(inputs[k]!.grad, expected, `gradient of input ${k}`, tolerance)
  );
  const parameters = new Map(module.namedParameters());
  assertEquals([...parameters.keys()], Object.keys(it.parameterGradients));
  for (const [name, expected] of Object.entries(it.parameterGradients)) {
    const { grad } = parameters.get(name)!;
    assertClose(grad, expected, `gradient of ${name}`, tolerance);
  }
  const buffers = new Map(module.namedBuffers());
  assertEquals([...buffers.keys()], Object.keys(it.stateAfter));
  for (const [name, expected] of Object.entries(it.stateAfter)) {
    assertClose(buffers.get(name)!, expected, `${name} afterwards`, tolerance);
  }
}

for (const name of new Set(CASES.map((it) => it.name))) {
  Deno.test(`nn.${name} is PyTorch's`, () => {
    for (const it of CASES.filter((other) => other.name === name)) {
      try {
        check(it);
      } catch (error) {
        const call = JSON.stringify([it.args, it.options]);
        throw new Error(`${name}(${call})`, { cause: error });
      }
    }
  });
}
