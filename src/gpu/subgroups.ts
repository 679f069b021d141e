// Whether the threads of a subgroup can exchange numbers, found by letting them:
// which threads these are WGSL does not say, and Deno (2.9.6) has the feature on
// no list, but gives it where it is asked for. Only adapters whose subgroups all
// have one size are asked: what a kernel gets elsewhere is known in it alone.

import type { Context } from "./context.ts";

/** What kernels know of subgroups. */
export interface Subgroups {
  /** Threads of every subgroup; 1 where they are not used. */
  readonly lanes: number;
  /** What a module begins with that uses them: browsers want to be told, Deno not. */
  readonly header: string;
}

/** What is known of a device that has none, or has not been tested. */
export const NO_SUBGROUPS: Subgroups = { lanes: 1, header: "" };

/** Whether an adapter may have subgroups that are all of one size. */
export function mayHaveSubgroups({ info }: GPUAdapter): boolean {
  const { subgroupMinSize, subgroupMaxSize } = info;
  return subgroupMinSize === subgroupMaxSize && subgroupMinSize > 1 &&
    subgroupMinSize <= 128;
}

/** Threads of the kernel that tells, as of those that use subgroups. */
const THREADS = 256;

/**
 * Each thread counts those partners that have the number they should have, right
 * behind a loop that threads leave at different times, as those of reductions.
 */
function printQuestion(lanes: number): string {
  const lines: string[] = [];
  for (let width = lanes / 2; width >= 1; width /= 2) {
    lines.push(
      `if (subgroupShuffleXor(lane, ${width}u) == (lane ^ ${width}u)) { right++; }`,
    );
  }
  return `@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_size) size: u32,
) {
  var right = size;
  for (var k = lane % 61u; k < ${THREADS}u; k += 1u + lane % 7u) {
    right += out[${THREADS}u + k];
  }
${lines.join("\n")}
  out[lane] = right;
}
`;
}

/** What a kernel makes of the question, or null where it does not compile. */
async function ask(
  { device, abilities }: Context,
  code: string,
): Promise<Uint32Array | null> {
  // Refused by WebGPU, or by the driver's compiler.
  device.pushErrorScope("internal");
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const refused = await device.popErrorScope();
  const failed = await device.popErrorScope();
  if (refused !== null || failed !== null) return null;
  const size = THREADS * 4;
  // Behind the answers are zeros.
  const out = device.createBuffer({ size: 2 * size, usage: 0x80 | 0x04 });
  const staging = device.createBuffer({
    size,
    usage: 0x01 | 0x08,
    mappedAtCreation: true,
  });
  staging.getMappedRange();
  staging.unmap();
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: out } }],
    }),
  );
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  const mapped = staging.mapAsync(1);
  // Waiting takes 11 ms, where reading at once is possible.
  if (abilities.syncRead) mapped.catch(() => {});
  else await mapped;
  const found = new Uint32Array(staging.getMappedRange()).slice();
  staging.destroy();
  out.destroy();
  return found;
}

/** Tests the subgroups of a device that has the feature. */
export async function testSubgroups(context: Context): Promise<Subgroups> {
  const lanes = context.adapter.subgroupMinSize;
  const right = lanes + Math.log2(lanes);
  const question = printQuestion(lanes);
  for (const enable of ["", "enable subgroups;\n"]) {
    const found = await ask(context, enable + question);
    if (found === null) continue;
    if (!found.every((value) => value === right)) break;
    return { lanes, header: `${enable}// subgroups of ${lanes}\n` };
  }
  return NO_SUBGROUPS;
}
