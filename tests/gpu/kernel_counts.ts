// How many kernels the GPU is given for an op and its gradients, and whether
// they compute what the CPU computes.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { Queue } from "../../src/gpu/queue.ts";

/** How many kernels a function has the GPU run, once they are compiled. */
export function dispatches(run: () => void): number {
  run();
  const { dispatch } = Queue.prototype;
  let count = 0;
  Queue.prototype.dispatch = function (...given) {
    count++;
    dispatch.apply(this, given);
  };
  try {
    run();
  } finally {
    Queue.prototype.dispatch = dispatch;
  }
  return count;
}

/** float32 sums in another order: off by a share of the largest element. */
export function assertNear(
  there: dg.Tensor,
  here: dg.Tensor,
  what: string,
  most = 3e-5,
): void {
  assertEquals(there.shape, here.shape, what);
  const [a, b] = [there.detach().to("cpu"), here.detach()];
  assertEquals(a.isnan().tolist(), b.isnan().tolist(), what);
  const off = a.sub(b).nanToNum().abs().max()
    .div(b.nanToNum().abs().max().add(1))
    .item() as number;
  if (!(off < most)) throw new Error(`${what}: ${off} off`);
}

/** One case: an op, and what it is given. */
export interface Case {
  readonly inputs: readonly dg.Tensor[];
  readonly run: (...x: dg.Tensor[]) => dg.Tensor;
  /** Kernels of the forward pass, and of the backward pass to all inputs. */
  readonly counts: readonly [number, number];
}

/** Compares values, gradients and gradients of gradients, and counts kernels. */
export function compare(
  gpu: dg.Device,
  name: string,
  { inputs, run, counts }: Case,
): void {
  const here = inputs.map((x) => x.detach().requiresGrad_());
  const there = inputs.map((x) => x.detach().to(gpu).requiresGrad_());
  const a = run(...here);
  const b = run(...there);
  assertNear(b, a, name);
  const weights = dg.randn(a.shape);
  const moved = weights.to(gpu);
  const grads = (out: dg.Tensor, of: dg.Tensor[], by: dg.Tensor) =>
    dg.autograd.grad(out, of, { gradOutputs: by, retainGraph: true });
  const first = grads(a, here, weights);
  grads(b, there, moved).forEach((g, k) =>
    assertNear(g!, first[k]!, `gradient ${k} of ${name}`)
  );
  const second = (out: dg.Tensor, of: dg.Tensor[], by: dg.Tensor) => {
    const loss = out.mul(out).mul(by).sum();
    const [g] = dg.autograd.grad(loss, of, { createGraph: true });
    return dg.autograd.grad(g!.mul(g!).sum(), of, {
      allowUnused: true,
      retainGraph: true,
    });
  };
  const further = second(a, here, weights);
  second(b, there, moved).forEach((g, k) => {
    if (further[k] == null) return;
    assertNear(g!, further[k]!, `second gradient ${k} of ${name}`, 1e-3);
  });
  assertEquals(
    [
      dispatches(() => dg.noGrad(() => run(...there))),
      dispatches(() => grads(b, there, moved)),
    ],
    counts,
    `kernels of ${name}, forward and backward`,
  );
}
