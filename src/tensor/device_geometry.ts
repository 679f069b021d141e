// Where the windows of convolutions and of pooling lie: what device.ts tells
// devices about them.

/** Where the windows of a convolution lie, by dimension; see `Device.convolve`. */
export interface ConvolutionGeometry {
  /** Distance between windows, at least 1. */
  readonly stride: readonly number[];
  /** Zeros before the first element; fewer than none where the first windows begin inside. */
  readonly padding: readonly number[];
  /** Distance between the elements of a window, at least 1. */
  readonly dilation: readonly number[];
  /** Distance between the elements of the input, at least 1; there are zeros in between. */
  readonly spread: readonly number[];
}

/** Windows along one dimension: which positions each output position looks at. They never go backwards. */
export interface Windows {
  /** First position, per output position. */
  readonly starts: Int32Array;
  /** Number of positions, per output position. */
  readonly lengths: Int32Array;
  /** Distance between the positions of a window. */
  readonly step: number;
  /** Factors of the positions of each window, `most` for each; null where all are 1. */
  readonly weights: Float64Array | null;
  /** The largest number of positions. */
  readonly most: number;
  /** How they come about where they move evenly, for kernels that compute them; else null. */
  readonly sliding: Sliding | null;
}

/** Windows over the last dimensions, one to three, all of them sliding, and what each sum is divided by. */
export interface WindowMeans {
  /** The windows along each dimension. */
  readonly windows: readonly Windows[];
  /** Divides the sums. */
  readonly divisor: number;
}

/** Windows that move evenly; their positions are {@linkcode Windows.step} apart. */
export interface Sliding {
  /** Whether these are the windows that look at a position, in place of the positions of a window. */
  readonly turned: boolean;
  /** Positions of a window, those in the padding included. */
  readonly size: number;
  /** From a window to the next one. */
  readonly stride: number;
  /** Positions before the first one of the tensor that the first window covers. */
  readonly padding: number;
}
