// Runs `deno doc --lint` over every entry point of the package in one call, so
// that a type which one of them exports may appear in another's signatures.

import { entryPoints, ROOT } from "./entry_points.ts";

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...entryPoints()],
  cwd: ROOT,
  stdout: "inherit",
  stderr: "inherit",
}).spawn().status;
Deno.exit(code);
