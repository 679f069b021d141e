// gradcheck must find what is wrong, and nothing else.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

type Context = dg.autograd.FunctionContext;
type Tensor = dg.Tensor;

function leaf(...values: number[]): Tensor {
  return dg.tensor(values, { dtype: "float64", requiresGrad: true });
}

const { gradcheck, gradgradcheck, GradcheckError } = dg.autograd;

class Wrong extends dg.autograd.Function {
  static forward(_ctx: Context, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_ctx: Context, g: Tensor): Tensor {
    return g.mul(3);
  }
}

Deno.test("right derivatives pass", () => {
  const x = leaf(0.3, 0.7, 1.2);
  const y = leaf(0.5, -0.7, 2);
  assert(gradcheck((it) => it.sin(), x));
  assert(gradcheck((a, b) => [a!.mul(b!), a!.add(b!)], [x, y]));
  assert(gradgradcheck((a, b) => a!.mul(b!).sin(), [x, y]));
  assert(gradcheck((it) => it.sum(), leaf()));
  // Inputs of any strides, and results without a gradient.
  const matrix = leaf(1, 2, 3, 4).detach().reshape([2, 2]).t().requiresGrad_();
  assert(gradcheck((it) => [it.mul(it), it.argmax()], matrix));
  assertEquals(x.tolist(), [0.3, 0.7, 1.2]);
});

Deno.test("a wrong derivative is shown beside the right one", () => {
  const x = leaf(0.3, 0.7, 1.2);
  const error = assertThrows(
    () => gradcheck((it) => Wrong.apply(it), x),
    GradcheckError,
  );
  assertEquals(
    error.message,
    `Jacobian mismatch for output 0 with respect to input 0,
numerical:tensor([[2.0000, 0.0000, 0.0000],
        [0.0000, 2.0000, 0.0000],
        [0.0000, 0.0000, 2.0000]], dtype=float64)
analytical:tensor([[3., 0., 0.],
        [0., 3., 0.],
        [0., 0., 3.]], dtype=float64)
`,
  );
  assert(error instanceof dg.RuntimeError);
  assertEquals(
    gradcheck((it) => Wrong.apply(it), x, { raiseException: false }),
    false,
  );
  // A linear function's second derivative is right whatever the first is.
  assert(gradgradcheck((it) => Wrong.apply(it), x));
});

Deno.test("a result that is cut off is found", () => {
  const x = leaf(1, 2);
  assertThrows(
    () => gradcheck((it) => it.detach(), x),
    GradcheckError,
    "Numerical gradient for function expected to be zero",
  );
});

Deno.test("tolerances count", () => {
  const x = dg.ones(2, { requiresGrad: true });
  assertEquals(
    gradcheck((it) => it.sin(), x, { raiseException: false }),
    false,
  );
  assert(gradcheck((it) => it.sin(), x, { eps: 1e-2, atol: 1e-2 }));
});

Deno.test("a derivative that changes from run to run is found", () => {
  let runs = 0;
  class Drifting extends dg.autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.mul(2);
    }
    static backward(_ctx: Context, g: Tensor): Tensor {
      return g.mul(2 + 1e-9 * ++runs);
    }
  }
  const x = leaf(1, 2);
  assertThrows(
    () => gradcheck((it) => Drifting.apply(it), x),
    GradcheckError,
    "Backward is not reentrant",
  );
  assert(gradcheck((it) => Drifting.apply(it), x, { nondetTol: 1e-6 }));
});

Deno.test("inputs that cannot be checked are refused", () => {
  assertEquals(
    assertThrows(() => gradcheck((it) => it.sin(), dg.ones(2)), dg.ValueError)
      .message,
    "gradcheck expects at least one input tensor to require gradient, but none of them have requiresGrad=true.",
  );
  assertThrows(
    () => gradcheck((it) => it.mul(2), leaf(1).expand([3])),
    dg.RuntimeError,
    "The 0th input has a dimension with stride 0.",
  );
});
