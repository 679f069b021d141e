// The engine gives the memory of its own gradients back in the middle of a
// pass, and never what a hook, a function of the user, or a caller holds.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { DISCARD } from "../../src/tensor/temporaries.ts";

const N = 5000;

/** Runs with and without memory being given back, with other tensors taking its place. */
function same(program: () => dg.Tensor[]): void {
  const { least } = DISCARD;
  const results: number[][][] = [];
  try {
    for (const limit of [Infinity, 0]) {
      DISCARD.least = limit;
      const found = program();
      Array.from({ length: 20 }, () => dg.full([N], 1e9));
      results.push(
        found.map((x) => Array.from(x.typedArray() as Float32Array)),
      );
    }
  } finally {
    DISCARD.least = least;
  }
  assertEquals(results[1], results[0]);
}

const leaf = () => dg.linspace(0.1, 1, N, { requiresGrad: true });

Deno.test("gradients that meet, pass through or are reshaped", () => {
  same(() => {
    const x = leaf();
    const y = x.mul(2);
    const z = y.add(y).add(y.view([50, 100]).sin().reshape([N])).add(y.exp());
    z.add(z.t().neg()).mul(z).sum().backward(null, { retainGraph: true });
    y.sub(y.flip(0)).mul(x.expand([3, N]).sum(0)).mean().backward();
    return [x.grad!];
  });
});

Deno.test("gradients that hooks saw, that are retained, or that a caller gets", () => {
  same(() => {
    const x = leaf();
    const seen: dg.Tensor[] = [];
    const y = x.exp();
    const z = y.mul(3).sin();
    const w = z.neg().exp();
    y.registerHook((g) => void seen.push(g));
    z.registerHook((g) => void seen.push(g.view([50, 100]), g));
    w.retainGrad();
    z.retainGrad();
    x.registerPostAccumulateGradHook((v) => void seen.push(v.grad!));
    w.mul(w).sum().backward(null, { retainGraph: true });
    const all = dg.autograd.grad(w.sum(), [w, z, y, x]);
    return [...seen, x.grad!, w.grad!, z.grad!, ...all.map((g) => g!)];
  });
});

Deno.test("gradients that a custom function keeps, and graphs of gradients", () => {
  const kept: dg.Tensor[] = [];
  class Keep extends dg.autograd.Function {
    static forward(_ctx: dg.autograd.FunctionContext, x: dg.Tensor) {
      return x.mul(1);
    }
    static backward(_ctx: dg.autograd.FunctionContext, g: dg.Tensor) {
      kept.push(g);
      return g;
    }
  }
  same(() => {
    kept.length = 0;
    const x = leaf();
    const y = Keep.apply(x.sin()).mul(x);
    y.exp().sum().backward();
    const first = x.grad!;
    x.grad = null;
    const [g] = dg.autograd.grad(x.pow(3).exp().sum(), x, {
      createGraph: true,
    });
    g!.mul(g!).sum().backward();
    return [first, x.grad!, g!.detach(), ...kept];
  });
});

Deno.test("gradients that are accumulated, with a gradient of the caller's", () => {
  same(() => {
    const x = leaf();
    const seed = dg.linspace(1, 2, N);
    for (let i = 0; i < 3; i++) x.mul(2).exp().backward(seed);
    const y = x.mul(1);
    y.backward(seed);
    return [x.grad!, seed];
  });
});

Deno.test("a pass through many nodes needs the memory of a few gradients", () => {
  const x = dg.ones(2 ** 18, { requiresGrad: true });
  let y = x;
  for (let i = 0; i < 60; i++) y = y.neg();
  const before = dg.memory().cpu;
  if (before.liveStorages === 0) return;
  dg.emptyCache();
  y.sum().backward();
  const { peakBytes } = dg.memory().cpu;
  // A MiB each; sixty would be needed if none came back before the end.
  assert(
    peakBytes - Math.max(before.peakBytes, before.liveBytes) < 10 * 2 ** 20,
  );
});
