// The error classes: what they are called, and that a hint is shown once.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";

Deno.test("an error shows its name, its sentence and its hint", () => {
  for (
    const [Class, name] of [
      [dg.RuntimeError, "RuntimeError"],
      [dg.IndexError, "IndexError"],
      [dg.ValueError, "ValueError"],
      [dg.autograd.GradcheckError, "GradcheckError"],
    ] as const
  ) {
    const error = new Class("what went wrong", "what to do");
    assertEquals(error.name, name);
    assertEquals(error.message, "what went wrong");
    assertEquals(error.hint, "what to do");
    const shown = Deno.inspect(error);
    assert(shown.startsWith(`${name}: what went wrong\n  hint: what to do\n`));
    assertEquals(shown.split("what to do").length, 2, shown);
    const plain = new Class("nothing helps");
    assertEquals(plain.hint, undefined);
    assert(Deno.inspect(plain).startsWith(`${name}: nothing helps\n    at `));
    assert(!Deno.inspect(plain).includes("hint"));
  }
});

Deno.test("an error that nobody catches shows its hint", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      'import { ones } from "@dinograd/dinograd"; ones(3).add(ones(4));',
    ],
    cwd: new URL("..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 1);
  const shown = new TextDecoder().decode(stderr);
  assert(shown.includes("RuntimeError: The size of tensor a (3)"), shown);
  assert(shown.includes("hint: the shapes are [3] and [4]"), shown);
});
