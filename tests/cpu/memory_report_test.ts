// memory() and emptyCache() tell the truth: bytes come and go with tensors,
// kernels' scratch memory goes back, and sweeps follow what lives.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { reclaims } from "../../src/cpu/reclaim.ts";

const MIB = 2 ** 20;

Deno.test("memory() counts what lives, once per piece of memory, and its peak", () => {
  assertEquals(dg.doctor().reclaims, reclaims());
  if (!reclaims()) return;
  const before = dg.memory().cpu;
  const x = dg.zeros([256, 1024]);
  const views = [x.t(), x.view([-1]), x.data, x.detach()];
  const y = x.add(1);
  const during = dg.memory().cpu;
  assertEquals(during.liveStorages - before.liveStorages, 2);
  assertEquals(during.liveBytes - before.liveBytes, 2 * MIB);
  assert(during.reservedBytes >= during.liveBytes);
  assert(during.peakBytes >= during.liveBytes);
  y.dispose();
  assertEquals(dg.memory().cpu.liveBytes - before.liveBytes, MIB);
  // Another name keeps the memory alive.
  x.dispose();
  assertEquals(dg.memory().cpu.liveBytes - before.liveBytes, MIB);
  assertEquals(views[2]!.sum().item(), 0);
  assertEquals(dg.memory().cpu.peakBytes, during.peakBytes);
});

Deno.test("emptyCache() takes back what nobody refers to, and the scratch memory of kernels", () => {
  if (!reclaims()) return;
  const make = () => {
    const x = dg.randn([700, 900]);
    dg.matmul(x.t(), x).sum(0).sum();
    x.sum(1).sort();
    x.gt(0).nonzero();
  };
  // Until the threads run, too: each kernel's tables take a mebibyte once.
  for (let i = 0; i < 20; i++) make();
  dg.emptyCache();
  const { liveBytes, reservedBytes } = dg.memory().cpu;
  for (let i = 0; i < 3; i++) make();
  dg.emptyCache();
  const after = dg.memory().cpu;
  assertEquals(after.liveBytes, liveBytes);
  assert(after.reservedBytes <= reservedBytes + 4 * MIB);
  assert(after.reservedBytes < after.liveBytes + 12 * MIB);
});

Deno.test("scopes that free all they make never grow, and need no sweep", () => {
  if (!reclaims()) return;
  const w = dg.ones([64, 1024], { requiresGrad: true });
  const step = () =>
    dg.scope(() => {
      w.grad = null;
      w.mul(2).exp().log().sum().backward();
      return 0;
    });
  for (let i = 0; i < 5; i++) step();
  dg.emptyCache();
  const before = dg.memory().cpu;
  for (let i = 0; i < 2000; i++) step();
  const after = dg.memory().cpu;
  assertEquals(after.liveBytes, before.liveBytes);
  // Two GB went by.
  assert(after.reservedBytes < before.reservedBytes + 4 * MIB);
});
