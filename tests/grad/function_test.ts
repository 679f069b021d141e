// Functions with a derivative of the user's own, as PyTorch 2.13 runs them.

import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as dg from "@dinograd/dinograd";

type Context = dg.autograd.FunctionContext;
type Tensor = dg.Tensor;

function leaf(...values: number[]): Tensor {
  return dg.tensor(values, { requiresGrad: true });
}

class Exp extends dg.autograd.Function {
  static forward(ctx: Context, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0]!);
  }
}

class Scale extends dg.autograd.Function {
  static forward(x: Tensor, factor: number): Tensor {
    return x.mul(factor);
  }
  static setupContext(ctx: Context, [, factor]: [Tensor, number]): void {
    ctx.factor = factor;
  }
  static backward(ctx: Context, g: Tensor): (Tensor | null)[] {
    return [g.mul(ctx.factor as number), null];
  }
}

/** A function of any number of tensors that doubles the first, with this `backward`. */
function doubling(
  backward: (ctx: Context, ...grads: Tensor[]) => unknown,
): (...args: unknown[]) => Tensor {
  class F extends dg.autograd.Function {
    static forward(_ctx: Context, ...args: unknown[]): Tensor {
      return (args[0] as Tensor).mul(2);
    }
    static backward(ctx: Context, ...grads: Tensor[]): unknown {
      return backward(ctx, ...grads);
    }
  }
  return (...args) => F.apply(...args);
}

Deno.test("a custom function shows as its name", () => {
  const x = leaf(1, 2);
  const y = Exp.apply(x);
  assertEquals(y.gradFn!.name, "ExpBackward");
  assertEquals(y.gradFn!.nextFunctions[0]![0]!.name, "AccumulateGrad");
  y.sum().backward();
  assertEquals(x.grad!.tolist(), y.tolist());
  assertThrows(() => y.sum().backward(), dg.RuntimeError, "second time");
});

Deno.test("a custom function can be differentiated twice", () => {
  const x = dg.tensor([1, 2], { dtype: "float64", requiresGrad: true });
  assert(dg.autograd.gradgradcheck((it) => Exp.apply(it), x));
  const [g] = dg.autograd.grad(Exp.apply(x).sum(), x, { createGraph: true });
  assertEquals(g.gradFn!.name, "MulBackward0");
});

Deno.test("setupContext sees arguments and result", () => {
  const x = leaf(1, 2);
  Scale.apply(x, 3).sum().backward();
  assertEquals(x.grad!.tolist(), [3, 3]);
});

Deno.test("nothing is recorded where no gradient is wanted", () => {
  assertEquals(Scale.apply(dg.ones(2), 3).requiresGrad, false);
  const x = leaf(1, 2);
  assertEquals(dg.noGrad(() => Scale.apply(x, 3)).requiresGrad, false);
});

Deno.test("backward runs with recording only for createGraph", () => {
  const modes: unknown[] = [];
  const f = doubling((ctx, g) => {
    modes.push([dg.isGradEnabled(), ...ctx.needsInputGrad]);
    return [g, null];
  });
  const x = leaf(1, 2);
  f(x, 3).sum().backward();
  dg.autograd.grad(f(x, 3).sum(), x, { createGraph: true });
  assertEquals(modes, [[false, true, false], [true, true, false]]);
});

Deno.test("the number and kind of gradients is checked", () => {
  const messages = (
    backward: (ctx: Context, g: Tensor) => unknown,
    ...args: unknown[]
  ) =>
    assertThrows(
      () => doubling(backward)(leaf(1, 2), ...args).sum().backward(),
      dg.RuntimeError,
    ).message;
  assertEquals(
    messages((_, g) => [g, g]),
    "function FBackward returned an incorrect number of gradients (expected 1, got 2)",
  );
  assertEquals(
    messages((_, g) => g, leaf(1, 2)),
    "function FBackward returned an incorrect number of gradients (expected 2, got 1)",
  );
  assertEquals(
    messages(() => 3),
    "expected Variable or None (got number)",
  );
  assertEquals(
    messages(() => dg.ones(3)),
    "Function FBackward returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]",
  );
  assertEquals(
    messages((_, g) => [g, g], 3),
    "function FBackward returned a gradient different than None at position 2, but the corresponding forward input was not a Variable",
  );
});

Deno.test("gradients are reduced and converted, extra nulls dropped", () => {
  const run = (backward: (ctx: Context, g: Tensor) => unknown) => {
    const x = leaf(1, 2);
    doubling(backward)(x).sum().backward();
    return x.grad?.tolist() ?? null;
  };
  assertEquals(run((_, g) => [g, null, null]), [1, 1]);
  assertEquals(run(() => dg.ones([4, 2])), [4, 4]);
  assertEquals(run((_, g) => g.double()), [1, 1]);
  assertEquals(run(() => null), null);
});

