// State dicts: what a module's tensors are called, and loading them.

import { noGrad } from "../grad/mode.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import { join, walkModules } from "./module_members.ts";
import { Parameter } from "./parameter.ts";

/** Tensors by PyTorch's names. */
export type StateDict = Record<string, Tensor>;

/** Options of {@linkcode Module.stateDict}. */
export interface StateDictOptions {
  /** What each name begins with. */
  readonly prefix?: string;
  /** Gives the parameters themselves, not tensors on the same memory that have no history. */
  readonly keepVars?: boolean;
}

/** Options of {@linkcode Module.loadStateDict}. */
export interface LoadStateDictOptions {
  /** Fails where names are missing or not expected; true where not given. */
  readonly strict?: boolean;
  /** Takes the tensors themselves in place of their values. */
  readonly assign?: boolean;
}

/** What {@linkcode Module.loadStateDict} returns. */
export class IncompatibleKeys {
  /** Names of the module's that the state dict lacked. */
  readonly missingKeys: readonly string[];
  /** Names that the module does not know. */
  readonly unexpectedKeys: readonly string[];

  /** Takes both lists. */
  constructor(
    missingKeys: readonly string[],
    unexpectedKeys: readonly string[],
  ) {
    this.missingKeys = missingKeys;
    this.unexpectedKeys = unexpectedKeys;
  }

  /** PyTorch's repr. */
  toString(): string {
    if (this.missingKeys.length + this.unexpectedKeys.length === 0) {
      return "<All keys matched successfully>";
    }
    const show = (keys: readonly string[]) =>
      `[${keys.map((key) => `'${key}'`).join(", ")}]`;
    return `_IncompatibleKeys(missing_keys=${
      show(this.missingKeys)
    }, unexpected_keys=${show(this.unexpectedKeys)})`;
  }
}

showByToString(IncompatibleKeys.prototype);

/** The parameters and persistent buffers of a module and of those inside. */
export function readState(
  module: Module,
  prefix: string,
  keepVars: boolean,
): StateDict {
  const out: StateDict = {};
  for (const { key, value } of places(module, prefix)) {
    out[key] = keepVars ? value : value.detach();
  }
  return out;
}

/** Where a tensor of a state dict belongs. */
interface Place {
  readonly key: string;
  readonly name: string;
  readonly module: Module;
  readonly field: string;
  readonly value: Tensor;
}

/** In PyTorch's order: of each module its parameters, its buffers, the modules inside. */
function* places(root: Module, prefix: string): Generator<Place> {
  const start = prefix.endsWith(".") ? prefix.slice(0, -1) : prefix;
  for (const [path, module] of walkModules(root, start, false)) {
    const members = module.members();
    for (const wanted of ["parameter", "buffer"]) {
      for (const member of members) {
        const { kind, name, field, value } = member;
        if (kind === "module" || kind !== wanted) continue;
        if (kind === "buffer" && !member.persistent) continue;
        yield { key: join(path, name), name, module, field, value };
      }
    }
  }
}

/** Loads a state dict; where something is wrong with it, it changes nothing. */
export function loadState(
  module: Module,
  dict: Readonly<Record<string, unknown>>,
  { strict = true, assign = false }: LoadStateDictOptions,
): IncompatibleKeys {
  if (typeof dict !== "object" || dict === null || isTensor(dict)) {
    throw new TypeError(
      `Expected stateDict to be dict-like, got ${typeof dict}.`,
    );
  }
  const missing: string[] = [];
  const problems: string[] = [];
  const loads: [Place, Tensor][] = [];
  const unexpected = new Set(Object.keys(dict));
  for (const place of places(module, "")) {
    const { key } = place;
    unexpected.delete(key);
    if (!Object.hasOwn(dict, key)) {
      if (!place.module.mayLack(place.name)) missing.push(key);
      continue;
    }
    const source = fitted(dict[key], place, problems);
    if (source !== null) loads.push([place, source]);
  }
  const result = new IncompatibleKeys(missing, [...unexpected]);
  refuse(module, strict ? result : null, problems);
  noGrad(() => {
    for (const [place, source] of loads) {
      if (assign) assignTo(place, source);
      else place.value.copy_(source);
    }
  });
  return result;
}

/** The tensor to load in its shape, or null and one more problem. */
function fitted(
  source: unknown,
  { key, value }: Place,
  problems: string[],
): Tensor | null {
  if (!isTensor(source)) {
    problems.push(
      `While copying the parameter named "${key}", expected Tensor or Tensor-like object from checkpoint but received ${typeof source}`,
    );
    return null;
  }
  // Scalars had one dimension in PyTorch 0.3.
  if (value.ndim === 0 && source.ndim === 1 && source.shape[0] === 1) {
    return source.select(0, 0);
  }
  if (sameShape(source.shape, value.shape)) return source;
  problems.push(
    `size mismatch for ${key}: copying a param with shape ${
      showShape(source.shape)
    } from checkpoint, the shape in current model is ${
      showShape(value.shape)
    }.`,
  );
  return null;
}

function assignTo({ module, field, value }: Place, source: Tensor): void {
  if (!value.isParameter) return module.setMember(field, source);
  module.setMember(
    field,
    source.isParameter && source.requiresGrad === value.requiresGrad
      ? source
      : new Parameter(source, { requiresGrad: value.requiresGrad }),
  );
}

function refuse(
  module: Module,
  keys: IncompatibleKeys | null,
  problems: readonly string[],
): void {
  const all = [...problems];
  const quoted = (names: readonly string[]) =>
    names.map((name) => `"${name}"`).join(", ");
  if (keys !== null && keys.unexpectedKeys.length > 0) {
    all.unshift(
      `Unexpected key(s) in stateDict: ${quoted(keys.unexpectedKeys)}. `,
    );
  }
  if (keys !== null && keys.missingKeys.length > 0) {
    all.unshift(`Missing key(s) in stateDict: ${quoted(keys.missingKeys)}. `);
  }
  if (all.length === 0) return;
  throw new RuntimeError(
    `Error(s) in loading stateDict for ${module.constructor.name}:\n\t${
      all.join("\n\t")
    }`,
    "nothing was loaded; { strict: false } leaves out what is missing or not expected",
  );
}
