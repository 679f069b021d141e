// What ops of linear algebra share: looking at any number of leading dimensions
// as one batch, calling a device's algorithm, and PyTorch's checks with its
// sentences.

import { readable } from "./batching.ts";
import { MODE } from "../grad/mode.ts";
import type { Device, Strided } from "./device.ts";
import type { MatrixTask } from "./device_matrices.ts";
import type { DTypeInfo } from "./dtype.ts";
import { LinAlgError, RuntimeError } from "./errors.ts";
import { makeTensor } from "./fields.ts";
import { checkTensor } from "./is_tensor.ts";
import { commonDevice, emptyTensor, stridedLike, toDense } from "./op.ts";
import { broadcastShapes, countElements, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { viewStrides } from "./view.ts";

/** Exchanges the last two dimensions. */
export function turn(x: Tensor): Tensor {
  return x.transpose(-2, -1);
}

/** The leading dimensions of matrices. */
export function batchShape(x: Tensor): number[] {
  return x.shape.slice(0, -2);
}

/** Fails, in the name of what the user called, where a device takes no matrices apart. */
export function checkFactors(device: Device, name: string): void {
  if (device.factor !== undefined) return;
  throw new RuntimeError(
    `The operator '${name}' is not currently implemented for the ${device.type} device.`,
    "move the tensor there and back: x.cpu() and to(device)",
  );
}

/** Runs an algorithm on batches of matrices, which are made dense where their leading dimensions are no single one. */
export function runTask(
  task: MatrixTask,
  name: string,
  results: readonly Tensor[],
  operands: readonly Tensor[],
): void {
  const { device } = results[0]!.storage;
  checkFactors(device, name);
  const lead = operands[0]!.shape.length - 2;
  device.factor!(
    task,
    results.map((x) => flat(x, lead)),
    operands.map((x) => flat(x, lead)),
  );
}

/** The first `lead` dimensions as one. */
function flat(x: Tensor, lead: number): Strided {
  const shape = [
    countElements(x.shape.slice(0, lead)),
    ...x.shape.slice(lead),
  ];
  const strides = viewStrides(x.shape, x.strides, shape);
  if (strides !== null) {
    return stridedLike(x, shape, strides, x.offset, x.dense);
  }
  const dense = toDense(x);
  return flat(dense, lead);
}

/** A tensor for results, on the device of another. */
export function resultLike(
  x: Tensor,
  shape: Shape,
  info: DTypeInfo = x.info,
): Tensor {
  return emptyTensor(x.storage.device, info, shape);
}

/** Results that lie by columns, as those of a transposed system of equations do. */
export function turnedResult(x: Tensor, shape: Shape): Tensor {
  const rank = shape.length;
  const out = resultLike(x, [
    ...shape.slice(0, -2),
    shape[rank - 1]!,
    shape[rank - 2]!,
  ]);
  const strides = out.strides.slice();
  strides[rank - 1] = out.strides[rank - 2]!;
  strides[rank - 2] = out.strides[rank - 1]!;
  return makeTensor(
    out.storage,
    out.info,
    shape,
    strides,
    0,
    out.count,
    false,
  );
}

/** Ones on the diagonals of matrices, zeros elsewhere; not recorded. */
export function identityLike(x: Tensor, shape: Shape): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, shape);
  if (out.count === 0) return out;
  device.fill(out, 0);
  const rank = shape.length;
  const columns = shape[rank - 1]!;
  const count = Math.min(shape[rank - 2]!, columns);
  const size = shape[rank - 2]! * columns;
  const ones = [out.count / size, count];
  device.fill(stridedLike(out, ones, [size, columns + 1], 0, false), 1);
  return out;
}

/** Fails unless a tensor has matrices. */
export function checkMatrix(name: string, x: Tensor, called = "A"): void {
  checkTensor(x, name, called);
  if (x.shape.length >= 2) return;
  throw new RuntimeError(
    `${name}: The input tensor ${called} must have at least 2 dimensions.`,
    called === "B" ? "unsqueeze(-1) makes a column of a vector" : undefined,
  );
}

