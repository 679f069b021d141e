// dg.func against PyTorch's own answers, and what holds between transforms.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import * as entry from "../../src/entry/func.ts";
import {
  B,
  both,
  checkSection,
  layer,
  M,
  numbers,
  scalar,
  scalar2,
  smooth,
  type Tree,
  tree,
  V,
  X,
  Y,
} from "./functions.ts";

type Tensor = dg.Tensor;

const { grad, gradAndValue, hessian, jacfwd, jacrev, jvp, vjp } = dg.func;

Deno.test("the namespace is an entry point", () => {
  assertEquals(Object.keys(entry).toSorted(), Object.keys(dg.func).toSorted());
});

Deno.test("transforms give PyTorch's values", () => {
  const p: Tree = { x: X, more: [B] };
  const t: Tree = { x: V, more: [numbers([4], 50)] };
  checkSection("transforms", {
    "grad": () => grad(scalar)(X),
    "grad of grad": () => grad((x: Tensor) => grad(scalar)(x).prod())(X),
    "grad by both": () => grad(scalar2, { argnums: [0, 1] })(X, Y),
    "gradAndValue": () => gradAndValue(scalar2, { argnums: 1 })(X, Y),
    "vjp": () => {
      const [out, vjpFn] = vjp(tree, [p]);
      return [out, vjpFn(out)];
    },
    "jvp": () => jvp(tree, [p], [t]),
    "jvp of jvp": () => jvp((x) => jvp(smooth, [x], [V])[1], [X], [Y]),
    "grad of jvp": () => grad((x: Tensor) => jvp(smooth, [x], [V])[1].sum())(X),
    "jvp of grad": () => jvp(grad(scalar), [X], [V]),
    "jacrev": () => jacrev(smooth)(X),
    "jacfwd": () => jacfwd(smooth)(X),
    "jacrev of both": () => jacrev(both, { argnums: [0, 1] })(X, Y),
    "jacfwd of both": () => jacfwd(both, { argnums: [1, 0] })(X, Y),
    "jacrev of tree": () => jacrev(tree)(p),
    "jacfwd of tree": () => jacfwd(tree)(p),
    "jacrev of matrix": () => jacrev(layer)(M),
    "hessian": () => hessian(scalar)(X),
    "hessian by both": () => hessian(scalar2, { argnums: [0, 1] })(X, Y),
    "hessian of smooth": () => hessian(smooth)(X),
    "jacrev of jacrev": () => jacrev(jacrev(smooth))(X),
    "third": () => jacfwd(hessian(scalar))(X),
  });
});

Deno.test("rows of a Jacobian come in chunks of any size", () => {
  const all = jacrev(both, { argnums: [0, 1] })(X, Y);
  for (const chunkSize of [1, 2, 3, 4, 5]) {
    const chunked = jacrev(both, { argnums: [0, 1], chunkSize })(X, Y);
    assertEquals(JSON.stringify(chunked), JSON.stringify(all));
  }
  assertThrows(
    () => jacrev(smooth, { chunkSize: 0 }),
    dg.ValueError,
    "jacrev: `chunkSize` should be greater than 0.",
  );
});

Deno.test("what a closure holds is constant, and gets its gradient from outside", () => {
  const w = dg.tensor([3, 4], { requiresGrad: true });
  const x = dg.tensor([1, 2]);
  const g = grad((x: Tensor) => x.mul(x).mul(w).sum())(x);
  assertEquals(g.tolist(), [6, 16]);
  assertEquals(g.requiresGrad, true);
  g.sum().backward();
  assertEquals(w.grad!.tolist(), [2, 4]);
  assertEquals(x.requiresGrad, false);
});

Deno.test("results hang on to what was tracked outside, and to nothing else", () => {
  const x = dg.tensor([1, 2]);
  const tracked = dg.tensor([1, 2], { requiresGrad: true });
  const square = (x: Tensor) => x.mul(x).sum();
  const [g, value] = gradAndValue(square)(x);
  assertEquals([g.requiresGrad, value.requiresGrad], [false, false]);
  const [h, kept] = gradAndValue(square)(tracked);
  assertEquals([h.requiresGrad, kept.requiresGrad], [true, true]);
  h.sum().backward();
  assertEquals(tracked.grad!.tolist(), [2, 2]);
  for (
    const y of [
      jacrev(smooth)(X),
      hessian(scalar)(X),
      jvp(smooth, [X], [V])[1],
      vjp(smooth, [X])[1](V)[0],
    ]
  ) assertEquals(y.requiresGrad, false);
});

