/**
 * Files of NumPy, safetensors and PyTorch.
 *
 * @module
 */
// The namespace `dg.io`; nothing is defined here.

export type { Readable } from "./byte_source.ts";
export type { LoadOptions } from "./element_bytes.ts";
export type { InflateOptions } from "./inflate.ts";
export type { NamedTensors } from "./named_tensors.ts";
export { encodeNpy, loadNpy, type NpyOptions, saveNpy } from "./npy.ts";
export {
  encodeNpz,
  loadNpz,
  type LoadNpzOptions,
  type NpzOptions,
  saveNpz,
} from "./npz.ts";
export {
  loadSafetensors,
  SafetensorsFile,
  type SafetensorsInfo,
} from "./safetensors_file.ts";
export {
  encodeSafetensors,
  type SafetensorsOptions,
  saveSafetensors,
} from "./safetensors_write.ts";
export { load, type LoadFileOptions, save } from "./save_load.ts";
export { encodeTorch, loadTorch, saveTorch } from "./torch_file.ts";
export type { LoadTorchOptions } from "./torch_reader.ts";
