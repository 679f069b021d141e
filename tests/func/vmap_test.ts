// vmap against PyTorch's own answers, samples of random numbers and sentences,
// and what holds between vmap, gradients, scopes and checkpoints.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import {
  checkErrors,
  checkSection,
  M,
  numbers,
  scalar,
  smooth,
} from "./functions.ts";

type Tensor = dg.Tensor;
type Dict = dg.func.TensorDict;

const { functionalCall, grad, hessian, jacrev, jvp, stackModuleState, vmap } =
  dg.func;
const F = dg.nn.functional;
const R = numbers([3, 4], 60);
const ONES = dg.ones([2, 4]);

function models(): dg.nn.Linear[] {
  return [0, 1, 2].map((k) => {
    const model = new dg.nn.Linear(4, 2, { dtype: "float64" });
    dg.noGrad(() => {
      model.weight.copy_(numbers([2, 4], 7 * k));
      model.bias!.copy_(numbers([2], 5 * k));
    });
    return model;
  });
}

function loss(w: Tensor, x: Tensor, y: Tensor): Tensor {
  return w.matmul(x).tanh().sub(y).pow(2).sum();
}

function seeded(fn: () => unknown): unknown[] {
  dg.manualSeed(0);
  return [fn(), dg.rand(2)];
}

Deno.test("vmap gives PyTorch's values", () => {
  const [w, y] = [numbers([2, 4]), numbers([3, 2], 30)];
  const tracked = w.clone().requiresGrad_();
  const perSample = vmap(grad(loss), { inDims: [null, 0, 0] });
  perSample(tracked, R, y).pow(2).sum().backward();
  const [first, ...others] = models();
  const [params] = stackModuleState([first!, ...others]);
  const same = { randomness: "same" } as const;
  const different = { randomness: "different" } as const;
  const mul = (a: Tensor, b: Tensor) => a.mul(b);
  checkSection("mapped", {
    "per sample": () => perSample(w, R, y),
    "gradient of per sample": () => tracked.grad,
    "in dims": () =>
      vmap((a: Tensor, b: Tensor) => a.mul(b.sum()), { inDims: [1, -1] })(R, R),
    "out dims": () => vmap((a: Tensor) => [a, a.sum()], { outDims: [1, 0] })(R),
    "nested dims": () =>
      vmap(
        (d: { x: Tensor; more: [Tensor, Tensor] }) =>
          d.x.mul(d.more[0]).add(d.more[1]),
        { inDims: [{ x: 0, more: [1, null] }] },
      )({ x: R, more: [R.t(), R.select(0, 0)] }),
    "dict": () => vmap((a: Tensor) => ({ a, b: [a.sum()] }))(R),
    "shared result": () => vmap((_: Tensor) => dg.ones(2))(R),
    "nested": () =>
      vmap(vmap(mul, { inDims: [null, 0] }), { inDims: [0, null] })(
        R.select(0, 0),
        R.select(0, 1),
      ),
    "outer": () =>
      vmap(
        vmap((a: Tensor, b: Tensor) => a.dot(b), { inDims: [null, 0] }),
        { inDims: [0, null] },
      )(R, R),
    "chunks": () => vmap((a: Tensor) => a.cumsum(0), { chunkSize: 2 })(R),
    "hessians": () => vmap(hessian(scalar))(R),
    "jacobian of vmap": () => jacrev(vmap(scalar))(R),
    "vmap of jvp": () => vmap((a: Tensor) => jvp(smooth, [a], [a])[1])(R),
    "in place": () =>
      vmap((a: Tensor, b: Tensor) => a.clone().mul_(b).add_(1), {
        inDims: [0, null],
      })(R, R.select(0, 0)),
    "in place in a view": () =>
      vmap((a: Tensor) => {
        const copy = a.clone();
        copy.narrow(0, 1, 1).fill_(5);
        return copy;
      })(R),
    "gather": () =>
      vmap((a: Tensor, i: Tensor) => a.at(i))(R, dg.tensor([0n, 3n, 1n])),
    "max": () => vmap((a: Tensor) => [...a.max(0)])(R),
    "matmul": () => vmap((a: Tensor) => a.outer(a).matmul(w.t()))(R),
    "ensemble": () =>
      vmap((p: Dict, x: Tensor) => functionalCall(first!, p, x), {
        inDims: [0, null],
      })(params, R),
    "rand different": () =>
      seeded(() => vmap((_: Tensor) => dg.rand(2), different)(ONES)),
    "rand same": () =>
      seeded(() => vmap((_: Tensor) => dg.rand(2), same)(ONES)),
    "randn different": () =>
      seeded(() => vmap((_: Tensor) => dg.randn(5), different)(ONES)),
    "randperm": () =>
      seeded(() => vmap((_: Tensor) => dg.randperm(4), different)(ONES)),
    "dropout different": () =>
      seeded(() => vmap((a: Tensor) => F.dropout(a), different)(ONES)),
    "dropout same": () =>
      seeded(() => vmap((a: Tensor) => F.dropout(a), same)(ONES)),
    "bernoulli": () =>
      seeded(() =>
        vmap((a: Tensor) => dg.bernoulli(a.div(2)), different)(ONES)
      ),
    "multinomial": () =>
      seeded(() => vmap((a: Tensor) => dg.multinomial(a, 2), different)(ONES)),
    "normal in place": () =>
      seeded(() => vmap((a: Tensor) => a.clone().normal_(), different)(ONES)),
    "rand nested": () =>
      seeded(() =>
        vmap(vmap((_: Tensor) => dg.rand(2), different), different)(
          dg.ones([2, 3]),
        )
      ),
    "rand like same": () =>
      seeded(() => vmap((a: Tensor) => dg.randLike(a), same)(ONES)),
    "chunks same": () =>
      seeded(() =>
        vmap((_: Tensor) => dg.rand(2), { chunkSize: 1, ...same })(ONES)
      ),
  }, 1e-6);
});

