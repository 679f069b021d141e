// What cannot be said in ONNX.

import { RuntimeError } from "../tensor/errors.ts";

/** Fails because ONNX cannot say it. */
export function refuse(what: string): never {
  throw new RuntimeError(
    `onnx.export: ${what} cannot be part of the graph`,
    "compute it outside of the exported module",
  );
}
