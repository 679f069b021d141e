// Modules and parameters by name: ModuleDict and ParameterDict, and the list of
// parameters.

import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { IndexedModule } from "./indexed_module.ts";
import { type Layer, Module } from "./module.ts";
import type { Member } from "./module_members.ts";
import { showLines } from "./module_repr.ts";
import { checkModule, isModule } from "./module_tree.ts";
import { Parameter } from "./parameter.ts";
import { refuseForward } from "./sequential.ts";

/** A module that holds others, or parameters, by name. */
export abstract class NamedModule<T extends Module | Parameter, G = T>
  extends Module {
  private readonly _items: Map<string, T> = new Map();

  /** Refuses: a dictionary cannot be run. */
  forward(..._inputs: never[]): never {
    refuseForward(this);
  }

  /** Number of items. */
  get size(): number {
    return this._items.size;
  }

  /** The item of a name; throws a ValueError where there is none. */
  get(name: string): T {
    const item = this._items.get(name);
    if (item !== undefined) return item;
    throw new ValueError(
      `'${name}'`,
      `the names are ${[...this._items.keys()].join(", ") || "none"}`,
    );
  }

  /** Whether there is an item of a name. */
  has(name: string): boolean {
    return this._items.has(name);
  }

  /** Adds or replaces an item. */
  set(name: string, item: G): this {
    if (name === "" || name.includes(".")) {
      throw new ValueError(
        name === ""
          ? 'module name can\'t be empty string ""'
          : `module name can't contain ".", got: ${name}`,
      );
    }
    this._items.set(name, this.accept(item));
    return this;
  }

  /** Adds or replaces items. See `ModuleDict.update`. */
  update(
    items: Readonly<Record<string, G>> | Iterable<readonly [string, G]>,
  ): this {
    const list = Symbol.iterator in items
      ? items as Iterable<readonly [string, G]>
      : Object.entries(items as Readonly<Record<string, G>>);
    for (const [name, item] of list) this.set(name, item);
    return this;
  }

  /** Takes out the item of a name and returns it. See `ModuleDict.pop`. */
  pop(name: string): T {
    const item = this.get(name);
    this._items.delete(name);
    return item;
  }

  /** Takes out the item of a name; whether there was one. */
  delete(name: string): boolean {
    return this._items.delete(name);
  }

  /** Takes out all items. See `ModuleDict.clear`. */
  clear(): void {
    this._items.clear();
  }

  /** The names, in the order of insertion. See `ModuleDict.keys`. */
  keys(): IterableIterator<string> {
    return this._items.keys();
  }

  /** The items. See `ModuleDict.values`. */
  values(): IterableIterator<T> {
    return this._items.values();
  }

  /** Names and items. See `ModuleDict.items`. */
  items(): IterableIterator<[string, T]> {
    return this._items.entries();
  }

  /** Names and items. */
  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this._items.entries();
  }

  /** The items by their names, after the fields. */
  override members(): Member[] {
    const out = super.members();
    // `super()` may look before the fields exist.
    for (const [name, value] of this._items) {
      out.push(this.memberOf(name, value));
    }
    return out;
  }

  /** Puts an item back, or a field. */
  override setMember(
    field: string,
    value: Tensor | Module | null,
  ): void {
    if (this._items.has(field)) this._items.set(field, value as T);
    else super.setMember(field, value);
  }

  /** What an item is to the module. */
  protected abstract memberOf(name: string, value: T): Member;

  /** Checks an item that is added. */
  protected abstract accept(item: G): T;
}

/**
 * Modules by name, in the order of insertion. See `torch.nn.ModuleDict`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { nn } = dg;
 * const heads = new nn.ModuleDict({ mean: new nn.Linear(4, 1) });
 * heads.set("logStd", new nn.Linear(4, 1));
 * assertEquals(heads.get("mean").call(dg.ones(4)).shape, [1]);
 * assertEquals([...heads.keys()], ["mean", "logStd"]);
 * ```
 */
export class ModuleDict<M extends Module = Layer> extends NamedModule<M> {
  /** Takes the modules. */
  constructor(
    modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {},
  ) {
    super();
    this.update(modules);
  }

  /** A module inside. */
  protected override memberOf(name: string, value: M): Member {
    return { kind: "module", name, field: name, value };
  }

  /** Puts a module in a field of that name, where there is one, else in an item. */
  override setMember(field: string, value: Tensor | Module | null): void {
    if (isModule(value) && !(field in this)) this.set(field, value as M);
    else super.setMember(field, value);
  }

  /** Refuses what is no module. */
  protected override accept(module: M): M {
    checkModule(module);
    return module;
  }
}

/**
 * Parameters by name; tensors become parameters. See `torch.nn.ParameterDict`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const scales = new dg.nn.ParameterDict({ left: dg.ones(3) });
 * assertEquals(scales.get("left").requiresGrad, true);
 * assertEquals(Object.keys(scales.stateDict()), ["left"]);
 * ```
 */
export class ParameterDict extends NamedModule<Parameter, Tensor> {
  /** Takes the tensors. */
  constructor(
    parameters:
      | Readonly<Record<string, Tensor>>
      | Iterable<readonly [string, Tensor]> = {},
  ) {
    super();
    this.update(parameters);
  }

  /** PyTorch's repr: types and sizes. */
  override toString(): string {
    const lines = [...this].map(([name, x]) => showSize(name, x, x.type()));
    return showLines(this.constructor.name, lines);
  }

  /** A parameter of the module. */
  protected override memberOf(name: string, value: Parameter): Member {
    return { kind: "parameter", name, field: name, value };
  }

  /** Makes a parameter of a tensor. */
  protected override accept(x: Tensor): Parameter {
    return toParameter(x);
  }
}

/**
 * A list of parameters; tensors become parameters, and `list[0]` is the first.
 * See `torch.nn.ParameterList`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const list = new dg.nn.ParameterList([dg.ones(2), dg.zeros(3)]);
 * assertEquals(list.at(-1).tolist(), [0, 0, 0]);
 * assertEquals([...list.parameters()].length, 2);
 * ```
 */
export class ParameterList extends IndexedModule<Parameter> {
  /** Takes the tensors. */
  constructor(tensors: Iterable<Tensor> = []) {
    super();
    for (const x of tensors) this.append(toParameter(x));
  }

  /** Refuses: a list cannot be run. */
  forward(..._inputs: never[]): never {
    refuseForward(this);
  }

  /** PyTorch's repr: types and sizes. */
  override toString(): string {
    const lines = [...this].map((x, i) =>
      showSize(String(i), x, `torch.${x.dtype}`)
    );
    return showLines(this.constructor.name, lines);
  }

  /** Makes a parameter of a tensor. */
  protected override accept(x: Tensor): Parameter {
    return toParameter(x);
  }
}

function toParameter(x: Tensor): Parameter {
  if (!isTensor(x)) {
    throw new TypeError(`${typeof x} is not a Tensor; tensor() makes one`);
  }
  return x instanceof Parameter ? x : new Parameter(x);
}

function showSize(name: string, x: Tensor, type: string): string {
  return `  (${name}): Parameter containing: [${type} of size ${
    x.shape.join("x")
  }]`;
}
