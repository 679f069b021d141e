// Scalar expressions as nodes of a graph: each function is an operator of ONNX
// or a few of them. Operands broadcast as ONNX's do.

import { RuntimeError } from "../tensor/errors.ts";
import { type Expr, type Fn, inputsOf, isCondition } from "../tensor/expr.ts";
import type { Graph, Value } from "./graph.ts";

/** The shape of operands together. */
export function broadcastShape(
  shapes: readonly (readonly number[])[],
): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, d) => {
    let n = 1;
    for (const shape of shapes) {
      const own = shape[d - rank + shape.length] ?? 1;
      if (own !== 1) n = own;
    }
    return n;
  });
}

/** Functions that are one operator, whose result has the type of the operands. */
const DIRECT: Partial<Record<Fn, string>> = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  neg: "Neg",
  abs: "Abs",
  sqrt: "Sqrt",
  floor: "Floor",
  ceil: "Ceil",
  round: "Round",
  min: "Min",
  max: "Max",
  pow: "Pow",
  exp: "Exp",
  log: "Log",
  sin: "Sin",
  cos: "Cos",
  tan: "Tan",
  asin: "Asin",
  acos: "Acos",
  atan: "Atan",
  sinh: "Sinh",
  cosh: "Cosh",
  tanh: "Tanh",
  asinh: "Asinh",
  acosh: "Acosh",
  atanh: "Atanh",
  erf: "Erf",
  bitAnd: "BitwiseAnd",
  bitOr: "BitwiseOr",
  bitXor: "BitwiseXor",
  bitNot: "BitwiseNot",
};

/** Functions that are one operator and give a condition. */
const CONDITIONS: Partial<Record<Fn, string>> = {
  lt: "Less",
  le: "LessOrEqual",
  gt: "Greater",
  ge: "GreaterOrEqual",
  eq: "Equal",
  and: "And",
  or: "Or",
  not: "Not",
};

/** What leaves of an expression stand for. */
export interface Leaves {
  /** Type in which numbers are computed. */
  readonly type: string;
  /** Values of the inputs. */
  readonly inputs: readonly Value[];
  /** Values of the parameters. */
  readonly params: readonly number[];
}

/** Emits the nodes of an update: what operands become, null for those that stay. */
export function emitUpdate(
  graph: Graph,
  bodies: readonly (Expr | null)[],
  load: (operand: number) => Value,
  type: string,
  params: readonly number[],
): (Value | null)[] {
  // Operands that are only written have no value yet.
  const read = new Set<number>();
  for (const body of bodies) if (body !== null) inputsOf(body, read);
  const inputs: Value[] = [];
  for (const k of read) inputs[k] = load(k);
  const known = new Map<Expr, Value>();
  return bodies.map((body) =>
    body === null
      ? null
      : emitExpression(graph, body, { type, inputs, params }, known)
  );
}

/** Emits the nodes of an expression; a condition is a bool. `known` are the parts that exist already. */
export function emitExpression(
  graph: Graph,
  expr: Expr,
  leaves: Leaves,
  known: Map<Expr, Value> = new Map(),
): Value {
  const { type } = leaves;
  const number = (value: number) => graph.scalar(type, value);
  const emit = (op: string, args: readonly Value[], out = type): Value =>
    graph.emit(op, args, out, broadcastShape(args.map((arg) => arg.shape)));
  const visit = (e: Expr): Value => {
    if (e.kind === "const") return number(e.value);
    if (e.kind === "param") return number(leaves.params[e.index]!);
    if (e.kind === "input") return leaves.inputs[e.index]!;
    const found = known.get(e);
    if (found !== undefined) return found;
    const made = callOf(e.fn, e.args.map(visit));
    known.set(e, made);
    return made;
  };
  const callOf = (fn: Fn, args: readonly Value[]): Value => {
    const direct = DIRECT[fn];
    if (direct !== undefined) return emit(direct, args);
    const condition = CONDITIONS[fn];
    if (condition !== undefined) return emit(condition, args, "bool");
    const [a, b] = args as [Value, Value];
    const zero = number(0);
    const one = number(1);
    switch (fn) {
      case "select":
        return emit("Where", args);
      case "ne":
        return emit("Not", [emit("Equal", args, "bool")], "bool");
      case "signbit":
        return emit("Less", [a, zero], "bool");
      case "trunc":
        return truncated(a);
      case "truncDiv":
        return truncated(emit("Div", args));
      case "floorDiv":
        return emit("Floor", [emit("Div", args)]);
      case "fmod":
        return graph.emit(
          "Mod",
          args,
          type,
          broadcastShape(args.map((arg) => arg.shape)),
          { fmod: 1 },
        );
      case "remainder":
        return emit("Sub", [
          a,
          emit("Mul", [emit("Floor", [emit("Div", args)]), b]),
        ]);
      case "exp2":
        return emit("Pow", [number(2), a]);
      case "expm1":
        return emit("Sub", [emit("Exp", args), one]);
      case "log2":
        return emit("Mul", [emit("Log", args), number(Math.LOG2E)]);
      case "log10":
        return emit("Mul", [emit("Log", args), number(Math.LOG10E)]);
      case "log1p":
        return emit("Log", [emit("Add", [a, one])]);
      case "hypot":
        return emit("Sqrt", [
          emit("Add", [emit("Mul", [a, a]), emit("Mul", [b, b])]),
        ]);
      case "erfc":
        return emit("Sub", [one, emit("Erf", args)]);
      case "copysign":
        return emit("Where", [
          emit("Less", [b, zero], "bool"),
          emit("Neg", [emit("Abs", [a])]),
          emit("Abs", [a]),
        ]);
      default:
        throw new RuntimeError(
          `onnx.export: ONNX has no operator for ${fn}`,
          "leave it out of the model, or compute it before and after",
        );
    }
  };
  const truncated = (x: Value): Value =>
    emit("Mul", [emit("Sign", [x]), emit("Floor", [emit("Abs", [x])])]);
  const out = visit(expr);
  // A leaf that is a bool stands for a number.
  return isCondition(expr) || out.type === type ? out : graph.cast(out, type);
}
