// The work of the comparison in numpy-ts, which has no derivatives.
// In plain JavaScript: checking its types would take minutes.

import * as np from "npm:numpy-ts@1.7.0";
import { LENGTHS, numbers, rowNumbers, SIDES } from "./inputs.ts";
import { report } from "./measure.ts";

np.configureWasm({ maxMemory: 3 * 2 ** 30 });

function array(seed, shape) {
  const count = shape.reduce((product, n) => product * n, 1);
  return np.array(numbers(seed, count)).reshape(shape);
}

function total(result) {
  if (typeof result === "number") return Math.abs(result);
  return Number(np.sum(np.abs(np.asarray(result, "float64"))));
}

/** Results between, whose memory is given back as the documentation asks. */
const between = [];
function t(x) {
  between.push(x);
  return x;
}

/** A row that computes an array; the memory of the last one is given back. */
function row(name, compute) {
  let kept = null;
  return {
    name,
    run: () => {
      kept?.dispose?.();
      kept = compute();
      for (const x of between) x.dispose();
      between.length = 0;
    },
    check: () => total(compute()),
  };
}

const N = 1000;
const small = array(1, [3]);
const [a, b, c] = [1, 2, 3].map((seed) => array(seed, [N * N]));
const wide = np.array(Float64Array.from(numbers(1, N * N)));
const other = np.array(Float64Array.from(numbers(2, N * N)));
const matrix = array(1, [N, N]);
const line = array(2, [N]);
const column = array(2, [N, 1]);
const picked = np.array(rowNumbers(N));

function softmax(x) {
  const powers = t(np.exp(t(np.subtract(x, t(np.amax(x, 1, true))))));
  return np.divide(powers, t(np.sum(powers, 1, true)));
}

const rows = [
  row("add, 3 elements", () => np.add(small, small)),
  row("a*b+c, 1e6", () => np.add(t(np.multiply(a, b)), c)),
  row("tanh, 1e6", () => np.tanh(a)),
  row(
    "sigmoid, 1e6",
    () => np.reciprocal(t(np.add(t(np.exp(t(np.negative(a)))), 1))),
  ),
  row("sin, 1e6", () => np.sin(a)),
  row("add, 1e6, float64", () => np.add(wide, other)),
  row("exp, 1e6, float64", () => np.exp(wide)),
  row("sum(), 1e6, float64", () => np.sum(wide)),
  row("sum(), 1000×1000", () => np.sum(matrix)),
  row("sum(0), 1000×1000", () => np.sum(matrix, 0)),
  row("sum(1), 1000×1000", () => np.sum(matrix, 1)),
  row("amax(1), 1000×1000", () => np.amax(matrix, 1)),
  row("softmax(1), 1000×1000", () => softmax(matrix)),
  row("layer norm, 1000×1000", () => {
    const centred = t(np.subtract(matrix, t(np.mean(matrix, 1, true))));
    const variance = t(np.mean(t(np.square(centred)), 1, true));
    return np.divide(centred, t(np.sqrt(t(np.add(variance, 1e-5)))));
  }),
  row("cross entropy, 1000×1000", () => {
    const shifted = t(np.subtract(matrix, t(np.amax(matrix, 1, true))));
    const sums = t(np.log(t(np.sum(t(np.exp(shifted)), 1))));
    return np.mean(t(np.subtract(sums, t(np.diagonal(shifted)))));
  }),
  row("matrix + row, 1000×1000", () => np.add(matrix, line)),
  row("matrix + column, 1000×1000", () => np.add(matrix, column)),
  row("transposed copy, 1000×1000", () => np.copy(np.transpose(matrix))),
  row("rows by index, 1000×1000", () => np.take(matrix, picked, 0)),
  row("sort, 1e6", () => np.sort(a)),
];
for (const [n, name] of LENGTHS) {
  const [x, y] = [array(1, [n]), array(2, [n])];
  rows.push(
    row(`add, ${name}`, () => np.add(x, y)),
    row(`exp, ${name}`, () => np.exp(x)),
  );
}
for (const n of SIDES) {
  const [x, y] = [array(1, [n, n]), array(2, [n, n])];
  rows.push(row(`matmul ${n}`, () => np.matmul(x, y)));
  if (n !== 512) continue;
  const [p, q] = [np.transpose(x), np.transpose(y)];
  rows.push(
    row(`matmul ${n}, left transposed`, () => np.matmul(p, y)),
    row(`matmul ${n}, right transposed`, () => np.matmul(x, q)),
    row(`matmul ${n}, both transposed`, () => np.matmul(p, q)),
  );
}
const [p, q] = [1, 2].map((seed) =>
  np.array(Float64Array.from(numbers(seed, 512 * 512))).reshape([512, 512])
);
rows.push(row("matmul 512, float64", () => np.matmul(p, q)));
await report(rows, null);
