// Copies of modules: of everything inside that is a module, a tensor, an array,
// a map, a set or a plain object; the rest is shared.

import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { bufferPersistence } from "../tensor/parameter_mark.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isUninitialized } from "../tensor/uninitialized.ts";
import { isModule } from "./module_tree.ts";
import { Buffer, Parameter } from "./parameter.ts";
import {
  UninitializedBuffer,
  UninitializedParameter,
} from "./uninitialized_parameter.ts";

/** Copies a value; `done` has the copies of what was met before. */
export function deepCopy<T>(value: T, done: Map<unknown, unknown>): T {
  if (typeof value !== "object" || value === null) return value;
  const known = done.get(value);
  if (known !== undefined) return known as T;
  const copy: unknown = isTensor(value)
    ? copyTensor(value)
    : copyObject(value, done);
  done.set(value, copy);
  return copy as T;
}

function copyTensor(x: Tensor): Tensor {
  if (isUninitialized(x)) return copyUninitialized(x);
  if (!x.isLeaf) {
    throw new RuntimeError(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.",
      `the tensor was computed by ${x.gradFn?.name}; detach() it`,
    );
  }
  const values = x.detach().clone();
  const { requiresGrad } = x;
  const persistent = bufferPersistence(x);
  const copy = x.isParameter
    ? new Parameter(values, { requiresGrad })
    : persistent === undefined
    ? values.requiresGrad_(requiresGrad)
    : new Buffer(values, { persistent });
  if (x.grad !== null) copy.grad = x.grad.detach().clone();
  return copy;
}

function copyUninitialized(x: Tensor): Tensor {
  const { device, dtype, requiresGrad } = x;
  const persistent = bufferPersistence(x) ?? true;
  return x.isParameter
    ? new UninitializedParameter({ requiresGrad, device, dtype })
    : new UninitializedBuffer({ persistent, device, dtype });
}

function copyObject(value: object, done: Map<unknown, unknown>): unknown {
  if (value instanceof Map) {
    const out = new Map();
    done.set(value, out);
    for (const [key, item] of value) {
      out.set(deepCopy(key, done), deepCopy(item, done));
    }
    return out;
  }
  if (value instanceof Set) {
    return new Set(Array.from(value, (item) => deepCopy(item, done)));
  }
  if (Array.isArray(value)) return value.map((item) => deepCopy(item, done));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isModule(value) && prototype !== Object.prototype) return value;
  const out: object = Object.create(prototype as object);
  done.set(value, out);
  for (const field of Reflect.ownKeys(value)) {
    Reflect.set(out, field, deepCopy(Reflect.get(value, field), done));
  }
  return out;
}
