/**
 * Neural networks: PyTorch's `torch.nn`.
 *
 * @module
 */
// The namespace `dg.nn`; nothing is defined here.

export * as functional from "./functional.ts";
export * as init from "./init.ts";
export * from "./layers.ts";
export {
  ModuleDict,
  NamedModule,
  ParameterDict,
  ParameterList,
} from "./dictionaries.ts";
export { IndexedModule } from "./indexed_module.ts";
export { ModuleList, Sequential } from "./sequential.ts";
export { type Layer, Module } from "./module.ts";
export type {
  BufferMember,
  Member,
  ModuleMember,
  NamedModulesOptions,
  NamedOptions,
  ParameterMember,
} from "./module_members.ts";
export type {
  ForwardHookOptions,
  HookOptions,
  ModuleGradients,
} from "./module_hooks.ts";
export {
  IncompatibleKeys,
  type LoadStateDictOptions,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type LocalMetadata,
  type StateDict,
  type StateDictOptions,
  type StateDictPostHook,
  type StateDictPreHook,
} from "./module_state.ts";
export {
  Buffer,
  type BufferConstructor,
  type BufferOptions,
  Parameter,
  type ParameterConstructor,
  type ParameterOptions,
} from "./parameter.ts";
export {
  materialize,
  UninitializedBuffer,
  type UninitializedBufferConstructor,
  type UninitializedBufferOptions,
  type UninitializedOptions,
  UninitializedParameter,
  type UninitializedParameterConstructor,
} from "./uninitialized_parameter.ts";
export * as utils from "./utils/mod.ts";
export {
  type RecurrentOptions,
  RNNBase,
  type SequenceInput,
} from "./recurrent_base.ts";
export {
  GRU,
  LSTM,
  type LSTMOptions,
  type LSTMState,
  type LSTMStateOptions,
  OneStateRNN,
  RNN,
  type RNNOptions,
  type StateOptions,
} from "./recurrent.ts";
export {
  type CellOptions,
  GRUCell,
  LSTMCell,
  RNNCell,
  RNNCellBase,
  type RNNCellOptions,
} from "./recurrent_cells.ts";
export type { HeadOptions } from "./attention_forward.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionOptions,
} from "./attention.ts";
export {
  type DecoderMasks,
  type EncoderLayerMasks,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer_layers.ts";
export {
  type Decoder,
  type DecoderLayer,
  type Encoder,
  type EncoderLayer,
  type EncoderMasks,
  type StackOptions,
  Transformer,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerMasks,
  type TransformerOptions,
} from "./transformer.ts";
export type { Nonlinearity } from "../tensor/ops/recurrent_plain.ts";
export type { PackedSequence } from "./packed_sequence.ts";
export type { CellKind } from "./recurrent_layers.ts";
