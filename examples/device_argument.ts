// The argument `--device webgpu`, which every example takes: the example's
// tensors are then made on the GPU, and everything else about it stays as it is.

import * as dg from "@dinograd/dinograd";

/**
 * Reads `--device cpu` or `--device webgpu` (also `--device=webgpu`) from the
 * command line and makes that device the default; without it, the CPU stays.
 */
export async function useDeviceArgument(): Promise<void> {
  const name = argument("--device");
  if (name === null || name === "cpu") return;
  if (name !== "webgpu") {
    console.error(`--device is cpu or webgpu, not ${name}`);
    Deno.exit(2);
  }
  try {
    dg.setDefaultDevice(await dg.requestGpu());
  } catch (error) {
    console.error(`${error}`);
    Deno.exit(1);
  }
}

/** The value of an option, null where it is not given. */
function argument(name: string): string | null {
  for (const [k, text] of Deno.args.entries()) {
    if (text === name) return Deno.args[k + 1] ?? "";
    if (text.startsWith(`${name}=`)) return text.slice(name.length + 1);
  }
  return null;
}
