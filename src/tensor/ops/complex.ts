// Complex tensors and their parts. The parts are views of the same memory,
// where they alternate. Rules of these ops hold for complex numbers as they
// stand: the gradient of a complex input is that by its real part plus i times
// that by its imaginary part.

import { OUT } from "../../grad/node.ts";
import { hostDevice } from "../device.ts";
import { part } from "../device_complex.ts";
import { complexInfo, partInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { inplace } from "../inplace.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMove, move } from "../move_op.ts";
import { commonDevice, emptyTensor } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const VIEW_AS_REAL = defineMove<null>({
  name: "viewAsReal",
  vjp: (g) => viewAsComplex(g.contiguous()),
});

/**
 * Looks at complex numbers as pairs of real ones: a last dimension of length 2
 * in the same memory. See `torch.view_as_real`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const z = dg.tensor([{ re: 1, im: 2 }, { re: 3, im: -4 }]);
 * assertEquals(dg.viewAsReal(z).tolist(), [[1, 2], [3, -4]]);
 * ```
 */
export function viewAsReal(x: Tensor): Tensor {
  checkTensor(x, "viewAsReal", "input");
  if (x.info.category !== 3) {
    throw new RuntimeError(
      "view_as_real is only supported for complex tensors",
      `the tensor is ${x.dtype}`,
    );
  }
  const shape = [...x.shape, 2];
  const strides = [...x.strides.map((step) => 2 * step), 1];
  const info = partInfo(x.info);
  return move(VIEW_AS_REAL, x, shape, strides, 2 * x.offset, null, info);
}

const VIEW_AS_COMPLEX = defineMove<null>({
  name: "viewAsComplex",
  vjp: (g) => viewAsReal(g.contiguous()),
});

/**
 * Looks at pairs of real numbers, a last dimension of length 2, as complex
 * ones in the same memory. The elements of a pair lie side by side, and pairs
 * begin at even places: else a RuntimeError says so. See
 * `torch.view_as_complex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const z = dg.viewAsComplex(dg.tensor([[1, 2], [3, -4]]));
 * assertEquals(z.tolist(), [{ re: 1, im: 2 }, { re: 3, im: -4 }]);
 * ```
 */
export function viewAsComplex(x: Tensor): Tensor {
  checkTensor(x, "viewAsComplex", "input");
  const { info, shape, strides, offset } = x;
  if (info.category !== 2 || info.bytes < 4) {
    throw new RuntimeError(
      `view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ${info.scalarName}`,
      info.category === 2
        ? "complex numbers of 16 bits do not exist here; convert with float()"
        : "convert the tensor, for example with float()",
    );
  }
  const last = shape.length - 1;
  if (last < 0) {
    throw new RuntimeError("Input tensor must have one or more dimensions");
  }
  if (shape[last] !== 2) {
    throw new RuntimeError("Tensor must have a last dimension of size 2");
  }
  if (strides[last] !== 1) {
    throw new RuntimeError(
      "Tensor must have a last dimension with stride 1",
      "contiguous() brings the two parts of each number side by side",
    );
  }
  const lead = strides.slice(0, last);
  if (lead.some((step) => step % 2 !== 0)) {
    throw new RuntimeError(
      "Tensor must have a stride divisible by 2 for all but last dimension",
      "contiguous() brings the two parts of each number side by side",
    );
  }
  if (offset % 2 !== 0) {
    throw new RuntimeError(
      "Tensor must have a storage_offset divisible by 2",
      "a clone() begins at 0",
    );
  }
  const wanted = complexInfo(info);
  const { device } = x.storage;
  // A device without complex numbers says so itself.
  if (device !== hostDevice()) device.allocate(wanted, 0);
  return move(
    VIEW_AS_COMPLEX,
    x,
    shape.slice(0, last),
    lead.map((step) => step / 2),
    offset / 2,
    null,
    wanted,
  );
}

/**
 * The real parts, as a view; a real tensor is returned as it is. See
 * `torch.real`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.real(dg.tensor([{ re: 1, im: 2 }])).tolist(), [1]);
 * ```
 */
export function real(x: Tensor): Tensor {
  checkTensor(x, "real", "input");
  return x.info.category === 3 ? viewAsReal(x).select(-1, 0) : x;
}

/**
 * The imaginary parts, as a view. Throws a RuntimeError for a real tensor. See
 * `torch.imag`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.imag(dg.tensor([{ re: 1, im: 2 }])).tolist(), [2]);
 * ```
 */
export function imag(x: Tensor): Tensor {
  checkTensor(x, "imag", "input");
  if (x.info.category !== 3) {
    throw new RuntimeError(
      "imag is not implemented for tensors with non-complex dtypes.",
      "the imaginary parts of real numbers are zero",
    );
  }
  return viewAsReal(x).select(-1, 1);
}

/** Fails unless two tensors have one floating-point type of which pairs exist. */
function checkPair(x: Tensor, y: Tensor): void {
  for (const { info } of [x, y]) {
    if (info.category === 2 && info.bytes >= 4) continue;
    throw new RuntimeError(
      `Expected both inputs to be Half, Float or Double tensors but got ${x.info.scalarName} and ${y.info.scalarName}`,
      "convert them, for example with float()",
    );
  }
  if (x.info === y.info) return;
  throw new RuntimeError(
    `Expected object of scalar type ${x.info.scalarName} but got scalar type ${y.info.scalarName} for second argument`,
    `convert one of them, for example with to("${x.dtype}")`,
  );
}

/** Complex numbers of given parts, which broadcast; not recorded. */
function joined(re: Tensor, im: Tensor): Tensor {
  const device = commonDevice(re, im);
  const shape = broadcastShapes(re.shape, im.shape);
  const out = emptyTensor(device, complexInfo(re.info), shape);
  device.copy(part(out, 0), re);
  device.copy(part(out, 1), im);
  return out;
}

const COMPLEX = defineKernel<null>({
  name: "complex",
  forward: ([re, im]) => joined(re!, im!),
  vjps: [(g) => real(g), (g) => imag(g)],
  complexRules: true,
});

/**
 * Complex numbers of given real and imaginary parts, two tensors of one type,
 * float32 or float64, whose shapes broadcast. See `torch.complex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const z = dg.complex(dg.tensor([1, 3]), dg.tensor([2, -4]));
 * assertEquals(String(z), "tensor([1.+2.j, 3.-4.j])");
 * ```
 */
export function complex(re: Tensor, im: Tensor): Tensor {
  checkTensor(re, "complex", "real");
  checkTensor(im, "complex", "imag");
  checkPair(re, im);
  return run(COMPLEX, [re, im], null);
}

const POLAR = defineKernel<null>({
  name: "polar",
  forward: ([abs, angle]) =>
    joined(abs!.mul(angle!.cos()), abs!.mul(angle!.sin())),
  vjps: [
    (g, n) => real(g.conj().mul(n.output().sgn())),
    (g, n) => real(g.conj().mul(timesI(n.output()))),
  ],
  saves: [OUT, OUT],
  complexRules: true,
});

/** A complex tensor turned by a right angle. */
export function timesI(x: Tensor): Tensor {
  return x.mul({ re: 0, im: 1 });
}

/**
 * Complex numbers of given magnitudes and angles, two tensors of one type,
 * float32 or float64, whose shapes broadcast. See `torch.polar`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const z = dg.polar(dg.tensor([2]), dg.tensor([Math.PI / 2]));
 * assert(dg.allclose(z, dg.tensor([{ re: 0, im: 2 }]), { atol: 1e-6 }));
 * ```
 */
export function polar(abs: Tensor, angle: Tensor): Tensor {
  checkTensor(abs, "polar", "abs");
  checkTensor(angle, "polar", "angle");
  checkPair(abs, angle);
  return run(POLAR, [abs, angle], null);
}

const CONJ = defineKernel<null>({
  name: "conj",
  forward: ([x]) => conjugated(x!),
  vjps: [(g) => g.conj()],
  complexRules: true,
});

/** As {@linkcode CONJ}, under the name that PyTorch records for it. */
const CONJ_PHYSICAL = { ...CONJ, node: "ConjPhysicalBackward0" };

function conjugated(x: Tensor): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, x.shape);
  device.copy(out, x);
  viewAsReal(out).select(-1, 1).neg_();
  return out;
}

