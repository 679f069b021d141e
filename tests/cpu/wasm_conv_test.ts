// Convolutions on WebAssembly against the loops in JavaScript, which sum in
// float64: results and both kinds of gradients, over many geometries, with
// every layout of the operands, alone and on two threads.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { withLimits } from "../conformance/paths.ts";
import { withTwoThreads } from "./two_threads.ts";

type Type = "float32" | "float64";

/** Runs with convolutions from so many multiply-adds on WebAssembly, and none on a BLAS. */
function withLeast<T>(least: number, body: () => T): T {
  return withLimits({ convolveLeast: least, blasLeast: Infinity }, body);
}

/** Integers below n, the same in every run. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

/** The ways in which an operand may lie in memory. */
const LAYOUTS: Record<string, (shape: number[], dtype: Type) => dg.Tensor> = {
  dense: (shape, dtype) => dg.randn(shape, { dtype }),
  channelsLast: (shape, dtype) => {
    const [n, c, ...sizes] = shape as [number, number, ...number[]];
    return dg.randn([n, ...sizes, c], { dtype }).movedim(-1, 1);
  },
  turned: (shape, dtype) =>
    dg.randn(shape.toReversed(), { dtype })
      .permute(shape.map((_, d) => shape.length - 1 - d)),
  strided: (shape, dtype) => dg.randn([...shape, 2], { dtype }).select(-1, 1),
  shifted: (shape, dtype) => {
    const last = shape.length - 1;
    const wide = shape.map((n, d) => d === last ? n + 1 : n);
    return dg.randn(wide, { dtype }).narrow(last, 1, shape[last]!);
  },
  repeated: (shape, dtype) =>
    dg.randn(shape.map((n, d) => d === 1 ? n : 1), { dtype }).expand(shape),
};
const NAMES = Object.keys(LAYOUTS);

/** A convolution: its function, shapes and options. */
interface Case {
  readonly rank: number;
  readonly transposed: boolean;
  readonly x: number[];
  readonly w: number[];
  readonly channels: number;
  readonly options: Record<string, number | number[]>;
}

function randomCase(roll: (n: number) => number): Case {
  const rank = 1 + roll(3);
  const transposed = roll(2) === 0;
  const groups = roll(3) === 0 ? 1 + roll(4) : 1;
  const inner = 1 + roll(6);
  const outer = 1 + roll(20);
  const each = (most: number, least = 0) =>
    Array.from({ length: rank }, () => least + roll(most - least + 1));
  const window = each(4, 1);
  const stride = each(3, 1);
  const dilation = each(3, 1);
  const wide = [60, 14, 6][rank - 1]!;
  const extent = window.map((n, d) => (n - 1) * dilation[d]! + 1);
  const batch = 1 + roll(3);
  if (transposed) {
    const sizes = each(wide / 2, 1);
    const padding = each(3).map((n, d) =>
      Math.min(n, ((sizes[d]! - 1) * stride[d]! + extent[d]! - 1) >> 1)
    );
    const outputPadding = stride.map((n, d) => roll(Math.max(n, dilation[d]!)));
    return {
      rank,
      transposed,
      x: [batch, groups * inner, ...sizes],
      w: [groups * inner, outer, ...window],
      channels: groups * outer,
      options: { stride, dilation, padding, outputPadding, groups },
    };
  }
  const padding = each(5);
  const sizes = each(wide, 1).map((n, d) =>
    Math.max(n, extent[d]! - 2 * padding[d]!)
  );
  return {
    rank,
    transposed,
    x: [batch, groups * inner, ...sizes],
    w: [groups * outer, inner, ...window],
    channels: groups * outer,
    options: { stride, dilation, padding, groups },
  };
}

function apply(
  { rank, transposed, options }: Case,
  x: dg.Tensor,
  weight: dg.Tensor,
  bias: dg.Tensor | null,
): dg.Tensor {
  const plain = [dg.conv1d, dg.conv2d, dg.conv3d];
  const turned = [dg.convTranspose1d, dg.convTranspose2d, dg.convTranspose3d];
  return (transposed ? turned : plain)[rank - 1]!(x, weight, {
    ...options,
    bias,
  });
}

/** Results and gradients; the gradient that arrives is of a layout of its own. */
function everything(
  c: Case,
  x: dg.Tensor,
  w: dg.Tensor,
  bias: dg.Tensor | null,
  g: dg.Tensor,
): dg.Tensor[] {
  const out = apply(c, x, w, bias);
  const gradients = dg.autograd.grad(out, [x, w], { gradOutputs: g });
  return [out.detach(), ...gradients as dg.Tensor[]];
}

