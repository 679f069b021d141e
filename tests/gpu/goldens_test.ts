// PyTorch's goldens on the GPU: the cases of tests/goldens_test.ts with the GPU
// as the default device, int32 in place of int64. What the GPU cannot have is
// left out, and how much that is stands below.

import { assert } from "@std/assert";
import { type Tolerance, TORCH_TOLERANCE } from "../golden_case.ts";
import { casesByOp, type Judge, runCases } from "../golden_run.ts";
import { countGpuTests, gpuTest, HAS_FLOAT16, onGpu } from "./gpu_test_case.ts";
import {
  type Reason,
  translated,
  translatedMessage,
  type Translation,
} from "./translated.ts";

/**
 * Where the answers are float64's and the GPU computes in float32: inputs are
 * rounded before anything is computed, and functions carry that along.
 */
const NARROWED: Tolerance = { ...TORCH_TOLERANCE, float32: [1e-4, 1e-5] };

// All others have the tolerance of the CPU, which is torch.testing's own: WGSL
// promises less (2.5 units in the last place for a quotient, 3 + 2|x| for exp),
// but every function here is our own and within 2 or 3 units, erf within 4,
// erfinv 6, erfc 7; sums are float32 in trees. float32 leaves room for 11 units.
const judge = (narrowed: boolean): Judge => ({
  tolerance: () => narrowed ? NARROWED : TORCH_TOLERANCE,
  message: translatedMessage,
  refuses: (text) =>
    text.includes("is not currently implemented for the webgpu device."),
});

/** Decompositions of matrices, and what needs one, are refused by name. */
const REFUSED =
  /^(linalg\.|cholesky|det$|slogdet|logdet|inverse|pinverse|norm|matrixPower)/;
let refused = 0;

/** Cases that have no form on the GPU, at most, with room for new ones; and those that have one, at least. */
const MOST_LEFT_OUT: Readonly<Record<Reason, number>> = {
  "float64": 400,
  "int64": 30,
  "float16": HAS_FLOAT16 ? 0 : 1500,
  "int32 indices": 12,
  "zero divisors": 6,
  "ties": 35,
};
const LEAST_KEPT = HAS_FLOAT16 ? 7300 : 6800;

const leftOut: Partial<Record<Reason, number>> = {};
let kept = 0;

for (const [name, all] of casesByOp()) {
  const cases: Translation[] = [];
  for (const golden of all) {
    const here = translated(golden);
    if (typeof here === "string") leftOut[here] = (leftOut[here] ?? 0) + 1;
    else cases.push(here);
  }
  kept += cases.length;
  if (cases.length === 0) continue;
  gpuTest(
    `golden on the GPU ${name} (${cases.length} cases)`,
    (gpu) =>
      onGpu(gpu, () => {
        let none = 0;
        for (const narrowed of [false, true]) {
          const goldens = cases.filter((each) => each.narrowed === narrowed);
          none += runCases(
            goldens.map(({ golden }) => golden),
            judge(narrowed),
          );
        }
        assert(none === 0 || REFUSED.test(name), `${none} cases are refused`);
        refused += none;
      }),
  );
}

Deno.test("goldens that the GPU cannot have are few, and counted", () => {
  for (const [reason, most] of Object.entries(MOST_LEFT_OUT)) {
    const count = leftOut[reason as Reason] ?? 0;
    assert(count <= most, `${count} cases are left out for ${reason}`);
  }
  assert(kept >= LEAST_KEPT, `${kept} cases are left`);
  console.log(`${refused} forms of cases need a decomposition of matrices`);
});

countGpuTests(
  "goldens",
  `: ${kept} cases; left out ${
    Object.entries(leftOut).map(([reason, n]) => `${n} for ${reason}`)
      .join(", ")
  }`,
);
