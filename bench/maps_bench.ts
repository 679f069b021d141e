// Elementwise ops from a thousand to ten million elements: where threads and
// memory bandwidth take over from the cost of a call.

import * as dg from "@dinograd/dinograd";

for (const n of [1e3, 1e4, 1e5, 1e6, 1e7]) {
  const [a, b, c] = [dg.randn([n]), dg.randn([n]), dg.randn([n])] as const;
  const group = `${n} elements`;
  Deno.bench(`a*b+c, ${group}`, { group }, () => {
    a.mul(b).add(c);
  });
  for (const op of ["exp", "tanh", "sigmoid", "sin", "sqrt"] as const) {
    Deno.bench(`${op}, ${group}`, { group }, () => {
      a[op]();
    });
  }
  Deno.bench(`add_, ${group}`, { group }, () => {
    a.add_(b);
  });
}