Deno.test("vmap gives PyTorch's sentences", () => {
  type Options = dg.func.VmapOptions;
  const fails = (
    fn: (...args: Tensor[]) => unknown,
    args: unknown[],
    options: Options = {},
  ) =>
  () => vmap(fn, options)(...args as Tensor[]);
  checkErrors("mappedErrors", {
    "item": fails((a) => a!.sum().item(), [R]),
    "tolist": fails((a) => a!.tolist(), [R]),
    "nonzero": fails((a) => a!.nonzero(), [R]),
    "sizes": fails((a, _) => a, [R, M]),
    "no inputs": fails(() => R, []),
    "in dims null": fails((a) => a, [R], { inDims: null }),
    "in dim range": fails((a) => a, [R], { inDims: 2 }),
    "in dim of a scalar": fails((a) => a, [dg.tensor(1)]),
    "in dim fraction": fails((a) => a, [R], { inDims: [0.5] }),
    "in dims structure": fails((a, _) => a, [R, R], { inDims: [0] }),
    "nothing mapped": fails((a) => a, [R], { inDims: [null] }),
    "no tensor": fails((a, _) => a, [R, 3], { inDims: [0, 0] }),
    "result is no tensor": fails(() => 3, [R]),
    "mapped result": fails((a) => a, [R], { outDims: null }),
    "out dim range": fails((a) => a, [R], { outDims: 5 }),
    "out dims structure": fails((a) => [a, a], [R], { outDims: [0] }),
    "out dims text": fails((a) => a, [R], { outDims: "a" as unknown as 0 }),
    "random": fails(() => dg.rand(2), [R]),
    "randomness": fails(() => dg.rand(2), [R], {
      randomness: "foo" as "same",
    }),
    "same with mapped": fails((a) => dg.bernoulli(a!), [ONES], {
      randomness: "same",
    }),
    "different in place": fails(() => dg.ones(2).normal_(), [R], {
      randomness: "different",
    }),
    "copy in place": fails((a) => dg.zeros(4).copy_(a!), [R]),
    "chunk size": fails((a) => a, [R], { chunkSize: 0 }),
    "backward": fails((a) => a!.sum().backward(), [
      R.clone().requiresGrad_(),
    ]),
  });
});

Deno.test("what is not mapped is not changed in place to what is", () => {
  const changes: ((y: Tensor, x: Tensor) => unknown)[] = [
    (y, x) => y.add_(x),
    (y, x) => y.setAt_(0, x.select(0, 0)),
    (y, x) => y.select(0, 0).fill_(x.select(0, 0)),
    (y, x) => y.lerp_(x, 0.5),
    (y, x) => y.addcmul_(x, x),
    (y, x) => y.scatter_(0, dg.tensor([0n]), x.narrow(0, 0, 1)),
    (y, x) => y.indexPut_([dg.tensor([0n])], x.narrow(0, 0, 1)),
  ];
  for (const change of changes) {
    const y = dg.zeros(4, { dtype: "float64" });
    assertThrows(
      () => vmap((x: Tensor) => [change(y, x), x][1] as Tensor)(R),
      dg.RuntimeError,
      "vmap: inplace arithmetic(self, *extra_args) is not possible",
    );
    assertEquals(y.tolist(), [0, 0, 0, 0]);
  }
});

