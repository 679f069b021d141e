// The forms in which callers give parameters, as groups.

import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ParamGroupInit, ParamsLike } from "./optimizer.ts";

/** Groups of parameters, one where the caller gave none. */
export function collectParameters<O extends object>(
  given: ParamsLike<O>,
): ParamGroupInit<O>[] {
  if (
    typeof given !== "object" || given === null || isTensor(given) ||
    !(Symbol.iterator in given)
  ) {
    throw new TypeError(
      `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${
        isTensor(given) ? "a Tensor; give it [x]" : advised(given)
      }`,
    );
  }
  const list: (Tensor | readonly [string, Tensor] | ParamGroupInit<O>)[] = [
    ...given,
  ];
  if (list.length === 0) {
    throw new ValueError("optimizer got an empty parameter list");
  }
  const [first] = list;
  const plain = isTensor(first) || Array.isArray(first) ||
    typeof first !== "object" || first === null;
  if (!plain) return list as ParamGroupInit<O>[];
  return [{ params: list as Tensor[] } as ParamGroupInit<O>];
}

function advised(given: unknown): string {
  const isModule = typeof given === "object" && given !== null &&
    "parameters" in given;
  return isModule ? "a module; give it its parameters()" : typeof given;
}
