// Softmax by its kernel, where rows of float32 lie in order.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT32 } from "../../tensor/dtype.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { launch, WORDS } from "./kernel.ts";
import { softmaxKernel, WORD } from "./softmax_kernel.ts";

/** Elements that make up enough work for one thread. */
const GRAIN = 4096;

/** See `Device.softmax`. */
export function wasmSoftmax(
  logarithm: boolean,
  out: Strided,
  x: Strided,
): boolean {
  const { count, shape, info } = x;
  if (count < TUNING.reduceLeast || count === 0 || info !== FLOAT32) {
    return false;
  }
  const from = (x.storage as CpuStorage).pointer;
  const to = (out.storage as CpuStorage).pointer;
  if (!x.dense || from === 0 || to === 0) return false;
  const n = shape.length === 0 ? 1 : shape[shape.length - 1]!;
  const kernel = softmaxKernel(logarithm);
  WORDS[WORD.x] = from + x.offset * 4;
  WORDS[WORD.out] = to + out.offset * 4;
  WORDS[WORD.length] = n;
  launch(kernel, count / n, Math.max(1, Math.ceil(GRAIN / n)));
  return true;
}
