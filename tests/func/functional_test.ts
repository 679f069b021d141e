// dg.autograd.functional against PyTorch's own answers and sentences.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import {
  B,
  both,
  checkErrors,
  checkSection,
  constant,
  linear,
  scalar,
  scalar2,
  smooth,
  V,
  X,
  Y,
} from "./functions.ts";

type Tensor = dg.Tensor;

const { hessian, hvp, jacobian, jvp, vhp, vjp } = dg.autograd.functional;
const two = dg.tensor(2, { dtype: "float64" });

Deno.test("functional gives PyTorch's values and nesting", () => {
  const forward = "forward-mode";
  const vectorize = true;
  checkSection("functional", {
    "jacobian": () => jacobian(smooth, X),
    "jacobian of both": () => jacobian(both, [X, Y]),
    "jacobian of a tuple of one": () => jacobian(smooth, [X]),
    "jacobian vectorized": () => jacobian(both, [X, Y], { vectorize }),
    "jacobian forward": () =>
      jacobian(both, [X, Y], { vectorize, strategy: forward }),
    "hessian": () => hessian(scalar, X),
    "hessian of scalar2": () => hessian(scalar2, [X, Y]),
    "hessian vectorized": () => hessian(scalar2, [X, Y], { vectorize }),
    "hessian forward": () =>
      hessian(scalar2, [X, Y], { vectorize, outerJacobianStrategy: forward }),
    "vjp": () => vjp(smooth, X, V),
    "vjp of both": () => vjp(both, [X, Y], [V, two]),
    "vjp without v": () => vjp(scalar, X),
    "jvp": () => jvp(smooth, X, V),
    "jvp of both": () => jvp(both, [X, Y], [V, X]),
    "vhp": () => vhp(scalar2, [X, Y], [V, X]),
    "hvp": () => hvp(scalar2, [X, Y], [V, X]),
    "jacobian of constant": () => jacobian(constant, X),
    "hessian of linear": () => hessian(linear, X),
    "jvp of constant": () => jvp(constant, X, V),
    "hvp of linear": () => hvp(linear, X, V),
  });
});

Deno.test("functional gives PyTorch's sentences", () => {
  const strict = true;
  const unused = (x: Tensor, _y: Tensor) => x.mul(2);
  checkErrors("functionalErrors", {
    "strict jacobian of constant": () => jacobian(constant, X, { strict }),
    "strict jacobian of unused": () => jacobian(unused, [X, Y], { strict }),
    "strict vjp of unused": () => vjp(unused, [X, Y], V, { strict }),
    "strict jvp of linear": () =>
      jvp((x) => x.mul(3), X, V, { strict, createGraph: true }),
    "strict vhp of linear": () => vhp(linear, X, V, { strict }),
    "strict hvp of linear": () => hvp(linear, X, V, { strict }),
    "strict hessian of linear": () => hessian(linear, X, { strict }),
    "strict and created": () =>
      jacobian((x) => x.mul(3), X, { strict, createGraph: true }),
    "strict and vectorized": () =>
      jacobian(smooth, X, { strict, vectorize: true }),
    "vjp without v": () => vjp(smooth, X),
    "jvp without v": () => jvp(smooth, X),
    "v of another size": () => vjp(smooth, X, B),
    "v of another length": () => vjp(smooth, X, [V, V]),
    "entry of another size": () => jvp(both, [X, Y], [V, B]),
    "hessian of a vector": () => hessian(smooth, X),
    "vhp of several": () =>
      vhp(both as unknown as () => Tensor, [X, Y], [X, Y]),
  });
  assertThrows(
    () => jacobian(smooth, X, { strategy: "forward-mode" }),
    dg.RuntimeError,
    "only implemented for `vectorize=true`",
  );
  assertThrows(
    () => jacobian(smooth, 3 as unknown as Tensor),
    TypeError,
    "The inputs given to jacobian must be either a Tensor or a tuple of Tensors but the given inputs has type 3.",
  );
});

Deno.test("results are part of the graph only when asked for", () => {
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const cube = (x: Tensor) => x.pow(3);
  assertEquals(jacobian(cube, x).requiresGrad, false);
  const [y, g] = vjp(cube, x, dg.ones(2));
  assertEquals([y.requiresGrad, g.requiresGrad], [false, false]);
  for (const options of [{}, { vectorize: true }]) {
    x.grad = null;
    jacobian(cube, x, { createGraph: true, ...options }).sum().backward();
    assertEquals(x.grad!.tolist(), [6, 12]);
    x.grad = null;
    hessian((x) => x.pow(3).sum(), x, { createGraph: true, ...options })
      .sum().backward();
    assertEquals(x.grad!.tolist(), [6, 6]);
  }
  x.grad = null;
  jvp(cube, x, dg.ones(2), { createGraph: true })[1].sum().backward();
  assertEquals(x.grad!.tolist(), [6, 12]);
});

Deno.test("functional works where nothing is recorded", () => {
  dg.noGrad(() => {
    assertEquals(jacobian((x) => x.mul(x), dg.ones(1)).tolist(), [[2]]);
    assertEquals(vhp((x) => x.pow(3), dg.ones(1))[1].tolist(), [6]);
    assertEquals(hvp((x) => x.pow(3), dg.ones(1))[1].tolist(), [6]);
    assertEquals(jvp((x) => x.mul(x), dg.ones(1))[1].tolist(), [2]);
  });
});

Deno.test("tensors in a closure are told from the input that they are", () => {
  const x = dg.tensor([2], { requiresGrad: true });
  const f = (y: Tensor) => y.mul(x);
  assertEquals(jacobian(f, x).tolist(), [[2]]);
  assertEquals(jacobian(f, x, { createGraph: true }).tolist(), [[2]]);
});
