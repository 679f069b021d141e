/**
 * Models on their way to ONNX Runtime and other engines. An entry point of its
 * own: it is the only part of the package that needs a package from npm.
 *
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import * as onnx from "@dinograd/dinograd/onnx";
 * import { assert } from "@std/assert";
 *
 * const bytes = onnx.encode(new dg.nn.Linear(3, 2), dg.ones([1, 3]));
 * assert(bytes.length > 100);
 * ```
 *
 * @module
 */
import "../cpu/cpu_device.ts";

export * from "../onnx/mod.ts";
