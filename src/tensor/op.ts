// The op record: all there is to know about one op, in one place, and the
// registry that the conformance test walks. The families build on it: map_op,
// reduce_op, move_op, kernel_op.

import { checkedName, checkFits } from "./number_range.ts";
import type { Differentiable, Vjp } from "../grad/node.ts";
import { shown } from "./arguments.ts";
import { makeTensor } from "./fields.ts";
import { type Complex, isComplexNumber } from "./complex_number.ts";
import { type Device, hostDevice, type Strided } from "./device.ts";
import {
  BOOL,
  complexInfo,
  defaultDtypeInfo,
  type DTypeInfo,
  INT64,
  promote,
} from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { SCOPE } from "./scope.ts";
import {
  contiguousStrides,
  countElements,
  SCALAR_SHAPE,
  type Shape,
} from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** What an op takes as an operand: a number is a 0-d tensor that gives way in type promotion. */
export type Operand = Tensor | number | boolean | bigint | Complex;

/** An operand of what has no complex meaning. */
export type RealOperand = Tensor | number | boolean | bigint;

/** An op of any family. */
export interface Op extends Differentiable {
  /** `"map"`, `"reduce"`, `"move"` or `"kernel"`. */
  readonly family: "map" | "reduce" | "move" | "kernel";
}

/** A call that the conformance test makes: values of the inputs, by input. */
export type Sample = readonly number[];

/** Every op that was defined, for the conformance test. */
export const OPS: Op[] = [];

/** Adds an op to the registry. */
export function register<T extends Op>(op: T): T {
  OPS.push(op);
  return op;
}