Deno.test("a change in place of an argument changes the caller's tensor", () => {
  const x = dg.zeros([2, 3]);
  const { version } = x;
  vmap((row: Tensor, y: Tensor) => row.add_(y))(x, dg.tensor([1, 2]));
  assertEquals(x.tolist(), [[1, 1, 1], [2, 2, 2]]);
  assert(x.version > version);
  const columns = dg.zeros([2, 3]);
  vmap((c: Tensor, y: Tensor) => c.add_(y), { inDims: [1, 0] })(
    columns,
    dg.tensor([1, 2, 3]),
  );
  assertEquals(columns.tolist(), [[1, 2, 3], [1, 2, 3]]);
  // A leaf that requires a gradient refuses, as everywhere.
  assertThrows(
    () =>
      vmap((row: Tensor) => row.add_(1))(dg.ones(2, { requiresGrad: true })),
    dg.RuntimeError,
    "a leaf Variable that requires grad is being used in an in-place operation.",
  );
});

Deno.test("gradients flow through vmap to arguments and closures", () => {
  const x = R.clone().requiresGrad_();
  const w = numbers([4], 9).requiresGrad_();
  const outside = w.mul(2);
  const f = (row: Tensor) => row.mul(outside).sin().sum().mul(w.select(0, 0));
  const collect = (y: Tensor) => {
    const found = dg.autograd.grad(y.mul(dg.arange(3)).sum().add(w.sum()), [
      x,
      w,
    ], { createGraph: true });
    const sum = found[0].pow(2).sum().add(found[1].pow(2).sum());
    const again = dg.autograd.grad(sum, [x, w], { retainGraph: true });
    return [...found, ...again];
  };
  const all = collect(vmap(f)(x));
  const each = collect(dg.stack([0, 1, 2].map((i) => f(x.select(0, i)))));
  all.forEach((g, k) => assert(g.allclose(each[k]!), `gradient ${k}`));
});

Deno.test("gradients of all orders agree with differences", () => {
  const x = numbers([3, 3]).requiresGrad_();
  const w = numbers([3], 4).requiresGrad_();
  const f = (x: Tensor) =>
    vmap((row: Tensor) => row.softmax(0).cumsum(0).matmul(x.t()))(x);
  assert(dg.autograd.gradcheck(f, x));
  assert(dg.autograd.gradgradcheck(f, x));
  const perSample = (x: Tensor, w: Tensor) =>
    vmap(grad((row: Tensor) => row.mul(w).sin().prod()))(x);
  assert(dg.autograd.gradcheck(perSample, [x, w]));
  assert(dg.autograd.gradgradcheck(perSample, [x, w]));
});

Deno.test("gradients inside are those of one sample", () => {
  const w = dg.ones(2, { requiresGrad: true });
  const x = dg.tensor([[1, 2], [3, 4]]);
  // The graph is inside, the parameter outside.
  const each = vmap((row: Tensor) => dg.autograd.grad(row.mul(w).sum(), w)[0])(
    x,
  );
  assertEquals(each.tolist(), [[1, 2], [3, 4]]);
  // The graph is outside, the gradient that enters inside.
  const y = w.mul(x.select(0, 1));
  const rows = vmap((v: Tensor) =>
    dg.autograd.grad(y, w, { gradOutputs: v, retainGraph: true })[0]
  )(dg.eye(2));
  assertEquals(rows.tolist(), [[3, 0], [0, 4]]);
  // By the whole batch there is none.
  const batch = x.clone().requiresGrad_();
  assertThrows(
    () => vmap((row: Tensor) => dg.autograd.grad(row.sum(), batch)[0])(batch),
    dg.RuntimeError,
    "by its name outside",
  );
});

