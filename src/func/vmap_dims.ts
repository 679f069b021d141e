// Which dimensions vmap maps: dims that are nested as the arguments are, or
// less deeply, and PyTorch's sentences about those that do not fit.

import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isBranch, kindOf, leavesOf, structureOf } from "./tree.ts";

/** Dimensions by argument: a number for all tensors of an argument, null for what is not mapped, or nested as the argument is. */
export type Dims =
  | number
  | null
  | readonly Dims[]
  | { readonly [key: string]: Dims };

/** What a function is called in messages. */
export function nameOf(fn: (...args: never[]) => unknown): string {
  return fn.name === "" ? "<anonymous>" : fn.name;
}

/** Dims as messages show them. */
export function showDims(dims: unknown): string {
  if (Array.isArray(dims)) return `[${dims.map(showDims).join(", ")}]`;
  if (!isBranch(dims)) return String(dims);
  const fields = Object.entries(dims).map(([key, part]) =>
    `${key}: ${showDims(part)}`
  );
  return `{${fields.join(", ")}}`;
}

/** A dim for each leaf of a value; null where the structures do not fit. */
export function spread(dims: unknown, value: unknown): unknown[] | null {
  if (!isBranch(dims)) return leavesOf(value).map(() => dims);
  if (!isBranch(value) || Array.isArray(dims) !== Array.isArray(value)) {
    return null;
  }
  const keys = Object.keys(value);
  if (keys.length !== Object.keys(dims).length) return null;
  const out: unknown[] = [];
  for (const key of keys) {
    if (!(key in dims)) return null;
    const part = spread(Reflect.get(dims, key), Reflect.get(value, key));
    if (part === null) return null;
    out.push(...part);
  }
  return out;
}

/** The mapped dimension of each leaf of the arguments, from the start, and how many samples there are. */
export function inputDims(
  fn: (...args: never[]) => unknown,
  inDims: Dims,
  args: readonly unknown[],
): { readonly dims: readonly (number | null)[]; readonly size: number } {
  const name = nameOf(fn);
  const call = `vmap(${name}, inDims=${showDims(inDims)}, ...)(<inputs>)`;
  if (typeof inDims !== "number" && !Array.isArray(inDims)) {
    throw new ValueError(
      `${call}: expected \`inDims\` to be int or a (potentially nested) tuple matching the structure of inputs, got: ${
        kindOf(inDims)
      }.`,
    );
  }
  if (args.length === 0) {
    throw new ValueError(
      `vmap(${name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.`,
    );
  }
  const found = spread(inDims, args);
  if (found === null) {
    throw new ValueError(
      `${call}: inDims is not compatible with the structure of \`inputs\`. inDims has structure ${
        structureOf(inDims)
      } but inputs has structure ${structureOf(args)}.`,
    );
  }
  const leaves = leavesOf(args);
  const dims = leaves.map((x, k) => inputDim(call, x, found[k]));
  const sizes = leaves.flatMap((x, k) =>
    dims[k] === null ? [] : [(x as Tensor).shape[dims[k]!]!]
  );
  if (sizes.length === 0) {
    throw new ValueError("vmap: Expected at least one Tensor to vmap over");
  }
  if (sizes.some((n) => n !== sizes[0])) {
    throw new ValueError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${
        sizes.join(", ")
      }] for the mapped dimension`,
    );
  }
  return { dims, size: sizes[0]! };
}

function inputDim(call: string, x: unknown, dim: unknown): number | null {
  if (dim === null) return null;
  if (typeof dim !== "number" || !Number.isInteger(dim)) {
    throw new ValueError(
      `${call}: Got inDim=${
        String(dim)
      } for an input but inDim must be either an integer dimension or None.`,
    );
  }
  if (!isTensor(x)) {
    throw new ValueError(
      `${call}: Got inDim=${dim} for an input but the input is of type ${
        kindOf(x)
      }. We cannot vmap over non-Tensor arguments, please use None as the respective inDim`,
      "null in inDims is PyTorch's None",
    );
  }
  const rank = x.shape.length;
  if (dim < -rank || dim >= rank) {
    throw new ValueError(
      `${call}: Got inDim=${dim} for some input, but that input is a Tensor of dimensionality ${rank} so expected inDim to satisfy -${rank} <= inDim < ${rank}.`,
    );
  }
  return dim < 0 ? dim + rank : dim;
}

/** Fails unless `outDims` consists of integers and nulls. */
export function checkOutDims(
  fn: (...args: never[]) => unknown,
  outDims: Dims,
): void {
  for (const dim of leavesOf(outDims)) {
    if (dim === null || Number.isInteger(dim)) continue;
    throw new ValueError(
      `vmap(${nameOf(fn)}, ..., outDims=${
        showDims(outDims)
      }): \`outDims\` must be an int, None or a python collection of ints representing where in the outputs the vmapped dimension should appear.`,
    );
  }
}

/** Where the samples go in each leaf of a result. */
export function outputDims(
  fn: (...args: never[]) => unknown,
  outDims: Dims,
  result: unknown,
): readonly (number | null)[] {
  const single = isTensor(result) && Array.isArray(outDims) &&
    outDims.length === 1;
  const found = spread(single ? outDims[0] : outDims, result);
  if (found !== null) return found as (number | null)[];
  throw new ValueError(
    `vmap(${nameOf(fn)}, ..., outDims=${
      showDims(outDims)
    })(<inputs>): outDims is not compatible with the structure of \`outputs\`. outDims has structure ${
      structureOf(outDims)
    } but outputs has structure ${structureOf(result)}.`,
  );
}
