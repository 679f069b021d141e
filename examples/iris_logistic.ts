// Logistic regression on Fisher's iris flowers: three species, four lengths.
// Run it with `deno run examples/iris_logistic.ts`.

import * as dg from "@dinograd/dinograd";
import text from "./data/iris.csv" with { type: "text" };
import { readArguments } from "./support/arguments.ts";
import { showCurve } from "./support/picture.ts";

const options = await readArguments();
dg.manualSeed(1);

const rows = text.trim().split("\n").slice(1).map((line) =>
  line.split(",").map(Number)
);
const table = dg.tensor(rows, { device: "cpu" })
  .indexSelect(0, dg.randperm(rows.length, { device: "cpu" }))
  .to(dg.getDefaultDevice());
const measured = table.at(":", ":4");
const x = measured.sub(measured.mean(0)).div(measured.std(0));
const y = table.at(":", 4).to(x.device.type === "cpu" ? "int64" : "int32");
const [train, test] = [[":120"], ["120:"]] as const;

const model = new dg.nn.Linear(4, 3);
const optimizer = new dg.optim.Adam(model.parameters(), { lr: 0.1 });
const losses: number[] = [];
const steps = options.short ? 20 : 200;
for (let step = 0; step < steps; step++) {
  const loss = dg.nn.functional.crossEntropy(
    model.call(x.at(...train)),
    y.at(...train),
  );
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  losses.push(loss.item());
}

const right = dg.noGrad(() =>
  model.call(x.at(...test)).argmax(1).eq(y.at(...test))
);
const accuracy = right.to("float32").mean().item();
showCurve("cross entropy", losses, options.plot);
console.log(
  `result: ${(100 * accuracy).toFixed(1)} % of 30 test flowers are right`,
);
