// Traces a module into an ONNX model: its tensors move to the tracing device
// for the length of one call.

import { noGrad } from "../grad/mode.ts";
import { isModule } from "../nn/module_tree.ts";
import type { Module } from "../nn/module.ts";
import {
  getDefaultDevice,
  setDefaultDevice,
  type Storage,
  type Strided,
} from "../tensor/device.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { replaceFile } from "../io/replace_file.ts";
import { makeTensor } from "../tensor/fields.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions, contiguousStrides } from "../tensor/shape.ts";
import { refuse } from "./refusal.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { declare, Graph, type Value } from "./graph.ts";
import { encodeModel } from "./messages.ts";
import { TracingDevice } from "./tracing_device.ts";

/** Options of {@linkcode encode}. */
export interface ExportOptions {
  /** Names of the inputs; `input`, or `input_0` and on, where not given. */
  readonly inputNames?: readonly string[];
  /** Names of the outputs; `output`, or `output_0` and on, where not given. */
  readonly outputNames?: readonly string[];
}

/** What is exported: a module, or a function of tensors. */
export type Exported =
  | Module
  | ((...inputs: Tensor[]) => unknown);

/** The version of ONNX's operators that models use. */
const OPSET = 18;

/** Numbers the names where there are several. */
function namesFor(
  given: readonly string[] | undefined,
  word: string,
  count: number,
): string[] {
  return Array.from(
    { length: count },
    (_, k) => given?.[k] ?? (count === 1 ? word : `${word}_${k}`),
  );
}

/** The tensors of a result, however they are put together. */
function tensorsIn(result: unknown): Tensor[] {
  if (isTensor(result)) return [result];
  if (typeof result !== "object" || result === null) return [];
  const parts: Iterable<unknown> = Symbol.iterator in result
    ? result as Iterable<unknown>
    : Object.values(result);
  return [...parts].flatMap(tensorsIn);
}

/** Puts the tensors of a module on the tracing device; returns what puts them back. */
function borrow(module: Module, device: TracingDevice): () => void {
  const known = new Map<Storage, Storage>();
  const undo: (() => void)[] = [];
  const state = module.stateDict({ keepVars: true });
  const named = new Map(
    Object.entries(state).map(([name, x]) => [x as Tensor, name]),
  );
  for (const x of [...module.parameters(), ...module.buffers()]) {
    if (!named.has(x)) named.set(x, "buffer");
  }
  for (const [x, name] of named) {
    const { storage, info } = x;
    if (info.category === 3) refuse("a tensor of complex numbers");
    let traced = known.get(storage);
    if (traced === undefined) {
      const whole: Strided = {
        storage,
        info,
        shape: [storage.length],
        strides: [1],
        offset: 0,
        count: storage.length,
        dense: true,
      };
      const data = storage.device.read(whole);
      const plain = x.dense && x.count === storage.length;
      const value = device.graph.constant(
        info.name,
        plain ? x.shape : [storage.length],
        data,
        name,
      );
      traced = device.hold(info, storage.length, value);
      known.set(storage, traced);
    }
    x.storage = traced;
    undo.push(() => x.storage = storage);
  }
  return () => undo.forEach((put) => put());
}

/** An example input as an input of the graph. */
function inputOf(device: TracingDevice, x: Tensor, name: string): {
  value: Value;
  tensor: Tensor;
} {
  const { info, shape, count } = x;
  const value = device.graph.input(name, info, shape);
  const storage = device.hold(info, count, value);
  const strides = contiguousStrides(shape);
  const tensor = makeTensor(storage, info, shape, strides, 0, count, true);
  return { value, tensor };
}

/** Runs a model on traced inputs, in evaluation mode. */
function trace(
  model: Exported,
  device: TracingDevice,
  inputs: readonly Tensor[],
): unknown {
  const preferred = getDefaultDevice();
  const modules = isModule(model) ? [...(model as Module).modules()] : [];
  const modes = modules.map((module) => module.training);
  const giveBack = isModule(model) ? borrow(model as Module, device) : () => {};
  setDefaultDevice(device);
  try {
    for (const module of modules) module.training = false;
    return noGrad(() =>
      isModule(model)
        ? (model as Module).call(...inputs as never[])
        : (model as (...inputs: Tensor[]) => unknown)(...inputs)
    );
  } finally {
    setDefaultDevice(preferred);
    modules.forEach((module, k) => module.training = modes[k]!);
    giveBack();
  }
}

/**
 * Traces a module, or a function of tensors, into the bytes of an ONNX model
 * (opset 18), which computes the same from inputs of the same shapes: the way to
 * ONNX Runtime and other engines. The module runs once on the example inputs, in
 * evaluation mode; its parameters and buffers are stored by their names in the
 * state dict. Throws a RuntimeError where the model reads a value that depends
 * on its inputs or needs what ONNX has no operator for. See `torch.onnx.export`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import * as onnx from "@dinograd/dinograd/onnx";
 * import { assert } from "@std/assert";
 *
 * const model = new dg.nn.Linear(3, 2);
 * assert(onnx.encode(model, dg.ones([1, 3])).length > 100);
 * ```
 */
export function encode(
  model: Exported,
  exampleInputs: Tensor | readonly Tensor[],
  options: ExportOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions(options, ["inputNames", "outputNames"], "onnx.export");
  const examples = isTensor(exampleInputs)
    ? [exampleInputs]
    : [...exampleInputs as readonly Tensor[]];
  const graph = new Graph();
  const device = new TracingDevice(graph);
  const names = namesFor(options.inputNames, "input", examples.length);
  const inputs = examples.map((x, k) => inputOf(device, x, names[k]!));
  const result = trace(model, device, inputs.map(({ tensor }) => tensor));
  const results = tensorsIn(result);
  if (results.length === 0) {
    throw new RuntimeError(
      "onnx.export: the model returns no tensor",
      "return a tensor, a list or an object of tensors",
    );
  }
  const outputNames = namesFor(options.outputNames, "output", results.length);
  const outputs = results.map((x, k): Value => {
    const value = device.memories.load(x);
    const named = { ...value, name: outputNames[k]! };
    graph.rename(value, named);
    return named;
  });
  const { nodes, constants } = graph.prune(outputs);
  return encodeModel({
    irVersion: 9,
    producerName: "dinograd",
    opsetImport: [{ domain: "", version: OPSET }],
    graph: {
      name: "model",
      node: nodes,
      initializer: constants,
      input: inputs.map(({ value }) => declare(value)),
      output: outputs.map(declare),
    },
  });
}

/**
 * Writes the model that {@linkcode encode} makes to a file, which appears only
 * when it is complete. Needs the permission to write it. See `torch.onnx.export`.
 *
 * @example Usage
 * ```ts ignore
 * import * as dg from "@dinograd/dinograd";
 * import * as onnx from "@dinograd/dinograd/onnx";
 *
 * onnx.export(new dg.nn.Linear(3, 2), dg.ones([1, 3]), "linear.onnx");
 * ```
 */
export function exportModel(
  model: Exported,
  exampleInputs: Tensor | readonly Tensor[],
  path: string | URL,
  options: ExportOptions = {},
): void {
  if (typeof path !== "string" && !(path instanceof URL)) {
    throw new TypeError(
      "export(): the path of the file must be a string or a URL; encode() gives the bytes",
    );
  }
  replaceFile(path, [encode(model, exampleInputs, options)]);
}
