/**
 * Sequences of different lengths: PyTorch's `torch.nn.utils.rnn`.
 *
 * @module
 */
// The namespace `dg.nn.utils.rnn`; nothing is defined here.

export {
  invertPermutation,
  PackedSequence,
  type PackOptions,
  packPaddedSequence,
  packSequence,
  type PadPackedOptions,
  padPackedSequence,
  padSequence,
  type PadSequenceOptions,
  unpackSequence,
  unpadSequence,
} from "../packed_sequence.ts";