/** The node name that PyTorch's naming gives an op: `sin` → `SinBackward0`. */
export function nodeName(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}Backward0`;
}

/** No parameters, shared. */
export const NO_PARAMS: readonly number[] = [];

/** A rule for the ops whose derivative is zero everywhere, as PyTorch records them. */
export const ZERO_VJP: Vjp<unknown> = (g) => g.newZeros(g.shape);

/** Makes a tensor with undefined contents; int32 in place of int64 on a device that has no int64. */
export function emptyTensor(
  device: Device,
  info: DTypeInfo,
  shape: Shape,
): Tensor {
  const count = countElements(shape);
  const stored = info === INT64 ? device.indexInfo : info;
  const storage = device.allocate(stored, count);
  if (SCOPE.current !== null) SCOPE.current.add(storage);
  return makeTensor(
    storage,
    stored,
    shape,
    contiguousStrides(shape),
    0,
    count,
    true,
  );
}

/** Whether a tensor has the type that PyTorch takes for indices: int64, where the device has it. */
export function isLong(x: Tensor): boolean {
  return x.info === x.storage.device.indexInfo;
}

/** The hint where an index has another type: which one its device counts with. */
export function indexHint(index: Tensor): string {
  const { name } = index.storage.device.indexInfo;
  return `the index is ${index.dtype}; give it { dtype: "${name}" }`;
}

/** Converts to the type of indices. */
export function toLong(x: Tensor): Tensor {
  return x.to(x.storage.device.indexInfo.name);
}

/** Fails where a device has no int64 and a caller asked for it by name. */
export function checkHasType(device: Device, info: DTypeInfo): void {
  if (info !== INT64 || device.indexInfo === INT64) return;
  // The device's own refusal says what to do.
  device.allocate(info, 0);
}

/** A 0-d tensor on the host that holds one number. */
export function scalarTensor(
  value: number | boolean | bigint,
  info: DTypeInfo,
): Tensor {
  const out = numberTensor(value, info);
  if (SCOPE.current !== null) SCOPE.current.add(out.storage);
  return out;
}

/** The same for the engine's own use: users do not get hold of it, and it outlives scopes. */
export function numberTensor(
  value: number | boolean | bigint,
  info: DTypeInfo,
): Tensor {
  const device = hostDevice();
  const out = makeTensor(
    device.allocate(info, 1),
    info,
    SCALAR_SHAPE,
    SCALAR_SHAPE,
    0,
    1,
    true,
  );
  device.fill(out, typeof value === "boolean" ? Number(value) : value);
  return out;
}

/** The type that a plain number has beside a tensor of type `info`. */
export function numberInfo(
  value: number | boolean | bigint,
  info: DTypeInfo,
): DTypeInfo {
  if (info.category >= 2 || typeof value === "boolean") {
    return info;
  }
  if (typeof value === "bigint" || Number.isInteger(value)) {
    return info.category === 1 ? info : INT64;
  }
  return defaultDtypeInfo();
}

/** Plain numbers that were operands lately. */
const NUMBERS: {
  readonly value: number | boolean | bigint;
  readonly info: DTypeInfo;
  readonly tensor: Tensor;
}[] = [];

/** Turns an operand into a tensor fit to stand beside `other`. */
export function toTensor(x: Operand, other: Operand): Tensor {
  if (typeof x === "object") {
    // Types rule out anything else, and plain JavaScript does not.
    if (x !== null && (x as Tensor).storage !== undefined) return x as Tensor;
    if (!isComplexNumber(x)) refuseOperand(x);
    return complexTensor(x, other);
  }
  const info = isTensorOperand(other)
    ? numberInfo(x, other.info)
    : typeof x === "boolean"
    ? BOOL
    : typeof x === "bigint"
    ? INT64
    : defaultDtypeInfo();
  checkNumber(x);
  // Loops use the same few numbers again and again. Nothing changes a wrapped
  // number, so it can be shared; NaN and -0 fail the comparison and are not.
  const slot = Number(x) & 63;
  const known = NUMBERS[slot];
  if (
    known !== undefined && known.info === info && known.value === x && x !== 0
  ) return known.tensor;
  const out = numberTensor(x, info);
  out.wrapped = true;
  // It outlives the mode that it was made in.
  out.inference = false;
  NUMBERS[slot] = { value: x, info, tensor: out };
  return out;
}

/** A complex number beside `other`: a 0-d tensor that gives way in type promotion. */
function complexTensor(value: Complex, other: Operand): Tensor {
  const beside = isTensorOperand(other) ? other.info : defaultDtypeInfo();
  const info = complexInfo(beside);
  const device = hostDevice();
  const storage = device.allocate(info, 1);
  const shape = SCALAR_SHAPE;
  const out = makeTensor(storage, info, shape, shape, 0, 1, true);
  device.write(out, [value.re, value.im]);
  out.wrapped = true;
  out.inference = false;
  return out;
}

/** A complex number to store in a tensor: a 0-d tensor on the host. Fails where it is none of the type's. */
export function complexScalar(value: Complex, info: DTypeInfo): Tensor {
  if (info.category === 3) {
    const device = hostDevice();
    const out = emptyTensor(device, info, SCALAR_SHAPE);
    device.write(out, [value.re, value.im]);
    return out;
  }
  if (info.category === 0) {
    return scalarTensor(value.re !== 0 || value.im !== 0, info);
  }
  if (value.im !== 0) {
    throw new RuntimeError(
      `value cannot be converted to type ${checkedName(info)} without overflow`,
      `it is complex, and the tensor ${info.name}`,
    );
  }
  checkFits(value.re, info);
  return scalarTensor(value.re, info);
}

/** Whether an operand is a tensor; a complex number is an object too. */
export function isTensorOperand(x: Operand): x is Tensor {
  return typeof x === "object" && (x as Tensor).storage !== undefined;
}

/** Fails unless a plain number is one. */
export function checkNumber(x: number | boolean | bigint): void {
  if (
    typeof x !== "number" && typeof x !== "boolean" && typeof x !== "bigint"
  ) refuseOperand(x);
}

function refuseOperand(x: unknown): never {
  throw new TypeError(
    `an operand must be a tensor or a number, not ${shown(x)}`,
  );
}

/** The type that two tensors are computed in: `torch.result_type`. */
export function resultInfo(a: Tensor, b: Tensor): DTypeInfo {
  if (a.info === b.info) return a.info;
  const rankA = priority(a);
  const rankB = priority(b);
  if (rankA === rankB) return promote(a.info, b.info);
  return rankA > rankB ? yields(a.info, b.info) : yields(b.info, a.info);
}

/** The type that several tensors are computed in. */
export function resultInfoOf(tensors: readonly Tensor[]): DTypeInfo {
  const best: (DTypeInfo | null)[] = [null, null, null];
  for (const x of tensors) {
    const p = priority(x);
    const old = best[p]!;
    best[p] = old === null ? x.info : promote(old, x.info);
  }
  let out: DTypeInfo | null = best[2]!;
  for (const lower of [best[1]!, best[0]!]) {
    if (lower === null) continue;
    out = out === null ? lower : yields(out, lower);
  }
  return out!;
}

/** Tensors with dimensions count before 0-d ones, and those before plain numbers. */
function priority(x: Tensor): 0 | 1 | 2 {
  return x.wrapped ? 0 : x.shape.length === 0 ? 1 : 2;
}

/** Only a higher category lets the lower-priority operand change the type. */
function yields(strong: DTypeInfo, weak: DTypeInfo): DTypeInfo {
  if (weak.category <= strong.category) return strong;
  return weak.category === 3 && strong.category === 2
    ? complexInfo(strong)
    : weak;
}

/** The device that an op on two tensors runs on; a 0-d host tensor goes anywhere. */
export function commonDevice(a: Tensor, b: Tensor): Device {
  const p = a.storage.device;
  const q = b.storage.device;
  if (p === q) return p;
  return together(p, a.shape.length === 0, q, b.shape.length === 0);
}

/** The device of operands on two; a single number of the host stands beside anything. */
function together(
  p: Device,
  isNumber: boolean,
  q: Device,
  otherIsNumber: boolean,
): Device {
  if (otherIsNumber && q === hostDevice()) return p;
  if (isNumber && p === hostDevice()) return q;
  if (p.holds?.(q) === true) return p;
  if (q.holds?.(p) === true) return q;
  const joined = p.join?.(q) ?? null;
  if (joined !== null) return joined;
  throw new RuntimeError(
    `Expected all tensors to be on the same device, but found at least two devices, ${p.type} and ${q.type}!`,
    "move one of them with to(device)",
  );
}

/** The device that an op on several tensors runs on. */
export function commonDeviceOf(tensors: readonly Tensor[]): Device {
  let { device } = tensors[0]!.storage;
  let isNumber = tensors[0]!.shape.length === 0;
  for (const x of tensors) {
    const other = x.storage.device;
    const otherIsNumber = x.shape.length === 0;
    if (other !== device) {
      device = together(device, isNumber, other, otherIsNumber);
    }
    isNumber &&= otherIsNumber;
  }
  return device;
}

/** Converts without recording; the same tensor where nothing changes. */
export function castTo(x: Tensor, info: DTypeInfo): Tensor {
  if (x.info === info) return x;
  const { device } = x.storage;
  // Where there is no int64, another type is in its place already.
  if (info === INT64 && x.info === device.indexInfo) return x;
  const out = emptyTensor(device, info, x.shape);
  device.copy(out, x);
  return out;
}

/** An input of a map: converted as {@linkcode castTo} does, but for a mask that the device takes as it is. */
export function mapInput(device: Device, x: Tensor, info: DTypeInfo): Tensor {
  if (x.info === info) return x;
  const taken = device.mapsBool === true && x.info === BOOL &&
    x.storage.device === device;
  return taken ? x : castTo(x, info);
}

/** A dense copy without recording; the same tensor where it is dense already. */
export function toDense(x: Tensor): Tensor {
  if (x.dense) return x;
  const out = emptyTensor(x.storage.device, x.info, x.shape);
  x.storage.device.copy(out, x);
  return out;
}

/** Another look at the memory of a tensor, for a device; not a tensor. */
export function stridedLike(
  x: Strided,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  dense: boolean,
): Strided {
  return {
    storage: x.storage,
    info: x.info,
    shape,
    strides,
    offset,
    count: countElements(shape),
    dense,
  };
}
