// Losses of classes read targets as they lie: turned, with gaps, or repeated.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const F = dg.nn.functional;

/** Targets of a shape in every order, as a caller's views may be. */
function views(shape: readonly number[], classes: number): dg.Tensor[] {
  const turned = dg.randint(classes, shape.toReversed())
    .permute(shape.map((_, d) => shape.length - 1 - d));
  const gaps = dg.randint(classes, [...shape, 2]).select(-1, 1);
  const one = dg.randint(classes, shape.with(0, 1)).expand(shape);
  return [turned, gaps, one];
}

Deno.test("losses of classes read targets that are not contiguous", () => {
  const losses = [F.crossEntropy, F.nllLoss];
  for (const shape of [[60], [6, 5], [4, 3, 5]]) {
    const x = dg.randn(shape.toSpliced(1, 0, 4)).requiresGrad_();
    const smooth = { labelSmoothing: 0.1, reduction: "none" } as const;
    for (const target of views(shape, 4)) {
      const plain = target.contiguous();
      const grad = (y: dg.Tensor) =>
        dg.autograd.grad(y.sum(), [x])[0]!.tolist();
      for (const loss of losses) {
        for (const ignoreIndex of [-100, 1]) {
          const o = { reduction: "none", ignoreIndex } as const;
          const out = loss(x, target, o);
          const expected = loss(x, plain, o);
          assertEquals(out.tolist(), expected.tolist());
          assertEquals(grad(out), grad(expected));
        }
      }
      const out = F.crossEntropy(x, target, smooth);
      assertEquals(out.tolist(), F.crossEntropy(x, plain, smooth).tolist());
    }
  }
});
