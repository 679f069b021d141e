// Runs the goldens made by goldens/make_op_goldens.py: every op's values,
// dtypes, shapes, gradients, node names and errors against real PyTorch. One
// test per op; choose with `deno test -A tests/goldens_test.ts --filter
// "golden add "`.

import { casesByOp, runCases } from "./golden_run.ts";

for (const [name, cases] of casesByOp()) {
  Deno.test(`golden ${name} (${cases.length} cases)`, () => {
    runCases(cases);
  });
}
