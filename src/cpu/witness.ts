// Tells which of its paths the CPU took for each call, and why none faster. It
// puts itself in front of the device's methods while somebody wants to know.

import { ACCELERATOR, type Accelerator } from "../tensor/accelerator.ts";
import type { Strided } from "../tensor/device.ts";
import { observe, WITNESSES } from "../tensor/witness.ts";
import { blasName, blasPassedOver, ffiAllowed } from "./blas.ts";
import { cpu } from "./cpu_device.ts";
import { reclaims } from "./reclaim.ts";
import type { CpuStorage } from "./storage.ts";
import { TALLY } from "./tally.ts";
import { TUNING } from "./tuning.ts";

/** What computes nothing. */
const SILENT = new Set([
  "constructor",
  "allocate",
  "alias",
  "free",
  "read",
  "readAll",
  "readOne",
  "write",
  "toString",
]);

const PRODUCTS = new Set(["matmul", "convolve"]);

/** Elements or multiply-adds from which a kernel serves, by method. */
const LEAST: Readonly<Record<string, keyof typeof TUNING>> = {
  map: "mapLeast",
  update: "mapLeast",
  fill: "reduceLeast",
  copy: "reduceLeast",
  reduce: "reduceLeast",
  scan: "reduceLeast",
  rows: "reduceLeast",
  argReduce: "reduceLeast",
  argScan: "reduceLeast",
  sort: "sortLeast",
  fourier: "fourierLeast",
};

type Path = "accelerator" | "BLAS" | "WebAssembly" | "JavaScript";

function pathSince(before: typeof TALLY): Path {
  if (TALLY.accelerated > before.accelerated) return "accelerator";
  if (TALLY.blas > before.blas) return "BLAS";
  return TALLY.kernels > before.kernels ? "WebAssembly" : "JavaScript";
}

/** Why not the next faster path. */
function whyOf(
  method: string,
  path: Path,
  operands: readonly Strided[],
  accelerator: Accelerator | null,
): string {
  const reasons: string[] = [];
  const heavy = PRODUCTS.has(method);
  if (heavy && accelerator !== null) reasons.push(accelerator.reason);
  if (path === "WebAssembly" && heavy) reasons.push(whyNoBlas(operands));
  if (path === "JavaScript") reasons.push(whyNoKernel(method, operands));
  return reasons.join("; ");
}

/** Multiply-adds of a product: results times the elements that each sums up. */
function multiplyAdds([out, x, w]: readonly Strided[]): number {
  const summed = out!.shape.length === 3
    ? x!.shape.slice(2)
    : w!.shape.slice(2);
  return summed.reduce((product, n) => product * n, out!.count);
}

function whyNoBlas(operands: readonly Strided[]): string {
  const { name, category, bytes } = operands[0]!.info;
  if (category !== 2 || bytes < 4) return `a BLAS has no ${name}`;
  if (
    operands[0]!.shape.length === 3 &&
    multiplyAdds(operands) < TUNING.blasLeast
  ) {
    return `a BLAS pays from ${TUNING.blasLeast} multiply-adds`;
  }
  if (blasName() === null) {
    return blasPassedOver() ??
      (ffiAllowed() ? "no BLAS is installed" : "a BLAS would need --allow-ffi");
  }
  return "not of a shape or layout that a BLAS takes";
}

function whyNoKernel(method: string, operands: readonly Strided[]): string {
  if (!reclaims()) return "memory does not free itself here: no kernels";
  const most = Math.max(...operands.map(({ count }) => count));
  if (most === 0) return "nothing to do";
  if (PRODUCTS.has(method)) {
    const least = TUNING[
      method === "matmul" ? "matmulLeast" : "convolveLeast"
    ];
    if (multiplyAdds(operands) < least) {
      return `a kernel pays from ${least} multiply-adds`;
    }
  } else {
    const least = TUNING[LEAST[method] ?? "indexLeast"];
    if (most < least) return `a kernel pays from ${least} elements`;
  }
  if (operands.some(({ storage }) => (storage as CpuStorage).pointer === 0)) {
    return "an operand lies outside of WebAssembly's memory";
  }
  return `no kernel for this op, its layout or ${operands[0]!.info.name}`;
}

WITNESSES.add((tell) =>
  observe(Object.getPrototypeOf(cpu), SILENT, () => {
    const before = { ...TALLY };
    const accelerator = ACCELERATOR.current;
    return (method, operands) => {
      const path = pathSince(before);
      return {
        device: path === "accelerator" ? "webgpu" : "cpu",
        path,
        why: whyOf(method, path, operands, accelerator),
      };
    };
  }, tell)
);
