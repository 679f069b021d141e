// Runs out of memory on an adapter in software, whose buffers are memory of the
// process: the process lowers its own limit and makes tensors until there is no
// more. out_of_memory_test.ts runs it; it needs Linux and `prlimit`. With
// `plain` it does the same with WebGPU alone, to see whether the driver bears it.
//
//     deno run --allow-run tests/gpu/out_of_memory.ts [plain]

import * as dg from "@dinograd/dinograd";

const MIB = 2 ** 20;
const device = await dg.requestGpu();
if (!/llvmpipe/.test(dg.doctor().webgpu!.adapter)) {
  console.log("not an adapter in software");
  Deno.exit(0);
}

/** What has to work before and after. */
function train(): number {
  const w = dg.arange(600, { device }).reshape([20, 30]).div(600)
    .requiresGrad_();
  w.matmul(w.t()).softmax(1).sum().backward();
  return Math.round(w.grad!.abs().sum().item());
}
train();

/** Fills all there is with buffers of WebGPU's. */
async function fillPlainly(): Promise<never> {
  const adapter = await navigator.gpu.requestAdapter();
  const plain = await adapter!.requestDevice();
  lowerLimit();
  for (;;) {
    plain.pushErrorScope("out-of-memory");
    const buffer = plain.createBuffer({ size: 64 * MIB, usage: 0x80 | 0x08 });
    if (await plain.popErrorScope() !== null) Deno.exit(0);
    const encoder = plain.createCommandEncoder();
    encoder.clearBuffer(buffer);
    plain.queue.submit([encoder.finish()]);
    await plain.queue.onSubmittedWorkDone();
  }
}

// The driver compiles and starts threads as well: they need some of that.
const LIMIT = `
size=$(awk '/VmSize/ { print $2 }' /proc/$1/status)
prlimit --pid $1 --as=$(( size * 1024 + ${1024 * MIB} ))`;
function lowerLimit(): void {
  const { success } = new Deno.Command("sh", {
    args: ["-c", LIMIT, "sh", `${Deno.pid}`],
  }).outputSync();
  if (!success) throw new Error("prlimit failed");
}

if (Deno.args[0] === "plain") await fillPlainly();
lowerLimit();

const kept: dg.Tensor[] = [];
let told: unknown = null;
for (let k = 0; k < 64 && told === null; k++) {
  try {
    kept.push(dg.full([16 * MIB], k, { device }));
  } catch (error) {
    told = error;
  }
}
if (!(told instanceof dg.RuntimeError)) throw told ?? "there was enough";
console.log(JSON.stringify({
  count: kept.length,
  message: told.message.split("\n")[0],
  hint: told.hint,
}));
// Reading needs memory as well, on both sides.
let read = "read";
try {
  kept[0]!.to("cpu");
} catch (error) {
  read = `${error}`.split("\n")[0]!;
}
console.log(read);
// What was there is as it was, and small tensors find a place.
console.log(kept.every((x, k) => x.at(-1).item() === k));
console.log(train() === 0);
// Nothing is lost: what is given back is used again, in other sizes as well.
while (kept.length > 4) kept.pop()!.dispose();
const large = dg.ones([32 * MIB], { device });
console.log(large.at(-1).item() === 1 && kept[3]!.at(0).item() === 3);
console.log(dg.memory().webgpu!.liveBytes >= (4 * 64 + 128) * MIB);
