// What a tiny op costs, and a tiny graph with its backward pass: all overhead.

import * as dg from "@dinograd/dinograd";

const a = dg.tensor([1, 2, 3]);
const b = dg.tensor([4, 5, 6]);
const p = dg.tensor([1, 2, 3], { requiresGrad: true });

// Results are kept for a while, so that no op is optimised away.
const kept: dg.Tensor[] = new Array(64).fill(a);
let i = 0;

Deno.bench("add, 3 elements", { group: "op" }, () => {
  kept[i++ & 63] = a.add(b);
});

Deno.bench("add a number, 3 elements", { group: "op" }, () => {
  kept[i++ & 63] = a.add(2);
});

Deno.bench("exp, 3 elements", { group: "op" }, () => {
  kept[i++ & 63] = a.exp();
});

Deno.bench("mul, 3 elements, recorded", { group: "op" }, () => {
  kept[i++ & 63] = p.mul(b);
});

Deno.bench("sub_, 3 elements, without recording", { group: "op" }, () => {
  using _ = dg.noGrad();
  a.sub_(b);
});

Deno.bench("(x+2), y*y*2, mean, backward", { group: "graph" }, () => {
  p.grad = null;
  const y = p.add(2);
  y.mul(y).mul(2).mean().backward();
});

Deno.bench("8 mixed ops and backward", { group: "graph" }, () => {
  p.grad = null;
  const y = p.add(b).mul(b).sin().neg();
  y.exp().cos().div(b.log()).sum().backward();
});
