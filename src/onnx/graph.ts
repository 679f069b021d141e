// The graph that a trace builds: values with their type and shape, the nodes
// that make them, and constants. Knows ONNX's operators by name only.

import type { TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import {
  type AttributeMessage,
  ELEMENT_TYPES,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from "./messages.ts";

/** A value of the graph. */
export interface Value {
  /** Its name. */
  readonly name: string;
  /** Type of its elements, as dinograd names it. */
  readonly type: string;
  /** Length along each dimension. */
  readonly shape: readonly number[];
  /** Its elements, where they do not depend on the inputs of the graph. */
  readonly data: TypedArray | null;
}

/** An attribute of a node. */
export type Attribute = number | string | readonly number[];

/** Attributes whose numbers are floats even where they look like integers. */
const FLOATS = new Set(["alpha", "beta", "epsilon", "value_float"]);

function attribute(name: string, value: Attribute): AttributeMessage {
  if (typeof value === "string") {
    return { name, type: 3, s: new TextEncoder().encode(value) };
  }
  if (typeof value === "number") {
    return FLOATS.has(name)
      ? { name, type: 1, f: value }
      : { name, type: 2, i: value };
  }
  return { name, type: 7, ints: [...value] };
}

/** A number as elements of a type are stored. */
function arrayOf(type: string, values: readonly number[]): TypedArray {
  switch (type) {
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "float16":
      return Float16Array.from(values);
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(Math.trunc(value)));
    case "int32":
      return Int32Array.from(values);
    case "bool":
      return Uint8Array.from(values, (value) => Number(value !== 0));
    default:
      throw new TypeError(`onnx: no constant of type ${type}`);
  }
}

/** The number of elements of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, d) => n === b[d]);
}

/** A graph that grows. */
export class Graph {
  readonly #nodes: NodeMessage[] = [];
  readonly #constants = new Map<string, TensorMessage>();
  readonly #scalars = new Map<string, Value>();
  readonly #names = new Set<string>();
  #next = 0;

  /** A name that nothing has yet. */
  #fresh(wanted: string): string {
    let name = wanted;
    while (this.#names.has(name)) name = `${wanted}_${this.#next++}`;
    this.#names.add(name);
    return name;
  }

  /** An input of the graph. */
  input(name: string, info: DTypeInfo, shape: readonly number[]): Value {
    return { name: this.#fresh(name), type: info.name, shape, data: null };
  }

  /** A tensor that is stored in the model. */
  constant(
    type: string,
    shape: readonly number[],
    data: TypedArray,
    name = "constant",
  ): Value {
    const own = this.#fresh(name);
    const { buffer, byteOffset, byteLength } = data;
    this.#constants.set(own, {
      dims: [...shape],
      dataType: ELEMENT_TYPES[type]!,
      name: own,
      rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
    });
    return { name: own, type, shape, data };
  }

  /** A 0-d constant; equal ones are stored once. */
  scalar(type: string, value: number): Value {
    const key = `${type} ${Object.is(value, -0) ? "-0" : value}`;
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const made = this.constant(type, [], arrayOf(type, [value]));
    this.#scalars.set(key, made);
    return made;
  }

  /** A list of integers, as shapes, axes and bounds are given. */
  integers(values: readonly number[]): Value {
    const key = `list ${values.join()}`;
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const made = this.constant(
      "int64",
      [values.length],
      arrayOf("int64", values),
    );
    this.#scalars.set(key, made);
    return made;
  }

  /** Adds a node with several results of given types and shapes. */
  emitAll(
    opType: string,
    inputs: readonly Value[],
    outputs: readonly Pick<Value, "type" | "shape">[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const made = outputs.map(({ type, shape }): Value => ({
      name: this.#fresh(opType.toLowerCase()),
      type,
      shape,
      data: null,
    }));
    this.#nodes.push({
      opType,
      name: made[0]!.name,
      input: inputs.map(({ name }) => name),
      output: made.map(({ name }) => name),
      attribute: Object.entries(attributes).map(([name, value]) =>
        attribute(name, value)
      ),
    });
    return made;
  }

  /** Adds a node with one result. */
  emit(
    opType: string,
    inputs: readonly Value[],
    type: string,
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.emitAll(opType, inputs, [{ type, shape }], attributes)[0]!;
  }

  /** The same elements in another shape. */
  reshape(x: Value, shape: readonly number[]): Value {
    if (sameList(x.shape, shape)) return x;
    return this.emit("Reshape", [x, this.integers(shape)], x.type, shape);
  }

  /** The dimensions in another order. */
  transpose(x: Value, order: readonly number[]): Value {
    if (order.every((from, to) => from === to)) return x;
    const shape = order.map((d) => x.shape[d]!);
    return this.emit("Transpose", [x], x.type, shape, { perm: order });
  }

  /** A stretch of each dimension. */
  slice(
    x: Value,
    starts: readonly number[],
    lengths: readonly number[],
  ): Value {
    const dims = [...starts.keys()].filter((d) =>
      starts[d] !== 0 || lengths[d] !== x.shape[d]
    );
    if (dims.length === 0) return x;
    return this.emit(
      "Slice",
      [
        x,
        this.integers(dims.map((d) => starts[d]!)),
        this.integers(dims.map((d) => starts[d]! + lengths[d]!)),
        this.integers(dims),
      ],
      x.type,
      lengths,
    );
  }

  /** Repeated along dimensions, as broadcasting does. */
  expand(x: Value, shape: readonly number[]): Value {
    if (sameList(x.shape, shape)) return x;
    return this.emit("Expand", [x, this.integers(shape)], x.type, shape);
  }

  /** Converted to another type. */
  cast(x: Value, type: string): Value {
    if (x.type === type) return x;
    return this.emit("Cast", [x], type, x.shape, {
      to: ELEMENT_TYPES[type]!,
    });
  }

  /** Gives a value the name of an output. */
  rename(value: Value, output: Value): void {
    // A node of its own, so that one value may be several outputs, or an input.
    this.#nodes.push({
      opType: "Identity",
      name: output.name,
      input: [value.name],
      output: [output.name],
      attribute: [],
    });
  }

  /** The nodes and constants that the outputs need, in order. */
  prune(
    outputs: readonly Value[],
  ): { nodes: NodeMessage[]; constants: TensorMessage[] } {
    const wanted = new Set(outputs.map(({ name }) => name));
    const nodes: NodeMessage[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.output.some((name) => wanted.has(name))) continue;
      for (const name of node.input) wanted.add(name);
      nodes.push(node);
    }
    const constants = [...this.#constants.values()].filter(({ name }) =>
      wanted.has(name)
    );
    return { nodes: nodes.reverse(), constants };
  }
}

/** How a value is declared as input or output. */
export function declare({ name, type, shape }: Value): ValueMessage {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return {
    name,
    type: { tensorType: { elemType: ELEMENT_TYPES[type]!, shape: { dim } } },
  };
}
