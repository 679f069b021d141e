// What the package exports: making tensors, from values, ranges and random
// numbers.

export {
  asTensor,
  type AsTensorOptions,
  type CreateOptions,
  fromTypedArray,
  tensor,
} from "../tensor/create.ts";
export {
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  type FullValue,
  ones,
  onesLike,
  zeros,
  zerosLike,
} from "../tensor/create_filled.ts";
export {
  cartesianProd,
  combinations,
  type CombinationsOptions,
  meshgrid,
  type MeshgridOptions,
  oneHot,
  type OneHotOptions,
  vander,
  type VanderOptions,
} from "../tensor/create_grids.ts";
export {
  arange,
  linspace,
  logspace,
  type LogspaceOptions,
} from "../tensor/create_ranges.ts";
export {
  bartlettWindow,
  blackmanWindow,
  hammingWindow,
  type HammingWindowOptions,
  hannWindow,
  kaiserWindow,
  type KaiserWindowOptions,
  type WindowOptions,
} from "../tensor/create_windows.ts";
export {
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
} from "../tensor/random.ts";
export {
  type CauchyOptions,
  type ExponentialOptions,
  type NormalOptions,
  type RandomRangeOptions,
  type UniformOptions,
} from "../tensor/random_inplace.ts";
export {
  bernoulli,
  multinomial,
  type MultinomialOptions,
  normal,
  poisson,
} from "../tensor/random_sample.ts";
export type { HostArray, TensorData } from "../tensor/host_data.ts";
export {
  defaultGenerator,
  Generator,
  initialSeed,
  manualSeed,
  seed,
} from "../tensor/generator.ts";
export { getRngState, setRngState } from "../tensor/random_state.ts";
