// Backward passes: where gradients go, what stays, and how large a graph may be.

import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as dg from "@dinograd/dinograd";

function leaf(...values: number[]): dg.Tensor {
  return dg.tensor(values, { requiresGrad: true });
}

Deno.test("gradients accumulate into the same object", () => {
  const x = leaf(2, 3);
  x.mul(x).sum().backward();
  const first = x.grad!;
  x.mul(x).sum().backward();
  assertStrictEquals(x.grad, first);
  assertEquals(first.tolist(), [8, 12]);
  assertEquals(first.gradFn, null);
});

Deno.test("a gradient is nobody else's memory", () => {
  const x = leaf(2, 3);
  const y = leaf(5, 7);
  const seed = dg.ones(2);
  x.add(y).backward(seed);
  x.grad!.mul_(10);
  assertEquals(y.grad!.tolist(), [1, 1]);
  assertEquals(seed.tolist(), [1, 1]);
  const z = leaf(1, 2);
  z.sum().backward();
  assertEquals(z.grad!.stride(), [1]);
  // A rule may return what it saved.
  const w = dg.tensor([3, 4]);
  const v = dg.tensor(2, { requiresGrad: true });
  v.expand([2]).mul(w).sum().backward();
  z.mul(w).sum().backward();
  z.grad!.zero_();
  assertEquals(w.tolist(), [3, 4]);
});

Deno.test("a leaf stays a leaf when it is updated without recording", () => {
  const x = leaf(2, 3);
  dg.noGrad(() => x.sub_(1));
  assertEquals([x.isLeaf, x.requiresGrad, x.version], [true, true, 1]);
  assertEquals(x.tolist(), [1, 2]);
});

Deno.test("detach shares the version, data does not", () => {
  const x = leaf(2, 3);
  x.detach().add_(1);
  assertEquals(x.version, 1);
  x.data.add_(1);
  assertEquals(x.version, 1);
  assertEquals(x.tolist(), [4, 5]);
  // Autograd does not see what happens through data.
  const y = leaf(2, 3);
  const z = y.mul(1);
  const square = z.mul(z);
  z.data.mul_(5);
  square.sum().backward();
  assertEquals(y.grad!.tolist(), [20, 30]);
});

Deno.test("a failed pass changes nothing and may be repeated", () => {
  const x = leaf(2, 3);
  const w = leaf(1, 1);
  const z = x.mul(w).mul(x).sum();
  const hook = x.registerHook(() => {
    throw new RangeError("boom");
  });
  assertThrows(() => z.backward(), RangeError, "boom");
  assertEquals([x.grad, w.grad], [null, null]);
  assertEquals(dg.isGradEnabled(), true);
  hook.remove();
  z.backward();
  assertEquals(x.grad!.tolist(), [4, 6]);
});

Deno.test("backward reaches only the named inputs", () => {
  const x = leaf(2, 3);
  const w = leaf(1, 1);
  x.mul(3).mul(w).sum().backward(null, { inputs: w });
  assertEquals(x.grad, null);
  assertEquals(w.grad!.tolist(), [6, 9]);
  // A computed tensor retains its gradient then.
  const y = x.mul(3);
  const z = y.mul(y).sum();
  z.backward(null, { inputs: [y], retainGraph: true });
  assertEquals([y.retainsGrad, x.grad], [true, null]);
  z.backward(null, { inputs: [y] });
  assertEquals(y.grad!.tolist(), [24, 36]);
});

Deno.test("grad frees only what it ran", () => {
  const x = leaf(1, 2);
  const y = x.exp();
  const z = y.mul(y).sum();
  dg.autograd.grad(z, y);
  y.sum().backward();
  assertEquals(x.grad!.tolist(), y.tolist());
  assertThrows(() => z.backward(), dg.RuntimeError, "second time");
});

Deno.test("grad takes an input twice, and mixed seeds", () => {
  const x = leaf(1, 2);
  const [a, b] = dg.autograd.grad(x.mul(3).sum(), [x, x]);
  assertEquals([a.tolist(), b.tolist()], [[3, 3], [3, 3]]);
  const y = x.mul(2);
  const [g] = dg.autograd.grad([y.sum(), y], x, {
    gradOutputs: [null, dg.ones(2)],
  });
  assertEquals(g.tolist(), [4, 4]);
  assertEquals(x.grad, null);
});

Deno.test("backward of several tensors at once", () => {
  const x = leaf(2, 3);
  const y = x.mul(2);
  dg.autograd.backward([y.sum(), y.mul(3).sum()]);
  assertEquals(x.grad!.tolist(), [8, 8]);
});

