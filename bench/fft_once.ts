// Reads complex numbers as bytes, transforms them and writes the result: how
// fft.py compares the errors.

import * as dg from "@dinograd/dinograd";

const wide = Deno.args[0] === "complex128";
const bytes = await new Response(Deno.stdin.readable).arrayBuffer();
const parts = wide ? new Float64Array(bytes) : new Float32Array(bytes);
const pairs = dg.fromTypedArray(parts).reshape([Number(Deno.args[1]), -1, 2]);
const out = dg.viewAsReal(dg.fft.fft(dg.viewAsComplex(pairs)));
const found = out.typedArray();
await new Response(found.buffer as ArrayBuffer).body!.pipeTo(
  Deno.stdout.writable,
);
