// Tells which kernels the GPU was given for each call. It puts itself in front
// of the device's methods while somebody wants to know.

import { observe, replaceMethods, WITNESSES } from "../tensor/witness.ts";
import { GpuDevice } from "./gpu_device.ts";
import { Queue } from "./queue.ts";

/** What neither computes nor moves anything. */
const SILENT = new Set([
  "constructor",
  "allocate",
  "alias",
  "free",
  "knowsIndex",
  "readAll",
  "signatures",
  "toString",
  "vouch",
  "warmUp",
]);

const WAITS = new Set(["read", "readOne"]);

/** What short names of kernels stand for. */
const NAMES: Readonly<Record<string, string>> = { s: "scan" };

/** Labels of the pipelines of the current call. */
let labels: string[] = [];

/** The first words of the kernels' names, each once: what follows says how operands lie. */
function kernels(): string {
  const counts = new Map<string, number>();
  for (const label of labels) {
    const word = /^[a-zA-Z]+( \d+x\d+x\d+)?/.exec(label)?.[0] ?? label;
    const name = NAMES[word] ?? word;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Array.from(
    counts,
    ([name, count]) => count === 1 ? name : `${name} ×${count}`,
  ).join(", ");
}

WITNESSES.add((tell) => {
  const { dispatch } = Queue.prototype;
  const quiet = replaceMethods(Queue.prototype, {
    dispatch(this: Queue, ...given: Parameters<Queue["dispatch"]>): void {
      labels.push(given[0].label);
      dispatch.apply(this, given);
    },
  });
  const still = observe(GpuDevice.prototype, SILENT, () => {
    labels = [];
    return (method) => ({
      device: "webgpu",
      path: labels.length === 0 ? "transfer" : kernels(),
      why: WAITS.has(method) ? "the host waits for the GPU" : "",
    });
  }, tell);
  return () => {
    still();
    quiet();
  };
});
