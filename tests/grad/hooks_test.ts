// Hooks: when they run, what they may change, and how they are taken away.
// The expected numbers are those of PyTorch 2.13 for the same programs.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

function leaf(...values: number[]): dg.Tensor {
  return dg.tensor(values, { requiresGrad: true });
}

Deno.test("hooks run in order, on computed tensors and on leaves", () => {
  const x = leaf(2, 3);
  const y = x.mul(3);
  const z = y.mul(y);
  const log: unknown[] = [];
  const handle = y.registerHook((g) => {
    log.push(["y", g.tolist()]);
  });
  x.registerHook((g) => {
    log.push(["x", g.tolist()]);
    return g.mul(10);
  });
  x.registerPostAccumulateGradHook((it) => {
    log.push(["post", it.grad!.tolist()]);
  });
  z.sum().backward(null, { retainGraph: true });
  handle.remove();
  handle.remove();
  z.sum().backward();
  assertEquals(log, [
    ["y", [12, 18]],
    ["x", [36, 54]],
    ["post", [360, 540]],
    ["x", [36, 54]],
    ["post", [720, 1080]],
  ]);
});

Deno.test("a hook is removed at the end of a block", () => {
  const x = leaf(1);
  {
    using _ = x.registerHook((g) => g.mul(5));
    x.sum().backward();
  }
  x.sum().backward();
  assertEquals(x.grad!.tolist(), [6]);
});

Deno.test("a retained gradient has been through all hooks", () => {
  const x = leaf(2, 3);
  const y = x.mul(3);
  y.registerHook((g) => g.mul(2));
  y.retainGrad();
  y.registerHook((g) => g.mul(5));
  y.sum().backward();
  assertEquals(y.grad!.tolist(), [10, 10]);
  assertEquals(x.grad!.tolist(), [30, 30]);
});

Deno.test("a retained gradient accumulates, in a new tensor", () => {
  const x = leaf(2, 3);
  const y = x.mul(3);
  y.retainGrad();
  assertEquals([y.retainsGrad, x.retainsGrad], [true, false]);
  const z = y.mul(y).sum();
  z.backward(null, { retainGraph: true });
  const first = y.grad!;
  z.backward();
  assertEquals(y.grad!.tolist(), [24, 36]);
  assertEquals(first.tolist(), [12, 18]);
});

Deno.test("what follows a change in place follows the tensor, hooks stay", () => {
  const x = leaf(2, 3);
  const y = x.mul(3);
  const log: unknown[] = [];
  y.registerHook((g) => {
    log.push(["before", g.tolist()]);
  });
  y.retainGrad();
  y.mul_(10);
  y.registerHook((g) => {
    log.push(["after", g.tolist()]);
  });
  y.mul(7).sum().backward();
  assertEquals(y.grad!.tolist(), [7, 7]);
  assertEquals(x.grad!.tolist(), [210, 210]);
  assertEquals(log, [["after", [7, 7]], ["before", [70, 70]]]);
});

Deno.test("a base retains its gradient when its view is changed in place", () => {
  const x = leaf(2, 3);
  const y = x.mul(1);
  y.retainGrad();
  y.select(0, 0).mul_(5);
  y.sum().backward();
  assertEquals(y.grad!.tolist(), [1, 1]);
  assertEquals(x.grad!.tolist(), [5, 1]);
});

Deno.test("grad returns what hooks made of a leaf, but not of what goes on", () => {
  const x = leaf(2, 3);
  const y = x.mul(3);
  y.registerHook((g) => g.mul(2));
  const z = y.mul(7).sum();
  const [gy, gx] = dg.autograd.grad(z, [y, x], { retainGraph: true });
  assertEquals([gy.tolist(), gx.tolist()], [[7, 7], [42, 42]]);
  assertEquals(dg.autograd.grad(z, y)[0].tolist(), [14, 14]);

  const w = leaf(1, 2);
  w.registerHook((g) => g.mul(2));
  w.registerPostAccumulateGradHook(() => {
    throw new Error("nothing was accumulated");
  });
  assertEquals(dg.autograd.grad(w.mul(7).sum(), w)[0].tolist(), [14, 14]);
  assertEquals(w.grad, null);
});

Deno.test("a hook may run a backward pass of its own", () => {
  const x = leaf(2, 3);
  const w = leaf(1, 1);
  const y = x.mul(3);
  y.registerHook(() => {
    // It walks over nodes that the outer pass still needs.
    using _ = dg.enableGrad();
    y.mul(w).sum().backward(null, { inputs: w });
    x.mul(x).sum().backward();
  });
  y.mul(2).sum().backward();
  assertEquals(w.grad!.tolist(), [6, 9]);
  assertEquals(x.grad!.tolist(), [4 + 6, 6 + 6]);
});

Deno.test("hooks that do not fit are refused", () => {
  const run = (hook: dg.autograd.GradHook) => {
    const y = leaf(1, 2).mul(3);
    y.registerHook(hook);
    y.sum().backward();
  };
  const cases: [dg.autograd.GradHook, string][] = [
    [
      function shrink() {
        return dg.ones(3);
      },
      "hook 'shrink' has changed the size of value",
    ],
    [
      function widen(g) {
        return g.double();
      },
      "hook 'widen' has changed the type of value (was torch.FloatTensor got torch.DoubleTensor)",
    ],
  ];
  for (const [hook, message] of cases) {
    const error = assertThrows(() => run(hook), dg.RuntimeError);
    assertEquals(error.message, message);
  }
  const error = assertThrows(
    () => run((() => 3) as unknown as dg.autograd.GradHook),
    TypeError,
  );
  assertEquals(
    error.message,
    "expected Variable, but hook returned 'number'",
  );
});

Deno.test("hooks need a tensor that requires a gradient", () => {
  const sentence =
    "cannot register a hook on a tensor that doesn't require gradient";
  const hook = () => {};
  const message = (fn: () => unknown) =>
    assertThrows(fn, dg.RuntimeError).message;
  assertEquals(message(() => dg.ones(2).registerHook(hook)), sentence);
  assertEquals(
    message(() => dg.ones(2).registerPostAccumulateGradHook(hook)),
    sentence,
  );
  assertEquals(
    message(() => leaf(1).mul(2).registerPostAccumulateGradHook(hook)),
    "post accumulate grad hooks cannot be registered on non-leaf tensors",
  );
  assertEquals(
    message(() => dg.ones(2).retainGrad()),
    "can't retain_grad on Tensor that has requires_grad=False",
  );
});
