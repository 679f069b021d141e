// Scans and positions of extremes by kernels along lines of any stride.

import type { ReduceKernel, Strided } from "../../tensor/device.ts";
import type { DTypeInfo } from "../../tensor/dtype.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { OUTER, WORD } from "./copy_kernel.ts";
import { deliver, targetOf } from "./few_results.ts";
import { launch, type WasmKernel, WORDS } from "./kernel.ts";
import { positionKernel, scanKernel } from "./line_kernel.ts";
import { laneType, patternOf } from "./reduce_pattern.ts";

/** Elements that make up enough work for one thread. */
const GRAIN = 16384;

/** Starts a kernel on the lines of the last dimension; each writes `perLine` elements. */
function launchLines(
  kernel: WasmKernel,
  x: Strided,
  target: number,
  perLine: number,
  bytes: number,
): boolean {
  const last = x.shape.length - 1;
  if (last > OUTER) return false;
  const n = last < 0 ? 1 : x.shape[last]!;
  const size = x.info.bytes;
  let outer = 0;
  let write = perLine * bytes;
  for (let d = last - 1; d >= 0; d--) {
    const at = WORD.outer + 3 * outer++;
    WORDS[at] = x.shape[d]!;
    WORDS[at + 1] = x.strides[d]! * size;
    WORDS[at + 2] = write;
    write *= x.shape[d]!;
  }
  for (; outer < OUTER; outer++) WORDS[WORD.outer + 3 * outer] = 1;
  WORDS[WORD.x] = (x.storage as CpuStorage).pointer + x.offset * size;
  WORDS[WORD.out] = target;
  WORDS[WORD.length] = n;
  WORDS[WORD.xStep] = last < 0 ? 0 : x.strides[last]! * size;
  WORDS[WORD.outStep] = bytes;
  WORDS[WORD.pieces] = 1;
  WORDS[WORD.pieceLength] = n;
  launch(kernel, x.count / n, Math.max(1, Math.ceil(GRAIN / n)));
  return true;
}

/** Scans as `Device.scan` does, or returns false where no kernel serves. */
export function wasmScan(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
): boolean {
  if (x.count < TUNING.reduceLeast || x.count === 0) return false;
  if ((x.storage as CpuStorage).pointer === 0) return false;
  const pattern = patternOf(kernel);
  const target = targetOf(out);
  const from = laneType(x.info);
  const to = laneType(out.info);
  if (pattern === null || target === 0 || compute !== out.info) return false;
  if (from === null || to === null || to === "u8" || to === "i32") return false;
  const { op, map, finish } = pattern;
  if ((op !== "sum" && op !== "prod") || map !== "none" || finish !== "none") {
    return false;
  }
  // A float that becomes an integer is converted before.
  if (to === "i64" && (from === "f32" || from === "f64")) return false;
  const code = scanKernel(op === "sum" ? "add" : "mul", from, to);
  if (!launchLines(code, x, target, x.shape.at(-1) ?? 1, out.info.bytes)) {
    return false;
  }
  deliver(out);
  return true;
}

/** Finds positions as `Device.argReduce` does, or returns false where no kernel serves. */
export function wasmArgReduce(
  largest: boolean,
  out: Strided,
  x: Strided,
): boolean {
  if (x.count < TUNING.reduceLeast || x.count === 0) return false;
  if ((x.storage as CpuStorage).pointer === 0) return false;
  const target = targetOf(out);
  const from = laneType(x.info);
  if (target === 0 || from === null) return false;
  const kernel = positionKernel(largest, from, x.info.code);
  if (!launchLines(kernel, x, target, 1, 8)) return false;
  deliver(out);
  return true;
}