Deno.test("forward and backward must exist", () => {
  class NoForward extends dg.autograd.Function {}
  class NoBackward extends dg.autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.mul(2);
    }
  }
  const call = NoForward.apply as unknown as (x: Tensor) => Tensor;
  assertEquals(
    assertThrows(() => call.call(NoForward, leaf(1)), dg.RuntimeError).message,
    "You must implement the forward function for custom autograd.Function.",
  );
  assertEquals(
    assertThrows(
      () => NoBackward.apply(leaf(1)).backward(),
      dg.RuntimeError,
    ).message,
    "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.",
  );
  assertThrows(() => new NoBackward(), dg.RuntimeError, "Legacy autograd");
});

class Pair extends dg.autograd.Function {
  static seen: unknown[] = [];
  static forward(ctx: Context, x: Tensor, fixed: boolean, zeros: boolean) {
    const results: [Tensor, Tensor] = [x.mul(2), x.mul(3)];
    if (fixed) ctx.markNonDifferentiable(results[1]);
    ctx.setMaterializeGrads(zeros);
    return results;
  }
  static backward(_ctx: Context, a: Tensor | null, b: Tensor | null) {
    Pair.seen = [a?.tolist() ?? null, b?.tolist() ?? null];
    return [a?.mul(2) ?? null, null, null];
  }
}

Deno.test("several results: zeros or null stand for what did not arrive", () => {
  const x = leaf(1, 2);
  const [a, b] = Pair.apply(x, false, true);
  assertEquals([a.outputNr, b.outputNr, b.gradFn!.name], [
    0,
    1,
    "PairBackward",
  ]);
  a.sum().backward();
  assertEquals(Pair.seen, [[1, 1], [0, 0]]);
  Pair.apply(x, false, false)[1].sum().backward();
  assertEquals(Pair.seen, [null, [1, 1]]);
  const [, fixed] = Pair.apply(x, true, true);
  assertEquals([fixed.requiresGrad, fixed.gradFn], [false, null]);
  assertEquals(x.grad!.tolist(), [2, 2]);
});

class AddOne extends dg.autograd.Function {
  static forward(ctx: Context, x: Tensor): Tensor {
    x.add_(1);
    ctx.markDirty(x);
    return x;
  }
  static backward(_ctx: Context, g: Tensor): Tensor {
    return g.mul(5);
  }
}

Deno.test("a function may change its argument in place", () => {
  const x = leaf(1, 2);
  const y = x.mul(1);
  const z = AddOne.apply(y);
  assertStrictEquals(z, y);
  assertEquals([y.gradFn!.name, y.version], ["AddOneBackward", 2]);
  z.sum().backward();
  assertEquals(x.grad!.tolist(), [5, 5]);

  const base = leaf(1, 2).mul(1);
  const part = AddOne.apply(base.narrow(0, 0, 1));
  assertEquals(part.gradFn!.name, "AsStridedBackward0");
  assertEquals(base.gradFn!.name, "CopySlices");

  assertEquals(
    assertThrows(() => AddOne.apply(leaf(1)), dg.RuntimeError).message,
    "a leaf Variable that requires grad has been used in an in-place operation.",
  );
});

Deno.test("an argument that is returned is not the result", () => {
  class Same extends dg.autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x;
    }
    static backward(_ctx: Context, g: Tensor): Tensor {
      return g.mul(7);
    }
  }
  const x = leaf(1, 2);
  const y = x.mul(1);
  const z = Same.apply(y);
  assert(z !== y);
  assertEquals([y.gradFn!.name, z.gradFn!.name], [
    "MulBackward0",
    "SameBackward",
  ]);
  assertThrows(() => z.add_(1), dg.RuntimeError, "inside a custom Function");
  z.sum().backward();
  assertEquals(x.grad!.tolist(), [7, 7]);
});

Deno.test("a change in place of a saved tensor is noticed", () => {
  class Square extends dg.autograd.Function {
    static forward(ctx: Context, x: Tensor): Tensor {
      ctx.saveForBackward(x, null);
      return x.mul(x);
    }
    static backward(ctx: Context, g: Tensor): Tensor {
      const [x, none] = ctx.savedTensors;
      assertEquals(none, null);
      return g.mul(x!).mul(2);
    }
  }
  const x = leaf(1, 2).mul(1);
  const y = Square.apply(x);
  x.add_(1);
  const error = assertThrows(() => y.sum().backward(), dg.RuntimeError);
  assert(error.message.includes(
    "[torch.FloatTensor [2]], which is output 0 of Add, is at version 1; expected version 0",
  ));
  const ctx = new dg.autograd.FunctionContext([]);
  assertThrows(
    () => ctx.saveForBackward(3 as unknown as Tensor),
    TypeError,
    "saveForBackward can only save variables, but argument 0 is of type number",
  );
});
