// Several results under PyTorch's field names: `const { values, indices }` and
// `const [values, indices]` both work. Knows tensors as types only.

import { showByToString } from "./inspect.ts";
import type { Tensor } from "./tensor.ts";

/** Two results, by place. */
export interface Two extends Iterable<Tensor> {
  /** The first result. */
  readonly 0: Tensor;
  /** The second result. */
  readonly 1: Tensor;
}

/** Three results, by place. */
export interface Three extends Two {
  /** The third result. */
  readonly 2: Tensor;
}

/** Four results, by place. */
export interface Four extends Three {
  /** The fourth result. */
  readonly 3: Tensor;
}

/** Results under names, which also stand in order: `Named<"values" | "indices">`. */
export type Named<K extends string, N extends Two = Two> =
  & { readonly [P in K]: Tensor }
  & N;

/** The places and the iterator; the fields are the object's own properties. */
class NamedResults implements Four {
  readonly #op: string;

  constructor(op: string) {
    this.#op = op;
  }

  get 0(): Tensor {
    return this.#list()[0]!;
  }

  get 1(): Tensor {
    return this.#list()[1]!;
  }

  get 2(): Tensor {
    return this.#list()[2]!;
  }

  get 3(): Tensor {
    return this.#list()[3]!;
  }

  [Symbol.iterator](): Iterator<Tensor> {
    return this.#list()[Symbol.iterator]();
  }

  #list(): Tensor[] {
    return Object.values(this) as Tensor[];
  }

  /** Shows the results as PyTorch does. */
  toString(): string {
    const rows = Object.entries(this).map(([name, x]) =>
      `${name}=${x.toString()}`
    );
    return `return_types.${this.#op}(\n${rows.join(",\n")})`;
  }
}

showByToString(NamedResults.prototype);

/** Gathers results under PyTorch's field names, in PyTorch's order; `op` is the name that printing shows. */
export function named<K extends string, N extends Two = Two>(
  fields: { readonly [P in K]: Tensor },
  op = "results",
): Named<K, N> {
  return Object.assign(new NamedResults(op), fields) as unknown as Named<K, N>;
}
