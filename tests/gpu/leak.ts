// A synchronous loop: each step makes 1 MB of tensors on the GPU and reads one
// number; nothing is disposed of and nothing awaited. Buffers of every kind and
// resident memory are looked at as it goes. Takes the number of steps;
// memory_test.ts runs 4,000, and the promise is about 20,000:
//
//     deno run tests/gpu/leak.ts 20000
//     deno run tests/gpu/leak.ts 20000 turn
//
// Deno keeps a record of each synchronous read, of a kilobyte and more, until
// the event loop turns, which it does at each look where one asks for it.

import * as dg from "@dinograd/dinograd";

const steps = Number(Deno.args[0] ?? 20_000);
const device = await dg.requestGpu();
const weight = dg.ones([2 ** 15], { device, requiresGrad: true });
const turns = Deno.args[1] === "turn";
const looks = 10;

for (let i = 0; i < steps; i++) {
  // Four tensors of 128 KB forward, about as many backward.
  const y = weight.mul(i % 7).add(1);
  const loss = y.mul(y).sum();
  loss.backward();
  const expected = 2 ** 15 * (i % 7 + 1) ** 2;
  if (loss.item() !== expected) {
    throw new Error(`step ${i}: ${loss.item()}, expected ${expected}`);
  }
  weight.grad = null;
  if ((i + 1) % Math.floor(steps / looks) === 0) {
    if (turns) await new Promise((done) => setTimeout(done, 50));
    const { storage, staging, bindGroups } = dg.doctor().webgpu!.buffers;
    const resident = Math.round(Deno.memoryUsage().rss / 2 ** 20);
    console.log(JSON.stringify({ storage, staging, bindGroups, resident }));
  }
}
