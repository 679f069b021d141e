// What belongs to a module: its fields that are parameters, buffers or modules,
// how they are registered, and the walks over all that is inside.

import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { bufferPersistence } from "../tensor/parameter_mark.ts";
import { keep } from "../tensor/scope.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import { findField, findMember } from "./module_lookup.ts";
import {
  type Member,
  type NamedModulesOptions,
  type NamedOptions,
  snakeCase,
  walkModules,
  walkTensors,
} from "./module_members.ts";
import type { Parameter } from "./parameter.ts";

const NAMED_KEYS = ["prefix", "recurse", "removeDuplicate"];

/** What belongs to a module. */
export abstract class ModuleTree {
  private _scanned = false;
  /** Fields that hold buffers, and whether these are part of state dicts. */
  private _buffers: Map<string, boolean> | null = null;

  /** Computes the module's result; {@linkcode Module.call} runs the hooks as well. See `Module.forward`. */
  abstract forward(...inputs: never[]): unknown;

  /** Looks at the fields once: buffers that `forward` replaces must be known before it does. */
  protected scan(): void {
    if (!this._scanned) this.members();
  }

  /** What belongs to the module itself, in the order of its fields; containers override it. */
  members(): Member[] {
    this._scanned = true;
    const out: Member[] = [];
    for (const field of Object.keys(this)) {
      const value: unknown = Reflect.get(this, field);
      if (typeof value !== "object" || value === null) continue;
      const name = this.memberName(field);
      if (isModule(value)) {
        out.push({ kind: "module", name, field, value });
      } else if (isTensor(value)) {
        if (isParameterOf(value)) {
          out.push({ kind: "parameter", name, field, value });
          continue;
        }
        const persistent = this._persistence(field, value);
        if (persistent === undefined) continue;
        out.push({ kind: "buffer", name, field, value, persistent });
      }
    }
    return out;
  }

  /** Whether a tensor in a field is a persistent buffer; undefined where it is no buffer. */
  private _persistence(field: string, value: Tensor): boolean | undefined {
    const known = this._buffers?.get(field);
    if (known !== undefined) return known;
    const marked = bufferPersistence(value);
    if (marked !== undefined) (this._buffers ??= new Map()).set(field, marked);
    return marked;
  }

  /** PyTorch's name of a field; override it where another name is wanted. */
  memberName(field: string): string {
    return snakeCase(field);
  }

  /** Puts a tensor or module in a field of the module; containers override it. */
  setMember(field: string, value: Tensor | Module | null): void {
    Reflect.set(this, field, value);
  }

  /** Whether a state dict without this name of the module's own is complete all the same. */
  mayLack(_name: string): boolean {
    return false;
  }

  /**
   * Makes a tensor a buffer of the module, in a field of that name, and returns
   * it. See `Module.register_buffer`.
   */
  registerBuffer<T extends Tensor | null>(
    field: string,
    tensor: T,
    options: { readonly persistent?: boolean } = {},
  ): T {
    checkOptions(options, ["persistent"], "registerBuffer");
    this._checkName(field, "buffer");
    if (tensor !== null && !isTensor(tensor)) {
      throw new TypeError(
        `cannot assign '${typeof tensor}' object to buffer '${field}' (Tensor or null required)`,
      );
    }
    (this._buffers ??= new Map()).set(field, options.persistent ?? true);
    this.setMember(field, tensor === null ? null : keep(tensor));
    return tensor;
  }

  /** Puts a parameter in a field of that name. See `Module.register_parameter`. */
  registerParameter(field: string, parameter: Parameter | null): void {
    this._checkName(field, "parameter");
    if (parameter !== null && !parameter.isParameter) {
      throw new TypeError(
        `cannot assign '${typeof parameter}' object to parameter '${field}' (nn.Parameter or null required)`,
      );
    }
    this.setMember(field, parameter);
  }

  /** Puts a module in a field of that name. See `Module.register_module`. */
  registerModule(field: string, module: Module | null): void {
    this._checkName(field, "module");
    if (module !== null) checkModule(module);
    this.setMember(field, module);
  }

  /** See {@linkcode Module.registerModule}. */
  addModule(field: string, module: Module | null): void {
    this.registerModule(field, module);
  }

