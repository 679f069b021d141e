// Checkpoints: the same gradients as without, values that are really gone, and
// PyTorch's sentences (torch.utils.checkpoint, use_reentrant=False, 2.13).

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

type Tensor = dg.Tensor;
const { checkpoint, CheckpointError, checkpointSequential } =
  dg.utils.checkpoint;

function input(): Tensor {
  return dg.linspace(-1, 2, 6, { dtype: "float64" }).reshape([2, 3])
    .requiresGrad_();
}

const w = dg.linspace(0.5, 1.5, 9, { dtype: "float64" }).reshape([3, 3])
  .requiresGrad_();

/** A block with views, changes in place, a tensor of the closure and several results. */
function block(x: Tensor): [Tensor, Tensor] {
  const h = x.matmul(w).sin();
  h.narrow(1, 0, 2).mul_(x.narrow(1, 1, 2));
  const { values } = h.exp().max(1);
  return [h.softmax(-1).mul(x), values];
}

function loss(parts: readonly Tensor[]): Tensor {
  return parts.map((y) => y.pow(2).sum()).reduce((a, b) => a.add(b));
}

/** All gradients of a function, of first and second order. */
function derivatives(fn: (x: Tensor) => Tensor): number[][] {
  const x = input();
  const first = dg.autograd.grad(fn(x), [x, w], { createGraph: true });
  const sum = first[0].sin().sum().add(first[1].sin().sum());
  const second = dg.autograd.grad(sum, [x, w]);
  return [...first, ...second].map((g) => g.reshape(-1).tolist<number[]>());
}

Deno.test("derivatives of each order are those without checkpoints", () => {
  const plain = derivatives((x) => loss(block(x)));
  assertEquals(derivatives((x) => loss(checkpoint(block, [x]))), plain);
  const nested = (x: Tensor) => checkpoint(block, [x.mul(1)]);
  assertEquals(derivatives((x) => loss(checkpoint(nested, [x]))), plain);
  const deep = (x: Tensor) => checkpoint(nested, [x]);
  assertEquals(derivatives((x) => loss(checkpoint(deep, [x]))), plain);
});

Deno.test("backward, hooks, retained graphs and transforms go through", () => {
  const x = input();
  const before = input();
  loss(block(before)).backward();
  const y = loss(checkpoint(block, [x]));
  y.backward(null, { retainGraph: true });
  assertEquals(x.grad!.tolist(), before.grad!.tolist());
  y.backward();
  assertEquals(x.grad!.tolist(), before.grad!.mul(2).tolist());
  assertThrows(
    () => y.backward(),
    dg.RuntimeError,
    "Trying to backward through the graph a second time",
  );
  w.grad = null;
  const f = (x: Tensor) => loss(checkpoint(block, [x]));
  assertEquals(dg.func.grad(f)(x).tolist(), before.grad!.tolist());
  assert(
    dg.func.hessian(f)(x)
      .allclose(dg.func.hessian((x: Tensor) => loss(block(x)))(x)),
  );
  assert(dg.autograd.gradcheck(f, input()));
  assert(dg.autograd.gradgradcheck(f, input()));
});

Deno.test("the function runs again once for each pass, and not without one", () => {
  let runs = 0;
  const f = (x: Tensor) => {
    runs++;
    return x.sin().exp();
  };
  const x = input();
  const y = checkpoint(f, [x]);
  assertEquals(runs, 1);
  assertEquals(String(y.gradFn), "<ExpBackward0>");
  y.sum().backward();
  assertEquals(runs, 2);
  dg.noGrad(() => checkpoint(f, [x]));
  assertEquals(runs, 3);
  const z = checkpoint(f, [dg.ones(3)]);
  assertEquals([z.requiresGrad, runs], [false, 4]);
});

Deno.test("what was saved is given back until it is needed", () => {
  const n = 1 << 16;
  const live = () => dg.memory().cpu.liveBytes;
  const chain = (x: Tensor) => {
    let y = x;
    for (let i = 0; i < 20; i++) y = y.sin();
    return y;
  };
  const x = dg.ones(n, { requiresGrad: true });
  const start = live();
  let y: Tensor | null = chain(x);
  const plain = live() - start;
  assert(y.requiresGrad);
  y = null;
  y = checkpoint(chain, [x]);
  const kept = live() - start;
  assert(plain >= 20 * 4 * n, `${plain}`);
  assert(kept < 3 * 4 * n, `${kept}`);
  y.sum().backward();
  const expected = dg.ones(n, { requiresGrad: true });
  chain(expected).sum().backward();
  assert(x.grad!.equal(expected.grad!));
});

Deno.test("large rules, whose temporaries go back at once, meet recomputed values", () => {
  const shape = [128, 128];
  const make = () =>
    dg.linspace(-1, 1, 128 * 128).reshape(shape).requiresGrad_();
  const f = (x: Tensor) => {
    const y = x.matmul(x.t()).tanh();
    return dg.nn.functional.layerNorm(y, [128]).matmul(y).softmax(-1).mul(y);
  };
  const layerNormed = (x: Tensor) => f(x);
  const [a, b] = [make(), make()];
  checkpoint(layerNormed, [a]).pow(2).sum().backward();
  f(b).pow(2).sum().backward();
  assert(a.grad!.equal(b.grad!));
});