/** Fails unless a tensor has square matrices. */
export function checkSquare(name: string, x: Tensor, called = "A"): void {
  checkMatrix(name, x, called);
  const rows = x.shape[x.shape.length - 2]!;
  const columns = x.shape[x.shape.length - 1]!;
  if (rows === columns) return;
  throw new RuntimeError(
    `${name}: ${called} must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
    OBLONG[name],
  );
}

/** What does for other matrices what was asked for. */
const OBLONG: Readonly<Record<string, string>> = {
  "linalg.inv": "pinv() gives the inverse that there is",
  "linalg.solve": "lstsq() finds the nearest solution",
};

/** The hint where complex matrices are refused. */
const NOT_COMPLEX =
  "matrices of complex numbers can be multiplied, and are not taken apart here";

/** Fails where elements are integers, or too short where that is not meant. */
export function checkFloat(name: string, x: Tensor, low = true): void {
  checkTensor(x, name, "A");
  if (x.info.category === 3) {
    throw new RuntimeError(
      `${name}: not implemented for ${x.info.scalarName}`,
      NOT_COMPLEX,
    );
  }
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `${name}: Expected a floating point or complex tensor as input. Got ${x.info.scalarName}`,
      'convert it with to("float32") first',
    );
  }
  if (!low && x.info.bytes < 4) {
    throw new RuntimeError(
      `${name}: Low precision dtypes not supported. Got ${x.info.scalarName}`,
      'convert it with to("float32") first',
    );
  }
}

/** Fails unless the elements are of float32 or float64. */
export function checkKernel(kernel: string, x: Tensor): void {
  if (x.info.category === 2 && x.info.bytes >= 4) return;
  throw new RuntimeError(
    `"${kernel}" not implemented for '${x.info.scalarName}'`,
    x.info.category === 3
      ? NOT_COMPLEX
      : 'convert the tensor, for example with to("float32")',
  );
}

/** Fails unless two operands are of one type and on one device. */
export function checkSameKind(
  name: string,
  x: Tensor,
  y: Tensor,
  called = "A",
): void {
  commonDevice(x, y);
  if (x.info === y.info) return;
  throw new RuntimeError(
    `${name}: Expected ${called} and B to have the same dtype, but found ${called} of type ${x.info.scalarName} and B of type ${y.info.scalarName} instead`,
    `convert one of them, for example with to("${x.info.name}")`,
  );
}

/** Fails unless a system of equations and its right sides fit. */
export function checkSystem(
  name: string,
  a: Tensor,
  b: Tensor,
  left: boolean,
): void {
  const n = a.shape[a.shape.length - 2]!;
  const columns = a.shape[a.shape.length - 1]!;
  const rows = b.shape[b.shape.length - 2]!;
  const k = b.shape[b.shape.length - 1]!;
  if ((left ? n : columns) === (left ? rows : k)) return;
  throw new RuntimeError(
    `${name}: Incompatible shapes of A and B for the equation ${
      left ? "AX = B" : "XA = B"
    } (${n}x${columns} and ${rows}x${k})`,
  );
}

/** Broadcasts the leading dimensions of two batches of matrices; recorded. */
export function broadcastBatches(
  a: Tensor,
  b: Tensor,
): [a: Tensor, b: Tensor, lead: Shape] {
  const lead = broadcastShapes(batchShape(a), batchShape(b));
  return [
    a.expand([...lead, ...a.shape.slice(-2)]),
    b.expand([...lead, ...b.shape.slice(-2)]),
    lead,
  ];
}

/** Which matrix of a batch an algorithm failed on, as PyTorch says it. */
export function firstFailure(
  info: Tensor,
): { batch: string; code: number } | null {
  if (info.count === 0) return null;
  const codes = readable(info).typedArray() as Int32Array;
  const at = codes.findIndex((code) => code !== 0);
  if (at < 0) return null;
  const batch = info.shape.length === 0 ? "" : `(Batch element ${at}): `;
  return { batch, code: codes[at]! };
}

/** Fails with a sentence about the first matrix that an algorithm failed on. */
export function refuseFailure(
  name: string,
  info: Tensor,
  sentence: (code: number) => string,
  hint: string,
): void {
  const found = firstFailure(info);
  if (found === null) return;
  throw new LinAlgError(
    `${name}: ${found.batch}${sentence(found.code)}`,
    hint,
  );
}

/** Whether a rule that runs now is itself recorded. */
export function isRecording(): boolean {
  return MODE.grad;
}
