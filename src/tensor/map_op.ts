// The family of elementwise ops: inputs broadcast, types promote, one scalar
// expression says the rest.

import { isTracked, record } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Vjp } from "../grad/node.ts";
import { BOOL, defaultDtypeInfo, type DTypeInfo } from "./dtype.ts";
import type { Device, MapKernel } from "./device.ts";
import { type Expr, input, isCondition } from "./expr.ts";
import { beginInplace, checkResult, endInplace } from "./inplace.ts";
import { inputInfo } from "./is_tensor.ts";
import {
  castTo,
  commonDevice,
  commonDeviceOf,
  emptyTensor,
  isTensorOperand,
  mapInput,
  NO_PARAMS,
  nodeName,
  numberTensor,
  type Op,
  type Operand,
  register,
  resultInfo,
  resultInfoOf,
  type Sample,
  toTensor,
  ZERO_VJP,
} from "./op.ts";
import { checkOverlap, sameMemory } from "./overlap.ts";
import { broadcastShapes, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** An elementwise op. */
export interface MapOp extends Op {
  readonly family: "map";
  /** What devices compute. */
  readonly kernel: MapKernel;
  /** Whether integers are converted to the default floating-point type first. */
  readonly float: boolean;
  /** Whether the result is bool. */
  readonly condition: boolean;
  /** Refuses element types that the op is not defined for; null allows all. */
  readonly check: ((compute: DTypeInfo) => void) | null;
  /** Points at which the conformance test checks value and derivatives. */
  readonly samples: readonly Sample[];
  /** Parameters for the samples. */
  readonly params: readonly number[];
}

/** What a caller of {@linkcode defineMap} gives. */
export interface MapInit {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node; by default from `name`. */
  readonly node?: string;
  /** Number of inputs. */
  readonly arity: 1 | 2 | 3;
  /** Builds the scalar kernel from the input elements; use `param(i)` for numbers given at the call. */
  readonly kernel: (...x: Expr[]) => Expr;
  /** Builds the kernel for complex numbers, where {@linkcode MapInit.kernel} has no complex meaning. */
  readonly complex?: (...x: Expr[]) => Expr;
  /** Whether integers are converted to the default floating-point type first. */
  readonly float?: boolean;
  /** Refuses element types that the op is not defined for. */
  readonly check?: (compute: DTypeInfo) => void;
  /** The gradient for each input; without them the op is not differentiable. */
  readonly vjps?: readonly (Vjp<readonly number[]> | null)[];
  /** Per input, the values that its rule reads: {@linkcode IN0} and so on. */
  readonly saves?: readonly number[];
  /** Points at which the conformance test checks value and derivatives; away from kinks. */
  readonly samples: readonly Sample[];
  /** Parameters for the samples. */
  readonly params?: readonly number[];
}

let kernels = 0;

/** Defines an elementwise op. */
export function defineMap(init: MapInit): MapOp {
  return register(unlisted(init));
}

/** Makes an elementwise op that nobody calls by name: a part of another one. */
export function unlisted(init: MapInit): MapOp {
  const inputs = [input(0), input(1), input(2)].slice(0, init.arity);
  const body = init.kernel(...inputs);
  return {
    name: init.name,
    node: init.node ?? nodeName(init.name),
    family: "map",
    kernel: {
      id: kernels++,
      arity: init.arity,
      body,
      name: init.name,
      ...(init.complex && { complex: init.complex(...inputs) }),
    },
    float: init.float ?? false,
    condition: isCondition(body),
    check: init.check ?? null,
    vjps: init.vjps ?? [],
    saves: init.saves ?? [],
    samples: init.samples,
    params: init.params ?? NO_PARAMS,
  };
}

function computeInfo(op: MapOp, info: DTypeInfo): DTypeInfo {
  const compute = op.float && info.category < 2 ? defaultDtypeInfo() : info;
  if (op.check !== null) op.check(compute);
  return compute;
}

/** Applies an op of one input. */
export function map1(
  op: MapOp,
  x: Tensor,
  params: readonly number[] = NO_PARAMS,
): Tensor {
  const compute = computeInfo(op, inputInfo(x, op.name));
  const { device } = x.storage;
  const out = emptyTensor(device, op.condition ? BOOL : compute, x.shape);
  device.map(
    op.kernel,
    compute,
    out,
    mapInput(device, x, compute),
    null,
    null,
    params,
  );
  if (MODE.grad && op.vjps.length > 0 && isTracked(x)) {
    record(op, [x], out, params);
  }
  return out;
}

/** Shape of two operands together; the common cases without looking at dimensions. */
function shapeOf(a: Tensor, b: Tensor): Shape {
  const p = a.shape;
  const q = b.shape;
  if (p === q || q.length === 0) return p;
  if (p.length === 0) return q;
  return broadcastShapes(p, q);
}

/** A number beside integers stays what it is where the op computes in floats: -2 beside uint8 is not 254. */
function operandOf(op: MapOp, x: Operand, other: Operand): Tensor {
  if (typeof x === "object") return toTensor(x, other);
  if (!op.float || !isTensorOperand(other) || other.info.category !== 1) {
    return toTensor(x, other);
  }
  const out = numberTensor(Number(x), defaultDtypeInfo());
  out.wrapped = true;
  return out;
}

/**
 * A 0-d tensor of the host stands beside tensors of any device; where a gradient
 * flows to it, it is moved by an op, whose gradient moves back.
 */
function movedTo(device: Device, x: Tensor): Tensor {
  const from = x.storage.device;
  if (from === device || !isTracked(x)) return x;
  return device.holds?.(from) === true ? x : x.to(device);
}

/** Applies an op of two inputs; either may be a plain number. */
export function map2(
  op: MapOp,
  x: Operand,
  y: Operand,
  params: readonly number[] = NO_PARAMS,
): Tensor {
  const a = operandOf(op, x, y);
  const b = operandOf(op, y, a);
  const shape = shapeOf(a, b);
  const compute = computeInfo(op, resultInfo(a, b));
  const device = commonDevice(a, b);
  if (a.storage.device !== b.storage.device && MODE.grad) {
    const p = movedTo(device, a);
    const q = movedTo(device, b);
    if (p !== a || q !== b) return map2(op, p, q, params);
  }
  const out = emptyTensor(device, op.condition ? BOOL : compute, shape);
  device.map(
    op.kernel,
    compute,
    out,
    mapInput(device, a, compute),
    mapInput(device, b, compute),
    null,
    params,
  );
  if (MODE.grad && op.vjps.length > 0 && (isTracked(a) || isTracked(b))) {
    record(op, [a, b], out, params);
  }
  return out;
}

/** Applies an op of three inputs, all of which take part in promotion; any but one may be a plain number. */
export function map3(
  op: MapOp,
  x: Operand,
  y: Operand,
  z: Operand,
  params: readonly number[] = NO_PARAMS,
): Tensor {
  let [a, b, c] = threeTensors(x, y, z);
  const shape = broadcastShapes(shapeOf(a, b), c.shape);
  const compute = computeInfo(op, resultInfoOf([a, b, c]));
  const device = commonDeviceOf([a, b, c]);
  if (MODE.grad) {
    a = movedTo(device, a);
    b = movedTo(device, b);
    c = movedTo(device, c);
  }
  const out = emptyTensor(device, op.condition ? BOOL : compute, shape);
  device.map(
    op.kernel,
    compute,
    out,
    mapInput(device, a, compute),
    mapInput(device, b, compute),
    mapInput(device, c, compute),
    params,
  );
  record(op, [a, b, c], out, params);
  return out;
}

/** A plain number takes its type from the tensors beside it. */
function threeTensors(
  x: Operand,
  y: Operand,
  z: Operand,
): [Tensor, Tensor, Tensor] {
  const like = typeof x === "object" ? x : typeof y === "object" ? y : z;
  return [toTensor(x, like), toTensor(y, like), toTensor(z, like)];
}

/** Applies an op of one input in place: `x.sin_()`. */
export function mapInto1(
  op: MapOp,
  x: Tensor,
  params: readonly number[] = NO_PARAMS,
): Tensor {
  if (MODE.grad && isTracked(x)) {
    beginInplace(x, true);
    return endInplace(x, map1(op, x, params));
  }
  beginInplace(x, false);
  const compute = computeInfo(op, x.info);
  if (compute !== x.info || op.condition) {
    return endInplace(x, map1(op, x, params));
  }
  x.storage.device.map(op.kernel, compute, x, x, null, null, params);
  x.storage.version++;
  return x;
}

/** Comparisons whose result becomes ones and zeros of a differentiable tensor. */
const COMPARISONS: ReadonlySet<string> = new Set([
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
]);

/** A comparison in place is recorded: as numbers its result has the gradient zero. Logic is not, as in PyTorch. */
function asNumbers(op: MapOp, x: Tensor, y: Tensor, result: Tensor): Tensor {
  if (!op.condition || !COMPARISONS.has(op.name)) return result;
  const out = castTo(result, x.info);
  const numbered = y.wrapped;
  const zero = {
    name: op.name,
    node: numbered ? op.node : op.node.replace("0", "1"),
    vjps: numbered ? [ZERO_VJP] : [ZERO_VJP, ZERO_VJP],
    saves: [],
  };
  record(zero, numbered ? [x] : [x, y], out, NO_PARAMS);
  return out;
}

/** Applies an op of two inputs in place: `x.add_(y)`. */
export function mapInto2(
  op: MapOp,
  x: Tensor,
  y: Operand,
  params: readonly number[] = NO_PARAMS,
): Tensor {
  const b = operandOf(op, y, x);
  if (sameMemory(b.storage, x.storage)) checkOverlap(x, b);
  if (MODE.grad && (isTracked(x) || isTracked(b))) {
    beginInplace(x, true);
    return endInplace(x, asNumbers(op, x, b, map2(op, x, b, params)));
  }
  beginInplace(x, false);
  const info = resultInfo(x, b);
  const compute = computeInfo(op, info);
  if (compute !== x.info || op.condition || sameMemory(b.storage, x.storage)) {
    return endInplace(x, map2(op, x, b, params));
  }
  const shape = shapeOf(x, b);
  checkResult(x, shape, compute);
  const device = commonDevice(x, b);
  device.map(
    op.kernel,
    compute,
    x,
    x,
    mapInput(device, b, compute),
    null,
    params,
  );
  x.storage.version++;
  return x;
}

/** Applies an op of three inputs in place: `x.addcmul_(y, z)`. */
export function mapInto3(
  op: MapOp,
  x: Tensor,
  y: Operand,
  z: Operand,
  params: readonly number[] = NO_PARAMS,
): Tensor {
  const b = toTensor(y, x);
  const c = toTensor(z, x);
  const tracked = MODE.grad && (isTracked(x) || isTracked(b) || isTracked(c));
  beginInplace(x, tracked);
  const same = b.info === x.info && c.info === x.info;
  const compute = computeInfo(op, same ? x.info : resultInfoOf([x, b, c]));
  const { storage } = x;
  const aliased = sameMemory(b.storage, storage) ||
    sameMemory(c.storage, storage);
  if (aliased) {
    checkOverlap(x, b);
    checkOverlap(x, c);
  }
  if (tracked || aliased || compute !== x.info || op.condition) {
    return endInplace(x, map3(op, x, b, c, params));
  }
  const shape = broadcastShapes(shapeOf(x, b), c.shape);
  checkResult(x, shape, compute);
  const device = commonDeviceOf([x, b, c]);
  const p = mapInput(device, b, compute);
  const q = mapInput(device, c, compute);
  device.map(op.kernel, compute, x, x, p, q, params);
  storage.version++;
  return x;
}
