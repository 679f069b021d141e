// The namespace for ONNX: models on their way to other engines.

export {
  encode,
  type Exported,
  exportModel as export,
  type ExportOptions,
} from "./export.ts";