Deno.test("recording is on inside, whatever it is outside", () => {
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const g = dg.noGrad(() => grad((x: Tensor) => x.pow(2).sum())(x));
  assertEquals([g.tolist(), g.requiresGrad], [[2, 4], false]);
  // What the function itself does without recording stays unrecorded.
  const cut = (x: Tensor) => x.pow(2).sub(dg.noGrad(() => x.pow(2))).sum();
  assertEquals(grad(cut)(x).tolist(), [2, 4]);
  // So is a whole transform, to a transform around it.
  const inner = (x: Tensor) =>
    dg.noGrad(() => grad((x: Tensor) => x.pow(3).sum())(x)).mul(x).sum();
  assertEquals(grad(inner)(dg.tensor([1, 2])).tolist(), [3, 12]);
  assertEquals(
    dg.inferenceMode(() => grad((x: Tensor) => x.pow(2).sum())(x)).tolist(),
    [2, 4],
  );
});

Deno.test("inner and outer derivatives are not confused", () => {
  const f = (x: Tensor) =>
    x.mul(grad((y: Tensor) => x.mul(y).mul(y))(dg.tensor(1)));
  assertEquals(grad(f)(dg.tensor(3)).item(), 12);
  const g = (x: Tensor) =>
    x.mul(jvp((y) => x.add(y), [dg.tensor(1)], [dg.tensor(1)])[1]);
  assertEquals(jvp(g, [dg.tensor(2)], [dg.tensor(1)])[1].item(), 1);
});

Deno.test("what does not depend on the input has zeros", () => {
  const x = dg.tensor([1, 2]);
  assertEquals(grad((_: Tensor) => dg.tensor(1))(x).tolist(), [0, 0]);
  const [y, t] = jvp((x) => [x.argmax(), dg.ones(2)], [x], [x]);
  assertEquals(String(y), "1,tensor([1., 1.])");
  assertEquals(t.map((x) => x.tolist()), [0, [0, 0]]);
  assertEquals(t[0]!.dtype, "int64");
  assertEquals(jacrev((_: Tensor) => dg.ones(2))(x).tolist(), [[0, 0], [0, 0]]);
  assertEquals(jacfwd((_: Tensor) => dg.ones(2))(x).tolist(), [[0, 0], [0, 0]]);
  assertEquals(hessian(linearSum)(x).tolist(), [[0, 0], [0, 0]]);
});

function linearSum(x: Tensor): Tensor {
  return x.sum();
}

Deno.test("empty results and arguments have empty Jacobians", () => {
  const x = dg.ones(2);
  assertEquals(jacrev((x: Tensor) => x.narrow(0, 0, 0))(x).shape, [0, 2]);
  assertEquals(jacfwd((x: Tensor) => x.narrow(0, 0, 0))(x).shape, [0, 2]);
  assertEquals(jacrev(linearSum)(dg.ones(0)).shape, [0]);
  assertEquals(jacfwd(linearSum)(dg.ones(0)).shape, [0]);
});

Deno.test("what a function returns besides is passed on", () => {
  const x = dg.tensor([1, 2]);
  const f = (x: Tensor) => [x.mul(x).sum(), { twice: x.mul(2), n: 5 }] as const;
  const [g, aux] = grad(f, { hasAux: true })(x);
  assertEquals([g.tolist(), aux.twice.tolist(), aux.n], [[2, 4], [2, 4], 5]);
  assertEquals(aux.twice.requiresGrad, false);
  const [, [value, second]] = gradAndValue(f, { hasAux: true })(x);
  assertEquals([value.item(), second.n], [5, 5]);
  assertEquals(vjp(f, [x], { hasAux: true })[2].twice.tolist(), [2, 4]);
  assertEquals(jvp(f, [x], [x], { hasAux: true })[2].n, 5);
  assertEquals(jacrev(f, { hasAux: true })(x)[1].n, 5);
  assertEquals(jacfwd(f, { hasAux: true })(x)[1].n, 5);
});

Deno.test("a vjp runs more than once, and can be differentiated", () => {
  const x = dg.tensor([1, 2]);
  const [, vjpFn] = vjp((x: Tensor) => x.pow(3), [x]);
  assertEquals(vjpFn(dg.ones(2))[0].tolist(), [3, 12]);
  assertEquals(vjpFn(dg.tensor([1, 0]))[0].tolist(), [3, 0]);
  const v = dg.ones(2, { requiresGrad: true });
  vjpFn(v)[0].sum().backward();
  assertEquals(v.grad!.tolist(), [3, 12]);
});

