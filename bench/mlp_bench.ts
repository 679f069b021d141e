// A training step of a small network: products, activation, loss, backward and
// update together.

import { mlp } from "./mlp.ts";

const step = mlp();

Deno.bench("MLP 784-256-10, batch 128, one step", () => {
  step();
});