Deno.test("random numbers are those of the first run, and the stream goes on", () => {
  const { dropout } = dg.nn.functional;
  const f = (x: Tensor) => dropout(x, { p: 0.5, training: true }).sin();
  const run = (call: (x: Tensor) => Tensor) => {
    dg.manualSeed(7);
    const x = dg.ones(50, { requiresGrad: true });
    call(x).sum().backward();
    return [x.grad!.tolist(), dg.rand(3).tolist()];
  };
  const plain = run(f);
  assertEquals(run((x) => checkpoint(f, [x])), plain);
  const other = run((x) => checkpoint(f, [x], { preserveRngState: false }));
  assert(JSON.stringify(other) !== JSON.stringify(plain));
});

Deno.test("a function of one's own keeps its saved tensors", () => {
  class Cube extends dg.autograd.Function {
    static forward(ctx: dg.autograd.FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.pow(3);
    }
    static backward(ctx: dg.autograd.FunctionContext, g: Tensor): Tensor {
      return g.mul(ctx.savedTensors[0]!.pow(2)).mul(3);
    }
  }
  const f = (x: Tensor) => checkpoint((x) => Cube.apply(x.mul(2)), [x]).sum();
  const x = dg.tensor([1, 2]);
  assertEquals(dg.func.grad(f)(x).tolist(), [24, 96]);
  assertEquals(dg.func.hessian(f)(x).tolist(), [[48, 0], [0, 96]]);
});

Deno.test("gradients inside the function work", () => {
  const f = (x: Tensor) => {
    const y = x.sin();
    const [g] = dg.autograd.grad(y.cos().sum(), x, { createGraph: true });
    return y.mul(g);
  };
  const [a, b] = [input(), input()];
  checkpoint(f, [a]).sum().backward();
  f(b).sum().backward();
  assertEquals(a.grad!.tolist(), b.grad!.tolist());
});

Deno.test("a training step is the same", () => {
  const make = () => {
    dg.manualSeed(1);
    return new dg.nn.Sequential([
      new dg.nn.Linear(3, 8),
      new dg.nn.BatchNorm1d(8),
      new dg.nn.ReLU(),
      new dg.nn.Dropout(0.2),
      new dg.nn.Linear(8, 8),
      new dg.nn.Tanh(),
      new dg.nn.Linear(8, 1),
    ]);
  };
  const x = dg.linspace(-1, 1, 12).reshape([4, 3]);
  const gradients = (call: (m: ReturnType<typeof make>) => Tensor) => {
    const model = make();
    call(model).pow(2).sum().backward();
    return [...model.parameters()].map((p) => p.grad!.tolist());
  };
  const plain = gradients((m) => m.call(x));
  for (const segments of [1, 2, 3, 7]) {
    assertEquals(gradients((m) => checkpointSequential(m, segments, x)), plain);
  }
  assertThrows(
    () => checkpointSequential(make(), 8, x),
    dg.ValueError,
    "7 functions cannot be cut into 8 segments",
  );
});

Deno.test("a function that does something else gets PyTorch's sentences", () => {
  const x = dg.ones(3, { requiresGrad: true });
  let runs = 0;
  const shorter = (x: Tensor) => runs++ === 0 ? x.sin().exp() : x.sin();
  assertThrows(
    () => checkpoint(shorter, [x]).sum().backward(),
    CheckpointError,
    "torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: 2\nNumber of tensors saved during recomputation: 1.",
  );
  runs = 0;
  const other = (x: Tensor) =>
    runs++ === 0 ? x.sin() : x.double().narrow(0, 0, 2).sin();
  assertThrows(
    () => checkpoint(other, [x]).sum().backward(),
    CheckpointError,
    "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\ntensor at position 0:\nsaved metadata: {'shape': [3], 'dtype': float32, 'device': device(type='cpu')}\nrecomputed metadata: {'shape': [2], 'dtype': float64, 'device': device(type='cpu')}\n",
  );
  const y = x.mul(1);
  const z = checkpoint((x) => x.sin(), [y]);
  y.add_(1);
  assertThrows(
    () => z.sum().backward(),
    dg.RuntimeError,
    "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [3]], which is output 0 of Add, is at version 1; expected version 0 instead.",
  );
  assertThrows(
    () => checkpoint((x) => x.sin(), [x], { useReentrant: true }),
    dg.ValueError,
    "useReentrant=true",
  );
  assertThrows(
    () =>
      checkpoint((x: Tensor) => x.sin(), [x], {
        determinismCheck: "x" as "none",
      }),
    dg.ValueError,
    "determinismCheck should be one of ['default', 'none'], but got x",
  );
});

Deno.test("a checkpoint leaves a scope with what it needs", () => {
  const x = dg.ones(64, { requiresGrad: true });
  const y = dg.scope(() => checkpoint((x) => x.sin().exp(), [x.mul(2)]));
  y.sum().backward();
  const expected = dg.ones(64, { requiresGrad: true });
  expected.mul(2).sin().exp().sum().backward();
  assertEquals(x.grad!.tolist(), expected.grad!.tolist());
});
