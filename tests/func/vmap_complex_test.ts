// Complex numbers under vmap: each golden case on two samples at once gives what
// it gives on each, value and gradients, or is refused.

import { describeCase, prepare } from "../golden_case.ts";
import type { GoldenCase } from "../golden_case.ts";
import { runMapped } from "./vmap_case.ts";

const url = new URL("../goldens/complex.json", import.meta.url);
const CASES: GoldenCase[] = JSON.parse(Deno.readTextFileSync(url));

Deno.test("complex numbers under vmap", () => {
  const failures: string[] = [];
  let compared = 0;
  for (const golden of CASES) {
    if (golden.refused !== undefined) continue;
    for (const form of golden.as) {
      const count = prepare(golden, form).operands.length;
      const all = Array.from({ length: count }, (_, k) => k);
      for (
        const mapped of count === 1 ? [all] : [all, ...all.map((k) => [k])]
      ) {
        const verdict = runMapped(golden, form, mapped);
        if (verdict === null || verdict.refusal !== null) continue;
        compared++;
        if (verdict.failure === null) continue;
        failures.push(
          `${describeCase(golden, form)} by [${mapped}]: ${verdict.failure}`,
        );
      }
    }
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
  if (compared < 1500) throw new Error(`only ${compared} were compared`);
});