/** Gradients of a module's loss for each sample, all at once and one by one. */
function checkPerSample(
  module: dg.nn.Module & { forward(...inputs: never[]): unknown },
  x: Tensor,
  loss: (output: unknown) => Tensor,
): void {
  const params = Object.fromEntries(
    module.namedParameters(),
  ) as unknown as Dict;
  const one = (p: Dict, x: Tensor) =>
    loss(functionalCall(module, p, [x] as never));
  const all = vmap(grad(one), { inDims: [null, 0] })(params, x);
  for (let i = 0; i < x.shape[0]!; i++) {
    const own = grad(one)(params, x.select(0, i));
    for (const [name, g] of Object.entries(own)) {
      const found = all[name]!.select(0, i);
      assert(found.allclose(g, { rtol: 1e-4, atol: 1e-6 }), `${name} of ${i}`);
    }
  }
}

Deno.test("gradients for each sample of all kinds of networks", () => {
  dg.manualSeed(3);
  const squares = (y: unknown) => (y as Tensor).exp().pow(2).mean();
  checkPerSample(
    new dg.nn.Sequential([
      new dg.nn.Linear(3, 8),
      new dg.nn.LayerNorm(8),
      new dg.nn.GELU(),
      new dg.nn.Linear(8, 2),
    ]),
    dg.randn([4, 3]),
    squares,
  );
  checkPerSample(
    new dg.nn.Sequential([
      new dg.nn.Conv2d(2, 4, 3),
      new dg.nn.GroupNorm(2, 4),
      new dg.nn.ReLU(),
      new dg.nn.MaxPool2d(2),
      new dg.nn.Conv2d(4, 4, 2, { groups: 2 }),
      new dg.nn.Flatten(),
      new dg.nn.Linear(16, 3),
    ]),
    dg.randn([3, 1, 2, 8, 8]),
    squares,
  );
  checkPerSample(
    new dg.nn.LSTM(3, 4),
    dg.randn([3, 5, 3]),
    (y) => squares((y as [Tensor, unknown])[0]),
  );
  checkPerSample(
    new dg.nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0 }),
    dg.randn([3, 4, 8]),
    squares,
  );
  checkPerSample(
    new dg.nn.Embedding(5, 3),
    dg.randint(5, [4, 6]),
    squares,
  );
});

Deno.test("an op that reads values runs for each sample alone", () => {
  const a = dg.randn([3, 4, 4], { dtype: "float64" });
  for (
    const op of [
      (x: Tensor) => dg.linalg.det(x),
      (x: Tensor) => dg.linalg.inv(x),
      (x: Tensor) => dg.linalg.solve(x, dg.eye(4, { dtype: "float64" })),
      (x: Tensor) => x.kthvalue(2).values,
    ]
  ) {
    const each = dg.stack([0, 1, 2].map((i) => op(a.select(0, i))));
    assert(vmap(op)(a).allclose(each));
  }
});

Deno.test("functions of one's own may map some of their results only", () => {
  class Both extends dg.autograd.Function {
    static forward(ctx: dg.autograd.FunctionContext, x: Tensor, w: Tensor) {
      ctx.saveForBackward(x, w);
      return [x.mul(w), w.mul(2)] as const;
    }
    static backward(ctx: dg.autograd.FunctionContext, g: Tensor, h: Tensor) {
      const [x, w] = ctx.savedTensors;
      return [g.mul(w!), g.mul(x!).add(h.mul(2))];
    }
  }
  const x = dg.tensor([[1, 2], [3, 4], [5, 6]]);
  const f = (w: Tensor, x: Tensor) => {
    const [a, b] = Both.apply(x, w);
    return a.sum().add(b.sum());
  };
  const gradient = (call: (w: Tensor) => Tensor) => {
    const w = dg.tensor([2, 3], { requiresGrad: true });
    call(w).backward();
    return w.grad!.tolist();
  };
  assertEquals(
    gradient((w) => vmap((x: Tensor) => f(w, x))(x).sum()),
    gradient((w) =>
      [0, 1, 2].map((i) => f(w, x.select(0, i)))
        .reduce((a, b) => a.add(b))
    ),
  );
  assertEquals(
    vmap(grad(f), { inDims: [null, 0] })(dg.ones(2), x).tolist(),
    [[3, 4], [5, 6], [7, 8]],
  );
});

