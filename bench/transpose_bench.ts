// Copies that change the order of memory, beside one that does not.

import * as dg from "@dinograd/dinograd";

for (const n of [100, 1000, 3000]) {
  const x = dg.randn([n, n]);
  const group = `${n} x ${n}`;
  Deno.bench(`clone(), ${group}`, { group, baseline: true }, () => {
    x.clone();
  });
  Deno.bench(`t().contiguous(), ${group}`, { group }, () => {
    x.t().contiguous();
  });
  Deno.bench(`every second column, ${group}`, { group }, () => {
    x.unflatten(1, [n / 2, 2]).select(2, 0).contiguous();
  });
  Deno.bench(`cat of two halves, ${group}`, { group }, () => {
    dg.cat([x.narrow(1, n / 2, n / 2), x.narrow(1, 0, n / 2)], 1);
  });
}
const images = dg.randn([8, 16, 32, 32]);
Deno.bench("permute(0, 2, 3, 1) of 8 x 16 x 32 x 32", () => {
  images.permute([0, 2, 3, 1]).contiguous();
});
