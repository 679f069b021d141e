// What Python's habits write and JavaScript would pass over in silence: each is
// an error that says how it is written here. Calls are untyped on purpose.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

/** A method called with whatever arguments. */
function call(x: dg.Tensor, name: string, ...args: unknown[]): unknown {
  const method = Reflect.get(x, name) as (...args: unknown[]) => unknown;
  return method.apply(x, args);
}

const x = dg.arange(6).reshape([2, 3]);

Deno.test("sizes and dimensions are not variadic", () => {
  for (
    const [name, first, second] of [
      ["view", -1, 2],
      ["reshape", 6, 1],
      ["expand", 2, 3],
      ["repeat", 2, 2],
      ["tile", 2, 2],
      ["flip", 0, 1],
      ["squeeze", 0, 1],
      ["squeeze_", 0, 1],
    ] as const
  ) {
    assertThrows(
      () => call(x, name, first, second),
      TypeError,
      `${name}() takes one number or one array, not 2 arguments; write ${name}([${first}, ${second}])`,
    );
  }
  assertThrows(
    () => (dg.ones as (...sizes: unknown[]) => unknown)(2, 2),
    TypeError,
    "several numbers are one array, as in ones([2, 3])",
  );
});

Deno.test("options come as an object, after dim, in camelCase", () => {
  for (
    const [args, message] of [
      [[{ dim: 0 }], "dim comes before the options"],
      [[0, true], "sum() takes its options as an object with keepdim, dtype"],
      [[0, "float64"], 'write { dtype: "float64" }'],
      [[0, { keep_dim: true }], "did you mean keepdim?"],
      [[0, { keepDim: true }], "did you mean keepdim?"],
      [[0, { out: x }], "its options are keepdim, dtype"],
      [[0, x], "takes its options as an object with keepdim, dtype, not a"],
    ] as const
  ) {
    assertThrows(() => call(x, "sum", ...args), TypeError, message);
  }
  assertThrows(
    () => call(x, "round", 2),
    TypeError,
    "not 2; write { decimals: 2 }",
  );
});

Deno.test("operators take one element", () => {
  const add = (a: unknown, b: unknown) => (a as number) + (b as number);
  for (const [a, b] of [[x, x], [x, 2], ["x: ", x]]) {
    const error = assertThrows(
      () => add(a, b),
      dg.RuntimeError,
      "only one element tensors can be converted to Python scalars",
    );
    assertEquals(error.hint?.includes("x.add(y)"), true);
  }
  assertThrows(() => Number(x), dg.RuntimeError);
  assertEquals(add(dg.tensor([2]), 3), 5);
  assertEquals(add(dg.tensor(2), 3), 5);
  assertEquals(`${dg.tensor(2)} ${dg.tensor([2])}`, "2 tensor([2.])");
});

Deno.test("setAt_ takes an index and a value", () => {
  for (
    const [args, message] of [
      [[0, 1, 5], "several indices are one array"],
      [[0, "1:", 5], "several indices are one array"],
      [[0], "must be a tensor or a number, not undefined"],
      [[0, [1, 2, 3]], "not an array; make a tensor of it with tensor()"],
      [[0, "5"], 'not "5"'],
    ] as const
  ) {
    assertThrows(() => call(x, "setAt_", ...args), TypeError, message);
  }
});

Deno.test("what must be a tensor is no array or number", () => {
  for (
    const [name, args, message] of [
      ["gather", [1, [0, 1]], "'index' must be Tensor, not an array"],
      ["copy_", [[1, 2]], "'source' must be Tensor, not an array"],
      ["equal", [2], "'other' must be Tensor, not 2"],
      ["isclose", [[2]], "'other' must be Tensor, not an array"],
      ["allclose", [2], "'other' must be Tensor, not 2"],
      ["repeatInterleave", [[1, 2], 0], "'repeats' must be Tensor"],
      ["movedim", [0], "'destination' must be int, not undefined"],
      ["norm", ["fro"], 'a dimension must be an integer, got "fro"'],
      ["lerp", [x], "'weight' must be Tensor, not undefined"],
      ["lerp", [x, { weight: 1 }], "'weight' must be Tensor, not an object"],
      ["add", [[1]], "an operand must be a tensor or a number, not an array"],
      ["lt", [null], "an operand must be a tensor or a number, not null"],
      ["max", [{ dim: 1 }], "must be a tensor or a number, not an object"],
      ["mul_", ["2"], 'an operand must be a tensor or a number, not "2"'],
    ] as const
  ) {
    assertThrows(() => call(x, name, ...args), TypeError, message);
  }
});

Deno.test("brackets are refused", () => {
  for (const key of [0, 1, -1]) {
    assertThrows(() => Reflect.get(x, key), TypeError, 'is x.at(0, "1:")');
    assertThrows(() => Reflect.set(x, key, 5), TypeError, "x.setAt_([0,");
  }
});

Deno.test("functions take tensors, not numbers and arrays", () => {
  for (const name of ["sin", "abs", "sum", "mean", "prod", "all"] as const) {
    const fn = Reflect.get(dg, name) as (x: unknown) => unknown;
    for (const [given, shown] of [[1, "1;"], [[1], "an array;"]] as const) {
      assertThrows(
        () => fn(given),
        TypeError,
        `${name}(): argument 'input' must be Tensor, not ${shown} tensor() makes one of it`,
      );
    }
    assertThrows(() => fn(undefined), TypeError, "must be Tensor, not undef");
  }
});
