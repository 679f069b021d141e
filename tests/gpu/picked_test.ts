// Gradients of ops that pick elements: one kernel where each row picks one, and
// nothing is copied where nobody records the pass; the same numbers everywhere.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { Queue } from "../../src/gpu/queue.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

type Call = (x: dg.Tensor, index: dg.Tensor) => dg.Tensor;

/** What picks, and how many kernels its gradient takes. */
const CALLS: Record<string, readonly [Call, number]> = {
  "max(0)": [(x) => x.max(0).values, 1],
  "min(1)": [(x) => x.min(1, { keepdim: true }).values, 1],
  "median(-1)": [(x) => x.median(-1).values, 1],
  "kthvalue(1)": [(x) => x.kthvalue(2, 1).values, 1],
  "sort(0)": [(x) => x.sort(0).values, 2],
  topk: [(x) => x.topk(2).values, 2],
  cummax: [(x) => x.cummax(1).values, 2],
  gather: [(x, index) => x.gather(1, index), 2],
  indexSelect: [(x, index) => x.indexSelect(1, index.flatten()), 2],
};

for (const [name, [call, kernels]] of Object.entries(CALLS)) {
  gpuTest(`the gradient of ${name} goes back in ${kernels}`, (gpu) => {
    dg.manualSeed(0);
    // No two are equal: kthvalue may name another of those. Weights are whole, so
    // that sums have no order.
    const x = dg.randperm(60).float().reshape([4, 5, 3]);
    const index = dg.randint(0, 5, [4, 2, 3]);
    const found = [dg.cpu, gpu].map((device) => {
      const leaf = x.to(device).requiresGrad_();
      const own = index.to(device === gpu ? "int32" : "int64").to(device);
      const out = call(leaf, own);
      const g = dg.arange(out.numel()).float().reshape(out.shape).to(device);
      const grads = (createGraph: boolean) =>
        dg.autograd.grad(out, [leaf], {
          gradOutputs: g,
          retainGraph: true,
          createGraph,
        })[0]!.detach().tolist();
      const recorded = grads(true);
      const plain = grads(false);
      let count = 0;
      const { dispatch } = Queue.prototype;
      Queue.prototype.dispatch = function (...given) {
        count++;
        dispatch.apply(this, given);
      };
      try {
        dg.autograd.grad(out, [leaf], { gradOutputs: g, retainGraph: true });
      } finally {
        Queue.prototype.dispatch = dispatch;
      }
      assertEquals(count, device === gpu ? kernels : 0);
      return [recorded, plain];
    });
    assertEquals(found[1], found[0]);
    assertEquals(found[0]![1], found[0]![0]);
  });
}

countGpuTests("gradients of what was picked");