Deno.test("results outlive a scope, and memory comes back", () => {
  const x = dg.ones([4, 64]);
  const y = dg.scope(() => vmap((row: Tensor) => row.mul(2).add(1))(x));
  assertEquals(y.sum().item(), 768);
  const inner = vmap((row: Tensor) => dg.scope(() => row.mul(2).add(1)))(x);
  assertEquals(inner.sum().item(), 768);
  const large = dg.ones([8, 1 << 14]);
  const before = dg.memory().cpu.liveBytes;
  const kept = vmap((row: Tensor) => row.sin().exp().sum())(large);
  assert(dg.memory().cpu.liveBytes - before < 1 << 16);
  assertEquals(kept.shape, [8]);
});

Deno.test("large gradients of each sample, whose memory goes back at once", () => {
  const x = dg.linspace(-1, 1, 4 * 100 * 90).reshape([4, 100, 90]);
  const f = (m: Tensor) => m.matmul(m.t()).tanh().softmax(-1).pow(2).sum();
  const all = vmap(grad(f))(x);
  for (let i = 0; i < 4; i++) {
    assert(all.select(0, i).allclose(grad(f)(x.select(0, i))));
  }
  const leaf = x.clone().requiresGrad_();
  vmap(f)(leaf).sum().backward();
  assert(leaf.grad!.allclose(all));
});

Deno.test("a checkpoint draws the same samples again", () => {
  const { checkpoint } = dg.utils.checkpoint;
  const x = dg.ones([3, 8]).mul(0.5);
  const block = (row: Tensor) => F.dropout(row).sin();
  const gradients = (f: (row: Tensor) => Tensor) => {
    dg.manualSeed(5);
    const leaf = x.clone().requiresGrad_();
    vmap(f, { randomness: "different" })(leaf).sum().backward();
    return leaf.grad!.tolist();
  };
  assertEquals(gradients((row) => checkpoint(block, [row])), gradients(block));
  assertEquals(
    vmap(grad((row: Tensor) => checkpoint((x) => x.sin(), [row]).sum()))(x)
      .tolist(),
    x.cos().tolist(),
  );
});

Deno.test("tensors show themselves, and errors leave nothing behind", () => {
  let text = "";
  vmap(vmap((x: Tensor) => {
    text = String(x);
    return x;
  }))(dg.arange(6).reshape([2, 3]));
  assertEquals(
    text,
    `BatchedTensor(lvl=2, bdim=0, value=
    BatchedTensor(lvl=1, bdim=0, value=
        tensor([[0., 1., 2.],
                [3., 4., 5.]])
    )
)`,
  );
  assertThrows(() => vmap((x: Tensor) => x.add(dg.ones(7)))(R));
  const w = dg.ones(2, { requiresGrad: true });
  w.mul(dg.rand(2)).sum().backward();
  assertEquals(w.grad!.shape, [2]);
  // A tensor that left the function by another way does not come back.
  let stray: Tensor | null = null;
  vmap((x: Tensor) => stray = x)(R);
  assertThrows(() => vmap((x: Tensor) => x.item())(stray!), Error);
});

Deno.test("no samples, and samples of nothing", () => {
  const f = (x: Tensor) => x.mul(2).sum();
  assertEquals(vmap(f)(dg.ones([0, 3])).shape, [0]);
  assertEquals(vmap(f)(dg.ones([3, 0])).tolist(), [0, 0, 0]);
  assertEquals(vmap(grad(f))(dg.ones([3, 0])).shape, [3, 0]);
});

Deno.test("a mask that is not mapped chooses the same of each sample", () => {
  const x = dg.arange(12).reshape([3, 4]);
  const mask = dg.tensor([true, false, true, false]);
  const chosen = [[0, 2], [4, 6], [8, 10]];
  assertEquals(vmap((x: Tensor) => x.at(mask))(x).tolist(), chosen);
  assertEquals(vmap((x: Tensor) => x.maskedSelect(mask))(x).tolist(), chosen);
  const written = (x: Tensor) => {
    const y = x.clone();
    y.setAt_(mask, x.at(":2"));
    return y;
  };
  const expected = [[0, 1, 1, 3], [4, 5, 5, 7], [8, 9, 9, 11]];
  assertEquals(vmap(written)(x).tolist(), expected);
  const slope = vmap(grad((x: Tensor) => written(x).square().sum()));
  // PyTorch's.
  const slopes = [[0, 4, 0, 6], [8, 20, 0, 14], [16, 36, 0, 22]];
  assertEquals(slope(x).tolist(), slopes);
  assertThrows(
    () => vmap((x: Tensor) => x.at(x.gt(2)))(x),
    dg.RuntimeError,
    "We do not support batching operators that can output dynamic shape",
  );
});
