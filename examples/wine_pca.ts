// Principal components of 178 wines: the two directions in which thirteen
// measurements differ most, found by orthogonal iteration.
// Run it with `deno run examples/wine_pca.ts`.

import * as dg from "@dinograd/dinograd";
import text from "./data/wine.csv" with { type: "text" };
import { readArguments } from "./support/arguments.ts";
import { showPicture } from "./support/picture.ts";

const options = await readArguments();
dg.manualSeed(0);

const rows = text.trim().split("\n").slice(1).map((line) =>
  line.split(",").map(Number)
);
const table = dg.tensor(rows);
const measured = table.at(":", ":13");
const x = measured.sub(measured.mean(0)).div(measured.std(0));
const covariance = x.T.matmul(x).div(x.shape[0]! - 1);

/** Two columns made orthogonal and of length one (Gram and Schmidt). */
function orthonormal(columns: dg.Tensor): dg.Tensor {
  const first = columns.at(":", 0);
  const a = first.div(first.norm());
  const second = columns.at(":", 1);
  const rest = second.sub(a.mul(a.dot(second)));
  return dg.stack([a, rest.div(rest.norm())], 1);
}

let axes = orthonormal(dg.randn([13, 2]));
for (let step = 0; step < (options.short ? 20 : 200); step++) {
  axes = orthonormal(covariance.matmul(axes));
}
const variances: number[] = axes.T.matmul(covariance).matmul(axes).diagonal()
  .tolist();
const share = variances.map((v) => v / 13);
const places = x.matmul(axes);
const cultivars: number[] = table.at(":", 13).tolist();

showPicture(
  "two principal components of wines",
  [0, 1, 2].map((wanted) => {
    const mine = cultivars.flatMap((c, k) => c === wanted ? [k] : []);
    const points = mine.map((k) => places.at(k).tolist<number[]>());
    return {
      name: `cultivar ${wanted + 1}`,
      x: points.map((p) => p[0]!),
      y: points.map((p) => p[1]!),
      scattered: true,
    };
  }),
  options.plot,
);
console.log(
  `result: ${(100 * share[0]!).toFixed(1)} % and ${
    (100 * share[1]!).toFixed(1)
  } % of the variance`,
);
