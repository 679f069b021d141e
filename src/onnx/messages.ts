// The part of ONNX's protobuf messages that a model needs, with the field
// numbers of onnx.proto3. Encoding is protobufjs's.

import protobuf from "protobufjs";

/** An element type by its number in `TensorProto.DataType`. */
export const ELEMENT_TYPES: Readonly<Record<string, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/** A tensor in a model: an initializer, or the value of an attribute. */
export interface TensorMessage {
  dims: number[];
  dataType: number;
  name: string;
  rawData: Uint8Array;
}

/** An attribute of a node. */
export interface AttributeMessage {
  name: string;
  /** 1 a float, 2 an integer, 3 a string, 6 floats, 7 integers. */
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  floats?: number[];
  ints?: number[];
}

/** A node: an operator, what it takes and what it gives. */
export interface NodeMessage {
  opType: string;
  name: string;
  input: string[];
  output: string[];
  attribute: AttributeMessage[];
}

/** An input or output of the graph. */
export interface ValueMessage {
  name: string;
  type: {
    tensorType: {
      elemType: number;
      shape: { dim: { dimValue: number }[] };
    };
  };
}

/** A model. */
export interface ModelMessage {
  irVersion: number;
  producerName: string;
  opsetImport: { domain: string; version: number }[];
  graph: {
    name: string;
    node: NodeMessage[];
    initializer: TensorMessage[];
    input: ValueMessage[];
    output: ValueMessage[];
  };
}

type Fields = Record<
  string,
  { id: number; type: string; rule?: "repeated" }
>;

function message(fields: Fields): { fields: Fields } {
  return { fields };
}

function one(id: number, type: string): Fields[string] {
  return { id, type };
}

function many(id: number, type: string): Fields[string] {
  return { id, type, rule: "repeated" };
}

const SCHEMA = {
  nested: {
    ModelProto: message({
      irVersion: one(1, "int64"),
      producerName: one(2, "string"),
      graph: one(7, "GraphProto"),
      opsetImport: many(8, "OperatorSetIdProto"),
    }),
    OperatorSetIdProto: message({
      domain: one(1, "string"),
      version: one(2, "int64"),
    }),
    GraphProto: message({
      node: many(1, "NodeProto"),
      name: one(2, "string"),
      initializer: many(5, "TensorProto"),
      input: many(11, "ValueInfoProto"),
      output: many(12, "ValueInfoProto"),
    }),
    NodeProto: message({
      input: many(1, "string"),
      output: many(2, "string"),
      name: one(3, "string"),
      opType: one(4, "string"),
      attribute: many(5, "AttributeProto"),
    }),
    AttributeProto: message({
      name: one(1, "string"),
      f: one(2, "float"),
      i: one(3, "int64"),
      s: one(4, "bytes"),
      floats: many(7, "float"),
      ints: many(8, "int64"),
      type: one(20, "int32"),
    }),
    TensorProto: message({
      dims: many(1, "int64"),
      dataType: one(2, "int32"),
      name: one(8, "string"),
      rawData: one(9, "bytes"),
    }),
    ValueInfoProto: message({
      name: one(1, "string"),
      type: one(2, "TypeProto"),
    }),
    TypeProto: message({ tensorType: one(1, "TensorTypeProto") }),
    TensorTypeProto: message({
      elemType: one(1, "int32"),
      shape: one(2, "TensorShapeProto"),
    }),
    TensorShapeProto: message({ dim: many(1, "DimensionProto") }),
    DimensionProto: message({ dimValue: one(1, "int64") }),
  },
};

/** Encodes a model as the bytes of an ONNX file. */
export function encodeModel(model: ModelMessage): Uint8Array<ArrayBuffer> {
  const type = protobuf.Root.fromJSON(SCHEMA).lookupType("ModelProto");
  const bytes = type.encode(type.fromObject(model)).finish();
  return new Uint8Array(bytes);
}
