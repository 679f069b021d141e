// State dicts: what a module's tensors are called, loading them, and the hooks
// around both.

import { noGrad } from "../grad/mode.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isUninitialized, refuseShape } from "../tensor/uninitialized.ts";
import type { Module } from "./module.ts";
import type { Member } from "./module_members.ts";
import { Parameter } from "./parameter.ts";
import { materialize } from "./uninitialized_parameter.ts";

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
  readonly missingKeys: string[];
  /** Names that the module does not know. */
  readonly unexpectedKeys: string[];

  /** Takes both lists. */
  constructor(
    missingKeys: string[],
    unexpectedKeys: string[],
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

/** What PyTorch tells hooks of a module besides its tensors: its version, which ours have not. */
export type LocalMetadata = Readonly<Record<string, unknown>>;

/** Called before a module's tensors are put into a state dict. */
export type StateDictPreHook = (
  module: Module,
  prefix: string,
  keepVars: boolean,
) => void;

/** Called when all of a module is in the state dict, which it may change. */
export type StateDictPostHook = (
  module: Module,
  stateDict: StateDict,
  prefix: string,
  localMetadata: LocalMetadata,
) => void;

/** Called before a module's tensors are taken out of a state dict, a copy that it may change, as the lists of what is wrong. */
export type LoadStateDictPreHook = (
  module: Module,
  stateDict: Record<string, Tensor>,
  prefix: string,
  localMetadata: LocalMetadata,
  strict: boolean,
  missingKeys: string[],
  unexpectedKeys: string[],
  errorMessages: string[],
) => void;

/** Called when a module was loaded; it may change the lists. */
export type LoadStateDictPostHook = (
  module: Module,
  incompatibleKeys: IncompatibleKeys,
) => void;

/** The hooks of one module. */
export interface StateHooks {
  /** Before saving. */
  readonly beforeSave: StateDictPreHook[];
  /** After saving. */
  readonly afterSave: StateDictPostHook[];
  /** Before loading. */
  readonly beforeLoad: LoadStateDictPreHook[];
  /** After loading. */
  readonly afterLoad: LoadStateDictPostHook[];
}

/** No hooks. */
export function noStateHooks(): StateHooks {
  return { beforeSave: [], afterSave: [], beforeLoad: [], afterLoad: [] };
}

/** Tells a module's hooks; null where it has none. */
export type HooksOf = (module: Module) => StateHooks | null;

/** The name of what {@linkcode Module.getExtraState} gives. */
const EXTRA = "_extra_state";

/** The methods about extra state that modules have without writing them. */
const INHERITED = new WeakSet<object>();

/** Says that a method is there only to be replaced. */
export function inheritedByAll(method: object): void {
  INHERITED.add(method);
}

const NO_METADATA: LocalMetadata = Object.freeze({});

/** The parameters and persistent buffers of a module and of those inside, added to `out`. */
export function readState(
  module: Module,
  prefix: string,
  keepVars: boolean,
  hooksOf: HooksOf,
  out: StateDict = {},
): StateDict {
  const hooks = hooksOf(module);
  for (const hook of hooks?.beforeSave.slice() ?? []) {
    hook(module, prefix, keepVars);
  }
  const members = module.members();
  for (const { name, value } of ownTensors(members)) {
    out[prefix + name] = keepVars || isUninitialized(value)
      ? value
      : value.detach();
  }
  if (!INHERITED.has(module.getExtraState)) {
    // In the type a state dict has tensors only: that is what nearly all have.
    Object.assign(out, { [prefix + EXTRA]: module.getExtraState() });
  }
  for (const { kind, name, value } of members) {
    if (kind !== "module") continue;
    readState(value, `${prefix}${name}.`, keepVars, hooksOf, out);
  }
  for (const hook of hooks?.afterSave.slice() ?? []) {
    const result: unknown = hook(module, out, prefix, NO_METADATA);
    if (result != null) {
      throw new RuntimeError("stateDict post-hook must return undefined");
    }
  }
  return out;
}

type TensorMember = Exclude<Member, { readonly kind: "module" }>;

/** In PyTorch's order: the parameters, then the buffers of state dicts. */
function* ownTensors(members: readonly Member[]): Generator<TensorMember> {
  for (const member of members) {
    if (member.kind === "parameter") yield member;
  }
  for (const member of members) {
    if (member.kind === "buffer" && member.persistent) yield member;
  }
}

/** Where a tensor of a state dict belongs. */
interface Place {
  readonly key: string;
  readonly module: Module;
  readonly field: string;
  readonly value: Tensor;
}

/** What loading found out before it changes anything. */
class Loading {
  readonly missing: string[] = [];
  readonly unexpected: string[] = [];
  readonly problems: string[] = [];
  readonly loads: [Place, Tensor][] = [];
  /** Modules with extra state, and what the state dict has for them. */
  readonly extras: [Module, unknown][] = [];
  /** Modules with hooks for afterwards, those inside a module before it. */
  readonly after: [Module, readonly LoadStateDictPostHook[]][] = [];
  readonly #hooksOf: HooksOf;

  constructor(hooksOf: HooksOf) {
    this.#hooksOf = hooksOf;
  }

  /** Looks at what `dict`, a copy, has for a module and those inside. */
  visit(module: Module, dict: Record<string, unknown>, prefix: string): void {
    const hooks = this.#hooksOf(module);
    for (const hook of hooks?.beforeLoad.slice() ?? []) {
      hook(
        module,
        dict as Record<string, Tensor>,
        prefix,
        NO_METADATA,
        true,
        this.missing,
        this.unexpected,
        this.problems,
      );
    }
    const members = module.members();
    const names = new Set<string>();
    for (const { name, field, value } of ownTensors(members)) {
      names.add(name);
      const key = prefix + name;
      if (!Object.hasOwn(dict, key)) {
        if (!module.mayLack(name)) this.missing.push(key);
        continue;
      }
      const place = { key, module, field, value };
      const source = fitted(dict[key], place, this.problems);
      if (source !== null) this.loads.push([place, source]);
    }
    if (this.#takesExtra(module, dict, prefix + EXTRA)) names.add(EXTRA);
    const inner = new Map<string, Record<string, unknown>>();
    for (const { kind, name } of members) {
      if (kind === "module") inner.set(name, {});
    }
    for (const key of Object.keys(dict)) {
      if (!key.startsWith(prefix)) continue;
      const rest = key.slice(prefix.length);
      const dot = rest.indexOf(".");
      const own = dot < 0 ? undefined : inner.get(rest.slice(0, dot));
      if (own !== undefined) own[key] = dict[key];
      else if (dot >= 0 || !names.has(rest)) this.unexpected.push(key);
    }
    for (const { kind, name, value } of members) {
      if (kind !== "module") continue;
      this.visit(value, inner.get(name)!, `${prefix}${name}.`);
    }
    if (hooks !== null && hooks.afterLoad.length > 0) {
      this.after.push([module, hooks.afterLoad.slice()]);
    }
  }

  /** Looks for the extra state of a module; whether it has such. */
  #takesExtra(
    module: Module,
    dict: Readonly<Record<string, unknown>>,
    key: string,
  ): boolean {
    if (INHERITED.has(module.setExtraState)) return false;
    if (Object.hasOwn(dict, key)) this.extras.push([module, dict[key]]);
    else this.missing.push(key);
    return true;
  }
}

/** Loads a state dict; where something is wrong with it, it changes nothing, unless a hook is to look at what was loaded. */
export function loadState(
  module: Module,
  dict: Readonly<Record<string, unknown>>,
  { strict = true, assign = false }: LoadStateDictOptions,
  hooksOf: HooksOf,
): IncompatibleKeys {
  if (typeof dict !== "object" || dict === null || isTensor(dict)) {
    throw new TypeError(
      `Expected stateDict to be dict-like, got ${typeof dict}.`,
    );
  }
  const found = new Loading(hooksOf);
  found.visit(module, { ...dict }, "");
  const { problems, loads, after } = found;
  const result = new IncompatibleKeys(found.missing, found.unexpected);
  const keys = strict ? result : null;
  const early = after.length === 0 || problems.length > 0;
  if (early) {
    refuse(
      module,
      keys,
      problems,
      problems.length > 0
        ? "nothing was loaded"
        : "nothing was loaded; { strict: false } leaves out what is missing or not expected",
    );
  }
  noGrad(() => {
    for (const [place, source] of loads) {
      if (assign) assignTo(place, source);
      else copyTo(place.value, source);
    }
  });
  for (const [owner, extra] of found.extras) {
    owner.setExtraState(extra as never);
  }
  for (const [owner, hooks] of after) {
    for (const hook of hooks) {
      const out: unknown = hook(owner, result);
      if (out == null) continue;
      throw new RuntimeError(
        "Hooks registered with `registerLoadStateDictPostHook` are not expected to return new values, if incompatibleKeys need to be modified, it should be done inplace.",
      );
    }
  }
  if (!early) {
    refuse(module, keys, [], "what fits was loaded before a hook looked at it");
  }
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
  if (isUninitialized(value)) return source;
  if (isUninitialized(source)) refuseShape();
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

/** Copies values; what has no size yet takes that of the source. */
function copyTo(x: Tensor, source: Tensor): void {
  if (isUninitialized(x)) {
    if (isUninitialized(source)) return;
    materialize(x, source.shape);
  }
  x.copy_(source);
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
  hint: string,
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
    hint,
  );
}
