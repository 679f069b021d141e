// What stands behind a parametrized tensor: the tensors that it is computed
// from, and the modules that compute it.

import { noGrad } from "../../grad/mode.ts";
import { RuntimeError, ValueError } from "../../tensor/errors.ts";
import { isTensor } from "../../tensor/is_tensor.ts";
import { sameShape, showShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { IndexedModule } from "../indexed_module.ts";
import type { Module } from "../module.ts";
import { checkModule } from "../module_tree.ts";
import { Parameter } from "../parameter.ts";
import { showList } from "../sequential.ts";

/**
 * A module that computes a tensor from one of the same kind, or from several.
 * `rightInverse` finds what a tensor is computed from, so that the tensor can
 * be assigned to.
 */
export type Parametrization = Module & {
  /** Computes the tensor. */
  forward(...originals: Tensor[]): Tensor;
  /** What `forward` gives this for. */
  rightInverse?(x: Tensor): Tensor | readonly Tensor[];
};

/** What a tensor is computed from, and how. See `torch.nn.utils.parametrize.ParametrizationList`. */
export class ParametrizationList extends IndexedModule<Parametrization> {
  /** Whether element type and shape may differ from those of the former tensor. */
  unsafe: boolean;
  private readonly _count: number | null;

  /** Takes the modules and the tensor that they are to compute, which from now on is what that is computed from. */
  constructor(
    modules: Iterable<Parametrization>,
    original: Tensor,
    options: { readonly unsafe?: boolean } = {},
  ) {
    super();
    this.extend(modules);
    this.unsafe = options.unsafe ?? false;
    const { shape, dtype } = original;
    const start = noGrad(() => this._invert(original, false));
    if (isTensor(start)) {
      this._count = null;
      checkKept("dtype", original.dtype, start.dtype);
      checkKept("device", original.device.type, start.device.type);
      setMemory(original, start);
      register(this, "original", original);
    } else {
      this._count = start.length;
      start.forEach((x, i) => {
        const { requiresGrad } = original;
        const own = original.isParameter
          ? new Parameter(x, { requiresGrad })
          : x.detach();
        register(this, `original${i}`, own);
      });
    }
    if (this.unsafe) return;
    const result: unknown = this.forward();
    if (!isTensor(result)) {
      throw new ValueError(
        `A parametrization must return a tensor. Got ${typeof result}.`,
      );
    }
    if (result.dtype !== dtype) {
      throw new ValueError(
        `Registering a parametrization may not change the dtype of the tensor, unless \`unsafe\` flag is enabled.\nunparametrized dtype: ${dtype}\nparametrized dtype: ${result.dtype}`,
      );
    }
    if (!sameShape(result.shape, shape)) {
      throw new ValueError(
        `Registering a parametrization may not change the shape of the tensor, unless \`unsafe\` flag is enabled.\nunparametrized shape: ${
          showShape(shape)
        }\nparametrized shape: ${showShape(result.shape)}`,
      );
    }
  }

  /** The only tensor that the result is computed from; null where there are several. */
  get single(): Tensor | null {
    return this._count === null ? this._original("original") : null;
  }

  /** Computes the tensor. */
  forward(): Tensor {
    const originals = this._count === null
      ? [this._original("original")]
      : Array.from(
        { length: this._count },
        (_, i) => this._original(`original${i}`),
      );
    const [first, ...others] = this;
    let x = first!.call(...originals);
    for (const module of others) x = module.call(x);
    return x;
  }

  /** Changes what the tensor is computed from so that it becomes `value`. */
  rightInverse(value: Tensor): void {
    const start = noGrad(() => this._invert(value, true));
    if (this._count === null) {
      if (!isTensor(start)) {
        throw new ValueError(
          "`rightInverse` should return a tensor. Got Array",
        );
      }
      return this._assign("original", start, "The tensor");
    }
    if (isTensor(start)) {
      throw new ValueError(
        "'rightInverse' must return a sequence of tensors. Got Tensor.",
      );
    }
    if (start.length !== this._count) {
      throw new ValueError(
        `'rightInverse' must return a sequence of tensors of length ${this._count}. Got a sequence of length ${start.length}.`,
      );
    }
    start.forEach((x, i) => this._assign(`original${i}`, x, `Tensor ${i}`));
  }

  /** PyTorch's repr. */
  override toString(): string {
    return showList(this);
  }

  /** Refuses what is no module. */
  protected override accept(module: Parametrization): Parametrization {
    checkModule(module);
    return module;
  }

  private _original(field: string): Tensor {
    return Reflect.get(this, field) as Tensor;
  }

  private _assign(field: string, x: Tensor, what: string): void {
    const original = this._original(field);
    if (original.dtype !== x.dtype) {
      throw new ValueError(
        `${what} returned by \`rightInverse\` has dtype ${x.dtype} while \`${field}\` has dtype ${original.dtype}`,
      );
    }
    setMemory(original, x);
  }

  /** What the modules compute a tensor from; one without an inverse passes it on, unless all need one. */
  private _invert(
    value: Tensor,
    strict: boolean,
  ): Tensor | readonly Tensor[] {
    let x: Tensor | readonly Tensor[] = value;
    for (const module of [...this].reverse()) {
      if (module.rightInverse !== undefined) {
        x = module.rightInverse(x as Tensor);
      } else if (strict) {
        throw new RuntimeError(
          `parametrization ${module.constructor.name} does not implement rightInverse.`,
          "without it nothing can be assigned to the tensor",
        );
      }
    }
    if (isTensor(x) || (Array.isArray(x) && x.every(isTensor))) return x;
    throw new ValueError(
      `'rightInverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got ${typeof x}`,
    );
  }
}

/** Puts a tensor in a field as what it was: a parameter or a buffer. */
export function register(module: Module, field: string, x: Tensor): void {
  if (x instanceof Parameter) module.registerParameter(field, x);
  else module.registerBuffer(field, x);
}

/** Gives a tensor other memory; it stays the object that optimizers know. */
export function setMemory(x: Tensor, source: Tensor): void {
  if (x !== source) x.data = source.detach();
}

function checkKept(what: string, before: string, after: string): void {
  if (before === after) return;
  throw new ValueError(
    `When \`rightInverse\` outputs one tensor, it may not change the ${what}.\noriginal.${what}: ${before}\nrightInverse(original).${what}: ${after}`,
  );
}
