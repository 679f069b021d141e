// Walks every op record there is and checks what its family promises; what an
// op computes is compared with PyTorch in goldens_test.ts. A new op is covered
// by its record alone if it is elementwise or a reduction; a view or an op with
// a kernel of its own needs a call in conformance/calls*.ts.

import { assertEquals } from "@std/assert";
import "@dinograd/dinograd";
import { DISCARD } from "../src/tensor/temporaries.ts";
import type { MapOp } from "../src/tensor/map_op.ts";
import { OPS } from "../src/tensor/op.ts";
import type { ReduceOp } from "../src/tensor/reduce_op.ts";
import {
  checkCallDerivatives,
  checkCallGeometry,
  checkCallPrecision,
  checkCallReads,
  checkCallShapes,
  checkCallValues,
  unusedRecords,
} from "./conformance/call_checks.ts";
import { CALLS } from "./conformance/calls.ts";
import {
  checkMapDerivatives,
  checkMapInplace,
  checkMapPrecision,
  checkMapValues,
} from "./conformance/map_checks.ts";
import {
  checkReduceDerivatives,
  checkReduceValues,
} from "./conformance/reduce_checks.ts";

// Every rule must leave its gradients to the engine, which disposes of them.
DISCARD.least = 0;

for (const op of OPS.filter((op): op is MapOp => op.family === "map")) {
  Deno.test(`conformance ${op.name} (map ${op.kernel.id})`, async (t) => {
    await t.step("values", () => checkMapValues(op));
    await t.step("in place", () => checkMapInplace(op));
    await t.step("derivatives", () => checkMapDerivatives(op));
    await t.step("precision", () => checkMapPrecision(op));
  });
}

for (const op of OPS.filter((op): op is ReduceOp => op.family === "reduce")) {
  Deno.test(`conformance ${op.name} (reduce ${op.kernel.id})`, async (t) => {
    await t.step("values", () => checkReduceValues(op));
    await t.step("derivatives", () => checkReduceDerivatives(op));
  });
}

const OTHERS = OPS.filter((op) =>
  op.family === "move" || op.family === "kernel"
);

for (const [name, calls] of Object.entries(CALLS)) {
  Deno.test(`conformance ${name} (${calls.length} calls)`, async (t) => {
    await t.step("derivatives", () => checkCallDerivatives(name, calls));
    await t.step("geometry", () => checkCallGeometry(name, calls));
    await t.step("values", () => checkCallValues(name, calls));
    await t.step("shapes", () => checkCallShapes(name, calls));
    await t.step("precision", () => checkCallPrecision(name, calls));
    await t.step("reads what it saves", () => {
      for (const op of OTHERS) if (op.name === name) checkCallReads(op, calls);
    });
  });
}

Deno.test("conformance: every view and kernel has a call", () => {
  assertEquals(unusedRecords(OTHERS, CALLS), []);
});
