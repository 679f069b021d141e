// A chain of modules, and the list of modules.

import { RuntimeError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { IndexedModule } from "./indexed_module.ts";
import type { Layer, Module } from "./module.ts";
import { indented, showLines } from "./module_repr.ts";
import { checkModule, isModule } from "./module_tree.ts";

/**
 * Modules that run one after the other, each on the result of the one before;
 * `model[0]` is the first. They are given one by one, in an array, or with
 * names in an object. See `torch.nn.Sequential`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { nn } = dg;
 * const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU());
 * assertEquals(model.call(dg.ones([3, 2])).shape, [3, 8]);
 * assertEquals(Object.keys(model.stateDict()), ["0.weight", "0.bias"]);
 * const named = new nn.Sequential({ fc: new nn.Linear(2, 8) });
 * assertEquals(Object.keys(named.stateDict()), ["fc.weight", "fc.bias"]);
 * ```
 */
export class Sequential extends IndexedModule<Layer> {
  private _names: Map<Module, string> | null = null;

  /** Takes the modules with their names. */
  constructor(named: Readonly<Record<string, Layer>>);
  /** Takes the modules in an array. */
  constructor(layers: readonly Layer[]);
  /** Takes the modules one by one. */
  constructor(...layers: Layer[]);
  constructor(
    first?: Layer | readonly Layer[] | Readonly<Record<string, Layer>>,
    ...rest: Layer[]
  ) {
    super();
    if (first === undefined) return;
    if (isModule(first)) this.extend([first as Layer, ...rest]);
    else if (isArray(first)) this.extend([...first, ...rest]);
    else if (typeof first === "object" && first !== null) {
      this._names = new Map();
      for (const [name, layer] of Object.entries(first)) {
        this.append(layer);
        this._names.set(layer, name);
      }
    } else checkModule(first);
  }

  /** Runs the modules one after the other. */
  forward(input: Tensor): Tensor {
    let x = input;
    for (let i = 0; i < this.length; i++) x = this[i]!.call(x);
    return x;
  }

  /** The name that the module was given, or its index. */
  override memberName(field: string): string {
    const item: unknown = Reflect.get(this, field);
    const name = isModule(item) ? this._names?.get(item) : undefined;
    return name ?? super.memberName(field);
  }

  /** The module of a name that the constructor was given. */
  get(name: string): Layer {
    return this.getSubmodule(name) as Layer;
  }

  /** A chain of the modules from `start` to before `end`, as `Array.slice` counts. */
  slice(start?: number, end?: number): Sequential {
    const out = new Sequential([...this].slice(start, end));
    out._names = this._names;
    return out;
  }

  /** Refuses what is no module. */
  protected override accept(layer: Layer): Layer {
    checkModule(layer);
    return layer;
  }
}

/**
 * A list of modules, for a `forward` of one's own to use; `list[0]` is the
 * first. An array of modules would not belong to the module that has it. See
 * `torch.nn.ModuleList`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Deep extends dg.nn.Module {
 *   layers = new dg.nn.ModuleList([1, 2].map(() => new dg.nn.Linear(4, 4)));
 *   forward(x: dg.Tensor): dg.Tensor {
 *     for (const layer of this.layers) x = layer.call(x).relu();
 *     return x;
 *   }
 * }
 * assertEquals([...new Deep().parameters()].length, 4);
 * ```
 */
export class ModuleList<M extends Module = Layer> extends IndexedModule<M> {
  /** Takes the modules. */
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  /** Refuses: a list cannot be run. */
  forward(..._inputs: never[]): never {
    refuseForward(this);
  }

  /** A list of the modules from `start` to before `end`, as `Array.slice` counts. */
  slice(start?: number, end?: number): ModuleList<M> {
    return new ModuleList([...this].slice(start, end));
  }

  /** PyTorch's repr: modules that look the same are shown once. */
  override toString(): string {
    return showList(this);
  }

  /** Refuses what is no module. */
  protected override accept(module: M): M {
    checkModule(module);
    return module;
  }
}

/** A list of modules, of which those that look the same are shown once. */
export function showList(list: Module & Iterable<Module>): string {
  const lines: string[] = [];
  const texts = [...list].map(String);
  let end = 0;
  for (let i = 0; i < texts.length; i = end) {
    while (end < texts.length && texts[end] === texts[i]) end++;
    const text = indented(texts[i]!);
    lines.push(
      end === i + 1
        ? `(${i}): ${text}`
        : `(${i}-${end - 1}): ${end - i} x ${text}`,
    );
  }
  return showLines(list.constructor.name, lines);
}

/** Fails as PyTorch does where a module has no `forward`. */
export function refuseForward(module: Module): never {
  throw new RuntimeError(
    `Module [${module.constructor.name}] is missing the required "forward" function`,
    "call the modules inside from the forward of your own",
  );
}

function isArray(value: unknown): value is readonly Layer[] {
  return Array.isArray(value);
}
