// The work of the comparison as plain loops over typed arrays, written by hand
// for each case: what a program without a library costs.

import { LENGTHS, numbers, rowNumbers } from "./inputs.ts";
import { report, type Row } from "./measure.ts";

function row(name: string, compute: () => Float32Array | number): Row {
  let kept: Float32Array | number = 0;
  return {
    name,
    run: () => {
      kept = compute();
    },
    check: () => {
      kept = compute();
      if (typeof kept === "number") return Math.abs(kept);
      return kept.reduce((sum, value) => sum + Math.abs(value), 0);
    },
  };
}

function map(x: Float32Array, f: (value: number) => number): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = f(x[i]!);
  return out;
}

const N = 1000;
const [a, b, c] = [1, 2, 3].map((seed) => numbers(seed, N * N)) as [
  Float32Array,
  Float32Array,
  Float32Array,
];
const small = numbers(1, 3);
const line = numbers(2, N);
const picked = rowNumbers(N);

function matmul(x: Float32Array, y: Float32Array, n: number): Float32Array {
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const value = x[i * n + k]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += value * y[k * n + j]!;
    }
  }
  return out;
}

function softmax(): Float32Array {
  const out = new Float32Array(N * N);
  for (let i = 0; i < N * N; i += N) {
    let most = -Infinity;
    for (let j = i; j < i + N; j++) most = Math.max(most, a[j]!);
    let sum = 0;
    for (let j = i; j < i + N; j++) sum += out[j] = Math.exp(a[j]! - most);
    for (let j = i; j < i + N; j++) out[j]! /= sum;
  }
  return out;
}

/** The polynomial fit with its derivative written out. */
function fit(): number {
  const n = 2000;
  const x = new Float32Array(n);
  for (let i = 0; i < n; i++) x[i] = -Math.PI + 2 * Math.PI * i / (n - 1);
  const y = map(x, Math.sin);
  let [p, q, r, s] = [0.5, 0.56, 2.06, -0.05] as [
    number,
    number,
    number,
    number,
  ];
  let loss = 0;
  for (let t = 0; t < 2000; t++) {
    loss = 0;
    let [dp, dq, dr, ds] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const v = x[i]!;
      const e = p + v * (q + v * (r + v * s)) - y[i]!;
      loss += e * e;
      const g = 2 * e;
      dp += g;
      dq += g * v;
      dr += g * v * v;
      ds += g * v * v * v;
    }
    p -= 1e-6 * dp;
    q -= 1e-6 * dq;
    r -= 1e-6 * dr;
    s -= 1e-6 * ds;
  }
  return loss;
}

const rows: Row[] = [
  row("add, 3 elements", () => {
    const out = new Float32Array(3);
    for (let i = 0; i < 3; i++) out[i] = small[i]! + small[i]!;
    return out;
  }),
  row("sort, 1e6", () => a.slice().sort()),
  row("rows by index, 1000×1000", () => {
    const out = new Float32Array(N * N);
    picked.forEach((from, i) =>
      out.set(a.subarray(from * N, from * N + N), i * N)
    );
    return out;
  }),
  row("a*b+c, 1e6", () => {
    const out = new Float32Array(N * N);
    for (let i = 0; i < N * N; i++) out[i] = a[i]! * b[i]! + c[i]!;
    return out;
  }),
  row("tanh, 1e6", () => map(a, Math.tanh)),
  row("sigmoid, 1e6", () => map(a, (x) => 1 / (1 + Math.exp(-x)))),
  row("sin, 1e6", () => map(a, Math.sin)),
  row("sum(), 1000×1000", () => {
    let sum = 0;
    for (let i = 0; i < N * N; i++) sum += a[i]!;
    return sum;
  }),
  row("sum(0), 1000×1000", () => {
    const out = new Float32Array(N);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) out[j]! += a[i * N + j]!;
    }
    return out;
  }),
  row("sum(1), 1000×1000", () => {
    const out = new Float32Array(N);
    for (let i = 0; i < N; i++) {
      let sum = 0;
      for (let j = 0; j < N; j++) sum += a[i * N + j]!;
      out[i] = sum;
    }
    return out;
  }),
  row("softmax(1), 1000×1000", softmax),
  row("matrix + row, 1000×1000", () => {
    const out = new Float32Array(N * N);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) out[i * N + j] = a[i * N + j]! + line[j]!;
    }
    return out;
  }),
  row("matrix + column, 1000×1000", () => {
    const out = new Float32Array(N * N);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) out[i * N + j] = a[i * N + j]! + line[i]!;
    }
    return out;
  }),
  row("transposed copy, 1000×1000", () => {
    const out = new Float32Array(N * N);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) out[j * N + i] = a[i * N + j]!;
    }
    return out;
  }),
];
for (const [n, name] of LENGTHS) {
  const [x, y] = [numbers(1, n), numbers(2, n)];
  rows.push(
    row(`add, ${name}`, () => {
      const out = new Float32Array(n);
      for (let i = 0; i < n; i++) out[i] = x[i]! + y[i]!;
      return out;
    }),
    row(`exp, ${name}`, () => map(x, Math.exp)),
  );
}
for (const n of [16, 32, 64, 128, 256, 512]) {
  const [x, y] = [numbers(1, n * n), numbers(2, n * n)];
  rows.push(row(`matmul ${n}`, () => matmul(x, y, n)));
}
rows.push(row("polynomial fit, 2000 steps", fit));
await report(rows, null);
