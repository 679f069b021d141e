// Which elements are among others.

import type { DTypeInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { castTo, type Operand, resultInfo, toLong, toTensor } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { searchsorted } from "./searching.ts";

/** Options of {@linkcode isin}. */
export interface IsinOptions {
  /** A promise that no value stands twice in either; it changes nothing here. */
  readonly assumeUnique?: boolean;
  /** Tells which elements are not among the others. */
  readonly invert?: boolean;
}

function checkType(info: DTypeInfo): void {
  if (info.category > 0) return;
  throw new RuntimeError(
    `Unsupported input type encountered for isin(): ${info.scalarName}`,
    'convert the mask with to("uint8")',
  );
}

/**
 * Tells for each of `elements` whether it is one of `testElements`; either may
 * be a number. NaN is none. Types promote; the result is bool and shaped like
 * `elements`. See `torch.isin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * const y = dg.isin(x, dg.tensor([2, 3]));
 * assertEquals(y.tolist(), [[false, true], [true, false]]);
 * assertEquals(dg.isin(x, 4, { invert: true }).sum().item(), 3);
 * ```
 */
export function isin(
  elements: Operand,
  testElements: Operand,
  options: IsinOptions = {},
): Tensor {
  checkOptions(options, ["assumeUnique", "invert"], "isin");
  if (typeof elements !== "object" && typeof testElements !== "object") {
    throw new TypeError(
      "isin(): one of 'elements' and 'testElements' must be Tensor",
    );
  }
  const x = toTensor(elements, testElements);
  const others = toTensor(testElements, elements);
  checkType(x.info);
  checkType(others.info);
  return unrecorded(() => {
    const found = among(x, others);
    return options.invert === true ? found.logicalNot() : found;
  });
}

function among(x: Tensor, others: Tensor): Tensor {
  if (others.count === 0) return x.newZeros(x.shape, { dtype: "bool" });
  const flat = others.reshape(-1);
  // Where one of the two may live on the host.
  if (x.shape.length === 0) return flat.eq(x).any();
  if (others.shape.length === 0) return x.eq(others);
  const info = resultInfo(x, others);
  const wanted = castTo(x, info);
  const { values } = castTo(flat, info).sort(0);
  // The last place is past the end.
  const places = searchsorted(values, wanted).clampMax(others.count - 1);
  return values.take(toLong(places)).eq(wanted);
}