Deno.test("changes in place and custom functions are differentiated", () => {
  const x = dg.tensor([1, 2]);
  const f = (x: Tensor) => {
    const y = x.mul(1);
    y.narrow(0, 0, 1).mul_(x.select(0, 1));
    return y.exp_().sum();
  };
  const [e2] = [Math.exp(2)];
  const close = (a: number, b: number) => assert(Math.abs(a - b) < 1e-5);
  const [a, b] = grad(f)(x).tolist<number[]>();
  close(a!, 2 * e2);
  close(b!, 2 * e2);
  class Cube extends dg.autograd.Function {
    static forward(ctx: dg.autograd.FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.pow(3);
    }
    static backward(ctx: dg.autograd.FunctionContext, g: Tensor): Tensor {
      return g.mul(ctx.savedTensors[0]!.pow(2)).mul(3);
    }
  }
  const cubes = (x: Tensor) => Cube.apply(x).sum();
  assertEquals(grad(cubes)(x).tolist(), [3, 12]);
  assertEquals(hessian(cubes)(x).tolist(), [[6, 0], [0, 12]]);
});

Deno.test("wrong calls get PyTorch's sentences", () => {
  const x = dg.tensor([1, 2]);
  const untyped = <F>(fn: F) =>
    fn as unknown as (...args: unknown[]) => unknown;
  const cases: [() => unknown, string][] = [
    [
      () => grad((x: Tensor) => x.sin_().sum())(x),
      "a leaf Variable that requires grad is being used in an in-place operation.",
    ],
    [
      () =>
        grad((x: Tensor) => {
          x.sum().backward();
          return x.sum();
        })(x),
      "backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp instead or call backward() outside of functorch transforms.",
    ],
    [
      () => grad(linearSum)(dg.tensor([1n])),
      "only Tensors of floating point dtype can require gradients",
    ],
    [
      () => untyped(grad(linearSum))(3),
      "Thing passed to transform API must be Tensor, got number",
    ],
    [
      () => grad((x: Tensor) => x)(x),
      "gradAndValue(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with 1 dims. Maybe you wanted to use the vjp or jacrev APIs instead?",
    ],
    [
      () => grad(linearSum, { argnums: 2 })(x),
      "Got argnum=2, but only 1 positional inputs",
    ],
    [
      () => grad(linearSum, { argnums: [] })(x),
      "argnums must be non-empty",
    ],
    [
      () => grad(scalar2, { argnums: [0, 0] })(x, x),
      "argnums elements must be unique, got [0, 0]",
    ],
    [
      () => vjp((x: Tensor) => x.mul(2), [x])[1](dg.ones(3)),
      "Mismatch in shape: grad_output[0] has a shape of [3] and output[0] has a shape of [2].",
    ],
    [
      () => untyped(vjp((x: Tensor) => [x, x], [x])[1])(x),
      "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: *, primal output: [*, *]",
    ],
    [
      () => vjp((x: Tensor) => x.argmax(), [x]),
      "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype int64",
    ],
    [
      () => vjp((x: Tensor) => [x, "a"], [x]),
      "vjp(f, *primals): expected f(*primals) to return only tensors, got unsupported type string",
    ],
    [
      () => vjp((_: Tensor) => [], [x]),
      "vjp(f, *primals): Expected f to be a function that has non-empty output (got output = [])",
    ],
    [
      () => untyped(jvp)(linearSum, x, x),
      "jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals).",
    ],
    [
      () => jvp(linearSum, [x], [dg.ones(3)]),
      "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size [2] while the given forward gradient is of size [3].",
    ],
    [
      () => jvp((_: Tensor) => dg.ones(2), [x], [x], { strict: true }),
      "jvp(f, primals, tangents, strict=true): The output of f is independent of the inputs. This is not allowed with strict=true.",
    ],
  ];
  for (const [run, sentence] of cases) {
    const error = assertThrows(run, Error);
    assertEquals(error.message, sentence);
  }
  // After an error, nothing of the transform is left behind.
  const w = dg.ones(2, { requiresGrad: true });
  w.sum().backward();
  assertEquals(w.grad!.tolist(), [1, 1]);
});

Deno.test("results of transforms outlive a scope", () => {
  const x = dg.tensor([1, 2]);
  const g = dg.scope(() => grad((x: Tensor) => x.mul(x).sum())(x));
  assertEquals(g.tolist(), [2, 4]);
  assertEquals(dg.scope(() => hessian(scalar)(X)).shape, [3, 3]);
});

Deno.test("a transform of what is no function is refused when it is made", () => {
  for (const [name, transform] of Object.entries(dg.func)) {
    if (name === "functionalCall" || name === "stackModuleState") continue;
    const make = transform as (...args: unknown[]) => unknown;
    assertThrows(
      () => make(dg.ones(2)),
      TypeError,
      `${name}(): argument 'fn' must be a function, not Tensor`,
    );
  }
});
