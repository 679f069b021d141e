// What torch.optim did, from tests/goldens/make_optim_goldens.py, in our
// spelling, and the networks that it trained.

import * as dg from "@dinograd/dinograd";
import data from "../goldens/optim.json" with { type: "json" };

const F = dg.nn.functional;

/** A value as the goldens hold it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | Json[]
  | { [key: string]: Json };

/** An optimizer with options, and what it did. */
export interface OptimizerCase {
  readonly name: string;
  readonly options: Record<string, Json>;
  readonly losses: Record<string, number[]>;
  readonly state: Record<string, Record<string, Json>>;
  readonly groups: Record<string, Json>[];
  readonly repr: string;
}

/** A scheduler with its arguments, and what it did. */
export interface SchedulerCase {
  readonly name: string;
  readonly optimizer?: string;
  readonly groups?: number;
  readonly args?: Json[];
  readonly options?: Record<string, Json>;
  readonly lr: number[][];
  readonly momentum: number[][];
  readonly state: Record<string, Json>;
}

/** Arguments that are refused, and how. */
export interface ErrorCase {
  readonly name: string;
  readonly args?: Json[];
  readonly options: Record<string, Json>;
  readonly error: string;
}

interface Goldens {
  readonly nets: Record<
    string,
    { x: number[][]; target: number[]; params: number[][] }
  >;
  readonly optimizers: OptimizerCase[];
  readonly metrics: number[];
  readonly schedulers: SchedulerCase[];
  readonly errors: ErrorCase[];
  readonly resumed: {
    readonly name: string;
    readonly params: number[][];
    readonly state: Json;
    readonly losses: number[];
  }[];
  readonly averages: {
    readonly start: Record<string, Json>;
    readonly x: number[][];
    readonly runs: Record<
      string,
      { state: Record<string, Json>; after: Record<string, Json> }
    >;
  };
}

/** All of them. */
export const GOLDENS: Goldens = data as unknown as Goldens;

/** `weight_decay` becomes `weightDecay`, and `T_max` becomes `tMax`. */
export function camel(name: string): string {
  return name.replace(/^T_/, "t_")
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Options in our spelling. */
export function camelOptions(
  options: Readonly<Record<string, Json>>,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [camel(key), value]),
  );
}

/** Names of options in a message, in our spelling. */
export function camelMessage(message: string): string {
  return message.replace(/torch\.Size\((.*)\)/, "$1")
    .replace(/\b(T|[a-z]\w*)_[a-z0-9]\w*/g, (name) => camel(name));
}

/** Makes an optimizer by its name. */
export function optimizerOf(
  name: string,
  params: unknown,
  options: Readonly<Record<string, Json>>,
): dg.optim.Optimizer {
  type Maker = new (params: unknown, options: unknown) => dg.optim.Optimizer;
  const optimizer = (dg.optim as unknown as Record<string, Maker>)[name]!;
  return new optimizer(params, camelOptions(options));
}

/** A network in training. */
export interface Training {
  readonly params: dg.Tensor[];
  /** Computes the loss and its gradients. */
  loss(): dg.Tensor;
}

/** One of the two networks at its start. */
export function trainingOf(
  net: string,
  dtype: dg.DType,
  device: dg.DeviceLike = "cpu",
): Training {
  const { x, target, params } = GOLDENS.nets[net]!;
  const input = dg.tensor(x, { dtype, device });
  const indices = dg.tensor(target, { dtype: "int64" }).to(device);
  const leaves = params.map((p) =>
    dg.tensor(p, { dtype, device }).requiresGrad_()
  );
  const [w1, b1, w2, b2] = leaves as [
    dg.Tensor,
    dg.Tensor,
    dg.Tensor,
    dg.Tensor,
  ];
  const hidden = net === "mlp"
    ? () => F.linear(input, w1, { bias: b1 }).tanh()
    : () => F.conv2d(input, w1, { bias: b1 }).relu().flatten({ startDim: 1 });
  const loss = () => {
    for (const p of leaves) p.grad = null;
    const out = F.crossEntropy(F.linear(hidden(), w2, { bias: b2 }), indices);
    out.backward();
    return out;
  };
  return { params: leaves, loss };
}

/** Parameters of a training that an optimizer takes: Muon wants matrices. */
export function usedParams(name: string, params: dg.Tensor[]): dg.Tensor[] {
  return name === "Muon" ? params.filter((p) => p.dim() === 2) : params;
}

/** Losses of the steps of an optimizer. */
export function lossesOf(
  { name, options }: OptimizerCase,
  training: Training,
  steps: number,
): { losses: number[]; optimizer: dg.optim.Optimizer } {
  const used = usedParams(name, training.params);
  const optimizer = optimizerOf(name, used, options);
  const losses: number[] = [];
  for (let k = 0; k < steps; k++) {
    losses.push(Number(optimizer.step(training.loss)));
  }
  return { losses, optimizer };
}
