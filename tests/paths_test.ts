// The two paths of the CPU device, kernels in WebAssembly and loops in
// JavaScript, agree for every op record: elementwise ops and reductions by their
// records alone, all other ops by the calls of the conformance test and by calls
// of every size.

import "@dinograd/dinograd";
import type { MapOp } from "../src/tensor/map_op.ts";
import { OPS } from "../src/tensor/op.ts";
import type { ReduceOp } from "../src/tensor/reduce_op.ts";
import { CALLS } from "./conformance/calls.ts";
import { SIZED_CALLS } from "./conformance/calls_sized.ts";
import {
  checkCallPaths,
  checkMapPaths,
  checkReducePaths,
} from "./conformance/path_checks.ts";
import { SIZES } from "./conformance/paths.ts";

for (const op of OPS.filter((op): op is MapOp => op.family === "map")) {
  Deno.test(`both paths compute ${op.name} (map ${op.kernel.id})`, () => {
    checkMapPaths(op);
  });
}

for (const op of OPS.filter((op): op is ReduceOp => op.family === "reduce")) {
  Deno.test(`both paths compute ${op.name} (reduce ${op.kernel.id})`, () => {
    checkReducePaths(op);
  });
}

for (const [name, calls] of Object.entries(CALLS)) {
  Deno.test(`both paths compute ${name} (${calls.length} calls)`, () => {
    checkCallPaths(name, calls, false);
  });
}

for (const [name, sized] of Object.entries(SIZED_CALLS)) {
  Deno.test(`both paths compute ${name} of any size`, () => {
    for (const n of SIZES) {
      // Limits between the paths lie around 33 elements and 6³ products.
      const usually = n <= 9 || (n >= 31 && n <= 34);
      if (n > 0) checkCallPaths(name, sized(n), usually);
    }
  });
}
