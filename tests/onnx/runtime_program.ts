// Exports every case, runs the file in ONNX Runtime, and prints a line of JSON
// with what differs. A program of its own: ONNX Runtime needs permissions.

import * as dg from "@dinograd/dinograd";
import * as onnx from "@dinograd/dinograd/onnx";
import * as runtime from "onnxruntime-node";
import { makeCases, type OnnxCase } from "./onnx_cases.ts";

function tensorsIn(value: unknown): dg.Tensor[] {
  if (dg.isTensor(value)) return [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap(tensorsIn);
}

/** The first difference between a result and the runtime's, or null. */
function difference(x: dg.Tensor, found: runtime.Tensor): string | null {
  if (x.dtype !== found.type) return `type ${found.type} for ${x.dtype}`;
  if (`${x.shape}` !== `${found.dims}`) {
    return `shape [${found.dims}] for [${x.shape}]`;
  }
  const wanted = x.typedArray();
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(wanted[i]), Number(found.data[i])];
    if (Object.is(a, b) || Math.abs(a - b) <= 2e-5 * (1 + Math.abs(a))) {
      continue;
    }
    return `${b} for ${a} at ${i}`;
  }
  return null;
}

async function differences({ model, inputs }: OnnxCase): Promise<string[]> {
  const bytes = onnx.encode(model, inputs);
  const wanted = tensorsIn(
    typeof model === "function"
      ? model(...inputs)
      : model.eval().call(...inputs as never[]),
  );
  const session = await runtime.InferenceSession.create(bytes, {
    logSeverityLevel: 3,
  });
  const feeds: Record<string, runtime.Tensor> = {};
  inputs.forEach((x, k) => {
    feeds[session.inputNames[k]!] = new runtime.Tensor(
      x.dtype as "float32",
      x.typedArray() as Float32Array,
      [...x.shape],
    );
  });
  const found = await session.run(feeds);
  return wanted.flatMap((x, k) => {
    const text = difference(x, found[session.outputNames[k]!]!);
    return text === null ? [] : [`result ${k}: ${text}`];
  });
}

const report: Record<string, string[]> = {};
for (const each of makeCases()) report[each.name] = await differences(each);
console.log(JSON.stringify(report));
