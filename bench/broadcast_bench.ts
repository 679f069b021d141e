// Operands that repeat along a dimension, and gradients that are summed back.

import * as dg from "@dinograd/dinograd";

const N = 1000;
const x = dg.randn([N, N]);
const row = dg.randn([N]);
const column = dg.randn([N, 1]);

Deno.bench("matrix + matrix", { group: "forward", baseline: true }, () => {
  x.add(x);
});
Deno.bench("matrix + row", { group: "forward" }, () => {
  x.add(row);
});
Deno.bench("matrix + column", { group: "forward" }, () => {
  x.add(column);
});
Deno.bench("matrix + number", { group: "forward" }, () => {
  x.add(2);
});
Deno.bench("row + column", { group: "forward" }, () => {
  row.add(column);
});
Deno.bench("matrix + transposed matrix", { group: "forward" }, () => {
  x.add(x.t());
});

const bias = dg.randn([N], { requiresGrad: true });
Deno.bench("matrix + row, backward", { group: "backward" }, () => {
  bias.grad = null;
  x.add(bias).backward(x);
});
