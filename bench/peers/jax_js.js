// The work of the comparison in jax-js, on its WebAssembly backend: eagerly,
// and compiled (`jit`) where a function is compiled in practice. Every use but
// the last takes a reference, as its documentation asks.
// In plain JavaScript: checking its types would take minutes.

import {
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from "npm:@jax-js/jax@0.1.25";
import {
  CONVOLUTION,
  LENGTHS,
  numbers,
  rowNumbers,
  SIDES,
  SIZES,
} from "./inputs.ts";
import { report } from "./measure.ts";

await init();
defaultDevice("wasm");

function array(seed, shape) {
  const count = shape.reduce((product, n) => product * n, 1);
  return np.array(numbers(seed, count)).reshape(shape);
}

function total(result) {
  let sum = 0;
  for (const value of result.dataSync()) sum += Math.abs(value);
  return sum;
}

/** A row that computes an array and waits for it. */
function row(name, compute) {
  return {
    name,
    run: async () => {
      (await compute().blockUntilReady()).dispose();
    },
    check: () => total(compute()),
  };
}

const N = 1000;
const small = array(1, [3]);
const [a, b, c] = [1, 2, 3].map((seed) => array(seed, [N * N]));
const matrix = array(1, [N, N]);
const wide = np.array(Float64Array.from(numbers(1, N * N)));
const other = np.array(Float64Array.from(numbers(2, N * N)));
const wanted = nn.oneHot(np.arange(N), N);
const picked = np.array(rowNumbers(N));
const line = array(2, [N]);
const column = array(2, [N, 1]);

const tiny = valueAndGrad((x) => {
  const y = x.add(2);
  return np.mean(y.ref.mul(y).mul(2));
});

const rows = [
  row("add, 3 elements", () => small.ref.add(small.ref)),
  row("(x+2)²·2, mean, backward, 3 elements", () => {
    const [value, gradient] = tiny(small.ref);
    value.dispose();
    return gradient;
  }),
  row("a*b+c, 1e6", () => a.ref.mul(b.ref).add(c.ref)),
  row("tanh, 1e6", () => np.tanh(a.ref)),
  row("sigmoid, 1e6", () => nn.sigmoid(a.ref)),
  row("sin, 1e6", () => np.sin(a.ref)),
  row("sum(), 1000×1000", () => matrix.ref.sum()),
  row("sum(0), 1000×1000", () => matrix.ref.sum(0)),
  row("sum(1), 1000×1000", () => matrix.ref.sum(1)),
  row("add, 1e6, float64", () => wide.ref.add(other.ref)),
  row("exp, 1e6, float64", () => np.exp(wide.ref)),
  row("sum(), 1e6, float64", () => wide.ref.sum()),
  row("amax(1), 1000×1000", () => np.max(matrix.ref, 1)),
  row("softmax(1), 1000×1000", () => nn.softmax(matrix.ref, 1)),
  row("layer norm, 1000×1000", () => nn.standardize(matrix.ref, 1)),
  row(
    "cross entropy, 1000×1000",
    () => nn.logSoftmax(matrix.ref, 1).mul(wanted.ref).sum().mul(-1 / N),
  ),
  row("rows by index, 1000×1000", () => np.take(matrix.ref, picked.ref, 0)),
  row("sort, 1e6", () => np.sort(a.ref)),
  row("matrix + row, 1000×1000", () => matrix.ref.add(line.ref)),
  row("matrix + column, 1000×1000", () => matrix.ref.add(column.ref)),
];
for (const [n, name] of LENGTHS) {
  const [x, y] = [array(1, [n]), array(2, [n])];
  rows.push(
    row(`add, ${name}`, () => x.ref.add(y.ref)),
    row(`exp, ${name}`, () => np.exp(x.ref)),
  );
}
for (const n of SIDES) {
  const [x, y] = [array(1, [n, n]), array(2, [n, n])];
  rows.push(row(`matmul ${n}`, () => np.matmul(x.ref, y.ref)));
  if (n !== 512) continue;
  rows.push(
    row(
      `matmul ${n}, left transposed`,
      () => np.matmul(x.ref.transpose(), y.ref),
    ),
    row(
      `matmul ${n}, right transposed`,
      () => np.matmul(x.ref, y.ref.transpose()),
    ),
    row(
      `matmul ${n}, both transposed`,
      () => np.matmul(x.ref.transpose(), y.ref.transpose()),
    ),
  );
}

const images = array(1, CONVOLUTION.x);
const filters = array(2, CONVOLUTION.w);
const convolve = (x, w) => lax.conv(x, w, [1, 1], "SAME");
const gradients = valueAndGrad(({ x, w }) => convolve(x, w).sum());
rows.push(
  row(
    "conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]",
    () => convolve(images.ref, filters.ref),
  ),
  row("conv2d, forward and backward", () => {
    const [value, g] = gradients({ x: images.ref, w: filters.ref });
    value.dispose();
    g.x.dispose();
    return g.w;
  }),
);

const { batch, inputs, hidden, classes } = SIZES;

/** A compiled training step. */
function mlp() {
  const data = array(1, [batch, inputs]);
  const target = nn.oneHot(
    np.array(Int32Array.from({ length: batch }, (_, i) => i % classes)),
    classes,
  );
  let weights = {
    w1: array(2, [inputs, hidden]).mul(0.1),
    b1: np.zeros([hidden]),
    w2: array(3, [hidden, classes]).mul(0.1),
    b2: np.zeros([classes]),
  };
  const loss = (w, x, t) => {
    const scores = nn.relu(np.matmul(x, w.w1).add(w.b1));
    const logs = nn.logSoftmax(np.matmul(scores, w.w2).add(w.b2), 1);
    return logs.mul(t).sum().mul(-1 / batch);
  };
  const update = jit((w, x, t) => {
    const held = {
      w1: w.w1.ref,
      b1: w.b1.ref,
      w2: w.w2.ref,
      b2: w.b2.ref,
    };
    const [value, g] = valueAndGrad(loss)(held, x, t);
    return [value, {
      w1: w.w1.sub(g.w1.mul(0.01)),
      b1: w.b1.sub(g.b1.mul(0.01)),
      w2: w.w2.sub(g.w2.mul(0.01)),
      b2: w.b2.sub(g.b2.mul(0.01)),
    }];
  });
  return () => {
    const [value, next] = update(weights, data.ref, target.ref);
    weights = next;
    return value;
  };
}

const step = mlp();
rows.push({
  name: "MLP training step",
  run: async () => {
    (await step().blockUntilReady()).dispose();
  },
  check: () => {
    const fresh = mlp();
    let last = 0;
    for (let i = 0; i < 5; i++) last = total(fresh());
    return last;
  },
});

/** The polynomial fit, one compiled step at a time. */
const x = np.linspace(-Math.PI, Math.PI, 2000);
const y = np.sin(x.ref);
const fitStep = jit((w, x, y) => {
  const square = (v) => v.ref.mul(v);
  const loss = (w, x, y) => {
    const predicted = w.p.add(w.q.mul(x.ref)).add(w.r.mul(square(x.ref)))
      .add(w.s.mul(x.ref.mul(square(x))));
    return square(predicted.sub(y)).sum();
  };
  const held = { p: w.p.ref, q: w.q.ref, r: w.r.ref, s: w.s.ref };
  const [value, g] = valueAndGrad(loss)(held, x, y);
  return [value, {
    p: w.p.sub(g.p.mul(1e-6)),
    q: w.q.sub(g.q.mul(1e-6)),
    r: w.r.sub(g.r.mul(1e-6)),
    s: w.s.sub(g.s.mul(1e-6)),
  }];
});

function fit() {
  const [p, q, r, s] = [0.5, 0.56, 2.06, -0.05].map((v) => np.array(v));
  let weights = { p, q, r, s };
  let last = NaN;
  for (let t = 0; t < 2000; t++) {
    const [value, next] = fitStep(weights, x.ref, y.ref);
    weights = next;
    if (t % 100 === 99) last = total(value);
    else value.dispose();
  }
  return last;
}
rows.push({ name: "polynomial fit, 2000 steps", run: fit, check: fit });
await report(rows, mlp);
