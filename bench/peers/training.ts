// The steps of bench/training_bench.ts in dinograd. Usage: training.ts [threads]

import * as dg from "@dinograd/dinograd";
import { NETWORKS, stepOf } from "../training_networks.ts";
import { report, type Row } from "./measure.ts";

dg.setNumThreads(Number(Deno.args[0] ?? dg.getNumThreads()));

const rows = Object.entries(NETWORKS).map(([name, make]): Row => {
  const step = stepOf(make);
  return {
    name,
    run: step,
    check: () => {
      const fresh = stepOf(make);
      let loss = fresh();
      for (let i = 1; i < 5; i++) loss = fresh();
      return loss.item() as number;
    },
  };
});
await report(rows, null, { warmUp: 1000, measure: 1000 });
