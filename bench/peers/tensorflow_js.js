// The work of the comparison in TensorFlow.js on its WebAssembly backend.
// In plain JavaScript, so that checking types needs no download.

import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import {
  CONVOLUTION,
  LENGTHS,
  numbers,
  rowNumbers,
  SIDES,
  SIZES,
} from "./inputs.ts";
import { report } from "./measure.ts";

setWasmPaths(
  import.meta.resolve(
    "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/tfjs-backend-wasm.wasm",
  ).replace(/[^/]*$/, "").replace("file://", ""),
);
await tf.setBackend("wasm");
await tf.ready();

function tensor(seed, shape) {
  const count = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(numbers(seed, count), shape);
}

function total(result) {
  let sum = 0;
  for (const value of result.dataSync()) sum += Math.abs(value);
  return sum;
}

function row(name, compute) {
  return {
    name,
    run: () => {
      tf.tidy(compute).dispose();
    },
    check: () => total(compute()),
  };
}

const N = 1000;
const small = tensor(1, [3]);
const [a, b, c] = [1, 2, 3].map((seed) => tensor(seed, [N * N]));
const matrix = tensor(1, [N, N]);
const wanted = tf.oneHot(tf.range(0, N, 1, "int32"), N);
const picked = tf.tensor1d(rowNumbers(N), "int32");
const line = tensor(2, [N]);
const column = tensor(2, [N, 1]);
const tiny = tf.grad((x) => {
  const y = x.add(2);
  return y.mul(y).mul(2).mean();
});

const rows = [
  row("add, 3 elements", () => small.add(small)),
  row("(x+2)²·2, mean, backward, 3 elements", () => tiny(small)),
  row("a*b+c, 1e6", () => a.mul(b).add(c)),
  row("tanh, 1e6", () => a.tanh()),
  row("sigmoid, 1e6", () => a.sigmoid()),
  row("sin, 1e6", () => a.sin()),
  row("sum(), 1000×1000", () => matrix.sum()),
  row("sum(0), 1000×1000", () => matrix.sum(0)),
  row("sum(1), 1000×1000", () => matrix.sum(1)),
  row("amax(1), 1000×1000", () => matrix.max(1)),
  row("softmax(1), 1000×1000", () => matrix.softmax(1)),
  row("layer norm, 1000×1000", () => {
    const { mean, variance } = tf.moments(matrix, 1, true);
    return matrix.sub(mean).div(variance.add(1e-5).sqrt());
  }),
  row(
    "cross entropy, 1000×1000",
    () => tf.losses.softmaxCrossEntropy(wanted, matrix),
  ),
  row("rows by index, 1000×1000", () => matrix.gather(picked)),
  row("matrix + row, 1000×1000", () => matrix.add(line)),
  row("matrix + column, 1000×1000", () => matrix.add(column)),
  row("transposed copy, 1000×1000", () => matrix.transpose()),
];
for (const [n, name] of LENGTHS) {
  const [x, y] = [tensor(1, [n]), tensor(2, [n])];
  rows.push(
    row(`add, ${name}`, () => x.add(y)),
    row(`exp, ${name}`, () => x.exp()),
  );
}
for (const n of SIDES) {
  const [x, y] = [tensor(1, [n, n]), tensor(2, [n, n])];
  rows.push(row(`matmul ${n}`, () => x.matMul(y)));
  // Larger ones take seconds each.
  if (n !== 512) continue;
  rows.push(
    row(`matmul ${n}, left transposed`, () => x.matMul(y, true, false)),
    row(`matmul ${n}, right transposed`, () => x.matMul(y, false, true)),
    row(`matmul ${n}, both transposed`, () => x.matMul(y, true, true)),
  );
}

// Channels come last here.
const images = tf.keep(tensor(1, CONVOLUTION.x).transpose([0, 2, 3, 1]));
const filters = tf.keep(tensor(2, CONVOLUTION.w).transpose([2, 3, 1, 0]));
const convolve = (x, w) => tf.conv2d(x, w, 1, "same");
const derive = tf.grads((x, w) => convolve(x, w).sum());
rows.push(
  row(
    "conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]",
    () => convolve(images, filters),
  ),
  row("conv2d, forward and backward", () => derive([images, filters])[1]),
);

const { batch, inputs, hidden, classes } = SIZES;

/** A training step. */
function mlp() {
  const data = tensor(1, [batch, inputs]);
  const target = tf.oneHot(
    Array.from({ length: batch }, (_, i) => i % classes),
    classes,
  );
  const weights = [
    tensor(2, [inputs, hidden]).mul(0.1),
    tf.zeros([hidden]),
    tensor(3, [hidden, classes]).mul(0.1),
    tf.zeros([classes]),
  ].map((value) => tf.variable(value));
  const [w1, b1, w2, b2] = weights;
  const sgd = tf.train.sgd(0.01);
  return () => {
    const loss = sgd.minimize(
      () => {
        const inner = data.matMul(w1).add(b1).relu();
        const scores = inner.matMul(w2).add(b2);
        return tf.losses.softmaxCrossEntropy(target, scores).asScalar();
      },
      true,
      weights,
    );
    const [value] = loss.dataSync();
    loss.dispose();
    return value;
  };
}
const step = mlp();
rows.push({
  name: "MLP training step",
  run: step,
  check: () => {
    const fresh = mlp();
    let last = 0;
    for (let i = 0; i < 5; i++) last = fresh();
    return last;
  },
});
await report(rows, mlp);
