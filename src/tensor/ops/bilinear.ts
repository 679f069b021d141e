// The map that is linear in two inputs.

import { RuntimeError } from "../errors.ts";
import { checkOptions, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode bilinear}. */
export interface BilinearOptions {
  /** Added to each result, of shape `[outFeatures]`. */
  readonly bias?: Tensor | null;
}

/**
 * `x1 @ weight[k] @ x2 + bias[k]` for each row of `x1`, `[..., in1Features]`,
 * and `x2`, `[..., in2Features]`, and for each `k` of `weight`,
 * `[outFeatures, in1Features, in2Features]`. See
 * `torch.nn.functional.bilinear`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const weight = dg.ones([1, 2, 1]);
 * const x1 = dg.tensor([[1, 2]]);
 * const y = dg.nn.functional.bilinear(x1, dg.tensor([[10]]), weight);
 * assertEquals(y.tolist(), [[30]]);
 * ```
 */
export function bilinear(
  x1: Tensor,
  x2: Tensor,
  weight: Tensor,
  options: BilinearOptions = {},
): Tensor {
  checkOptions(options, ["bias"], "bilinear");
  if (x1.ndim !== x2.ndim) {
    throw new RuntimeError(
      `bilinear(): input dimensions do not match: got ${x1.ndim} and ${x2.ndim}`,
    );
  }
  const lead = x1.shape.slice(0, -1);
  if (!sameShape(lead, x2.shape.slice(0, -1))) {
    const d = lead.findIndex((length, at) => length !== x2.shape[at]);
    throw new RuntimeError(
      `bilinear(): input batch dimensions do not match at dim ${d}: got ${
        lead[d]
      } and ${x2.shape[d]}`,
    );
  }
  const [out, n1, n2] = weight.shape as [number, number, number];
  checkLength(1, x1, n1);
  checkLength(2, x2, n2);
  const matrix = weight.permute([1, 0, 2]).reshape([n1, out * n2]);
  const forms = x1.reshape([-1, n1]).matmul(matrix).reshape([-1, out, n2]);
  const y = forms.matmul(x2.reshape([-1, n2, 1])).reshape([...lead, out]);
  const bias = options.bias ?? null;
  return bias === null ? y : y.add(bias);
}

function checkLength(position: number, x: Tensor, expected: number): void {
  const length = x.shape.at(-1);
  if (length === expected) return;
  throw new RuntimeError(
    `bilinear(): input${position} size does not match weight size: got ${length} but expected ${expected}`,
  );
}