Deno.test("createGraph leaves gradients that can be differentiated", () => {
  // x = torch.tensor([2., 3.], requires_grad=True)
  // (x ** 3).sum().backward(create_graph=True); x.grad.grad_fn  # CopyBackwards
  // (x ** 2).sum().backward(create_graph=True); x.grad  # AddBackward0, new
  const x = leaf(2, 3);
  x.pow(3).sum().backward(null, { createGraph: true });
  const first = x.grad!;
  assertEquals(first.gradFn?.name, "CopyBackwards");
  const [second] = dg.autograd.grad(first.sum(), x);
  assertEquals(second.tolist(), [12, 18]);
  x.pow(2).sum().backward(null, { createGraph: true });

  assert(x.grad !== first);
  assertEquals(x.grad!.gradFn?.name, "AddBackward0");
  assertEquals(x.grad!.tolist(), [16, 33]);
});

Deno.test("a power can be differentiated until it is zero", () => {
  const x = dg.tensor(1.5, { requiresGrad: true });
  const shown: string[] = [];
  for (let y = x.pow(2); y.requiresGrad;) {
    [y] = dg.autograd.grad(y, [x], { createGraph: true });
    shown.push(y.toString());
  }
  assertEquals(shown, [
    "tensor(3., grad_fn=<MulBackward0>)",
    "tensor(2., grad_fn=<MulBackward0>)",
    "tensor(0.)",
  ]);
});
Deno.test("third derivatives", () => {
  const x = dg.tensor(2, { requiresGrad: true, dtype: "float64" });
  let y = x.pow(4);
  for (let order = 1; order <= 4; order++) {
    [y] = dg.autograd.grad(y, x, { createGraph: true });
  }
  assertEquals(y.item(), 24);
});

Deno.test("the gradient has the type and shape of its tensor", () => {
  const x = dg.ones([2, 1], { requiresGrad: true });
  const w = dg.ones([3], { requiresGrad: true, dtype: "float64" });
  x.mul(w).sum().backward();
  assertEquals([x.grad!.dtype, x.grad!.shape], ["float32", [2, 1]]);
  assertEquals([w.grad!.dtype, w.grad!.shape], ["float64", [3]]);
  assertEquals(x.grad!.tolist(), [[3], [3]]);
});

Deno.test("the graph can be walked", () => {
  const x = leaf(2, 3);
  const y = x.mul(x).add(1);
  assertEquals([x.isLeaf, x.gradFn, y.isLeaf], [true, null, false]);
  assertEquals(String(y.gradFn), "<AddBackward0>");
  const [[mul, nr]] = y.gradFn!.nextFunctions as [[dg.autograd.Node, number]];
  assertEquals([mul.name, nr], ["MulBackward0", 0]);
  const [[accumulate]] = mul.nextFunctions as [[dg.autograd.Node, number]];
  assertEquals(accumulate.name, "AccumulateGrad");
  assertStrictEquals(accumulate.variable, x);
  assertEquals(y.gradFn!.nextFunctions[1], [null, 0]);
  assertEquals(
    x.unsqueeze(0).unbind(1)[1]!.add(1).gradFn!.nextFunctions[0]![1],
    1,
  );
  y.gradFn!.metadata.note = "kept";
  assertEquals(y.gradFn!.metadata, { note: "kept" });
});

Deno.test("integers and values without recording are leaves", () => {
  assertEquals(dg.ones(3, { dtype: "int64" }).isLeaf, true);
  assertEquals(dg.ones(2).mul(1).isLeaf, true);
});

/** Counts what the device computes while `fn` runs. */
function countMaps(fn: () => void): number {
  const device = dg.cpu as { map: dg.Tensor["device"]["map"] };
  const { map } = device;
  let count = 0;
  device.map = (...args) => {
    count++;
    map.apply(dg.cpu, args);
  };
  try {
    fn();
  } finally {
    device.map = map;
  }
  return count;
}

Deno.test("a chain of 100,000 ops neither overflows nor costs more than its length", () => {
  const x = leaf(1, 2, 3);
  const chain = (n: number) => {
    let y = x;
    for (let i = 0; i < n; i++) y = i % 2 === 0 ? y.add(1) : y.mul(1);
    return y.sum();
  };
  const counts = [50_000, 100_000].map((n) => {
    const y = chain(n);
    x.grad = null;
    return countMaps(() => y.backward());
  });
  assertEquals(x.grad!.tolist(), [1, 1, 1]);
  // One product for each mul, nothing for an add.
  assertEquals(counts[0]! - 25_000, counts[1]! - 50_000);
  // A wide graph: one leaf used very often.
  let total = x.sum();
  for (let i = 0; i < 20_000; i++) total = total.add(x.sum());
  x.grad = null;
  total.backward();
  assertEquals(x.grad!.tolist(), [20_001, 20_001, 20_001]);
  // Graphs that are dropped cost nothing later.
  for (let i = 0; i < 3; i++) chain(100_000);
});
