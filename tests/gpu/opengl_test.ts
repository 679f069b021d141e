// Where there is no Vulkan, Deno reaches the GPU through OpenGL. Its kernels
// set the memory of a workgroup to zero by naming each element, which Mesa needs
// a time for that grows with the square of their number: sorting 600 elements,
// in a block of 1,024, took 14 s to compile. There blocks are short.

import { assert, assertEquals } from "@std/assert";

Deno.test("OpenGL: sorts, scatters, reductions and products compile in time, and are right; float16 is refused", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      new URL("./opengl.ts", import.meta.url).href,
    ],
    env: { NO_COLOR: "1", DENO_WEBGPU_BACKEND: "gl" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 180_000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  const lines = text.decode(stdout).trim().split("\n");
  assertEquals(code, 0, [...lines, text.decode(stderr)].join("\n"));
  if (lines[0] === "no adapter") {
    console.log("OpenGL: not tested, for want of an adapter");
    return;
  }
  assertEquals(lines.shift(), "OpenGL: true");
  const half = lines.splice(-4);
  assert(lines.length > 10);
  assertEquals(lines.filter((line) => !line.endsWith(": as on the CPU")), []);
  const refused =
    "Cannot convert a WebGPU Tensor to float16 dtype as this WebGPU device doesn't support float16. Please use float32 instead.";
  assertEquals(half, half.map(() => `float16: ${refused}`));
});