/** Checks a case: sums of rounded products are as good as their lengths let them be. */
function check(c: Case, roll: (n: number) => number, dtype: Type): void {
  const layout = () => LAYOUTS[NAMES[roll(NAMES.length)]!]!;
  const x = layout()(c.x, dtype);
  const w = layout()(c.w, dtype);
  const bias = roll(2) === 0 ? null : dg.randn([c.channels], { dtype });
  const shape = withLeast(Infinity, () => apply(c, x, w, bias)).shape;
  const g = layout()([...shape], dtype);
  const run = (
    least: number,
    change: (x: dg.Tensor) => dg.Tensor,
  ) =>
    withLeast(least, () =>
      everything(
        c,
        change(x).detach().requiresGrad_(),
        change(w).detach().requiresGrad_(),
        bias === null ? null : change(bias),
        change(g),
      ));
  const ours = run(0, (t) => t);
  const oracle = run(Infinity, (t) => t.to(dg.float64));
  const sizes = run(Infinity, (t) => t.to(dg.float64).abs());
  const unit = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  ours.forEach((found, i) => {
    const bound = sizes[i]!.mul(16 * unit);
    const off = found.to(dg.float64).sub(oracle[i]!).abs().sub(bound);
    const worst = off.max().item() as number;
    assert(
      worst <= 0,
      `${["result", "gradient of x", "gradient of w"][i]} off by ${worst}: ` +
        `${dtype} ${JSON.stringify(c)}`,
    );
  });
}

Deno.test("convolutions of any geometry and layout agree with the loops", () => {
  dg.manualSeed(1);
  const roll = dice(1);
  for (let i = 0; i < 150; i++) {
    check(randomCase(roll), roll, roll(3) === 0 ? "float64" : "float32");
  }
});

Deno.test("convolutions that fill several panels agree with the loops", () => {
  dg.manualSeed(2);
  const cases: [number[], number[], Case["options"]][] = [
    [[2, 40, 9, 9], [104, 40, 3, 3], { padding: 1 }],
    [[1, 3, 33, 31], [7, 3, 5, 4], { padding: 2, stride: 2 }],
    [[9, 8, 16, 16], [5, 8, 3, 3], { padding: 1 }],
    [[2, 64, 8, 8], [12, 64, 1, 1], {}],
    [[2, 24, 20, 20], [24, 1, 3, 3], { padding: 1, groups: 24 }],
    [[2, 24, 21, 20], [24, 1, 3, 3], { stride: 2, groups: 24 }],
    [[1, 6, 70, 7], [12, 1, 1, 3], { dilation: 2, groups: 6 }],
  ];
  for (const [x, w, options] of cases) {
    const rest = { rank: 2, transposed: false, channels: w[0]!, options };
    check({ x, w, ...rest }, dice(3), "float32");
    check({ x, w, ...rest }, dice(4), "float64");
  }
});

Deno.test("batches that are worked on in parts are convolved alike", () => {
  dg.manualSeed(6);
  // Copies of 300 images with their zeros are larger than 32 MiB.
  const x = dg.randn([300, 2, 120, 120], { requiresGrad: true });
  const w = dg.randn([2, 2, 3, 3]);
  const out = dg.conv2d(x, w, { padding: 2, stride: 2 });
  const [g] = dg.autograd.grad(out, x, { gradOutputs: out.detach() });
  for (const n of [0, 250, 299]) {
    const one = x.detach().narrow(0, n, 1).requiresGrad_();
    const own = dg.conv2d(one, w, { padding: 2, stride: 2 });
    assert(dg.equal(own, out.narrow(0, n, 1)));
    const [h] = dg.autograd.grad(own, one, { gradOutputs: own.detach() });
    assert(dg.equal(h!, g!.narrow(0, n, 1)));
  }
});

Deno.test("values that are not finite stay within the windows that see them", () => {
  dg.manualSeed(3);
  for (const value of [NaN, Infinity]) {
    for (const at of [[0, 0], [11, 12], [5, 7]] as const) {
      for (const stride of [1, 2]) {
        const x = dg.randn([1, 2, 12, 13]);
        x.setAt_([0, 1, ...at], value);
        const w = dg.randn([9, 2, 3, 2]);
        const call = () => dg.conv2d(x, w, { padding: 1, stride });
        const finite = (least: number) =>
          withLeast(least, call).isfinite().tolist();
        assertEquals(finite(0), finite(Infinity));
        const back = () => dg.convTranspose2d(x, w.transpose(0, 1), { stride });
        const alike = (least: number) =>
          withLeast(least, back).isfinite().tolist();
        assertEquals(alike(0), alike(Infinity));
      }
    }
  }
});

Deno.test("convolutions do not depend on the number of threads", async () => {
  await withTwoThreads(() => {
    dg.manualSeed(4);
    const roll = dice(5);
    for (let i = 0; i < 30; i++) {
      const c = randomCase(roll);
      const x = dg.randn(c.x, { requiresGrad: true });
      const w = dg.randn(c.w, { requiresGrad: true });
      const g = apply(c, x, w, null).detach().cos();
      const run = () => withLeast(0, () => everything(c, x, w, null, g));
      dg.setNumThreads(2);
      const shared = run();
      dg.setNumThreads(1);
      run().forEach((alone, k) => assert(dg.equal(alone, shared[k]!)));
    }
  });
});
