// x.data is another name of the memory of x: writing one while reading the
// other in another order is refused as for views, or goes by way of a copy.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("a write over its own memory under another name is refused", () => {
  const x = dg.arange(100).to("float32").reshape([10, 10]);
  for (
    const write of [
      () => x.add_(x.data.t()),
      () => x.copy_(x.data.t()),
      () => x.data.addcmul_(x.t(), x),
    ]
  ) assertThrows(write, dg.RuntimeError, "a single memory location");
  assertEquals(x.sum().item(), 4950);
});

Deno.test("operands with gaps under another name are read before they are written", () => {
  const x = dg.arange(200).to("float32").reshape([100, 2]);
  const shifted = x.data.narrow(0, 0, 99).select(1, 0);
  x.narrow(0, 1, 99).select(1, 0).add_(shifted);
  assertEquals(x.select(1, 0).narrow(0, 0, 4).tolist(), [0, 2, 6, 10]);
});

Deno.test("assigning data to a result leaves what its derivative saved, as in PyTorch", () => {
  const x = dg.tensor([0.5, 0.6], { requiresGrad: true });
  const y = x.tanh();
  y.data = dg.tensor([0.1, 0.2]);
  y.sum().backward();
  assertEquals(String(x.grad), "tensor([0.7864, 0.7116])");
  // What is saved as an input is the tensor itself, new data and all.
  x.grad = null;
  const z = x.mul(1);
  const square = z.mul(z);
  z.data = dg.tensor([0.1, 0.2]);
  square.sum().backward();
  assertEquals(String(x.grad), "tensor([0.2000, 0.4000])");
});
