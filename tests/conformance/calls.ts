// The table of calls for ops that are neither elementwise nor reductions: their
// records cannot say what shapes they take. A new op of this kind adds a line
// to one of the files below.

import type { Calls } from "./call.ts";
import { ALONG_CALLS } from "./calls_along.ts";
import { COMPLEX_CALLS } from "./calls_complex.ts";
import { CONVOLUTION_CALLS } from "./calls_convolution.ts";
import { FOURIER_CALLS } from "./calls_fourier.ts";
import { INDEX_CALLS } from "./calls_index.ts";
import { LAYER_CALLS } from "./calls_layers.ts";
import { POOLING_CALLS } from "./calls_pooling.ts";
import { LINALG_CALLS } from "./calls_linalg.ts";
import { LOSS_CALLS } from "./calls_losses.ts";
import { PRODUCT_CALLS } from "./calls_products.ts";
import { RARER_CALLS } from "./calls_rarer.ts";
import { RECURRENT_CALLS } from "./calls_recurrent.ts";
import { SEQUENCE_CALLS } from "./calls_sequence.ts";
import { VIEW_CALLS } from "./calls_views.ts";

/** All calls, by the name of the op that they are there for. */
export const CALLS: Calls = {
  ...VIEW_CALLS,
  ...ALONG_CALLS,
  ...INDEX_CALLS,
  ...LOSS_CALLS,
  ...PRODUCT_CALLS,
  ...LINALG_CALLS,
  ...FOURIER_CALLS,
  ...CONVOLUTION_CALLS,
  ...LAYER_CALLS,
  ...POOLING_CALLS,
  ...RECURRENT_CALLS,
  ...SEQUENCE_CALLS,
  ...RARER_CALLS,
  ...COMPLEX_CALLS,
};
