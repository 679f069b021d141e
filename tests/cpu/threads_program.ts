// Starts threads by its work alone and ends in the way its argument says.
// threads_test.ts runs it in a process of its own.

import * as dg from "@dinograd/dinograd";
import { threadsReady } from "../../src/cpu/pool.ts";

const x = dg.rand([1 << 20]);
dg.setNumThreads(2);
for (let i = 0; threadsReady() < 2 && i < 20_000; i++) x.add(x);
x.add(x);
console.log(threadsReady() < 2 ? "alone" : "started");
if (Deno.args[0] === "exit") Deno.exit(3);
if (Deno.args[0] === "error") throw new Error("this is what the test asks for");
