// What the tape says when it refuses: PyTorch's sentences about saved values
// and views. Knows nodes and tensors as types only.

import { DISPOSED, refuseDisposed } from "../tensor/disposal.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ViewInfo, ViewKind } from "./history.ts";
import { MODE } from "./mode.ts";
import type { Node, Saved } from "./node.ts";

/** Fails because a node's saved values are gone. */
export function refuseFreed(name: string): never {
  throw new RuntimeError(
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph=true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
    `the values saved by ${name} are gone; pass { retainGraph: true } to the first backward(), or compute the forward pass again`,
  );
}

/** Fails because a tensor made in inference mode would have to be saved. */
export function refuseInference(): never {
  throw new RuntimeError(
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `noGrad()` instead of `inferenceMode()`.",
  );
}

/** Fails because a saved value was changed in place; `output` numbers it, negative for an input. */
export function refuseChanged(
  node: Node,
  saved: Saved,
  output: number,
): never {
  const { tensor, version } = saved;
  if (tensor.storage.device === DISPOSED) {
    refuseDisposed(`a tensor that ${node.name} saved for its derivative`);
  }
  // A view that was changed in place goes by its new history, as in PyTorch.
  const isOutput = output >= 0 && tensor.viewInfo === null;
  const origin = isOutput ? node : tensor.gradFn;
  const nr = isOutput ? output : tensor.outputNr;
  const shape = isOutput ? node.meta(nr).shape : tensor.shape;
  const which = origin === null
    ? ""
    : `, which is output ${nr} of ${opLabel(origin.name)},`;
  throw new RuntimeError(
    `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${tensor.info.scalarName}Tensor ${
      showShape(shape)
    }]${which} is at version ${tensor.storage.version}; expected version ${version} instead. Hint: ${
      MODE.anomaly
        ? "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!"
        : "enable anomaly detection to find the operation that failed to compute its gradient, with autograd.setDetectAnomaly(true, { checkNan: false })."
    }`,
    `${node.op.name}() saved this tensor for its derivative; use the form without the trailing underscore where it is changed, or change a clone()${
      callSite(node.stack)
    }`,
  );
}

/** The op that a node belongs to, as PyTorch's sentences call it: `Exp`, `Pow1`. */
export function opLabel(name: string): string {
  return name.replace(/Backward(\d*)$/, (_, nr) => nr === "0" ? "" : nr);
}

/** What PyTorch says of each kind of view that must not be changed in place, and what helps. */
const REASONS: Record<ViewKind, readonly [string, string]> = {
  view: ["", ""],
  multiple: [
    "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
    "it returned several views at once; use at(), select() or narrow(), each of which makes one",
  ],
  noGrad: [
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the noGrad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
    "make the view again where it is used",
  ],
  inference: [
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the inferenceMode block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
    "make the view again where it is used",
  ],
  custom: [
    "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.",
    "clone() the result",
  ],
};

/** Fails because a view may not be changed in place, or, `indirect`, because its base was. */
export function refuseView(
  x: Tensor,
  { kind, op }: ViewInfo,
  indirect: boolean,
): never {
  const { node } = x;
  if (x.storage.device === DISPOSED) refuseDisposed("a view");
  const how = indirect
    ? "its base or another view of its base has been modified inplace"
    : "is being modified inplace";
  const grounds = kind === "inference"
    ? `inference mode and ${how} in normal mode.`
    : `noGrad mode and ${how} with grad mode enabled.`;
  const start = node === null
    ? `A view was created in ${grounds}`
    : kind === "noGrad" || kind === "inference"
    ? `Output ${x.outputNr} of ${
      opLabel(node.name)
    } is a view of a view which was created in ${grounds}`
    : `Output ${x.outputNr} of ${opLabel(node.name)} is a view and ${how}.`;
  const [reason, advice] = REASONS[kind];
  throw new RuntimeError(
    `${start} ${reason}`,
    `the view was made by ${op}(): ${advice}`,
  );
}

/** Where the library's code lies: its sources, or the bundle that is published. */
const LIBRARY = /^.*\/(?:src|dist)\//.exec(import.meta.url)?.[0] ??
  import.meta.url;

/** The first line of a stack that is not the library's own: the line of the user's script. */
export function callSite(stack: string | null): string {
  if (stack === null) return "";
  const lines = stack.split("\n").slice(1);
  const line = lines.find((row) => !row.includes(LIBRARY));
  return line === undefined ? "" : `; the op was called ${line.trim()}`;
}

/** The function of the library that code outside called, as a stack shows it whose first two lines ask; null where code outside asked, or read a property. */
export function callFromOutside(stack: string): string | null {
  const rows = stack.split("\n")
    .filter((row) => /^\s+at (?!.*<anonymous>)/.test(row)).slice(2);
  const end = rows.findIndex((row) => !row.includes(LIBRARY));
  const row = rows[(end < 0 ? rows.length : end) - 1];
  if (row === undefined || /\bget \w/.test(row)) return null;
  // In the bundle namespaces are objects.
  const name =
    /at (?:new )?(?:Tensor\.|Module\.|Object\.)?([\w.$]+)(?: \[as \w+\])? \(/
      .exec(row)?.[1];
  return name === undefined ? "a function" : `${name}()`;
}
