// Grad modes: nesting, `using`, callbacks, and what they refuse.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const x = dg.ones(2, { requiresGrad: true });

function records(): boolean {
  return x.mul(2).requiresGrad;
}

Deno.test("modes nest and end with their block", () => {
  {
    using _ = dg.noGrad();
    assertEquals(records(), false);
    {
      using _ = dg.enableGrad();
      assertEquals(records(), true);
      assertEquals(dg.noGrad(records), false);
      assertEquals(records(), true);
    }
    assertEquals([records(), dg.isGradEnabled()], [false, false]);
  }
  assertEquals(records(), true);
});

Deno.test("a mode ends when its block throws", () => {
  assertThrows(() =>
    dg.noGrad(() => {
      throw new RangeError("boom");
    }), RangeError);
  assertEquals(records(), true);
});

Deno.test("setGradEnabled lasts, or holds for a call", () => {
  assertEquals(dg.setGradEnabled(false, records), false);
  dg.setGradEnabled(false);
  assertEquals(records(), false);
  assertEquals(dg.setGradEnabled(true, records), true);
  dg.setGradEnabled(true);
  assertEquals(records(), true);
});

Deno.test("inference mode records nothing, enableGrad included", () => {
  dg.inferenceMode(() => {
    assertEquals(dg.isInferenceModeEnabled(), true);
    const y = dg.enableGrad(() => x.mul(2));
    assertEquals([y.requiresGrad, y.isInference()], [false, true]);
    // A view of an ordinary tensor is an ordinary tensor.
    assertEquals(x.view(2).isInference(), false);
  });
  const leaf = dg.ones(2, { requiresGrad: true });
  dg.inferenceMode(() => leaf.add_(1));
  assertEquals([leaf.version, leaf.isLeaf], [1, true]);
});

Deno.test("a function that returns a promise is refused", () => {
  for (
    const mode of [
      dg.noGrad,
      dg.enableGrad,
      dg.inferenceMode,
      dg.detectAnomaly,
    ]
  ) {
    const error = assertThrows(
      () => mode(() => Promise.reject(new Error("unheard"))),
      TypeError,
    );
    assertStringIncludes(error.message, `${mode.name}() was given a function`);
    assertEquals(records(), true);
  }
});

Deno.test("a number that was an operand in inference mode is a plain number after it", () => {
  dg.inferenceMode(() => dg.ones(2).mul(17));
  assertEquals(x.mul(17).requiresGrad, true);
});

Deno.test("detectAnomaly and setDetectAnomaly refuse unknown options", () => {
  const wrong = { checkNaN: false } as dg.AnomalyOptions;
  for (
    const call of [
      () => dg.detectAnomaly(wrong),
      () => dg.detectAnomaly(() => 1, wrong),
      () => dg.autograd.setDetectAnomaly(true, wrong),
    ]
  ) assertThrows(call, TypeError, "its options are checkNan");
  assertEquals(dg.autograd.isAnomalyEnabled(), false);
});

Deno.test("tensors of inference mode have no version", () => {
  const y = dg.inferenceMode(() => dg.ones(2));
  assertThrows(
    () => y.version,
    dg.RuntimeError,
    "Inference tensors do not track version counter.",
  );
  assertEquals(y.clone().version, 0);
});
