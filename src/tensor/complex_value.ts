// The check that no imaginary part is dropped unseen where a 0-d tensor fills
// others. It knows nothing of the ops that ask.

import { anywhere } from "./batching.ts";
import type { DTypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { unrecorded } from "./kernel_op.ts";
import { checkedName } from "./number_range.ts";
import type { Tensor } from "./tensor.ts";

/** Fails where a complex 0-d tensor that is to fill a real one has an imaginary part. */
export function checkReal(value: Tensor, info: DTypeInfo): void {
  if (value.info.category !== 3 || info.category === 3) return;
  if (info.category === 0) return;
  if (!unrecorded(() => anywhere(value.imag.ne(0)))) return;
  throw new RuntimeError(
    `value cannot be converted to type ${checkedName(info)} without overflow`,
    "the tensor is real; convert it to a complex type, or the value with real()",
  );
}