  /** Fails for a name that nothing can be registered under. */
  private _checkName(field: string, kind: string): void {
    if (field.includes(".")) {
      throw new ValueError(`${kind} name can't contain ".", got: ${field}`);
    }
    if (field === "") {
      throw new ValueError(`${kind} name can't be empty string ""`);
    }
    // A declared field that holds nothing yet is as good as none.
    if (field in this && Reflect.get(this, field) != null) {
      const value: unknown = Reflect.get(this, field);
      const same = kind === "buffer"
        ? this._buffers?.has(field)
        : kind === "module"
        ? value instanceof ModuleTree
        : isTensor(value) && value.isParameter;
      if (!same) throw new ValueError(`attribute '${field}' already exists`);
    }
  }

  /** The parameters, of the modules inside as well, each once. See `Module.parameters`. */
  *parameters(
    options: { readonly recurse?: boolean } = {},
  ): Generator<Parameter> {
    checkOptions(options, ["recurse"], "parameters");
    for (
      const [, x] of walkTensors(
        this as unknown as Module,
        "parameter",
        options,
      )
    ) yield x;
  }

  /** The parameters with their names. See `Module.named_parameters`. */
  namedParameters(options: NamedOptions = {}): Generator<[string, Parameter]> {
    checkOptions(options, NAMED_KEYS, "namedParameters");
    return walkTensors(this as unknown as Module, "parameter", options);
  }

  /** The buffers, of the modules inside as well, each once. See `Module.buffers`. */
  *buffers(options: { readonly recurse?: boolean } = {}): Generator<Tensor> {
    checkOptions(options, ["recurse"], "buffers");
    for (
      const [, x] of walkTensors(this as unknown as Module, "buffer", options)
    ) yield x;
  }

  /** The buffers with their names. See `Module.named_buffers`. */
  namedBuffers(options: NamedOptions = {}): Generator<[string, Tensor]> {
    checkOptions(options, NAMED_KEYS, "namedBuffers");
    return walkTensors(this as unknown as Module, "buffer", options);
  }

  /** The modules directly inside, each once. See `Module.children`. */
  *children(): Generator<Module> {
    for (const [, module] of this.namedChildren()) yield module;
  }

  /** The modules directly inside with their names. See `Module.named_children`. */
  *namedChildren(): Generator<[string, Module]> {
    const seen = new Set<Module>();
    for (const { kind, name, value } of this.members()) {
      if (kind !== "module" || seen.has(value)) continue;
      seen.add(value);
      yield [name, value];
    }
  }

  /** This module and all inside, each once. See `Module.modules`. */
  *modules(): Generator<Module> {
    for (const [, module] of walkModules(this as unknown as Module, "", true)) {
      yield module;
    }
  }

  /** This module and all inside with their names. See `Module.named_modules`. */
  namedModules(options: NamedModulesOptions = {}): Generator<[string, Module]> {
    checkOptions(options, ["prefix", "removeDuplicate"], "namedModules");
    const { prefix = "", removeDuplicate = true } = options;
    return walkModules(this as unknown as Module, prefix, removeDuplicate);
  }

  /** The module of that path, such as `"layers.0.selfAttn"`. See `Module.get_submodule`. */
  getSubmodule(path: string): Module {
    const self = this as unknown as Module;
    return path === "" ? self : findMember(self, path, "module");
  }

  /**
   * Puts a module in the place of the one of that path, or, unless `strict`,
   * into a new field of the module before it. See `Module.set_submodule`.
   */
  setSubmodule(
    path: string,
    module: Module,
    options: { readonly strict?: boolean } = {},
  ): void {
    checkOptions(options, ["strict"], "setSubmodule");
    if (path === "") {
      throw new ValueError("Cannot set the submodule without a target name!");
    }
    if (!isModule(module)) {
      throw new ValueError(
        `\`module\` is not an nn.Module, found ${typeof module}`,
      );
    }
    const dot = path.lastIndexOf(".");
    const name = path.slice(dot + 1);
    const parent = this.getSubmodule(path.slice(0, Math.max(dot, 0)));
    const field = findField(parent, name, options.strict ?? false);
    parent.setMember(field, module);
  }

  /** The parameter of that path. See `Module.get_parameter`. */
  getParameter(path: string): Parameter {
    return findMember(this as unknown as Module, path, "parameter");
  }

  /** The buffer of that path. See `Module.get_buffer`. */
  getBuffer(path: string): Tensor {
    return findMember(this as unknown as Module, path, "buffer");
  }
}

function isParameterOf(x: Tensor): x is Parameter {
  return x.isParameter;
}

/** Whether a value is a module. */
export function isModule(value: unknown): value is Module {
  return value instanceof ModuleTree;
}

/** Fails unless a value is a module. */
export function checkModule(module: unknown): void {
  if (module instanceof ModuleTree) return;
  throw new TypeError(
    `${module === null ? "null" : typeof module} is not a Module subclass`,
  );
}
