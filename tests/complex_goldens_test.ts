// Complex numbers in all ops that PyTorch has for them, against real PyTorch
// (goldens/make_complex_goldens.py). What PyTorch refuses must be refused, and
// what it has and we have not must be refused as well: it is listed here, so
// that no op gives a wrong number.

import * as dg from "@dinograd/dinograd";
import { describeCase, invoke, prepare } from "./golden_case.ts";
import type { GoldenCase } from "./golden_case.ts";
import { runCase, STRICT } from "./golden_run.ts";

const url = new URL("./goldens/complex.json", import.meta.url);
const CASES: GoldenCase[] = JSON.parse(Deno.readTextFileSync(url));

/** Ops that PyTorch has for complex numbers and we have not, or not in all forms: they are right or refuse. */
const MISSING: ReadonlySet<string> = new Set(
  [
    "choleskyInverse choleskySolve det inverse logdet matrixExp norm pinverse",
    "slogdet linalg.cholesky linalg.choleskyEx linalg.cond linalg.det",
    "linalg.eigvalsh linalg.householderProduct linalg.inv linalg.invEx",
    "linalg.lstsq linalg.lu linalg.luFactor linalg.luFactorEx linalg.luSolve",
    "linalg.matrixExp linalg.matrixNorm linalg.matrixRank linalg.norm",
    "linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.solveEx",
    "linalg.solveTriangular linalg.svdvals linalg.tensorinv",
    "conv1d conv2d conv3d convTranspose1d convTranspose2d convTranspose3d",
    "logaddexp logcumsumexp logsumexp renorm",
  ].join(" ").split(" "),
);

/** Ops that PyTorch refuses, some only where a gradient is wanted, for plain numbers or for no elements, and that have a meaning here. */
const BEYOND: ReadonlySet<string> = new Set(
  [
    "isin kthvalue ldexp logicalAnd nanToNum scatterReduce selectScatter",
    "sliceScatter uniqueConsecutive",
    ...[
      "alphaDropout dropout dropout1d dropout2d dropout3d embedding",
      "featureAlphaDropout maxPool1d maxPool2d maxPool3d maxUnpool1d",
      "maxUnpool2d maxUnpool3d",
    ].flatMap((line) => line.split(" ")).map((name) => `nn.functional.${name}`),
  ].join(" ").split(" "),
);

/** Ops that are made of others here, whose nodes have other names. */
const COMPOSED: ReadonlySet<string> = new Set(
  "dist nanToNum std stdMean var varMean nn.functional.pairwiseDistance"
    .split(" "),
);

/** A case without the name of the node, where that differs. */
function judged(golden: GoldenCase): GoldenCase {
  if (!COMPOSED.has(golden.op)) return golden;
  const { gradFn: _, ...rest } = golden;
  return rest;
}

/** Whether a call throws an error. */
function refuses(golden: GoldenCase, form: string): boolean {
  try {
    invoke(golden, form, prepare(golden, form));
    return false;
  } catch {
    return true;
  }
}

const byOp = Map.groupBy(CASES, ({ op }) => op);

for (const [op, cases] of byOp) {
  Deno.test(`complex ${op} (${cases.length} cases)`, () => {
    const failures: string[] = [];
    for (const golden of cases) {
      for (const form of golden.as) {
        const call = describeCase(golden, form);
        if (golden.refused !== undefined) {
          if (!BEYOND.has(op) && !refuses(golden, form)) {
            failures.push(`${call}: is not refused`);
          }
          continue;
        }
        let text: string | null;
        try {
          text = runCase(judged(golden), form, STRICT);
        } catch (error) {
          const known = MISSING.has(op) && error instanceof dg.RuntimeError;
          text = known ? null : `threw ${error}`;
        }
        if (text !== null) failures.push(`${call}: ${text}`);
      }
    }
    if (failures.length > 0) throw new Error(failures.join("\n"));
  });
}
