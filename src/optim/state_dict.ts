// State dicts of optimizers in PyTorch's layout: what is kept, by the number of
// the parameter, and the options of the groups, under PyTorch's names.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { keep } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ParamGroup } from "./optimizer.ts";
import { singleTensor } from "./single.ts";

/** What an optimizer keeps under one name. */
export type StateValue = Tensor | number | null | readonly StateValue[];

/** An option as a state dict holds it. */
export type GroupValue =
  | number
  | string
  | boolean
  | null
  | readonly (number | string | null)[];

/** A group as a state dict holds it: options under PyTorch's names, and numbers of parameters. */
export interface PackedGroup {
  /** Numbers of the parameters, which `state` refers to. */
  readonly params: readonly number[];
  /** The options. */
  readonly [option: string]: GroupValue;
}

/** A state dict of an optimizer, as `torch.optim.Optimizer.state_dict` lays it out. */
export interface OptimizerStateDict {
  /** What is kept for each parameter that was updated. */
  readonly state: Readonly<
    Record<number, Readonly<Record<string, StateValue>>>
  >;
  /** The groups. */
  readonly "param_groups": readonly PackedGroup[];
}

/** `weightDecay` becomes `weight_decay`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `weight_decay` becomes `weightDecay`. */
export function camelCase(name: string): string {
  return name.replace(
    /_([a-z])/g,
    (_, letter: string) => letter.toUpperCase(),
  );
}

/** Options under PyTorch's names. */
export function packGroups(groups: readonly ParamGroup[]): PackedGroup[] {
  const numbers = numbersOf(groups);
  return groups.map(({ params, ...options }) => ({
    ...Object.fromEntries(
      Object.entries(options).map(([key, value]) => [
        snakeCase(key),
        Array.isArray(value) ? [...value] : value,
      ]),
    ),
    params: params.map((x) => numbers.get(x)!),
  }));
}

function numbersOf(groups: readonly ParamGroup[]): Map<Tensor, number> {
  const numbers = new Map<Tensor, number>();
  let next = 0;
  for (const { params } of groups) {
    params.forEach((x, i) => {
      if (!numbers.has(x)) numbers.set(x, next + i);
    });
    next += params.length;
  }
  return numbers;
}

/** What is kept, by the number of the parameter. */
export function packState(
  groups: readonly ParamGroup[],
  state: ReadonlyMap<Tensor, object>,
): Record<number, Record<string, StateValue>> {
  const numbers = numbersOf(groups);
  const out: Record<number, Record<string, StateValue>> = {};
  for (const [x, kept] of state) {
    const number = numbers.get(x);
    if (number !== undefined) out[number] = { ...kept };
  }
  return out;
}

/** Groups with the options of a state dict and the parameters that are there. */
export function unpackGroups<G extends ParamGroup>(
  dict: OptimizerStateDict,
  groups: readonly G[],
  defaults: Omit<G, "params">,
): G[] {
  const saved = savedGroups(dict);
  if (saved.length !== groups.length) {
    throw new ValueError(
      "loaded state dict has a different number of parameter groups",
      `there are ${groups.length} here and ${saved.length} in the state dict`,
    );
  }
  return groups.map((group, i) => {
    const { params, ...options } = saved[i]!;
    if (params.length !== group.params.length) {
      throw new ValueError(
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        `group ${i} has ${group.params.length} parameters here and ${params.length} in the state dict`,
      );
    }
    const taken = Object.entries(options).map(([key, value]) => [
      camelCase(key),
      Array.isArray(value) ? [...value] : value,
    ]);
    const out = { ...defaults, ...Object.fromEntries(taken) } as G;
    out.params = group.params;
    if (group.paramNames !== undefined) out.paramNames ??= group.paramNames;
    return out;
  });
}

function savedGroups(dict: OptimizerStateDict): readonly PackedGroup[] {
  if (
    typeof dict !== "object" || dict === null ||
    !Array.isArray(dict["param_groups"]) || typeof dict.state !== "object"
  ) {
    throw new TypeError(
      "a state dict of an optimizer has state and param_groups",
    );
  }
  return dict["param_groups"];
}

/** What is kept, by parameter: copies with the type and the device of the parameter. */
export function unpackState<S extends object>(
  dict: OptimizerStateDict,
  groups: readonly ParamGroup[],
  singles: readonly string[],
): Map<Tensor, S> {
  const params = new Map<number, Tensor>();
  savedGroups(dict).forEach((group, i) => {
    group.params.forEach((number, j) =>
      params.set(number, groups[i]!.params[j]!)
    );
  });
  const out = new Map<Tensor, S>();
  for (const [number, kept] of Object.entries(dict.state)) {
    const x = params.get(Number(number));
    if (x === undefined) {
      throw new RuntimeError(
        `the state dict keeps something for parameter ${number}, which is in none of its groups`,
      );
    }
    const entries = Object.entries(kept).map(([key, value]) => [
      key,
      singles.includes(key) ? single(value) : fitted(x, value),
    ]);
    out.set(x, Object.fromEntries(entries) as S);
  }
  return out;
}

/** A number that is kept: older PyTorch saves it as such. */
function single(value: StateValue): StateValue {
  if (typeof value === "number") return singleTensor(value);
  return isTensor(value) ? keep(value.detach().to("cpu").clone()) : value;
}

function fitted(x: Tensor, value: StateValue): StateValue {
  if (isTensor(value)) {
    const copy = value.detach().to(x.device).to(x.dtype);
    return keep(copy.storage === value.storage ? copy.clone() : copy);
  }
  if (typeof value !== "object" || value === null) return value;
  return value.map((item) => fitted(x, item));
}
