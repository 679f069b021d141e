// Moving and converting all tensors of a module.

import { noGrad } from "../grad/mode.ts";
import { ALL_DTYPES, type DType, dtypeInfo } from "../tensor/dtype.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { keep } from "../tensor/scope.ts";
import type { ToOptions, ToTarget } from "../tensor/ops/conversion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isUninitialized } from "../tensor/uninitialized.ts";
import type { Module } from "./module.ts";
import { walkModules } from "./module_members.ts";
import { convertUninitialized } from "./uninitialized_parameter.ts";

/** Converts floating point and complex tensors to the type that `target` names, if any, and moves all to its device. */
export function convertModule(root: Module, target: ToTarget): void {
  const dtype = typeOf(target);
  if (dtype !== undefined && dtypeInfo(dtype).category < 2) {
    throw new TypeError(
      `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${dtype}`,
    );
  }
  const convert = (x: Tensor): Tensor =>
    x.to(
      dtype !== undefined && x.info.category < 2
        ? deviceOnly(target, x)
        : target,
    );
  noGrad(() => {
    for (const [, module] of walkModules(root, "", true)) {
      for (const { kind, field, value } of module.members()) {
        if (kind !== "module" && isUninitialized(value)) {
          convertUninitialized(value, convert);
        } else if (kind === "buffer") {
          module.setMember(field, keep(convert(value)));
        } else if (kind === "parameter") {
          const { grad } = value;
          value.grad = null;
          value.data = convert(value.data);
          if (grad !== null) {
            value.grad = convert(grad).requiresGrad_(grad.requiresGrad);
          }
        }
      }
    }
  });
}

function typeOf(target: ToTarget): DType | undefined {
  if (typeof target === "string") {
    return ALL_DTYPES.find(({ name }) => name === target)?.name;
  }
  if (typeof target !== "object" || target === null) return undefined;
  return "dtype" in target ? target.dtype : undefined;
}

/** What of a target is about the device: integers stay integers. */
function deviceOnly(target: ToTarget, x: Tensor): ToTarget {
  if (isTensor(target)) return target.device;
  const device = isOptions(target) ? target.device : undefined;
  return device ?? x.device;
}

function isOptions(target: ToTarget): target is ToOptions {
  return typeof target === "object" && !("allocate" in target);
}