/**
 * The conjugate of each element; a real tensor is returned as it is. Unlike in
 * PyTorch, where it is a view, the result is a copy. See `torch.conj`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const z = dg.tensor([{ re: 1, im: 2 }]);
 * assertEquals(dg.conj(z).tolist(), [{ re: 1, im: -2 }]);
 * ```
 */
export function conj(x: Tensor): Tensor {
  checkTensor(x, "conj", "input");
  return x.info.category === 3 ? run(CONJ, [x], null) : x;
}

/**
 * The conjugate of each element, as a copy; a real tensor is returned as it
 * is. See `torch.conj_physical`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const z = dg.tensor([{ re: 1, im: 2 }]);
 * assertEquals(dg.conjPhysical(z).tolist(), [{ re: 1, im: -2 }]);
 * ```
 */
export function conjPhysical(x: Tensor): Tensor {
  checkTensor(x, "conjPhysical", "input");
  return x.info.category === 3 ? run(CONJ_PHYSICAL, [x], null) : x;
}

/** Stores the conjugates in place; see {@linkcode conjPhysical}. */
export function conjPhysical_(x: Tensor): Tensor {
  return inplace(x, [], conjPhysical);
}

/**
 * Returns the tensor itself: conjugates are computed at once here, so that
 * nothing is left to resolve. See `torch.resolve_conj`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const z = dg.tensor([{ re: 1, im: 2 }]).conj();
 * assertStrictEquals(dg.resolveConj(z), z);
 * ```
 */
export function resolveConj(x: Tensor): Tensor {
  checkTensor(x, "resolveConj", "input");
  return x;
}

/**
 * Tells whether a tensor is complex. See `torch.is_complex`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isComplex(dg.zeros(2, { dtype: "complex64" })), true);
 * assertEquals(dg.isComplex(dg.zeros(2)), false);
 * ```
 */
export function isComplex(x: Tensor): boolean {
  checkTensor(x, "isComplex", "input");
  return x.info.category === 3;
}
