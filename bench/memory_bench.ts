// 2000 steps of the network in one synchronous loop, nothing disposed: prints
// how far resident memory grew, and the time of the first and the last steps.

import { mlp } from "./mlp.ts";

const STEPS = 2000;
const PART = 200;

/** Milliseconds of so many steps. */
function run(step: () => unknown, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) step();
  return performance.now() - start;
}

/** Resident memory in MiB. */
function resident(): number {
  return Deno.memoryUsage().rss / 2 ** 20;
}

/** Trains and tells how memory and speed developed. */
export function train(): { growth: number; first: number; last: number } {
  const step = mlp();
  run(step, 50);
  const before = resident();
  let peak = before;
  const times: number[] = [];
  for (let done = 0; done < STEPS; done += PART) {
    times.push(run(step, PART) / PART);
    peak = Math.max(peak, resident());
  }
  return { growth: peak - before, first: times[0]!, last: times.at(-1)! };
}

Deno.bench("2000 MLP steps without dispose", { n: 1, warmup: 0 }, () => {
  const { growth, first, last } = train();
  console.log(
    `resident grew by ${growth.toFixed(0)} MiB; ` +
      `${first.toFixed(2)} ms a step at first, ${last.toFixed(2)} at last`,
  );
});
