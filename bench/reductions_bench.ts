// Sums over everything, over columns and over rows, and what is made of them.

import * as dg from "@dinograd/dinograd";

for (const n of [100, 1000, 3000]) {
  const x = dg.randn([n, n]);
  const group = `${n} x ${n}`;
  Deno.bench(`sum(), ${group}`, { group }, () => {
    x.sum();
  });
  Deno.bench(`sum(0), ${group}`, { group }, () => {
    x.sum(0);
  });
  Deno.bench(`sum(1), ${group}`, { group }, () => {
    x.sum(1);
  });
  Deno.bench(`amax(1), ${group}`, { group }, () => {
    x.amax(1);
  });
  Deno.bench(`mean(0), ${group}`, { group }, () => {
    x.mean(0);
  });
  Deno.bench(`cumsum(1), ${group}`, { group }, () => {
    x.cumsum(1);
  });
}
