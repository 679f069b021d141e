// Masks in maps: kernels take them as they are, in whatever the map computes,
// and give what the CPU gives, which converts them first.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

type Call = (x: dg.Tensor, mask: dg.Tensor, y: dg.Tensor) => dg.Tensor;

const CALLS: Record<string, Call> = {
  where: (x, mask, y) => dg.where(mask, x, y),
  "where, a number": (x, mask) => x.where(mask, -2),
  maskedFill: (x, mask) => x.maskedFill(mask, 7),
  "maskedFill_": (x, mask) => x.clone().maskedFill_(mask, 7),
  add: (x, mask) => x.add(mask),
  "mask first": (x, mask) => mask.mul(x),
  "mul_": (x, mask) => x.clone().mul_(mask),
  addcmul: (x, mask, y) => y.addcmul(x, mask),
  gt: (x, mask) => x.gt(mask),
  both: (_, mask) => mask.add(mask),
};

/** Shapes of masks beside [60, 68]: a vector of the GPU has four elements. */
const SHAPES = [[60, 68], [68], [60, 1], [1, 1], [], [1, 68]];

for (const [name, call] of Object.entries(CALLS)) {
  gpuTest(`${name} takes masks of any shape and place`, (gpu) => {
    dg.manualSeed(0);
    // Beyond 64 KiB a tensor has a buffer of its own.
    for (const times of [1, 5]) {
      for (const dtype of ["float32", "int32", "bfloat16", "uint8"] as const) {
        const shape = times === 1 ? [60, 68] : [times, 60, 68];
        const [x, y] = [0, 1].map(() => dg.randint(0, 9, shape).to(dtype));
        for (const size of SHAPES) {
          const own = size.length === 2 && times > 1 ? [times, ...size] : size;
          const mask = dg.randint(0, 2, own).to("bool");
          const masks = [mask];
          if (own.length > 1) {
            masks.push(mask.transpose(-1, -2).contiguous().transpose(-1, -2));
          }
          for (const each of masks) {
            const here = call(x!, each, y!);
            const there = call(x!.to(gpu), each.to(gpu), y!.to(gpu));
            assertEquals(there.dtype, here.dtype);
            assertEquals(
              there.to("cpu").eq(here).all().item<boolean>(),
              true,
              `${dtype} [${shape}] with [${own}]`,
            );
          }
        }
      }
    }
  });
}

gpuTest("gradients go past masks", (gpu) => {
  const x = dg.randn([4, 5]);
  const mask = x.gt(0);
  const grads = [dg.cpu, gpu].map((device) => {
    const leaf = x.to(device).detach().requiresGrad_();
    const own = mask.to(device);
    dg.where(own, leaf, leaf.mul(3)).add(leaf.mul(own)).sum().backward();
    return leaf.grad!.tolist();
  });
  assertEquals(grads[1], grads[0]);
});

countGpuTests("masks");
