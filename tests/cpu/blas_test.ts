// A BLAS of the machine is used where foreign functions are allowed, and only
// there; its products agree with the engine's own.

import { assert, assertEquals } from "@std/assert";

const PROGRAM = new URL("./blas_program.ts", import.meta.url).href;

/** An old OpenBLAS does not know the newest processors and would be passed over. */
const ENVIRONMENT: Record<string, string> = Deno.build.arch === "x86_64"
  ? { NO_COLOR: "1", OPENBLAS_CORETYPE: "Haswell" }
  : { NO_COLOR: "1" };

async function run(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...flags, PROGRAM],
    env: ENVIRONMENT,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("without --allow-ffi no BLAS is opened and nobody is asked", async () => {
  assertEquals(await run(), "none");
});

Deno.test("with --allow-ffi products by BLAS agree with the engine's own", async () => {
  const name = await run("--allow-ffi");
  assert(name.length > 0);
  if (name === "none") {
    console.log("note: no BLAS is installed here, so none was compared");
  }
});
