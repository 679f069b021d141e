// Notebook 003: gradient descent on four coefficients and 2000 points, eager,
// as the tutorial writes it.

import * as dg from "@dinograd/dinograd";

/** One fit; returns the last loss. */
export function fit(steps: number, device: dg.Device = dg.cpu): number {
  const x = dg.linspace(-Math.PI, Math.PI, 2000, { device });
  const y = dg.sin(x);
  const [a, b, c, d] = [0.5, 0.56, 2.06, -0.05].map((start) =>
    dg.tensor(start, { requiresGrad: true, device })
  ) as [dg.Tensor, dg.Tensor, dg.Tensor, dg.Tensor];
  let last = NaN;
  for (let t = 0; t < steps; t++) {
    const yPred = a.add(b.mul(x)).add(c.mul(x.pow(2))).add(d.mul(x.pow(3)));
    const loss = yPred.sub(y).pow(2).sum();
    if (t % 100 === 99) last = loss.item() as number;
    loss.backward();
    using _ = dg.noGrad();
    for (const w of [a, b, c, d]) {
      w.sub_(w.grad!.mul(1e-6));
      w.grad = null;
    }
  }
  return last;
}
