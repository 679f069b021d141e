// Views, ops with kernels of their own and first gradients on the GPU: the calls
// of the conformance test give what they give on the CPU, for inputs that lie in
// every way and have special values, and so do the rules of elementwise ops.

import { assertMatch } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Device, Tensor } from "@dinograd/dinograd";
import { FLOAT16, FLOAT32 } from "../../src/tensor/dtype.ts";
import type { MapOp } from "../../src/tensor/map_op.ts";
import { OPS } from "../../src/tensor/op.ts";
import { type Call, inputsOf } from "../conformance/call.ts";
import { CALLS } from "../conformance/calls.ts";
import { SIZED_CALLS } from "../conformance/calls_sized.ts";
import { floatResults, gradients } from "../conformance/derivatives.ts";
import { applyMap, refuses } from "../conformance/map_checks.ts";
import { tensorOf, valuesOf } from "../conformance/tensors.ts";
import { type Form, placed } from "./beside_cpu.ts";
import { countGpuTests, gpuTest, HAS_FLOAT16 } from "./gpu_test_case.ts";

/** Numbers that break carelessly written loops. */
const SPECIAL = [1, NaN, -0, Infinity, 0, -2.5, -Infinity];

/** Results and gradients as numbers, computed where the inputs are. */
function outcome(call: Pick<Call, "fn">, inputs: readonly Tensor[]): number[] {
  const { device } = inputs[0]!;
  const usual = dg.getDefaultDevice();
  dg.setDefaultDevice(device);
  try {
    const outputs = floatResults(call.fn(inputs));
    const seeds = outputs.map((x) =>
      tensorOf(
        Array.from({ length: x.count }, (_, i) => 1 + i / 8),
        x.shape,
        x.info,
      ).to(device)
    );
    const all = [...outputs, ...gradients(outputs, inputs, seeds)];
    return all.flatMap((x) => valuesOf(x));
  } finally {
    dg.setDefaultDevice(usual);
  }
}

/**
 * float32 on both sides, but sums are added in another order and functions are
 * ours: within `relative` of the largest number around, as between the paths of
 * the CPU.
 */
function assertNear(
  found: readonly number[],
  expected: readonly number[],
  relative: number,
  what: string,
): void {
  const largest = expected.reduce(
    (most, x) => Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most,
    1,
  );
  const at = expected.findIndex((value, i) =>
    !Object.is(found[i], value) && found[i] !== value &&
    !(Math.abs(found[i]! - value) <= relative * (Math.abs(value) + largest))
  );
  if (at < 0 && found.length === expected.length) return;
  throw new Error(
    `${what}: number ${at} of ${expected.length} is ${found[at]} on the GPU, ${
      expected[at]
    } on the CPU`,
  );
}

/** What infinities make of these is left open, and why. */
const OPEN: ReadonlyMap<string, string> = new Map([
  ["convolution", "padding times infinity is NaN where zeros are multiplied"],
  ["convTranspose", "padding times infinity is NaN where zeros are multiplied"],
  [
    "binaryCrossEntropyWithLogits",
    "drivers reorder (w - 1) * y + 1 as if y were finite",
  ],
]);

function checkCall(name: string, call: Call, i: number, gpu: Device): void {
  const floats = inputsOf(call).map((x) => x.to("float32"));
  const on = (form: Form, inputs: readonly Tensor[]) =>
    inputs.map((x) => placed(gpu, x, form).requiresGrad_());
  const host = (inputs: readonly Tensor[]) =>
    inputs.map((x) => x.detach().requiresGrad_());
  const want = outcome(call, host(floats));
  for (const form of ["dense", "gaps"] as const) {
    const what = `${name}, call ${i}, ${form}`;
    assertNear(outcome(call, on(form, floats)), want, 4e-6, what);
  }
  if (OPEN.has(name)) return;
  const special = floats.map((x, k) =>
    tensorOf(
      valuesOf(x).map((value, j) => SPECIAL[(3 * k + j) % 7] ?? value),
      x.shape,
      FLOAT32,
    )
  );
  assertNear(
    outcome(call, on("transposed", special)),
    outcome(call, host(special)),
    4e-6,
    `${name}, call ${i}, special values`,
  );
}

/** What the GPU refuses: decompositions of matrices, and what complex numbers are part of. */
const REFUSED = [
  /^(linalg[A-Z]|cholesky)/,
  // Absolute values and signs of real numbers are elementwise, and not here.
  /^(complex|polar$|conj$|abs$|sgn$|angle$|vdot$|viewAs|fft[A-Z])/,
];
/** With these words. */
const REFUSAL =
  /is not currently implemented for the webgpu device|as the WebGPU framework doesn't support complex64/;

for (const [name, calls] of Object.entries(CALLS)) {
  if (calls.length === 0) continue;
  gpuTest(
    `conformance on the GPU: ${name} (${calls.length} calls)`,
    (gpu) => {
      try {
        calls.forEach((call, i) => checkCall(name, call, i, gpu));
      } catch (error) {
        if (!REFUSED.some((names) => names.test(name))) throw error;
        assertMatch((error as Error).message, REFUSAL);
        console.log(`${name} is refused, as it should be`);
      }
    },
  );
}

/** Around the widths of vectors and workgroups, and beyond the arena. */
const SIZES = [1, 5, 64, 257];

for (const [name, sized] of Object.entries(SIZED_CALLS)) {
  gpuTest(`conformance on the GPU: ${name} of several sizes`, (gpu) => {
    for (const n of SIZES) {
      sized(n).forEach((call, i) => {
        const floats = inputsOf(call).map((x) => x.to("float32"));
        const host = floats.map((x) => x.detach().requiresGrad_());
        const here = floats.map((x) => x.to(gpu).requiresGrad_());
        const what = `${name} of ${n}, call ${i}`;
        assertNear(outcome(call, here), outcome(call, host), 1e-5, what);
      });
    }
  });
}

for (const op of OPS.filter((op): op is MapOp => op.family === "map")) {
  if (op.vjps.length === 0 || refuses(op, FLOAT32)) continue;
  gpuTest(
    `gradients on the GPU: ${op.name} (map ${op.kernel.id})`,
    (gpu) => {
      const count = op.samples.length;
      for (const info of HAS_FLOAT16 ? [FLOAT32, FLOAT16] : [FLOAT32]) {
        if (refuses(op, info)) continue;
        const columns = op.vjps.map((_, k) =>
          op.name === "maskedFill" && k === 2
            // What is filled in is 0-d.
            ? tensorOf([op.samples[0]![k]!], [], info)
            : tensorOf(op.samples.map((sample) => sample[k]!), [count], info)
        );
        const masks = op.vjps.map((rule, k) =>
          rule === null && op.samples.every((s) => s[k] === 0 || s[k] === 1)
        );
        const inputs = (device: Device) =>
          columns.map((x, k) =>
            masks[k] ? x.to("bool").to(device) : x.to(device)
          ).map((x, k) => op.vjps[k] == null ? x : x.requiresGrad_());
        const fn = (all: readonly Tensor[]) => applyMap(op, all);
        const wanted = (device: Device) => {
          const all = inputs(device);
          const leaves = all.filter((x) => x.requiresGrad);
          if (leaves.length === 0) return [];
          return outcome({ fn: () => fn(all) }, leaves);
        };
        // float16 rounds each step of a rule.
        const room = info === FLOAT32 ? 1e-5 : 4e-3;
        const what = `${op.name} of ${info.name}`;
        assertNear(wanted(gpu), wanted(dg.cpu), room, what);
      }
    },
  );
}

countGpuTests("calls and gradients");
