// Complex numbers in what is built on gradients: seeds, products with
// Jacobians, optimizers and averages. Expected values are real PyTorch's.

import * as dg from "@dinograd/dinograd";
import { assert, assertThrows } from "@std/assert";

const C = (re: number, im: number) => ({ re, im });
const wide = { dtype: "complex128" } as const;
const start = () => dg.tensor([C(1, 2), C(-0.5, 0.3)], wide).requiresGrad_();
const target = dg.tensor([C(0, 1), C(1, 0)], wide);

function near(x: dg.Tensor, ...expected: { re: number; im: number }[]): void {
  assert(x.allclose(dg.tensor(expected, wide)), String(x));
}

/** A parameter after six steps towards the target. */
function after(make: (w: dg.Tensor[]) => dg.optim.Optimizer): dg.Tensor {
  const w = start();
  const optimizer = make([w]);
  for (let k = 0; k < 6; k++) {
    optimizer.zeroGrad();
    w.sub(target).abs().square().sum().backward();
    optimizer.step();
  }
  return w.detach();
}

Deno.test("an optimizer sees both parts as numbers on their own", () => {
  const momentum = { lr: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true };
  near(
    after((w) => new dg.optim.SGD(w, momentum)),
    C(-0.3847268098709469, 0.5493338182304366),
    C(1.5111508429078038, -0.11541804296128408),
  );
  const adam = { lr: 0.1, amsgrad: true, weightDecay: 0.1 };
  near(
    after((w) => new dg.optim.Adam(w, adam)),
    C(0.41423645584074026, 1.41319496815658),
    C(0.0919994102716806, -0.14539124155146266),
  );
  near(
    after((w) => new dg.optim.Rprop(w, { lr: 0.1 })),
    C(0.007008000000000125, 1.007008),
    C(0.4929919999999999, 0.007999999999999993),
  );
  near(
    after((w) =>
      new dg.optim.RMSprop(w, { lr: 0.1, centered: true, momentum: 0.5 })
    ),
    C(0.08699095355223946, 1.0869909535522395),
    C(0.8623705140710479, -0.1359669549802159),
  );
});

Deno.test("optimizers that look at whole matrices refuse complex ones", () => {
  const w = dg.ones([2, 2], wide).requiresGrad_();
  const message = "does not support complex parameters";
  assertThrows(() => new dg.optim.Muon([w]), dg.RuntimeError, message);
  w.abs().sum().backward();
  const adafactor = new dg.optim.Adafactor([w]);
  assertThrows(() => adafactor.step(), dg.RuntimeError, message);
});

Deno.test("averages of complex parameters", () => {
  const average = dg.zeros(1, wide);
  dg.optim.swaUtils.getEmaMultiAvgFn(0.75)([average], [
    dg.full(1, C(4, 8), wide),
  ], 1);
  near(average, C(1, 2));
});

Deno.test("a gradient has the type of a complex output", () => {
  const w = start();
  assertThrows(
    () => w.mul(w).backward(dg.ones(2, { dtype: "float64" })),
    dg.RuntimeError,
    "required to have the same dtype",
  );
  assertThrows(
    () => w.abs().backward(dg.ones(2, wide)),
    dg.RuntimeError,
    "required to have the same dtype",
  );
});

Deno.test("products with Jacobians; Jacobians themselves are refused", () => {
  const { jvp } = dg.autograd.functional;
  near(jvp((x) => x.mul(x), target, target)[1], C(-2, 0), C(2, 0));
  const square = (x: dg.Tensor) => x.mul(x);
  const message = "Expected all inputs to be real";
  const jacobians = [
    dg.func.jacrev(square),
    dg.func.jacfwd(square),
    dg.func.hessian(square),
  ];
  for (const jacobian of jacobians) {
    assertThrows(() => jacobian(target), dg.RuntimeError, message);
  }
  assertThrows(
    () => dg.func.jacrev((x: dg.Tensor) => x.mul(C(0, 1)))(dg.ones(2)),
    dg.RuntimeError,
    "Expected all outputs to be real",
  );
});

Deno.test("what works on single real numbers is refused", () => {
  const z = dg.tensor([C(1, 2)]);
  assertThrows(() => z.apply_((x) => x + 1), dg.RuntimeError);
  assertThrows(() => z.map_(z, (x, y) => x + y), dg.RuntimeError);
  const w = dg.zeros([2, 2], { dtype: "complex64" });
  assertThrows(() => dg.nn.init.orthogonal_(w), dg.RuntimeError);
  const layer = () => new dg.nn.Linear(2, 2, { dtype: "complex64" });
  assertThrows(() => dg.nn.utils.weightNorm(layer()), dg.RuntimeError);
  assertThrows(() => dg.nn.utils.spectralNorm(layer()), dg.RuntimeError);
  const index = dg.tensor(C(1, 0));
  assertThrows(() => dg.ones(3).at(index), dg.IndexError);
});
