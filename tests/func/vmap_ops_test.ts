// Every op under vmap: each golden case on two samples at once must give what it
// gives on each, value and gradients, with all of its operands mapped and with
// each alone. What vmap refuses is listed, with the reason.

import { assertEquals } from "@std/assert";
import { describeCase, prepare } from "../golden_case.ts";
import { casesByOp } from "../golden_run.ts";
import { runMapped } from "./vmap_case.ts";

/** Ops that draw samples, or call back with values: there is nothing to compare. */
const LEFT_OUT =
  /ropout|^(rand|normal|empty|bernoulli|multinomial|rrelu|apply$|map$)/;

/** Ops that vmap cannot do, as far as cases go: the result has another shape for each sample, or values are read. */
const REFUSED = new Set([
  // Another shape for each sample.
  "argwhere",
  "at",
  "combinations",
  "indexFill",
  "indexPut",
  "indexPut_",
  "maskedSelect",
  "nonzero",
  "repeatInterleave",
  "setAt_",
  "unique",
  "uniqueConsecutive",
  "where",
  // Running statistics that are not mapped would be.
  "nn.functional.batchNorm",
  "nn.functional.instanceNorm",
  // Values are read outside of what runs for each sample.
  "nn.functional.ctcLoss",
  "nn.functional.embeddingBag",
]);

/** What an op in place says where only its other operands are mapped, as PyTorch does. */
const IN_PLACE = "inplace arithmetic(self, *extra_args)";

for (const [op, cases] of casesByOp()) {
  if (op.endsWith(" errors") || LEFT_OUT.test(op)) continue;
  Deno.test(`vmap of ${op}`, () => {
    for (const golden of cases) {
      for (const form of golden.as) {
        const count = operandCount(golden, form);
        const all = Array.from({ length: count }, (_, k) => k);
        const sets = count === 1 ? [all] : [all, ...all.map((k) => [k])];
        for (const mapped of count === 0 ? [] : sets) {
          const verdict = runMapped(golden, form, mapped);
          if (verdict === null) continue;
          const call = `${describeCase(golden, form)} mapped by [${mapped}]`;
          assertEquals(verdict.failure, null, call);
          const { refusal } = verdict;
          if (refusal === null) continue;
          const name = form === "i" ? `${op}_` : op;
          const known = REFUSED.has(name) ||
            (!mapped.includes(0) && refusal.includes(IN_PLACE));
          assertEquals(known, true, `${call}: ${refusal}`);
        }
      }
    }
  });
}

function operandCount(...call: Parameters<typeof prepare>): number {
  try {
    return prepare(...call).operands.length;
  } catch {
    // What the golden expects cannot be made here.
    return 0;
  }
}
